"""What may come between the writes of a step over a coupon and its budget, each by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.coupon_account import CouponState
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.gifts import GiftOutcome, OfferGift

from tests.integration.offers.budgets.gates import GatedAccounts
from tests.integration.offers.budgets.shop import TENANT, BudgetShop, gather_names
from tests.integration.offers.machine.faulty import Fate

PATIENCE_MS = 10_000
# Writes of a hold under a budget: the coupon asks, the budget's line, the coupon is held.
WRITES = [pytest.param(write, id=name) for write, name in enumerate(("ask", "line", "answer"))]


class GatedShop(BudgetShop):
    """The first replica's writes can be held up."""

    def __init__(self, mongodb: Any, database: Any) -> None:
        super().__init__(mongodb, database)
        self.gate = GatedAccounts(database)
        self.stores[0] = self.gate
        self.replicas[0] = self.start(0)


@pytest.fixture
async def gated(mongodb_uri: str, database_name: str) -> AsyncIterator[GatedShop]:
    """A shop with its offers; campaigns are the tests'."""
    mongodb: Any = AsyncIOMotorClient(mongodb_uri, maxPoolSize=32)
    made = GatedShop(mongodb, mongodb[database_name])
    await made.prepare()
    yield made
    made.gate.go_on()
    for replica in made.replicas:
        await replica.group.close()
    mongodb.close()


@pytest.mark.parametrize("sent", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", WRITES)
async def test_recovery_racing_a_retry_on_a_budgeted_hold(
    gated: GatedShop, write: int, *, sent: bool
) -> None:
    """The first copy stands still at one of its writes; recovery and a retry drive the same step,
    then it goes on: one hold, paid once, equal answers."""
    await gated.campaign(money=10_000)
    (coupon,) = await gated.coupons(1)
    gated.gate.hold_up(write, sent=sent)
    first = asyncio.create_task(gated.hold(coupon, "hold"))
    await gated.gate.arrived.wait()
    recovery = gated.replicas[1].group.expire_due("shop", gated.now_ms + PATIENCE_MS)
    recovered, retried = await asyncio.gather(recovery, gated.hold(coupon, "hold", replica=1))
    # Where the coupon did not ask yet recovery had nothing to do; its answer ends its asking.
    assert recovered in ({0} if (write, sent) in {(0, False), (2, True)} else {0, 1})
    gated.gate.go_on()
    answer = await first
    assert CouponOutcome.APPLIED is retried.outcome
    assert (retried.outcome, retried.coupon) == (answer.outcome, answer.coupon)
    assert (100, 0, 9_900) == await gated.use()
    assert 3 == (await gated.stored(coupon)).v
    await gated.check()


@pytest.mark.parametrize("write", WRITES)
async def test_a_retry_after_the_next_request_on_a_budgeted_coupon(
    shop: BudgetShop, write: int
) -> None:
    """The answer to the hold is lost at one of its writes, and the order is used meanwhile by
    somebody who waits for nothing: a repeat is answered as the first, and changes nothing."""
    await shop.campaign(money=1_000)
    (coupon,) = await shop.coupons(1)
    shop.stores[0].fates.extend([Fate.DONE] * write + [Fate.ANSWER_LOST])
    assert ["OutcomeUnknownError"] == [
        type(one).__name__
        for one in await asyncio.gather(shop.hold(coupon, "hold"), return_exceptions=True)
    ]
    assert CouponOutcome.APPLIED is (await shop.redeem(coupon, replica=1)).outcome
    again = await shop.hold(coupon, "hold")
    assert again.coupon is not None
    assert (CouponOutcome.APPLIED, CouponState.HELD) == (again.outcome, again.coupon.state)
    assert CouponState.REDEEMED is (await shop.stored(coupon)).state
    assert (0, 100, 900) == await shop.use()
    await shop.check()


@pytest.mark.parametrize("write", WRITES)
async def test_another_order_while_a_hold_stands_still_is_told_who_has_it(
    gated: GatedShop, write: int
) -> None:
    """Whoever meets a coupon that asks its budget ends that step first."""
    await gated.campaign(money=1_000)
    (coupon,) = await gated.coupons(1)
    gated.gate.hold_up(write, sent=True)
    first = asyncio.create_task(gated.hold(coupon, "hold"))
    await gated.gate.arrived.wait()
    other = await gated.hold(coupon, order="order-2", replica=1)
    assert CouponOutcome.HELD_BY_OTHER_ORDER is other.outcome
    gated.gate.go_on()
    assert CouponOutcome.APPLIED is (await first).outcome
    await gated.check()


async def test_a_gift_while_the_budget_is_asked_waits_for_its_answer(gated: GatedShop) -> None:
    """An order asks for money that another one gets meanwhile: the coupon was never held, so its
    owner may give it away."""
    await gated.campaign(money=100)
    asking, taking = await gated.coupons(2)
    gated.gate.hold_up(0, sent=True)
    first = asyncio.create_task(gated.hold(asking))
    await gated.gate.arrived.wait()
    assert CouponState.HOLDING is (await gated.stored(asking)).state
    assert CouponOutcome.APPLIED is (await gated.hold(taking, replica=1)).outcome
    offer = OfferGift(gated.asked(), asking.owner, 3_600, gated.now_ms)
    given = await gated.replicas[1].gifts.offer(TENANT, asking.key.a, offer)
    assert GiftOutcome.APPLIED is given.outcome
    gated.gate.go_on()
    assert CouponOutcome.APPLIED is not (await first).outcome
    await gated.check()


async def test_two_groups_on_one_hot_budget(gated: GatedShop) -> None:
    """Both have read it with enough for all of theirs: who comes second loses its write as a whole,
    decides each on what is left, and between them just as many are held as there is money for."""
    await gated.campaign(money=9_000)
    coupons = await gated.coupons(160)
    await gated.hold(coupons[0], replica=1)
    # The group on the budget is held up after it was read and decided.
    gated.gate.hold_up(0, sent=False, of_budget=True)
    waiting = [asyncio.create_task(gated.hold(one)) for one in coupons[1:80]]
    await gated.gate.arrived.wait()
    there = await gather_names([gated.hold(one, replica=1) for one in coupons[80:]])
    assert ["applied"] * 80 == there
    gated.gate.go_on()
    here = await gather_names(waiting)
    assert (9, 70) == (here.count("applied"), here.count("budget_exhausted"))
    assert gated.gate.lost >= 1
    assert (9_000, 0, 0) == await gated.use()
    await gated.check()


async def test_a_bad_document_in_a_group_with_a_budget(shop: BudgetShop) -> None:
    """A budget that somebody damaged by hand fails the holds under it and no others; their coupons
    wait for it, and are held once it is mended."""
    await shop.campaign(money=1_000)
    (coupon,) = await shop.coupons(1)
    await shop.campaign(money=500, campaign_id="summer")
    await shop.hold(coupon)
    (free,) = (await shop.coupons(2, offer="kept"))[:1]
    accounts = shop.database["accounts"]
    await accounts.update_one({"kind": "budget"}, {"$set": {"held": "many"}})
    (failed,) = await asyncio.gather(shop.hold(free, "hold"), return_exceptions=True)
    assert "DamagedError" == type(failed).__name__
    assert CouponState.HOLDING is (await shop.stored(free)).state
    await accounts.update_one({"kind": "budget"}, {"$set": {"held": 100}})
    assert CouponOutcome.APPLIED is (await shop.hold(free, "hold", replica=1)).outcome
    await shop.check()
