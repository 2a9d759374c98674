"""One source, many readers: nothing missed, nothing twice, nothing queued for anybody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.errors import Code, RpcFailure
from gateway_service.feeds import Begun, Feed, Item

CALLER = Caller("shop", Role.MARKETER, "mia", (), "token")


class Log:
    """What happened, numbered from 0, as a service tells of it: from now on or after a cursor."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.opened: list[str] = []
        self.failure: RpcFailure | None = None
        self._news = asyncio.Event()

    def add(self, *values: str) -> None:
        """It happens."""
        self.entries += values
        self.wake()

    def fail(self, failure: RpcFailure) -> None:
        """The service goes away."""
        self.failure = failure
        self.wake()

    def cursor_of(self, number: int) -> str:
        """With which to go on after an entry."""
        return str(number)

    def wake(self) -> None:
        """Something is new."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def source(
        self, _token: Callable[[], str], cursor: str, began: Begun
    ) -> AsyncIterator[Item[str]]:
        """The entries after a cursor; live are those that were not there yet."""
        self.opened.append(cursor)
        there = len(self.entries)
        number = int(cursor) + 1 if cursor else there
        began()
        while True:
            news = self._news
            while number < len(self.entries):
                live = number >= there
                yield Item(number, self.entries[number], self.cursor_of(number), live)
                number += 1
            if self.failure is not None:
                raise self.failure
            if news is self._news:
                await news.wait()


class State(Log):
    """Entries are states of one thing, from which nobody goes on."""

    def cursor_of(self, number: int) -> str:
        """None."""
        del number
        return ""


async def _read(feed: Feed[str], count: int, cursor: str = "") -> list[str]:
    """The next values, and how often each."""
    found: list[str] = []
    async with aclosing(feed.read(CALLER, cursor)) as items:
        async for item in items:
            found.append(item.value)
            if len(found) == count:
                break
    return found


async def _reading(
    feed: Feed[str], log: Log, count: int, readers: int
) -> list[asyncio.Task[list[str]]]:
    tasks = [asyncio.create_task(_read(feed, count)) for _ in range(readers)]
    while not log.opened:
        await asyncio.sleep(0)
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_every_reader_gets_everything_once_from_one_stream() -> None:
    """In the order in which it happened, though the source is opened once."""
    log = Log()
    feed = Feed(log.source)
    tasks = await _reading(feed, log, 3, 20)
    log.add("a")
    await asyncio.sleep(0)
    log.add("b", "c")
    assert await asyncio.gather(*tasks) == [["a", "b", "c"]] * 20
    assert log.opened == [""]


async def test_a_reader_goes_on_after_its_cursor_from_memory() -> None:
    """What happened while it was away is still there; no stream is opened for it."""
    log = Log()
    feed = Feed(log.source)
    [stays, leaves] = [(await _reading(feed, log, count, 1))[0] for count in (5, 2)]
    log.add("a", "b", "c", "d")
    assert await leaves == ["a", "b"]
    assert await _read(feed, 2, cursor="1") == ["c", "d"]
    log.add("e")
    assert await stays == ["a", "b", "c", "d", "e"]
    assert log.opened == [""]


async def test_what_is_no_longer_in_memory_is_asked_of_the_source() -> None:
    """By a stream of the reader's own, until it meets the common one: no gap, no repetition."""
    log = Log()
    log.add(*"abcdef")
    feed = Feed(log.source)
    [other] = await _reading(feed, log, 4, 1)
    missed = asyncio.create_task(_read(feed, 8, cursor="1"))
    while len(log.opened) < 2:
        await asyncio.sleep(0)
    for value in "ghij":
        log.add(value)
        await asyncio.sleep(0)
    assert "".join(await missed) == "cdefghij"
    assert "".join(await other) == "ghij"
    assert log.opened == ["", "1"]


async def test_the_common_stream_carries_on_when_the_own_one_met_it() -> None:
    """Two readers who missed something end on the ring: entries after that are read there."""
    log = Log()
    log.add(*"ab")
    feed = Feed(log.source)
    tasks = [asyncio.create_task(_read(feed, 5, cursor="0")) for _ in range(2)]
    while len(log.opened) < 3:
        await asyncio.sleep(0)
    for value in "cdef":
        log.add(value)
        for _ in range(10):
            await asyncio.sleep(0)
    assert ["".join(found) for found in await asyncio.gather(*tasks)] == ["bcdef"] * 2


async def test_whoever_falls_behind_is_told() -> None:
    """The feed keeps so much and no more; whoever keeps up is not hindered."""
    log = Log()
    feed = Feed(log.source, size=10)
    [keeps_up] = await _reading(feed, log, 30, 1)
    slow = feed.read(CALLER, "")
    first = asyncio.create_task(anext(slow))
    await asyncio.sleep(0)
    log.add("0")
    assert (await first).value == "0"
    for number in range(1, 30):
        log.add(str(number))
        for _ in range(5):
            await asyncio.sleep(0)
    assert await keeps_up == [str(number) for number in range(30)]
    with pytest.raises(RpcFailure) as caught:
        await anext(slow)
    assert caught.value.code is Code.SUBSCRIBER_TOO_SLOW


async def test_of_a_state_only_the_newest_is_told() -> None:
    """Whoever comes gets the present one at once, and whoever is slow skips."""
    log = State()
    feed = Feed(log.source, latest=True)
    slow = feed.read(CALLER, "")
    first = asyncio.create_task(anext(slow))
    while not log.opened:
        await asyncio.sleep(0)
    log.add("1 %")
    assert (await first).value == "1 %"
    log.add("2 %", "3 %")
    for _ in range(5):
        await asyncio.sleep(0)
    assert await _read(feed, 1) == ["3 %"]
    assert (await anext(slow)).value == "3 %"
    await slow.aclose()


async def test_a_source_that_fails_fails_its_readers_and_is_opened_anew_for_the_next() -> None:
    """Everybody is told, after what came before."""
    log = Log()
    feed = Feed(log.source)
    tasks = await _reading(feed, log, 2, 3)
    log.add("a")
    await asyncio.sleep(0)
    log.fail(RpcFailure(Code.UNAVAILABLE, "gone"))
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    codes = [error.code for error in failures if isinstance(error, RpcFailure)]
    assert codes == [Code.UNAVAILABLE] * 3
    log.failure = None
    again = asyncio.create_task(_read(feed, 1))
    while len(log.opened) < 2:
        await asyncio.sleep(0)
    log.add("b")
    assert await again == ["b"]
