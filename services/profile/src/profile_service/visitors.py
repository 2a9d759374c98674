"""What a visitor may write: what somebody does on a page before anybody knows who it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

EVENTS_MAX = 50
# What costs, earns or proves something is told by the shop's own systems.
TYPES = frozenset(
    {"visit", "product_view", "search", "wishlist", "cart_add", "cart_remove", "checkout"}
)
NAMESPACE = "device"


class Identifier(Protocol):
    """How a customer is named."""

    @property
    def namespace(self) -> str: ...

    @property
    def value(self) -> str: ...


class Event(Protocol):
    """The parts of an event that are looked at."""

    @property
    def customer(self) -> Identifier: ...

    @property
    def type(self) -> str: ...


def refuse_events(visitor_id: str, events: Sequence[Event]) -> tuple[str, str] | None:
    """(field, what to do) for the first event that a visitor may not write; None when all may."""
    if len(events) > EVENTS_MAX:
        return "events", f"a visitor's batch has at most {EVENTS_MAX} events"
    for place, event in enumerate(events):
        if not is_own(visitor_id, event.customer):
            return (
                f"events[{place}].customer",
                f"name the visitor: {NAMESPACE} and the visitor's id",
            )
        if event.type not in TYPES:
            return f"events[{place}].type", f"a visitor's are {', '.join(sorted(TYPES))}"
    return None


def is_own(visitor_id: str, identifier: Identifier) -> bool:
    """Whether an identifier is the visitor's own."""
    return (identifier.namespace, identifier.value) == (NAMESPACE, visitor_id)
