"""Rebuilding from all histories: side by side, resumable, and looked at once more."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from dangol_dev.servers import RedisServer
from pymongo import AsyncMongoClient
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Replica, Tenant, eventually, run_replica, told

COUNT = 1_500
CUSTOMERS = [f"c{number:05d}" for number in range(COUNT)]
BUYERS = CUSTOMERS[::3]
pytestmark = pytest.mark.timeout(120)


def fill(profile: FakeProfile) -> None:
    """Fifteen hundred customers, every third one a buyer, in profile only."""
    now_ms = wall_ms()
    for number, name in enumerate(CUSTOMERS):
        profile.create(SHOP, name, now_ms - 60_000)
        if number % 3 == 0:
            profile.record(SHOP, name, keyed("purchase", now_ms - 30_000))


async def begin(profile: FakeProfile, replica: Replica) -> Tenant:
    """The segment of buyers, live."""
    fill(profile)
    shop = Tenant(profile, replica, SHOP)
    await shop.define("buyers", "count(purchase, 90d) >= 1")
    await shop.live("buyers")
    return shop


async def test_a_rebuild_goes_on_where_a_replica_left_it(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """The one that takes over neither begins anew nor announces anything twice."""
    await redis_server.delete_everything()
    settings = own_redis_settings
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(settings.mongodb_uri)
    rebuilds = client[settings.mongodb_database].rebuilds
    answered: list[str] = []
    halted = asyncio.Event()

    async def slow(customer_id: str) -> None:
        answered.append(customer_id)
        # How far it came is noted every two seconds.
        if customer_id in CUSTOMERS[400:900:50]:
            await asyncio.sleep(0.3)
        if customer_id == CUSTOMERS[1_200]:
            halted.set()
            await asyncio.Event().wait()

    async with run_replica(settings) as replica:
        shop = await begin(profile, replica)
        epochs = replica.process.gate.epochs
        profile.before_answer = slow
        await redis_server.delete_everything()
        replica.process.gate.suspect()
        await asyncio.wait_for(halted.wait(), 60)
        begun = await rebuilds.find_one({"_id": SHOP})
    assert begun is not None
    after = begun["after"]
    assert CUSTOMERS[100] < after < CUSTOMERS[1_200]

    async def note(customer_id: str) -> None:
        answered.append(customer_id)

    answered.clear()
    profile.before_answer = note
    async with run_replica(settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        assert [before + 1 for before in epochs] == list(replica.process.gate.epochs)
        assert [name for name in CUSTOMERS if name > after] == answered
        assert BUYERS == await shop.members("buyers")
        changes = told(await shop.announced(len(BUYERS)))
        assert BUYERS == sorted(change[0] for change in changes)
    await client.close()


async def test_a_rebuild_reads_everyone_once(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """One stream of histories, nobody asked for by name, and progress that adds up."""
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as replica:
        shop = await begin(profile, replica)
        calls, epochs = profile.history_calls, replica.process.gate.epochs
        await redis_server.delete_everything()
        replica.process.gate.suspect()

        async def is_rebuilt() -> bool:
            gate = replica.process.gate
            return gate.is_ready and gate.epochs != epochs

        await eventually(is_rebuilt)
        assert 1 == profile.history_calls - calls
        gate = replica.process.gate
        assert (COUNT, COUNT) == (gate.customers_rebuilt, gate.customers_total)
        assert BUYERS == await shop.members("buyers")


async def test_what_a_former_master_still_took_is_made_good(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """Events that nobody evaluated on what is served now are found when repaired partitions are
    looked at once more."""
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await shop.define("buyers", "count(purchase, 90d) >= 1")
        await shop.live("buyers")
        await shop.send("ann", keyed("visit", wall_ms()))
        epochs = replica.process.gate.epochs
        redis_server.kill()
        await redis_server.start()
        gate = replica.process.gate

        async def is_whole() -> bool:
            return gate.is_ready and gate.epochs != epochs

        await eventually(is_whole)
        # As if it had been applied to a master that was replaced without knowing it.
        purchase = keyed("purchase", wall_ms())
        profile.record(SHOP, "ann", purchase)
        expected = [("ann", "buyers", 1, "entered", purchase.evaluated_at_ms)]
        assert expected == told(await shop.announced(1))
