"""Measures: values over a window that move as events enter and leave it, and their comparisons."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec

from segmentation_service.engine_leaves import FALSE, TRUE, Part
from segmentation_service.engine_state import State
from segmentation_service.features import NEVER

Number = int | Fraction
Reduce = Callable[[list[Any]], Number | None]


class Measure(msgspec.Struct, frozen=True):
    """value(state, now_ms) is None when there is none; changes(state, now_ms) is when it may move.

    The value is in steps of the unit: 100 to a dollar.
    """

    value: Callable[[State, int], Number | None]
    changes: Callable[[State, int], int]
    unit: int = 1


def numbers_of(values: list[Any]) -> list[int]:
    """The numbers; the few beyond 64 bits stand as text."""
    return [int(value) for value in values]


def total(values: list[Any]) -> Number | None:
    """The sum; of nothing it is 0."""
    return sum(numbers_of(values))


def average(values: list[Any]) -> Number | None:
    """The exact average; of nothing there is none."""
    return Fraction(sum(numbers_of(values)), len(values)) if values else None


def least(values: list[Any]) -> Number | None:
    """The least value; of nothing there is none."""
    return min(numbers_of(values), default=None)


def greatest(values: list[Any]) -> Number | None:
    """The greatest value; of nothing there is none."""
    return max(numbers_of(values), default=None)


def different(values: list[Any]) -> Number | None:
    """How many different values."""
    return len(set(values))


REDUCTIONS: dict[str, Reduce] = {"sum": total, "avg": average, "min": least, "max": greatest}
TOTALS_READERS: dict[str, Callable[[list[Any]], Number | None]] = {
    "sum": lambda totals: int(totals[0]) if totals else 0,
    "avg": lambda totals: Fraction(int(totals[0]), totals[1]) if totals else None,
    "min": lambda totals: int(totals[2]) if totals else None,
    "max": lambda totals: int(totals[3]) if totals else None,
}


def next_change(times: list[int], now_ms: int, older_ms: int, newer_ms: int) -> int:
    """When the next event enters or leaves the window."""
    entering = bisect_right(times, now_ms - newer_ms)
    leaving = bisect_right(times, now_ms - older_ms)
    next_ms = NEVER
    if entering < len(times):
        next_ms = times[entering] + newer_ms
    if leaving < len(times):
        next_ms = min(next_ms, times[leaving] + older_ms)
    return next_ms


def times_measure(index: int, older_ms: int, newer_ms: int) -> Measure:
    """count(e, window) over a Times feature that keeps all of the window."""

    def value(state: State, now_ms: int) -> Number | None:
        times = state.features[index]
        return bisect_right(times, now_ms - newer_ms) - bisect_right(times, now_ms - older_ms)

    def changes(state: State, now_ms: int) -> int:
        return next_change(state.features[index], now_ms, older_ms, newer_ms)

    return Measure(value, changes)


def pairs_measure(index: int, older_ms: int, newer_ms: int, reduce: Reduce, unit: int) -> Measure:
    """A reduction of the values in the window of a Pairs feature."""

    def value(state: State, now_ms: int) -> Number | None:
        times, values = state.features[index]
        begin = bisect_right(times, now_ms - older_ms)
        return reduce(values[begin : bisect_right(times, now_ms - newer_ms)])

    def changes(state: State, now_ms: int) -> int:
        return next_change(state.features[index][0], now_ms, older_ms, newer_ms)

    return Measure(value, changes, unit)


def totals_measure(index: int, function: str, unit: int) -> Measure:
    """A total of all time, which time alone never changes."""
    read = TOTALS_READERS[function]
    return Measure(lambda state, _: read(state.features[index]), lambda _, __: NEVER, unit)


def compare_constant(measure: Measure, compare: Callable[..., bool], wanted: Number) -> Part:
    """The measure against a number in its own unit."""

    def holds(state: State, now_ms: int) -> bool:
        value = measure.value(state, now_ms)
        return value is not None and compare(value, wanted)

    return searched(holds, measure.changes)


def compare_measures(left: Measure, right: Measure, compare: Callable[..., bool]) -> Part:
    """Two measures against each other, whatever their units."""

    def holds(state: State, now_ms: int) -> bool:
        one, other = left.value(state, now_ms), right.value(state, now_ms)
        if one is None or other is None:
            return False
        return compare(one * right.unit, other * left.unit)

    return searched(
        holds,
        lambda state, now_ms: min(left.changes(state, now_ms), right.changes(state, now_ms)),
    )


def searched(holds: Callable[[State, int], bool], changes: Callable[[State, int], int]) -> Part:
    """Finds the flip by trying every instant at which a value may move."""

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        value, at_ms = holds(state, now_ms), changes(state, now_ms)
        while at_ms != NEVER and holds(state, at_ms) == value:
            at_ms = changes(state, at_ms)
        return value, at_ms

    return part


def swept_sum(
    index: int, older_ms: int, newer_ms: int, compare: Callable[..., bool], wanted: Number
) -> Part:
    """A sum against a number in one pass: every event enters the window once and leaves it once."""

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        times, values = state.features[index]
        begin = bisect_right(times, now_ms - older_ms)
        end = bisect_right(times, now_ms - newer_ms)
        inside = sum(map(int, values[begin:end]))
        holds = compare(inside, wanted)
        while begin < len(times):
            at_ms = times[begin] + older_ms
            if end < len(times):
                at_ms = min(at_ms, times[end] + newer_ms)
            while end < len(times) and times[end] + newer_ms == at_ms:
                inside += int(values[end])
                end += 1
            while begin < end and times[begin] + older_ms == at_ms:
                inside -= int(values[begin])
                begin += 1
            if compare(inside, wanted) != holds:
                return holds, at_ms
        return holds, NEVER

    return part


def sum_at_least(index: int, wanted: int, window_ms: int, otherwise: Part) -> Part:
    """sum(e.p, w) >= wanted in one pass: the usual case, sums of what is not negative."""

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        times, values = state.features[index]
        begin, end = bisect_right(times, now_ms - window_ms), bisect_right(times, now_ms)
        inside = values[begin:end]
        if str in map(type, inside) or (inside and min(inside) < 0):
            return otherwise(state, now_ms)
        rest = sum(inside)
        if rest < wanted:
            return FALSE
        for at in range(begin, end):
            rest -= values[at]
            if rest < wanted:
                return True, times[at] + window_ms
        return TRUE

    return part
