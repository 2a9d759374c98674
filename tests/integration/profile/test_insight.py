"""The job on real stores: numbers follow from events, are fields of customers, and reach rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from dangol_service_kit.auth import Role
from profile_service import insight, store
from profile_service.config import ProfileConfig
from profile_service.insight_job import run
from profile_service.service_insight import to_buyers
from profile_service.store_insight import InsightStore
from profile_service.store_shop_totals import ShopTotalsStore

from tests.integration.profile.harness import LAB, LAB_START_SECONDS, SHOP, Platform, event
from tests.unit.profile import cdnow

CUSTOMERS = 250
NOW = datetime.fromtimestamp(LAB_START_SECONDS, UTC)


def _some() -> cdnow.Orders:
    """The first customers of the sample."""
    orders = cdnow.read("sample")
    return {one: orders[one] for one in sorted(orders)[:CUSTOMERS]}


def _noon(day: date) -> int:
    """Of Seoul, where the tenant is."""
    return int(datetime(day.year, day.month, day.day, 3, tzinfo=UTC).timestamp())


async def _record(platform: Platform, orders: cdnow.Orders) -> dict[str, str]:
    """The orders as events of twenty years ago, two of each first day; customers by CDNOW's id."""
    client = platform.client(Role.PARTNER, LAB)
    events = []
    for customer, days in orders.items():
        for day, won in days.items():
            at = _noon(day)
            # Twice on one day is one day.
            parts = (won - 1, 1) if day == min(days) and won > 1 else (won,)
            for number, part in enumerate(parts):
                made = event("member", customer, "purchase", at_seconds=at + number, amount=part)
                events.append(made)
    for start in range(0, len(events), 500):
        await client.record(*events[start : start + 500])
    return {one: (await client.find("member", one)).customer_id for one in list(orders)[:20]}


async def test_customers_get_the_numbers_that_their_orders_say(
    platform: Platform, settings: ProfileConfig
) -> None:
    """By the database's sums the same as from the file itself; a second run writes nothing."""
    orders = _some()
    ids = await _record(platform, orders)
    assert await run(settings)
    expected = insight.derive(cdnow.calibrated(orders, NOW.date()), 1)
    client = platform.client(Role.ADMIN, LAB)
    versions = {}
    for name, customer_id in ids.items():
        customer = await client.get(customer_id)
        versions[customer_id] = customer.version
        found = {key: float(one.number) for key, one in customer.fields.items()}
        numbers = {key: one for key, one in found.items() if key not in insight.FACT_NAMES}
        assert "profit_rank" in found
        wanted = {key: float(one) for key, one in expected.fields_by_customer[name].items()}
        assert insight.NAMES == tuple(one for one in insight.NAMES if one in numbers)
        assert wanted == pytest.approx(numbers, rel=2e-2, abs=2e-3)
    told = {
        delta.customer_id: delta.profile.fields["rfm_money"].number
        for request in platform.segmentation.evaluated
        for delta in request.customers
        if delta.profile.fields
    }
    assert set(ids.values()) <= told.keys()
    assert await platform.nothing_open()
    assert await run(settings)
    again = {one: (await client.get(one)).version for one in ids.values()}
    assert versions == again


async def test_a_merged_customer_is_one_buyer(platform: Platform, settings: ProfileConfig) -> None:
    """Two devices' purchases of one day, then one more: one customer with one repeat."""
    client = platform.client(Role.PARTNER, LAB)
    day, week = 86_400, 7 * 86_400
    base = LAB_START_SECONDS - 10 * week
    for device, at, won in (("a", base, 100), ("b", base + 3_600, 50), ("b", base + week, 70)):
        made = event("device", device, "purchase", at_seconds=at, amount=won)
        await client.record(made)
    await client.identify(("member", "ann"), ("device", "a"))
    await client.identify(("member", "ann"), ("device", "b"))
    mongodb = store.connect(settings.mongodb_uri)
    found = InsightStore(store.open_database(mongodb, settings.mongodb_database))
    now_ms = LAB_START_SECONDS * 1_000
    rows = [one async for one in found.buyers(LAB, now_ms, "Asia/Seoul")]
    mongodb.close()
    buyers = to_buyers(rows, now_ms)
    assert [(await client.find("member", "ann")).customer_id] == buyers.customer_ids
    assert (1.0, 1.0, 220.0, 70.0) == (
        buyers.repeats[0],
        buyers.recency[0],
        buyers.revenue[0],
        buyers.repeat_value[0],
    )
    assert 10.0 == pytest.approx(buyers.age[0], abs=day / week)
    assert await platform.nothing_open()


async def test_a_shop_without_customers_has_no_numbers(
    platform: Platform, settings: ProfileConfig
) -> None:
    """Too few for a model: scores and ranks are there, churn is not invented. Dashboards hear of
    shops, not of sandboxes."""
    client = platform.client(Role.PARTNER, SHOP)
    await client.record(event("member", "ann", "purchase", amount=1_000))
    tenant = await platform.database.tenants.find_one({"_id": SHOP})
    await platform.database.tenants.insert_one({**tenant, "_id": f"{SHOP}--1"})
    assert await run(settings)
    fields: dict[str, Any] = dict((await client.find("member", "ann")).fields)
    scores = {"rfm_recency", "rfm_frequency", "rfm_money", "revenue_rank"}
    assert {*scores, "profit_rank"} == fields.keys()
    assert np.isclose(0.0, float(fields["revenue_rank"].number))
    mongodb = store.connect(settings.mongodb_uri)
    totals = ShopTotalsStore(store.open_database(mongodb, settings.mongodb_database))
    sums = await totals.sums()
    mongodb.close()
    assert 0 < sums["KRW"].at_ms
    told = {one["_id"] async for one in platform.database.shop_totals.find({}, {"_id": 1})}
    assert SHOP in told
    assert f"{SHOP}--1" not in told
