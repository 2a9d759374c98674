"""A tenant's history: each step is done by the service and by the model, and compared."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from random import Random

from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED, MembershipChange
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_service_kit.tenants import TenantInfo
from segmentation_service.decisions import Delta
from segmentation_service.engine_state import EventInput, Input, ProfileInput
from segmentation_service.service_replay import Reason

from tests.integration.segmentation.machine.model import Model, Told, copied
from tests.integration.segmentation.machine.past import CURRENCY, Past, Person
from tests.integration.segmentation.machine.world import (
    ALL,
    VISIBILITY_MS,
    Held,
    Replica,
    World,
    new_tenant_id,
)
from tests.unit.segmentation.histories import (
    make_content,
    make_offset,
    make_person,
)

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DELTA_MS = 5_000
BACK_MS = (1, 600_000, HOUR_MS)
NAMES = ("ann", "bob", "cho")
ZONES = ("Asia/Seoul", "America/New_York", "America/Havana", "Africa/Cairo")


def told_by(changes: Sequence[MembershipChange]) -> list[Told]:
    """Changes as the model tells them."""
    return [
        (
            one.customer_id,
            (
                one.effective_at.ToMilliseconds(),
                one.segment_id,
                int(one.stint),
                one.kind == CHANGE_KIND_ENTERED,
            ),
        )
        for one in changes
    ]


class History:
    """One tenant's history: what is done to it, and that the service equals the model."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.tenant_id = new_tenant_id()
        self.virtual = random.random() < 0.3
        zone = random.choice(ZONES)
        info = TenantInfo(self.tenant_id, zone, CURRENCY, "ko", self.virtual)
        self.past = Past(info)
        world.pasts.tenants = {self.tenant_id: self.past}
        self.model = Model(self.past, world.clock.now_ms)
        # What was sent, and when by a clock that nobody sets back.
        self.recent: list[tuple[str, EventInput, int]] = []
        # What customers were before their latest change.
        self.former: dict[str, ProfileSnapshot] = {}
        self.set_back_ms = 0
        self.pending: set[str] = set()
        self.replicas: list[Replica] = []
        self.unfinished = False
        self.count = 0

    # Set-up and end

    async def open(self, replicas: list[Replica]) -> None:
        """The tenant's clock is set."""
        self.replicas = replicas
        if self.virtual:
            await self.move(self.model.now_ms)

    async def close(self) -> None:
        """Everything announced is kept, once, and nothing else is."""
        await self.replicas[0].core.drainer.drain(ALL)
        kept = await self.world.kept(self.tenant_id)
        assert sorted(self.model.told) == sorted(kept)
        await self.world.forget(self.tenant_id, list(self.past.people))

    # Time

    async def move(self, now_ms: int) -> None:
        """The tenant's clock moves; nothing fires."""
        self.set_back_ms += max(0, self.model.now_ms - now_ms)
        self.model.now_ms = now_ms
        if self.virtual:
            await self.world.stores.coordination.save_clock(self.tenant_id, now_ms, now_ms + DAY_MS)
        else:
            self.world.clock.now_ms = now_ms

    def lived_ms(self) -> int:
        """Time that really passed: deltas live for seconds, wherever a clock is set."""
        return self.world.clock.now_ms + self.set_back_ms

    def jump_ms(self, random: Random) -> int:
        """By how much a clock is moved on at once; a wall clock may be set back as well."""
        ahead_ms = random.choice((DAY_MS, 30 * DAY_MS, 366 * DAY_MS))
        return ahead_ms if self.virtual or random.random() < 0.7 else -random.choice(BACK_MS)

    def offset(self, name: str | None, random: Random, late: float) -> int:
        """An instant at an edge of the customer's next deadline, or around her present."""
        origin, length_ms = make_offset(random, late)
        now_ms = self.model.now_ms
        if name is not None and name in self.model.present:
            now_ms = self.model.customers[name].now_ms
            deadline_ms = self.model.deadline_ms(name)
            if origin == "deadline" and deadline_ms is not None:
                return deadline_ms + length_ms
        return now_ms + length_ms

    # What is compared

    async def held(self) -> dict[str, Held | None]:
        """What Redis holds of each customer."""
        return await self.world.held(self.tenant_id, sorted(self.past.people), self.virtual)

    async def compare(self) -> None:
        """Every customer: memberships, entered_at, next flips, deadline, index."""
        model, names = self.model, sorted(self.past.people)
        held = await self.held()
        assert model.present == {name for name, one in held.items() if one is not None}
        for name, one in held.items():
            if one is not None:
                self.compare_one(name, one)
        expected = {
            (segment_id, name, at_ms)
            for name in model.present
            for segment_id, (_, at_ms) in model.memberships(name).items()
        }
        segments = {*model.rules, *(change[1] for _, change in model.told)}
        assert expected == await self.world.indexed(self.tenant_id, names, sorted(segments))

    def compare_one(self, name: str, held: Held) -> None:
        """One customer's state."""
        model = self.model
        assert model.memberships(name) == held.state.memberships
        assert model.customers[name].now_ms == held.state.now_ms
        assert model.flips(name) == held.state.flips
        deadline_ms = model.deadline_ms(name)
        assert deadline_ms == held.state.deadline_ms
        if name in model.hidden_until_ms:
            assert model.hidden_until_ms[name] == held.due_ms
        else:
            assert deadline_ms == held.due_ms

    # Events

    def event(self, name: str, random: Random, late: float) -> EventInput:
        """Something happens to a customer. Under wall time nothing is ahead of the clock."""
        content = make_content(random)
        self.count += 1
        content.event_id = str(uuid.UUID(int=random.getrandbits(128)))
        key = hashlib.blake2b(f"{self.count}".encode(), digest_size=16).digest()
        at_ms = self.offset(name, random, late)
        if self.virtual:
            at_ms = min(at_ms, self.model.now_ms + DAY_MS)
        return EventInput(key, at_ms, 0, content)

    async def arrive(
        self,
        replica: Replica,
        random: Random,
        *,
        late: float = 0,
        fate: str = "sent",
        profile: bool = False,
    ) -> None:
        """A batch of events, of one or two customers, new ones among them."""
        names = random.sample(NAMES, random.choice((1, 1, 2)))
        names = [self.resolve(name) for name in names]
        deltas = []
        for name in dict.fromkeys(names):
            events = [
                self.event(name, random, late)
                for _ in range(0 if profile and random.random() < 0.5 else random.choice((1, 1, 2)))
            ]
            deltas.append((name, events))
        if not self.virtual:
            times = [one.at_ms for _, events in deltas for one in events]
            await self.move(max([self.model.now_ms, *times]))
        self.world.clock.now_ms += self.virtual
        await self.send(replica, [self.recorded(*one, random, profile) for one in deltas], fate)

    def chain(self, name: str) -> list[str]:
        """A customer and those into whom she was merged, one after the other."""
        found = [name]
        while name in self.past.people and self.past.people[name].merged_into:
            name = self.past.people[name].merged_into
            found.append(name)
        return found

    def resolve(self, name: str) -> str:
        """Who has the identifier now."""
        return self.chain(name)[-1]

    def recorded(
        self, name: str, events: Sequence[EventInput], random: Random, profile: bool
    ) -> Delta:
        """Profile writes down what happened and tells what it would tell."""
        wall_ms = self.world.clock.now_ms
        events = [EventInput(one.key, one.at_ms, wall_ms, one.event) for one in events]
        created = name not in self.past.people
        times = [one.at_ms for one in events]
        if created:
            snapshot = make_person(random, min([self.model.now_ms, *times]))
            self.past.people[name] = Person(snapshot)
        elif profile:
            self.former[name] = self.past.people[name].snapshot
            self.past.people[name].snapshot = self.other_profile(name, random)
        self.past.record(name, events, wall_ms)
        self.recent += [(name, one, self.lived_ms()) for one in events]
        told = copied(self.past.people[name].snapshot) if created or profile else None
        at_ms = self.model.now_ms if told is not None and not created else 0
        return Delta(name, created, told, events, at_ms)

    def other_profile(self, name: str, random: Random) -> ProfileSnapshot:
        """The customer changes, what she consented to included."""
        held = self.past.people[name].snapshot
        snapshot = make_person(random, held.create_time.ToMilliseconds())
        snapshot.create_time.CopyFrom(held.create_time)
        snapshot.version = held.version + 1
        return snapshot

    async def send(self, replica: Replica, deltas: Sequence[Delta], fate: str = "sent") -> None:
        """Deltas are evaluated, or lost on the way, or come too late."""
        if fate == "lost":
            self.pending |= {delta.customer_id for delta in deltas}
            return
        wall_ms = self.world.clock.now_ms
        intent_ms = wall_ms - DELTA_MS - 1 if fate == "old" else wall_ms
        self.past.asked.clear()
        result = await replica.evaluation.evaluate(self.tenant_id, intent_ms, deltas)
        if fate == "old":
            assert [delta.customer_id for delta in deltas] == result.pending
            self.pending |= set(result.pending)
            return
        assert [] == result.pending
        expected: list[Told] = []
        for delta in deltas:
            expected += self.expect(delta)
        expected += self.replay_asked()
        assert sorted(expected) == sorted(told_by(result.changes))

    def expect(self, delta: Delta) -> list[Told]:
        """What a delta comes to, unless only a replay could tell."""
        name, model = delta.customer_id, self.model
        if not model.rules or name in self.past.asked:
            return []
        if name not in model.present:
            assert delta.created or not any(model.mentions(one.event.type) for one in delta.events)
            return model.begin(name, delta.events) if delta.created else []
        assert name not in model.outdated or not any(
            model.mentions(one.event.type) for one in delta.events
        )
        inputs: list[Input] = list(delta.events)
        if delta.profile is not None:
            at_ms = max(delta.profile_at_ms, model.customers[name].now_ms)
            inputs.append(ProfileInput(delta.profile, at_ms))
        return model.receive(name, inputs)

    async def repeat(self, replica: Replica, random: Random) -> None:
        """Deltas of the last seconds come again, some with a profile that was overtaken."""
        again = [
            (self.resolve(name), one)
            for name, one, lived_ms in self.recent
            if self.lived_ms() - lived_ms <= DELTA_MS
        ]
        deltas = []
        for name in sorted({name for name, _ in again}):
            events = [one for owner, one in again if owner == name]
            former = self.former.get(name) if random.random() < 0.5 else None
            at_ms = self.model.now_ms if former is not None else 0
            deltas.append(Delta(name, False, former and copied(former), events, at_ms))
        if deltas:
            await self.send(replica, deltas)
        else:
            await self.arrive(replica, random, fate="sent")
            await self.repeat(replica, random)

    # Replays

    def replay_asked(self) -> list[Told]:
        """The model's replays of those whose history the service asked for."""
        asked = [name for name in dict.fromkeys(self.past.asked) if name in self.past.people]
        self.past.asked.clear()
        self.pending -= set(asked)
        return [told for name in asked for told in self.model.replay(name)]

    async def relay(self, replica: Replica, names: Sequence[str]) -> None:
        """Profile has customers replayed; those into whom they were merged come along."""
        self.past.asked.clear()
        result = await replica.core.replayer.replay(self.tenant_id, names, Reason("EVENT"))
        assert [] == result.pending
        expected = {one for name in names for one in self.chain(name)}
        assert expected == set(self.past.asked)
        assert sorted(self.replay_asked()) == sorted(told_by(result.changes))

    async def merge(self, replica: Replica, random: Random) -> None:
        """Two customers turn out to be one; the replay comes at once, or later."""
        living = self.past.living()
        if len(living) < 2:
            await self.arrive(replica, random)
            return
        source, target = random.sample(sorted(living), 2)
        self.past.merge(source, target, self.world.clock.now_ms)
        if random.random() < 0.3:
            self.pending |= {source, target}
        else:
            await self.relay(replica, [source])

    # Time passing

    async def tick(self, replica: Replica) -> None:
        """What is due fires."""
        self.past.asked.clear()
        before = len(self.model.told)
        if self.virtual:
            await replica.virtual.fire_until(self.tenant_id, self.model.now_ms)
        else:
            while await replica.ticker.tick():
                pass
        # Whoever is due fires first; then others are replayed, with those into whom they were
        # merged, who may have fired a moment ago.
        self.model.advance_all()
        self.replay_asked()
        assert before <= len(self.model.told)

    async def taken_and_dropped(self) -> None:
        """A replica takes what is due and dies."""
        if self.virtual:
            return
        taken = await self.world.redis.take_due(
            self.replicas[0].core.gate.epochs,
            16,
            visibility_ms=VISIBILITY_MS,
            now_ms=self.model.now_ms,
        )
        for _, names in taken.values():
            for name in names:
                customer_id = name.partition(" ")[2]
                self.model.hidden_until_ms[customer_id] = self.model.now_ms + VISIBILITY_MS
