"""The oracle: what a rule means, evaluated slowly and obviously over the whole log.

Written against section 6 of the design alone; it shares nothing with the engine but the tree.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from segmentation_service import rules_tree as tree
from segmentation_service.engine_state import EventInput, Input, ProfileInput
from segmentation_service.rules import nodes

COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CHANNELS = {0: None, 1: "web", 2: "app", 3: "store", 4: "call"}

Change = tuple[int, str, int, bool]


def property_of(event: Any, name: str, exponent: int) -> Any:  # noqa: PLR0911
    """A property of an event as a text, a fraction in major units, a flag, or None."""
    if name == "amount":
        if not event.HasField("amount"):
            return None
        return Fraction(event.amount.minor_units, 10**exponent)
    if name == "rating":
        return Fraction(event.rating) if event.rating else None
    if name == "channel":
        return CHANNELS[event.channel]
    if name.startswith("properties."):
        value = event.properties.get(name.removeprefix("properties."))
        if value is None or value.WhichOneof("kind") is None:
            return None
        if value.WhichOneof("kind") == "number":
            return Fraction(value.number)
        return getattr(value, value.WhichOneof("kind"))
    return getattr(event, name) or None


def item_property(item: Any, name: str, exponent: int) -> Any:
    """A property of an item."""
    short = name.removeprefix("item.")
    if short in ("amount", "unit_price"):
        return Fraction(getattr(item, short + "_minor_units"), 10**exponent)
    if short == "quantity":
        return Fraction(item.quantity)
    return getattr(item, short) or None


def values_of(event: Any, name: str, exponent: int) -> list[Any]:
    """Every value that an event has of a property."""
    if name.startswith("item."):
        found = [item_property(item, name, exponent) for item in event.items]
    else:
        found = [property_of(event, name, exponent)]
    return [value for value in found if value is not None]


def compares(left: Any, comparator: str, right: Any) -> bool:
    """A comparison, false for what does not exist or is of another kind."""
    kinds = (bool, str, Fraction)
    if left is None or right is None:
        return False
    if [isinstance(left, kind) for kind in kinds] != [isinstance(right, kind) for kind in kinds]:
        return False
    return bool(COMPARE[comparator](left, right))


def literal(node: Any) -> Any:
    """A literal's value."""
    if isinstance(node, tree.Number):
        return Fraction(node.value)
    return Fraction(node.duration_ms) if isinstance(node, tree.Span) else node.value


@dataclass
class Oracle:
    """All rules of one tenant and one customer's log and profile."""

    rules: Mapping[str, tree.Rule]
    exponent: int
    profile: ProfileSnapshot
    log: list[EventInput] = field(default_factory=list)

    def predicate(self, rule: Any, source: Any, of_item: bool = False) -> bool:  # noqa: PLR0911
        """Whether a where clause holds for an event, or the inside of `any` for an item."""
        read = item_property if of_item else property_of
        if isinstance(rule, tree.And):
            return all(self.predicate(part, source, of_item) for part in rule.parts)
        if isinstance(rule, tree.Or):
            return any(self.predicate(part, source, of_item) for part in rule.parts)
        if isinstance(rule, tree.Not):
            return not self.predicate(rule.part, source, of_item)
        if isinstance(rule, tree.AnyItem):
            return any(self.predicate(rule.predicate, item, True) for item in source.items)
        if isinstance(rule, tree.Holds):
            return read(source, rule.term.name, self.exponent) is True
        if isinstance(rule, tree.OneOf):
            return read(source, rule.term.name, self.exponent) in rule.values
        value = read(source, rule.left.name, self.exponent)
        return compares(value, rule.comparator, literal(rule.right))

    def matching(self, events: tree.Events, now_ms: int) -> list[EventInput]:
        """The events of a selector that have happened by now."""
        return [
            one
            for one in self.log
            if one.at_ms <= now_ms
            and one.event.type == events.event
            and (events.where is None or self.predicate(events.where, one.event))
        ]

    def inside(self, term: Any, now_ms: int) -> list[EventInput]:
        """The events in a measure's window."""
        window = term.window
        return [
            one
            for one in self.matching(term.events, now_ms)
            if window is None or one.at_ms + window.newer_ms <= now_ms < one.at_ms + window.older_ms
        ]

    def value(self, term: Any, now_ms: int) -> Any:  # noqa: PLR0911
        """What a term comes to; None when it does not exist."""
        if isinstance(term, tree.Count):
            return Fraction(len(self.inside(term, now_ms)))
        if isinstance(term, tree.Distinct | tree.Aggregate):
            found = [
                value
                for one in self.inside(term, now_ms)
                for value in values_of(one.event, term.property, self.exponent)
            ]
            if isinstance(term, tree.Distinct):
                return Fraction(len({value for value in found if isinstance(value, str)}))
            numbers = [value for value in found if isinstance(value, Fraction)]
            if term.function == "sum":
                return Fraction(sum(numbers))
            if not numbers:
                return None
            if term.function == "avg":
                return Fraction(sum(numbers)) / len(numbers)
            return min(numbers) if term.function == "min" else max(numbers)
        if isinstance(term, tree.First | tree.Last):
            times = [one.at_ms for one in self.matching(term.events, now_ms)]
            if not times:
                return None
            return Fraction(min(times) if isinstance(term, tree.First) else max(times))
        if isinstance(term, tree.Since):
            instant = self.value(term.instant, now_ms)
            return None if instant is None else now_ms - instant
        return self.attribute(term)

    def attribute(self, term: Any) -> Any:
        """A profile attribute or custom field."""
        if isinstance(term, tree.Profile):
            value = getattr(self.profile, term.name)
            return value if isinstance(value, bool) else value or None
        known = self.profile.fields.get(term.name)
        if known is None or known.WhichOneof("kind") is None:
            return None
        kind = known.WhichOneof("kind")
        return Fraction(known.number) if kind == "number" else getattr(known, kind)

    def unanswered(self, rule: tree.Unanswered, now_ms: int) -> bool:
        """Each key judged by itself."""
        asked: dict[str, int] = {}
        answered: dict[str, int] = {}
        for events, newest in ((rule.asked, asked), (rule.answer, answered)):
            for one in self.matching(events, now_ms):
                for key in values_of(one.event, rule.key, self.exponent):
                    if isinstance(key, str):
                        newest[key] = max(newest.get(key, one.at_ms), one.at_ms)
        return any(
            at_ms + rule.after_ms <= now_ms < at_ms + rule.until_ms
            and not (key in answered and answered[key] >= at_ms)
            for key, at_ms in asked.items()
        )

    def holds(self, rule: Any, now_ms: int) -> bool:  # noqa: PLR0911
        """Whether a rule holds at an instant."""
        if isinstance(rule, tree.And):
            return all(self.holds(part, now_ms) for part in rule.parts)
        if isinstance(rule, tree.Or):
            return any(self.holds(part, now_ms) for part in rule.parts)
        if isinstance(rule, tree.Not):
            return not self.holds(rule.part, now_ms)
        if isinstance(rule, tree.InSegment):
            return self.holds(self.rules[rule.segment_id], now_ms)
        if isinstance(rule, tree.Unanswered):
            return self.unanswered(rule, now_ms)
        if isinstance(rule, tree.HasTag):
            return rule.tag in self.profile.tags
        if isinstance(rule, tree.Holds):
            return self.attribute(rule.term) is True
        if isinstance(rule, tree.OneOf):
            return self.attribute(rule.term) in rule.values
        left = self.value(rule.left, now_ms)
        if isinstance(rule.right, tree.Number | tree.Text | tree.Flag | tree.Span):
            return compares(left, rule.comparator, literal(rule.right))
        return compares(left, rule.comparator, self.value(rule.right, now_ms))

    def resolved(self, rule: Any) -> list[Any]:
        """The nodes of a rule and of the segments that it refers to."""
        found = list(nodes(rule))
        for node in list(found):
            if isinstance(node, tree.InSegment):
                found += self.resolved(self.rules[node.segment_id])
        return found

    def instants(self, rule: Any) -> list[int]:
        """Every instant at which the rule's truth may change, in order."""
        lengths = {0}
        for node in self.resolved(rule):
            if isinstance(node, tree.Window):
                lengths |= {node.older_ms, node.newer_ms}
            elif isinstance(node, tree.Span):
                lengths |= {node.duration_ms, node.duration_ms + 1}
            elif isinstance(node, tree.Unanswered):
                lengths |= {node.after_ms, node.until_ms}
        return sorted({one.at_ms + length for one in self.log for length in lengths})

    def next_flip(self, rule: Any, now_ms: int) -> int:
        """The first instant after now at which the truth differs; 0: never."""
        value = self.holds(rule, now_ms)
        for at_ms in self.instants(rule):
            if at_ms > now_ms and self.holds(rule, at_ms) != value:
                return at_ms
        return 0

    def since(self, rule: Any, from_ms: int, now_ms: int) -> int:
        """Since when, not before from_ms, the rule has had the truth it has now."""
        value = self.holds(rule, now_ms)
        since_ms, last = from_ms, self.holds(rule, from_ms)
        for at_ms in self.instants(rule):
            if from_ms < at_ms <= now_ms:
                truth = self.holds(rule, at_ms)
                if truth != last:
                    since_ms, last = at_ms, truth
        assert last == value
        return since_ms

    def timeline(self, segment_id: str, from_ms: int, until_ms: int) -> list[Change]:
        """Every change of a segment as (at_ms, segment, stint, entered), from scratch."""
        rule, member, stint, changes = self.rules[segment_id], False, 0, []
        for at_ms in [from_ms, *self.instants(rule)]:
            if from_ms <= at_ms <= until_ms and self.holds(rule, at_ms) != member:
                member = not member
                stint += member
                changes.append((at_ms, segment_id, stint, member))
        return changes


@dataclass
class Announcer:
    """What is announced when inputs arrive in any order: changes in time, then as of now."""

    oracle: Oracle
    start_ms: int
    now_ms: int = 0
    profile_ms: int = 0
    last: dict[str, Change] = field(default_factory=dict)

    def reads(self, segment_id: str) -> dict[str, Any]:
        """The profile attributes that a rule reads, with what it sees of them."""
        seen: dict[str, Any] = {}
        for node in self.oracle.resolved(self.oracle.rules[segment_id]):
            if isinstance(node, tree.HasTag):
                seen["tag " + node.tag] = node.tag in self.oracle.profile.tags
            elif isinstance(node, tree.Compare | tree.OneOf | tree.Holds):
                term = node.left if isinstance(node, tree.Compare) else node.term
                if isinstance(term, tree.Profile):
                    seen[term.name] = self.oracle.attribute(term)
                elif isinstance(term, tree.Field):
                    kind = self.field_kind(node)
                    value = self.oracle.attribute(term)
                    seen[f"{kind} {term.name}"] = value if isinstance(value, kind) else None
        return seen

    @staticmethod
    def field_kind(node: Any) -> type:
        """Of which type a comparison takes a field to be."""
        if isinstance(node, tree.Compare):
            return type(literal(node.right))
        return str if isinstance(node, tree.OneOf) else bool

    def change(self, segment_id: str, at_ms: int) -> Change:
        """Records that a segment was entered or left."""
        _, _, stint, entered = self.last.get(segment_id, (0, "", 0, False))
        self.last[segment_id] = (at_ms, segment_id, stint + (not entered), not entered)
        return self.last[segment_id]

    def differing(self) -> list[str]:
        """The segments whose truth now is not what was announced."""
        return [
            segment_id
            for segment_id, rule in self.oracle.rules.items()
            if self.oracle.holds(rule, self.now_ms)
            != self.last.get(segment_id, (0, "", 0, False))[3]
        ]

    def begin(self, inputs: Sequence[Input]) -> list[Change]:
        """The customer comes to exist, at creation or the first event."""
        self.start_ms = min([self.start_ms, *(one.at_ms for one in inputs)])
        self.now_ms = self.profile_ms = self.start_ms
        first = [one for one in inputs if one.at_ms == self.start_ms]
        self.take(first)
        changes = [self.change(segment_id, self.now_ms) for segment_id in self.differing()]
        return changes + self.receive([one for one in inputs if one.at_ms > self.start_ms])

    def take(self, inputs: Sequence[Input]) -> None:
        """Adds inputs to what is known."""
        known = {one.key for one in self.oracle.log}
        for one in inputs:
            if isinstance(one, ProfileInput):
                before = [self.reads(segment_id) for segment_id in self.oracle.rules]
                self.oracle.profile = one.snapshot
                if before != [self.reads(segment_id) for segment_id in self.oracle.rules]:
                    self.profile_ms = self.now_ms
            elif one.key not in known:
                known.add(one.key)
                self.oracle.log.append(one)
                if self.read_at_all(one):
                    self.start_ms = min(self.start_ms, one.at_ms)

    def read_at_all(self, one: EventInput) -> bool:
        """Whether any rule mentions the event's type."""
        return any(
            isinstance(node, tree.Events) and node.event == one.event.type
            for rule in self.oracle.rules.values()
            for node in self.oracle.resolved(rule)
        )

    def advance(self, until_ms: int) -> list[Change]:
        """Time passes."""
        changes = []
        instants = {
            at_ms for rule in self.oracle.rules.values() for at_ms in self.oracle.instants(rule)
        }
        for at_ms in sorted(instants):
            if self.now_ms < at_ms <= until_ms:
                before, self.now_ms = self.now_ms, at_ms
                differing = self.differing()
                if not differing:
                    self.now_ms = before
                changes += [self.change(segment_id, at_ms) for segment_id in differing]
        return changes

    def receive(self, inputs: Sequence[Input]) -> list[Change]:
        """Inputs arrive: late ones are judged as of now, the others in order of time."""
        changes: list[Change] = []
        waiting = sorted(inputs, key=lambda one: one.at_ms)
        while waiting:
            from_ms = waiting[0].at_ms
            if from_ms > self.now_ms:
                changes += self.advance(from_ms - 1)
                self.now_ms = from_ms
            group = [one for one in waiting if one.at_ms <= self.now_ms]
            waiting = waiting[len(group) :]
            self.take(group)
            for segment_id in self.differing():
                changes.append(self.change(segment_id, self.held_since(segment_id, from_ms)))
        return changes

    def held_since(self, segment_id: str, from_ms: int) -> int:
        """Since when a segment's truth is what it is now, as far as it may be announced."""
        bounds = [from_ms, self.start_ms, self.last.get(segment_id, (0,))[0]]
        if self.reads(segment_id):
            bounds.append(self.profile_ms)
        bound_ms = max(bounds)
        if bound_ms >= self.now_ms:
            return self.now_ms
        return self.oracle.since(self.oracle.rules[segment_id], bound_ms, self.now_ms)
