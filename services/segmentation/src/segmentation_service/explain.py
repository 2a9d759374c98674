"""Why a customer is in a segment or not: every part of the rule, its value and its next flip."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from segmentation_service import rules_tree as tree
from segmentation_service.engine_attributes import attribute_name
from segmentation_service.engine_leaves import newest_until
from segmentation_service.engine_ruleset import Ruleset
from segmentation_service.engine_state import State
from segmentation_service.features import NEVER, count_until
from segmentation_service.rules_error import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from segmentation_service.rules_format import format_rule


class Explained(msgspec.Struct, frozen=True):
    """One part of a rule for one customer: its text, truth, value, and when it flips next.

    value is what the left side comes to, empty for and, or, not. "at least 4" means that no more
    is kept than the rules need. An instant is in ISO 8601, UTC; a missing value is "none".
    """

    text: str
    holds: bool
    value: str
    next_flip_ms: int | None
    children: tuple[Explained, ...] = ()


def explain(ruleset: Ruleset, state: State, segment_id: str, now_ms: int) -> Explained:
    """Why the customer is in the segment or not; KeyError when the ruleset lacks the segment.

    Answers as of now_ms, or of the state's own time if that is later.
    """
    rule = ruleset.segment_rule(segment_id).rule
    return explain_part(ruleset, state, rule, max(now_ms, state.now_ms))


def explain_part(ruleset: Ruleset, state: State, rule: Any, now_ms: int) -> Explained:
    """One part with those below it."""
    below: tuple[Any, ...] = ()
    if isinstance(rule, tree.And | tree.Or):
        below = rule.parts
    elif isinstance(rule, tree.Not):
        below = (rule.part,)
    elif isinstance(rule, tree.InSegment):
        below = (ruleset.segment_rule(rule.segment_id).rule,)
    holds, flip_ms = ruleset.compiler.expression(rule).part(state, now_ms)
    return Explained(
        text=format_rule(rule),
        holds=holds,
        value="" if below else value_of(ruleset, state, rule, now_ms),
        next_flip_ms=None if flip_ms == NEVER else flip_ms,
        children=tuple(explain_part(ruleset, state, part, now_ms) for part in below),
    )


def value_of(ruleset: Ruleset, state: State, rule: Any, now_ms: int) -> str:  # noqa: PLR0911
    """What the left side of a leaf comes to."""
    if isinstance(rule, tree.HasTag):
        return "true" if "tag:" + rule.tag in state.profile else "false"
    if isinstance(rule, tree.BirthdayWithin):
        return str(state.profile.get("birthday", "none"))
    if isinstance(rule, tree.Unanswered):
        feature = ruleset.compiler.registry.open(rule.asked, rule.answer, rule.key)
        pairs = state.features[feature.index].values()
        return f"{sum(1 for asked, answered in pairs if asked > answered)} open"
    if isinstance(rule, tree.OneOf):
        return attribute_text(state, attribute_name(rule.term, tree.Text))
    if isinstance(rule, tree.Holds):
        return attribute_text(state, attribute_name(rule.term))
    left = rule.left
    if isinstance(left, tree.Profile | tree.Field):
        return attribute_text(state, attribute_name(left, type(rule.right)))
    if isinstance(left, tree.First | tree.Last | tree.Since):
        return instant_text(ruleset, state, left, now_ms)
    return measure_text(ruleset, state, left, isinstance(rule.right, tree.Number), now_ms)


def attribute_text(state: State, name: str) -> str:
    """A profile attribute."""
    if name == "member":
        return "true" if "member" in state.profile else "false"
    value = state.profile.get(name)
    if value is None:
        return "none"
    return str(value).lower() if isinstance(value, bool) else value


def instant_text(ruleset: Ruleset, state: State, term: Any, now_ms: int) -> str:
    """An instant, or the time since it."""
    instant = term.instant if isinstance(term, tree.Since) else term
    index, _ = ruleset.compiler.instant(instant)
    at_ms = newest_until(state.features[index], now_ms)
    if at_ms is None:
        return "none"
    if isinstance(term, tree.Since):
        return span_text(now_ms - at_ms)
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + (
        f".{at_ms % 1000:03d}Z"
    )


def span_text(span_ms: int) -> str:
    """A length of time in its two largest units: 12d 3h."""
    found = []
    for unit_ms, name in ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "m"), (SECOND_MS, "s")):
        count, span_ms = divmod(span_ms, unit_ms)
        if count:
            found.append(f"{count}{name}")
    return " ".join(found[:2]) or "0s"


def measure_text(ruleset: Ruleset, state: State, term: Any, single: bool, now_ms: int) -> str:
    """A count, distinct or aggregate."""
    registry, window = ruleset.compiler.registry, term.window
    plain = single and (window is None or not window.newer_ms)
    if plain and isinstance(term, tree.Count):
        times = registry.times(term.events)
        kept = state.features[times.index]
        older_ms = NEVER if window is None else window.older_ms
        count = count_until(kept, now_ms) - count_until(kept, now_ms - older_ms)
        return bounded_text(count, count >= max(times.forever, times.recent))
    if plain and isinstance(term, tree.Distinct):
        newest = registry.newest(term.events, term.property)
        seen = state.features[newest.index].values()
        older_ms = NEVER if window is None else window.older_ms
        count = sum(1 for at_ms in seen if at_ms > now_ms - older_ms)
        return bounded_text(count, count >= max(newest.forever, newest.recent))
    measure, _ = ruleset.compiler.measure(term)
    value = measure.value(state, now_ms)
    if value is None:
        return "none"
    exact = Fraction(value, measure.unit)
    return format(round(Decimal(exact.numerator) / exact.denominator, 6).normalize(), "f")


def bounded_text(count: int, full: bool) -> str:
    """A count of which no more than needed is kept."""
    return f"at least {count}" if full else str(count)
