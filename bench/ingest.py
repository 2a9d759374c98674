"""Ingest: events recorded a second, from RecordEvents to durable events and memberships."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from dangol.events.v1.event_pb2 import Event
from dangol_dev.client import batches
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern

from bench import shop
from bench.context import Bench
from bench.figures import Figure

EVENT_COUNT = 40_000
CUSTOMER_COUNT = 8_000
BATCH_SIZE = 500
LANES = 4


async def _bare_inserts_a_second(bench: Bench) -> float:
    """insert_many of like documents: majority, journaled, the same number of indexes."""
    client: Any = AsyncIOMotorClient(bench.stack.mongodb_uri)
    collection = client["bench_bare"].get_collection(
        "events", write_concern=WriteConcern("majority", j=True)
    )
    await collection.create_index([("tenant", 1), ("who", 1), ("at", 1)])
    documents = [
        {
            "_id": f"{event.event_id}",
            "tenant": "bench",
            "who": event.customer.value,
            "at": event.occurred_at.ToMilliseconds(),
            "type": event.type,
            "items": [{"p": item.product_id, "c": item.category, "q": 1} for item in event.items],
        }
        for event in shop.events(EVENT_COUNT, CUSTOMER_COUNT, seed=2)
    ]
    lanes = [documents[lane::LANES] for lane in range(LANES)]

    async def drive(lane: list[dict[str, object]]) -> None:
        for start in range(0, len(lane), BATCH_SIZE):
            await collection.insert_many(lane[start : start + BATCH_SIZE], ordered=False)

    started = time.perf_counter()
    await asyncio.gather(*(drive(lane) for lane in lanes))
    rate = len(documents) / (time.perf_counter() - started)
    client.close()
    return rate


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
    ceiling = await _bare_inserts_a_second(bench)
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
