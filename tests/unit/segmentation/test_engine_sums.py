"""Sums over windows: their next flip is found in one pass, and exactly."""

from __future__ import annotations

import operator
import random

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service.engine import new_state
from segmentation_service.engine_measures import (
    compare_constant,
    pairs_measure,
    swept_sum,
    total,
)
from segmentation_service.engine_state import State
from segmentation_service.features import NEVER

OLDER, NEWER = 100, 40


def state_of(times: list[int], values: list[int | str]) -> State:
    """A state with one feature: the times of events and their amounts."""
    state = new_state(ProfileSnapshot(), 0)
    state.features = [[times, values]]
    return state


@pytest.mark.parametrize("newer_ms", [0, NEWER])
@pytest.mark.parametrize("name", ["ge", "gt", "le", "lt", "eq", "ne"])
def test_one_pass_finds_what_trying_every_instant_finds(name: str, newer_ms: int) -> None:
    """Also with amounts below zero, beyond 64 bits and at the same instant."""
    compare = getattr(operator, name)
    for seed in range(300):
        rng = random.Random(seed)
        times = sorted(rng.randrange(300) for _ in range(rng.randrange(9)))
        values: list[int | str] = [
            rng.choice((rng.randint(-3, 5), str(10**20 * rng.randint(-1, 1)))) for _ in times
        ]
        wanted = rng.choice((0, 1, 4, 10**20))
        slow = compare_constant(pairs_measure(0, OLDER, newer_ms, total, 1), compare, wanted)
        fast = swept_sum(0, OLDER, newer_ms, compare, wanted)
        state = state_of(times, values)
        for now_ms in range(0, 400, 7):
            assert slow(state, now_ms) == fast(state, now_ms)


def test_the_work_grows_with_the_events_and_not_with_their_square() -> None:
    """Each event is compared when it enters and when it leaves."""
    compared = 0

    def never(_value: int, _wanted: int) -> bool:
        nonlocal compared
        compared += 1
        return False

    times = list(range(0, 2_000, 2))
    part = swept_sum(0, 5_000, 3_000, never, 1)
    assert (False, NEVER) == part(state_of(times, [1] * len(times)), 2_000)
    assert 2 * len(times) + 1 == compared
