"""A Redis Cluster of a few nodes on loopback: the same program as the single Redis."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import redis.asyncio
import redis.exceptions

from dangol_dev.processes import ProcessFailedError, free_port
from dangol_dev.servers import RedisServer

SLOT_COUNT = 16_384
# How soon a silent master is replaced; where nobody could replace it, a busy machine's pauses
# are better not taken for its end.
_NODE_TIMEOUT_MS = 1_000
_LONELY_NODE_TIMEOUT_MS = 10_000
_READY_LIMIT_SECONDS = 60.0
_POLL_SECONDS = 0.05


class ClusterNode(RedisServer):
    """A Redis in cluster mode, with a second port for the other nodes."""

    def __init__(self, directory: Path, node_timeout_ms: int) -> None:
        self.bus_port = free_port()
        options = ["--cluster-enabled", "yes", "--cluster-port", str(self.bus_port)]
        options += ["--cluster-node-timeout", str(node_timeout_ms)]
        # A part of the keys is better than none.
        options += ["--cluster-require-full-coverage", "no"]
        options += ["--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"]
        super().__init__(directory, databases=1, options=options)


class RedisClusterServers:
    """Masters that share the slots evenly, and replicas of each; data below `directory`.

    nodes: the masters in the order of their slots, then the replicas of the first master, those
    of the second, and so on.
    """

    def __init__(self, directory: Path, master_count: int = 3, replicas_each: int = 0) -> None:
        self.master_count = master_count
        self.replicas_each = replicas_each
        count = master_count * (1 + replicas_each)
        timeout_ms = _NODE_TIMEOUT_MS if replicas_each else _LONELY_NODE_TIMEOUT_MS
        self.nodes = [
            ClusterNode(directory / f"node{number}", timeout_ms) for number in range(count)
        ]

    @property
    def url(self) -> str:
        """What DANGOL_REDIS_URL names it by."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    async def start(self) -> None:
        """Start every node, join them and hand out the slots; raises ProcessFailedError."""
        await asyncio.gather(*(node.start() for node in self.nodes))
        await asyncio.gather(*(self._found(number) for number in range(self.master_count)))
        for node in self.nodes[1:]:
            await self.command(0, "CLUSTER", "MEET", "127.0.0.1", node.port, node.bus_port)
        await self.until(self._all_know_all)
        for number in range(self.master_count, len(self.nodes)):
            master = (number - self.master_count) // self.replicas_each
            node_id = await self.command(master, "CLUSTER", "MYID")
            await self.command(number, "CLUSTER", "REPLICATE", node_id)
            await self.until(lambda number=number: self._follows(number))  # type: ignore[misc]
        await self.until(self.is_whole)

    async def command(self, number: int, *arguments: Any) -> Any:
        """One command on one node; raises redis' errors."""
        client: Any = redis.asyncio.Redis(port=self.nodes[number].port, socket_timeout=5)
        async with client:
            return await client.execute_command(*arguments)

    async def role(self, number: int) -> str:
        """master or slave; "" when it does not answer."""
        try:
            return str((await self.command(number, "ROLE"))[0].decode())
        except (redis.exceptions.RedisError, OSError):
            return ""

    async def is_whole(self) -> bool:
        """Whether all running nodes see every slot served, and replicas follow their masters."""
        for number, node in enumerate(self.nodes):
            if not node.process.running:
                continue
            try:
                info = await self.command(number, "CLUSTER", "INFO")
                role = await self.command(number, "ROLE")
            except (redis.exceptions.RedisError, OSError):
                return False
            told = dict(line.split(":") for line in info.decode().split())
            if told["cluster_state"] != "ok" or int(told["cluster_slots_ok"]) < SLOT_COUNT:
                return False
            if role[0] == b"slave" and role[3] != b"connected":
                return False
        return True

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Returns once the condition holds; raises ProcessFailedError after a minute."""
        try:
            async with asyncio.timeout(_READY_LIMIT_SECONDS):
                while not await condition():
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise ProcessFailedError("the Redis Cluster did not come together") from None

    async def delete_everything(self) -> None:
        """FLUSHALL on every master."""
        for number in range(len(self.nodes)):
            if await self.role(number) == "master":
                await self.command(number, "FLUSHALL")

    def kill(self) -> None:
        """End every node with SIGKILL."""
        for node in self.nodes:
            node.kill()

    async def _found(self, number: int) -> None:
        first = SLOT_COUNT * number // self.master_count
        last = SLOT_COUNT * (number + 1) // self.master_count - 1
        await self.command(number, "CLUSTER", "ADDSLOTSRANGE", first, last)
        await self.command(number, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)

    async def _follows(self, number: int) -> bool:
        role = await self.command(number, "ROLE")
        return bool(role[0] == b"slave" and role[3] == b"connected")

    async def _all_know_all(self) -> bool:
        for number in range(len(self.nodes)):
            known = await self.command(number, "CLUSTER", "INFO")
            if f"cluster_known_nodes:{len(self.nodes)}\r" not in known.decode():
                return False
        return True
