"""Coupons that give points pay them out when they are used."""

import asyncio
import time
from typing import Any

import pytest
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol_service_kit.auth import Role

from tests.integration.offers.ledger.conftest import basket, new_id, won

FIVE_PERCENT = offers.PointsReward(points=5, per_amount=won(100))


async def _used(points: Any, order_id: str = "order-1", **terms: Any) -> str:
    await points.shop.add_offer("points", points=FIVE_PERCENT, **terms)
    used: str = await points.shop.used(offer_id="points", order_id=order_id)
    return used


async def _lines(points: Any) -> list[tuple[str, int]]:
    document = await points.shop.accounts.find_one({"_id": {"t": "shop", "a": "p_ann"}})
    return [(entry["kind"], entry.get("amount", 0)) for entry in document["entries"]]


async def test_the_points_are_there_with_the_answer(points: Any) -> None:
    """5 for each 100 won of 20,000; once, however often the redemption is repeated."""
    await points.shop.add_offer("points", points=FIVE_PERCENT)
    coupon_id = (await points.shop.issue(offer_id="points")).coupon.coupon_id
    await points.shop.hold_cart(coupon_id)
    request_id = new_id()
    for _ in range(3):
        redeemed = await points.shop.redeem(coupon_id, request_id=request_id)
    assert 1_000 == redeemed.coupon.points
    assert 1_000 == (await points.balance()).available_points
    assert [("grant", 1_000)] == await _lines(points)
    await points.sound()


async def test_a_returned_part_takes_its_part_and_the_rest_the_rest(points: Any) -> None:
    """One line for each cause."""
    coupon_id = await _used(points)
    part = await points.shop.reverse(coupon_id, ("b", 1))
    assert 400 == part.points_reversed
    assert 600 == (await points.balance()).available_points
    await points.shop.reverse(coupon_id)
    assert 0 == (await points.balance()).available_points
    assert [("grant", 1_000), ("take_back", 400), ("take_back", 600)] == await _lines(points)
    await points.sound()


async def test_points_of_a_coupon_that_were_spent_are_owed(points: Any) -> None:
    """And paid from the next ones."""
    coupon_id = await _used(points)
    await points.hold("o-2", 900)
    await points.spend("o-2")
    await points.shop.reverse(coupon_id)
    balance = await points.balance()
    assert (0, 900) == (balance.available_points, balance.owed_points)
    await points.sound()


async def test_a_coupon_used_again_pays_again(points: Any) -> None:
    """Each use is a cause of its own."""
    coupon_id = await _used(points)
    await points.shop.reverse(coupon_id)
    await points.shop.hold_cart(coupon_id, order_id="order-2")
    await points.shop.redeem(coupon_id, order_id="order-2")
    assert 1_000 == (await points.balance()).available_points
    await points.sound()


async def test_without_a_programme_they_last_a_year(points: Any) -> None:
    """A tenant may give points by coupons alone."""
    await points.shop.parts.base.database.points_programs.delete_many({})
    await _used(points)
    balance = await points.balance()
    assert 1_000 == balance.available_points
    days = (balance.expire_time.seconds - time.time()) / 86_400
    assert 364 < days < 398


@pytest.mark.parametrize("written", ["nothing", "grant"])
async def test_recovery_finishes_what_was_cut_off(points: Any, written: str) -> None:
    """Killed after the coupon's step and before the points' line: whoever sees the journal next
    writes what is missing, in order, once, also when several do it at once."""
    coupon_id = await _used(points)
    if written == "nothing":
        await points.shop.reverse(coupon_id, ("b", 1))
        await points.shop.accounts.delete_one({"_id": {"t": "shop", "a": "p_ann"}})
    payer = points.shop.parts.points.payer
    stored = await points.shop.accounts.find_one({"_id": {"t": "shop", "a": coupon_id}})
    entries = [one for one in stored["entries"] if one["kind"] == "redeem"]
    await asyncio.gather(*[payer.follow("shop", coupon_id, entries) for _ in range(5)])
    left = 600 if written == "nothing" else 1_000
    assert left == (await points.balance()).available_points
    assert 1 == len([kind for kind, _ in await _lines(points) if kind == "grant"])
    await points.sound()


async def test_a_coupon_of_money_pays_no_points(points: Any) -> None:
    """No account is made for it."""
    await points.shop.add_offer()
    await points.shop.used(basket())
    assert "" == (await points.balance(token=points.shop.token(Role.STAFF))).account_id
