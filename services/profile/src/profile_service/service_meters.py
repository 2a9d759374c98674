"""What profile tells of itself: how soon events count, and what is left open."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Watched

from profile_service.records import Intent
from profile_service.store_intents import IntentStore

# From a hundredth of a second, which is usual, to the hour after which nobody waits any more.
_LAG_SECONDS = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    3600.0,
)
_LOOK_SECONDS = 10.0


class Meters:
    """The instruments that the use cases record with."""

    def __init__(self, metrics: Metrics, wall_ms: Callable[[], int] = wall_ms) -> None:
        self._wall_ms = wall_ms
        self._events = metrics.counter(
            "dangol.profile.events", "Events that were sent, by what became of them."
        )
        self._lag = metrics.histogram(
            "dangol.profile.ingest_lag",
            "From the receipt of a write to segmentation having decided on it, at once or later.",
            bounds=_LAG_SECONDS,
        )

    def judged(self, outcomes: Sequence[StrEnum]) -> None:
        """A batch was answered."""
        for outcome, count in Counter(outcomes).items():
            self._events.add(count, {"outcome": outcome.value})

    def decided(self, intents: Sequence[Intent]) -> None:
        """Segmentation has decided on what these name."""
        now_ms = self._wall_ms()
        for intent in intents:
            self._lag.record(max(now_ms - intent.at_ms, 0) / 1000)


def open_meters(metrics: Metrics, intents: IntentStore) -> Meters:
    """The instruments; and what is open, which is looked at every few seconds."""

    async def look() -> Mapping[str, float]:
        count, oldest_ms = await intents.backlog()
        age_ms = time.time_ns() // 1_000_000 - oldest_ms if count else 0
        return {"count": count, "age": max(age_ms, 0) / 1000}

    gauges = {
        "count": (
            "dangol.profile.open_intents",
            "",
            "Writes that segmentation has yet to decide on; counted up to 10,000.",
        ),
        "age": ("dangol.profile.oldest_intent", "s", "Age of the oldest of them."),
    }
    Watched(metrics, gauges, look, every_seconds=_LOOK_SECONDS)
    return Meters(metrics)
