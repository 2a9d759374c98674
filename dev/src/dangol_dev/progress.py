"""How a run says how far it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """done of total units of work of one part of the run; now_ms is the shop's virtual clock."""

    part: str
    done: int
    total: int
    now_ms: int


# Awaited between two steps of the virtual clock; a test may use it to break something.
OnProgress = Callable[[Progress], Awaitable[None]]


async def ignore_progress(_: Progress) -> None:
    """For runs that nobody watches."""


# Awaited whenever the virtual clock has come to rest, with the time that it shows.
OnInstant = Callable[[int], Awaitable[None]]


async def ignore_instants(_: int) -> None:
    """For runs into which nobody looks."""
