"""Repeating a call that may be repeated, for as long as the caller has patience."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from dangol_service_kit.errors import Code, RpcFailure

Answer = TypeVar("Answer")

# What passes. BATCH_TOO_LARGE shares a status with TOO_MANY_REQUESTS, and does not.
PASSING = frozenset({Code.UNAVAILABLE, Code.NOT_READY, Code.TOO_MANY_REQUESTS})
# For calls whose effect a repetition does not double: not knowing what became of one is no loss.
UNKNOWN_OR_PASSING = PASSING | {Code.DEADLINE_EXCEEDED, Code.CANCELLED}


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How a call is repeated: pauses double from the first to the longest, half of each random.

    A server that names a time (RetryInfo) is asked no sooner. Once the pause would end behind
    total_seconds the failure stands.
    """

    total_seconds: float = 30.0
    first_pause_seconds: float = 0.1
    longest_pause_seconds: float = 5.0


def pause_seconds(
    failed: int, patience: Patience, retry_after_ms: int | None, draw: float
) -> float:
    """The pause after that many failures in a row (1, 2, ...); draw is random, from 0 to 1."""
    doubled = patience.first_pause_seconds * 2.0 ** min(failed - 1, 30)
    pause = min(doubled, patience.longest_pause_seconds) * (0.5 + draw / 2)
    return max(pause, (retry_after_ms or 0) / 1000)


class Attempts:
    """The failures in a row of one call: how long to pause after each, and when it is enough."""

    def __init__(self, patience: Patience, passing: Collection[Code] = PASSING) -> None:
        self._patience = patience
        self._passing = passing
        self._ends_at = time.monotonic() + patience.total_seconds
        self._failed = 0

    def left_seconds(self) -> float:
        """What is left of the patience."""
        return self._ends_at - time.monotonic()

    def pause_after(self, failure: RpcFailure) -> float:
        """Seconds to wait before the next attempt; raises the failure if there is to be none."""
        self._failed += 1
        draw = random.random()  # noqa: S311
        pause = pause_seconds(self._failed, self._patience, failure.retry_after_ms, draw)
        if failure.code not in self._passing or pause > self.left_seconds():
            raise failure
        return pause


async def repeat(
    attempt: Callable[[], Awaitable[Answer]],
    patience: Patience,
    passing: Collection[Code] = PASSING,
) -> Answer:
    """What the first attempt that succeeds answers.

    Only for what may be done twice. Raises the last RpcFailure: one whose code is not of `passing`
    at once.
    """
    attempts = Attempts(patience, passing)
    while True:
        try:
            return await attempt()
        except RpcFailure as failure:
            pause = attempts.pause_after(failure)
        await asyncio.sleep(pause)
