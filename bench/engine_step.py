"""What one event costs the engine with 25 rules, and how many bytes a customer's state takes."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import AsyncIterator, Sequence

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.rules import parse
from segmentation_service.engine import (
    EventInput,
    Ruleset,
    SegmentRule,
    State,
    compile_ruleset,
    decode_state,
    encode_state,
    new_state,
    step,
)

from bench import histories
from bench.figures import Figure, percentile

EVENT_COUNT = 20_000
CUSTOMERS = 200
START_MS = 1_700_000_000_000


def _ruleset() -> Ruleset:
    segments = [
        SegmentRule(f"segment-{number}", parse(text)) for number, text in enumerate(histories.RULES)
    ]
    return compile_ruleset(segments, "Asia/Seoul", 0)


def _inputs() -> list[tuple[int, EventInput]]:
    """A year of events, each with whose it is."""
    choose = random.Random(1)
    clocks = [START_MS] * CUSTOMERS
    gap_ms = histories.YEAR_MS * CUSTOMERS // EVENT_COUNT
    inputs = []
    for number in range(EVENT_COUNT):
        who = choose.randrange(CUSTOMERS)
        clocks[who] += choose.randint(1, 2 * gap_ms)
        event = histories.event(choose, number)
        key = number.to_bytes(16, "big")
        inputs.append((who, EventInput(key, clocks[who], clocks[who], event)))
    return inputs


def _play(
    ruleset: Ruleset, states: list[State], inputs: Sequence[tuple[int, EventInput]]
) -> tuple[float, float]:
    """Microseconds an event: the step, and taking the state from bytes and back."""
    stepped_ns = coded_ns = 0
    for who, one in inputs:
        before = time.perf_counter_ns()
        state = decode_state(encode_state(states[who]))
        between = time.perf_counter_ns()
        result = step(ruleset, state, (one,))
        stepped_ns += time.perf_counter_ns() - between
        coded_ns += between - before
        states[who] = result.state
    return stepped_ns / len(inputs) / 1000, coded_ns / len(inputs) / 1000


async def figures() -> AsyncIterator[Figure]:
    """A hundred events each of 200 customers, 25 rules."""
    profile = ProfileSnapshot(tier="gold", member=True, tags=["running"])
    states = [new_state(profile, START_MS) for _ in range(CUSTOMERS)]
    step_us, code_us = _play(_ruleset(), states, _inputs())
    sizes = [float(len(encode_state(state))) for state in states]
    bare = "its state from bytes and back"
    yield Figure("engine, one event, 25 rules", step_us, "us", bare, code_us)
    median = statistics.median(sizes)
    worst = percentile(sizes, 0.99)
    yield Figure("state after 100 events, p99", worst, "bytes", "the median", median)
