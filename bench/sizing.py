"""What docs/sizing.md goes by: processor time an event, bytes a customer, an event and a coupon.

SIZED (20,000) customers with a year of events each and 25 segments. PAGE=docs/sizing.md writes that
page anew. Processor time is read from the kernel, so what else runs matters less than for rates.
"""

from __future__ import annotations

import asyncio
import datetime
import itertools
import math
import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dangol_dev.stack import SERVICES
from pymongo import AsyncMongoClient

from bench import histories, latency, ledger, shop, states
from bench.context import Bench, new_id, together
from bench.figures import Figure
from bench.http import HttpClient
from bench.ingest import drive

CUSTOMERS_DEFAULT = 20_000
COUPONS = 10_000
ONE_BY_ONE = 400
_CONCURRENT = 8
_DATABASES = ("mongod", "redis")
_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
_TEMPLATE = Path(__file__).with_name("sizing_page.md")
_GIB = 2**30
_MONTH_SECONDS = 30 * 86_400
# Two thirds of a core are planned for, and twice the memory: docs/sizing.md says why.
_RESERVE = 1.5
_REDIS_ROOM = 2


@dataclass(frozen=True)
class Sized:
    """Everything measured, rounded as the page shows it. us: microseconds of processor an event,
    in batches, of one process; one_us: of an event by GraphQL, all processes together. bytes: of
    one customer's state in Redis; of one document with its indexes in MongoDB, on disk."""

    events_per_second: int
    profile_us: int
    segmentation_us: int
    mongod_us: int
    redis_us: int
    one_us: int
    state_bytes: int
    event_bytes: int
    customer_bytes: int
    coupon_bytes: int
    rebuilt_per_second: int
    cores: int

    @property
    def services_us(self) -> int:
        """Of profile and segmentation."""
        return self.profile_us + self.segmentation_us


def page(sized: Sized) -> str:
    """docs/sizing.md: the figures, and what follows from them."""
    text = _TEMPLATE.read_text()
    values = {one.name: getattr(sized, one.name) for one in fields(sized)}
    for name, value in {**values, **_derived(sized)}.items():
        text = text.replace(f"{{{name}}}", value if isinstance(value, str) else f"{value:,}")
    return text


def _derived(sized: Sized) -> dict[str, int | str]:
    def redis_gib(customers: int) -> str:
        return f"{customers * sized.state_bytes * _REDIS_ROOM / _GIB:.1f}"

    def replicas(events_per_second: float, event_us: int) -> int:
        return max(2, math.ceil(events_per_second * event_us / 1e6 * _RESERVE))

    average = 2_000_000 * 20 / _MONTH_SECONDS
    return {
        "services_us": sized.services_us,
        "total_us": sized.services_us + sized.mongod_us + sized.redis_us,
        "per_core": int(1e6 / sized.services_us / _RESERVE),
        "profile_2000": replicas(2_000, sized.profile_us),
        "profile_20000": replicas(20_000, sized.profile_us),
        "segmentation_20000": replicas(20_000, sized.segmentation_us),
        "one_ms": f"{sized.one_us / 1000:.1f}",
        "one_cores": f"{100 * sized.one_us / 1e6:.2f}",
        "redis_one": redis_gib(1_000_000),
        "redis_ten": redis_gib(10_000_000),
        "redis_example": redis_gib(2_000_000),
        "redis_core": int(1e6 / max(sized.redis_us, 1)),
        "average": round(average),
        "peak": round(10 * average),
        "example_profile": replicas(10 * average, sized.profile_us),
        "example_gib": f"{2_000_000 * 20 * sized.event_bytes / _GIB:.1f}",
        "rebuild_minutes": f"{1_000_000 / sized.rebuilt_per_second / 60:.0f}",
    }


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """One stack, all of it; PAGE=file writes the page."""
    customers = int(os.environ.get("SIZED", CUSTOMERS_DEFAULT))
    sized, bare = await _measure(bench, customers)
    total = sized.services_us + sized.mongod_us + sized.redis_us
    batches = "processor an event, in batches"
    yield Figure(batches, total, "us", "mongod alone", sized.mongod_us)
    yield Figure("processor an event, by GraphQL", sized.one_us, "us", "in batches", total)
    name = "state of a customer in Redis"
    yield Figure(name, sized.state_bytes, "bytes", "bare values", bare["state"])
    for name in ("event", "customer", "coupon"):
        value = getattr(sized, f"{name}_bytes")
        of = f"{name} in MongoDB with indexes"
        yield Figure(of, value, "bytes", "bare document", bare[name])
    if written := os.environ.get("PAGE", ""):
        await asyncio.to_thread(Path(written).write_text, page(sized))


async def _measure(bench: Bench, customers: int) -> tuple[Sized, dict[str, float]]:
    """The figures, and for those in bytes what the bare values and documents have."""
    empty = await states.used_bytes(bench)
    await shop.install_segments(bench, histories.RULES)
    events = list(histories.year(customers))
    before, began = _cpu_seconds(bench), time.perf_counter()
    await drive(bench, events)
    seconds, used = time.perf_counter() - began, _since(bench, before)
    if bench.admin.sent.rejections:
        raise RuntimeError(f"not every event was recorded: {bench.admin.sent.rejections[:3]}")
    per_event = {name: round(value * 1e6 / len(events)) for name, value in used.items()}
    one_us = await _one_by_one(bench)
    state = await states.state_bytes(bench, customers, empty)
    await ledger.list_campaign(bench)
    await ledger.issue_list(bench, [f"customer-{number}" for number in range(COUPONS)])
    stored, documents = await _stored_bytes(bench.stack.mongodb_uri)
    rebuilt = (await states.rebuild(bench, customers, seconds)).value
    sized = Sized(
        events_per_second=_rounded(len(events) / seconds),
        profile_us=per_event["profile"],
        segmentation_us=per_event["segmentation"],
        mongod_us=per_event["mongod"],
        redis_us=per_event["redis"],
        one_us=_rounded(one_us),
        state_bytes=round(state.value),
        event_bytes=stored["event"],
        customer_bytes=stored["customer"],
        coupon_bytes=stored["coupon"],
        rebuilt_per_second=_rounded(rebuilt),
        cores=os.cpu_count() or 1,
    )
    return sized, {"state": state.ceiling, **documents}


def _rounded(value: float) -> int:
    """To two figures: more are not the machine's."""
    digits = 10 ** max(int(math.log10(value)) - 1, 0)
    return int(round(value / digits) * digits)


async def _one_by_one(bench: Bench) -> float:
    """Microseconds of all processes for one event by GraphQL, of customers who are known."""
    gateway = HttpClient(bench.stack.ports.gateway, "/graphql", bench.token())
    numbers = itertools.count()

    async def track() -> None:
        event = {
            "eventId": new_id(),
            "customer": {"namespace": "member", "value": f"customer-{next(numbers) % 1_000}"},
            "type": "visit",
            "occurredAt": datetime.datetime.now(datetime.UTC).isoformat(),
        }
        answer = await gateway.post({"query": latency.MUTATION, "variables": {"events": [event]}})
        if "results" not in answer["track"] and "changes" not in answer["track"]:
            raise RuntimeError(f"the event was not recorded: {answer}")

    await together(track, ONE_BY_ONE, _CONCURRENT)
    before = _cpu_seconds(bench)
    await together(track, ONE_BY_ONE, _CONCURRENT)
    gateway.close()
    return sum(_since(bench, before).values()) * 1e6 / ONE_BY_ONE


def _cpu_seconds(bench: Bench) -> dict[str, float]:
    """What each process has used so far, all its threads together."""
    found = {}
    for name in (*SERVICES, *_DATABASES):
        pid = bench.stack.processes[name].pid
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found[name] = (int(words[11]) + int(words[12])) * _TICK_SECONDS
    return found


def _since(bench: Bench, before: Mapping[str, float]) -> dict[str, float]:
    return {name: value - before[name] for name, value in _cpu_seconds(bench).items()}


async def _stored_bytes(uri: str) -> tuple[dict[str, int], dict[str, float]]:
    """Bytes on disk by document, its indexes with it; and of the document alone, as it is sent."""
    places = {
        "event": ("dangol_profile", ("events",)),
        "customer": ("dangol_profile", ("customers", "identifiers")),
        "coupon": ("dangol_offers", ("accounts",)),
    }
    found: dict[str, int] = {}
    bare: dict[str, float] = {}
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        # Sizes are those of the last checkpoint.
        await client.admin.command("fsync")
        for name, (database, collections) in places.items():
            stats = [await client[database].command("collStats", one) for one in collections]
            size = sum(one["storageSize"] + one["totalIndexSize"] for one in stats)
            found[name] = round(size / stats[0]["count"])
            bare[name] = float(sum(one["avgObjSize"] for one in stats))
    return found, bare
