"""One customer and a few rules, in words short enough for examples."""

from __future__ import annotations

from typing import Any

from dangol.events.v1.event_pb2 import Event, Item, PropertyValue
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.rules import parse
from segmentation_service.engine import (
    EventInput,
    Input,
    ProfileInput,
    SegmentRule,
    StepResult,
    compile_ruleset,
    decode_state,
    encode_state,
    new_state,
    replay,
    step,
)

T0 = 1_700_000_000_000
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Seen = tuple[int, str, bool]


def value_of(plain: object) -> PropertyValue:
    """A property value from a text, a flag or decimal text marked by a leading `#`."""
    if isinstance(plain, bool):
        return PropertyValue(flag=plain)
    text = str(plain)
    return PropertyValue(number=text[1:]) if text.startswith("#") else PropertyValue(text=text)


def make_event(event_type: str, **content: Any) -> Event:
    """An event; amount in minor units, items as (product, category, quantity, amount)."""
    event = Event(type=event_type)
    for name, value in content.items():
        if name == "amount":
            event.amount.minor_units = value
        elif name == "items":
            for product_id, category, quantity, amount in value:
                event.items.append(
                    Item(
                        product_id=product_id,
                        category=category,
                        quantity=quantity,
                        amount_minor_units=amount,
                    )
                )
        elif name == "properties":
            for key, plain in value.items():
                event.properties[key].CopyFrom(value_of(plain))
        else:
            setattr(event, name, value)
    return event


class Customer:
    """A customer created at T0. Rules are named a, b, c... Times are milliseconds after T0."""

    def __init__(
        self,
        *rules: str,
        exponent: int = 0,
        time_zone: str = "Asia/Seoul",
        profile: ProfileSnapshot | None = None,
    ) -> None:
        segments = [
            SegmentRule(chr(ord("a") + index), parse(text)) for index, text in enumerate(rules)
        ]
        self.ruleset = compile_ruleset(segments, time_zone, exponent)
        self.profile = profile or ProfileSnapshot()
        self.state = new_state(self.profile, T0)
        self.count = 0
        self.log: list[EventInput] = []

    def input(self, event_type: str, at_ms: int, **content: Any) -> EventInput:
        """An event under its own key."""
        self.count += 1
        key = self.count.to_bytes(16, "big")
        return EventInput(key, T0 + at_ms, T0 + at_ms, make_event(event_type, **content))

    def take(self, *inputs: Input, until_ms: int | None = None) -> StepResult:
        """Inputs in one step, through the state's encoded form."""
        self.log += [one for one in inputs if isinstance(one, EventInput)]
        state = decode_state(encode_state(self.state))
        result = step(self.ruleset, state, inputs, None if until_ms is None else T0 + until_ms)
        if not result.needs_replay:
            self.state = result.state
        return result

    def does(self, event_type: str, at_ms: int, **content: Any) -> list[Seen]:
        """One event; the changes as (ms after T0, segment, entered)."""
        return seen(self.take(self.input(event_type, at_ms, **content)))

    def waits(self, until_ms: int) -> list[Seen]:
        """Time passes."""
        return seen(self.take(until_ms=until_ms))

    def becomes(self, at_ms: int, **attributes: Any) -> list[Seen]:
        """The profile changes."""
        snapshot = ProfileSnapshot(version=self.state.profile_version + 1, **attributes)
        return seen(self.take(ProfileInput(snapshot, T0 + at_ms)))

    def replayed(self, until_ms: int) -> StepResult:
        """Everything from scratch."""
        log = sorted(self.log, key=lambda one: one.at_ms)
        return replay(self.ruleset, self.profile, T0, log, T0 + until_ms)

    def segments(self) -> set[str]:
        """The segments she is in."""
        return set(self.state.memberships)

    def next_ms(self) -> int | None:
        """The deadline, in milliseconds after T0."""
        deadline_ms = self.state.deadline_ms
        return None if deadline_ms is None else deadline_ms - T0


def seen(result: StepResult) -> list[Seen]:
    """A result's transitions, in order."""
    assert not result.needs_replay
    return [(one.at_ms - T0, one.segment_id, one.entered) for one in result.transitions]
