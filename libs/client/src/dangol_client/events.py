"""Events and identifiers, written as people think of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from dangol.events.v1 import event_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

# What RecordEvents takes at once; the bytes leave room for what surrounds the events.
EVENTS_IN_BATCH_MAX = 1_000
BATCH_BYTES_MAX = 3_500_000


def ref(namespace: str, value: str) -> pb.CustomerRef:
    """A customer by one of their names: member, device, email, phone, pos_card, partner.<name>."""
    return pb.CustomerRef(namespace=namespace, value=value)


def event(
    kind: str,
    customer: pb.CustomerRef,
    *,
    occurred_at: datetime | None = None,
    event_id: str = "",
    channel: pb.Channel = pb.CHANNEL_UNSPECIFIED,
    store_id: str = "",
    session_id: str = "",
    cart_id: str = "",
    order_id: str = "",
    items: Iterable[pb.Item] = (),
    amount: pb.Money | None = None,
    rating: int = 0,
    properties: Mapping[str, str | bool | int | Decimal] | None = None,
) -> pb.Event:
    """Something that a customer did: visit, cart_add, purchase, return, or a type of your own.

    occurred_at: now by default; a time without a zone is refused with ValueError. event_id: a new
    UUID by default. Keep the event while you do not know whether it was recorded.
    """
    return pb.Event(
        event_id=event_id or str(uuid.uuid4()),
        customer=customer,
        type=kind,
        occurred_at=timestamp(occurred_at or datetime.now(UTC)),
        channel=channel,
        store_id=store_id,
        session_id=session_id,
        cart_id=cart_id,
        order_id=order_id,
        items=items,
        amount=amount,
        rating=rating,
        properties={name: _property(value) for name, value in (properties or {}).items()},
    )


def timestamp(time: datetime) -> Timestamp:
    """A time with a zone. Raises ValueError without one."""
    if time.tzinfo is None:
        raise ValueError("the time has no zone: write datetime.now(UTC), for example")
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


def _property(value: str | bool | int | Decimal) -> pb.PropertyValue:
    if isinstance(value, bool):
        return pb.PropertyValue(flag=value)
    if isinstance(value, str):
        return pb.PropertyValue(text=value)
    return pb.PropertyValue(number=f"{value:f}" if isinstance(value, Decimal) else str(value))


def batches(events: Iterable[pb.Event], batch_size: int = 500) -> Iterator[list[pb.Event]]:
    """Cut events into batches within the server's limits: `batch_size` events, 4 MiB."""
    if not 0 < batch_size <= EVENTS_IN_BATCH_MAX:
        raise ValueError(f"batch_size must be 1 to {EVENTS_IN_BATCH_MAX}")
    batch: list[pb.Event] = []
    batch_bytes = 0
    for one in events:
        # Eight bytes more than the message itself are enough for its tag and length.
        event_bytes = one.ByteSize() + 8
        if batch and (len(batch) == batch_size or batch_bytes + event_bytes > BATCH_BYTES_MAX):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(one)
        batch_bytes += event_bytes
    if batch:
        yield batch
