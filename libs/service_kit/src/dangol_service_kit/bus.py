"""Reading the bus: a Redis stream consumer group that survives Redis and its own crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import RedisError, ResponseError

from dangol_service_kit import logs

FIELD = b"d"
_BACKOFF_SECONDS_MIN = 0.05
_BACKOFF_SECONDS_MAX = 2.0
_NEW = ">"

Handler = Callable[[list[tuple[str, bytes]]], Awaitable[None]]

_log = logs.get_logger()


class BusConsumer:
    """Hands entries to `handler` in order, and acknowledges a batch once it returns.

    redis: a client of one Redis or of a cluster; the stream is one key, so either does.

    Entries come at least once: after a crash, after an error of the handler (the same batch
    again), and from other consumers of the group that left them idle for claim_idle_ms.
    """

    def __init__(
        self,
        redis: Any,
        stream: str,
        group: str,
        consumer: str,
        handler: Handler,
        *,
        batch_size: int = 256,
        block_ms: int = 1000,
        claim_idle_ms: int = 30_000,
    ) -> None:
        self._redis = redis
        self._stream = stream
        self._group = group
        self._consumer = consumer
        self._handler = handler
        self._batch_size = batch_size
        self._block_ms = block_ms
        self._claim_idle_ms = claim_idle_ms
        self._after = "0"
        self._leaving = False
        self._left = asyncio.Event()

    async def leave(self) -> None:
        """Lets `run` handle what it has read, acknowledge it, give up its name, and return."""
        self._leaving = True
        await self._left.wait()

    async def run(self) -> None:
        """Consumes until cancelled, or told to leave."""
        try:
            await self._run()
        finally:
            self._left.set()

    async def _run(self) -> None:
        backoff_seconds = _BACKOFF_SECONDS_MIN
        claim_at = 0.0
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        while not self._leaving:
            # A cancellation that meets an answer half way can get lost inside the client.
            if task is not None and task.cancelling():
                raise asyncio.CancelledError
            try:
                if loop.time() >= claim_at:
                    await self._claim_idle()
                    claim_at = loop.time() + self._claim_idle_ms / 1000
                await self._consume_once()
                backoff_seconds = _BACKOFF_SECONDS_MIN
            except Exception as error:
                # What was read is pending under our name: read that first.
                self._after = "0"
                claim_at = 0.0
                if not await self._made_group(error):
                    _log.warning("bus_interrupted", stream=self._stream, **logs.describe(error))
                await asyncio.sleep(backoff_seconds)
                backoff_seconds = min(backoff_seconds * 2, _BACKOFF_SECONDS_MAX)
        await self._give_up_name()

    async def _give_up_name(self) -> None:
        """Names of replicas that ended would pile up; one with something pending must stay."""
        try:
            pending = await self._redis.xpending_range(
                self._stream, self._group, "-", "+", 1, consumername=self._consumer
            )
            if not pending:
                await self._redis.xgroup_delconsumer(self._stream, self._group, self._consumer)
        except RedisError as error:
            _log.warning("bus_name_kept", stream=self._stream, **logs.describe(error))

    async def _consume_once(self) -> None:
        answer = await self._redis.xreadgroup(
            self._group,
            self._consumer,
            {self._stream: self._after},
            count=self._batch_size,
            block=self._block_ms,
        )
        entries = _entries_of(answer)
        if not entries:
            # Nothing is left pending under our name: go on with what is new.
            self._after = _NEW
            return
        await self._handle(entries)
        if self._after != _NEW:
            self._after = _text(entries[-1][0])

    async def _handle(self, entries: list[tuple[Any, Any]]) -> None:
        # Entries trimmed while pending come without fields; consumers see the gap themselves.
        batch = [(_text(key), fields[FIELD]) for key, fields in entries if fields]
        if batch:
            await self._handler(batch)
        await self._redis.xack(self._stream, self._group, *(key for key, _ in entries))

    async def _claim_idle(self) -> None:
        start: Any = "0-0"
        while True:
            answer = await self._redis.xautoclaim(
                self._stream,
                self._group,
                self._consumer,
                self._claim_idle_ms,
                start_id=start,
                count=self._batch_size,
            )
            start, entries = answer[0], answer[1]
            if entries:
                await self._handle([entry for entry in entries if entry[0] is not None])
            if _text(start) == "0-0":
                return

    async def _made_group(self, error: Exception) -> bool:
        """Creates the group, from the stream's beginning, when the error says there is none."""
        if not (isinstance(error, ResponseError) and str(error).startswith("NOGROUP")):
            return False
        try:
            await self._redis.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except RedisError as failure:
            return str(failure).startswith("BUSYGROUP")
        return True


def _entries_of(answer: Any) -> list[tuple[Any, Any]]:
    if not answer:
        return []
    streams = list(answer.values()) if isinstance(answer, dict) else [pair[1] for pair in answer]
    entries = streams[0]
    # RESP3 answers one list more deeply nested than RESP2.
    if entries and entries[0] and isinstance(entries[0][0], list | tuple):
        entries = entries[0]
    return list(entries)


def _text(key: Any) -> str:
    return key.decode() if isinstance(key, bytes) else str(key)
