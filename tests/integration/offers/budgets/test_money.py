"""A campaign's budget of money on real MongoDB: held, used, given back, never overspent."""

import asyncio
from collections import Counter

import pytest
from offers_service.coupon_account import CouponState
from offers_service.coupon_outcomes import CouponOutcome

from tests.integration.offers.budgets.shop import FACE, MINUTE_MS, BudgetShop, gather_names

CLIENTS = 64


async def test_a_hold_takes_of_the_budget_and_every_end_of_it_settles_it(shop: BudgetShop) -> None:
    """Held, used, released, reversed, revoked, kept: the budget follows each."""
    await shop.campaign(money=1_000)
    first, second, third = await shop.coupons(3)
    assert CouponOutcome.APPLIED is (await shop.hold(first)).outcome
    assert (100, 0, 900) == await shop.use()
    assert CouponOutcome.APPLIED is (await shop.redeem(first)).outcome
    assert (0, 100, 900) == await shop.use()
    await shop.hold(second)
    await shop.release(second)
    assert (0, 100, 900) == await shop.use()
    await shop.hold(third)
    await shop.revoke(third)
    await shop.reverse(first)
    assert (0, 0, 1_000) == await shop.use()
    (kept,) = await shop.coupons(1, offer="kept")
    await shop.hold(kept)
    await shop.redeem(kept)
    await shop.reverse(kept)
    assert CouponState.REDEEMED is (await shop.stored(kept)).state
    assert (0, 0, 1_000) == await shop.use()
    await shop.check()


async def test_the_answer_to_a_hold_shows_it_held_and_a_repeat_shows_the_same(
    shop: BudgetShop,
) -> None:
    """Nobody sees that the budget was asked in between."""
    await shop.campaign(money=1_000)
    (coupon,) = await shop.coupons(1)
    first = await shop.hold(coupon, "hold")
    again = await shop.hold(coupon, "hold", replica=1)
    assert first.coupon is not None
    assert CouponState.HELD is first.coupon.state
    assert (first.outcome, first.coupon) == (again.outcome, again.coupon)
    assert (100, 0, 900) == await shop.use()


async def test_an_order_that_grows_asks_for_the_rest_and_one_that_shrinks_gives_back(
    shop: BudgetShop,
) -> None:
    """What the budget has not is refused, and the hold stays as it was."""
    await shop.campaign(money=1_000)
    (coupon,) = await shop.coupons(1, offer="half")
    await shop.hold(coupon, amount=1_000)
    await shop.hold(coupon, amount=1_600)
    assert (800, 0, 200) == await shop.use()
    refused = await shop.hold(coupon, amount=2_400)
    assert CouponOutcome.BUDGET_EXHAUSTED is refused.outcome
    stored = await shop.stored(coupon)
    assert (CouponState.HELD, 800) == (stored.state, stored.discount)
    await shop.hold(coupon, amount=400)
    assert (200, 0, 800) == await shop.use()
    await shop.check()


async def test_an_overdue_hold_gives_back_what_it_held(shop: BudgetShop) -> None:
    """By the sweeper; and by the next order, in the step that takes the coupon over."""
    await shop.campaign(money=100)
    first, second = await shop.coupons(2)
    await shop.hold(first)
    assert CouponOutcome.BUDGET_EXHAUSTED is (await shop.hold(second)).outcome
    shop.now_ms += MINUTE_MS
    await shop.sweep()
    assert (0, 0, 100) == await shop.use()
    assert CouponOutcome.APPLIED is (await shop.hold(second)).outcome
    shop.now_ms += MINUTE_MS
    assert CouponOutcome.APPLIED is (await shop.hold(second, order="order-2")).outcome
    assert (100, 0, 0) == await shop.use()
    await shop.check()


async def test_a_refusal_leaves_no_trace_and_the_same_request_may_get_room_later(
    shop: BudgetShop,
) -> None:
    """As with every other refusal."""
    await shop.campaign(money=100)
    first, second = await shop.coupons(2)
    await shop.hold(first)
    assert CouponOutcome.BUDGET_EXHAUSTED is (await shop.hold(second, "later")).outcome
    assert 1 == (await shop.stored(second)).v
    await shop.release(first)
    assert CouponOutcome.APPLIED is (await shop.hold(second, "later", replica=1)).outcome
    await shop.check()


async def test_what_is_left_in_four_stripes_is_brought_together_before_a_refusal(
    shop: BudgetShop,
) -> None:
    """10,000 won in stripes of 2,500: an order for 8,000 gets them, and the next one the rest."""
    await shop.campaign(money=10_000)
    first, second, third = await shop.coupons(3, offer="half")
    assert CouponOutcome.APPLIED is (await shop.hold(first, amount=16_000)).outcome
    assert CouponOutcome.BUDGET_EXHAUSTED is (await shop.hold(second, amount=4_002)).outcome
    assert CouponOutcome.APPLIED is (await shop.hold(second, amount=4_000, replica=1)).outcome
    assert (10_000, 0, 0) == await shop.use()
    assert CouponOutcome.BUDGET_EXHAUSTED is (await shop.hold(third, amount=2)).outcome
    await shop.check()


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(300, id="300"),
        pytest.param(10_000, id="10000", marks=[pytest.mark.deep, pytest.mark.timeout(900)]),
    ],
)
async def test_a_budget_for_so_many_holds_gives_exactly_so_many_of_twice_as_many(
    shop: BudgetShop, wanted: int
) -> None:
    """64 clients at once on two replicas; nothing is left and nothing is overspent."""
    await shop.campaign(money=wanted * FACE)
    coupons = await shop.coupons(2 * wanted)
    outcomes: Counter[str] = Counter()
    waiting = iter(enumerate(coupons))

    async def client() -> None:
        for number, coupon in waiting:
            held = await shop.hold(coupon, replica=number % 2)
            if held.outcome is CouponOutcome.APPLIED:
                assert CouponOutcome.APPLIED is (await shop.redeem(coupon)).outcome
            outcomes[held.outcome.value] += 1

    await asyncio.gather(*[client() for _ in range(CLIENTS)])
    assert {"applied": wanted, "budget_exhausted": wanted} == outcomes
    assert (0, wanted * FACE, 0) == await shop.use()
    await shop.check()


async def test_a_hundred_requests_sent_many_times_at_once_take_effect_once_each(
    shop: BudgetShop,
) -> None:
    """On both replicas, equal answers."""
    await shop.campaign(money=3_000)
    coupons = await shop.coupons(20)
    sent = [
        shop.hold(coupon, f"hold-{number}", replica=copy % 2)
        for copy in range(10)
        for number, coupon in enumerate(coupons)
    ]
    assert ["applied"] * 200 == await gather_names(sent)
    assert (2_000, 0, 1_000) == await shop.use()
    await asyncio.gather(*[shop.redeem(one, f"use-{one.key.a}") for one in coupons for _ in "ab"])
    assert (0, 2_000, 1_000) == await shop.use()
    await shop.check()
