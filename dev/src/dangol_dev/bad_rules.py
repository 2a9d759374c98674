"""Rules that are wrong, and what is to be said of each: malformed ones and hostile ones.

Tests check the answers; the bench measures the slowest. Nothing is imported here but types.
"""

from __future__ import annotations

from typing import NamedTuple


class Bad(NamedTuple):
    """A text that is no rule: where it is wrong, and parts of the message and of the hint."""

    text: str
    line: int
    column: int
    message: str
    hint: str


MALFORMED = (
    Bad("", 1, 1, "empty", "count(purchase"),
    Bad("   # only a comment", 1, 20, "empty", "count(purchase"),
    Bad("cuont(purchase) = 1", 1, 1, "unknown function cuont", "did you mean count?"),
    Bad("count(purchase, 90d", 1, 20, "ends too early", "close the parenthesis"),
    Bad("count(purchase) >= 1 and", 1, 25, "ends too early", "something is missing"),
    Bad("count(purchase) >= 1)", 1, 21, "unexpected )", "missing before it"),
    Bad("count(purchase) == 1", 1, 18, "unexpected =", "not =="),
    Bad("count(purchase) >= 1 AND count(visit) = 0", 1, 22, "unexpected AND", "did you mean and?"),
    Bad("count(purchase) >= 1 count(visit) = 0", 1, 22, "unexpected count", "and/or"),
    Bad("count(purchase, 90days) = 0", 1, 17, "unknown unit days", "ms, s, m, h, d or w"),
    Bad("count(purchase, 90) = 0", 1, 17, "a window is a length of time", "90d"),
    Bad("count(purchase, 0d) = 0", 1, 17, "empty", "90d"),
    Bad("count(purchase, 731d) = 0", 1, 17, "two years", "730d"),
    Bad("count(purchase, 99999999999999999999d) = 0", 1, 17, "two years", "730d"),
    Bad("count(purchase, from 1d to 2d) = 0", 1, 17, "ends before it begins", "450d to 360d"),
    Bad("count() = 0", 1, 1, "takes events", "90d"),
    Bad("count(purchase, 1d, 2d) = 0", 1, 1, "takes events", "90d"),
    Bad("count(purchase.amount) = 0", 1, 7, "counted as a whole", "without .amount"),
    Bad("count(purchase) = 1.5", 1, 1, "whole number", ""),
    Bad("count(purchase) >= 1001", 1, 1, "from 0 to 1000", ""),
    Bad('count(purchase) = "two"', 1, 1, "a count compares with a number", "count("),
    Bad("count(purchase) > count(visit)", 1, 1, "needs a window in both", "30d"),
    Bad("sum(purchase) > 1", 1, 5, "a property is missing", "purchase.amount"),
    Bad("sum(purchase.amont) > 1", 1, 5, "sum cannot use amont", "did you mean amount?"),
    Bad("sum(purchase.session_id) > 1", 1, 5, "sum cannot use session_id", "numbers are"),
    Bad("distinct(visit.amount) > 1", 1, 10, "distinct cannot use amount", "texts are"),
    Bad("sum(purchase.amount) > 30d", 1, 1, "sum compares with a number", "sum("),
    Bad("count(review where ratting <= 2) > 1", 1, 20, "unknown property ratting", "rating?"),
    Bad("count(review where rating <= 2 rating) > 1", 1, 32, "unexpected rating", ""),
    Bad('count(purchase where item.category = "x") > 1', 1, 22, "needs any", "any item.category"),
    Bad('count(purchase where any item.colour = "x") > 1', 1, 26, "item.colour", "items have"),
    Bad('any item.category = "x"', 1, 1, "belongs into a where clause", "where any"),
    Bad('count(a where channel = "shop") > 1', 1, 15, "unknown channel shop", "web, app"),
    Bad('count(a where rating = "2") > 1', 1, 15, "rating compares with a number", ""),
    Bad("count(a where count(b) > 1) > 1", 1, 15, "only compare the event's own", ""),
    Bad("since(login) >= 365", 1, 1, "length of time", "365d"),
    Bad("since(count(login)) >= 365d", 1, 7, "takes an event type", ""),
    Bad("last(cart_add) > 30m", 1, 1, "an instant compares with", "since"),
    Bad("first(purchase)", 1, 1, "a value, not a condition", "compare it"),
    Bad("true", 1, 1, "a value alone", "compare"),
    Bad("15 <= count(visit)", 1, 1, "a value stands on the left", "term first"),
    Bad('profile.teir = "gold"', 1, 1, "unknown attribute profile.teir", "did you mean tier?"),
    Bad('prfile.tier = "gold"', 1, 1, "unknown term prfile.tier", "did you mean profile?"),
    Bad("profile.tier = 1", 1, 1, "profile.tier compares with a text", ""),
    Bad('profile.tier > "gold"', 1, 1, "> needs numbers", "= and !="),
    Bad('profile.member = "yes"', 1, 1, "profile.member compares with a flag", ""),
    Bad('profile.tags = "x"', 1, 1, "is a set", "in profile.tags"),
    Bad('"x" in profile.tag', 1, 8, "in needs", "profile.tags"),
    Bad("1 in profile.tags", 1, 1, "a tag is a text", "running"),
    Bad("profile.tier in (1, 2)", 1, 18, "only texts", '("a", "b")'),
    Bad("profile.tier = 'gold'", 1, 16, "straight double quotes", '"x"'),
    Bad('profile.tier = "gold', 1, 16, "the text does not end", "same line"),
    Bad("birthday within 12h", 1, 17, "whole days", "7d"),
    Bad('segment("vip")', 1, 1, "needs in before it", "in segment"),
    Bad('in segment("VIP!")', 1, 12, "a segment id", ""),
    Bad("unanswered(a, b, 1d, 2d)", 1, 15, "by and a key", "by cart_id"),
    Bad("unanswered(a, b by cart, 1d, 2d)", 1, 20, "unknown key cart", "did you mean cart_id?"),
    Bad("unanswered(a, b by cart_id, 2d, 1d)", 1, 33, "must exceed", "30m, 7d"),
    Bad("unanswered(a, b by cart_id, 1d, 2d) > 1", 1, 1, "no value to compare", "by itself"),
    Bad("count(Purchase) = 0", 1, 7, "snake_case", "lower case"),
    Bad("!count(purchase) = 0", 1, 1, "unexpected character !", "write not"),
    Bad("count(purchase) ~ 0", 1, 17, "unexpected character ~", "docs/rules.md"),
    Bad("count(구매) = 0", 1, 7, "unexpected character 구 (U+AD6C)", "quotes"),
    Bad("field(size) = 1", 1, 1, "name in quotes", 'field("shoe_size")'),
    Bad("sum(a.amount) > 1234567890123456789", 1, 17, "too many digits", "18 digits"),
    Bad("count(visit) = 0 or\n  count(purchse = 1", 2, 17, "unexpected =", "close the parenthesis"),
    Bad("count(visit) = 0\n and profile.mber", 2, 6, "unknown attribute", "did you mean member?"),
    Bad("count", 1, 1, "unknown term count", "takes parentheses"),
    Bad("purchase >= 1", 1, 1, "unknown term purchase", "count(purchase, 90d) >= 1"),
    Bad("true and false", 1, 1, "a value alone", "compare"),
    Bad("birthday", 1, 1, "needs within", "birthday within 7d"),
    Bad("wedding within 7d", 1, 1, "only birthday and anniversary", "birthday within"),
    Bad("aniversary within 7d", 1, 1, "only birthday and anniversary", "did you mean anniversary?"),
    Bad("anniversary within 181d", 1, 20, "at most 180", "anniversary within 7d"),
    Bad("birthday within 7", 1, 17, "unexpected 7", ""),
    Bad("consent", 1, 1, "needs a channel", "consent.email"),
    Bad("consent.a.b.c", 1, 1, "needs a channel", "consent.profiling.email"),
    Bad("consent.Email", 1, 1, "snake_case", "consent.email"),
    Bad("consent.email = true", 1, 1, "holds or not by itself", "not consent.email"),
    Bad('consent.email in ("x")', 1, 19, "holds or not by itself", "not consent.email"),
    Bad("consnt.email", 1, 1, "unknown term consnt.email", "did you mean consent?"),
    Bad("count(a where consent.email) = 0", 1, 15, "unknown property consent.email", ""),
    Bad("count(a where birthday within 7d) = 0", 1, 15, "only compare the event's own", ""),
    Bad('count(a where in segment("b")) = 0', 1, 15, "only compare the event's own", ""),
    Bad("in segment(vip)", 1, 4, "an id in quotes", 'in segment("vip")'),
    Bad("in profile.tags", 1, 11, "unexpected .", ""),
    Bad("count(purchase) in (1, 2)", 1, 21, "only texts", '("a", "b")'),
    Bad("since(purchase) > 1d > 2d", 1, 22, "unexpected >", "two values at a time"),
    Bad("count(purchase, 1y) = 0", 1, 17, "unknown unit y", "ms, s, m, h, d or w"),
    Bad("count(purchase, 1.5d) = 0", 1, 17, "neither a number nor a length", "90d"),
    Bad("count(purchase, -1d) = 0", 1, 17, "neither a number nor a length", "90d"),
    Bad("count(purchase, from 731d to 1d) = 0", 1, 22, "two years", "730d"),
    Bad("count(purchase, from 730d to 730d) = 0", 1, 17, "ends before it begins", ""),
    Bad("count(purchase) = -1", 1, 1, "from 0 to 1000", ""),
    Bad("count(purchase) = NaN", 1, 19, "unknown term NaN", ""),
    Bad("sum(a.amount) > 1.", 1, 18, "unexpected .", ""),
    Bad("sum(a.amount) > 1_000", 1, 17, "neither a number nor a length", ""),
    Bad('last(a) in ("x")', 1, 13, "an instant compares with", ""),
    Bad("profile.tier in ()", 1, 18, "unexpected )", "something is missing"),
)

HOSTILE = (
    Bad("(" * 20 + "count(a) = 0" + ")" * 20, 1, 18, "nested deeper than 16", "split"),
    Bad("not " * 2000 + "count(a) = 0", 1, 69, "nested deeper than 16", "split"),
    Bad(" or ".join(["count(a) = 0"] * 101), 1, 1601, "more than 100 parts", "split"),
    Bad("x" * 8193, 1, 1, "longer than 8192 characters", "split"),
    Bad('profile.tier = "' + "x" * 257 + '"', 1, 16, "more than 256 characters", "shorten"),
    Bad("profile.tier in (" + ", ".join(['"x"'] * 51) + ")", 1, 17, "more than 50", "lists"),
    Bad("count(" + "a" * 65 + ") = 0", 1, 7, "more than 64 characters", "shorten"),
    # Nesting and size.
    Bad("(" * 8192, 1, 33, "nested deeper than 16", "split"),
    Bad(")" * 8192, 1, 1, "unexpected )", ""),
    Bad("(" * 4090 + "count(a) = 0" + ")" * 4090, 1, 33, "nested deeper than 16", "split"),
    Bad("not " * 2048, 1, 8193, "ends too early", ""),
    Bad("not(" * 2048, 1, 132, "nested deeper than 16", "split"),
    Bad("any " * 2048, 1, 8193, "ends too early", ""),
    Bad("not " * 2044 + "count(a) = 0", 1, 69, "nested deeper than 16", "split"),
    Bad("count(a where " * 580, 1, 454, "nested deeper than 16", "split"),
    Bad("since(" * 1365, 1, 198, "nested deeper than 16", "split"),
    Bad("a." * 4096, 1, 8193, "ends too early", ""),
    Bad("a" * 8192, 1, 1, "unknown term", ""),
    Bad("count(a)=0 or " * 580 + "count(a)=0", 1, 1401, "more than 100 parts", "split"),
    Bad("count(" + "a" * 100_000 + ") = 0", 1, 1, "longer than 8192", "split"),
    Bad("\n" * 8192, 8193, 1, "empty", ""),
    Bad("#" * 8192, 1, 8193, "empty", ""),
    # What makes tokenisers slow.
    Bad('"' * 8192, 1, 3, "unexpected", ""),
    Bad('"' + "a" * 8191, 1, 1, "the text does not end", "same line"),
    Bad('"' + '\\"' * 4095, 1, 1, "the text does not end", "same line"),
    Bad("1" * 8192, 1, 1, "a value alone", ""),
    Bad("1" * 8191 + "d", 1, 1, "a value alone", ""),
    Bad(".".join("1" * 4096), 1, 4, "unexpected .", ""),
    Bad("count(a, " + "9" * 8000 + "d) = 0", 1, 10, "two years", "730d"),
    Bad("sum(a.amount) > " + "9" * 8000, 1, 17, "too many digits", "18 digits"),
    Bad("sum(a.amount) > 0." + "0" * 8000 + "1", 1, 17, "too many digits", "9 after"),
    Bad("count(a) = 1e9999999", 1, 12, "neither a number nor a length", ""),
    Bad("count(a) = 0x7fffffffffffffff", 1, 12, "neither a number nor a length", ""),
    Bad("profile.tier in (" + '"a",' * 2030 + '"a")', 1, 17, "more than 50", "lists"),
    # What hides from the eye.
    Bad("count(a) = 0\x00", 1, 13, "invisible character U+0000", "remove it"),
    Bad('profile.tier = "go\x00ld"', 1, 19, "invisible character U+0000", "remove it"),
    Bad('profile.tier = "\u202edlog"', 1, 17, "invisible character U+202E", "remove it"),
    Bad("count(a) = 0 # \u2066) = 1", 1, 16, "invisible character U+2066", "remove it"),
    Bad('"vi\u200bp" in profile.tags', 1, 4, "invisible character U+200B", "remove it"),
    Bad('"\U000e0041" in profile.tags', 1, 2, "invisible character U+E0041", "remove it"),
    Bad("\ufeffcount(a) = 0", 1, 1, "invisible character U+FEFF", "remove it"),
    Bad('profile.tier = "\ud800"', 1, 17, "invisible character U+D800", "remove it"),
    Bad("co\xadunt(a) = 0", 1, 3, "invisible character U+00AD", "remove it"),
    Bad("count(a) = 0\u2028or count(b) = 0", 1, 13, "invisible character U+2028", "remove it"),
    Bad('profile.tier = "a\tb"', 1, 16, "a tab or line break", "space"),
    Bad('profile.tier = "a\nb"', 1, 16, "the text does not end", "same line"),
    # What only looks right.
    Bad("count(рurchase) = 0", 1, 7, "(U+0440)", "a to z"),
    Bad("count（a） = 0", 1, 6, "(U+FF08)", "write the plain ("),
    Bad("count(a) = ３", 1, 12, "(U+FF13)", "write the plain 3"),
    Bad("count(a) = ٣", 1, 12, "(U+0663)", ""),
    Bad("count(a)\xa0= 0", 1, 9, "(U+00A0)", "ordinary space"),
    Bad("count(a) ≥ 3", 1, 10, "unexpected character ≥", "write >="),
    Bad("count(a) = 0 && count(b) = 0", 1, 14, "unexpected character &", "write and"),
    Bad("count(a\u0301) = 0", 1, 8, "(U+0301)", ""),
    # What means something elsewhere.
    Bad('profile.tier = "x" or 1 = 1', 1, 23, "a value stands on the left", ""),
    Bad("count(a) = 0; DROP TABLE segments", 1, 13, "unexpected character ;", ""),
    Bad("count(a) = 0 -- and more", 1, 14, "unexpected character -", ""),
    Bad("count(a) = 0 /* and more */", 1, 14, "unexpected character /", ""),
    Bad("count(a) = 0 union select 1", 1, 14, "unexpected union", ""),
    Bad('profile.tier = "x", "$where": "1"', 1, 19, "unexpected ,", ""),
    Bad("{{7*7}}", 1, 1, "unexpected character {", ""),
    Bad("${jndi:ldap://x/y}", 1, 1, "unexpected character $", ""),
    Bad("*2\r\n$3\r\nDEL", 1, 1, "unexpected character *", ""),
    Bad('__import__("os").system("id")', 1, 17, "unexpected .", ""),
    Bad("count(__class__) = 0", 1, 7, "snake_case", ""),
    Bad('profile.__class__ = "x"', 1, 1, "unknown attribute", ""),
    Bad("count(a where properties.__proto__ = 1) = 0", 1, 26, "snake_case", ""),
)

BAD_RULES = MALFORMED + HOSTILE


class Tangle(NamedTuple):
    """Segments that do not fit together: what is said, and where in the rule at fault."""

    rules: dict[str, str]
    column: int
    message: str
    hint: str


def chain(length: int, step: str) -> dict[str, str]:
    """Segments each of which refers to the one before, s0 to nothing."""
    rules = {"s0": "count(a) = 0"}
    for number in range(1, length):
        rules[f"s{number}"] = step.replace("?", f"s{number - 1}")
    return rules


TANGLES = (
    Tangle({"a": 'in segment("a")'}, 1, "circle: a -> a", "take one"),
    Tangle(
        {"a": 'in segment("b")', "b": 'count(x) = 0 or in segment("a")'},
        17,
        "circle: a -> b -> a",
        "take one",
    ),
    Tangle({**chain(499, 'in segment("?")'), "s0": 'in segment("s498")'}, 1, "circle: s0", ""),
    Tangle({"vip": "count(a) = 0", "b": 'in segment("vp")'}, 1, "unknown segment vp", "mean vip?"),
    Tangle({"b": 'not in segment("other")'}, 5, "unknown segment other", "create it first"),
    Tangle(chain(500, 'in segment("?")'), 1, "s9 refers to segments over more than 8", "write"),
    # Each doubles the one before twice over: a thousand conditions at the fifth.
    Tangle(
        chain(9, " or ".join(['in segment("?")'] * 4)), 1, "s5 has more than 1000 conditions", ""
    ),
)
