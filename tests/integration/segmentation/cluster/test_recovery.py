"""Recovery on a cluster: only what was affected is closed, repaired and opened again."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_dev.redis_cluster import RedisClusterServers
from pymongo import AsyncMongoClient
from redis.crc import key_slot
from segmentation_service.__main__ import open_process
from segmentation_service.config import SegmentationConfig
from segmentation_service.partitions import ALL_PARTITIONS, partition_of
from segmentation_service.service_gate import Gate
from segmentation_service.store_redis import Guard, RedisStore, Status, meta_key
from segmentation_service.store_redis_bus import BUS
from segmentation_service.store_redis_client import ScriptClient

from tests.integration.segmentation.cluster.moving import finish_move, move_slot
from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, eventually, run_replica, told

CUSTOMERS = [f"c{number:02d}" for number in range(60)]
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def replicated(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[RedisClusterServers]:
    """Three masters, each with a replica."""
    cluster = RedisClusterServers(tmp_path_factory.mktemp("cluster"), replicas_each=1)
    await cluster.start()
    yield cluster
    cluster.kill()


async def fill(shop: Tenant) -> None:
    """Sixty customers, every second one a buyer."""
    await shop.define("buyers", "count(purchase, 90d) >= 2")
    await shop.live("buyers")
    now_ms = wall_ms()
    for number, name in enumerate(CUSTOMERS):
        for count in range(1 + number % 2):
            await shop.send(name, keyed("purchase", now_ms - 60_000 + count))
    await shop.announced(30)


async def fail_over(nodes: RedisClusterServers, successor: int) -> None:
    """Has a replica take its master's place."""
    await nodes.until(nodes.is_whole)
    await nodes.command(successor, "CLUSTER", "FAILOVER", "FORCE")

    async def is_master() -> bool:
        return await nodes.role(successor) == "master"

    await eventually(is_master)
    await nodes.until(nodes.is_whole)


async def generation_of(settings: SegmentationConfig) -> str:
    """The generation of scripts in force."""
    client: AsyncMongoClient[dict[str, str]] = AsyncMongoClient(settings.mongodb_uri)
    document = await client[settings.mongodb_database].store.find_one({})
    await client.close()
    assert document is not None
    return document["generation"]


def of_node(number: int) -> list[int]:
    """The partitions that a master serves at first."""
    return [p for p in ALL_PARTITIONS if key_slot(meta_key(p).encode()) * 3 // 16_384 == number]


def raised(gate: Gate, epochs: Sequence[int]) -> list[int]:
    """The partitions whose epoch grew."""
    return [p for p in ALL_PARTITIONS if gate.epochs[p] > epochs[p]]


async def whole_again(gate: Gate, epochs: Sequence[int], partitions: Sequence[int]) -> None:
    """Waits until these partitions were repaired and all are ready."""

    async def is_whole() -> bool:
        return gate.is_ready and set(partitions) <= set(raised(gate, epochs))

    await eventually(is_whole)


@pytest.mark.parametrize("any_redis_url", ["one", "cluster"], indirect=True)
async def test_replicas_that_start_together_begin_once(
    profile: FakeProfile, settings: SegmentationConfig
) -> None:
    """Four on a fresh installation, then four on one in use: no epoch grows."""
    for _ in range(2):
        async with AsyncExitStack() as stack:
            replicas = await asyncio.gather(
                *(stack.enter_async_context(run_replica(settings)) for _ in range(4))
            )
            assert {(1,) * 64} == {replica.process.gate.epochs for replica in replicas}
            shop = Tenant(profile, replicas[0], SHOP)
            if not profile.customers[SHOP]:
                await fill(shop)
            assert CUSTOMERS[1::2] == await shop.members("buyers")


async def test_an_emptied_node_is_filled_while_the_others_serve(
    profile: FakeProfile, settings: SegmentationConfig, nodes: RedisClusterServers
) -> None:
    """FLUSHALL on one of three: its partitions are rebuilt, no other epoch grows."""
    async with run_replica(dataclasses.replace(settings, redis_url=nodes.url)) as replica:
        shop, gate = Tenant(profile, replica, SHOP), replica.process.gate
        await fill(shop)
        members, epochs = await shop.members("buyers"), gate.epochs
        await nodes.command(1, "FLUSHALL")
        other = next(n for n in CUSTOMERS[::2] if partition_of(SHOP, n) not in of_node(1))
        answer = await shop.send(other, keyed("purchase", wall_ms()))
        assert [(other, "buyers", 1, "entered")] == [one[:4] for one in told(answer.changes)]
        gate.suspect()
        await whole_again(gate, epochs, of_node(1))
        assert of_node(1) == raised(gate, epochs)
        assert sorted([*members, other]) == await shop.members("buyers")
        assert 31 == len(await shop.announced(31))


async def test_a_dead_node_closes_only_its_partitions(
    profile: FakeProfile, settings: SegmentationConfig, nodes: RedisClusterServers
) -> None:
    """Until it is back its customers are pending; then they are replayed and it serves again."""
    async with run_replica(dataclasses.replace(settings, redis_url=nodes.url)) as replica:
        shop, gate = Tenant(profile, replica, SHOP), replica.process.gate
        await fill(shop)
        epochs = gate.epochs
        nodes.nodes[2].kill()
        pending = set()
        for name in CUSTOMERS:
            answer = await shop.send(name, keyed("purchase", wall_ms()))
            pending |= set(answer.pending_customer_ids)
        assert pending == {n for n in CUSTOMERS if partition_of(SHOP, n) in of_node(2)}
        own = dataclasses.replace(settings, redis_url=nodes.url)
        async with open_process(own) as second:
            # Nor does it keep another replica from starting.
            await second.server.start()
            assert await second.gate.wait_usable(30)
            assert 64 - len(of_node(2)) == second.gate.ready_count
            await second.server.stop()
        await nodes.nodes[2].start()
        await whole_again(gate, epochs, of_node(2))
        assert of_node(2) == raised(gate, epochs)
        assert CUSTOMERS == await shop.members("buyers")


async def test_without_the_bus_announcements_are_kept_and_put_on_it_later(
    profile: FakeProfile, settings: SegmentationConfig, nodes: RedisClusterServers
) -> None:
    """The node of the bus dies: the others' changes are in MongoDB at once, on the bus when it can
    be reached again."""
    of_bus = key_slot(BUS.encode()) * 3 // 16_384
    async with run_replica(dataclasses.replace(settings, redis_url=nodes.url)) as replica:
        shop, gate = Tenant(profile, replica, SHOP), replica.process.gate
        await fill(shop)
        epochs = gate.epochs
        nodes.nodes[of_bus].kill()
        served = [n for n in CUSTOMERS[::2] if partition_of(SHOP, n) not in of_node(of_bus)]
        name, other = served[:2]
        await shop.send(name, keyed("purchase", wall_ms()))
        assert name in {change.customer_id for change in await shop.announced(31)}
        profile.record(SHOP, other, keyed("purchase", wall_ms()))
        replayed = await shop.replay(other)
        assert [(other, "entered")] == [(one[0], one[3]) for one in told(replayed.changes)]
        await nodes.nodes[of_bus].start()
        await whole_again(gate, epochs, of_node(of_bus))

        async def is_on_the_bus() -> bool:
            heard = await nodes.command(of_bus, "XRANGE", BUS, "-", "+")
            changes = [MembershipChange.FromString(fields[b"d"]) for _, fields in heard]
            return {name, other} <= {change.customer_id for change in changes}

        await eventually(is_on_the_bus)


async def test_a_partition_that_moved_is_not_repaired(
    profile: FakeProfile, settings: SegmentationConfig, nodes: RedisClusterServers
) -> None:
    """A known node that takes a slot over has all of it: it serves on under the same epoch."""
    async with run_replica(dataclasses.replace(settings, redis_url=nodes.url)) as replica:
        shop, gate = Tenant(profile, replica, SHOP), replica.process.gate
        await fill(shop)
        members, epochs = await shop.members("buyers"), gate.epochs
        partition = partition_of(SHOP, members[0])
        slot = key_slot(meta_key(partition).encode())
        source = slot * 3 // 16_384
        await move_slot(nodes, slot, source, (source + 1) % 3)
        await finish_move(nodes, slot, source, (source + 1) % 3)
        answer = await shop.send(members[0], keyed("purchase", wall_ms()))
        assert [] == list(answer.pending_customer_ids)
        gate.suspect()
        assert members == await shop.members("buyers")
        assert [] == raised(gate, epochs)
        # Had the new node crashed now, a replay of what was touched lately would not do.
        client: AsyncMongoClient[dict[str, int]] = AsyncMongoClient(settings.mongodb_uri)
        partitions = client[settings.mongodb_database].partitions

        async def is_noted() -> bool:
            record = await partitions.find_one({"_id": partition})
            return bool(record and record["since_ms"])

        await eventually(is_noted)
        await client.close()


async def test_a_master_that_comes_back_knows_nothing(
    profile: FakeProfile, settings: SegmentationConfig, replicated: RedisClusterServers
) -> None:
    """After a failover and one back, the scripts of before, which it still has, are of no use."""
    nodes = replicated
    async with run_replica(dataclasses.replace(settings, redis_url=nodes.url)) as replica:
        shop, gate = Tenant(profile, replica, SHOP), replica.process.gate
        await fill(shop)
        members, epochs = await shop.members("buyers"), gate.epochs
        old = await generation_of(settings)
        await fail_over(nodes, 3)
        await whole_again(gate, epochs, of_node(0))
        epochs = gate.epochs
    await fail_over(nodes, 0)
    client = ScriptClient(nodes.url)
    # It was never restarted: were the scripts always the same, it would know them.
    text = client.texts(old)["apply"].encode()
    sha = hashlib.sha1(text, usedforsecurity=False).hexdigest()
    assert [1] == await nodes.command(0, "SCRIPT", "EXISTS", sha)
    client.use(await generation_of(settings))
    answers = await RedisStore(client).read(
        Guard(epochs, SHOP, 1, virtual=False), {p: ["x"] for p in ALL_PARTITIONS}
    )
    await client.close()
    assert of_node(0) == [p for p in ALL_PARTITIONS if answers[p][0] is Status.NOT_READY]
    async with run_replica(dataclasses.replace(settings, redis_url=nodes.url)) as replica:
        shop = Tenant(profile, replica, SHOP)
        assert of_node(0) == raised(replica.process.gate, epochs)
        assert members == await shop.members("buyers")
        assert 30 == len(await shop.announced(30))
