"""States of many customers: their size in Redis, and computing them from history.

STATES (100,000) customers with a year of events each and 25 segments.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio
from dangol.profile.v1 import event_service_pb2 as events_pb
from dangol.segmentation.v1 import evaluation_service_pb2 as evaluation
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_dev.stack import AUDIENCE, ISSUER
from dangol_service_kit.auth import ServiceCredentials

from bench import histories, shop
from bench.context import TENANT, Bench
from bench.figures import Figure, percentile
from bench.ingest import drive

CUSTOMERS_DEFAULT = 100_000
CHUNK = 50_000
LOAD_BATCH = 1_000
LIMIT_SECONDS = 600
POLL_SECONDS = 0.05
PREVIEWS = 5
NEW_RULE = "count(product_view, 60d) >= 4 and count(purchase, 60d) = 0"
PREVIEWED = 'count(purchase where any item.category = "shoes", 120d) >= 1 and since(login) >= 30d'
BUS = "dangol:bus:membership"


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Load, then: bare streaming of history, rebuild, bytes, backfill, preview."""
    customers = int(os.environ.get("STATES", CUSTOMERS_DEFAULT))
    empty = await used_bytes(bench)
    made = histories.year(customers)
    while chunk := list(itertools.islice(made, CHUNK)):
        await drive(bench, chunk, LOAD_BATCH)
    if bench.admin.sent.rejections:
        raise RuntimeError(f"not every event was recorded: {bench.admin.sent.rejections[:3]}")
    event_count = bench.admin.sent.event_count
    await shop.install_segments(bench, histories.RULES)
    await _live(bench)
    stream_seconds = await _stream(bench, customers, event_count)
    yield await rebuild(bench, customers, stream_seconds)
    yield await state_bytes(bench, customers, empty)
    yield await _backfill(bench, customers, event_count, stream_seconds)
    async for figure in _preview(bench, customers, stream_seconds):
        yield figure


async def _stream(bench: Bench, customers: int, event_count: int) -> float:
    """Seconds to read every history and do nothing with it."""
    stub = bench.admin.events
    keys = bench.stack.keys / "segmentation.pem"
    token = ServiceCredentials(keys, ISSUER, AUDIENCE, "segmentation").token(TENANT)
    metadata = (("authorization", f"Bearer {token}"),)
    started = time.perf_counter()
    seen = seen_events = 0
    call: Any = stub.StreamHistory(events_pb.StreamHistoryRequest(), metadata=metadata)
    async for history in call:
        seen += 1
        seen_events += len(history.events)
    if (seen, seen_events) != (customers, event_count):
        raise RuntimeError(f"{seen} customers with {seen_events} events were streamed")
    return time.perf_counter() - started


async def rebuild(bench: Bench, customers: int, stream_seconds: float) -> Figure:
    """Customers a second from an empty Redis until it is whole."""
    stub: Any = EvaluationServiceStub(bench.connection.segmentation)
    await bench.stack.delete_redis()
    started = time.perf_counter()
    was_closed = False
    while True:
        answer = await bench.admin.call(stub.GetReadiness, evaluation.GetReadinessRequest())
        was_closed = was_closed or not answer.ready
        seconds = time.perf_counter() - started
        if was_closed and answer.ready:
            break
        if seconds > LIMIT_SECONDS:
            raise RuntimeError("the state was not rebuilt")
        await asyncio.sleep(POLL_SECONDS)
    ceiling = customers / stream_seconds
    return Figure("rebuild", customers / seconds, "customers/s", "bare history stream", ceiling)


async def used_bytes(bench: Bench) -> int:
    """Bytes that Redis has allocated."""
    client: Any = redis.asyncio.Redis.from_url(bench.stack.redis_url)
    used: int = (await client.info("memory"))["used_memory"]
    await client.aclose()
    return used


async def state_bytes(bench: Bench, customers: int, empty: int) -> Figure:
    """Memory a customer, without the bus, beside the bare size of the values of state."""
    used = await used_bytes(bench)
    client: Any = redis.asyncio.Redis.from_url(bench.stack.redis_url)
    bus = await client.memory_usage(BUS, samples=0) or 0
    keys = [key async for key in client.scan_iter(match="dangol:{*}:s:*", count=5_000)]
    if len(keys) != customers:
        raise RuntimeError(f"{len(keys)} states of {customers} customers")
    values = 0
    for start in range(0, len(keys), CHUNK):
        pipeline = client.pipeline(transaction=False)
        for key in keys[start : start + CHUNK]:
            pipeline.strlen(key)
        values += sum(await pipeline.execute())
    await client.aclose()
    return Figure(
        "segment state in Redis, 25 segments",
        (used - bus - empty) / customers,
        "bytes",
        "bare values",
        values / customers,
        "<= 1,600",
    )


async def _backfill(
    bench: Bench, customers: int, event_count: int, stream_seconds: float
) -> Figure:
    """Events a second from creating one more segment until it is live."""
    started = time.perf_counter()
    await shop.install_segment(bench, "one-more", NEW_RULE)
    await _live(bench)
    seconds = time.perf_counter() - started
    return Figure(
        f"backfill, {customers / seconds:,.0f} customers/s",
        event_count / seconds,
        "events/s",
        "bare history stream",
        event_count / stream_seconds,
    )


async def _live(bench: Bench) -> None:
    """Wait until every segment's members are computed."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < give_up:
        request = segments.ListSegmentsRequest(page_size=500)
        listed = await bench.admin.call(bench.admin.segments.ListSegments, request)
        if all(one.state == segments.SEGMENT_STATE_LIVE for one in listed.segments):
            return
        await asyncio.sleep(POLL_SECONDS)
    raise RuntimeError("the segments did not become live")


async def _preview(bench: Bench, customers: int, stream_seconds: float) -> AsyncIterator[Figure]:
    """Milliseconds until a rule that is not saved has its size and a sample of members."""
    request = segments.PreviewSegmentRequest(rule=PREVIEWED)
    times: list[float] = []
    for _ in range(PREVIEWS):
        started = time.perf_counter()
        found = await bench.admin.call(bench.admin.segments.PreviewSegment, request)
        times.append((time.perf_counter() - started) * 1000)
    how = "exact" if found.exact else f"from {found.customers_examined:,}"
    yield Figure(
        f"preview, {customers:,} customers, {how}",
        percentile(times, 0.5),
        "ms",
        "bare history stream",
        stream_seconds * 1000,
        "<= 2,000",
    )
