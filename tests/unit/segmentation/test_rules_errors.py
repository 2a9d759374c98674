"""Bad rules: where they are wrong, and what the hint says."""

from __future__ import annotations

import pytest
from segmentation_service.rules import RuleError, parse

# text, line, column, part of the message, part of the hint
BAD = [
    ("", 1, 1, "empty", "count(purchase"),
    ("   # only a comment", 1, 20, "empty", "count(purchase"),
    ("cuont(purchase) = 1", 1, 1, "unknown function cuont", "did you mean count?"),
    ("count(purchase, 90d", 1, 20, "ends too early", "close the parenthesis"),
    ("count(purchase) >= 1 and", 1, 25, "ends too early", "something is missing"),
    ("count(purchase) >= 1)", 1, 21, "unexpected )", "missing before it"),
    ("count(purchase) == 1", 1, 18, "unexpected =", "not =="),
    ("count(purchase) >= 1 AND count(visit) = 0", 1, 22, "unexpected AND", "did you mean and?"),
    ("count(purchase) >= 1 count(visit) = 0", 1, 22, "unexpected count", "and/or"),
    ("count(purchase, 90days) = 0", 1, 17, "unknown unit days", "ms, s, m, h, d or w"),
    ("count(purchase, 90) = 0", 1, 17, "a window is a length of time", "90d"),
    ("count(purchase, 0d) = 0", 1, 17, "empty", "90d"),
    ("count(purchase, 731d) = 0", 1, 17, "two years", "730d"),
    ("count(purchase, 99999999999999999999d) = 0", 1, 17, "two years", "730d"),
    ("count(purchase, from 1d to 2d) = 0", 1, 17, "ends before it begins", "450d to 360d"),
    ("count() = 0", 1, 1, "takes events", "90d"),
    ("count(purchase, 1d, 2d) = 0", 1, 1, "takes events", "90d"),
    ("count(purchase.amount) = 0", 1, 7, "counted as a whole", "without .amount"),
    ("count(purchase) = 1.5", 1, 1, "whole number", ""),
    ("count(purchase) >= 1001", 1, 1, "from 0 to 1000", ""),
    ('count(purchase) = "two"', 1, 1, "a count compares with a number", "count("),
    ("count(purchase) > count(visit)", 1, 1, "needs a window in both", "30d"),
    ("sum(purchase) > 1", 1, 5, "a property is missing", "purchase.amount"),
    ("sum(purchase.amont) > 1", 1, 5, "sum cannot use amont", "did you mean amount?"),
    ("sum(purchase.session_id) > 1", 1, 5, "sum cannot use session_id", "numbers are"),
    ("distinct(visit.amount) > 1", 1, 10, "distinct cannot use amount", "texts are"),
    ("sum(purchase.amount) > 30d", 1, 1, "sum compares with a number", "sum("),
    ("count(review where ratting <= 2) > 1", 1, 20, "unknown property ratting", "rating?"),
    ("count(review where rating <= 2 rating) > 1", 1, 32, "unexpected rating", ""),
    ('count(purchase where item.category = "x") > 1', 1, 22, "needs any", "any item.category"),
    ('count(purchase where any item.colour = "x") > 1', 1, 26, "item.colour", "items have"),
    ('any item.category = "x"', 1, 1, "belongs into a where clause", "where any"),
    ('count(a where channel = "shop") > 1', 1, 15, "unknown channel shop", "web, app"),
    ('count(a where rating = "2") > 1', 1, 15, "rating compares with a number", ""),
    ("count(a where count(b) > 1) > 1", 1, 15, "only compare the event's own", ""),
    ("since(login) >= 365", 1, 1, "length of time", "365d"),
    ("since(count(login)) >= 365d", 1, 7, "takes an event type", ""),
    ("last(cart_add) > 30m", 1, 1, "an instant compares with", "since"),
    ("first(purchase)", 1, 1, "a value, not a condition", "compare it"),
    ("true", 1, 1, "a value alone", "compare"),
    ("15 <= count(visit)", 1, 1, "a value stands on the left", "term first"),
    ('profile.teir = "gold"', 1, 1, "unknown attribute profile.teir", "did you mean tier?"),
    ('prfile.tier = "gold"', 1, 1, "unknown term prfile.tier", "did you mean profile?"),
    ("profile.tier = 1", 1, 1, "profile.tier compares with a text", ""),
    ('profile.tier > "gold"', 1, 1, "> needs numbers", "= and !="),
    ('profile.member = "yes"', 1, 1, "profile.member compares with a flag", ""),
    ('profile.tags = "x"', 1, 1, "is a set", "in profile.tags"),
    ('"x" in profile.tag', 1, 8, "in needs", "profile.tags"),
    ("1 in profile.tags", 1, 1, "a tag is a text", "running"),
    ("profile.tier in (1, 2)", 1, 18, "only texts", '("a", "b")'),
    ("profile.tier = 'gold'", 1, 16, "straight double quotes", '"x"'),
    ('profile.tier = "gold', 1, 16, "the text does not end", "same line"),
    ("consent.email", 1, 1, "not supported yet", "campaigns"),
    ("birthday within 12h", 1, 17, "whole days", "7d"),
    ("anniversary within 7d", 1, 1, "only birthday", "birthday within"),
    ('segment("vip")', 1, 1, "needs in before it", "in segment"),
    ('in segment("VIP!")', 1, 12, "a segment id", ""),
    ("unanswered(a, b, 1d, 2d)", 1, 15, "by and a key", "by cart_id"),
    ("unanswered(a, b by cart, 1d, 2d)", 1, 20, "unknown key cart", "did you mean cart_id?"),
    ("unanswered(a, b by cart_id, 2d, 1d)", 1, 33, "must exceed", "30m, 7d"),
    ("unanswered(a, b by cart_id, 1d, 2d) > 1", 1, 1, "no value to compare", "by itself"),
    ("count(Purchase) = 0", 1, 7, "snake_case", "lower case"),
    ("!count(purchase) = 0", 1, 1, "unexpected !", "write not"),
    ("count(purchase) ~ 0", 1, 17, "unexpected character ~", "docs/rules.md"),
    ("count(구매) = 0", 1, 7, "unexpected character 구", "docs/rules.md"),
    ("field(size) = 1", 1, 1, "name in quotes", 'field("shoe_size")'),
    ("sum(a.amount) > 1234567890123456789", 1, 17, "too many digits", "18 digits"),
    ("count(visit) = 0 or\n  count(purchse = 1", 2, 17, "unexpected =", "close the parenthesis"),
    ("count(visit) = 0\n and profile.mber", 2, 6, "unknown attribute", "did you mean member?"),
    ("(" * 40 + "count(a) = 0" + ")" * 40, 1, 18, "nested deeper than 16", "split"),
    ("(" * 4000, 1, 4001, "ends too early", ""),
    ("not " * 2000 + "count(a) = 0", 1, 69, "nested deeper than 16", "split"),
    (" or ".join(["count(a) = 0"] * 101), 1, 1601, "more than 100 parts", "split"),
    ("x" * 8193, 1, 1, "longer than 8192 characters", "split"),
    ('profile.tier = "' + "x" * 257 + '"', 1, 16, "more than 256 characters", "shorten"),
    ("profile.tier in (" + ", ".join(['"x"'] * 51) + ")", 1, 17, "more than 50", "lists"),
    ("count(" + "a" * 65 + ") = 0", 1, 7, "more than 64 characters", "shorten"),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "hint"), BAD)
def test_a_bad_rule_is_told_where_and_why(
    text: str, line: int, column: int, message: str, hint: str
) -> None:
    """Each error names line and column and hints at the remedy."""
    with pytest.raises(RuleError) as caught:
        parse(text)
    assert (line, column) == (caught.value.line, caught.value.column)
    assert message in caught.value.message
    assert hint in caught.value.hint
