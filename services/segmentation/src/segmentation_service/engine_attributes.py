"""The parts of rules that read the profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dangol_rules import lunar, tree
from dangol_rules.lunar import LunarDay

from segmentation_service.engine_leaves import FALSE, TRUE, Part
from segmentation_service.engine_predicates import OPERATORS
from segmentation_service.engine_state import State

FIELD_KINDS: dict[type, str] = {tree.Text: "text", tree.Number: "number", tree.Flag: "flag"}


def attribute_name(term: Any, literal: type = tree.Flag) -> str:
    """The name under which `engine_state.read_profile` puts the term's value."""
    if isinstance(term, tree.Profile):
        return term.name
    if isinstance(term, tree.Consent):
        return f"consent:{term.name}"
    return f"{FIELD_KINDS[literal]}:{term.name}"


def attribute_names(rule: Any) -> frozenset[str]:
    """The attribute that a part reads."""
    if isinstance(rule, tree.HasTag):
        return frozenset(["tag:" + rule.tag])
    if isinstance(rule, tree.OneOf):
        return frozenset([attribute_name(rule.term, tree.Text)])
    if isinstance(rule, tree.Holds):
        return frozenset([attribute_name(rule.term)])
    return frozenset([attribute_name(rule.left, type(rule.right))])


def compile_attribute(rule: Any) -> Part:
    """A condition on the profile; time alone never changes it."""
    (name,) = attribute_names(rule)
    if isinstance(rule, tree.HasTag):
        return lambda state, _: TRUE if name in state.profile else FALSE
    if isinstance(rule, tree.OneOf):
        values = frozenset(rule.values)
        return lambda state, _: TRUE if state.profile.get(name) in values else FALSE
    if isinstance(rule, tree.Holds):
        return lambda state, _: TRUE if state.profile.get(name) is True else FALSE
    compare, wanted = OPERATORS[rule.comparator], rule.right.value
    if name == "member":
        return lambda state, _: TRUE if compare(name in state.profile, wanted) else FALSE
    if isinstance(rule.right, tree.Number):

        def number_holds(state: State, _now_ms: int) -> tuple[bool, int]:
            text = state.profile.get(name)
            return TRUE if text is not None and compare(Decimal(text), wanted) else FALSE

        return number_holds

    def holds(state: State, _now_ms: int) -> tuple[bool, int]:
        value = state.profile.get(name)
        return TRUE if value is not None and compare(value, wanted) else FALSE

    return holds


def day_in(year: int, month: int, day: int) -> date | None:
    """The day of the calendar in a year, None if there is none such.

    The 29th of February falls on the 28th in common years.
    """
    common = bool(year % 4 or (year % 100 == 0 and year % 400))
    try:
        return date(year, month, 28 if common and (month, day) == (2, 29) else day)
    except ValueError:
        return None


def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The first instant of a day in the zone."""
    return round(datetime.combine(day, time(), zone).timestamp()) * 1000


def local_date(at_ms: int, zone: ZoneInfo) -> date:
    """The day of an instant in the zone."""
    return datetime.fromtimestamp(at_ms // 1000, zone).date()


# (first year, month, day) of the solar calendar, or a day of every lunar year.
Day = tuple[int, int, int] | LunarDay
Yearly = Callable[[State, ZoneInfo], Day | None]


def birthday_of(state: State, _zone: ZoneInfo) -> Day | None:
    """The birthday, in all years, since the year of birth is not known."""
    text = state.profile.get("birthday")
    if not isinstance(text, str):
        return None
    month, _, day = text.partition("-")
    if month.isdecimal() and day.isdecimal():
        return 0, int(month), int(day)
    return lunar.from_text(text)


def anniversary_of(state: State, zone: ZoneInfo) -> Day | None:
    """The return of the day on which the customer became known, from the year after."""
    known = state.profile.get("known")
    if not isinstance(known, str):
        return None
    day = local_date(int(known), zone)
    return day.year + 1, day.month, day.day


def next_yearly(yearly: Yearly, state: State, zone: ZoneInfo, now_ms: int) -> date | None:
    """The yearly day that is today or comes next; None when there is none."""
    found = yearly(state, zone)
    if found is None:
        return None
    today = local_date(now_ms, zone)
    return next((day for day in _days(found, today.year) if day >= today), None)


def _days(found: Day, year: int) -> Iterator[date]:
    """The days from before a year until they must have come round."""
    if isinstance(found, LunarDay):
        # A lunar year ends in the next solar one.
        yield from lunar.observed_between(year - 1, year + 1, found)
        return
    first_year, month, day_of_month = found
    for one in (max(year, first_year), max(year + 1, first_year)):
        day = day_in(one, month, day_of_month)
        if day is not None:
            yield day


def day_within(yearly: Yearly, days: int, zone: ZoneInfo) -> Part:
    """From midnight `days` days before the yearly day until that day is over."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        day = next_yearly(yearly, state, zone, now_ms)
        if day is None:
            return FALSE
        begin_ms = midnight_ms(day - timedelta(days=days), zone)
        if begin_ms > now_ms:
            return False, begin_ms
        return True, midnight_ms(day + timedelta(days=1), zone)

    return holds


def birthday_within(days: int, zone: ZoneInfo) -> Part:
    """`birthday within 7d`."""
    return day_within(birthday_of, days, zone)


def anniversary_within(days: int, zone: ZoneInfo) -> Part:
    """`anniversary within 7d`."""
    return day_within(anniversary_of, days, zone)
