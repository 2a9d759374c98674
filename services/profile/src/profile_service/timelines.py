"""Which part of a customer's events is asked for, and where a page of it ends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from dangol.events.v1.event_pb2 import Event

from profile_service.records import HASH_BYTES, StoredEvent

Position = tuple[int, bytes]

# Behind every event of an instant, whose keys have 32 bytes.
_BEHIND_ALL: Final = b"\xff" * 33


def position_of(event: StoredEvent) -> Position:
    """Where an event stands: by evaluated time, then by event id. One id may have been sent under
    two identifiers, which are one customer's by now."""
    key = event.event_key
    return event.at_ms, key[HASH_BYTES:] + key[:HASH_BYTES]


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """Empty sets mean all. Events from start_ms (inclusive) to end_ms (exclusive), None for no end;
    after is the position of the last event that was seen."""

    types: Sequence[str] = ()
    channels: frozenset[int] = frozenset()
    store_ids: Sequence[str] = ()
    start_ms: int | None = None
    end_ms: int | None = None
    oldest_first: bool = False
    after: Position | None = None

    @property
    def picky(self) -> bool:
        """Whether an index tells only part of what is asked for."""
        return bool(self.channels or self.store_ids)

    def span(self, edge_ms: int | None = None) -> dict[str, int]:
        """The condition on the evaluated time, up to an edge on the way (inclusive) if there is
        one; the position's own instant is part of it."""
        low, high = self.start_ms, None if self.end_ms is None else self.end_ms - 1
        position_ms = None if self.after is None else self.after[0]
        if self.oldest_first:
            low, high = _most(low, position_ms), _least(high, edge_ms)
        else:
            low, high = _most(low, edge_ms), _least(high, position_ms)
        condition = {} if low is None else {"$gte": low}
        return condition if high is None else {**condition, "$lte": high}

    def behind(self, edge_ms: int) -> TimelineQuery:
        """What is left once everything up to an instant was seen."""
        # Named by the next instant, so that none of this one is counted again.
        after = (edge_ms + 1, b"") if self.oldest_first else (edge_ms - 1, _BEHIND_ALL)
        return replace(self, after=after)

    def select(self, events: Sequence[StoredEvent]) -> list[StoredEvent]:
        """Those of these events that are asked for and not seen yet, in the order asked for."""
        ordered = sorted(events, key=position_of, reverse=not self.oldest_first)
        return [one for one in ordered if self._is_ahead(one) and self._is_wanted(one)]

    def _is_ahead(self, event: StoredEvent) -> bool:
        if self.after is None:
            return True
        position = position_of(event)
        return position > self.after if self.oldest_first else position < self.after

    def _is_wanted(self, event: StoredEvent) -> bool:
        return not self.channels or Event.FromString(event.body).channel in self.channels


def _most(one: int | None, other: int | None) -> int | None:
    return max((bound for bound in (one, other) if bound is not None), default=None)


def _least(one: int | None, other: int | None) -> int | None:
    return min((bound for bound in (one, other) if bound is not None), default=None)
