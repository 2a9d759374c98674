"""What is announced of one customer: the oracle's truth, told in the order in which it is learned.

Two ways lead to news. Inputs arrive: changes in time at their instants, late ones as of now. Or the
customer is replayed: where the log agrees with what was announced last, every later change at its
instant, and where it does not, only the difference as of now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dangol_rules import tree
from segmentation_service.engine_state import EventInput, Input, ProfileInput

from tests.unit.segmentation.oracle import Change, Oracle, literal

NOTHING: Change = (0, "", 0, False)


@dataclass
class Announcer:
    """What is announced when inputs arrive in any order: changes in time, then as of now."""

    oracle: Oracle
    start_ms: int
    now_ms: int = 0
    profile_ms: int = 0
    last: dict[str, Change] = field(default_factory=dict)
    begun: bool = False

    def reads(self, segment_id: str) -> dict[str, Any]:
        """The profile attributes that a rule reads, with what it sees of them."""
        seen: dict[str, Any] = {}
        for node in self.oracle.resolved(self.oracle.rules[segment_id]):
            if isinstance(node, tree.HasTag):
                seen["tag " + node.tag] = node.tag in self.oracle.profile.tags
            elif isinstance(node, tree.Compare | tree.OneOf | tree.Holds):
                term = node.left if isinstance(node, tree.Compare) else node.term
                if isinstance(term, tree.Profile | tree.Consent):
                    seen[f"{type(term)} {term.name}"] = self.oracle.attribute(term)
                elif isinstance(term, tree.Field):
                    kind = self.field_kind(node)
                    value = self.oracle.attribute(term)
                    seen[f"{kind} {term.name}"] = value if isinstance(value, kind) else None
            elif isinstance(node, tree.BirthdayWithin | tree.AnniversaryWithin):
                seen[str(type(node))] = self.yearly_seen(node)
        return seen

    def yearly_seen(self, node: Any) -> Any:
        """What a rule sees of a yearly day."""
        if isinstance(node, tree.BirthdayWithin):
            return self.oracle.profile.birthday
        return self.oracle.profile.create_time.ToMilliseconds()

    @staticmethod
    def field_kind(node: Any) -> type:
        """Of which type a comparison takes a field to be."""
        if isinstance(node, tree.Compare):
            return type(literal(node.right))
        return str if isinstance(node, tree.OneOf) else bool

    def change(self, segment_id: str, at_ms: int) -> Change:
        """Records that a segment was entered or left."""
        _, _, stint, entered = self.last.get(segment_id, NOTHING)
        self.last[segment_id] = (at_ms, segment_id, stint + (not entered), not entered)
        return self.last[segment_id]

    def differing(self) -> list[str]:
        """The segments whose truth now is not what was announced."""
        return [
            segment_id
            for segment_id, rule in self.oracle.rules.items()
            if self.oracle.holds(rule, self.now_ms) != self.last.get(segment_id, NOTHING)[3]
        ]

    def begin(self, inputs: Sequence[Input]) -> list[Change]:
        """The customer comes to exist, at creation or the first event."""
        self.begun = True
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
                if one.snapshot.version < self.oracle.profile.version:
                    continue
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
            at_ms
            for rule in self.oracle.rules.values()
            for at_ms in self.oracle.instants(rule, self.now_ms, until_ms)
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

    def replay(
        self,
        log: Sequence[EventInput],
        created_ms: int,
        as_of_ms: int,
        live_since_ms: Mapping[str, int],
    ) -> list[Change]:
        """Everything from scratch: the whole log under the profile and the rules as they are."""
        self.begun = True
        oracle = self.oracle
        oracle.log[:] = log
        oracle.forget()
        times = [one.at_ms for one in log]
        told = [at_ms for at_ms, *_ in self.last.values()]
        as_of_ms = max([as_of_ms, *times, *told])
        self.start_ms = self.profile_ms = min([created_ms, *times])
        self.now_ms = max([self.start_ms, *times])
        changes: list[Change] = []
        for segment_id in sorted(oracle.rules):
            timeline = oracle.timeline(segment_id, self.start_ms, as_of_ms)
            self.now_ms = max([self.now_ms, *(at_ms for at_ms, *_ in timeline)])
            changes += self.make_good(segment_id, timeline, live_since_ms[segment_id], as_of_ms)
        return sorted(changes)

    def make_good(
        self, segment_id: str, timeline: Sequence[Change], live_ms: int, as_of_ms: int
    ) -> list[Change]:
        """What is still to be announced of a segment whose whole timeline is known."""
        told_ms, _, _, member = self.last.get(segment_id, NOTHING)
        base_ms = max(live_ms, told_ms)
        agrees = ([False] + [entered for at_ms, _, _, entered in timeline if at_ms <= base_ms])[-1]
        if agrees == member:
            return [self.change(segment_id, at_ms) for at_ms, *_ in timeline if at_ms > base_ms]
        if ([False] + [entered for *_, entered in timeline])[-1] == member:
            return []
        at_ms = timeline[-1][0] if timeline else as_of_ms
        return [self.change(segment_id, max(at_ms, told_ms))]

    def leave(self, segment_ids: Sequence[str], as_of_ms: int) -> list[Change]:
        """Segments that are no more, or all of a customer who is no more."""
        return [
            self.change(segment_id, max(as_of_ms, self.last[segment_id][0]))
            for segment_id in segment_ids
            if self.last.get(segment_id, NOTHING)[3]
        ]
