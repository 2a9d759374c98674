"""Trees: through canonical text and back, through protobuf and back, and hostile ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dangol.segmentation.v1 import rule_pb2 as pb
from dangol_rules import tree
from dangol_rules.rules import RuleError, format, nodes, parse
from hypothesis import HealthCheck, given, settings
from segmentation_service.rpc_rules import tree_from_proto, tree_to_proto

from tests.unit.segmentation.rule_trees import trees

DRAWN = settings(
    max_examples=400,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
ROUNDS = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@ROUNDS
@given(trees())
def test_canonical_text_reads_back_as_the_same_tree(rule: tree.Rule) -> None:
    """parse(format(tree)) == tree, for every kind of node."""
    assert rule == parse(format(rule))


@ROUNDS
@given(trees())
def test_a_tree_goes_through_protobuf(rule: tree.Rule) -> None:
    """from_proto(to_proto(tree)) == tree, also by way of the wire."""
    sent = tree_to_proto(rule).SerializeToString()
    assert rule == tree_from_proto(pb.RuleNode.FromString(sent))


def test_the_trees_drawn_are_of_every_kind() -> None:
    """Otherwise the two properties above would show less than they say."""
    seen: set[type] = set()

    @DRAWN
    @given(trees())
    def look(rule: tree.Rule) -> None:
        seen.update(type(node) for node in nodes(rule))

    look()
    kinds = {
        kind
        for kind in vars(tree).values()
        if isinstance(kind, type) and hasattr(kind, "__struct_fields__") and kind is not tree._Node
    }
    assert set() == {kind.__name__ for kind in kinds - seen} - {"Struct"}


def node_of(text: str) -> pb.RuleNode:
    """The message of a rule."""
    return tree_to_proto(parse(text))


def changed(text: str, change: Callable[[pb.RuleNode], object]) -> pb.RuleNode:
    """The message of a rule with something done to it."""
    node = node_of(text)
    change(node)
    return node


def recount(name: str, value: object) -> pb.RuleNode:
    """`count(a, 90d) = 0` with something else at a path below the comparison."""
    node = node_of(COUNT)
    *steps, last = name.split(".")
    message: Any = node.comparison
    for step in steps:
        message = getattr(message, step)
    setattr(message, last, value)
    return node


def negated(times: int) -> pb.RuleNode:
    """not not not ..."""
    node = node_of("consent.email")
    for _ in range(times):
        node = pb.RuleNode(negation=node)
    return node


def joined(count: int) -> pb.RuleNode:
    """Many conditions."""
    return pb.RuleNode(all_of=pb.RuleParts(parts=[node_of("count(a) = 0")] * count))


def towered(height: int, width: int) -> pb.RuleNode:
    """Few levels, each as wide as is allowed: thousands of nodes."""
    if not height:
        return node_of("consent.email")
    return pb.RuleNode(any_of=pb.RuleParts(parts=[towered(height - 1, width)] * width))


COUNT = "count(a, 90d) = 0"
SAID = "rule.comparison"
MEASURE = f"{SAID}.left.count"
WHERE = pb.RuleNode(
    comparison=pb.RuleComparison(
        left=pb.RuleTerm(
            count=pb.RuleMeasure(events=pb.RuleEvents(event="a", where=node_of("consent.email")))
        ),
        comparator=pb.RULE_COMPARATOR_EQUAL,
        right=pb.RuleTerm(number="0"),
    )
)
BAD_TREES = [
    (pb.RuleNode(), "rule", "the node is empty"),
    (pb.RuleNode(comparison=pb.RuleComparison()), f"{SAID}.comparator", "no such comparator"),
    (changed(COUNT, lambda n: n.comparison.ClearField("left")), f"{SAID}.left", "is empty"),
    (changed(COUNT, lambda n: n.comparison.right.ClearField("term")), f"{SAID}.right", "empty"),
    (recount("comparator", 99), f"{SAID}.comparator", "no such comparator"),
    (recount("right.number", "1e9"), f"{SAID}.right.number", "no decimal number"),
    (recount("right.number", "NaN"), f"{SAID}.right.number", "no decimal number"),
    (recount("right.number", "1001"), SAID, "a whole number from 0 to 1000"),
    (recount("right.text", "many"), SAID, "a count compares with a number"),
    (recount("left.count.property", "amount"), f"{MEASURE}.property", "takes no property"),
    (recount("left.count.window.older_ms", -1), f"{MEASURE}.window.older_ms", "not a length"),
    (recount("left.count.window.older_ms", 1 << 62), f"{MEASURE}.window.older_ms", "not a length"),
    (recount("left.count.window.older_ms", 0), SAID, "the window is empty"),
    (recount("left.count.window.newer_ms", 90 * 86_400_000), SAID, "ends before it begins"),
    (recount("left.count.events.event", "a) = 0 or count(b"), f"{MEASURE}.events.event", "no name"),
    (recount("left.count.events.event", "true"), SAID, "an event type is missing"),
    (recount("left.count.events.event", "a" * 65), SAID, "more than 64 characters"),
    (WHERE, f"{MEASURE}.events.where.holds", "unknown property consent.email"),
    (pb.RuleNode(any_item=node_of(COUNT)), "rule", "any item belongs into a where clause"),
    (pb.RuleNode(all_of=pb.RuleParts()), "rule.all_of", "0 parts"),
    (joined(1), "rule.all_of", "1 parts"),
    (joined(101), "rule.all_of", "101 parts"),
    (
        pb.RuleNode(any_of=pb.RuleParts(parts=[joined(60), joined(60)])),
        "rule.any_of.parts[1].all_of.parts[40].comparison",
        "more than 100 parts",
    ),
    (pb.RuleNode(holds=pb.RuleTerm(flag=True)), "rule.holds", "a value alone"),
    (pb.RuleNode(holds=pb.RuleTerm(profile="tier")), "rule.holds", "not a condition"),
    (pb.RuleNode(holds=pb.RuleTerm(profile="teir")), "rule.holds", "unknown attribute"),
    (pb.RuleNode(holds=pb.RuleTerm(consent="a.b.c")), "rule.holds", "needs a channel"),
    (pb.RuleNode(holds=pb.RuleTerm(consent="")), "rule.holds.consent", "nothing is no name"),
    (pb.RuleNode(has_tag="x" * 257), "rule.has_tag", "more than 256 characters"),
    (pb.RuleNode(has_tag="a\nb"), "rule.has_tag", "the text does not end"),
    (pb.RuleNode(has_tag="a\x00b"), "rule.has_tag", "invisible character U+0000"),
    (pb.RuleNode(has_tag="\u202eb"), "rule.has_tag", "invisible character U+202E"),
    (pb.RuleNode(in_segment='x") or in segment("y'), "rule.in_segment", "is no name"),
    (pb.RuleNode(birthday_within_days=-1), "rule.birthday_within_days", "-1 days"),
    (pb.RuleNode(anniversary_within_days=181), "rule.anniversary_within_days", "at most 180"),
    (
        changed('profile.tier in ("a", "b")', lambda n: n.one_of.values.extend(["x"] * 49)),
        "rule.one_of.values",
        "51 values",
    ),
    (
        changed(
            "unanswered(a, b by cart_id, 1d, 2d)", lambda n: setattr(n.unanswered, "key", "cart")
        ),
        "rule.unanswered",
        "unknown key cart",
    ),
    (negated(90), "rule" + ".negation" * 17, "nested deeper than 16"),
    (towered(2, 100), "rule.any_of.parts[", "more than 100 parts"),
    (towered(10, 2), "rule.any_of.parts[", "more than 100 parts"),
]


@pytest.mark.parametrize(("node", "path", "message"), BAD_TREES)
def test_a_bad_tree_is_told_at_which_node(node: pb.RuleNode, path: str, message: str) -> None:
    """What a client sends passes the same checks as text, and is bounded whatever it is."""
    with pytest.raises(RuleError) as caught:
        tree_from_proto(node)
    assert message in caught.value.message
    assert caught.value.path.startswith(path)


def test_the_limits_of_trees_are_those_of_text() -> None:
    """As much as text may say, a tree may say."""
    assert negated(16) == tree_to_proto(tree_from_proto(negated(16)))
    assert joined(100) == tree_to_proto(tree_from_proto(joined(100)))
    with pytest.raises(RuleError):
        tree_from_proto(negated(17))


def test_a_trees_position_is_that_in_its_text() -> None:
    """So an editor that shows the text can point there as well."""
    node = pb.RuleNode(all_of=pb.RuleParts(parts=[node_of(COUNT), negated(1), node_of(COUNT)]))
    node.all_of.parts[2].comparison.right.number = "-1"
    with pytest.raises(RuleError) as caught:
        tree_from_proto(node)
    assert (1, 45) == (caught.value.line, caught.value.column)
    assert "rule.all_of.parts[2].comparison" == caught.value.path
    assert str(caught.value).startswith("rule.all_of.parts[2].comparison: a count compares with")
