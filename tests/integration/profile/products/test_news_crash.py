"""A replica that dies anywhere between a change and its last event: everybody hears once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from profile_service.service_product_news import LEASE_MS

from tests.integration.profile.harness import event
from tests.integration.profile.products.unserved import (
    SHOP,
    DyingRecorder,
    ReplicaDiedError,
    Unserved,
    priced,
)

WISHERS = 430
NOW = int(time.time())


async def _nothing(*_: Any) -> None:
    """For a replica that dies before it lists anything."""


async def _wishers(shop: Unserved) -> None:
    """Customers who wished for the product, on devices and by cards."""
    events = []
    for number in range(WISHERS):
        names = [("device", f"d{number}")] + [("pos_card", f"c{number}")] * (number % 3 == 0)
        for namespace, value in names:
            made = event(namespace, value, "wishlist", at_seconds=NOW - 60)
            made.items.add(product_id="p", quantity=1)
            events.append(made)
    await shop.recorder.record(SHOP, events)


async def _heard(shop: Unserved) -> Counter[str]:
    """How often each customer was told that the price dropped."""
    found = await shop.database.events.find({"k": "price_dropped"}).to_list(None)
    identities = await shop.registry.find([one["h"] for one in found])
    return Counter(identities[one["h"]].customer_id for one in found)


async def test_a_page_half_told_is_told_again_and_nobody_hears_twice(shop: Unserved) -> None:
    """Dead after the change, after the first page, after the second; the fourth tells the rest."""
    await _wishers(shop)
    await shop.service(_nothing).upsert(SHOP, [priced(900, b"1")])
    await shop.service(_nothing).upsert(SHOP, [priced(700, b"2")])
    for death in (1, 2):
        dying = shop.teller(DyingRecorder(shop.recorder, 1), later_ms=(death - 1) * LEASE_MS)
        with pytest.raises(ReplicaDiedError):
            await dying.sweep()
        # Its lease holds everybody else off until it ends.
        assert not await shop.teller(later_ms=(death - 1) * LEASE_MS).sweep()
    await asyncio.gather(*(shop.teller(later_ms=2 * LEASE_MS + 1_000).sweep() for _ in range(3)))
    heard = await _heard(shop)
    everybody = WISHERS + len(range(0, WISHERS, 3))
    assert (everybody, {1}) == (len(heard), set(heard.values()))
    (news,) = await shop.database.product_news.find().to_list(None)
    assert (True, False) == (news["done"], "after" in news)
    product = await shop.database.products.find_one()
    assert ([], False) == (product["pending"], "pending_ms" in product)


async def test_two_changes_are_two_news_and_one_repeated_is_one(shop: Unserved) -> None:
    """The same request again sets off nothing; another drop in price is told again."""
    made = event("device", "d", "wishlist", at_seconds=NOW - 60)
    made.items.add(product_id="p", quantity=1)
    await shop.recorder.record(SHOP, [made])
    teller = shop.teller()
    service = shop.service(teller.list_news)
    for price, request in ((900, b"1"), (700, b"2"), (700, b"2"), (600, b"3"), (700, b"2")):
        await service.upsert(SHOP, [priced(price, request)])
    while await teller.sweep():
        continue
    assert [2] == list((await _heard(shop)).values())
