"""Coupons over the wire."""

import asyncio
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

APPLIED = pb.COUPON_OUTCOME_APPLIED


def _names(answers: list[Any]) -> list[str]:
    return [
        pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_") for answer in answers
    ]


async def test_a_coupon_is_issued_held_and_redeemed(shop: Any) -> None:
    """The whole life of a coupon, with its discount and its code."""
    await shop.add_offer()
    issued = (await shop.issue()).coupon
    held = await shop.hold(issued.coupon_id)
    redeemed = await shop.redeem(issued.coupon_id)
    assert ["APPLIED", "APPLIED"] == _names([held, redeemed])
    assert (3_000, "KRW") == (held.discount.minor_units, held.discount.currency_code)
    assert (pb.COUPON_STATE_HELD, "order-1") == (held.coupon.state, held.coupon.order_id)
    assert pb.COUPON_STATE_REDEEMED == redeemed.coupon.state
    assert 3_000 == redeemed.coupon.redeemed_amount.minor_units
    assert 86_400 == issued.valid_until.seconds - issued.issue_time.seconds


async def test_sixty_four_clients_on_one_coupon(shop: Any) -> None:
    """Exactly one order gets it, in each of 20 rounds; all others learn why not.

    A thousand rounds over two processes: test_coupon_races.py."""
    await shop.add_offer()
    owners = [f"customer-{number}" for number in range(20)]
    await shop.issue_list(owners)
    for owner in owners:
        coupon_id = (await _wallet(shop, owner))[0].coupon_id
        orders = [f"order-{number}" for number in range(64)]
        answers = await asyncio.gather(
            *[shop.hold(coupon_id, customer_id=owner, order_id=order) for order in orders]
        )
        names = _names(answers)
        assert (1, 63) == (names.count("APPLIED"), names.count("HELD_BY_OTHER_ORDER"))
    verdict = await shop.verify()
    assert (20, 40, 0) == (
        verdict.accounts_checked,
        verdict.entries_checked,
        verdict.fault_count,
    )


async def _wallet(shop: Any, owner: str, token: str = "") -> list[Any]:
    request = pb.ListWalletRequest(customer_id=owner)
    return list((await shop.send(shop.coupons.ListWallet, request, token)).coupons)


async def test_redeem_and_release_at_the_same_time(shop: Any) -> None:
    """One of them wins, and the state is the winner's."""
    await shop.add_offer()
    for _ in range(20):
        coupon_id = (await shop.issue()).coupon.coupon_id
        await shop.hold(coupon_id)
        redeemed, released = await asyncio.gather(shop.redeem(coupon_id), shop.release(coupon_id))
        assert 1 == _names([redeemed, released]).count("APPLIED")
        state = (await shop.coupon(coupon_id)).state
        won = redeemed.outcome == APPLIED
        assert (pb.COUPON_STATE_REDEEMED if won else pb.COUPON_STATE_AVAILABLE) == state


async def test_a_request_sent_many_times_at_once_has_one_effect(shop: Any) -> None:
    """50 request ids, 20 times each, all at once: one entry each and equal answers."""
    await shop.add_offer()
    owners = [f"customer-{number}" for number in range(50)]
    await shop.issue_list(owners)
    coupon_ids = [(await _wallet(shop, owner))[0].coupon_id for owner in owners]
    requests = [
        (f"00000000-0000-4000-8000-{number:012d}", owner, coupon_id)
        for number, (owner, coupon_id) in enumerate(zip(owners, coupon_ids, strict=True))
    ]
    answers = await asyncio.gather(
        *[
            shop.hold(coupon_id, request_id=request_id, customer_id=owner)
            for request_id, owner, coupon_id in requests
            for _ in range(20)
        ]
    )
    for number in range(50):
        alike = {
            answer.SerializeToString(deterministic=True) for answer in answers[number * 20 :][:20]
        }
        assert 1 == len(alike)
    assert ["APPLIED"] * 1_000 == _names(answers)
    assert 100 == (await shop.verify()).entries_checked


async def test_repeats_answer_alike_after_the_coupon_moved_on(shop: Any) -> None:
    """The first answer is part of the journal."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    request_id = "00000000-0000-4000-8000-000000000001"
    first = await shop.hold(coupon_id, request_id=request_id)
    await shop.redeem(coupon_id)
    assert first == await shop.hold(coupon_id, request_id=request_id)


async def test_changed_content_under_a_known_request_id_is_refused(shop: Any) -> None:
    """For steps and for issues."""
    await shop.add_offer()
    request_id = "00000000-0000-4000-8000-000000000001"
    coupon_id = (await shop.issue(request_id=request_id)).coupon.coupon_id
    await shop.hold(coupon_id, request_id=request_id)
    answers = [
        await shop.hold(coupon_id, request_id=request_id, order_id="order-2"),
        await shop.redeem(coupon_id, request_id=request_id),
        await shop.issue("bob", request_id=request_id),
    ]
    assert ["REQUEST_CONFLICT"] * 3 == _names(answers)


async def test_an_orders_own_second_hold_extends(shop: Any) -> None:
    """Another order's is refused."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    first = await shop.hold(coupon_id, hold_seconds=60)
    again = await shop.hold(coupon_id, hold_seconds=600)
    other = await shop.hold(coupon_id, order_id="order-2")
    assert ["APPLIED", "APPLIED", "HELD_BY_OTHER_ORDER"] == _names([first, again, other])
    longer = again.coupon.hold_expire_time.seconds - first.coupon.hold_expire_time.seconds
    assert longer >= 539


async def test_a_failed_payment_gives_the_coupon_back(shop: Any) -> None:
    """The next attempt, under another order, succeeds."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    answers = [
        await shop.hold(coupon_id),
        await shop.release(coupon_id),
        await shop.hold(coupon_id, order_id="order-2"),
        await shop.redeem(coupon_id, order_id="order-2"),
    ]
    assert ["APPLIED"] * 4 == _names(answers)


async def test_refusals_are_typed(shop: Any) -> None:
    """Everything that can be wrong with a step has its outcome."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    dollars = pb.HoldCouponRequest().order_amount
    dollars.currency_code, dollars.minor_units = "USD", 20_000
    cheap = pb.HoldCouponRequest().order_amount
    cheap.currency_code, cheap.minor_units = "KRW", 9_999
    answers = [
        await shop.hold("c_unknown"),
        await shop.hold("g_odd"),
        await shop.hold(coupon_id, customer_id="eve"),
        await shop.hold(coupon_id, order_amount=cheap),
        await shop.hold(coupon_id, order_amount=dollars),
        await shop.redeem(coupon_id),
        await shop.release(coupon_id),
    ]
    assert [
        "NOT_FOUND",
        "NOT_FOUND",
        "NOT_OWNER",
        "BELOW_MINIMUM",
        "WRONG_CURRENCY",
        "NOT_HELD",
        "NOT_HELD",
    ] == _names(answers)


async def test_a_customer_sees_and_uses_only_its_own(shop: Any) -> None:
    """Somebody else's coupon does not exist for a customer."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    ann, eve = shop.token(Role.CUSTOMER, "ann"), shop.token(Role.CUSTOMER, "eve")
    assert ["NOT_FOUND", "APPLIED"] == _names(
        [await shop.hold(coupon_id, eve, customer_id="eve"), await shop.hold(coupon_id, ann)]
    )
    assert ["NOT_FOUND"] == _names([await shop.redeem(coupon_id, eve)])
    with pytest.raises(RpcFailure) as seen:
        await shop.coupon(coupon_id, eve)
    assert Code.COUPON_NOT_FOUND is seen.value.code
    for attempt in (shop.hold(coupon_id, eve), _wallet(shop, "ann", eve)):
        with pytest.raises(RpcFailure) as refused:
            await attempt
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_another_tenants_coupon_does_not_exist(shop: Any) -> None:
    """Neither by id nor by code, nor may its offers be issued."""
    await shop.add_offer()
    coupon = (await shop.issue()).coupon
    stranger = shop.token(Role.PARTNER, "till", "other")
    code = (await shop.coupon(coupon.coupon_id)).code
    assert ["NOT_FOUND"] == _names([await shop.hold(coupon.coupon_id, stranger)])
    for key in ({"coupon_id": coupon.coupon_id}, {"code": code}):
        with pytest.raises(RpcFailure) as refused:
            await shop.send(shop.coupons.GetCoupon, pb.GetCouponRequest(**key), stranger)
        assert Code.COUPON_NOT_FOUND is refused.value.code
    assert ["NOT_FOUND"] == _names([await shop.issue(tenant="other")])


async def test_a_coupon_is_found_by_its_code(shop: Any) -> None:
    """Only those who serve the customer see the code, and it is stored nowhere."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    code = (await shop.coupon(coupon_id)).code
    request = pb.GetCouponRequest(code=code.lower())
    found = (await shop.send(shop.coupons.GetCoupon, request)).coupon
    assert coupon_id == found.coupon_id
    seen = [
        (await shop.coupon(coupon_id, shop.token(role, subject))).code
        for role, subject in (
            (Role.CUSTOMER, "ann"),
            (Role.STAFF, "kim"),
            (Role.MARKETER, "lee"),
            (Role.ADMIN, "root"),
        )
    ]
    assert [code, code, "", ""] == seen
    stored = repr(await shop.accounts.find_one({"_id.a": coupon_id}))
    assert code not in stored
    assert code.replace("-", "") not in stored


async def test_an_overdue_hold_is_released_by_the_sweep_once(shop: Any) -> None:
    """At its own instant; sweeping again finds nothing."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    held = (await shop.hold(coupon_id, hold_seconds=60)).coupon
    due_ms = held.hold_expire_time.ToMilliseconds()
    ledger = shop.parts.ledger
    assert due_ms == await ledger.next_due_ms("shop")
    assert 0 == await ledger.expire_due("shop", due_ms - 1)
    assert [1, 0] == sorted(
        await asyncio.gather(*[ledger.expire_due("shop", due_ms + 5_000) for _ in range(2)]),
        reverse=True,
    )
    document = await shop.accounts.find_one({"_id.a": coupon_id})
    assert [("release", due_ms, "system:expiry")] == [
        (entry["kind"], entry["at_ms"], entry["actor"]) for entry in document["entries"][2:]
    ]
    assert await ledger.next_due_ms("shop") is None


async def test_wallets_are_paged_and_narrowed(shop: Any) -> None:
    """Every coupon once, however small the pages."""
    for offer_id in ("fixed", "second", "third"):
        await shop.add_offer(offer_id)
    await shop.issue_list(["ann", "bob"], offer_ids=["fixed", "second", "third"])
    found: list[str] = []
    page_token = ""
    while True:
        request = pb.ListWalletRequest(customer_id="ann", page_size=2, page_token=page_token)
        page = await shop.send(shop.coupons.ListWallet, request)
        found += [coupon.offer_id for coupon in page.coupons]
        page_token = page.next_page_token
        if not page_token:
            break
    assert ["fixed", "second", "third"] == sorted(found)
    narrowed = pb.ListWalletRequest(customer_id="ann", campaign_id="list", offer_id="second")
    assert 1 == len((await shop.send(shop.coupons.ListWallet, narrowed)).coupons)
    with pytest.raises(RpcFailure) as refused:
        await shop.send(
            shop.coupons.ListWallet, pb.ListWalletRequest(customer_id="ann", page_token="odd")
        )
    assert Code.PAGE_TOKEN_INVALID is refused.value.code


async def test_a_customer_who_does_not_exist_gets_no_coupon(shop: Any) -> None:
    """Issuing one asks profile."""
    await shop.add_offer()
    with pytest.raises(RpcFailure) as refused:
        await shop.issue("nobody-1")
    assert Code.CUSTOMER_NOT_FOUND is refused.value.code


async def test_virtual_tenants_live_on_their_own_clock(shop: Any) -> None:
    """Issue time and validity come from the clock that AdvanceClock moves."""
    await shop.parts.base.clocks.advance("replay", 1_490_000_000_000, 1_490_003_600_000)
    await shop.add_offer(tenant="replay")
    coupon = (await shop.issue(tenant="replay")).coupon
    assert 1_490_000_000_000 == coupon.issue_time.ToMilliseconds()
    till = shop.token(Role.PARTNER, "till", "replay")
    await shop.parts.base.clocks.advance("replay", 1_490_086_400_000, 1_490_090_000_000)
    assert ["EXPIRED"] == _names([await shop.hold(coupon.coupon_id, till)])
    assert pb.COUPON_STATE_EXPIRED == (await shop.coupon(coupon.coupon_id, till)).state
