"""Insight: the job `dangol-insight` over CDNOW_master, from the events to fields of customers.

The file comes with the PyPI package lifetimes: 23,570 customers, 69,659 orders. Its last day is
moved to yesterday, as if the shop had been open until now.
"""

from __future__ import annotations

import importlib.util
import os
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dangol.events.v1.event_pb2 import Event, Money
from dangol_dev.processes import free_port
from dangol_dev.stack import AUDIENCE, ISSUER
from profile_service import store
from profile_service.config import ProfileConfig
from profile_service.insight import derive
from profile_service.insight_job import run
from profile_service.service_insight import to_buyers
from profile_service.store_insight import InsightStore

from bench.context import TENANT, Bench
from bench.figures import Figure
from bench.ingest import drive

CUSTOMER_COUNT = 23_570
_DATA_END = date(1998, 6, 30)
_ZONE = "Asia/Seoul"
# Noon in Seoul.
_HOUR = 3


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Seconds of one run of the job; beside it what computing alone takes, without a database."""
    wanted = int(os.environ.get("CUSTOMERS", CUSTOMER_COUNT))
    events = _orders(wanted)
    await drive(bench, events)
    if bench.admin.sent.rejections:
        raise RuntimeError(f"not every order was recorded: {bench.admin.sent.rejections[:3]}")
    settings = _settings(bench)
    started = time.perf_counter()
    if not await run(settings):
        raise RuntimeError("the job failed; its log says why")
    seconds = time.perf_counter() - started
    computing, count = await _computing(settings)
    yield Figure(
        f"insight over CDNOW, {count:,} buyers",
        seconds,
        "s",
        "the fits alone",
        computing,
        "<= 60 for 23,570",
    )


def _settings(bench: Bench) -> ProfileConfig:
    """The job's, as the stack's profile has them."""
    keys = bench.stack.keys
    return ProfileConfig(
        listen=f"127.0.0.1:{free_port()}",
        auth_jwks_file=keys / "jwks.json",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        service_key_file=keys / "profile.pem",
        master_key_file=keys / "master.key",
        mongodb_uri=bench.stack.mongodb_uri,
        mongodb_database="dangol_profile",
        segmentation_target=bench.stack.targets["segmentation"],
    )


async def _computing(settings: ProfileConfig) -> tuple[float, int]:
    """Seconds of fitting and scoring the same buyers, and how many there are."""
    mongodb = store.connect(settings.mongodb_uri)
    found = InsightStore(store.open_database(mongodb, settings.mongodb_database))
    now_ms = int(time.time() * 1000)
    rows = [one async for one in found.buyers(TENANT, now_ms, _ZONE)]
    mongodb.close()
    buyers = to_buyers(rows, now_ms)
    started = time.perf_counter()
    derive(buyers, 1)
    return time.perf_counter() - started, len(rows)


def _orders(customer_count: int) -> list[Event]:
    """Every order of the first customers of the file."""
    shift = datetime.now(UTC).date() - timedelta(days=1) - _DATA_END
    events = []
    known: set[str] = set()
    for line in _file().read_text().splitlines():
        customer, day, _, amount = line.split()
        if not customer.isdecimal():
            # The names of the columns.
            continue
        known.add(customer)
        if len(known) > customer_count:
            break
        bought = date(int(day[:4]), int(day[4:6]), int(day[6:])) + shift
        made = Event(event_id=str(uuid.uuid4()), type="purchase")
        made.customer.namespace, made.customer.value = "member", customer
        made.occurred_at.FromDatetime(
            datetime(bought.year, bought.month, bought.day, _HOUR, tzinfo=UTC)
        )
        cents = round(float(amount) * 100)
        made.amount.CopyFrom(Money(currency_code="KRW", minor_units=cents))
        events.append(made)
    return events


def _file() -> Path:
    spec = importlib.util.find_spec("lifetimes")
    if spec is None or spec.origin is None:
        raise RuntimeError("lifetimes, which has the data, is not installed: make setup")
    return Path(spec.origin).parent / "datasets" / "CDNOW_master.txt"
