"""Measures: values over a window that move as events enter and leave it, and their comparisons.

A comparison finds its next flip in one pass: every event enters the window once and leaves it once.
Its near form does not look that far: it only says before when the answer cannot change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction

import msgspec

from segmentation_service.engine_leaves import FALSE, TRUE, Part
from segmentation_service.engine_state import State
from segmentation_service.engine_windows import (
    HOLDERS,
    REDUCTIONS,
    Number,
    Slide,
    Still,
    Times,
    Values,
)
from segmentation_service.features import NEVER


class Measure(msgspec.Struct, frozen=True):
    """slide(state, now_ms) is the value as of now and of later instants.

    look(state, now_ms) is the value as of now, None when there is none, and when it may change.
    The value is in steps of the unit: 100 to a dollar.
    """

    slide: Callable[[State, int], Slide]
    look: Callable[[State, int], tuple[Number | None, int]]
    unit: int = 1

    def value(self, state: State, now_ms: int) -> Number | None:
        """The value as of now; None when there is none."""
        return self.look(state, now_ms)[0]


def looked_at(slide: Callable[[State, int], Slide]) -> Callable[..., tuple[Number | None, int]]:
    """What a slide that costs nothing says of now."""

    def look(state: State, now_ms: int) -> tuple[Number | None, int]:
        now = slide(state, now_ms)
        return now.value(), now.next_ms()

    return look


def times_measure(index: int, older_ms: int, newer_ms: int) -> Measure:
    """count(e, window) over a Times feature that keeps all of the window."""

    def slide(state: State, now_ms: int) -> Slide:
        return Times(state.features[index], older_ms, newer_ms, now_ms)

    return Measure(slide, looked_at(slide))


def pairs_measure(index: int, older_ms: int, newer_ms: int, function: str, unit: int) -> Measure:
    """sum, avg, min, max or distinct of the values in the window of a Pairs feature."""
    holder, reduce = HOLDERS[function], REDUCTIONS[function]

    def slide(state: State, now_ms: int) -> Slide:
        times, values = state.features[index]
        return Values(Times(times, older_ms, newer_ms, now_ms), values, holder())

    def look(state: State, now_ms: int) -> tuple[Number | None, int]:
        times, values = state.features[index]
        inside = Times(times, older_ms, newer_ms, now_ms)
        return reduce(values[inside.begin : inside.end]), inside.next_ms()

    return Measure(slide, look, unit)


def totals_measure(index: int, function: str, unit: int) -> Measure:
    """A total of all time, kept as (sum, count, least, greatest, ...)."""

    def slide(state: State, _: int) -> Slide:
        totals = state.features[index]
        if not totals:
            return Still(0 if function == "sum" else None)
        total = int(totals[0])
        if function == "avg":
            return Still(Fraction(total, totals[1]))
        return Still({"sum": total, "min": int(totals[2]), "max": int(totals[3])}[function])

    return Measure(slide, looked_at(slide), unit)


def compare_constant(measure: Measure, compare: Callable[..., bool], wanted: Number) -> Part:
    """The measure against a number in its own unit."""

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        slide = measure.slide(state, now_ms)
        value = slide.value()
        holds = value is not None and compare(value, wanted)
        at_ms = slide.next_ms()
        while at_ms != NEVER:
            slide.move(at_ms)
            value = slide.value()
            if (value is not None and compare(value, wanted)) != holds:
                break
            at_ms = slide.next_ms()
        return holds, at_ms

    return part


def near_constant(measure: Measure, compare: Callable[..., bool], wanted: Number) -> Part:
    """compare_constant, without looking further than the next event that enters or leaves."""

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        value, at_ms = measure.look(state, now_ms)
        return value is not None and compare(value, wanted), at_ms

    return part


def near_measures(left: Measure, right: Measure, compare: Callable[..., bool]) -> Part:
    """compare_measures, without looking further than the next event that enters or leaves."""

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        one, one_ms = left.look(state, now_ms)
        other, other_ms = right.look(state, now_ms)
        holds = (
            one is not None and other is not None and compare(one * right.unit, other * left.unit)
        )
        return holds, min(one_ms, other_ms)

    return part


def compare_measures(left: Measure, right: Measure, compare: Callable[..., bool]) -> Part:
    """Two measures against each other, whatever their units."""

    def holds_now(one: Slide, other: Slide) -> bool:
        first, second = one.value(), other.value()
        if first is None or second is None:
            return False
        return compare(first * right.unit, second * left.unit)

    def part(state: State, now_ms: int) -> tuple[bool, int]:
        one, other = left.slide(state, now_ms), right.slide(state, now_ms)
        holds = holds_now(one, other)
        at_ms = min(one.next_ms(), other.next_ms())
        while at_ms != NEVER:
            one.move(at_ms)
            other.move(at_ms)
            if holds_now(one, other) != holds:
                break
            at_ms = min(one.next_ms(), other.next_ms())
        return holds, at_ms

    return part


def sum_at_least(index: int, wanted: int, window_ms: int, otherwise: Part) -> Part:
    """sum(e.p, w) >= wanted for the usual case, sums of what is not negative."""

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
