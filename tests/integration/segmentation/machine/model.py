"""What must be so: an oracle for each customer of a tenant, and everything announced so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import tree
from dangol_rules.rules import nodes
from segmentation_service.engine_state import Input, ProfileInput

from tests.integration.segmentation.machine.past import EXPONENT, Past
from tests.unit.segmentation.announcer import Announcer
from tests.unit.segmentation.oracle import Change, Oracle

Told = tuple[str, Change]


def copied(snapshot: ProfileSnapshot) -> ProfileSnapshot:
    """A snapshot of its own."""
    copy = ProfileSnapshot()
    copy.CopyFrom(snapshot)
    return copy


@dataclass
class Model:
    """One tenant. now_ms is its clock; live_since_ms: since when each segment is as it is."""

    past: Past
    now_ms: int
    rules: Mapping[str, tree.Rule] = field(default_factory=dict)
    live_since_ms: dict[str, int] = field(default_factory=dict)
    customers: dict[str, Announcer] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    # Customers who have a state, and those of them whose state rests on older rules.
    present: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)
    # Until when a customer's deadline is out of sight, taken by a replica that died.
    hidden_until_ms: dict[str, int] = field(default_factory=dict)
    _mentioned: tuple[object, frozenset[str]] = (None, frozenset())
    _flips: dict[str, tuple[object, list[int]]] = field(default_factory=dict)

    def customer(self, name: str) -> Announcer:
        """Her oracle, a new one if she is new."""
        if name not in self.customers:
            person = self.past.people[name]
            oracle = Oracle(
                self.rules, EXPONENT, copied(person.snapshot), zone=self.past.info.time_zone
            )
            self.customers[name] = Announcer(oracle, person.snapshot.create_time.ToMilliseconds())
        return self.customers[name]

    def mentions(self, event_type: str) -> bool:
        """Whether any rule mentions an event type."""
        if self._mentioned[0] is not self.rules:
            events = {
                node.event
                for rule in self.rules.values()
                for node in nodes(rule)
                if isinstance(node, tree.Events)
            }
            self._mentioned = self.rules, frozenset(events)
        return event_type in self._mentioned[1]

    def begin(self, name: str, inputs: Sequence[Input]) -> list[Told]:
        """A customer whom profile created with these events."""
        changes = self.customer(name).begin(inputs)
        return self.tell(name, changes)

    def receive(self, name: str, inputs: Sequence[Input]) -> list[Told]:
        """Events and a profile arrive."""
        if all(
            not isinstance(one, ProfileInput) and not self.mentions(one.event.type)
            for one in inputs
        ):
            return []
        return self.tell(name, self.customer(name).receive(inputs))

    def advance(self, name: str) -> list[Told]:
        """Time passes."""
        return self.tell(name, self.customers[name].advance(self.now_ms))

    def advance_all(self) -> list[Told]:
        """Time passes for all whose deadlines are in sight."""
        return [
            told
            for name in sorted(self.present - self.outdated)
            if self.hidden_until_ms.get(name, 0) <= self.now_ms
            for told in self.advance(name)
        ]

    def replay(self, name: str) -> list[Told]:
        """A customer is computed from all that profile has of her."""
        if name not in self.past.people:
            return []
        person, customer = self.past.people[name], self.customer(name)
        if person.merged_into:
            self.present.discard(name)
            self.outdated.discard(name)
            self.hidden_until_ms.pop(name, None)
            return self.tell(name, customer.leave(sorted(customer.last), self.now_ms), stays=False)
        customer.oracle.rules = self.rules
        customer.oracle.profile = copied(person.snapshot)
        told_ms = [at_ms for at_ms, *_ in customer.last.values()]
        as_of_ms = max([self.now_ms, *(one.at_ms for one in person.events), *told_ms])
        gone = [segment_id for segment_id in sorted(customer.last) if segment_id not in self.rules]
        changes = customer.leave(gone, as_of_ms)
        created_ms = person.snapshot.create_time.ToMilliseconds()
        changes += customer.replay(person.events, created_ms, as_of_ms, self.live_since_ms)
        self.outdated.discard(name)
        return self.tell(name, changes)

    def tell(self, name: str, changes: Sequence[Change], stays: bool = True) -> list[Told]:
        """Announces changes of a customer whose state was written."""
        if stays:
            self.present.add(name)
            self.hidden_until_ms.pop(name, None)
        told = [(name, change) for change in changes]
        self.told += told
        return told

    def change_rules(
        self, rules: Mapping[str, tree.Rule], changed: str, live_ms: int | None
    ) -> None:
        """From now on other rules hold; states rest on the older ones until they are touched."""
        self.rules = dict(sorted(rules.items()))
        if live_ms is None:
            del self.live_since_ms[changed]
        else:
            self.live_since_ms[changed] = live_ms
        self.outdated |= self.present

    def lose(self, kept: set[Told]) -> None:
        """All states are lost, and what was announced but not kept."""
        assert kept <= set(self.told)
        self.told = [told for told in self.told if told in kept]
        for name, customer in self.customers.items():
            customer.last = {}
            for _, change in (told for told in self.told if told[0] == name):
                customer.last[change[1]] = change
        self.present.clear()
        self.outdated.clear()
        self.hidden_until_ms.clear()

    def flips(self, name: str) -> list[int]:
        """When each rule changes by itself, 0 for never, in order of the segments' ids."""
        customer = self.customers[name]
        oracle = customer.oracle
        # The rules themselves, not their id(): other rules may come to lie where these lay.
        key = oracle.rules, len(oracle.log), customer.now_ms, oracle.profile.SerializeToString()
        if name not in self._flips or self._flips[name][0] != key:
            flips = [oracle.next_flip(rule, customer.now_ms) for rule in oracle.rules.values()]
            self._flips[name] = key, flips
        return self._flips[name][1]

    def deadline_ms(self, name: str) -> int | None:
        """When she changes by herself."""
        return min(filter(None, self.flips(name)), default=None)

    def memberships(self, name: str) -> dict[str, tuple[int, int]]:
        """By segment (stint, entered_at_ms)."""
        customer = self.customers[name]
        return {
            segment_id: (stint, at_ms)
            for segment_id, (at_ms, _, stint, entered) in customer.last.items()
            if entered and segment_id in customer.oracle.rules
        }
