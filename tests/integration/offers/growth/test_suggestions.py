"""Coupons suggested as gifts, over the wire."""

import time
from typing import Any

import pytest
from dangol.offers.v1 import growth_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure

DAY_SECONDS = 86_400


async def _suggest(growth: Any, customer_id: str = "ann", token: str = "", days: int = 0) -> Any:
    request = pb.ListGiftSuggestionsRequest(
        customer_id=customer_id, within_seconds=days * DAY_SECONDS
    )
    return await growth.shop.send(growth.stub.ListGiftSuggestions, request, token)


def _told(answer: Any) -> tuple[str, list[str]]:
    name = pb.SuggestionOutcome.Name(answer.outcome).removeprefix("SUGGESTION_OUTCOME_")
    return name, [one.offer_id for one in answer.suggestions]


async def test_what_ends_unused_is_suggested(growth: Any) -> None:
    """Near its end and giftable, not what is held or far from its end; nothing for who buys
    often; what was given away is not suggested again."""
    shop = growth.shop
    await shop.add_offer("birthday", valid_for_seconds=3 * DAY_SECONDS)
    await shop.add_offer("mine", valid_for_seconds=2 * DAY_SECONDS, giftable=False)
    await shop.add_offer("later", valid_for_seconds=20 * DAY_SECONDS)
    issued = {
        offer_id: (await shop.issue(offer_id=offer_id)).coupon
        for offer_id in ("birthday", "mine", "later")
    }
    held = (await shop.issue(offer_id="birthday")).coupon
    await shop.hold(held.coupon_id)
    shop.people.consents["ann"] = ["marketing.email", "marketing_night.push", "service.sms"]
    answer = await _suggest(growth)
    assert ("SUGGESTED", ["birthday"]) == _told(answer)
    [one] = answer.suggestions
    assert (issued["birthday"].coupon_id, 0.0, ["email"]) == (
        one.coupon_id,
        one.use_probability,
        list(answer.channels),
    )
    assert ["birthday", "later"] == _told(await _suggest(growth, days=30))[1]
    now_ms = time.time_ns() // 1_000_000
    shop.people.purchases.made += [("ann", now_ms - n * DAY_SECONDS * 1_000, 1) for n in range(300)]
    assert ("NOTHING", []) == _told(await _suggest(growth))
    shop.people.purchases.made.clear()
    await shop.gift(issued["birthday"].coupon_id)
    assert ("NOTHING", []) == _told(await _suggest(growth))


async def test_the_policies_of_gifts_are_kept(growth: Any) -> None:
    """A coupon that changed hands as often as it may is not suggested; nothing is on a day on
    which the customer gave all that one may, and to whom is no member."""
    shop = growth.shop
    await shop.add_offer("once", valid_for_seconds=DAY_SECONDS, gift_times_max=1)
    offered = await shop.gift((await shop.issue(offer_id="once")).coupon.coupon_id)
    await shop.claim(offered.token)
    assert ("NOTHING", []) == _told(await _suggest(growth, "bob"))
    await shop.issue("cid", offer_id="once")
    assert ("SUGGESTED", ["once"]) == _told(await _suggest(growth, "cid"))
    for _ in range(20):
        coupon = (await shop.issue("cid", offer_id="once")).coupon
        await shop.gift(coupon.coupon_id, giver_customer_id="cid")
    assert ("DAY_LIMIT_REACHED", []) == _told(await _suggest(growth, "cid"))
    for nobody in ("vera", "nobody-1"):
        assert ("NOT_A_MEMBER", []) == _told(await _suggest(growth, nobody))


async def test_customers_see_their_own(growth: Any) -> None:
    """Nobody else's, no visitor any, and another tenant has none."""
    shop = growth.shop
    await shop.add_offer("birthday", valid_for_seconds=DAY_SECONDS)
    await shop.issue(offer_id="birthday")
    own = shop.token(Role.CUSTOMER, "ann")
    assert ("SUGGESTED", ["birthday"]) == _told(await _suggest(growth, token=own))
    with pytest.raises(RpcFailure, match="themselves only"):
        await _suggest(growth, "bob", own)
    with pytest.raises(RpcFailure):
        await _suggest(growth, "vera", shop.token(Role.VISITOR, "vera"))
    foreign = shop.token(Role.PARTNER, "till", "other")
    assert ("NOTHING", []) == _told(await _suggest(growth, token=foreign))
