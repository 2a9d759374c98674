"""Whatever write of a step over coupon and budget fails: nothing is lost, nothing overspent."""

import pytest
from offers_service.commit import OutcomeUnknownError
from offers_service.coupon_account import CouponState
from offers_service.coupon_outcomes import CouponOutcome

from tests.integration.offers.budgets.shop import BudgetShop
from tests.integration.offers.machine.faulty import Fate

FAILURES = [Fate.NOT_SENT, Fate.ANSWER_LOST]
# What recovery waits for before it looks at a coupon.
PATIENCE_MS = 10_000
# One more than a hold has: ask, a stripe's line, the answer.
HOLD_WRITES = 4


@pytest.mark.parametrize("fate", FAILURES)
@pytest.mark.parametrize("repeated", [True, False], ids=["repeated", "recovered"])
async def test_a_process_that_ends_at_any_write_of_a_hold_leaves_nothing_behind(
    shop: BudgetShop, fate: Fate, *, repeated: bool
) -> None:
    """A repeat by the other replica, or recovery alone, brings it to its end: held and paid once,
    or not at all where nothing was written."""
    await shop.campaign(money=10_000)
    coupons = await shop.coupons(HOLD_WRITES + 3, offer="half")
    for coupon in coupons[:3]:
        await shop.hold(coupon, amount=4_000 if coupon is not coupons[2] else 1_000)
    held, _, _ = await shop.use()
    for writes, coupon in enumerate(coupons[3:]):
        shop.stores[0].fates.extend([Fate.DONE] * writes + [fate])
        struck = shop.stores[0].struck
        try:
            await shop.hold(coupon, f"hold-{writes}", amount=1_200)
        except OutcomeUnknownError:
            shop.replicas[0] = shop.start(0)
        shop.stores[0].fates.clear()
        failed = shop.stores[0].struck > struck
        if repeated:
            again = await shop.hold(coupon, f"hold-{writes}", amount=1_200, replica=1)
            assert CouponOutcome.APPLIED is again.outcome
        else:
            shop.now_ms += PATIENCE_MS
            await shop.sweep(replica=1)
        stored = await shop.stored(coupon)
        began = repeated or not failed or (writes, fate) != (0, Fate.NOT_SENT)
        assert (CouponState.HELD if began else CouponState.AVAILABLE) is stored.state
        held += 600 if began else 0
        assert (held, 0, 10_000 - held) == await shop.use()
        await shop.check()


@pytest.mark.parametrize("fate", FAILURES)
@pytest.mark.parametrize("repeated", [True, False], ids=["repeated", "recovered"])
async def test_a_process_that_ends_at_any_write_of_the_last_of_the_budget_brings_it_together(
    shop: BudgetShop, fate: Fate, *, repeated: bool
) -> None:
    """What was on its way from stripe to stripe arrives."""
    await shop.campaign(money=10_000)
    coupons = await shop.coupons(16, offer="half")
    for writes, coupon in enumerate(coupons):
        shop.stores[0].fates.extend([Fate.DONE] * writes + [fate])
        try:
            await shop.hold(coupon, f"hold-{writes}", amount=20_000)
        except OutcomeUnknownError:
            shop.replicas[0] = shop.start(0)
        shop.stores[0].fates.clear()
        if repeated:
            again = await shop.hold(coupon, f"hold-{writes}", amount=20_000, replica=1)
            assert CouponOutcome.APPLIED is again.outcome
        else:
            shop.now_ms += PATIENCE_MS
            await shop.sweep(replica=1)
        await shop.check()
        if CouponState.HELD is (await shop.stored(coupon)).state:
            assert (10_000, 0, 0) == await shop.use()
            await shop.release(coupon, replica=1)
        assert (0, 0, 10_000) == await shop.use()
        # The next one finds stripes as a new budget has them.
        await shop.database["accounts"].delete_many({"kind": "budget"})
        shop.replicas = [shop.start(0), shop.start(1)]


@pytest.mark.parametrize("step", ["redeem", "release", "reverse", "revoke", "lapse"])
@pytest.mark.parametrize("fate", FAILURES)
async def test_a_process_that_ends_between_a_coupon_and_its_budget_is_followed_by_recovery(
    shop: BudgetShop, step: str, fate: Fate
) -> None:
    """The coupon's step stands, and the budget follows it once."""
    await shop.campaign(money=1_000)
    for writes, coupon in enumerate(await shop.coupons(3)):
        before = await shop.use()
        await shop.hold(coupon)
        if step == "reverse":
            await shop.redeem(coupon)
        await shop.replicas[0].group.settled()
        shop.stores[0].fates.extend([Fate.DONE] * writes + [fate])
        try:
            if step == "lapse":
                shop.now_ms += 60_000
                await shop.replicas[0].ledger.expire_due("shop", shop.now_ms)
            else:
                await getattr(shop, step)(coupon)
        except OutcomeUnknownError:
            shop.replicas[0] = shop.start(0)
        shop.stores[0].fates.clear()
        shop.now_ms += PATIENCE_MS
        await shop.sweep(replica=1)
        state = (await shop.stored(coupon)).state
        held, spent, left = await shop.use()
        went = {CouponState.HELD: (100, 0), CouponState.REDEEMED: (0, 100)}.get(state, (0, 0))
        assert (before[0] + went[0], before[1] + went[1]) == (held, spent)
        assert 1_000 == held + spent + left
        await shop.check()
