"""Redis loses its last second, or everything, while the shop is in full swing."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dangol_dev.redis_cluster import RedisClusterServers
from dangol_dev.servers import RedisServer
from pymongo import AsyncMongoClient
from redis.crc import key_slot
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile
from tests.integration.segmentation.faults.traffic import RULES, Till, under_two_ids
from tests.integration.segmentation.harness import Replica, Tenant, run_replica

BEFORE_SECONDS = 3.5
LOST_SECONDS = 0.9
AFTER_SECONDS = 4.0

pytestmark = pytest.mark.timeout(180)


@dataclasses.dataclass
class Scene:
    """Traffic through one replica, and what MongoDB has of it."""

    till: Till
    replica: Replica
    database: Any

    async def kept_count(self) -> int:
        """How many announcements are kept for good."""
        return int(await self.database.announcements.count_documents({}))

    async def announce_more(self, kept: int) -> None:
        """Lets the second pass that is going to be lost, in which something was announced: then
        only the state knows nothing of it any more."""
        await asyncio.sleep(LOST_SECONDS)
        while await self.kept_count() <= kept:
            await asyncio.sleep(0.05)


@asynccontextmanager
async def scene(profile: FakeProfile, settings: SegmentationConfig) -> AsyncIterator[Scene]:
    """A replica whose segments are live."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(settings.mongodb_uri)
    async with run_replica(settings) as replica:
        till = Till(profile, settings, [replica.channel])
        await till.define()
        yield Scene(till, replica, client[settings.mongodb_database])
    await client.close()


async def disturb(played: Scene, fault: Callable[[], Awaitable[None]]) -> None:
    """Has the fault happen in the middle of traffic, and judges what came of it."""
    epochs = played.replica.process.gate.epochs
    over = asyncio.Event()
    traffic = asyncio.create_task(played.till.run(over.is_set))
    try:
        await asyncio.sleep(BEFORE_SECONDS)
        await fault()
        await asyncio.sleep(AFTER_SECONDS)
    finally:
        over.set()
        await traffic
    gate = played.replica.process.gate
    assert await gate.wait_ready(60)
    assert gate.epochs != epochs
    kept = await played.till.kept(played.database)
    expected = played.till.expected()
    assert played.till.answered_pending > 0
    assert expected == set(kept)
    assert {1} == set(kept.values())
    heard = [one.told for one in await played.till.heard()]
    assert [] == under_two_ids([*kept, *heard])
    assert set(heard) <= expected
    shop = Tenant(played.till.profile, played.replica, SHOP)
    for segment_id in RULES:
        last = {told[0]: told for told in sorted(expected, key=_order) if told[1] == segment_id}
        members = sorted(name for name, told in last.items() if told[3])
        assert members == await shop.members(segment_id)


def _order(told: tuple[str, str, int, bool, int]) -> tuple[int, bool]:
    """Within a stint, leaving comes after entering."""
    return told[2], not told[3]


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(False, id="between commands", marks=pytest.mark.deep),
        pytest.param(True, id="inside a command"),
    ],
)
async def test_a_second_cut_off_the_append_only_file_is_made_good(
    profile: FakeProfile, settings: SegmentationConfig, tmp_path: Path, inside: bool
) -> None:
    """What a crash with fsync every second leaves: the file ends a second early."""
    server = RedisServer(tmp_path)
    await server.start()

    async with scene(profile, dataclasses.replace(settings, redis_url=server.url)) as played:

        async def crash() -> None:
            (log,) = server.append_only_directory.glob("*.incr.aof")
            size, kept = log.stat().st_size, await played.kept_count()
            await played.announce_more(kept)
            server.kill()
            data = log.read_bytes()
            end = max(point for point in commands_end(data) if point <= size)
            assert end < len(data)
            log.write_bytes(data[: end + (9 if inside else 0)])
            await server.start()

        await disturb(played, crash)
    server.kill()


def commands_end(data: bytes) -> list[int]:
    """Where the commands of an append-only file end."""
    ends = []
    position = 0
    while position < len(data):
        line_end = data.index(b"\r\n", position)
        count = int(data[position + 1 : line_end])
        position = line_end + 2
        for _ in range(count):
            line_end = data.index(b"\r\n", position)
            position = line_end + 2 + int(data[position + 1 : line_end]) + 2
        ends.append(position)
    return ends


@pytest.mark.parametrize("victim", ["of the bus", pytest.param("another", marks=pytest.mark.deep)])
async def test_a_failover_that_missed_the_last_second_is_made_good(
    profile: FakeProfile, settings: SegmentationConfig, tmp_path: Path, victim: str
) -> None:
    """A replica that was cut off is promoted; the partitions of the others keep serving."""
    nodes = RedisClusterServers(tmp_path, replicas_each=1)
    await nodes.start()
    of_bus = key_slot(b"dangol:bus:membership") * nodes.master_count // 16_384
    master = of_bus if victim == "of the bus" else (of_bus + 1) % 3

    async with scene(profile, dataclasses.replace(settings, redis_url=nodes.url)) as played:
        gate = played.replica.process.gate
        epochs, serving = gate.epochs, []

        async def fail_over() -> None:
            await nodes.command(master + 3, "CONFIG", "SET", "masteruser", "x", "masterauth", "y")
            await nodes.command(master, "CLIENT", "KILL", "TYPE", "replica")
            kept = await played.kept_count()
            await played.announce_more(kept)
            nodes.nodes[master].kill()
            while await nodes.role(master + 3) != "master":
                serving.append(gate.ready_count)
                await asyncio.sleep(0.05)

        await disturb(played, fail_over)
        raised = [now > before for now, before in zip(gate.epochs, epochs, strict=True)]
    assert 15 <= sum(raised) <= 30
    assert min(serving) >= 64 - sum(raised)
    nodes.kill()


@pytest.mark.parametrize("fate", ["emptied", pytest.param("replaced", marks=pytest.mark.deep)])
async def test_a_redis_that_lost_everything_is_filled_under_traffic(
    profile: FakeProfile, settings: SegmentationConfig, tmp_path: Path, fate: str
) -> None:
    """Events are recorded and answered meanwhile; only what was not announced yet is."""
    server = RedisServer(tmp_path)
    await server.start()

    async with scene(profile, dataclasses.replace(settings, redis_url=server.url)) as played:

        async def lose() -> None:
            if fate == "emptied":
                await server.delete_everything()
                return
            server.kill()
            shutil.rmtree(server.append_only_directory)
            await server.start()

        await disturb(played, lose)
    server.kill()
