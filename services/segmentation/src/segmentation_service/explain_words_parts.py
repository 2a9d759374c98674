"""What words are made from: the parts of an explanation, and the voice that tells them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from dangol_rules import tree
from dangol_rules.error import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

from segmentation_service.engine_predicates import MONEY, OPERATORS
from segmentation_service.explain_facts import Fact

UNITS = ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s"), (1, "ms"))
PLACES = 6


class Voice(msgspec.Struct, frozen=True):
    """Who is told: a language (ko or en), the tenant's time zone and currency."""

    language: str
    zone: ZoneInfo
    currency_code: str
    exponent: int

    def local(self, at_ms: int) -> datetime:
        """An instant on the tenant's clock, to the second."""
        return datetime.fromtimestamp(at_ms // 1000, self.zone)


class Part(msgspec.Struct, frozen=True):
    """One part of a rule as it stands for one customer at now_ms."""

    rule: Any
    holds: bool
    next_flip_ms: int | None
    now_ms: int
    fact: Fact
    children: tuple[Part, ...] = ()


def kind_of(rule: Any) -> str:
    """Which words a part takes."""
    if not isinstance(rule, tree.Compare | tree.OneOf | tree.Holds):
        return _KINDS[type(rule)]
    term: Any = rule.left if isinstance(rule, tree.Compare) else rule.term
    if isinstance(term, tree.Consent):
        return "consent"
    if isinstance(term, tree.Profile) and term.name == "member":
        return "member"
    if isinstance(rule, tree.Holds):
        return "flag"
    if type(term) in _TERMS:
        return _TERMS[type(term)]
    single = isinstance(rule, tree.Compare) and isinstance(rule.right, tree.Number)
    return "measure" if single else "measures"


_TERMS: dict[type, str] = {
    tree.Profile: "attribute",
    tree.Field: "attribute",
    tree.Since: "since",
    tree.First: "instants",
    tree.Last: "instants",
}
_KINDS: dict[type, str] = {
    tree.And: "all_of",
    tree.Or: "any_of",
    tree.Not: "negation",
    tree.InSegment: "in_segment",
    tree.HasTag: "tag",
    tree.Unanswered: "unanswered",
    tree.BirthdayWithin: "birthday",
    tree.AnniversaryWithin: "anniversary",
}


def is_money(term: Any) -> bool:
    """Whether a measure's value is an amount."""
    return isinstance(term, tree.Aggregate) and term.property in MONEY


def wants_flag(rule: Any) -> bool:
    """Which answer a condition on a flag asks for."""
    if isinstance(rule, tree.Holds):
        return True
    wanted: bool = rule.right.value is (rule.comparator == "=")
    return wanted


def further(part: Part) -> int | Literal["ends"] | None:
    """How many more such events would make a count hold, or that the next one ends it."""
    rule, value = part.rule, part.fact.value
    if not isinstance(rule, tree.Compare) or not isinstance(value, Fraction):
        return None
    term, right = rule.left, rule.right
    if not isinstance(term, tree.Count | tree.Distinct) or not isinstance(right, tree.Number):
        return None
    if term.window is not None and term.window.newer_ms:
        return None
    compare, wanted = OPERATORS[rule.comparator], int(right.value)
    if part.holds:
        return None if part.fact.at_least or compare(value + 1, wanted) else "ends"
    missing = max(wanted - int(value), 0) + (rule.comparator in (">", "!="))
    return missing if missing and compare(value + missing, wanted) else None


def deciding(part: Part, negated: bool = False) -> Iterator[tuple[Part, bool]]:
    """The conditions because of which a part holds or not, and whether a not stands over them."""
    if isinstance(part.rule, tree.Not):
        yield from deciding(part.children[0], not negated)
    elif part.children:
        for child in part.children:
            if child.holds is part.holds:
                yield from deciding(child, negated)
    else:
        yield part, negated


def units_of(duration_ms: int, most: int = 5) -> list[tuple[int, str]]:
    """A length of time as counts of units, the largest first, at most so many of them."""
    found = []
    for unit_ms, unit in UNITS:
        count, duration_ms = divmod(duration_ms, unit_ms)
        if count:
            found.append((count, unit))
    return found[:most]


def rounded(value: Fraction, places: int, grouped: bool = False) -> tuple[str, bool]:
    """A number with at most so many decimals, and whether that is exact."""
    scaled = round(value * 10**places)
    whole, fraction = divmod(abs(scaled), 10**places)
    text = f"{whole:,}" if grouped else str(whole)
    decimals = f"{fraction:0{places}d}".rstrip("0") if places else ""
    sign = "-" if scaled < 0 else ""
    return sign + text + (f".{decimals}" if decimals else ""), Fraction(scaled, 10**places) == value


def amount_digits(value: Fraction, exponent: int) -> tuple[str, bool]:
    """An amount's digits with the currency's decimals, more where a rule names finer steps."""
    if (value * 10**exponent).denominator != 1 and (value * 10**9).denominator == 1:
        return rounded(value, 9, grouped=True)
    scaled = round(value * 10**exponent)
    whole, fraction = divmod(abs(scaled), 10**exponent)
    sign = "-" if scaled < 0 else ""
    text = f"{sign}{whole:,}" + (f".{fraction:0{exponent}d}" if exponent else "")
    return text, Fraction(scaled, 10**exponent) == value
