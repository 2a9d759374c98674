"""Lower prices, restocks and launches become events of whoever waits for them, once each."""

from __future__ import annotations

import time
import uuid
from typing import Any

from dangol.profile.v1 import privacy_service_pb2 as privacy_pb
from dangol.profile.v1 import product_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role

from tests.integration.profile.harness import LAB, LAB_START_SECONDS
from tests.integration.profile.products.shelf import DAY_SECONDS, Shelf, upsert

NOW = int(time.time())
DROPPED, RESTOCKED, LAUNCHED = 1, 2, 3


async def _touch(shelf: Shelf, product: str) -> None:
    """Nine customers with every relation to a product that there is."""
    ago = {"at_seconds": NOW - 5_000}
    for member, event_type in (
        ("carted", "cart_add"),
        ("wished", "wishlist"),
        ("missed", "out_of_stock"),
        ("removed", "cart_add"),
        ("bought", "cart_add"),
        ("glanced", "product_view"),
    ):
        await shelf.do(f"{product}-{member}", event_type, product, **ago)
    for number in range(3):
        await shelf.do(f"{product}-looked", "product_view", product, at_seconds=NOW - number)
    await shelf.do(f"{product}-removed", "cart_remove", product, at_seconds=NOW - 100)
    await shelf.do(f"{product}-bought", "purchase", product, at_seconds=NOW - 100)
    long_ago = NOW - 200 * DAY_SECONDS
    await shelf.do(f"{product}-forgot", "cart_add", product, at_seconds=long_ago)


async def test_a_lower_price_reaches_whoever_waits_and_nobody_else(shelf: Shelf) -> None:
    """Who carted, wished for, missed or often viewed it; not buyers, removers, the long gone."""
    await shelf.upsert(upsert("coat", category="coats", price=90_000, stock=4))
    await _touch(shelf, "coat")
    result = await shelf.upsert(upsert("coat", price=70_000))
    assert [("CHANGED", 2, [DROPPED])] == result
    (news,) = await shelf.told("coat")
    assert (90_000, 70_000, 4) == (
        news.old_price.minor_units,
        news.new_price.minor_units,
        news.told_count,
    )
    everybody = ("carted", "wished", "missed", "looked", "removed", "bought", "glanced", "forgot")
    heard = {one: await shelf.heard(f"coat-{one}", "price_dropped") for one in everybody}
    reasons = {
        one: [event.properties["reason"].text for event in events]
        for one, events in heard.items()
        if events
    }
    assert {
        "carted": ["carted"],
        "wished": ["wished"],
        "missed": ["missed"],
        "looked": ["viewed_often"],
    } == reasons
    (event,) = heard["carted"]
    assert ("coat", "coats", 70_000) == (
        event.items[0].product_id,
        event.items[0].category,
        event.items[0].unit_price_minor_units,
    )
    assert "90000" == event.properties["old_price_minor_units"].number


async def test_each_kind_can_be_kept_quiet_and_an_import_tells_nothing(shelf: Shelf) -> None:
    """A first write, a higher price, more of what is there, and what quiet_news names."""
    assert [("CREATED", 1, [])] == await shelf.upsert(upsert("hat", price=9, stock=0))
    await shelf.do("hat-fan", "wishlist", "hat", at_seconds=NOW)
    quiet: dict[str, Any] = {"quiet_news": [DROPPED]}
    assert [("CHANGED", 2, [RESTOCKED])] == await shelf.upsert(
        upsert("hat", price=8, stock=5), **quiet
    )
    assert [("CHANGED", 3, [])] == await shelf.upsert(upsert("hat", price=10, stock=6))
    (news,) = await shelf.told("hat")
    assert (RESTOCKED, 1) == (news.kind, news.told_count)
    assert [] == await shelf.heard("hat-fan", "price_dropped")


async def test_an_erased_customer_is_told_nothing(shelf: Shelf) -> None:
    """Whoever was erased has neither the wish nor the news."""
    await shelf.upsert(upsert("scarf", price=9_000))
    for member in ("scarf-stays", "scarf-goes"):
        await shelf.do(member, "wishlist", "scarf", at_seconds=NOW - 10)
    goes = await shelf.client.find("member", "scarf-goes")
    admin = shelf.of(Role.ADMIN)
    await admin.client.call(
        PrivacyServiceStub(shelf.platform.channel).EraseCustomer,
        privacy_pb.EraseCustomerRequest(
            request_id=str(uuid.uuid4()), customer_id=goes.customer_id, reason="asked"
        ),
    )
    await shelf.upsert(upsert("scarf", price=8_000))
    (news,) = await shelf.told("scarf")
    assert 1 == news.told_count
    assert 1 == len(await shelf.heard("scarf-stays", "price_dropped"))


async def test_a_launch_is_told_when_its_time_comes_by_the_tenants_clock(shelf: Shelf) -> None:
    """SetClock answers when it was told, to those who wished for it and buyers of its category."""
    lab = shelf.of(Role.PARTNER, LAB)
    launch_seconds = LAB_START_SECONDS + 5 * DAY_SECONDS
    old, new = upsert("veteran", category="tents"), upsert("novelty", category="tents")
    new.product.launch_time.seconds = launch_seconds
    assert [("CREATED", 1, []), ("CREATED", 1, [LAUNCHED])] == await lab.upsert(old, new)
    ago = {"at_seconds": LAB_START_SECONDS - 100}
    await lab.do("camper", "purchase", "veteran", **ago)
    await lab.do("dreamer", "wishlist", "novelty", **ago)
    await lab.do("stranger", "visit", **ago)
    service = shelf.of(Role.SERVICE, LAB)
    await service.client.set_clock(launch_seconds - 1, launch_seconds - 1)
    assert [] == await lab.heard("dreamer", "launched")
    await service.client.set_clock(launch_seconds, launch_seconds)
    heard = {one: await lab.heard(one, "launched") for one in ("camper", "dreamer", "stranger")}
    assert {"camper": ["related"], "dreamer": ["wished"], "stranger": []} == {
        one: [event.properties["reason"].text for event in events] for one, events in heard.items()
    }
    assert launch_seconds == heard["dreamer"][0].occurred_at.seconds
    assert [LAUNCHED] == [one.kind for one in await lab.news("novelty")]


async def test_without_related_buyers_only_those_who_waited_hear(shelf: Shelf) -> None:
    """The option holds for a launch that the request sets for later, here at once due."""
    lab = shelf.of(Role.PARTNER, LAB, "second")
    new = upsert("solo", category="tents")
    new.product.launch_time.seconds = LAB_START_SECONDS + 50 * DAY_SECONDS
    await lab.upsert(new, without_related_buyers=True)
    now = pb.ProductUpsert(product=pb.Product(product_id="solo"))
    now.product.launch_time.seconds = LAB_START_SECONDS
    await lab.do("early-bird", "wishlist", "solo", at_seconds=LAB_START_SECONDS - 5)
    result = await lab.upsert(now, without_related_buyers=True)
    assert [("CHANGED", 2, [LAUNCHED])] == result
    (news,) = await lab.told("solo")
    assert 1 == news.told_count
