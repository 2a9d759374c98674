"""Announcements of membership changes, as bytes and as records. Pure."""

from __future__ import annotations

from typing import NamedTuple

from dangol.events.v1.membership_pb2 import (
    CHANGE_KIND_ENTERED,
    CHANGE_KIND_EXITED,
    MembershipChange,
)

_SEQUENCE_TAG = MembershipChange.SEQUENCE_FIELD_NUMBER << 3


class Announced(NamedTuple):
    """The last thing announced of a customer and a segment; at_ms is its effective time."""

    stint: int
    entered: bool
    at_ms: int


class News(NamedTuple):
    """A change to announce. cause is the name of a ChangeCause without its prefix."""

    segment_id: str
    stint: int
    entered: bool
    at_ms: int
    cause: str
    notify: bool


class Announcement(NamedTuple):
    """An announcement on its way from an outbox to MongoDB and the bus; change holds sequence."""

    partition: int
    sequence: int
    message: MembershipChange
    change: bytes

    @property
    def change_id(self) -> str:
        """(customer, segment, stint, entered or exited), within the tenant."""
        message = self.message
        kind = "E" if message.kind == CHANGE_KIND_ENTERED else "X"
        return (
            f"{message.tenant_id}/{message.customer_id}/{message.segment_id}/{message.stint}/{kind}"
        )


def to_message(
    tenant_id: str, customer_id: str, partition: int, news: News, announced_ms: int
) -> MembershipChange:
    """The change as it travels, still without its sequence."""
    message = MembershipChange(
        tenant_id=tenant_id,
        customer_id=customer_id,
        segment_id=news.segment_id,
        stint=news.stint,
        kind=CHANGE_KIND_ENTERED if news.entered else CHANGE_KIND_EXITED,
        cause="CHANGE_CAUSE_" + news.cause,
        partition=partition,
        notify=news.notify,
    )
    message.effective_at.FromMilliseconds(news.at_ms)
    message.announced_at.FromMilliseconds(announced_ms)
    return message


def from_outbox(partition: int, sequence: int, change: bytes) -> Announcement:
    """What stands in the outbox, completed by the sequence that its place there gave it."""
    completed = change + _varint(_SEQUENCE_TAG) + _varint(sequence)
    return Announcement(partition, sequence, MembershipChange.FromString(completed), completed)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
