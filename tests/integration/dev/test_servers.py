"""The embedded MongoDB and Redis: they start, survive SIGKILL and never outlive their parent."""

import asyncio
import os
import sys
from pathlib import Path

import redis.asyncio
from dangol_dev.servers import MongoServer, RedisServer
from pymongo import AsyncMongoClient


async def test_mongodb_keeps_journaled_writes_over_sigkill(mongodb_server: MongoServer) -> None:
    """A majority write is there after kill -9 and restart."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(mongodb_server.url)
    await client["kept"]["things"].insert_one({"_id": 1})
    mongodb_server.kill()
    await mongodb_server.restart()
    found = await client["kept"]["things"].find_one({})
    await client.close()
    assert found == {"_id": 1}


async def test_mongodb_moves_to_another_port(tmp_path: Path) -> None:
    """A replica set founded on one port serves on another one after its next start."""
    first = MongoServer(tmp_path)
    await first.start()
    await first.stop()
    second = MongoServer(tmp_path)
    await second.start()
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(second.url)
    hello = await client.admin.command("hello")
    await client.close()
    second.kill()
    assert f"127.0.0.1:{second.port}" == hello["me"]


async def test_redis_keeps_its_data_over_a_restart(redis_server: RedisServer) -> None:
    """What was written is there after a clean restart, and FLUSHALL removes it."""
    async with redis.asyncio.Redis.from_url(redis_server.url) as client:
        await client.set("kept", "yes")
    await redis_server.restart()
    async with redis.asyncio.Redis.from_url(redis_server.url) as client:
        assert await client.get("kept") == b"yes"
        await redis_server.delete_everything()
        assert await client.get("kept") is None


async def test_redis_is_emptied_before_each_test(redis_url: str) -> None:
    """A test sees no key at its start and may leave some behind."""
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")


async def test_redis_is_emptied_after_another_test(redis_url: str) -> None:
    """What the test before left behind is gone."""
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0


async def test_mongodb_uri_serves_transactions(mongodb_uri: str, database_name: str) -> None:
    """The shared MongoDB is a replica set: change streams and transactions work."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(mongodb_uri)
    collection = client[database_name]["things"]
    async with await collection.watch(max_await_time_ms=100) as stream:
        await collection.insert_one({"_id": 1})
        change = await anext(stream)
    await client.close()
    assert change["operationType"] == "insert"


_PARENT = """
import asyncio, pathlib, sys
from dangol_dev.servers import RedisServer
async def main():
    server = RedisServer(pathlib.Path(sys.argv[1]))
    await server.start()
    print(server.process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_no_server_outlives_a_killed_parent(tmp_path: Path) -> None:
    """kill -9 of the process that started a server ends the server too."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    server_pid = int(await parent.stdout.readline())
    assert _alive(server_pid)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(60):
        while _alive(server_pid):
            await asyncio.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
