"""Buyers of what is bought with a product hear of it too, and nobody else who bought."""

from __future__ import annotations

import time

from profile_service.service_product_facts import ProductRefresher
from profile_service.store_product_events import ProductEventStore
from profile_service.store_product_insight import ProductInsightStore

from tests.integration.profile.harness import event
from tests.integration.profile.products.unserved import SHOP, Unserved, priced

NOW = int(time.time())


async def _buy(shop: Unserved, who: str, *products: str, kind: str = "purchase") -> None:
    made = event("device", who, kind, at_seconds=NOW - 60)
    for product in products:
        made.items.add(product_id=product, quantity=1)
    await shop.recorder.record(SHOP, [made])


async def _told(shop: Unserved) -> set[str]:
    """Who was told, by device."""
    found = await shop.database.events.find({"k": "price_dropped"}).to_list(None)
    identities = await shop.registry.find([one["h"] for one in found])
    names = {
        shop.registry.hash(SHOP, "device", one): one
        for one in ("has-both", "charger-only", "wisher", "stranger")
    }
    owners = {one.customer_id: names[h] for h, one in (await shop.registry.find([*names])).items()}
    return {owners[identities[one["h"]].customer_id] for one in found}


async def test_buyers_of_what_goes_with_a_cheaper_product_hear_of_it(shop: Unserved) -> None:
    """The partner is known by the refresh; what merely sells well is none; owners hear nothing."""
    for number in range(4):
        await _buy(shop, "has-both", "p", "charger")
        await _buy(shop, f"other-{number}", "bread")
    await _buy(shop, "charger-only", "charger")
    await _buy(shop, "stranger", "bread")
    await _buy(shop, "wisher", "p", kind="wishlist")
    events, insight = ProductEventStore(shop.database), ProductInsightStore(shop.database)
    refreshed = await ProductRefresher(shop.clock, events, insight).refresh(SHOP)
    assert [("charger", "p", 4)] == [one[:3] for one in refreshed.by_count]
    teller = shop.teller()
    for price, request in ((900, b"1"), (700, b"2")):
        await shop.service(teller.list_news).upsert(SHOP, [priced(price, request)])
    while await teller.sweep():
        continue
    assert {"charger-only", "wisher"} == await _told(shop)
