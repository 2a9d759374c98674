"""One random history of one tenant: what is done, what may fail, and what is then compared."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from dangol.events.v1.event_pb2 import Event
from profile_service.domain import AnsweredRequest, Attributes, Tenant, Update, UpdateOutcome
from profile_service.erasure import Part
from profile_service.identify import IdentifyOutcome
from profile_service.sealing import Vault
from profile_service.service_segmentation import Segmentation
from profile_service.store import StoreUnavailableError
from profile_service.timelines import TimelineQuery

from tests.integration.profile.machine.faulty import Fate, KilledError
from tests.integration.profile.machine.model import Model, Name, Sent, recount
from tests.integration.profile.machine.replica import Replica, Wall

NAMES: tuple[Name, ...] = (
    ("member", "ann"),
    ("member", "ben"),
    ("device", "phone"),
    ("device", "laptop"),
    ("pos_card", "card"),
    ("email", "ann@example.com"),
)
HOUR_MS = 3_600_000
START_MS = 1_700_000_000_000
_PAGE = 3
_PATIENCE = 5

Step = Callable[[Replica], Awaitable[None]]


@dataclass
class World:
    """What all histories share: real stores, keys, and segmentation's stand-in."""

    database: Any
    vault: Vault
    segmentation: Segmentation
    struck: int = 0
    histories: int = 0


class History:
    """A tenant under virtual time, its model, and the steps that were broken off."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.histories += 1
        self._tenant = f"t{world.histories}"
        self._wall = Wall(START_MS)
        self._horizon_ms = START_MS
        self.model = Model()
        self._pending: list[Step] = []
        self._sent: list[Sent] = []
        self._unsure: set[tuple[Name, str]] = set()
        self._made = 0
        self._replica = self._start()

    def _start(self) -> Replica:
        world = self._world
        return Replica(world.database, world.vault, world.segmentation, self._wall)

    async def open(self) -> None:
        """The tenant."""
        times = {"now_ms": START_MS, "horizon_ms": START_MS}
        first = {"first_now_ms": START_MS, "first_horizon_ms": START_MS}
        tenant = Tenant(
            self._tenant, "Shop", "Asia/Seoul", "KRW", "ko", True, START_MS, **first, **times
        )
        await self._replica.tenants.insert(tenant)

    async def do(self, step: Step, random: Random, *, later: bool = True) -> None:
        """A step, which may meet a failure; then it is done again, at once or later, as clients
        do: with the same ids."""
        faults = self._replica.faults
        if random.random() < 0.7:
            faults.writes_left, faults.fate = random.randrange(8), random.choice(list(Fate))
        done = await self._try(step)
        faults.writes_left = None
        if faults.dead:
            self._replica = self._start()
        if done:
            return
        if later and random.random() < 0.5:
            self._pending.append(step)
        else:
            await self._again(step)

    async def _try(self, step: Step) -> bool:
        faults = self._replica.faults
        before = faults.struck
        try:
            await step(self._replica)
        except (KilledError, StoreUnavailableError):
            return False
        finally:
            self._world.struck += faults.struck - before
        return True

    async def _again(self, step: Step) -> None:
        """Without failures it has to succeed, after what others left half done was finished."""
        for _ in range(5):
            try:
                await step(self._replica)
                return
            except StoreUnavailableError:
                # The owner of a name is just being erased, or a merge is under way.
                await self.sweep()
        await step(self._replica)

    async def settle(self) -> None:
        """Everything that was broken off is done again, and what is left is finished."""
        pending, self._pending = self._pending, []
        for step in pending:
            await self._again(step)
        await self.sweep()

    async def sweep(self) -> None:
        """Time passes, and the workers do what is due."""
        for _ in range(2):
            self._wall.now_ms += 11_000
            for _ in range(_PATIENCE):
                try:
                    await self._work()
                    break
                except StoreUnavailableError:
                    # As the workers' own loops do: an outage is waited out.
                    continue
            else:
                await self._work()

    async def _work(self) -> None:
        while await self._replica.relay.sweep():
            pass
        while await self._replica.eraser.sweep():
            await self._acknowledge()

    async def _acknowledge(self) -> None:
        """Plays offers, which has nothing to erase."""
        eraser = self._replica.eraser
        for one in await eraser.page(self._tenant, ("", ""), 100, Part.OFFERS):
            await eraser.acknowledge(
                self._tenant, one.customer_id, Part.OFFERS, one.customer_ids, 0
            )

    async def advance(self, random: Random) -> None:
        """The tenant's clock, and with it what may happen."""
        self._horizon_ms += random.randrange(1, 72) * HOUR_MS
        now_ms = self._horizon_ms
        await self._replica.tenants.advance(self._tenant, now_ms, now_ms)

    async def record(self, random: Random) -> None:
        """A batch: new events, late ones, and some that were sent before."""
        batch = [
            random.choice(self._sent)
            if self._sent and random.random() < 0.3
            else self._make(random)
            for _ in range(random.randint(1, 4))
        ]
        self._sent += batch
        keys = {one.key for one in batch}

        async def step(replica: Replica) -> None:
            expected = []
            seen: set[tuple[Name, str]] = set()
            for one in batch:
                wanted = self.model.expected(one)
                expected.append("duplicate" if wanted == "recorded" and one.key in seen else wanted)
                seen.add(one.key)
            unsure = keys & self._unsure
            self._unsure |= keys
            answer = await replica.recorder.record(self._tenant, [_to_event(one) for one in batch])
            found = [one.outcome.value for one in answer.results]
            # What a broken attempt stored is a duplicate now.
            rows = zip(batch, found, expected, strict=True)
            found = [_either(*row) if one.key in unsure else row[0] for one, *row in rows]
            assert expected == found
            self._unsure -= keys
            for one, outcome in zip(batch, found, strict=True):
                if outcome != "rejected":
                    self.model.record(one)

        await self.do(step, random)

    def _fresh(self) -> int:
        """A number that no id of this history has yet; seeds of steps may be the same."""
        self._made += 1
        return self._made

    def _request(self) -> AnsweredRequest:
        key = self._fresh().to_bytes(16, "big")
        return AnsweredRequest(key, key)

    def _make(self, random: Random) -> Sent:
        kind = random.choice(("purchase", "purchase", "return", "visit"))
        lines = tuple(
            (f"p{number}", random.choice(("shoes", "hats", "bags")), random.randrange(5) * 100)
            for number in range(random.randrange(3))
        )
        return Sent(
            random.choice(NAMES),
            str(uuid.UUID(int=self._fresh(), version=4)),
            self._horizon_ms - random.randrange(60) * HOUR_MS,
            kind,
            sum(line[2] for line in lines) if kind != "visit" else 0,
            random.choice(("", "gangnam", "jamsil")),
            lines if kind != "visit" else (),
        )

    async def identify(self, random: Random) -> None:
        """Some names are said to be one customer's."""
        names = random.sample(NAMES, random.randint(1, 3))
        request = self._request()

        async def step(replica: Replica) -> None:
            wanted = replica.identify.want(self._tenant, names, Attributes())
            found = await replica.identify.identify(
                self._tenant, wanted, request.key, request.fingerprint
            )
            if found.outcome is IdentifyOutcome.CONFLICT:
                assert self.model.may_conflict(names)
            else:
                assert not self.model.must_conflict(names), "two members became one"
                self.model.unify(names)

        await self.do(step, random, later=False)

    async def update(self, random: Random) -> None:
        """A tag more, over the version that was read."""
        name = random.choice(NAMES)
        if name not in self.model.group:
            return
        tag, request = f"tag-{random.randrange(10)}", self._request()

        async def step(replica: Replica) -> None:
            view = await replica.reading.find(self._tenant, *name)
            assert view is not None
            customer = view.customer
            tags = tuple(dict.fromkeys((*customer.attributes.tags, tag)))
            change = Update(customer.version, Attributes(tags=tags), ["tags"], request)
            _, outcome = await replica.reading.update(self._tenant, customer.customer_id, change)
            # Another version is another content to the customer, who remembers the request.
            assert outcome in (UpdateOutcome.CHANGED, UpdateOutcome.REPEATED)
            self.model.tags[self.model.group[name]].add(tag)

        await self.do(step, random, later=False)

    async def erase(self, random: Random) -> None:
        """One customer wants to be forgotten; nothing is half done then but this."""
        await self.settle()
        name = random.choice(NAMES)
        if name not in self.model.group:
            return
        group, request = self.model.group[name], self._request()
        view = await self._replica.reading.find(self._tenant, *name)
        assert view is not None
        customer_id = view.customer.customer_id

        async def step(replica: Replica) -> None:
            await replica.eraser.erase(self._tenant, customer_id, request, "asked", "admin:test")

        await self.do(step, random, later=False)
        self.model.erase(group, self._horizon_ms)
        if random.random() < 0.5:
            await self.sweep()

    async def check(self) -> None:
        """Everything that has to be true once nothing is half done."""
        await self.settle()
        replica, model = self._replica, self.model
        assert {"open_ms": 0} == {"open_ms": await self._open_count()}
        owners = await self._owners()
        groups = model.groups()
        by_group = {group: {owners[one] for one in names} for group, names in groups.items()}
        assert all(len(ids) == 1 for ids in by_group.values()), by_group
        ids = {group: next(iter(found)) for group, found in by_group.items()}
        assert len(set(ids.values())) == len(groups), "two customers became one"
        assert sorted(model.group) == sorted(owners)
        views = {
            one.customer.customer_id: one
            for one in await replica.reading.get_many(self._tenant, list(ids.values()))
        }
        facts = {
            one.customer_id: one.facts
            for one in await replica.facts.get_many(self._tenant, list(ids.values()))
        }
        for group, names in groups.items():
            customer_id, events = ids[group], model.of(names)
            assert model.tags[group] == set(views[customer_id].customer.attributes.tags)
            assert Counter(one.event_id for one in events) == await self._timeline(customer_id)
            assert recount(events) == _told(facts[customer_id])
        stored = await self._world.database.events.count_documents({"t": self._tenant})
        assert len(model.events) == stored

    async def _owners(self) -> dict[Name, str]:
        """Who has each name; every owner lives, and so does the owner of every other document."""
        hashes = {self._replica.registry.hash(self._tenant, *one): one for one in NAMES}
        found = await self._replica.registry.find(list(hashes))
        owned = {"t": self._tenant, "c": {"$ne": ""}}
        named = {one["c"] async for one in self._world.database.identifiers.find(owned)}
        customers = await self._replica.customers.get_many(self._tenant, named)
        assert named == {one for one, held in customers.items() if not held.merged_into}
        return {hashes[name]: one.customer_id for name, one in found.items()}

    async def _timeline(self, customer_id: str) -> Counter[str]:
        """Event ids over all pages."""
        seen: Counter[str] = Counter()
        query = TimelineQuery(oldest_first=len(customer_id) % 2 == 0)
        while True:
            page = await self._replica.reading.timeline(self._tenant, customer_id, query, _PAGE)
            assert page is not None
            seen.update(one.event_id for one in page.events)
            if page.position is None:
                return seen
            query = TimelineQuery(oldest_first=query.oldest_first, after=page.position)

    async def _open_count(self) -> int:
        condition = {"t": self._tenant, "open_ms": {"$gt": 0}}
        return int(await self._world.database.intents.count_documents(condition))


def _either(found: str, expected: str) -> str:
    return expected if {found, expected} == {"duplicate", "recorded"} else found


def _to_event(sent: Sent) -> Event:
    event = Event(event_id=sent.event_id, type=sent.kind, store_id=sent.store)
    event.customer.namespace, event.customer.value = sent.name
    event.occurred_at.FromMilliseconds(sent.at_ms)
    if sent.amount:
        event.amount.currency_code, event.amount.minor_units = "KRW", sent.amount
    for product, category, amount in sent.lines:
        event.items.add(
            product_id=product, category=category, quantity=1, amount_minor_units=amount
        )
    return event


def _told(facts: Any) -> dict[str, Any]:
    return {
        "first_seen": facts.first_seen_ms,
        "last_seen": facts.last_seen_ms,
        "orders": facts.order_count,
        "revenue": facts.revenue,
        "returned": facts.returned,
        "cycle": facts.cycle_days,
        "categories": [(one.name, one.amount) for one in facts.categories],
        "stores": {one.store_id: one.event_count for one in facts.stores},
    }
