"""The parts of rules that read the profile."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from segmentation_service import rules_tree as tree
from segmentation_service.engine_leaves import FALSE, TRUE, Part
from segmentation_service.engine_predicates import OPERATORS
from segmentation_service.engine_state import State
from segmentation_service.features import NEVER

FIELD_KINDS: dict[type, str] = {tree.Text: "text", tree.Number: "number", tree.Flag: "flag"}


def attribute_name(term: Any, literal: type = tree.Flag) -> str:
    """The name under which `engine_state.read_profile` puts the term's value."""
    if isinstance(term, tree.Profile):
        return term.name
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


def birthday_in(year: int, month_day: str) -> date | None:
    """The birthday in a year, None if MM-DD is no day at all.

    The 29th of February falls on the 28th in common years.
    """
    common = bool(year % 4 or (year % 100 == 0 and year % 400))
    try:
        month, day = int(month_day[:2]), int(month_day[3:])
        return date(year, month, 28 if common and (month, day) == (2, 29) else day)
    except ValueError:
        return None


def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """The first instant of a day in the zone."""
    return round(datetime.combine(day, time(), zone).timestamp()) * 1000


def birthday_within(days: int, zone: ZoneInfo) -> Part:
    """From midnight `days` days before the birthday until the birthday is over."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        month_day = state.profile.get("birthday")
        if not isinstance(month_day, str):
            return FALSE
        this_year = datetime.fromtimestamp(now_ms // 1000, zone).year
        for year in (this_year, this_year + 1):
            day = birthday_in(year, month_day)
            if day is None:
                return FALSE
            end_ms = midnight_ms(day + timedelta(days=1), zone)
            if now_ms >= end_ms:
                continue
            begin_ms = midnight_ms(day - timedelta(days=days), zone)
            return (True, end_ms) if begin_ms <= now_ms else (False, begin_ms)
        return False, NEVER

    return holds
