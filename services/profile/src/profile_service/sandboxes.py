"""A tenant's sandboxes, and how they come and go. Pure.

They are numbered from 1 and no number is used again, so whatever still arrives for one that ended
meets nothing that came after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from dangol_service_kit.sandboxes import NUMBER_MAX

OPEN_MAX: Final = 5
REQUESTS_KEPT_MAX: Final = 50
# How far ahead of a sandbox's clock events may lie, so that a test can lay out what is to happen.
AHEAD_MS: Final = 3_600_000


class SandboxOutcome(StrEnum):
    """What came of asking for a sandbox."""

    MADE = "made"
    REPEATED = "repeated"
    REQUEST_CONFLICT = "request_conflict"
    # As many are open, or were ever made, as a tenant may have.
    TOO_MANY = "too_many"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Slot:
    """An open sandbox. start_ms: where its clock begins."""

    number: int
    display_name: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """One whose data is still to be looked for. ended_ms: wall time."""

    number: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was served: its keyed id, the hash of its content, what it was answered (None
    when nothing took the place of what it ended)."""

    key: bytes
    fingerprint: bytes
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Book:
    """All that is known of a tenant's sandboxes. version counts the writes, 0 before the first."""

    tenant_id: str
    version: int = 0
    last_number: int = 0
    opened: tuple[Slot, ...] = ()
    ended: tuple[Ended, ...] = ()
    requests: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it is told apart from others."""

    key: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Decided:
    """What to save, None for nothing, and the sandbox that the request is answered with."""

    outcome: SandboxOutcome
    book: Book | None = None
    slot: Slot | None = None


def decide_create(book: Book, asked: Asked, display_name: str, start_ms: int) -> Decided:
    """One more sandbox, if the tenant may have it."""
    known = _answered(book, asked)
    if known is not None:
        return known
    if len(book.opened) >= OPEN_MAX or book.last_number >= NUMBER_MAX:
        return Decided(SandboxOutcome.TOO_MANY)
    slot = Slot(book.last_number + 1, display_name, start_ms)
    return Decided(SandboxOutcome.MADE, _with(book, asked, slot), slot)


def decide_end(
    book: Book, asked: Asked, number: int, now_ms: int, *, with_successor: bool
) -> Decided:
    """The sandbox ends, and one like it takes its place if so; now_ms is wall time."""
    known = _answered(book, asked)
    if known is not None:
        return known
    former = next((one for one in book.opened if one.number == number), None)
    if former is None:
        return Decided(SandboxOutcome.NOT_FOUND)
    if with_successor and book.last_number >= NUMBER_MAX:
        return Decided(SandboxOutcome.TOO_MANY)
    slot = replace(former, number=book.last_number + 1) if with_successor else None
    without = replace(
        book,
        opened=tuple(one for one in book.opened if one.number != number),
        ended=(*book.ended, Ended(number, now_ms)),
    )
    return Decided(SandboxOutcome.MADE, _with(without, asked, slot), slot)


def forget(book: Book, number: int) -> Book | None:
    """The book without a sandbox that left nothing; None when it does not stand there."""
    left = tuple(one for one in book.ended if one.number != number)
    if len(left) == len(book.ended):
        return None
    return replace(book, ended=left, version=book.version + 1)


def has_ended(book: Book, number: int) -> bool:
    """Whether this sandbox was made and is open no more."""
    return 0 < number <= book.last_number and all(one.number != number for one in book.opened)


def _answered(book: Book, asked: Asked) -> Decided | None:
    for one in book.requests:
        if one.key == asked.key:
            if one.fingerprint != asked.fingerprint:
                return Decided(SandboxOutcome.REQUEST_CONFLICT)
            return Decided(SandboxOutcome.REPEATED, slot=one.slot)
    return None


def _with(book: Book, asked: Asked, slot: Slot | None) -> Book:
    answered = Answered(asked.key, asked.fingerprint, slot)
    return replace(
        book,
        version=book.version + 1,
        last_number=book.last_number if slot is None else slot.number,
        opened=book.opened if slot is None else (*book.opened, slot),
        requests=(*book.requests, answered)[-REQUESTS_KEPT_MAX:],
    )
