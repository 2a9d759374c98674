"""The language: canonical text, trees as data, warnings."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from segmentation_service import rules_tree as tree
from segmentation_service.rules import Rule, check, event_types, format, parse, warnings

CANONICAL = [
    ("count( purchase ,90d )=0", "count(purchase, 90d) = 0"),
    ("count(purchase, 24h) = 0  # a day", "count(purchase, 1d) = 0"),
    ("count(purchase, 2w) = 0", "count(purchase, 14d) = 0"),
    ("count(purchase, 90m) = 0", "count(purchase, 90m) = 0"),
    ("count(purchase, from 450d to 0d) = 0", "count(purchase, 450d) = 0"),
    ("(count(a) = 0)", "count(a) = 0"),
    (
        "(count(a) = 0 and count(b) = 0) or count(c) = 0",
        "count(a) = 0 and count(b) = 0 or count(c) = 0",
    ),
    (
        "count(a) = 0 and (count(b) = 0 or count(c) = 0)",
        "count(a) = 0 and (count(b) = 0 or count(c) = 0)",
    ),
    (
        "(count(a) = 0 and count(b) = 0) and count(c) = 0",
        "(count(a) = 0 and count(b) = 0) and count(c) = 0",
    ),
    ("not (not count(a) = 0)", "not not count(a) = 0"),
    ("not (count(a) = 0 or count(b) = 0)", "not (count(a) = 0 or count(b) = 0)"),
    ("sum(a.amount) >= 10.500", "sum(a.amount) >= 10.5"),
    ("sum(a.amount) >= -0.0", "sum(a.amount) >= 0"),
    ("since(last(login)) >= 7d", "since(login) >= 7d"),
    ("since(first(login)) >= 7d", "since(first(login)) >= 7d"),
    ('profile.tier = "a\\"b\\\\c"', 'profile.tier = "a\\"b\\\\c"'),
    ('"한국" in profile.tags', '"한국" in profile.tags'),
    ("profile.member = true", "profile.member = true"),
    ('not in segment("vip")', 'not in segment("vip")'),
    (
        'count(a where any (item.category = "x" and item.quantity > 1)) = 0',
        'count(a where any (item.category = "x" and item.quantity > 1)) = 0',
    ),
    (
        "count(a where not any item.quantity = 0) = 0",
        "count(a where not any item.quantity = 0) = 0",
    ),
    (
        "unanswered(a where rating > 1, b where rating > 2 by properties.x, 1d, 2d)",
        "unanswered(a where rating > 1, b where rating > 2 by properties.x, 1d, 2d)",
    ),
    ("birthday within 1w", "birthday within 7d"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_each_rule_has_one_canonical_text(text: str, canonical: str) -> None:
    """Spaces, comments, units and needless parentheses do not matter."""
    assert canonical == format(parse(text))
    assert parse(text) == parse(canonical)


def test_the_tree_is_typed() -> None:
    """A rule is frozen structs with lengths in milliseconds and decimal numbers."""
    expected = tree.And(
        (
            tree.Compare(
                tree.Count(tree.Events("purchase"), tree.Window(7_776_000_000)),
                "=",
                tree.Number(Decimal(0)),
            ),
            tree.Holds(tree.Profile("member")),
        )
    )
    assert expected == parse("count(purchase, 90d) = 0 and profile.member")


def test_the_tree_goes_through_json() -> None:
    """A client may send and get the tree instead of the text."""
    rule = parse('sum(a.amount where any item.category = "x", 30d) >= 10.5 or birthday within 7d')
    assert rule == msgspec.json.decode(msgspec.json.encode(rule), type=Rule)


def test_a_tree_that_did_not_come_from_text_is_checked() -> None:
    """A tree built by hand passes the same checks."""
    rule = parse("count(a) = 0")
    assert rule == check(rule)
    with pytest.raises(ValueError, match="line 1, column 1"):
        check(tree.Compare(tree.Profile("tier"), ">", tree.Text("gold")))


def test_event_types_are_those_the_rule_mentions() -> None:
    """Also those inside unanswered and since."""
    rule = parse("unanswered(a, b by cart_id, 1d, 2d) or since(first(c)) > 1d or count(d) = 0")
    assert frozenset("abcd") == event_types(rule)


def test_unknown_events_warn() -> None:
    """An own event type is allowed; a typo is pointed out."""
    assert [] == warnings(parse("count(purchase) = 0"))
    (warning,) = warnings(parse("count(purchse) = 0"))
    assert "purchse is not a built-in event type: did you mean purchase?" == warning
