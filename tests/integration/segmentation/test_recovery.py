"""Redis emptied, restarted, or not the one it was."""

from __future__ import annotations

from collections import Counter

import pytest
import redis.asyncio
from dangol.segmentation.v1.evaluation_service_pb2 import GetReadinessRequest
from dangol_dev.servers import RedisServer
from dangol_service_kit.auth import Role
from pymongo import AsyncMongoClient
from segmentation_service.config import SegmentationConfig
from segmentation_service.partitions import group_by_partition
from segmentation_service.store_redis import Guard, RedisStore, Status
from segmentation_service.store_redis_client import ScriptClient

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Replica, Tenant, eventually, run_replica, told

BUYERS = "count(purchase, 90d) >= 2"
CUSTOMERS = [f"c{number:02d}" for number in range(30)]


async def fill(shop: Tenant) -> None:
    """Thirty customers, every second one a buyer."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    for number, name in enumerate(CUSTOMERS):
        for count in range(1 + number % 2):
            await shop.send(name, keyed("purchase", now_ms - 60_000 + count))


async def whole_again(replica: Replica, epochs: tuple[int, ...]) -> None:
    """Waits until every partition is ready under later epochs."""

    async def is_whole() -> bool:
        gate = replica.process.gate
        return gate.is_ready and all(
            now > before for now, before in zip(gate.epochs, epochs, strict=True)
        )

    await eventually(is_whole)


def ids(changes: object) -> Counter[tuple[str, str, int, str]]:
    """How often each change was announced."""
    return Counter(change[:4] for change in told(changes))  # type: ignore[arg-type]


async def test_an_emptied_redis_is_rebuilt_with_the_same_memberships(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """After FLUSHALL members, stints and times are as before, and nothing is announced again."""
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await fill(shop)
        members, one = await shop.members("buyers"), await shop.memberships("c01")
        announced = told(await shop.announced(15))
        epochs = replica.process.gate.epochs
        await redis_server.delete_everything()
        # Nobody has told the replica: a live event is answered as pending.
        event = keyed("purchase", wall_ms())
        answer = await shop.send("c00", event)
        assert ["c00"] == list(answer.pending_customer_ids)
        await whole_again(replica, epochs)
        assert members == [name for name in await shop.members("buyers") if name != "c00"]
        assert one == await shop.memberships("c01")
        await shop.replay("c00")
        assert ["c00", *members] == await shop.members("buyers")
        after = await shop.announced(len(announced) + 1)
        assert len(announced) + 1 == len(after)
        assert {1} == set(ids(after).values())
        request = GetReadinessRequest()
        ready = await shop.ask(replica.evaluation.GetReadiness, request, Role.SERVICE)
        assert (True, 64) == (ready.ready, ready.partitions_ready)
        assert ready.customers_rebuilt >= len(CUSTOMERS)


async def test_a_killed_redis_is_noticed_before_anything_is_decided(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """After kill -9 no delta is applied until what profile touched lately has been replayed."""
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await fill(shop)
        members, epochs = await shop.members("buyers"), replica.process.gate.epochs
        await shop.announced(len(members))
        redis_server.kill()
        event = keyed("purchase", wall_ms())
        answer = await shop.send("c00", event)
        assert ["c00"] == list(answer.pending_customer_ids)
        await redis_server.restart()
        await whole_again(replica, epochs)
        assert sorted({"c00", *members}) == await shop.members("buyers")
        again = await shop.send("c00", event, record=False)
        assert [] == told(again.changes)
        announced = await shop.announced(len(members) + 1)
        assert {1} == set(ids(announced).values())
        assert len(members) + 1 == len(announced)


async def test_a_last_second_that_was_lost_is_made_good(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """State that went back in time, but was announced, is brought to what was announced."""
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await shop.define("buyers", BUYERS)
        now_ms = wall_ms()
        await shop.send("ann", keyed("purchase", now_ms))
        async with redis.asyncio.Redis.from_url(redis_server.url) as client:
            before = {key: await client.dump(key) async for key in client.scan_iter("dangol:{*")}
            await shop.send("ann", keyed("purchase", now_ms + 1))
            assert 1 == len(await shop.announced(1))
            epochs = replica.process.gate.epochs
            # What an append-only file without its last second brings back.
            await client.delete(*[key async for key in client.scan_iter("dangol:{*")])
            for key, value in before.items():
                # The service may have written one anew in between.
                await client.restore(key, 0, value or b"", replace=True)
        await redis_server.restart()
        await whole_again(replica, epochs)
        assert {"buyers": (1, now_ms + 1)} == await shop.memberships("ann")
        assert ["ann"] == await shop.members("buyers")
        await shop.send("ann", keyed("purchase", now_ms + 2))
        assert {1} == set(ids(await shop.announced()).values())


@pytest.mark.parametrize("running", [True, False])
async def test_a_partition_whose_epoch_differs_is_rebuilt(
    profile: FakeProfile,
    own_redis_settings: SegmentationConfig,
    redis_server: RedisServer,
    running: bool,
) -> None:
    """An epoch in MongoDB that Redis does not have closes that partition until it is rebuilt."""
    await redis_server.delete_everything()
    settings = own_redis_settings
    async with run_replica(settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await fill(shop)
        members = await shop.members("buyers")
        if running:
            await raise_epochs(settings)
            replica.process.gate.suspect()
            await whole_again(replica, tuple([2] * 64))
            assert members == await shop.members("buyers")
    if not running:
        await raise_epochs(settings)
        async with run_replica(settings) as replica:
            shop = Tenant(profile, replica, SHOP)
            assert members == await shop.members("buyers")
            assert {1} == set(ids(await shop.announced()).values())


async def raise_epochs(settings: SegmentationConfig) -> None:
    """MongoDB says that every partition began anew."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(settings.mongodb_uri)
    partitions = client[settings.mongodb_database].partitions
    await partitions.update_many({}, {"$inc": {"epoch": 1}})
    await client.close()


async def test_a_restarted_redis_refuses_whatever_was_decided_before(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """Until recovery has looked at it, even states and epochs that survived are not served."""
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await fill(shop)
        epochs = replica.process.gate.epochs
    await redis_server.restart()
    client = ScriptClient(redis_server.url)
    guard = Guard(epochs, SHOP, 1, virtual=False)
    answers = await RedisStore(client).read(guard, group_by_partition(SHOP, CUSTOMERS))
    await client.close()
    assert {Status.NOT_READY} == {status for status, _ in answers.values()}
