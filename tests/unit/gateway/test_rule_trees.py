"""Rules as JSON: what frontends get is what they may send."""

from typing import Any

import pytest
from dangol.segmentation.v1 import rule_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure
from gateway_service.rule_trees import from_tree, to_tree
from google.protobuf.json_format import ParseDict

DAY_MS = 86_400_000
PURCHASES = {"event": "purchase", "where": {"anyItem": {"hasTag": "x"}}}
TREES: list[dict[str, Any]] = [
    {
        "allOf": [
            {
                "comparison": {
                    "left": {
                        "count": {
                            "events": PURCHASES,
                            "window": {"olderMs": 90 * DAY_MS, "newerMs": DAY_MS},
                        }
                    },
                    "comparator": "GREATER_OR_EQUAL",
                    "right": {"number": "3"},
                }
            },
            {"anyOf": [{"holds": {"consent": "email"}}, {"negation": {"hasTag": "staff"}}]},
        ]
    },
    {"oneOf": {"term": {"profile": "tier"}, "values": ["gold", "vip"]}},
    {"birthdayWithinDays": 0},
    {"comparison": {"left": {"flag": False}, "comparator": "EQUAL", "right": {"text": ""}}},
    {
        "unanswered": {
            "asked": {"event": "cart_add"},
            "answer": {"event": "purchase"},
            "key": "cart_id",
            "afterMs": 1_800_000,
            "untilMs": 7 * DAY_MS,
        }
    },
]


@pytest.mark.parametrize("tree", TREES)
def test_what_is_sent_is_what_is_answered(tree: dict[str, Any]) -> None:
    """Zeros, empty texts and falsehoods are kept where they are a choice."""
    assert to_tree(from_tree(tree)) == tree


def test_the_tree_is_the_message_of_the_contract() -> None:
    """Only with shorter names."""
    expected = {
        "allOf": {
            "parts": [
                {"hasTag": "running"},
                {
                    "comparison": {
                        "left": {"sinceLast": {"event": "login"}},
                        "comparator": "RULE_COMPARATOR_LESS",
                        "right": {"durationMs": DAY_MS},
                    }
                },
            ]
        }
    }
    tree = {
        "allOf": [
            {"hasTag": "running"},
            {
                "comparison": {
                    "left": {"sinceLast": {"event": "login"}},
                    "comparator": "LESS",
                    "right": {"durationMs": DAY_MS},
                }
            },
        ]
    }
    assert from_tree(tree) == ParseDict(expected, pb.RuleNode())


def _nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"hasTag": "x"}
    for _ in range(depth):
        tree = {"negation": tree}
    return tree


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        ([], "ruleTree"),
        ("count(visit) = 0", "ruleTree"),
        ({"everyOf": []}, "ruleTree"),
        ({"allOf": {"parts": []}}, "ruleTree.allOf"),
        ({"allOf": [{"hasTag": "x"}, {"hasTag": 5}]}, "ruleTree.allOf[1].hasTag"),
        ({"hasTag": "x", "inSegment": "y"}, "ruleTree"),
        ({"birthdayWithinDays": True}, "ruleTree.birthdayWithinDays"),
        ({"birthdayWithinDays": 7.5}, "ruleTree.birthdayWithinDays"),
        ({"birthdayWithinDays": 2**31}, "ruleTree.birthdayWithinDays"),
        ({"holds": {"flag": "yes"}}, "ruleTree.holds.flag"),
        ({"holds": {"durationMs": 2**63}}, "ruleTree.holds.durationMs"),
        ({"comparison": {"comparator": "ABOUT"}}, "ruleTree.comparison.comparator"),
        ({"comparison": {"comparator": ["LESS"]}}, "ruleTree.comparison.comparator"),
        ({"oneOf": {"values": "gold"}}, "ruleTree.oneOf.values"),
        ({"oneOf": {"values": [1]}}, "ruleTree.oneOf.values[0]"),
        (_nested(200), "ruleTree"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(tree: object, field: str) -> None:
    """Shapes, names, kinds, ranges, two choices at once, and nesting without end."""
    with pytest.raises(RpcFailure) as refused:
        from_tree(tree)
    assert (refused.value.code, refused.value.field) == (Code.FIELD_INVALID, field)
