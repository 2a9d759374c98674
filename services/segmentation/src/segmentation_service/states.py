"""How a customer's state lies in the store: its version, its ruleset's version, its content.

8 bytes of version, which never repeats for a customer, even across deletion; 4 bytes of the
ruleset's version under which the content was computed; then what the engine encoded.

A version grows by one with each write. The first one is drawn at random, not taken from a clock: a
clock that is set back, or another replica's, would give versions of an earlier life again.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from segmentation_service.engine import State, decode_state, encode_state

_HEADER = struct.Struct(">QI")
VERSION_BYTES = 8
# What first versions have; the bit above them is room to count.
FIRST_VERSION_BITS = 63


class Stored(NamedTuple):
    """A state as read; version is 8 opaque bytes."""

    version: bytes
    rules_version: int
    body: bytes

    def decode(self) -> State | None:
        """The engine's state; None when it is one that this version cannot read."""
        try:
            return decode_state(self.body)
        except msgspec.MsgspecError:
            return None


@dataclass(frozen=True, slots=True)
class Write:
    """One decision on one customer.

    expected: the version read, 8 bytes, b"" if there was no state. state: version and content,
    None deletes. index: (segment, entered_at_ms; None leaves). announcements: changes as bytes.
    """

    customer_id: str
    expected: bytes
    state: bytes | None
    deadline_ms: int | None
    index: Sequence[tuple[str, int | None]]
    announcements: Sequence[bytes]


def unpack(data: bytes) -> Stored:
    """Takes a stored value apart."""
    _, rules_version = _HEADER.unpack_from(data)
    return Stored(data[:VERSION_BYTES], rules_version, data[_HEADER.size :])


def pack(previous: bytes, rules_version: int, state: State, first_version: int) -> bytes:
    """The value to store over `previous`, which is the version read, b"" for none.

    first_version has FIRST_VERSION_BITS random bits, so that no version of an earlier life of the
    same customer's state comes again.
    """
    number = int.from_bytes(previous, "big") + 1 if previous else first_version
    return _HEADER.pack(number, rules_version) + encode_state(state)
