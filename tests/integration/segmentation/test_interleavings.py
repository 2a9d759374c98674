"""Named interleavings, each held open at the worst moment by a gate in front of Redis."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_dev.servers import RedisServer
from dangol_service_kit.tenants import TenantInfo
from segmentation_service.decisions import Delta
from segmentation_service.engine_state import EventInput
from segmentation_service.segments import Draft, Request
from segmentation_service.service_evaluation import Evaluation
from segmentation_service.service_replay import Reason

from tests.integration.segmentation.machine.past import Past, Person
from tests.integration.segmentation.machine.world import ALL, Replica, World
from tests.unit.segmentation.customer import HOUR, MINUTE, T0, make_event

SHOP = "shop"


class Gated:
    """The store of one replica, whose next write waits before or after it is done."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self._waits = ""
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        """Everything but writes goes through."""
        return getattr(self._store, name)

    def hold(self, when: str) -> None:
        """The next write waits "before" or "after"."""
        self._waits = when

    async def apply(self, *arguments: Any) -> Any:
        """Writes, behind the gate."""
        waits, self._waits = self._waits, ""
        if waits == "before":
            await self._wait()
        answer = await self._store.apply(*arguments)
        if waits == "after":
            await self._wait()
        return answer

    async def _wait(self) -> None:
        self.reached.set()
        await self.opened.wait()


class Scene:
    """A shop with two replicas, the first of which can be held up."""

    def __init__(self, world: World, past: Past, gate: Gated, held: Replica, free: Replica) -> None:
        self.world, self.past, self.gate = world, past, gate
        self.held, self.free = held, free

    async def define(self, segment_id: str, rule: str) -> None:
        """A segment."""
        draft = Draft(segment_id, {}, rule, False, False)
        change = self.free.core.segments.create(SHOP, draft, Request(str(uuid.uuid4()), ""))
        await self.free.worked(change)

    def records(self, name: str, event_type: str, at_ms: int, *, ahead_ms: int = 0) -> Delta:
        """Profile writes an event down; its evaluated time is never after its arrival."""
        now_ms = self.world.clock.now_ms
        event = make_event(event_type, event_id=str(uuid.uuid4()))
        key = hashlib.blake2b(event.event_id.encode(), digest_size=16).digest()
        happened_ms = min(T0 + at_ms + ahead_ms, now_ms)
        created = name not in self.past.people
        if created:
            snapshot = ProfileSnapshot(version=1)
            snapshot.create_time.FromMilliseconds(min(happened_ms, now_ms))
            self.past.people[name] = Person(snapshot)
        events = [EventInput(key, happened_ms, now_ms, event)]
        self.past.record(name, events, now_ms)
        profile = self.past.people[name].snapshot if created else None
        return Delta(name, created, profile, events)

    async def send(self, replica: Replica, delta: Delta) -> Evaluation:
        """Evaluates a delta."""
        return await replica.evaluation.evaluate(SHOP, self.world.clock.now_ms, [delta])

    async def happens(self, name: str, event_type: str, at_ms: int) -> None:
        """An event, with nothing in its way, at that very moment."""
        self.world.clock.now_ms = max(self.world.clock.now_ms, T0 + at_ms)
        assert [] == (await self.send(self.free, self.records(name, event_type, at_ms))).pending

    async def replay(self, replica: Replica, name: str) -> None:
        """The relay has a customer replayed."""
        result = await replica.core.replayer.replay(SHOP, [name], Reason("EVENT"))
        assert [] == result.pending

    async def told(self) -> list[tuple[str, str, int, bool, int]]:
        """All announcements: (customer, segment, stint, entered, ms after T0), by time."""
        await self.free.core.drainer.drain(ALL)
        kept = await self.world.kept(SHOP)
        changes = sorted(
            (at, name, segment, n, entered) for name, (at, segment, n, entered) in kept
        )
        return [(name, segment, n, entered, at - T0) for at, name, segment, n, entered in changes]

    async def members(self, name: str) -> dict[str, tuple[int, int]]:
        """By segment (stint, ms after T0) of a customer."""
        held = (await self.world.held(SHOP, [name], False))[name]
        found = held.state.memberships if held is not None else {}
        return {segment: (stint, at_ms - T0) for segment, (stint, at_ms) in found.items()}


@pytest.fixture
async def scene(tmp_path: Path, mongodb_uri: str, database_name: str) -> AsyncIterator[Scene]:
    """A shop under a wall clock set by hand."""
    server = RedisServer(tmp_path)
    await server.start()
    world = World(server, mongodb_uri, database_name)
    world.clock.now_ms = T0
    await world.open()
    past = Past(TenantInfo(SHOP, "Asia/Seoul", "KRW", "ko", False))
    world.pasts.tenants = {SHOP: past}
    gate = Gated(world.redis)
    yield Scene(world, past, gate, await world.replica(gate), await world.replica())
    await world.close()
    server.kill()


async def test_a_delta_applied_whose_answer_is_lost(scene: Scene) -> None:
    """The caller hangs up after the write: the relay and the delta's return change nothing."""
    await scene.define("two", "count(visit) >= 2")
    await scene.happens("ann", "visit", 0)
    scene.world.clock.now_ms = T0 + 5
    delta = scene.records("ann", "visit", 5)
    scene.gate.hold("after")
    call = asyncio.create_task(scene.send(scene.held, delta))
    await scene.gate.reached.wait()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await scene.replay(scene.free, "ann")
    again = await scene.send(scene.free, delta)
    assert ([], []) == (again.changes, again.pending)
    assert {"two": (1, 5)} == await scene.members("ann")
    assert [("ann", "two", 1, True, 5)] == await scene.told()


@pytest.mark.parametrize("first", ["relay", "original"])
async def test_a_relay_racing_the_original(scene: Scene, first: str) -> None:
    """Both have read the state; whoever writes second begins again and finds nothing to do."""
    await scene.define("one", "count(visit) = 1")
    await scene.define("two", "count(visit) >= 2")
    await scene.happens("ann", "visit", 0)
    scene.world.clock.now_ms = T0 + 5
    delta = scene.records("ann", "visit", 5)
    scene.gate.hold("before")
    late: asyncio.Task[object]
    if first == "relay":
        late = asyncio.create_task(scene.send(scene.held, delta))
        await scene.gate.reached.wait()
        await scene.replay(scene.free, "ann")
    else:
        late = asyncio.create_task(scene.replay(scene.held, "ann"))
        await scene.gate.reached.wait()
        await scene.send(scene.free, delta)
    scene.gate.opened.set()
    await late
    assert {"two": (1, 5)} == await scene.members("ann")
    expected = [("ann", "one", 1, True, 0), ("ann", "one", 1, False, 5), ("ann", "two", 1, True, 5)]
    assert expected == await scene.told()


@pytest.mark.parametrize("who", ["visitor", "member"])
async def test_a_merge_racing_an_event(scene: Scene, who: str) -> None:
    """An event of either is decided on while they become one: the log of both counts, once."""
    await scene.define("three", "count(visit) >= 3")
    await scene.happens("visitor", "visit", 0)
    await scene.happens("member", "visit", 1)
    scene.world.clock.now_ms = T0 + 5
    delta = scene.records(who, "visit", 5)
    scene.gate.hold("before")
    event = asyncio.create_task(scene.send(scene.held, delta))
    await scene.gate.reached.wait()
    scene.past.merge("visitor", "member", scene.world.clock.now_ms)
    await scene.replay(scene.free, "visitor")
    scene.gate.opened.set()
    assert [] == (await event).pending
    assert {"three": (1, 5)} == await scene.members("member")
    assert {} == await scene.members("visitor")
    assert [("member", "three", 1, True, 5)] == await scene.told()


async def test_an_event_racing_a_merge(scene: Scene) -> None:
    """The merge has read both histories when another event is applied: it reads them again."""
    await scene.define("three", "count(visit) >= 3")
    await scene.happens("visitor", "visit", 0)
    await scene.happens("member", "visit", 1)
    scene.past.merge("visitor", "member", scene.world.clock.now_ms)
    scene.gate.hold("before")
    merge = asyncio.create_task(scene.replay(scene.held, "member"))
    await scene.gate.reached.wait()
    await scene.happens("member", "visit", 5)
    scene.gate.opened.set()
    await merge
    await scene.replay(scene.held, "visitor")
    assert {"three": (1, 5)} == await scene.members("member")
    assert [("member", "three", 1, True, 5)] == await scene.told()


@pytest.mark.parametrize(
    ("late_ms", "expected"),
    [
        # Inside the window to its last millisecond: she never left.
        (30 * MINUTE, [(1, True, 0), (1, False, 90 * MINUTE)]),
        (1, [(1, True, 0), (1, False, HOUR + 1)]),
        # Of the same instant as the first: it leaves with it.
        (0, [(1, True, 0), (1, False, HOUR)]),
    ],
)
async def test_a_late_event_across_a_windows_edge(
    scene: Scene, late_ms: int, expected: list[tuple[int, bool, int]]
) -> None:
    """It is applied while the ticker is about to say that she left."""
    await scene.define("recent", "count(visit, 1h) >= 1")
    await scene.happens("ann", "visit", 0)
    scene.world.clock.now_ms = T0 + HOUR
    scene.gate.hold("before")
    tick = asyncio.create_task(scene.held.core.deadlines.fire(SHOP, ["ann"], T0 + HOUR))
    await scene.gate.reached.wait()
    # Evaluated up to the last millisecond in which she was inside.
    scene.world.clock.now_ms = T0 + HOUR - 1
    await scene.send(scene.free, scene.records("ann", "visit", late_ms))
    scene.gate.opened.set()
    await tick
    scene.world.clock.now_ms = T0 + 3 * HOUR
    await scene.free.core.deadlines.fire(SHOP, ["ann"], T0 + 3 * HOUR)
    assert [("ann", "recent", *change) for change in expected] == await scene.told()


async def test_a_late_event_after_its_window_was_left(scene: Scene) -> None:
    """She was said to have left: she comes back at that instant, in a stint of its own."""
    await scene.define("recent", "count(visit, 1h) >= 1")
    await scene.happens("ann", "visit", 0)
    scene.world.clock.now_ms = T0 + HOUR + 5
    await scene.free.core.deadlines.fire(SHOP, ["ann"], T0 + HOUR + 5)
    await scene.send(scene.free, scene.records("ann", "visit", 30 * MINUTE))
    assert {"recent": (2, HOUR)} == await scene.members("ann")


async def test_a_fast_clients_clock_23_hours_ahead(scene: Scene) -> None:
    """Its event counts when it arrived, so others are not late, and deadlines come in time."""
    await scene.define("recent", "count(visit, 1h) >= 1")
    await scene.define("silent", "since(visit) >= 1h")
    delta = scene.records("ann", "visit", 0, ahead_ms=23 * HOUR)
    assert [T0] == [one.at_ms for one in delta.events]
    await scene.send(scene.free, delta)
    await scene.happens("ann", "visit", 10)
    scene.world.clock.now_ms = T0 + 2 * HOUR
    await scene.free.core.deadlines.fire(SHOP, ["ann"], T0 + 2 * HOUR)
    expected = [
        ("ann", "recent", 1, True, 0),
        ("ann", "recent", 1, False, HOUR + 10),
        ("ann", "silent", 1, True, HOUR + 10),
    ]
    assert expected == await scene.told()


async def test_a_wall_clock_set_back_does_not_undo_what_was_announced(scene: Scene) -> None:
    """She was said to have left at one o'clock; a replay at ten to one knows no better."""
    await scene.define("recent", "count(visit, 1h) >= 1")
    await scene.happens("ann", "visit", 0)
    scene.world.clock.now_ms = T0 + HOUR
    await scene.free.core.deadlines.fire(SHOP, ["ann"], T0 + HOUR)
    scene.world.clock.now_ms = T0 + HOUR - 10 * MINUTE
    await scene.replay(scene.free, "ann")
    expected = [("ann", "recent", 1, True, 0), ("ann", "recent", 1, False, HOUR)]
    assert expected == await scene.told()
    assert {} == await scene.members("ann")


async def test_a_decision_on_a_former_life_loses(scene: Scene) -> None:
    """She was forgotten and came anew while it was made, at the same instant of a clock set back:
    what was read before is not taken for what is there now."""
    await scene.define("two", "count(visit) >= 2")
    await scene.define("known", "count(login) >= 1")
    await scene.happens("ann", "visit", 0)
    scene.world.clock.now_ms = T0 + 5
    delta = scene.records("ann", "visit", 5)
    scene.gate.hold("before")
    late = asyncio.create_task(scene.send(scene.held, delta))
    await scene.gate.reached.wait()
    del scene.past.people["ann"]
    await scene.replay(scene.free, "ann")
    scene.world.clock.now_ms = T0
    await scene.happens("ann", "login", 0)
    scene.gate.opened.set()
    await late
    assert {"known": (1, 0)} == await scene.members("ann")
    assert [("ann", "known", 1, True, 0)] == await scene.told()
