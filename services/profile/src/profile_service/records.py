"""What the stores keep besides customers and tenants: identifiers, events, intents. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

HASH_BYTES: Final = 16


class Sealer(Protocol):
    """A key that seals and opens values; context names the place of a value."""

    def seal(self, plain: bytes, context: bytes) -> bytes: ...

    def open(self, sealed: bytes, context: bytes) -> bytes: ...


class Identity(NamedTuple):
    """One identifier and its owner. data_key is sealed.

    generation: how many owners were erased; erased_ms: what happened under it until then, by the
    tenant's clock, stays out. An identifier of nobody has an empty customer_id.
    """

    identifier_hash: bytes
    customer_id: str
    namespace: str
    data_key: bytes
    generation: int = 0
    erased_ms: int = -1


class NewIdentity(NamedTuple):
    """An identifier that nobody has yet, and who is to have it."""

    identifier_hash: bytes
    customer_id: str
    namespace: str
    value: str


@dataclass(frozen=True, slots=True)
class Intent:
    """Customers that a write touches. merge_source names a tombstone whose merge is not done.

    left says that the writer has done its part and leaves the rest to the relay. import_id names
    the import whose history it is, of which campaigns are not told.
    """

    intent_id: bytes
    tenant_id: str
    at_ms: int
    customer_ids: tuple[str, ...]
    merge_source: str = ""
    left: bool = False
    import_id: str = ""


class StoredEvent(NamedTuple):
    """One event as it is kept. event_key is the identifier's hash and the event's UUID.

    body is the event in protobuf without customer and properties; properties are sealed.
    product_ids names each product of its items once; rating is 0 without stars. Both are written
    for the index over products, and not read back: the body has them.
    """

    event_key: bytes
    at_ms: int
    received_ms: int
    event_type: str
    amount_minor_units: int
    store_id: str
    body: bytes
    properties: bytes
    product_ids: tuple[str, ...] = ()
    rating: int = 0

    @property
    def identifier_hash(self) -> bytes:
        """Under which identifier it was sent."""
        return self.event_key[:HASH_BYTES]


class Purchase(NamedTuple):
    """One purchase: when, and its amount in minor units."""

    identifier_hash: bytes
    at_ms: int
    amount_minor_units: int


def event_order(event: StoredEvent) -> tuple[int, bytes]:
    """Events are ordered by evaluated time, then by event id."""
    return event.at_ms, event.event_key[HASH_BYTES:]
