"""One message, or one tenant, that cannot be served holds up no other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Shop


async def test_what_cannot_be_read_is_set_aside_and_the_others_leave(shop: Shop) -> None:
    """A document that no version of the service wrote; it is kept as it was."""
    broken = {
        "_id": {"t": "shop", "m": "broken"},
        "v": 1,
        "state": "UNHEARD_OF",
        "content": {"customer": 7, "channel": "push"},
        "wake_ms": 1,
        "ready_ms": 1,
        "lease": {"until_ms": 1},
        "news": [{"at_ms": 1}],
    }
    await shop.database.messages.insert_one(broken)
    await shop.post("m1")
    stream = shop.watch()
    async with asyncio.timeout(60):
        assert "m1" == (await stream.read()).delivery.message_id
    assert ("APPLIED", "SENT") == await shop.acknowledge("m1", "SENT")

    async def told() -> bool:
        return 1 == len(shop.profile.events)

    await shop.eventually(told)
    stream.cancel()
    found = await shop.database.messages.find_one({"_id.m": "broken"})
    assert {"_id", "v", "state", "content", "broken"} == set(found)
    assert broken == found["broken"]


async def test_a_tenant_whose_news_fail_does_not_hold_up_the_others(shop: Shop) -> None:
    """Its news wait, oldest first, and reach profile once it takes them."""
    await shop.template("order-placed", tenant="other")
    shop.profile.failing.add("shop")
    for tenant in ("shop", "other"):
        await shop.post("m1", tenant=tenant)
        stream = shop.watch(tenant=tenant)
        async with asyncio.timeout(60):
            await stream.read()
        await shop.acknowledge("m1", "SENT", tenant=tenant)
        stream.cancel()

    async def left(tenant: str, count: int) -> bool:
        query = {"_id.t": tenant, "news": {"$exists": True}}
        return bool(count == await shop.database.messages.count_documents(query))

    await shop.eventually(lambda: left("other", 0))
    assert await left("shop", 1)
    shop.profile.failing.clear()
    await shop.eventually(lambda: left("shop", 0))
