"""How far the computation of members has come: seen by everyone, kept when a replica dies."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import redis.asyncio
from dangol.segmentation.v1 import evaluation_service_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_dev.servers import RedisServer
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.child import run_child
from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, eventually, run_replica, told

COUNT = 350
ONE = "count(visit, 90d) >= 1"


class Halt:
    """Holds the stream of histories before a customer until told to go on."""

    def __init__(self, profile: FakeProfile, customer_id: str) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()
        self.asked: list[str] = []
        self._customer_id = customer_id
        profile.before_answer = self._before

    async def _before(self, customer_id: str) -> None:
        self.asked.append(customer_id)
        if customer_id == self._customer_id:
            self.reached.set()
            await self.go_on.wait()


def fill(profile: FakeProfile) -> list[str]:
    """Customers who visited once, in order of id."""
    now_ms = wall_ms()
    names = [f"c{number:03}" for number in range(COUNT)]
    for name in names:
        profile.create(SHOP, name, now_ms)
        profile.record(SHOP, name, keyed("visit", now_ms))
    return names


async def test_progress_is_seen_through_every_replica(
    shop: Tenant, settings: SegmentationConfig
) -> None:
    """Numbers grow while members are computed, and are absent before and after."""
    names = fill(shop.profile)
    halt = Halt(shop.profile, names[-1])
    created = await shop.define("seen", ONE)
    assert pb.SEGMENT_STATE_BACKFILLING == created.state
    await halt.reached.wait()
    async with run_replica(settings) as second:
        other = shop.through(second)
        assert COUNT == (await other.segment("seen")).backfill.customers_total
        halt.go_on.set()
        await other.live("seen")
        assert not (await other.segment("seen")).HasField("backfill")
        assert names == await other.members("seen")


async def test_who_takes_over_goes_on_where_it_ended(
    profile: FakeProfile, settings: SegmentationConfig
) -> None:
    """The replica dies in the middle; the next one reads only the histories that are left."""
    names = fill(profile)
    halt = Halt(profile, names[-1])
    async with run_replica(settings) as first:
        shop = Tenant(profile, first, SHOP)
        await shop.define("seen", ONE)
        await halt.reached.wait()

        async def is_kept() -> bool:
            return (await shop.segment("seen")).backfill.customers_done >= 300

        await eventually(is_kept)
    again = Halt(profile, "")
    async with run_replica(settings) as second:
        shop = Tenant(profile, second, SHOP)
        await shop.live("seen")
        assert names == await shop.members("seen")
        assert COUNT == len(await shop.announced(COUNT))
    assert names[300:] == again.asked


async def test_a_killed_replica_is_replaced(
    profile: FakeProfile, settings: SegmentationConfig, tmp_path: Path
) -> None:
    """By kill -9, with the lease still in its hands: soon after that ends another one goes on."""
    names = fill(profile)
    halt = Halt(profile, names[-1])
    async with run_child(settings, tmp_path) as child:
        shop = Tenant(profile, child.replica, SHOP)
        await shop.define("seen", ONE)
        await halt.reached.wait()

        async def is_kept() -> bool:
            return (await shop.segment("seen")).backfill.customers_done >= 300

        await eventually(is_kept)
        child.process.kill()
    again = Halt(profile, "")
    async with run_replica(settings) as second:
        shop = Tenant(profile, second, SHOP)
        await shop.live("seen")
        assert names == await shop.members("seen")
        assert COUNT == len(await shop.announced(COUNT))
    assert names[300:] == again.asked


@pytest.mark.parametrize("is_emptied", [True, pytest.param(False, marks=pytest.mark.deep)])
async def test_a_redis_lost_meanwhile_costs_no_member(
    profile: FakeProfile,
    own_redis_settings: SegmentationConfig,
    redis_server: RedisServer,
    is_emptied: bool,
) -> None:
    """Emptied, or set back by its last second: all are found, and each is announced once."""
    await redis_server.delete_everything()
    names = fill(profile)
    # So long ago that no recovery looks at them because of that.
    profile.touched.clear()
    first = Halt(profile, names[0])
    async with run_replica(own_redis_settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await shop.define("seen", ONE)
        await first.reached.wait()
        async with redis.asyncio.Redis.from_url(redis_server.url) as client:
            before = {key: await client.dump(key) async for key in client.scan_iter("dangol:{*")}
            last = Halt(profile, names[-1])
            first.go_on.set()
            await last.reached.wait()
            await shop.announced(300)
            await client.delete(*[key async for key in client.scan_iter("dangol:{*")])
            for key, value in before.items():
                await client.restore(key, 0, value or b"", replace=True)
        if is_emptied:
            await redis_server.delete_everything()
        else:
            await redis_server.restart()
        last.go_on.set()

        async def is_live() -> bool:
            try:
                segment = await shop.segment("seen")
            except RpcFailure:
                return False
            return bool(segment.state == pb.SEGMENT_STATE_LIVE)

        await eventually(is_live)
        assert names == await shop.members("seen")
        announced = told(await shop.announced(COUNT))
        assert names == sorted(change[0] for change in announced)


async def test_a_rebuild_is_seen_too_and_answers_its_numbers(shop: Tenant) -> None:
    """Every segment shows it; members stay members; nothing is announced that was known."""
    names = fill(shop.profile)
    await shop.define("seen", ONE)
    await shop.live("seen")
    halt = Halt(shop.profile, names[-1])
    method = shop.replica.evaluation.Rebuild
    rebuilding = asyncio.create_task(
        shop.ask(method, evaluation_service_pb2.RebuildRequest(), Role.ADMIN)
    )
    await halt.reached.wait()
    segment = await shop.segment("seen")
    assert (COUNT, COUNT) == (segment.backfill.customers_total, segment.member_count)
    halt.go_on.set()
    answer = await rebuilding
    assert (COUNT, 0) == (answer.customer_count, answer.change_count)
    assert not (await shop.segment("seen")).HasField("backfill")
    assert COUNT == len(await shop.announced(COUNT))


async def test_tenants_do_not_wait_for_each_other(shop: Tenant, lab: Tenant) -> None:
    """While the members of one are computed, a segment of another becomes live."""
    names = fill(shop.profile)
    halt = Halt(shop.profile, names[-1])
    await shop.define("seen", ONE)
    await halt.reached.wait()
    await lab.define("seen", ONE)
    await lab.live("seen")
    assert pb.SEGMENT_STATE_BACKFILLING == (await shop.segment("seen")).state
    halt.go_on.set()
    await shop.live("seen")
