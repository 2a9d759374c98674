"""A MongoDB replica set of three nodes on loopback, whose nodes may be killed, paused and started.

For tests of failover; the development stack needs no more than one node (servers.MongoServer).
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from dangol_dev.processes import ChildProcess, free_port
from dangol_dev.servers import mongod_path

REPLICA_SET = "rs3"
_NODE_COUNT = 3
_ELECTION_TIMEOUT_MS = 2_000
_HEARTBEAT_MS = 500
# Against hanging only: a machine with much to do may need minutes for an election.
_READY_LIMIT_SECONDS = 600.0
# A node that runs may need long to say so on such a machine. A dead one refuses, and is asked anew.
_ANSWER_LIMIT_MS = 5_000
_POLL_SECONDS = 0.05


class MongoReplicas:
    """Three voting nodes with journals; data below `directory`.

    An election takes two to three seconds here instead of MongoDB's usual ten to twelve.
    """

    def __init__(self, directory: Path, cache_gb: float = 0.25) -> None:
        self.ports = [free_port() for _ in range(_NODE_COUNT)]
        self.nodes = [
            _node(directory / f"mongod{number}", port, cache_gb)
            for number, port in enumerate(self.ports)
        ]
        self._data = [directory / f"mongod{number}" for number in range(_NODE_COUNT)]

    @property
    def url(self) -> str:
        """A connection string that names every node."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"mongodb://{hosts}/?replicaSet={REPLICA_SET}"

    async def start(self) -> None:
        """Start every node, found the set, wait for a primary; raises ProcessFailedError."""
        for node, data in zip(self.nodes, self._data, strict=True):
            data.mkdir(parents=True, exist_ok=True)
            node.start()
        for number, node in enumerate(self.nodes):
            await node.wait_until(partial(self._answers, number), _READY_LIMIT_SECONDS)
        initiate = {"replSetInitiate": self._configuration()}
        await self._command(0, initiate, int(_READY_LIMIT_SECONDS * 1_000))
        await self.primary()

    async def primary(self) -> int:
        """The number of the node that takes writes now; raises TimeoutError for none."""
        async with asyncio.timeout(_READY_LIMIT_SECONDS):
            while True:
                for number, node in enumerate(self.nodes):
                    if node.running and await self._is_primary(number):
                        return number
                await asyncio.sleep(_POLL_SECONDS)

    async def whole(self) -> None:
        """Wait until one node is primary and the others follow it."""
        async with asyncio.timeout(_READY_LIMIT_SECONDS):
            while True:
                states = [await self._state(number) for number in range(_NODE_COUNT)]
                if sorted(states) == ["PRIMARY", "SECONDARY", "SECONDARY"]:
                    return
                await asyncio.sleep(_POLL_SECONDS)

    def kill(self) -> None:
        """End every node with SIGKILL."""
        for node in self.nodes:
            node.kill()

    def _configuration(self) -> dict[str, Any]:
        members = [
            {"_id": number, "host": f"127.0.0.1:{port}"} for number, port in enumerate(self.ports)
        ]
        times = {
            "electionTimeoutMillis": _ELECTION_TIMEOUT_MS,
            "heartbeatIntervalMillis": _HEARTBEAT_MS,
        }
        return {"_id": REPLICA_SET, "members": members, "settings": times}

    async def _command(
        self, number: int, command: dict[str, Any], limit_ms: int = _ANSWER_LIMIT_MS
    ) -> dict[str, Any]:
        """By a client of its own in a thread, which leaves no socket behind when it fails."""
        address = f"mongodb://127.0.0.1:{self.ports[number]}/?directConnection=true"

        def send() -> dict[str, Any]:
            with MongoClient[dict[str, Any]](
                address,
                serverSelectionTimeoutMS=_ANSWER_LIMIT_MS,
                connectTimeoutMS=_ANSWER_LIMIT_MS,
                socketTimeoutMS=limit_ms,
            ) as client:
                return client.admin.command(command)

        return await asyncio.to_thread(send)

    async def _answers(self, number: int) -> bool:
        return await self._state(number) != "DOWN"

    async def _is_primary(self, number: int) -> bool:
        return await self._state(number) == "PRIMARY"

    async def _state(self, number: int) -> str:
        try:
            hello = await self._command(number, {"hello": 1})
        except PyMongoError:
            return "DOWN"
        if hello.get("isWritablePrimary"):
            return "PRIMARY"
        return "SECONDARY" if hello.get("secondary") else "OTHER"


def _node(data: Path, port: int, cache_gb: float) -> ChildProcess:
    command = [str(mongod_path()), "--dbpath", str(data), "--port", str(port)]
    command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", REPLICA_SET]
    command += ["--wiredTigerCacheSizeGB", str(cache_gb), "--oplogSize", "512"]
    command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
    return ChildProcess(data.name, command, data.with_suffix(".log"))
