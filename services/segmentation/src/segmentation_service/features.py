"""Which features must be kept follows from the rules; rules share them.

A feature is what the engine keeps of one customer's events so that rules can be answered without
the log. In a state it is plain data at the feature's index:

    Times    sorted list of times; the newest `forever` whatever their age, and of those inside
             `horizon_ms` the newest `recent`
    First    list with the oldest time
    Pairs    [times, values], all inside the horizon
    Totals   [sum, count, least, greatest, newest time], over all time
    Newest   {value: its newest time}, kept as Times keeps times
    Open     {key: [newest asked, newest answer]}, inside the horizon, at most MAX_KEYS keys

What is kept is always the newest part of what happened, so a feature knows a floor: everything
after the floor is kept. GRACE_MS more than the rules need is kept for events that come late.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Literal

import msgspec
from dangol_rules import tree
from dangol_rules.error import HOUR_MS
from dangol_rules.format import format_events

from segmentation_service.engine_state import State

GRACE_MS = HOUR_MS
MAX_KEYS = 64
ALL = 1 << 30
NEVER = 1 << 62
ALWAYS = -NEVER
NONE_MS = -1


class Times(msgspec.Struct):
    """When such events happened."""

    index: int
    events: tree.Events
    forever: int = 0
    recent: int = 0
    horizon_ms: int = 0

    def need(self, forever: int = 0, recent: int = 0, horizon_ms: int = 0) -> int:
        """Keeps at least this much; returns the index."""
        self.forever = max(self.forever, forever)
        self.recent = max(self.recent, recent)
        self.horizon_ms = max(self.horizon_ms, horizon_ms)
        return self.index

    def floor_ms(self, state: State) -> int:
        """Every time after this is kept; ALWAYS when nothing was ever dropped."""
        times = state.features[self.index]
        if len(times) < self.forever:
            return ALWAYS
        if len(times) >= max(self.forever, self.recent):
            floor_ms: int = times[0] if times else ALWAYS
        else:
            floor_ms = state.now_ms - self.horizon_ms - GRACE_MS
        return floor_ms if floor_ms >= state.start_ms else ALWAYS

    def instants(self, feature: list[int]) -> list[int]:
        """The times at which this feature changed."""
        return feature


class First(msgspec.Struct):
    """When the first such event happened."""

    index: int
    events: tree.Events

    def instants(self, feature: list[int]) -> list[int]:
        """The times at which this feature changed."""
        return feature


class Pairs(msgspec.Struct):
    """Values of a property, its texts or its numbers, with their times."""

    index: int
    events: tree.Events
    property: str
    kind: str
    horizon_ms: int = 0

    def need(self, horizon_ms: int) -> int:
        """Keeps at least this much; returns the index."""
        self.horizon_ms = max(self.horizon_ms, horizon_ms)
        return self.index

    def floor_ms(self, state: State) -> int:
        """Every value after this is kept."""
        return horizon_floor_ms(state, self.horizon_ms)

    def instants(self, feature: list[list[Any]]) -> list[int]:
        """The times at which this feature changed."""
        return feature[0]


class Totals(msgspec.Struct):
    """Sum, count, least and greatest value of a property over all time."""

    index: int
    events: tree.Events
    property: str

    def instants(self, feature: list[Any]) -> list[int]:
        """The times at which this feature changed, as far as known."""
        return feature[4:] if feature else []


class Newest(msgspec.Struct):
    """The different values of a property, each with its newest time."""

    index: int
    events: tree.Events
    property: str
    forever: int = 0
    recent: int = 0
    horizon_ms: int = 0

    def need(self, forever: int = 0, recent: int = 0, horizon_ms: int = 0) -> int:
        """Keeps at least this much; returns the index."""
        self.forever = max(self.forever, forever)
        self.recent = max(self.recent, recent)
        self.horizon_ms = max(self.horizon_ms, horizon_ms)
        return self.index

    def floor_ms(self, state: State) -> int:
        """Every value seen after this is kept, or as many as any rule asks for."""
        if not self.horizon_ms:
            return ALWAYS
        return horizon_floor_ms(state, self.horizon_ms)

    def instants(self, feature: dict[Any, int]) -> list[int]:
        """The times at which this feature changed, as far as known."""
        return list(feature.values())


class Open(msgspec.Struct):
    """Keys of asked events and whether they were answered."""

    index: int
    asked: tree.Events
    answer: tree.Events
    key: str
    horizon_ms: int = 0

    def need(self, horizon_ms: int) -> int:
        """Keeps at least this much; returns the index."""
        self.horizon_ms = max(self.horizon_ms, horizon_ms)
        return self.index

    def instants(self, feature: dict[Any, list[int]]) -> list[int]:
        """The times at which this feature changed, as far as known."""
        return [at_ms for pair in feature.values() for at_ms in pair if at_ms > NONE_MS]


Feature = Times | First | Pairs | Totals | Newest | Open


def horizon_floor_ms(state: State, horizon_ms: int) -> int:
    """Until when features of this horizon may have forgotten something."""
    floor_ms = state.now_ms - horizon_ms - GRACE_MS
    return floor_ms if floor_ms >= state.start_ms else ALWAYS


def count_until(times: list[int], now_ms: int) -> int:
    """How many of the sorted times are at or before now_ms."""
    if not times or times[-1] <= now_ms:
        return len(times)
    return bisect_right(times, now_ms)


class Registry:
    """Collects the features of a ruleset; the same need of two rules is one feature."""

    def __init__(self) -> None:
        self.features: list[Feature] = []
        self._by_key: dict[tuple[Any, ...], Feature] = {}

    def times(self, events: tree.Events) -> Times:
        """The times of such events."""
        return self._shared(Times, events)  # type: ignore[no-any-return]

    def first(self, events: tree.Events) -> First:
        """The first such event."""
        return self._shared(First, events)  # type: ignore[no-any-return]

    def pairs(self, events: tree.Events, name: str, kind: Literal["texts", "numbers"]) -> Pairs:
        """Timed values."""
        return self._shared(Pairs, events, name, kind)  # type: ignore[no-any-return]

    def totals(self, events: tree.Events, name: str) -> Totals:
        """Totals of all time."""
        return self._shared(Totals, events, name)  # type: ignore[no-any-return]

    def newest(self, events: tree.Events, name: str) -> Newest:
        """Different values."""
        return self._shared(Newest, events, name)  # type: ignore[no-any-return]

    def open(self, asked: tree.Events, answer: tree.Events, key: str) -> Open:
        """Open keys."""
        return self._shared(Open, asked, answer, key)  # type: ignore[no-any-return]

    def _shared(self, kind: Any, *parts: Any) -> Any:
        texts = [format_events(one) if isinstance(one, tree.Events) else one for one in parts]
        key = (kind, *texts)
        if key not in self._by_key:
            feature = kind(len(self.features), *parts)
            self.features.append(feature)
            self._by_key[key] = feature
        return self._by_key[key]
