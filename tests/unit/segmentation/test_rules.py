"""The language: canonical text, trees as data, warnings."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from dangol_rules import tree
from dangol_rules.rules import (
    Rule,
    RuleError,
    RuleWarning,
    check,
    event_types,
    format,
    parse,
    warnings,
)
from segmentation_service.engine import SegmentRule, compile_ruleset

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


def test_unknown_events_warn_where_they_stand() -> None:
    """An own event type is allowed; a typo is pointed out, once, at its place in the text."""
    assert [] == warnings("count(purchase) = 0 and since(first(visit)) > 1d")
    text = """# whom we lose
    count(purchse, 90d) = 0 and since(first(our_own)) > 1d
      or unanswered(cart_ad where any item.quantity > 1, purchse by cart_id, 1d, 2d)"""
    typo = "is not a built-in event type: did you mean"
    expected = [
        RuleWarning(2, 11, f"purchse {typo} purchase?"),
        RuleWarning(2, 45, "our_own is not a built-in event type: fine if it is one of your own"),
        RuleWarning(3, 21, f"cart_ad {typo} cart_add?"),
    ]
    assert expected == warnings(text)


def test_a_trees_warnings_stand_in_its_canonical_text() -> None:
    """Comments and spaces of the text that it came from are gone."""
    message = "purchse is not a built-in event type: did you mean purchase?"
    assert [RuleWarning(1, 7, message)] == warnings(parse("  count( purchse ) = 0"))


EXAMPLES = [
    "distinct(visit.session_id, 90d) >= 15 and count(purchase, 90d) = 0",
    "last(cart_add) > last(purchase) and since(cart_add) >= 30m",
    "unanswered(cart_add, purchase by cart_id, 30m, 7d)  # comment",
    "count(review where rating <= 2, 90d) >= 1",
    'count(purchase where any item.category = "shoes", 180d) >= 2',
    "count(purchase) >= 1 and since(login) >= 365d",
    "sum(purchase.amount, 365d) >= 1000000 and count(return, 365d) = 0",
    "count(purchase, from 450d to 360d) >= 3 and count(purchase, 90d) = 0",
    'profile.tier = "gold" and "running" in profile.tags and consent.email',
    'field("propensity") > 0.7 or field("club") or not profile.member',
    "birthday within 7d or anniversary within 30d",
    "since(first(purchase)) >= 730d and min(purchase.amount) >= 0.5 and max(review.rating) = 5",
    "avg(purchase.item.unit_price, 1w) != -1.25 and first(visit) <= last(purchase)",
    'in segment("vip") and not in segment("dormant")',
]


def test_every_kind_of_rule_compiles_together() -> None:
    """One ruleset holds them all, each read from its own canonical text."""
    rules = {f"s{number}": parse(text) for number, text in enumerate(EXAMPLES)}
    rules |= {"vip": parse("count(a) = 1"), "dormant": parse("count(a) = 0")}
    assert rules == {name: parse(format(rule)) for name, rule in rules.items()}
    ruleset = compile_ruleset(
        [SegmentRule(name, rule) for name, rule in rules.items()], "Asia/Seoul", 2
    )
    assert len(rules) == len(ruleset.rules)


def test_a_rule_whose_canonical_text_would_be_too_long_is_refused() -> None:
    """What is stored has to be readable again: spaces left out come back."""
    names = ",".join(f'"{"x" * 153}{number:02d}"' for number in range(50))
    text = f"profile.tier in({names})"
    assert len(text) <= 8_192
    with pytest.raises(RuleError, match="longer than 8192 characters"):
        parse(text + " or profile.tier in(" + ",".join(['"y"'] * 45) + ")")
