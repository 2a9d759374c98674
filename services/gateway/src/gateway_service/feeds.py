"""One stream from a service, many subscribers: each reads on from its own place.

A feed keeps the newest ITEMS_MAX items once, however many read them. Whoever falls behind by more
is told so and may come back with its last cursor; nothing is queued for anybody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from dangol_service_kit import logs
from dangol_service_kit.auth import Caller
from dangol_service_kit.errors import Code, RpcFailure

ITEMS_MAX = 1_024
FEEDS_MAX = 20_000
# A page that reloads finds the feed still there.
LINGER_SECONDS = 15.0

Value = TypeVar("Value")
Key: TypeAlias = Hashable
Begun: TypeAlias = Callable[[], None]

_log = logs.get_logger()


class Shared:
    """What one event came to, by question: executed once for all who ask alike."""

    __slots__ = ("answers", "cursor")

    def __init__(self, cursor: str) -> None:
        self.cursor = cursor
        self.answers: dict[Hashable, str] = {}


@dataclass(slots=True, eq=False)
class Item(Generic[Value]):
    """One thing that happened.

    key: the same for the same thing, however it arrives. cursor: with which to go on after it.
    live: it arrived as it happened, and nothing before it is missing.
    """

    key: Key
    value: Value
    cursor: str
    live: bool = True


# Opens a service's stream: what gives a token that counts, the cursor to go on from ("" for now),
# and whom to tell once nothing can be missed any more.
Source: TypeAlias = Callable[[Callable[[], str], str, Begun], AsyncIterator[Item[Value]]]


@dataclass(slots=True)
class _Ring(Generic[Value]):
    """The newest items, numbered from 0 for ever."""

    size: int
    items: deque[Item[Value]] = field(default_factory=deque)
    numbers: dict[Key, int] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    first: int = 0

    @property
    def end(self) -> int:
        return self.first + len(self.items)

    def append(self, item: Item[Value]) -> bool:
        """Whether it was new."""
        if item.key in self.numbers:
            return False
        self.numbers[item.key] = self.end
        if item.live and item.cursor:
            self.cursors[item.cursor] = self.end
        self.items.append(item)
        if len(self.items) > self.size:
            old = self.items.popleft()
            self.numbers.pop(old.key, None)
            if self.cursors.get(old.cursor) == self.first:
                del self.cursors[old.cursor]
            self.first += 1
        return True

    def __getitem__(self, number: int) -> Item[Value]:
        return self.items[number - self.first]


class _Following(Generic[Value]):
    """A source that is followed, from its beginning to its end."""

    def __init__(self, source: Source[Value], token: Callable[[], str], size: int) -> None:
        self.ring: _Ring[Value] = _Ring(size)
        self.news = asyncio.Event()
        self.begun = asyncio.Event()
        self.failure: Exception | None = None
        self._source = source
        self._token = token
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        failure: Exception | None = None
        source = self._source(self._token, "", self.begun.set)
        try:
            async for item in source:
                self.begun.set()
                if self.ring.append(item):
                    self._wake()
        except RpcFailure as error:
            failure = error
        except Exception as error:
            _log.error("feed_failed", **logs.describe(error))
            failure = error
        finally:
            await _close(source)
            self.failure = failure or _ended()
            self.begun.set()
            self._wake()

    def _wake(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()


class Feed(Generic[Value]):
    """Follows a source while anybody reads.

    latest: items are states of one thing. Whoever comes gets the present one, and whoever is slow
    the newest.
    """

    def __init__(
        self, source: Source[Value], *, size: int = ITEMS_MAX, latest: bool = False
    ) -> None:
        self._source = source
        self._size = 1 if latest else size
        self._latest = latest
        self._callers: dict[object, Caller] = {}
        self._following: _Following[Value] | None = None
        self._ending: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Nobody reads, and nothing follows the source."""
        return not self._callers and (self._following is None or self._following.task.done())

    async def read(self, caller: Caller, cursor: str) -> AsyncGenerator[Item[Value], None]:
        """Items from now on, or after a cursor: each once, in order.

        Raises RpcFailure SUBSCRIBER_TOO_SLOW, and what the source raises.
        """
        reader = object()
        self._callers[reader] = caller
        try:
            following = self._follow()
            await following.begun.wait()
            ring = following.ring
            number = max(ring.end - 1, 0) if self._latest else ring.end
            if cursor in ring.cursors:
                number = ring.cursors[cursor] + 1
            elif cursor:
                async with aclosing(self._catch_up(ring, caller, cursor)) as missed:
                    async for goes_on, item in missed:
                        number = goes_on
                        yield item
            async with aclosing(_read_on(following, number, self._latest)) as items:
                async for item in items:
                    yield item
        finally:
            del self._callers[reader]
            self._leave()

    async def _catch_up(
        self, ring: _Ring[Value], caller: Caller, cursor: str
    ) -> AsyncGenerator[tuple[int, Item[Value]], None]:
        """What is missing, each with the number from which the ring goes on after it.

        By a stream of its own, until that is live and tells of something that the ring has too:
        both tell of live things in the same order.
        """
        source = self._source(lambda: caller.token, cursor, lambda: None)
        try:
            async for item in source:
                number = ring.numbers.get(item.key) if item.live else None
                yield (ring.end if number is None else number + 1), item
                if number is not None:
                    return
        finally:
            await _close(source)
        raise _ended()

    def _follow(self) -> _Following[Value]:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if self._following is None or self._following.task.done():
            self._following = _Following(self._source, self._token, self._size)
        return self._following

    def _leave(self) -> None:
        if not self._callers and self._following is not None and self._ending is None:
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(LINGER_SECONDS, self._following.task.cancel)

    def _token(self) -> str:
        """Of whoever came last: it counts the longest, and those who stay longer than theirs are
        sent away."""
        return list(self._callers.values())[-1].token if self._callers else ""


async def _read_on(
    following: _Following[Value], number: int, latest: bool
) -> AsyncGenerator[Item[Value], None]:
    ring = following.ring
    while True:
        news = following.news
        while number < ring.end:
            if number < ring.first and latest:
                number = ring.first
            elif number < ring.first:
                message = "too much happened meanwhile: subscribe with the last resume token"
                raise RpcFailure(Code.SUBSCRIBER_TOO_SLOW, message)
            item = ring[number]
            number += 1
            yield item
        if following.failure is not None:
            raise following.failure
        if news is following.news:
            await news.wait()


def _ended() -> RpcFailure:
    return RpcFailure(Code.UNAVAILABLE, "the stream ended: go on with the last resume token")


async def _close(source: AsyncIterator[Any]) -> None:
    close: Callable[[], Awaitable[None]] | None = getattr(source, "aclose", None)
    if close is not None:
        await close()


class Feeds:
    """The feeds of one process, by what they tell of."""

    def __init__(self) -> None:
        self._feeds: dict[Key, Feed[Any]] = {}

    def get(self, key: Key, source: Source[Value], *, latest: bool = False) -> Feed[Value]:
        """The feed of that key. Raises RpcFailure TOO_MANY_REQUESTS."""
        feed = self._feeds.get(key)
        if feed is None:
            if len(self._feeds) >= FEEDS_MAX:
                self._feeds = {key: feed for key, feed in self._feeds.items() if not feed.idle}
            if len(self._feeds) >= FEEDS_MAX:
                raise RpcFailure(Code.TOO_MANY_REQUESTS, "too much is watched here: try again")
            feed = self._feeds[key] = Feed(source, latest=latest)
        return feed
