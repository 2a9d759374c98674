"""Events that an older release kept without their products count for them."""

from __future__ import annotations

import asyncio
from typing import Any

from profile_service.service_product_backfill import ProductBackfill
from profile_service.store_product_backfill import (
    BackfilledPage,
    ProductBackfillStore,
    Progress,
)

from tests.integration.profile.harness import event, eventually
from tests.integration.profile.products.shelf import Shelf

_DAY_MS = 24 * 3_600_000


class Watched(ProductBackfillStore):
    """Notes what is asked for; `stop` is set after so many pages, as when a replica goes."""

    def __init__(self, database: Any, stop: asyncio.Event, pages: int) -> None:
        super().__init__(database)
        self.begun: list[bytes] = []
        self.filled = 0
        self.stop = stop
        self._pages = pages

    async def fill(self, after: bytes, limit: int) -> BackfilledPage:
        """One page of the real store's."""
        self.begun.append(after)
        page = await super().fill(after, limit)
        self.filled += page.count
        if len(self.begun) == self._pages:
            self.stop.set()
        return page


async def test_events_of_an_older_release_get_products_by_a_pass_that_goes_on_where_it_stopped(
    shelf: Shelf,
) -> None:
    """Orders and stars are as before; the second replica begins where the first came to, again
    does no harm, and a day after the first pass nothing is looked through any more."""
    database = shelf.platform.database
    for number in range(4):
        await shelf.do(f"old-{number}", "purchase", "lamp", "bulb", "lamp")
        await shelf.do(f"old-{number}", "review", "lamp", rating=2)
    await shelf.client.record(event("member", "old-0", "visit"))
    before = await shelf.facts("lamp")
    assert (4, 4, 2.0) == (before.order_count, before.review_count, before.mean_rating)
    kept = await _products(database)

    async def served() -> bool:
        return await database.reindexed.find_one({"_id": "event_products"}) is not None

    await eventually(served)
    await database.reindexed.delete_many({"_id": "event_products"})
    await database.events.update_many({}, {"$unset": {"p": "", "g": ""}})
    assert 0 == (await shelf.facts("lamp")).order_count

    now_ms = 1_700_000_000_000
    first = Watched(database, asyncio.Event(), 2)
    await ProductBackfill(first, page=2, wall_ms=lambda: now_ms).run(first.stop)
    position = (await first.progress()).after
    assert (2, True) == (len(first.begun), position > first.begun[-1])
    second = Watched(database, asyncio.Event(), 0)
    await ProductBackfill(second, page=2, wall_ms=lambda: now_ms).run(asyncio.Event())
    assert position == second.begun[0]
    assert before == await shelf.facts("lamp")
    assert kept == await _products(database)
    assert Progress(second.begun[-1], now_ms) == await second.progress()

    again = Watched(database, asyncio.Event(), 0)
    now_ms += _DAY_MS
    await ProductBackfill(again, wall_ms=lambda: now_ms).run(asyncio.Event())
    assert (b"", 0) == (again.begun[0], again.filled)
    now_ms += 1
    late = Watched(database, asyncio.Event(), 0)
    await ProductBackfill(late, wall_ms=lambda: now_ms).run(asyncio.Event())
    assert [] == late.begun


async def _products(database: Any) -> dict[bytes, tuple[list[str], int | None]]:
    """Products and stars of every event."""
    return {
        found["_id"]: (found.get("p", []), found.get("g"))
        async for found in database.events.find({}, {"p": 1, "g": 1})
    }
