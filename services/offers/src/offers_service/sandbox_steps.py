"""Which time a sandbox's clock is asked to show. Pure.

A request is given its time once, in order of asking: "two days on" twice is four days on, and the
same request again is on its way to the same time, however often it was broken off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

STEPS_KEPT_MAX: Final = 50
AHEAD_MS: Final = 3_600_000
SPAN_MAX_MS: Final = 400 * 24 * 3_600_000


class StepOutcome(StrEnum):
    """What came of asking for a step; all but the first two left everything as it was."""

    PLANNED = "planned"
    REPEATED = "repeated"
    REQUEST_CONFLICT = "request_conflict"
    BACKWARDS = "backwards"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Step:
    """A request, by its keyed id and the hash of its content, and the time it was given."""

    key: str
    fingerprint: bytes
    target_ms: int


@dataclass(frozen=True, slots=True)
class StepBook:
    """All steps of a sandbox. target_ms: the latest time asked for; quiet_ms: up to when
    everything has happened. version counts the writes, 0 before the first."""

    tenant_id: str
    version: int = 0
    target_ms: int = 0
    quiet_ms: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the clock is to go: to an instant, or so far on, whichever is given."""

    key: str
    fingerprint: bytes
    to_ms: int | None = None
    by_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What to save, None for nothing, and the time to go to."""

    outcome: StepOutcome
    book: StepBook | None = None
    target_ms: int = 0


def plan(book: StepBook, wanted: Wanted, now_ms: int) -> Planned:
    """The time of a request; now_ms is what the clock shows."""
    for step in book.steps:
        if step.key == wanted.key:
            if step.fingerprint != wanted.fingerprint:
                return Planned(StepOutcome.REQUEST_CONFLICT)
            return Planned(StepOutcome.REPEATED, target_ms=step.target_ms)
    reached_ms = max(now_ms, book.target_ms)
    target_ms = reached_ms + (wanted.by_ms or 0) if wanted.to_ms is None else wanted.to_ms
    if target_ms < reached_ms:
        return Planned(StepOutcome.BACKWARDS)
    if target_ms - now_ms > SPAN_MAX_MS:
        return Planned(StepOutcome.TOO_FAR)
    step = Step(wanted.key, wanted.fingerprint, target_ms)
    changed = replace(
        book,
        version=book.version + 1,
        target_ms=target_ms,
        steps=(*book.steps, step)[-STEPS_KEPT_MAX:],
    )
    return Planned(StepOutcome.PLANNED, changed, target_ms)


def stop_before(target_ms: int, now_ms: int, due_ms: int | None, left: int) -> int:
    """Where the clock is to stop next on its way: where something is due, else at the target.

    What is due at one instant may cause what has to come before what is due at the next. left: how
    many stops may still be made; without any it goes straight to the target.
    """
    if due_ms is None or left <= 0:
        return target_ms
    return min(target_ms, max(now_ms, due_ms))
