"""Ingest: events recorded a second, from RecordEvents to durable events and memberships."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from dangol.events.v1.event_pb2 import Event
from dangol_dev.client import batches

from bench import shop
from bench.context import Bench
from bench.figures import Figure
from bench.store_bare import bare_insert_seconds

EVENT_COUNT = 40_000
CUSTOMER_COUNT = 8_000
BATCH_SIZE = 500
LANES = 4


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Batches of 500, four at a time, 25 live segments; customers come up as they go."""
    await shop.install_segments(bench)
    all_events = list(shop.events(EVENT_COUNT, CUSTOMER_COUNT))
    await _drive(bench, list(shop.events(2_000, CUSTOMER_COUNT, seed=3)))  # connections, caches
    bench.admin.sent.event_count = 0
    started = time.perf_counter()
    await _drive(bench, all_events)
    rate = len(all_events) / (time.perf_counter() - started)
    if bench.admin.sent.rejections or bench.admin.sent.event_count != len(all_events):
        raise RuntimeError(f"not every event was recorded: {bench.admin.sent.rejections[:3]}")
    uri, source = bench.stack.mongodb_uri, ("dangol_profile", "events")
    ceiling = EVENT_COUNT / await bare_insert_seconds(uri, source, BATCH_SIZE, limit=EVENT_COUNT)
    yield Figure(
        "ingest, batches of 500, 25 segments",
        rate,
        "events/s",
        "bare insert_many",
        ceiling,
        ">= 10,000 and >= 0.2",
    )


async def _drive(bench: Bench, events: list[Event]) -> None:
    by_lane: list[list[Event]] = [[] for _ in range(LANES)]
    for event in events:
        by_lane[hash(event.customer.value) % LANES].append(event)

    async def drive(lane: list[Event]) -> None:
        for batch in batches(lane, BATCH_SIZE):
            await bench.admin.record(batch)

    await asyncio.gather(*(drive(lane) for lane in by_lane))
