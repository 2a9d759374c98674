"""Events and snapshots between protobuf and what is stored. Pure."""

from __future__ import annotations

import hashlib

from dangol.events.v1.event_pb2 import Event, PropertyValue
from dangol.profile.v1 import event_service_pb2 as pb

from profile_service.consents import granted
from profile_service.domain import CUSTOMER, Customer, FieldKind, FieldValue, birthday
from profile_service.records import Sealer, StoredEvent

_KEYED_BYTES = 16


def event_key(identifier_hash: bytes, event_id: str) -> bytes:
    """Under which an event is stored: the identifier's hash and the event's UUID."""
    return identifier_hash + bytes.fromhex(event_id.replace("-", ""))


def short_key(key: bytes) -> bytes:
    """The 16 bytes by which segmentation knows an event."""
    return hashlib.blake2b(key, digest_size=_KEYED_BYTES).digest()


def to_stored(
    event: Event, key: bytes, at_ms: int, received_ms: int, data_key: Sealer | None
) -> StoredEvent:
    """How an event is kept. data_key is the identifier's; needed when there are properties.

    The event has no customer any more: its key stands for who sent it.
    """
    body, sealed = event, b""
    if event.properties and data_key is not None:
        properties = Event()
        properties.properties.MergeFrom(event.properties)
        sealed = data_key.seal(properties.SerializeToString(), key)
        body = Event()
        body.CopyFrom(event)
        body.ClearField("properties")
    return StoredEvent(
        key,
        at_ms,
        received_ms,
        event.type,
        event.amount.minor_units,
        event.store_id,
        body.SerializeToString(),
        sealed,
        product_ids(event),
        event.rating,
    )


def product_ids(event: Event) -> tuple[str, ...]:
    """The products of its items, each once."""
    return tuple(dict.fromkeys(item.product_id for item in event.items))


def from_stored(stored: StoredEvent, data_key: Sealer | None) -> Event:
    """The event without its customer."""
    event = Event.FromString(stored.body)
    if stored.properties and data_key is not None:
        event.MergeFromString(data_key.open(stored.properties, stored.event_key))
    return event


def name_customer(event: Event, customer_id: str) -> Event:
    """The event with its customer named by Dangol's id."""
    event.customer.namespace = CUSTOMER
    event.customer.value = customer_id
    return event


def to_snapshot(customer: Customer) -> pb.ProfileSnapshot:
    """What segmentation may know of a customer: nothing personal."""
    attributes = customer.attributes
    snapshot = pb.ProfileSnapshot(
        version=customer.version,
        gender=attributes.gender,
        age_band=attributes.age_band,
        tier=attributes.tier,
        region=attributes.region,
        language=attributes.language,
        tags=attributes.tags,
        member=customer.member,
        birthday=birthday(attributes),
        consents=granted(customer.consents),
    )
    snapshot.create_time.FromMilliseconds(customer.created_ms)
    for name, value in attributes.fields.items():
        snapshot.fields[name].CopyFrom(to_property(value))
    return snapshot


def to_property(value: FieldValue) -> PropertyValue:
    """A custom field in protobuf."""
    if value.kind is FieldKind.FLAG:
        return PropertyValue(flag=bool(value.value))
    if value.kind is FieldKind.NUMBER:
        return PropertyValue(number=str(value.value))
    return PropertyValue(text=str(value.value))


def from_property(value: PropertyValue) -> FieldValue:
    """A custom field from protobuf; one that holds nothing is an empty text."""
    kind = value.WhichOneof("kind")
    if kind == "flag":
        return FieldValue(FieldKind.FLAG, value.flag)
    if kind == "number":
        return FieldValue(FieldKind.NUMBER, value.number)
    return FieldValue(FieldKind.TEXT, value.text)
