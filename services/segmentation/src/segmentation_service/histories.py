"""Everything that happened to a customer, as profile tells it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dangol.profile.v1.event_service_pb2 import KeyedEvent, ProfileSnapshot, StreamHistoryResponse

from segmentation_service.engine import EventInput


@dataclass(frozen=True, slots=True)
class History:
    """Everything that counts of one customer, events in order.

    created_ms: creation or first event, whichever is earlier. merged_into: the customer who took
    the events, "" for none.
    """

    customer_id: str
    snapshot: ProfileSnapshot
    created_ms: int
    events: list[EventInput]
    merged_into: str


def to_input(event: KeyedEvent) -> EventInput:
    """An event for the engine."""
    return EventInput(event.key, event.evaluated_at_ms, event.received_at_ms, event.event)


def created_ms(snapshot: ProfileSnapshot, events: Sequence[EventInput]) -> int:
    """Since when a customer exists."""
    return min([snapshot.create_time.ToMilliseconds(), *(event.at_ms for event in events)])


def to_history(answer: StreamHistoryResponse) -> History:
    """A history as profile streams it."""
    events = [to_input(event) for event in answer.events]
    return History(
        answer.customer_id,
        answer.profile,
        created_ms(answer.profile, events),
        events,
        answer.merged_into,
    )
