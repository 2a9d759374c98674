"""Windows that slide: their next flip is found in one pass, and exactly."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service.engine import new_state
from segmentation_service.engine_measures import (
    compare_constant,
    compare_measures,
    pairs_measure,
    times_measure,
)
from segmentation_service.engine_state import State
from segmentation_service.features import NEVER

OLDER, NEWER = 100, 40
REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "sum": lambda values: sum(map(int, values)),
    "avg": lambda values: Fraction(sum(map(int, values)), len(values)) if values else None,
    "min": lambda values: min(map(int, values), default=None),
    "max": lambda values: max(map(int, values), default=None),
    "distinct": lambda values: len(set(values)),
}
COMPARATORS = ("ge", "gt", "le", "lt", "eq", "ne")


def state_of(*features: Any) -> State:
    """A state with these features and nothing else."""
    state = new_state(ProfileSnapshot(), 0)
    state.features = list(features)
    return state


def inside(feature: Any, newer_ms: int, now_ms: int) -> list[Any]:
    """The values whose event lies in the window, by the window's definition."""
    times, values = feature
    return [
        value
        for at_ms, value in zip(times, values, strict=True)
        if at_ms + newer_ms <= now_ms < at_ms + OLDER
    ]


def drawn(rng: random.Random) -> tuple[list[int], list[int | str]]:
    """A few events, some at one instant; amounts below zero, and some beyond 64 bits."""
    times = sorted(rng.randrange(150) for _ in range(rng.randrange(9)))
    return times, [
        rng.choice((rng.randint(-3, 5), str(10**20 * rng.choice((-1, 1))))) for _ in times
    ]


def answer(holds: Callable[[int], bool], now_ms: int) -> tuple[bool, int]:
    """Whether it holds now, and the first later instant at which that is different."""
    now = holds(now_ms)
    return now, next((at for at in range(now_ms + 1, 400) if holds(at) != now), NEVER)


@pytest.mark.parametrize("newer_ms", [0, NEWER])
@pytest.mark.parametrize("function", sorted(REDUCTIONS))
def test_one_pass_finds_what_trying_every_instant_finds(function: str, newer_ms: int) -> None:
    """For every measure and comparator, also where there is no value."""
    reduce = REDUCTIONS[function]
    for seed in range(60):
        rng = random.Random(seed)
        feature, wanted = drawn(rng), rng.choice((0, 1, 2, 4, 10**20))
        compare = getattr(operator, COMPARATORS[seed % len(COMPARATORS)])

        def holds(at_ms: int, feature: Any = feature, wanted: int = wanted) -> bool:
            value = reduce(inside(feature, newer_ms, at_ms))
            return value is not None and compare(value, wanted)  # noqa: B023 - called at once

        part = compare_constant(pairs_measure(0, OLDER, newer_ms, function, 1), compare, wanted)
        for now_ms in range(0, 300, 17):
            assert answer(holds, now_ms) == part(state_of(feature), now_ms)


@pytest.mark.parametrize("comparator", COMPARATORS)
def test_two_windows_are_compared_in_one_pass(comparator: str) -> None:
    """Sums and counts over different windows, in different units."""
    compare = getattr(operator, comparator)
    part = compare_measures(
        pairs_measure(0, OLDER, 0, "sum", 2), pairs_measure(1, OLDER, NEWER, "sum", 1), compare
    )
    counts = compare_measures(times_measure(2, OLDER, 0), times_measure(3, OLDER, NEWER), compare)
    for seed in range(60):
        rng = random.Random(seed)
        one, other = drawn(rng), drawn(rng)
        state = state_of(one, other, one[0], other[0])

        def holds(at_ms: int, one: Any = one, other: Any = other) -> bool:
            first, second = inside(one, 0, at_ms), inside(other, NEWER, at_ms)
            return bool(compare(sum(map(int, first)), 2 * sum(map(int, second))))

        def more(at_ms: int, one: Any = one, other: Any = other) -> bool:
            return bool(compare(len(inside(one, 0, at_ms)), len(inside(other, NEWER, at_ms))))

        for now_ms in range(0, 300, 17):
            assert answer(holds, now_ms) == part(state, now_ms)
            assert answer(more, now_ms) == counts(state, now_ms)


@pytest.mark.parametrize("function", sorted(REDUCTIONS))
def test_the_work_grows_with_the_events_and_not_with_their_square(function: str) -> None:
    """Each event is compared when it enters and when it leaves."""
    compared = 0

    def never(_value: Any, _wanted: int) -> bool:
        nonlocal compared
        compared += 1
        return False

    times = list(range(0, 2_000, 2))
    part = compare_constant(pairs_measure(0, 5_000, 3_000, function, 1), never, 1)
    assert (False, NEVER) == part(state_of((times, [1] * len(times))), 2_000)
    without_value = function in ("avg", "min", "max")
    assert 2 * len(times) + (-1 if without_value else 1) == compared
