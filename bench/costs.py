"""What a step of the ledger costs: documents, round trips, bytes, microseconds; docs/costs.md.

A step alone shows what it takes; steps at once share the round trips of their group.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dangol_dev.servers import MongoServer
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne, WriteConcern

from bench.context import one_by_one
from bench.counting import Counting, Traffic
from bench.figures import Figure, percentile
from bench.ledger_rig import LedgerRig
from bench.transitions import Steps
from bench.transitions_limits import Transition

ALONE, CROWD, AT_ONCE = 100, 1_000, 256
_WARM_UP = 3
_TENANTS = _ALONE_TENANT, _CROWD_TENANT, _WARM_UP_TENANT = "alone", "crowd", "first"
_DATABASE = "bench_costs"
_PAGE = Path(__file__).with_name("costs_page.md")


@dataclass(frozen=True)
class Cost:
    """Of one step: traffic of `count` steps that were taken alone, bytes that the database holds
    more for each; microseconds alone (the median) and of each among many at once."""

    name: str
    count: int
    traffic: Traffic
    stored_bytes: float
    alone_us: float
    crowd_us: float

    def row(self) -> str:
        """The step's line in docs/costs.md."""
        t, n = self.traffic, self.count
        counts = f"{t.calls / n:g} | {t.read / n:g} | {t.written / n:g}"
        sizes = f"{t.sent_bytes / n:,.0f} | {t.received_bytes / n:,.0f} | {self.stored_bytes:,.0f}"
        return f"| {self.name} | {counts} | {sizes} | {self.alone_us:,.0f} | {self.crowd_us:,.0f} |"


async def _stored_bytes(database: Any) -> int:
    total = 0
    for name in await database.list_collection_names():
        sizes = [{"$group": {"_id": None, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}}]
        async for found in database[name].aggregate(sizes):
            total += int(found["bytes"])
    return total


def _check(step: Transition, decided: Any, count: int = 1) -> None:
    outcome = decided if step.many else decided.outcome.name
    if outcome != (count if step.many else "APPLIED"):
        raise RuntimeError(f"{step.name or 'a step in between'}: {outcome}")


async def _alone(step: Transition, count: int, counting: Counting, database: Any) -> Cost:
    numbers = iter(range(count))

    async def call() -> None:
        _check(step, await step.step(next(numbers)))

    before = await _stored_bytes(database)
    counting.take()
    times_ms = await one_by_one(call, count)
    traffic = counting.take()
    stored = (await _stored_bytes(database) - before) / count
    return Cost(step.name, count, traffic, stored, percentile(times_ms, 0.5) * 1000, 0.0)


async def _crowd_us(step: Transition, count: int) -> float:
    started = time.perf_counter()
    if step.many:
        _check(step, await step.step(count - 1), count)
    else:
        numbers = iter(range(count))

        async def client() -> None:
            for number in numbers:
                _check(step, await step.step(number))

        await asyncio.gather(*[client() for _ in range(AT_ONCE)])
    return (time.perf_counter() - started) / count * 1e6


async def costs(
    uri: str, database_name: str, *, alone: int = ALONE, crowd: int = CROWD
) -> list[Cost]:
    """Of every step, in the order in which they are taken."""
    counting = Counting()
    mongodb: Any = AsyncIOMotorClient(uri, event_listeners=[counting], maxPoolSize=32)
    database = mongodb[database_name]
    rig = LedgerRig(mongodb, database)
    await rig.prepare(_TENANTS)
    # What is read once and then known is no step's cost.
    for step in Steps(rig, _WARM_UP_TENANT).all():
        for number in range(_WARM_UP):
            await step.step(number)
    found = []
    crowds = Steps(rig, _CROWD_TENANT).all()
    for step, of_crowd in zip(Steps(rig, _ALONE_TENANT).all(), crowds, strict=True):
        cost = await _alone(step, alone, counting, database)
        crowd_us = await _crowd_us(of_crowd, crowd) if crowd else 0.0
        if step.name:
            found.append(
                Cost(step.name, alone, cost.traffic, cost.stored_bytes, cost.alone_us, crowd_us)
            )
    mongodb.close()
    return found


async def _bare_us(uri: str) -> tuple[float, float]:
    """A bare update of one document, majority and journaled: alone, and in bulks of AT_ONCE."""
    mongodb: Any = AsyncIOMotorClient(uri)
    bare = mongodb["bench_bare"].get_collection(
        "costs", write_concern=WriteConcern("majority", j=True)
    )
    entry = {"kind": "hold", "request": "r" * 36, "hash": b"h" * 32, "text": "x" * 300}
    await bare.insert_many([{"_id": number, "entries": [entry]} for number in range(CROWD)])
    change = {"$push": {"entries": entry}}
    numbers = iter(range(ALONE))

    async def call() -> None:
        await bare.update_one({"_id": next(numbers)}, change)

    alone_us = percentile(await one_by_one(call, ALONE), 0.5) * 1000
    started = time.perf_counter()
    for start in range(0, CROWD, AT_ONCE):
        end = min(CROWD, start + AT_ONCE)
        updates = [UpdateOne({"_id": number}, change) for number in range(start, end)]
        await bare.bulk_write(updates, ordered=False)
    crowd_us = (time.perf_counter() - started) / CROWD * 1e6
    mongodb.close()
    return alone_us, crowd_us


def page(found: Sequence[Cost], bare_us: tuple[float, float]) -> str:
    """docs/costs.md."""
    rows = "\n".join(cost.row() for cost in found)
    alone_us, crowd_us = bare_us
    text = _PAGE.read_text()
    return (
        text.replace("{rows}", rows)
        .replace("{alone_us}", f"{alone_us:,.0f}")
        .replace("{crowd_us}", f"{crowd_us:,.0f}")
        .replace("{at_once}", str(AT_ONCE))
        .replace("{cores}", str(os.cpu_count()))
        .replace("{load}", f"{os.getloadavg()[0]:.1f}")
    )


async def figures() -> AsyncIterator[Figure]:
    """Microseconds of every step, alone and among many; PAGE=file writes docs/costs.md."""
    with tempfile.TemporaryDirectory(prefix="dangol-bench-", ignore_cleanup_errors=True) as name:
        server = MongoServer(Path(name), cache_gb=1.0)
        await server.start()
        try:
            found = await costs(server.url, _DATABASE)
            bare_us = await _bare_us(server.url)
        finally:
            server.kill()
    for cost in found:
        yield Figure(f"{cost.name}, alone", cost.alone_us, "us", "bare update", bare_us[0])
        name = f"{cost.name}, {AT_ONCE} at once"
        yield Figure(name, cost.crowd_us, "us", "bare bulk update", bare_us[1])
    if written := os.environ.get("PAGE", ""):
        await asyncio.to_thread(Path(written).write_text, page(found, bare_us))
