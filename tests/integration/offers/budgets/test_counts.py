"""A campaign's budget of coupons on real MongoDB: issued one by one and as lists, never more."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from offers_service.budget_account import Measure
from offers_service.commit import OutcomeUnknownError
from offers_service.coupon_outcomes import CouponOutcome

from tests.integration.offers.budgets.shop import TENANT, BudgetShop
from tests.integration.offers.machine.faulty import Fate

CLIENTS = 64
PATIENCE_MS = 10_000
COUPONS = Measure.COUPONS
FAILURES = [Fate.NOT_SENT, Fate.ANSWER_LOST]


async def _count(shop: BudgetShop) -> int:
    return int(await shop.database["accounts"].count_documents({"kind": "coupon"}))


async def _agree(shop: BudgetShop) -> None:
    """As many coupons as the budget says, and no more than it had; nothing is open."""
    for replica in shop.replicas:
        await replica.ledger.settled()
    held, spent, left = await shop.use(COUPONS)
    assert (0, await _count(shop)) == (held, spent)
    assert left >= 0
    assert not any(stripe.open for stripe in await shop.stripes())
    auditor = shop.replicas[0].auditor
    balance = await auditor.balance(TENANT)
    assert (0, 0) == (balance.difference, balance.disagreeing_count)
    assert [] == [progress async for progress in auditor.verify(TENANT)][-1].faults


@pytest.mark.parametrize("offer", ["fixed", "single"])
async def test_coupons_are_issued_until_the_budget_has_nothing_left(
    shop: BudgetShop, offer: str
) -> None:
    """One by one; a cause that got its coupon gets the same again, also when nothing is left. With
    an offer of one a customer as well."""
    await shop.campaign(coupons=2)
    given = [await shop.give(name, offer=offer) for name in ("ann", "bob", "cid")]
    assert ["applied", "applied", "budget_exhausted"] == [one.outcome.value for one in given]
    again = [await shop.give(name, offer=offer, replica=1) for name in ("ann", "bob", "cid")]
    assert ["already_issued", "already_issued", "budget_exhausted"] == [
        one.outcome.value for one in again
    ]
    assert [one.coupon_id for one in given] == [one.coupon_id for one in again]
    await _agree(shop)


async def test_what_was_paid_for_in_vain_is_given_back(shop: BudgetShop) -> None:
    """A customer who has reached the offer's limit costs nothing."""
    await shop.campaign(coupons=2)
    await shop.give("ann", "first", offer="single")
    full = await shop.give("ann", "second", offer="single")
    assert CouponOutcome.CUSTOMER_LIMIT_REACHED is full.outcome
    assert (
        CouponOutcome.CUSTOMER_LIMIT_REACHED
        is (await shop.give("ann", "second", offer="single", replica=1)).outcome
    )
    await _agree(shop)
    assert CouponOutcome.APPLIED is (await shop.give("bob", offer="single")).outcome
    assert CouponOutcome.BUDGET_EXHAUSTED is (await shop.give("cid", offer="single")).outcome
    await _agree(shop)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(400, id="400"),
        pytest.param(10_000, id="10000", marks=[pytest.mark.deep, pytest.mark.timeout(900)]),
    ],
)
async def test_a_budget_of_so_many_coupons_gives_exactly_so_many_of_twice_as_many(
    shop: BudgetShop, wanted: int
) -> None:
    """64 clients at once on two replicas, each asking for a customer of its own."""
    await shop.campaign(coupons=wanted)
    outcomes: Counter[str] = Counter()
    numbers = iter(range(2 * wanted))

    async def client() -> None:
        for number in numbers:
            issued = await shop.give(f"customer-{number}", replica=number % 2)
            outcomes[issued.outcome.value] += 1

    await asyncio.gather(*[client() for _ in range(CLIENTS)])
    assert {"applied": wanted, "budget_exhausted": wanted} == outcomes
    await _agree(shop)


async def test_a_list_gets_as_many_as_there_are_and_again_the_same(shop: BudgetShop) -> None:
    """2,500 owners, a budget of 1,200: the same call again issues nothing more."""
    await shop.campaign(coupons=1_200)
    owners = [f"customer-{number}" for number in range(2_500)]
    first = await shop.issue(owners)
    assert (1_200, 0, 1_300) == (
        first.issued_count,
        first.already_issued_count,
        first.budget_exhausted_count,
    )
    again = await shop.issue(owners, replica=1)
    assert (0, 1_200, 1_300) == (
        again.issued_count,
        again.already_issued_count,
        again.budget_exhausted_count,
    )
    await _agree(shop)


async def test_lists_that_overlap_pay_for_each_owner_once(shop: BudgetShop) -> None:
    """Two lists at the same time on two replicas, in stripes of 3,000: all who can be have one."""
    await shop.campaign(coupons=12_000)
    owners = [f"customer-{number}" for number in range(3_000)]
    answers = await asyncio.gather(
        shop.issue(owners[:2_000]), shop.issue(owners[1_000:], replica=1)
    )
    assert 3_000 == sum(answer.issued_count for answer in answers)
    assert 0 == sum(answer.budget_exhausted_count for answer in answers)
    await _agree(shop)


@pytest.mark.parametrize("fate", FAILURES)
@pytest.mark.parametrize("repeated", [True, False], ids=["repeated", "recovered"])
@pytest.mark.parametrize("offer", ["fixed", "single"])
async def test_a_process_that_ends_at_any_write_of_an_issue_leaves_nothing_half_done(
    shop: BudgetShop, fate: Fate, offer: str, *, repeated: bool
) -> None:
    """What was paid for is issued, by a repeat on the other replica or by recovery alone."""
    await shop.campaign(coupons=100)
    issued = 0
    for writes in range(4):
        shop.stores[0].fates.extend([Fate.DONE] * writes + [fate])
        struck = shop.stores[0].struck
        failed = False
        try:
            await shop.give(f"customer-{writes}", offer=offer)
            await shop.replicas[0].ledger.settled()
        except OutcomeUnknownError:
            failed = True
            shop.replicas[0] = shop.start(0)
        failed = failed and shop.stores[0].struck > struck
        shop.stores[0].fates.clear()
        if repeated:
            again = await shop.give(f"customer-{writes}", offer=offer, replica=1)
            assert again.outcome in {CouponOutcome.APPLIED, CouponOutcome.ALREADY_ISSUED}
        shop.now_ms += PATIENCE_MS
        await shop.sweep(replica=1)
        issued += 1 if repeated or not failed or (writes, fate) != (0, Fate.NOT_SENT) else 0
        assert issued == await _count(shop)
        await _agree(shop)


@pytest.mark.parametrize("fate", [*FAILURES, Fate.HALF])
@pytest.mark.parametrize("repeated", [True, False], ids=["repeated", "recovered"])
async def test_a_process_that_ends_at_any_write_of_a_list_leaves_nothing_half_done(
    shop: BudgetShop, fate: Fate, *, repeated: bool
) -> None:
    """Never more coupons than the budget has, and none that it did not pay for."""
    await shop.campaign(coupons=1_000)
    for writes in range(4):
        owners = [f"customer-{writes}-{number}" for number in range(100)]
        shop.stores[0].fates.extend([Fate.DONE] * writes + [fate])
        try:
            await shop.issue(owners)
        except OutcomeUnknownError:
            shop.replicas[0] = shop.start(0)
        shop.stores[0].fates.clear()
        if repeated:
            assert 0 == (await shop.issue(owners, replica=1)).budget_exhausted_count
        shop.now_ms += PATIENCE_MS
        await shop.sweep(replica=1)
        if repeated:
            assert (writes + 1) * 100 == await _count(shop)
        await _agree(shop)
