"""Filters: the part of the rule language that speaks of attributes."""

from __future__ import annotations

import pytest
from dangol_rules.filters import parse_filter
from dangol_rules.rules import RuleError, parse

GOOD = [
    'profile.tier = "gold" and "running" in profile.tags',
    'not (profile.region in ("Seoul", "Busan") or profile.member)',
    'consent.email and field("size") >= 270.5 and profile.churn > 0.7',
    'field("vip") or field("team") != "red"',
]
BAD = [
    ("count(purchase, 90d) = 0", 1, 1),
    ('profile.tier = "gold"\n  and since(login) >= 365d', 2, 7),
    ('profile.member and in segment("vip")', 1, 20),
    ("birthday within 7d", 1, 1),
    ("anniversary within 7d", 1, 1),
    ("unanswered(cart_add, purchase by cart_id, 30m, 7d)", 1, 1),
    ('profile.member and (profile.tier = "a" or count(visit where rating = 1) = 0)', 1, 43),
]


@pytest.mark.parametrize("text", GOOD)
def test_a_filter_is_a_rule_with_the_same_tree(text: str) -> None:
    """There is one grammar."""
    assert parse(text) == parse_filter(text)


@pytest.mark.parametrize(("text", "line", "column"), BAD)
def test_what_needs_more_than_attributes_is_refused_where_it_stands(
    text: str, line: int, column: int
) -> None:
    """With a hint; as a rule, each of them is fine."""
    parse(text)
    with pytest.raises(RuleError) as refused:
        parse_filter(text)
    assert (line, column) == (refused.value.line, refused.value.column)
    assert "segment" in refused.value.hint


def test_what_is_no_rule_is_no_filter() -> None:
    """With the rule language's own hint."""
    with pytest.raises(RuleError) as refused:
        parse_filter('profile.teir = "gold"')
    assert "tier" in refused.value.hint
