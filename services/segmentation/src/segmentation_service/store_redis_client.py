"""Calling the scripts: one round trip for many calls, and what a silent or new Redis means."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

import hiredis
from dangol_service_kit.errors import Code, RpcFailure
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

SCRIPTS = (
    "read",
    "apply",
    "take_due",
    "outbox",
    "counts",
    "members",
    "publish_rules",
    "mark_ready",
)
_SOCKET_TIMEOUT_SECONDS = 5.0

ScriptCall = tuple[str, Sequence[str], Sequence[Any]]


class StoreUnavailableError(RpcFailure):
    """Redis cannot be reached, or answers nothing yet. Callers of ours are told to wait."""

    def __init__(self) -> None:
        super().__init__(Code.NOT_READY, "state cannot be read now", retry_after_ms=1_000)


def load_scripts() -> dict[str, str]:
    """The scripts' texts by name."""
    folder = files("segmentation_service") / "scripts"
    return {name: (folder / f"{name}.lua").read_text("utf-8") for name in SCRIPTS}


class ScriptClient:
    """Calls scripts and plain commands, many in one round trip and never a second time.

    A request whose answer was lost is decided again on a fresh read, so nothing is retried here.
    Raises StoreUnavailableError when Redis cannot be asked, ResponseError for faults of ours.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.scripts = load_scripts()
        self._pool: Any = ConnectionPool.from_url(
            url,
            # The time is set around each exchange: the client's own way to set it
            # (asyncio.wait_for, before Python 3.12) loses cancellations.
            socket_timeout=None,
            socket_connect_timeout=_SOCKET_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._shas = {
            name: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for name, text in self.scripts.items()
        }

    async def close(self) -> None:
        """Closes every connection."""
        await self._pool.disconnect()

    async def call(self, calls: Iterable[ScriptCall]) -> list[Any]:
        """Each script's answer; None from a Redis that does not know the scripts."""
        commands = [
            ("EVALSHA", self._shas[name], len(keys), *keys, *arguments)
            for name, keys, arguments in calls
        ]
        replies = await self._exchange(commands)
        for reply in replies:
            if isinstance(reply, ResponseError) and not isinstance(reply, NoScriptError):
                raise reply
        return [None if isinstance(reply, NoScriptError) else reply for reply in replies]

    async def execute(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Each command's answer."""
        replies = await self._exchange(commands)
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise reply
        return replies

    async def _exchange(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        if not commands:
            return []
        # Packed in C: packing in Python takes as long as all the rest.
        packed = b"".join(map(hiredis.pack_command, commands))
        try:
            connection = await self._pool.get_connection()
            try:
                async with asyncio.timeout(_SOCKET_TIMEOUT_SECONDS):
                    return await _talk(connection, packed, len(commands))
            finally:
                await self._pool.release(connection)
        except (RedisConnectionError, RedisTimeoutError, OSError):
            # The idle ones have ended as well: better they are opened again than fail one by one.
            await self._pool.disconnect(inuse_connections=False)
            raise StoreUnavailableError from None


async def _talk(connection: Any, packed: bytes, count: int) -> list[Any]:
    replies: list[Any] = []
    try:
        await connection.send_packed_command([packed], check_health=False)
        while len(replies) < count:
            try:
                replies.append(await connection.read_response())
            except ResponseError as error:
                replies.append(error)
    except BaseException:
        # Answers that were not read must not meet the next request.
        await connection.disconnect(nowait=True)
        raise
    return replies
