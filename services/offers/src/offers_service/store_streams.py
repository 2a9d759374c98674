"""Change streams read as they come in: many changes to one turn of the driver's threads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

Change = Mapping[str, Any]


async def changes(stream: Any) -> AsyncGenerator[tuple[Change | None, Mapping[str, Any]], None]:
    """Each change with the token after it, while the stream lives; None for a change whenever
    everything that there is was shown.

    stream: Motor's, entered, with a time that it waits at most. Raises what it raises.
    """
    while stream.alive:
        yield await stream.try_next(), stream.resume_token
        # The driver has taken what was ready in one batch, of which Motor hands out one a thread.
        taken = stream.delegate
        while _ready_count(taken):
            yield taken.try_next(), taken.resume_token


def _ready_count(taken: Any) -> int:
    """How many changes the driver's stream holds, which it hands out without asking anybody; 0 if
    this driver does not say."""
    return len(getattr(getattr(taken, "_cursor", None), "_data", ()))
