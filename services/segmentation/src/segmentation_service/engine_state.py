"""What the engine remembers of one customer, what it is told, and what it answers.

Times are UTC milliseconds. A state is plain data: `encode_state` makes it bytes for the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
from dangol_rules.tree import Rule

if TYPE_CHECKING:
    from dangol.events.v1.event_pb2 import Event
    from dangol.profile.v1.event_service_pb2 import ProfileSnapshot

# A profile attribute as rules see it. Numbers stand as decimal text: they may exceed 64 bits.
Attribute = str | bool


class Cause(Enum):
    """Why a membership changed; the names are those of dangol.events.v1.ChangeCause."""

    EVENT = "EVENT"
    TIME = "TIME"
    PROFILE = "PROFILE"


class SegmentRule(msgspec.Struct, frozen=True):
    """A segment's rule. Stints before live_since_ms are history that was never announced."""

    segment_id: str
    rule: Rule
    live_since_ms: int = 0


class EventInput(msgspec.Struct, frozen=True):
    """An event under its 16-byte key; at_ms is its evaluated time, received_ms its arrival."""

    key: bytes
    at_ms: int
    received_ms: int
    event: Event


class ProfileInput(msgspec.Struct, frozen=True):
    """What the customer's profile is from at_ms on. An older version than known is ignored."""

    snapshot: ProfileSnapshot
    at_ms: int


Input = EventInput | ProfileInput


class State(msgspec.Struct, array_like=True):
    """Everything kept of one customer, in the layout of one ruleset (its signature).

    memberships: segment id -> (stint, entered_at_ms), for the segments she is in.
    past: segment id -> (last stint, exited_at_ms), for the segments she was in and left.
    flips: for every rule, in the ruleset's order, when it changes with no further event; 0: never.
    recent: event key -> received_ms, for the events received in the last ten minutes.
    profile: the attributes that rules read, for example {"tier": "gold", "tag:running": True}.
    """

    signature: bytes
    now_ms: int
    start_ms: int
    profile_ms: int
    profile_version: int
    profile: dict[str, Attribute]
    features: list[Any]
    flips: list[int]
    memberships: dict[str, tuple[int, int]]
    past: dict[str, tuple[int, int]]
    recent: dict[bytes, int]

    @property
    def deadline_ms(self) -> int | None:
        """The next instant at which some membership changes by itself; None: never."""
        return min(filter(None, self.flips), default=None)

    def last_stint(self, segment_id: str) -> int:
        """The number of the customer's current or last stay in the segment; 0: none yet."""
        stint, _ = self.memberships.get(segment_id) or self.past.get(segment_id) or (0, 0)
        return stint


class Transition(msgspec.Struct, frozen=True):
    """The customer entered or left a segment at at_ms, the instant the rule changed."""

    segment_id: str
    stint: int
    entered: bool
    at_ms: int
    cause: Cause


class StepResult(msgspec.Struct, frozen=True):
    """The state after the inputs and what changed, in order.

    With needs_replay the kept state could not answer: discard `state`, there are no transitions,
    and the customer must be replayed from history.
    """

    state: State
    transitions: list[Transition]
    needs_replay: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)


def encode_state(state: State) -> bytes:
    """The state as MessagePack."""
    return _encoder.encode(state)


def decode_state(data: bytes) -> State:
    """The state from `encode_state`; raises msgspec.DecodeError for anything else."""
    return _decoder.decode(data)


def read_profile(snapshot: ProfileSnapshot) -> dict[str, Attribute]:
    """All attributes of a snapshot under the names that compiled rules look up."""
    found: dict[str, Attribute] = {}
    for name in ("gender", "age_band", "tier", "region", "language", "birthday"):
        text = getattr(snapshot, name)
        if text:
            found[name] = text
    if snapshot.member:
        found["member"] = True
    if snapshot.HasField("create_time"):
        found["known"] = str(snapshot.create_time.ToMilliseconds())
    for consent in snapshot.consents:
        found["consent:" + consent] = True
    for tag in snapshot.tags:
        found["tag:" + tag] = True
    for name, value in snapshot.fields.items():
        kind = value.WhichOneof("kind")
        if kind is not None:
            found[f"{kind}:{name}"] = getattr(value, kind)
    return found


def new_state(profile: ProfileSnapshot, created_ms: int) -> State:
    """The state of a customer of whom nothing is known yet but the profile.

    The first `step` evaluates every rule at created_ms, or at the first event if that is earlier.
    """
    return State(
        signature=b"",
        now_ms=created_ms,
        start_ms=created_ms,
        profile_ms=created_ms,
        profile_version=profile.version,
        profile=read_profile(profile),
        features=[],
        flips=[],
        memberships={},
        past={},
        recent={},
    )


def inputs_in_order(inputs: Sequence[Input]) -> Sequence[Input]:
    """The inputs by time; those of one instant keep their order."""
    if len(inputs) < 2:
        return inputs
    return sorted(inputs, key=lambda one: one.at_ms)
