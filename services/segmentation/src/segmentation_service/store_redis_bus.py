"""The bus: a stream of membership changes that every consumer follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from segmentation_service.store_redis import outbox_key
from segmentation_service.store_redis_client import ScriptClient

BUS = "dangol:bus:membership"
BUS_FIELD = b"d"
# MongoDB holds the truth; consumers that fall behind read there.
BUS_LENGTH = 200_000


class RedisBus:
    """Methods raise StoreUnavailableError when Redis cannot be asked."""

    def __init__(self, client: ScriptClient) -> None:
        self._client = client

    async def publish(self, boxes: Mapping[int, Sequence[tuple[bytes, bytes]]]) -> None:
        """Puts (entry id, change) on the bus, in order, then takes them out of the outboxes."""
        await self.publish_again([change for entries in boxes.values() for _, change in entries])
        taken = [
            (outbox_key(partition), [entry_id for entry_id, _ in entries])
            for partition, entries in boxes.items()
            if entries
        ]
        await self._client.execute([("XDEL", key, *ids) for key, ids in taken])

    async def publish_again(self, changes: Sequence[bytes]) -> None:
        """Puts changes on the bus that it may have lost; consumers know them by their id."""
        await self._execute([_add(change) for change in changes])

    async def bounds(self) -> tuple[str, str] | None:
        """Ids of the bus's first and last entry; None when it is empty."""
        first, last = await self._execute(
            [
                ("XRANGE", BUS, "-", "+", "COUNT", "1"),
                ("XREVRANGE", BUS, "+", "-", "COUNT", "1"),
            ]
        )
        if not first or not last:
            return None
        return first[0][0].decode(), last[0][0].decode()

    async def read(self, after: str, limit: int, *, until: str = "+") -> list[tuple[str, bytes]]:
        """Entries (id, change) after an id, in order."""
        command = ("XRANGE", BUS, f"({after}", until, "COUNT", str(limit))
        (entries,) = await self._execute([command])
        return [(entry_id.decode(), fields[1]) for entry_id, fields in entries]

    async def wait(self, after: str, wait_ms: int) -> None:
        """Returns when there is an entry after an id, or the time is over."""
        command = ("XREAD", "COUNT", "1", "BLOCK", str(wait_ms), "STREAMS", BUS, after)
        await self._execute([command])

    async def _execute(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        return await self._client.execute(commands, BUS)


def _add(change: bytes) -> tuple[Any, ...]:
    return "XADD", BUS, "MAXLEN", "~", BUS_LENGTH, "*", BUS_FIELD, change
