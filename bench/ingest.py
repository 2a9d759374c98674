"""Ingest: events recorded a second, from RecordEvents to durable events and memberships."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from dangol.events.v1.event_pb2 import Event
from dangol_client.events import batches

from bench import shop
from bench.context import Bench
from bench.figures import Figure
from bench.store_bare import bare_insert_seconds

EVENT_COUNT = 40_000
CUSTOMER_COUNT = 8_000
BATCH_SIZE = 500
LANES = 4
MANY_FAMILIES = 10


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Batches of 500, four at a time, 25 live segments; customers come up as they go."""
    rate, ceiling = await _measure(bench, 1)
    yield Figure(
        "ingest, batches of 500, 25 segments",
        rate,
        "events/s",
        "bare insert_many",
        ceiling,
        ">= 10,000 and >= 0.2",
    )


async def many_figures(bench: Bench) -> AsyncIterator[Figure]:
    """The same with 250 live segments, of which an event touches as many as of the 25."""
    rate, ceiling = await _measure(bench, MANY_FAMILIES)
    yield Figure(
        "ingest, batches of 500, 250 segments", rate, "events/s", "bare insert_many", ceiling
    )
    yield Figure(
        "rules touched by an event, of 250",
        shop.rules_touched_per_event(shop.rules(MANY_FAMILIES)),
        "rules",
        "of 25",
        shop.rules_touched_per_event(shop.rules()),
    )


async def _measure(bench: Bench, families: int) -> tuple[float, float]:
    """Events a second, and what a bare insert_many of the same documents makes."""
    await shop.install_segments(bench, shop.rules(families))
    measured = list(shop.events(EVENT_COUNT, CUSTOMER_COUNT, families=families))
    # Connections and caches.
    await drive(bench, list(shop.events(2_000, CUSTOMER_COUNT, seed=3, families=families)))
    bench.admin.sent.event_count = 0
    started = time.perf_counter()
    await drive(bench, measured)
    rate = len(measured) / (time.perf_counter() - started)
    if bench.admin.sent.rejections or bench.admin.sent.event_count != len(measured):
        raise RuntimeError(f"not every event was recorded: {bench.admin.sent.rejections[:3]}")
    uri, source = bench.stack.mongodb_uri, ("dangol_profile", "events")
    return rate, EVENT_COUNT / await bare_insert_seconds(uri, source, BATCH_SIZE, limit=EVENT_COUNT)


async def drive(bench: Bench, events: list[Event], batch_size: int = BATCH_SIZE) -> None:
    """Record events in batches, four at a time, each customer's in their order."""
    by_lane: list[list[Event]] = [[] for _ in range(LANES)]
    for event in events:
        by_lane[hash(event.customer.value) % LANES].append(event)

    async def run(lane: list[Event]) -> None:
        for batch in batches(lane, batch_size):
            await bench.admin.record(batch)

    await asyncio.gather(*(run(lane) for lane in by_lane))
