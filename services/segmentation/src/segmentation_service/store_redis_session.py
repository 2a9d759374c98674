"""One connection to one running Redis, which recovery trusts because it never reconnects."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from segmentation_service.partitions import ALL_PARTITIONS

_TIMEOUT_SECONDS = 10.0
_SCAN_COUNT = 2000


@dataclass(frozen=True, slots=True)
class Meta:
    """What Redis says of a partition; epoch 0 when it knows nothing of it."""

    epoch: int
    ready: bool


class RedisSession:
    """Commands on one connection. Whatever was answered came from the Redis of `run_id`."""

    def __init__(self, url: str, scripts: Mapping[str, str]) -> None:
        self._pool: Any = ConnectionPool.from_url(
            url,
            max_connections=1,
            socket_timeout=None,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._connection: Any = None
        self._scripts = scripts
        self.run_id = ""

    async def open(self) -> None:
        """Connects and learns which Redis this is. Raises redis' errors."""
        self._connection = await self._pool.get_connection()
        info = await self._command("INFO", "server")
        text = info.decode() if isinstance(info, bytes) else str(info)
        lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        self.run_id = lines["run_id"]

    async def close(self) -> None:
        """Closes the connection."""
        await self._pool.disconnect()

    async def metas(self) -> list[Meta]:
        """Each partition's epoch and readiness."""
        replies = await self._commands(
            [("HMGET", _meta(partition), "epoch", "ready") for partition in ALL_PARTITIONS]
        )
        return [Meta(int(epoch or 0), ready == b"1") for epoch, ready in replies]

    async def begin_epochs(self, epochs: Mapping[int, int]) -> None:
        """Closes partitions and starts their numbering anew under the epochs given."""
        await self._commands(
            [
                ("HSET", _meta(partition), "epoch", str(epoch), "ready", "0", "seq", "0")
                for partition, epoch in epochs.items()
            ]
        )

    async def load_scripts(self) -> None:
        """Lets this Redis be used; to be done only when every closed partition is closed."""
        await self._commands([("SCRIPT", "LOAD", text) for text in self._scripts.values()])

    async def mark_ready(self, epochs: Mapping[int, int]) -> bool:
        """Opens partitions; False when another recovery has begun a later epoch."""
        text = self._scripts["mark_ready"]
        replies = await self._commands(
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
            await self._commands([("UNLINK", name) for name in stale])
            if cursor == b"0":
                return

    async def _command(self, *arguments: Any) -> Any:
        return (await self._commands([arguments]))[0]

    async def _commands(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        if not commands:
            return []
        if not self._connection.is_connected:
            raise ConnectionError("the session's connection was closed")
        packed = self._connection.pack_commands(commands)
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await self._connection.send_packed_command(packed, check_health=False)
            return [await self._connection.read_response() for _ in commands]


def _meta(partition: int) -> str:
    return f"dangol:{{{partition:02d}}}:meta"
