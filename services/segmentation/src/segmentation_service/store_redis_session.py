"""One connection to one running Redis, which recovery trusts because it never reconnects."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from segmentation_service.recovery import Meta, Node
from segmentation_service.store_redis_client import StoreUnavailableError

_TIMEOUT_SECONDS = 10.0
# The other nodes of a cluster shall not wait for a silent one.
_TIMEOUT_SECONDS_IN_CLUSTER = 3.0
_SCAN_COUNT = 2000

Texts = Callable[[str], Mapping[str, str]]


class StaleNodeError(StoreUnavailableError):
    """The node refused, or is not any more what it was when it was judged."""


class RedisSession:
    """Commands on one connection. Whatever was answered came from the process of `node`.

    Raises StoreUnavailableError when it ended, or does not answer.
    """

    def __init__(self, url: str, texts: Texts, is_cluster: bool) -> None:
        self._timeout_seconds = _TIMEOUT_SECONDS_IN_CLUSTER if is_cluster else _TIMEOUT_SECONDS
        self._pool: Any = ConnectionPool.from_url(
            url,
            max_connections=1,
            socket_timeout=None,
            socket_connect_timeout=self._timeout_seconds,
            retry=Retry(NoBackoff(), 0),
        )
        self._connection: Any = None
        self._texts = texts
        self._is_cluster = is_cluster
        self.node = Node("", "", "", "", serves=False)

    async def open(self) -> None:
        """Connects and learns which process this is."""
        try:
            self._connection = await self._pool.get_connection()
        except (RedisConnectionError, RedisTimeoutError, OSError):
            raise StoreUnavailableError from None
        self.node = await self._identify()

    async def close(self) -> None:
        """Closes the connection."""
        await self._pool.disconnect()

    async def time_ms(self) -> int:
        """The node's own wall time."""
        seconds, microseconds = await self._command("TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    async def metas(self, partitions: Iterable[int]) -> dict[int, Meta]:
        """Each partition's epoch and readiness; those that moved away are left out."""
        asked = list(partitions)
        replies = await self._commands(
            [("HMGET", _meta(partition), "epoch", "ready") for partition in asked]
        )
        return {
            partition: Meta(int(reply[0] or 0), reply[1] == b"1")
            for partition, reply in zip(asked, replies, strict=True)
            if not isinstance(reply, ResponseError)
        }

    async def begin_epochs(self, epochs: Mapping[int, int]) -> None:
        """Closes partitions and starts their numbering anew under the epochs given."""
        await self._commands_done(
            [
                ("HSET", _meta(partition), "epoch", str(epoch), "ready", "0", "seq", "0")
                for partition, epoch in epochs.items()
            ]
        )

    async def knows_scripts(self, generation: str) -> bool:
        """Whether the scripts of a generation are loaded, all of them."""
        shas = [_sha(text) for text in self._texts(generation).values()]
        return all(await self._command("SCRIPT", "EXISTS", *shas))

    async def load_scripts(self, generation: str) -> None:
        """Lets this node be used; to be done only when every closed partition is closed.

        Raises StaleNodeError when it was demoted meanwhile: what it holds is not what was judged.
        """
        await self._commands_done(
            [("SCRIPT", "LOAD", text) for text in self._texts(generation).values()]
        )
        if await self._identify() != self.node:
            raise StaleNodeError

    async def mark_ready(self, epochs: Mapping[int, int], generation: str) -> bool:
        """Opens partitions; False when another recovery has begun a later epoch."""
        text = self._texts(generation)["mark_ready"]
        replies = await self._commands_done(
            [
                ("EVAL", text, "1", _meta(partition), str(epoch))
                for partition, epoch in epochs.items()
            ]
        )
        return all(replies)

    async def clear(self, partitions: Collection[int], with_outboxes: bool = False) -> None:
        """Removes the state of partitions that will be built anew; outboxes stay unless named."""
        prefixes = {f"dangol:{{{partition:02d}}}:" for partition in partitions}
        names_kept = ("meta",) if with_outboxes else ("meta", "rules", "outbox")
        kept = {prefix + name for prefix in prefixes for name in names_kept}
        cursor = b"0"
        while True:
            cursor, keys = await self._command(
                "SCAN", cursor, "MATCH", "dangol:{*", "COUNT", str(_SCAN_COUNT)
            )
            names = [key.decode() for key in keys]
            stale = [name for name in names if name[:12] in prefixes and name not in kept]
            await self._commands_done([("UNLINK", name) for name in stale])
            if cursor == b"0":
                return

    async def unlink(self, pattern: str) -> int:
        """Removes the node's keys of a pattern; how many there were."""
        cursor, count = b"0", 0
        while True:
            cursor, keys = await self._command(
                "SCAN", cursor, "MATCH", pattern, "COUNT", str(_SCAN_COUNT)
            )
            gone = await self._commands_done([("UNLINK", name) for name in keys])
            count += sum(int(one) for one in gone)
            if cursor == b"0":
                return count

    async def _identify(self) -> Node:
        parts = [await self._command("INFO", section) for section in ("server", "replication")]
        text = b"\n".join(parts).decode()
        lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        node_id = ""
        if self._is_cluster:
            node_id = (await self._command("CLUSTER", "MYID")).decode()
            state = (await self._command("CLUSTER", "INFO")).decode()
            lines.update(line.split(":", 1) for line in state.splitlines() if ":" in line)
        # A master that has lost sight of most others may have been replaced already.
        serves = lines["role"] == "master" and lines.get("cluster_state", "ok") == "ok"
        return Node(
            node_id, lines["run_id"], lines["master_replid"], lines["master_replid2"], serves
        )

    async def _command(self, *arguments: Any) -> Any:
        return (await self._commands_done([arguments]))[0]

    async def _commands_done(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        replies = await self._commands(commands)
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise StaleNodeError from reply
        return replies

    async def _commands(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        if not commands:
            return []
        if not self._connection.is_connected:
            raise StoreUnavailableError
        packed = self._connection.pack_commands(commands)
        replies: list[Any] = []
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._connection.send_packed_command(packed, check_health=False)
                while len(replies) < len(commands):
                    try:
                        replies.append(await self._connection.read_response())
                    except ResponseError as error:
                        replies.append(error)
        except (RedisConnectionError, RedisTimeoutError, OSError):
            raise StoreUnavailableError from None
        return replies


def _sha(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _meta(partition: int) -> str:
    return f"dangol:{{{partition:02d}}}:meta"
