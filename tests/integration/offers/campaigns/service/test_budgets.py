"""Budgets on the wire: set with the campaign, used up by orders, shown to marketers."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import campaign_budget_pb2 as budget_pb
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol_service_kit.errors import Code, RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000


def won(amount: int) -> Money:
    """Korean won."""
    return Money(currency_code="KRW", minor_units=amount)


async def launch(world: World, budget: budget_pb.CampaignBudget) -> None:
    """A list campaign with a budget."""
    await world.advance(START_MS)
    await world.launch(world.draft("mailing", list=pb.ListTrigger(), budget=budget))


async def issue(world: World, customers: list[str]) -> coupon_pb.BatchIssueCouponsResponse:
    """A coupon of 5,000 won for each."""
    request = coupon_pb.BatchIssueCouponsRequest(
        request_id=str(uuid.uuid4()),
        campaign_id="mailing",
        offer_ids=["five-off"],
        customer_ids=customers,
    )
    answer: coupon_pb.BatchIssueCouponsResponse = await world.coupons("BatchIssueCoupons", request)
    return answer


async def hold(world: World, customer_id: str, amount: int) -> str:
    """The customer's coupon for an order: the outcome."""
    wallet = await world.coupons("ListWallet", coupon_pb.ListWalletRequest(customer_id=customer_id))
    request = coupon_pb.HoldCouponRequest(
        request_id=str(uuid.uuid4()),
        coupon_id=wallet.coupons[0].coupon_id,
        customer_id=customer_id,
        order_id=f"order-{customer_id}",
        order_amount=won(amount),
    )
    answer = await world.coupons("HoldCoupon", request)
    name: str = coupon_pb.CouponOutcome.Name(answer.outcome)
    return name.removeprefix("COUPON_OUTCOME_")


async def use(world: World, **caller: str) -> budget_pb.GetCampaignBudgetResponse:
    """How far it is used up."""
    request = budget_pb.GetCampaignBudgetRequest(campaign_id="mailing")
    answer: budget_pb.GetCampaignBudgetResponse = await world.ask(
        CampaignServiceStub, "GetCampaignBudget", request, **caller
    )
    return answer


async def test_orders_use_a_budget_of_money_up_and_the_campaign_shows_it(world: World) -> None:
    """5,000 won each, of a budget of 9,000."""
    await launch(world, budget_pb.CampaignBudget(amount=won(9_000)))
    await issue(world, ["ann", "bob"])
    assert ["APPLIED", "BUDGET_EXHAUSTED"] == [
        await hold(world, customer_id, 100_000) for customer_id in ("ann", "bob")
    ]
    expected = budget_pb.BudgetUse(limit=9_000, held=5_000, left=4_000)
    assert expected == (await use(world)).amount
    assert not (await use(world)).HasField("coupons")
    await world.advance(START_MS + 3_600_000)
    assert budget_pb.BudgetUse(limit=9_000, left=9_000) == (await use(world)).amount
    request = pb.GetCampaignRequest(campaign_id="mailing")
    campaign = (await world.campaigns("GetCampaign", request)).campaign
    assert won(9_000) == campaign.budget.amount


async def test_a_budget_in_another_currency_is_refused_by_field(world: World) -> None:
    """So is a negative one."""
    for amount, code, field in (
        (Money(currency_code="EUR", minor_units=1), Code.CURRENCY_MISMATCH, "currency_code"),
        (won(-1), Code.FIELD_INVALID, "minor_units"),
    ):
        with pytest.raises(RpcFailure) as caught:
            await launch(world, budget_pb.CampaignBudget(amount=amount))
        assert code is caught.value.code
        assert f"campaign.budget.amount.{field}" == caught.value.violations[0][0]


async def test_only_the_tenants_marketers_see_how_far_a_budget_is_used_up(world: World) -> None:
    """Another tenant's find no such campaign, and other roles may not ask."""
    await launch(world, budget_pb.CampaignBudget(amount=won(9_000)))
    for caller, code in (
        ({"tenant_id": "other"}, Code.CAMPAIGN_NOT_FOUND),
        ({"role": "customer"}, Code.ROLE_NOT_ALLOWED),
        ({"role": "staff"}, Code.ROLE_NOT_ALLOWED),
    ):
        with pytest.raises(RpcFailure) as caught:
            await use(world, **caller)
        assert code is caught.value.code


async def test_enrolments_beyond_a_budget_of_coupons_are_suppressed_with_their_reason(
    world: World,
) -> None:
    """The arm is drawn before, and the report counts whom the campaign did not act on and why."""
    await world.advance(START_MS)
    budget = budget_pb.CampaignBudget(coupon_count=3)
    draft = world.draft("mailing", list=pb.ListTrigger(), budget=budget, control_basis_points=0)
    await world.launch(draft)
    customers = [f"c-{number}" for number in range(8)]
    request = pb.EnrolCustomersRequest(
        request_id=str(uuid.uuid4()), campaign_id="mailing", customer_ids=customers
    )
    await world.campaigns("EnrolCustomers", request)
    found = await world.enrolments("mailing")
    names = [pb.EnrolmentOutcome.Name(each.outcome) for each in found]
    assert {"ENROLMENT_OUTCOME_ISSUED": 3, "ENROLMENT_OUTCOME_BUDGET_EXHAUSTED": 5} == Counter(
        names
    )
    assert 3 == await world.coupon_count()
    asked = pb.ReportCampaignRequest(campaign_id="mailing")
    treated = (await world.campaigns("ReportCampaign", asked)).arms[1]
    assert (8, 3, {"BUDGET_EXHAUSTED": 5}) == (
        treated.enrolment_count,
        treated.acted_count,
        dict(treated.suppressed_counts),
    )
    used = (await use(world)).coupons
    assert (3, 3, 0) == (used.limit, used.held + used.spent, used.left)


async def test_a_list_beyond_a_budget_of_coupons_says_how_many_got_none(world: World) -> None:
    """The same call again gives the same coupons."""
    await launch(world, budget_pb.CampaignBudget(coupon_count=2))
    answer = await issue(world, ["ann", "bob", "cid"])
    assert (2, 1) == (answer.issued_count, answer.budget_exhausted_count)
    assert 2 == await world.coupon_count()
