"""Watching changes as they are announced."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from dangol_dev.servers import RedisServer
from dangol_service_kit.errors import Code, from_rpc_error
from dangol_service_kit.redis_address import open_redis
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, run_replica, told

ONE = "count(visit, 90d) >= 1"


async def take(watching: Any, count: int) -> list[Any]:
    """The next `count` answers of an open watch."""
    async with asyncio.timeout(60):
        return [await watching.read() for _ in range(count)]


async def test_changes_come_as_they_are_announced(shop: Tenant, lab: Tenant) -> None:
    """A watcher hears of her tenant's changes from then on, and of nobody else's."""
    await shop.define("seen", ONE)
    await lab.define("seen", ONE)
    now_ms = wall_ms()
    await shop.send("early", keyed("visit", now_ms))
    await shop.announced(1)
    watching = shop.watch()
    await watching.initial_metadata()
    await shop.send("settling", keyed("visit", now_ms))
    await lab.send("other", keyed("visit", now_ms))
    await shop.send("late", keyed("visit", now_ms))
    heard = told([one.change for one in await take(watching, 2)])
    watching.cancel()
    assert {
        ("settling", "seen", 1, "entered", now_ms),
        ("late", "seen", 1, "entered", now_ms),
    } == set(heard)


@pytest.mark.parametrize("bus_is_lost", [False, True])
async def test_a_watch_resumes_where_it_ended(
    shop: Tenant, settings: SegmentationConfig, bus_is_lost: bool
) -> None:
    """After the last token nothing is missed, from the bus or, where it ends, from MongoDB."""
    await shop.define("seen", ONE)
    now_ms = wall_ms()
    watching = shop.watch()
    await watching.initial_metadata()
    await shop.send("c0", keyed("visit", now_ms))
    token = (await take(watching, 1))[0].resume_token
    watching.cancel()
    for number in range(1, 4):
        await shop.send(f"c{number}", keyed("visit", now_ms))
    await shop.announced(4)
    if bus_is_lost:
        client = open_redis(settings.redis_url)
        await client.delete("dangol:bus:membership")
        await client.aclose()
    watching = shop.watch(token)
    await watching.initial_metadata()
    await shop.send("c4", keyed("visit", now_ms))
    heard: set[str] = set()
    while not {"c1", "c2", "c3", "c4"} <= heard:
        heard.add((await take(watching, 1))[0].change.customer_id)
    watching.cancel()
    assert bus_is_lost == ("c0" in heard)


async def test_a_watch_resumes_with_another_replica_after_a_rebuild(
    profile: FakeProfile, own_redis_settings: SegmentationConfig, redis_server: RedisServer
) -> None:
    """Redis with its bus was emptied and the replica is another one: nothing is missed."""
    await redis_server.delete_everything()
    now_ms = wall_ms()
    async with run_replica(own_redis_settings) as first:
        shop = Tenant(profile, first, SHOP)
        await shop.define("seen", ONE)
        watching = shop.watch()
        await watching.initial_metadata()
        await shop.send("c0", keyed("visit", now_ms))
        token = (await take(watching, 1))[0].resume_token
        watching.cancel()
        await shop.send("c1", keyed("visit", now_ms))
        await shop.announced(2)
    await redis_server.delete_everything()
    async with run_replica(own_redis_settings) as second:
        shop = shop.through(second)
        watching = shop.watch(token)
        await watching.initial_metadata()
        await shop.send("c2", keyed("visit", now_ms))
        heard: dict[str, tuple[str, str, int, str, int]] = {}
        while not {"c1", "c2"} <= heard.keys():
            change = (await take(watching, 1))[0].change
            assert heard.setdefault(change.customer_id, told([change])[0]) == told([change])[0]
        watching.cancel()
    assert {("seen", 1, "entered", now_ms)} == {one[1:] for one in heard.values()}


async def test_an_alien_token_is_refused(shop: Tenant) -> None:
    """A token that is none of ours is a typed error."""
    watching = shop.watch("yesterday")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await watching.read()
    assert Code.RESUME_TOKEN_INVALID == from_rpc_error(raised.value).code
