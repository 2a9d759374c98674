"""One Redis process: many commands in one round trip, and what its silence means."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import hiredis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

_REST_SECONDS = 0.5


class NodeSilentError(Exception):
    """The node could not be asked, or its answer did not come: what it did is unknown."""


class RedisNode:
    """Pipelined commands over connections of its own; nothing is ever sent twice."""

    def __init__(self, host: str, port: int, url: str, silence_seconds: float) -> None:
        self.host = host
        self.port = port
        self.url = url
        self._silence_seconds = silence_seconds
        self._rests_until = 0.0
        self._probing = False
        self._pool: Any = ConnectionPool.from_url(
            url,
            # The time is set around each exchange: the client's own way to set it
            # (asyncio.wait_for, before Python 3.12) loses cancellations.
            socket_timeout=None,
            socket_connect_timeout=silence_seconds,
            retry=Retry(NoBackoff(), 0),
        )

    async def close(self) -> None:
        """Closes every connection."""
        await self._pool.disconnect()

    def wake(self) -> None:
        """It was seen to answer again: everyone may ask it."""
        self._rests_until = 0.0

    async def exchange(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Each command's answer or ResponseError. Raises NodeSilentError.

        After a silence one request at a time finds out whether it is over; the others need not
        wait for that.
        """
        now = asyncio.get_running_loop().time()
        probing = self._rests_until > 0.0
        if probing and (self._probing or now < self._rests_until):
            raise NodeSilentError
        self._probing = probing
        try:
            replies = await self._exchange(commands)
        except NodeSilentError:
            self._rests_until = asyncio.get_running_loop().time() + _REST_SECONDS
            raise
        finally:
            if probing:
                self._probing = False
        self._rests_until = 0.0
        return replies

    async def _exchange(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        # Packed in C: packing in Python takes as long as all the rest.
        packed = b"".join([hiredis.pack_command(tuple(command)) for command in commands])
        try:
            connection = await self._pool.get_connection()
            try:
                async with asyncio.timeout(self._silence_seconds):
                    return await _talk(connection, packed, len(commands))
            finally:
                await self._pool.release(connection)
        except (RedisConnectionError, RedisTimeoutError, OSError):
            # The idle ones have ended as well: better they are opened again than fail one by one.
            await self._pool.disconnect(inuse_connections=False)
            raise NodeSilentError from None


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
