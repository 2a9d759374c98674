"""Deadlines: how late they fire when many fall due at once, and what live events notice.

CUSTOMERS (1,000,000) have state and a deadline each; DUE of them (a tenth) fall due within one
minute, under live traffic.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import redis.asyncio
from dangol.events.v1.event_pb2 import Event
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED, MembershipChange
from motor.motor_asyncio import AsyncIOMotorClient

from bench import shop
from bench.context import Bench, Call, at_rate
from bench.figures import Figure, percentile
from bench.http import HttpClient
from bench.ingest import drive
from bench.latency import EVENTS_A_SECOND, make_known, track

CUSTOMERS_DEFAULT = 1_000_000
WINDOW_SECONDS = 60
BEFORE_SECONDS = 20
SLACK_SECONDS = 10
WAIT_SECONDS = 180
ATTEMPTS = 4
FILL_BATCH = 1_000
CHUNK = 50_000
# Far enough back that nobody is due while the customers come up.
AGE_MS = 30 * 86_400_000
DUE_SEGMENT = "quiet-wish"
DUE_RULE = "since(wishlist) >= 30d"
BARE_COUNT = 10_000


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Lateness from the instant due to the copy in MongoDB; live events before and meanwhile."""
    customers = int(os.environ.get("CUSTOMERS", CUSTOMERS_DEFAULT))
    due = int(os.environ.get("DUE", customers // 10))
    await shop.install_segments(bench)
    await shop.install_segment(bench, DUE_SEGMENT, DUE_RULE)
    live_count = EVENTS_A_SECOND * (BEFORE_SECONDS + WINDOW_SECONDS)
    await make_known(bench, range(live_count))
    started = time.perf_counter()
    for start in range(0, customers - due, CHUNK):
        names = range(start, min(start + CHUNK, customers - due))
        await drive(bench, list(_wishes(names, _later(names))), FILL_BATCH)
    each = (time.perf_counter() - started) / (customers - due)
    before_ms = await _track(bench, range(EVENTS_A_SECOND * BEFORE_SECONDS))
    window_ms = await _fill_due(bench, customers - due, due, each)
    if bench.admin.sent.rejections:
        raise RuntimeError(f"not every event was recorded: {bench.admin.sent.rejections[:3]}")
    meanwhile_ms = await _track(bench, range(EVENTS_A_SECOND * BEFORE_SECONDS, live_count))
    late_ms, announced_ms = await _lateness(bench, due, window_ms)
    bare_ms = await _bare_lateness(bench.stack.redis_url, due / WINDOW_SECONDS)
    scale = f"{customers:,} customers, {due:,} due in a minute"
    bare = "bare Redis, taken by polling"
    for share, goal in ((0.5, ""), (0.99, "<= 300"), (1.0, "")):
        name = "max" if share == 1 else f"p{share * 100:.0f}"
        floor = percentile(bare_ms, share)
        yield Figure(
            f"lateness {name}, {scale}", percentile(late_ms, share), "ms", bare, floor, goal
        )
    decided = percentile(announced_ms, 0.99)
    yield Figure("  until decided, p99", decided, "ms", bare, percentile(bare_ms, 0.99))
    for share, goal in ((0.5, ""), (0.99, "ratio <= 2")):
        yield Figure(
            f"live event to its change meanwhile, p{share * 100:.0f}",
            percentile(meanwhile_ms, share),
            "ms",
            "before",
            percentile(before_ms, share),
            goal,
        )


def _wishes(names: range, due_ms: Iterator[int]) -> Iterator[Event]:
    """One event of each customer, so long ago that it makes her due at her instant."""
    for number, instant_ms in zip(names, due_ms, strict=True):
        made = Event(event_id=str(uuid.uuid4()), type="wishlist")
        made.customer.namespace = "member"
        made.customer.value = f"wisher-{number}"
        made.occurred_at.FromMilliseconds(instant_ms - AGE_MS)
        yield made


def _later(names: range) -> Iterator[int]:
    """Instants over the coming month, none within the next two hours."""
    choose = random.Random(names.start)
    start_ms = int(time.time() * 1000) + 2 * 3_600_000
    return (choose.randrange(start_ms, start_ms + AGE_MS // 2) for _ in names)


def _within(names: range, window_ms: int) -> Iterator[int]:
    """Instants within the minute."""
    choose = random.Random(names.start)
    return (window_ms + choose.randrange(WINDOW_SECONDS * 1000) for _ in names)


async def _fill_due(bench: Bench, first: int, due: int, each_seconds: float) -> int:
    """Let customers come up who fall due within a minute, and return at its beginning.

    When they take longer than expected, others come up for a later minute.
    """
    lead_seconds = 2 * each_seconds * due + SLACK_SECONDS
    for attempt in range(ATTEMPTS):
        window_ms = int((time.time() + lead_seconds) * 1000)
        end = first + (attempt + 1) * due
        for start in range(end - due, end, CHUNK):
            names = range(start, min(start + CHUNK, end))
            await drive(bench, list(_wishes(names, _within(names, window_ms))), FILL_BATCH)
        wait_seconds = window_ms / 1000 - time.time()
        if wait_seconds >= 0:
            await asyncio.sleep(wait_seconds)
            return window_ms
        lead_seconds = 2 * (lead_seconds - wait_seconds)
    raise RuntimeError("the customers do not come up in time")


async def _track(bench: Bench, numbers: range) -> list[float]:
    gateway = HttpClient(bench.stack.ports.gateway, "/graphql", bench.token())
    calls: list[Call] = [track(gateway, number) for number in numbers]
    times_ms = await at_rate(calls, EVENTS_A_SECOND)
    gateway.close()
    return times_ms


async def _lateness(bench: Bench, due: int, window_ms: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the instant due until the change stood in MongoDB, and until decided."""
    client: Any = AsyncIOMotorClient(bench.stack.mongodb_uri)
    kept = client["dangol_segmentation"]["announcements"]
    condition = {"s": DUE_SEGMENT, "k": int(CHANGE_KIND_ENTERED), "at": {"$gte": window_ms}}
    give_up = time.monotonic() + WAIT_SECONDS
    while (found := await kept.count_documents(condition)) < due:
        if time.monotonic() > give_up:
            raise RuntimeError(f"{found} of {due} deadlines were announced")
        await asyncio.sleep(1)
    late_ms: list[float] = []
    announced_ms: list[float] = []
    async for one in kept.find(condition, {"i": 1, "at": 1, "d": 1}, batch_size=10_000):
        late_ms.append(float(one["i"] - one["at"]))
        announced = MembershipChange.FromString(one["d"]).announced_at.ToMilliseconds()
        announced_ms.append(float(announced - one["at"]))
    client.close()
    return late_ms, announced_ms


async def _bare_lateness(url: str, a_second: float) -> list[float]:
    """Lateness in ms of members of a sorted set, taken by nothing but polling at that rate."""
    client: Any = redis.asyncio.Redis.from_url(url)
    key = "bench:due"
    late_ms: list[float] = []
    start_ms = time.time() * 1000 + 100
    count = min(BARE_COUNT, int(10 * a_second))
    spread = {f"wisher-{number}": start_ms + number * 1000 / a_second for number in range(count)}
    await client.zadd(key, spread)
    while len(late_ms) < len(spread):
        now_ms = time.time() * 1000
        taken = await client.zrange(key, "-inf", now_ms, byscore=True, withscores=True)
        if taken:
            await client.zremrangebyscore(key, "-inf", now_ms)
            answered_ms = time.time() * 1000
            late_ms += [answered_ms - due_ms for _, due_ms in taken]
        await asyncio.sleep(0.001)
    await client.aclose()
    return late_ms
