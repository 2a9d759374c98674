"""Watching membership changes: one reader of the bus a process, many watchers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import NamedTuple, Protocol

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit import logs
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.store_redis_client import StoreUnavailableError

_PAGE = 1_000
_QUEUE_MAX = 20_000
_WAIT_MS = 500
_BACKOFF_SECONDS = 0.5
# Clocks of MongoDB's writers and of Redis may differ by this much.
_SKEW_MS = 5_000
_TOKEN = re.compile(r"\d{1,15}-\d{1,15}")
_NOTHING = "0-0"

_log = logs.get_logger()


class Bus(Protocol):
    """The bus."""

    async def bounds(self) -> tuple[str, str] | None:
        """Ids of its first and last entry."""
        ...

    async def wait(self, after: str, wait_ms: int) -> None:
        """Returns when there is an entry after an id, or the time is over."""
        ...

    async def read(self, after: str, limit: int, *, until: str = "+") -> list[tuple[str, bytes]]:
        """Entries (id, change) after an id, in order."""
        ...


class Kept(Protocol):
    """Announcements in MongoDB."""

    async def list_kept_since(
        self, since_ms: int, limit: int, tenant_id: str | None = None
    ) -> list[tuple[int, bytes]]:
        """(when it was kept, change) since a wall time."""
        ...


class Watched(NamedTuple):
    """A change, and the token with which to go on after it. live: nothing before it is missing."""

    change: MembershipChange
    token: str
    live: bool = False


class _Watcher:
    def __init__(self, tenant_id: str, segment_ids: Collection[str]) -> None:
        self.tenant_id = tenant_id
        self._segment_ids = frozenset(segment_ids)
        self.queue: asyncio.Queue[Watched] = asyncio.Queue(_QUEUE_MAX)
        self.overflowed = False

    def wants(self, change: MembershipChange) -> bool:
        if change.tenant_id != self.tenant_id:
            return False
        return not self._segment_ids or change.segment_id in self._segment_ids

    def offer(self, watched: Watched) -> None:
        try:
            self.queue.put_nowait(watched)
        except asyncio.QueueFull:
            self.overflowed = True


class WatchHub:
    """Follows the bus while anyone watches."""

    def __init__(self, bus: Bus, kept: Kept) -> None:
        self._bus = bus
        self._kept = kept
        self._watchers: set[_Watcher] = set()
        self._watched = asyncio.Event()
        self._position: str | None = None

    async def run(self) -> None:
        """Follows the bus until cancelled."""
        while True:
            await self._watched.wait()
            try:
                if not await self._follow():
                    await self._bus.wait(self._position or _NOTHING, _WAIT_MS)
            except Exception as error:
                if not isinstance(error, StoreUnavailableError):
                    _log.warning("watch_interrupted", **logs.describe(error))
                await asyncio.sleep(_BACKOFF_SECONDS)

    async def watch(
        self,
        tenant_id: str,
        segment_ids: Collection[str],
        resume_token: str,
        began: Callable[[str], Awaitable[None]],
    ) -> AsyncIterator[Watched]:
        """Changes from now on, or after a token; each at least once.

        began: told, once nothing can be missed any more, the token with which to begin here again.

        Raises RpcFailure RESUME_TOKEN_INVALID, UNAVAILABLE when the watcher is too slow.
        """
        if resume_token and not _TOKEN.fullmatch(resume_token):
            raise RpcFailure(Code.RESUME_TOKEN_INVALID, "not a token of ours", field="resume_token")
        watcher = _Watcher(tenant_id, segment_ids)
        try:
            start = await self._enter(watcher)
            # An empty bus has no position to come back to, but a time.
            begin = start if start != _NOTHING else f"{wall_ms()}-0"
            await began(resume_token or begin)
            seen: set[tuple[int, int]] = set()
            if resume_token:
                async for watched in self._backlog(watcher, resume_token, start):
                    seen.add((watched.change.partition, watched.change.sequence))
                    yield watched
            while True:
                if watcher.overflowed:
                    message = "the watcher is too slow: resume with the last token"
                    raise RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=100)
                watched = await watcher.queue.get()
                if (watched.change.partition, watched.change.sequence) not in seen:
                    yield watched
        finally:
            self._leave(watcher)

    async def _enter(self, watcher: _Watcher) -> str:
        """Begins to queue what comes; answers the position after which it does."""
        if self._position is None:
            try:
                bounds = await self._bus.bounds()
            except StoreUnavailableError:
                raise RpcFailure(
                    Code.NOT_READY, "the bus cannot be read", retry_after_ms=1_000
                ) from None
            if self._position is None:
                self._position = bounds[1] if bounds else _NOTHING
        self._watchers.add(watcher)
        self._watched.set()
        return self._position

    def _leave(self, watcher: _Watcher) -> None:
        self._watchers.discard(watcher)
        if not self._watchers:
            self._watched.clear()
            self._position = None

    async def _backlog(self, watcher: _Watcher, token: str, until: str) -> AsyncIterator[Watched]:
        """What was announced after the token, up to where the queue begins."""
        bounds = await self._bus.bounds()
        if bounds is None or _order(bounds[0]) > _order(token):
            async for watched in self._kept_since(watcher, token):
                yield watched
            return
        position = token
        while _order(position) < _order(until):
            entries = await self._bus.read(position, _PAGE, until=until)
            for entry_id, data in entries:
                change = MembershipChange.FromString(data)
                if watcher.wants(change):
                    yield Watched(change, entry_id)
            if len(entries) < _PAGE:
                return
            position = entries[-1][0]

    async def _kept_since(self, watcher: _Watcher, token: str) -> AsyncIterator[Watched]:
        """The bus does not reach back to the token: MongoDB does."""
        since_ms = _order(token)[0] - _SKEW_MS
        seen: set[bytes] = set()
        while True:
            page = await self._kept.list_kept_since(since_ms, _PAGE, watcher.tenant_id)
            fresh = [(kept_ms, data) for kept_ms, data in page if data not in seen]
            for kept_ms, data in fresh:
                change = MembershipChange.FromString(data)
                if watcher.wants(change):
                    yield Watched(change, f"{kept_ms}-0")
            if len(page) < _PAGE or not fresh:
                return
            since_ms = page[-1][0]
            seen = {data for kept_ms, data in page if kept_ms == since_ms}

    async def _follow(self) -> bool:
        """Hands on what is new; whether there was anything."""
        position = self._position
        if position is None:
            return False
        entries = await self._bus.read(position, _PAGE)
        if not entries:
            bounds = await self._bus.bounds()
            # The bus was emptied, or lost its end: what comes then has smaller ids.
            if bounds is None or _order(bounds[1]) < _order(position):
                self._move(position, bounds[1] if bounds else _NOTHING)
            return False
        for entry_id, data in entries:
            change = MembershipChange.FromString(data)
            for watcher in self._watchers:
                if watcher.wants(change):
                    watcher.offer(Watched(change, entry_id, live=True))
        self._move(position, entries[-1][0])
        return True

    def _move(self, seen: str, position: str) -> None:
        # Not if the last watcher left meanwhile and another one began.
        if self._position == seen:
            self._position = position


def _order(entry_id: str) -> tuple[int, int]:
    milliseconds, _, number = entry_id.partition("-")
    return int(milliseconds), int(number)
