"""The bus consumer: every entry at least once, in order, whatever happens to Redis."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dangol_dev.redis_cluster import SLOT_COUNT, RedisClusterServers
from dangol_dev.servers import RedisServer
from dangol_service_kit.bus import BusConsumer
from dangol_service_kit.redis_address import open_redis
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError

STREAM = "dangol:bus:test"


class Collector:
    """Keeps what it was handed; may be told to fail first."""

    def __init__(self, failures: int = 0) -> None:
        self.received: list[bytes] = []
        self.failures = failures
        self._changed = asyncio.Condition()

    async def __call__(self, batch: list[tuple[str, bytes]]) -> None:
        """Takes a batch."""
        if self.failures:
            self.failures -= 1
            raise ValueError("not now")
        async with self._changed:
            self.received.extend(body for _, body in batch)
            self._changed.notify_all()

    async def until(self, count: int) -> list[bytes]:
        """What was received, once there are `count`."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def until_received(self, body: bytes) -> None:
        """Returns once `body` was received."""
        async with self._changed:
            await self._changed.wait_for(lambda: body in self.received)


@contextlib.asynccontextmanager
async def consuming(redis: Any, collector: Collector, name: str = "one") -> AsyncIterator[None]:
    """A consumer of the group test, running in the background."""
    consumer = BusConsumer(
        redis, STREAM, "test", name, collector, batch_size=10, block_ms=100, claim_idle_ms=200
    )
    task = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _add(redis: Any, *bodies: bytes) -> None:
    for body in bodies:
        await redis.xadd(STREAM, {"d": body})


both = pytest.mark.parametrize("any_redis_url", ["one", "cluster"], indirect=True)


@pytest.fixture
async def redis(any_redis_url: str) -> AsyncIterator[Any]:
    """A client of the tests' Redis, or of their cluster."""
    client = open_redis(any_redis_url)
    yield client
    await client.aclose()


@both
async def test_entries_arrive_in_order_and_are_acknowledged(redis: Any) -> None:
    """What was sent before the group existed counts too, and nothing stays pending."""
    bodies = [b"%d" % number for number in range(25)]
    await _add(redis, *bodies)
    collector = Collector()
    async with consuming(redis, collector):
        assert bodies == await collector.until(25)
        await _add(redis, b"more")
        assert [*bodies, b"more"] == await collector.until(26)
    await asyncio.wait_for(_nothing_pending(redis), timeout=60)


async def _nothing_pending(redis: Any) -> None:
    while (await redis.xpending(STREAM, "test"))["pending"] > 0:
        await asyncio.sleep(0.01)


@both
async def test_a_failing_handler_gets_the_batch_again(redis: Any) -> None:
    """Nothing is acknowledged before the handler returned."""
    await _add(redis, b"1", b"2")
    collector = Collector(failures=2)
    async with consuming(redis, collector):
        assert await collector.until(2) == [b"1", b"2"]


@both
async def test_entries_of_a_dead_consumer_are_taken_over(redis: Any) -> None:
    """What another read and never acknowledged is claimed once it has been idle."""
    await redis.xgroup_create(STREAM, "test", id="0", mkstream=True)
    await _add(redis, b"left behind")
    await redis.xreadgroup("test", "dead", {STREAM: ">"})
    collector = Collector()
    async with consuming(redis, collector):
        assert await collector.until(1) == [b"left behind"]


class Held:
    """A handler that takes as long as it is told to."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, _batch: list[tuple[str, bytes]]) -> None:
        """Takes a batch."""
        self.entered.set()
        await self.go_on.wait()


@both
async def test_a_consumer_that_leaves_has_nothing_unfinished(redis: Any) -> None:
    """What it read is handled and acknowledged, and its name is given up."""
    await _add(redis, b"1", b"2")
    held = Held()
    consumer = BusConsumer(redis, STREAM, "test", "one", held, block_ms=100)
    running = asyncio.create_task(consumer.run())
    await held.entered.wait()
    leaving = asyncio.create_task(consumer.leave())
    await _add(redis, b"for others")
    held.go_on.set()
    await asyncio.wait_for(asyncio.gather(leaving, running), timeout=10)
    assert 0 == (await redis.xpending(STREAM, "test"))["pending"]
    assert [] == await redis.xinfo_consumers(STREAM, "test")
    collector = Collector()
    async with consuming(redis, collector, "two"):
        assert [b"for others"] == await collector.until(1)


async def test_the_consumer_survives_a_restart_of_redis(redis_server: RedisServer) -> None:
    """After kill -9 and restart, and after losing everything, it goes on by itself."""
    async with Redis.from_url(redis_server.url) as redis:
        collector = Collector()
        async with consuming(redis, collector):
            await _add(redis, b"before")
            await collector.until(1)
            redis_server.kill()
            await redis_server.start()
            await _eventually_add(redis, b"after")
            await collector.until_received(b"after")
            async with Redis.from_url(redis_server.url) as fresh:
                await fresh.flushall()
                await _add(fresh, b"anew")
            await collector.until_received(b"anew")


async def test_the_consumer_follows_a_failover(tmp_path: Path) -> None:
    """When the node of the stream is killed, its replica is read, and nothing is missed."""
    nodes = RedisClusterServers(tmp_path, replicas_each=1)
    await nodes.start()
    redis = open_redis(nodes.url)
    collector = Collector()
    async with consuming(redis, collector):
        await _add(redis, b"before")
        await collector.until(1)
        await nodes.command(master_of(STREAM), "WAIT", 1, 5000)
        nodes.nodes[master_of(STREAM)].kill()
        await _eventually_add(redis, b"after")
        await collector.until_received(b"after")
    assert [b"before", b"after"] == list(dict.fromkeys(collector.received))
    await redis.aclose()
    nodes.kill()


def master_of(key: str) -> int:
    """Which of three masters serves a key."""
    return key_slot(key.encode()) * 3 // SLOT_COUNT


async def _eventually_add(redis: Any, body: bytes) -> None:
    for _ in range(200):
        with contextlib.suppress(RedisError):
            return await _add(redis, body)
        await asyncio.sleep(0.05)
    raise AssertionError("Redis did not come back")
