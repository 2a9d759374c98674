"""How often a customer was written to: the document that caps on messages rest on. Pure.

A message takes a slot before it leaves and keeps it however often it is tried; so two messages that
are judged at the same moment by two processes cannot both take the last one.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from offers_service.messages import Content, Purpose

CAPS_MAX = 20
# What no cap of this length reaches is forgotten.
WINDOW_MAX_MS = 31 * 24 * 3600 * 1000


class Cap(msgspec.Struct, frozen=True, omit_defaults=True):
    """At most count messages to a customer in [t, t + window_ms) for every t.

    channel empty: all channels together; purpose None: advertising and transactional together.
    """

    window_ms: int
    count: int
    channel: str = ""
    purpose: Purpose | None = None

    def covers(self, channel: str, purpose: Purpose) -> bool:
        """Whether such a message counts."""
        return self.channel in ("", channel) and self.purpose in (None, purpose)


class ReachKey(msgspec.Struct, frozen=True):
    """tenant and customer; the order of the fields is the order in MongoDB's _id."""

    t: str
    c: str


class Slot(msgspec.Struct, frozen=True):
    """A message that counts, and since when."""

    message: str
    at_ms: int
    channel: str
    purpose: Purpose


class Reach(msgspec.Struct, frozen=True):
    """v 0: not stored yet."""

    key: ReachKey = msgspec.field(name="_id")
    v: int = 0
    slots: tuple[Slot, ...] = ()


def covering(caps: Sequence[Cap], content: Content) -> list[Cap]:
    """The caps that count a message."""
    return [cap for cap in caps if cap.covers(content.channel, content.purpose)]


def take(
    reach: Reach,
    message_id: str,
    content: Content,
    caps: Sequence[Cap],
    now_ms: int,
    *,
    inherited: Sequence[Slot] = (),
) -> Reach | None:
    """With a slot for the message; the same if it has one or no cap counts it, None if a cap
    leaves none. inherited: slots of those who were merged into the customer; they count alike.

    A slot counts within a window while at_ms <= now < at_ms + window.
    """
    asked = covering(caps, content)
    taken = (*reach.slots, *inherited)
    if not asked or any(slot.message == message_id for slot in taken):
        return reach
    for cap in asked:
        used = sum(
            cap.covers(slot.channel, slot.purpose) and slot.at_ms + cap.window_ms > now_ms
            for slot in taken
        )
        if used >= cap.count:
            return None
    kept = tuple(slot for slot in reach.slots if slot.at_ms + WINDOW_MAX_MS > now_ms)
    slot = Slot(message_id, now_ms, content.channel, content.purpose)
    return msgspec.structs.replace(reach, v=reach.v + 1, slots=(*kept, slot))


def release(reach: Reach, message_ids: set[str]) -> Reach:
    """Without the slots of messages that did not leave after all."""
    slots = tuple(slot for slot in reach.slots if slot.message not in message_ids)
    if len(slots) == len(reach.slots):
        return reach
    return msgspec.structs.replace(reach, v=reach.v + 1, slots=slots)
