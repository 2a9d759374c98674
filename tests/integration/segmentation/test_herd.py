"""A herd of deadlines beside live events: live events come first, and the herd gets through."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.evaluation_service_pb2 import CustomerDelta
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.client import connect
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.tenants import TenantDirectory
from motor.motor_asyncio import AsyncIOMotorClient
from segmentation_service.__main__ import Core, Stores, make_core, make_recovery, stores_over
from segmentation_service.clients_profile import ProfileClient
from segmentation_service.config import SegmentationConfig
from segmentation_service.decisions import Delta
from segmentation_service.histories import to_input
from segmentation_service.service_evaluation import EvaluationService
from segmentation_service.store_redis_client import ScriptClient
from segmentation_service.ticker import Deadlines, Ticker

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, run_replica

DUE_COUNT = 500
PORTION_MAX = 64
NEVER_SECONDS = 3600.0
LIMIT_SECONDS = 60.0


class Counted(Deadlines):
    """Counts portions of deadlines that were begun, and whether one is in progress."""

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self.sizes: list[int] = []
        self.in_progress = 0
        self.fired = 0

    async def fire(self, tenant_id: str, customer_ids: Sequence[str], now_ms: int) -> int:
        """Fires the portion."""
        self.sizes.append(len(customer_ids))
        self.in_progress += 1
        self.fired += await self._deadlines.fire(tenant_id, customer_ids, now_ms)
        self.in_progress -= 1
        return len(customer_ids)


@asynccontextmanager
async def parts(
    config: SegmentationConfig, database_name: str
) -> AsyncIterator[tuple[Stores, Core]]:
    """The parts of a second replica, of which only that runs which the test runs."""
    async with AsyncExitStack() as stack:
        channel = await stack.enter_async_context(connect(config.profile_target))
        credentials = ServiceCredentials(
            config.service_key_file, config.auth_issuer, config.auth_audience, "segmentation"
        )
        mongodb: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(config.mongodb_uri)
        stack.callback(mongodb.close)
        client = ScriptClient(config.redis_url)
        stack.push_async_callback(client.close)
        stores = stores_over(
            ProfileClient(EventServiceStub(channel), CustomerServiceStub(channel), credentials),
            TenantDirectory(TenantServiceStub(channel), credentials),
            mongodb[database_name],
            client,
        )
        core = make_core(stores, Metrics())
        assert await make_recovery(stores, core).make_whole()
        yield stores, core


async def make_herd(shop: Tenant) -> int:
    """Customers who fall due together, and one who is not among them; answers when they are due."""
    await shop.define("recent", "count(visit, 1m) >= 1")
    await shop.define("lookers", "count(look, 7d) >= 1")
    await shop.send("live", keyed("look", wall_ms()))
    now_ms = wall_ms()
    deltas = []
    for number in range(DUE_COUNT):
        name, event = f"c{number:03d}", keyed("visit", now_ms)
        shop.profile.create(SHOP, name, now_ms)
        shop.profile.record(SHOP, name, event)
        delta = CustomerDelta(customer_id=name, created=True, events=[event])
        delta.profile.CopyFrom(shop.profile.customers[SHOP][name].snapshot)
        deltas.append(delta)
    answer = await shop.evaluate(deltas)
    entered_count, pending_ids = len(answer.changes), answer.pending_customer_ids
    while pending_ids:
        # A machine that is busy with other things: profile's relay comes back for them.
        replayed = await shop.replay(*pending_ids)
        entered_count += len(replayed.changes)
        pending_ids = replayed.pending_customer_ids
    assert DUE_COUNT == entered_count
    return now_ms + 60_000


async def test_live_events_come_first_and_the_herd_gets_through(
    settings: SegmentationConfig, profile: FakeProfile, database_name: str
) -> None:
    """Live calls overlap without a gap: none meets a second portion, and every deadline fires."""
    config = dataclasses.replace(settings, tick_seconds=NEVER_SECONDS)
    async with (
        run_replica(config) as replica,
        parts(config, database_name) as (stores, core),
    ):
        shop = Tenant(profile, replica, SHOP)
        due_ms = await make_herd(shop)
        fired = Counted(core.deadlines)
        ticker = Ticker(
            stores.redis,
            fired,
            core.gate,
            visibility_ms=int(LIMIT_SECONDS * 1000),
            tick_seconds=NEVER_SECONDS,
            stand_back_seconds=NEVER_SECONDS,
            wall_ms=lambda: due_ms,
        )
        async with asyncio.timeout(LIMIT_SECONDS), asyncio.TaskGroup() as tasks:
            met = await _load(core, fired, tasks.create_task(ticker.tick()))
        assert DUE_COUNT == fired.fired
        assert PORTION_MAX >= max(fired.sizes)
        assert DUE_COUNT // PORTION_MAX < len(fired.sizes)
        assert 1 == max(met)
        assert len(met) > len(fired.sizes)
        assert [] == await shop.members("recent")
        assert ["live"] == await shop.members("lookers")


async def _load(core: Core, fired: Counted, herd: asyncio.Task[bool]) -> list[int]:
    """Live calls until the herd is through, each there before the one before it is over.

    Answers for each how many portions were in progress when it came or began before it was over.
    """
    live = EvaluationService(core.applier, core.rulesets, core.replayer, core.gate)
    met: list[int] = []

    async def call(came: asyncio.Event, answered: asyncio.Event, next_came: asyncio.Event) -> None:
        at_arrival, begun = fired.in_progress, len(fired.sizes)
        async with core.gate.live_call():
            came.set()
            event = to_input(keyed("look", wall_ms()))
            answer = await live.evaluate(SHOP, wall_ms(), [Delta("live", False, None, [event])])
            assert [] == answer.pending
            answered.set()
            await next_came.wait()
            met.append(at_arrival + len(fired.sizes) - begun)

    came = asyncio.Event()
    async with asyncio.TaskGroup() as calls:
        while not herd.done():
            answered, next_came = asyncio.Event(), asyncio.Event()
            calls.create_task(call(came, answered, next_came))
            await answered.wait()
            came = next_came
        came.set()
    return met
