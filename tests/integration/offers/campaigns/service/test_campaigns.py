"""Campaigns from a change of membership to a coupon, or to none."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol_service_kit.errors import RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
DAY_MS = 86_400_000


def request_id() -> str:
    """A new one."""
    return str(uuid.uuid4())


async def create(world: World, campaign: pb.Campaign, request: str = "") -> pb.Campaign:
    """One CreateCampaign."""
    message = pb.CreateCampaignRequest(request_id=request or request_id(), campaign=campaign)
    response = await world.campaigns("CreateCampaign", message)
    made: pb.Campaign = response.campaign
    return made


async def refused(world: World, method: str, message: Any) -> RpcFailure:
    """How a call is refused."""
    with pytest.raises(RpcFailure) as caught:
        await world.campaigns(method, message)
    return caught.value


async def test_a_change_enrols_and_issues_a_coupon(world: World) -> None:
    """Entering the segment enrols at the change's own time, and the treated get a coupon."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    [enrolment] = await world.enrolments()
    assert ("c-1", "fading", 1) == (
        enrolment.customer_id,
        enrolment.segment_id,
        enrolment.stint,
    )
    assert START_MS + 5 == enrolment.triggered_at.ToMilliseconds()
    assert "five" == enrolment.variant_id
    coupon = await world.coupons(
        "GetCoupon", coupon_pb.GetCouponRequest(coupon_id=enrolment.coupon_id)
    )
    assert "c-1" == coupon.coupon.customer_id
    assert START_MS + 5 == coupon.coupon.issue_time.ToMilliseconds()
    assert {"coupon_issued": 1} == world.profile.types()


async def test_the_control_group_gets_nothing_but_is_recorded(world: World) -> None:
    """Of 300 triggered customers about 20 % are control: enrolled, and without a coupon."""
    await world.advance(START_MS)
    await world.launch()
    for number in range(300):
        await world.segmentation.announce(f"c-{number}", START_MS + number)
    await world.advance(START_MS + 1000)
    enrolments = await world.enrolments()
    assert 300 == len({enrolment.customer_id for enrolment in enrolments})
    control = [enrolment for enrolment in enrolments if enrolment.control]
    assert 300 - len(control) == await world.coupon_count()
    assert {("", "")} == {(each.coupon_id, each.variant_id) for each in control}
    assert all(each.coupon_id for each in enrolments if not each.control)
    # Five standard deviations of the binomial distribution.
    assert abs(len(control) - 60) < 35


async def test_the_next_stint_enrols_into_the_same_arm(world: World) -> None:
    """Coming back into the segment is a new trigger for the same arm."""
    await world.advance(START_MS)
    await world.launch()
    for stint in (1, 2):
        for number in range(20):
            await world.segmentation.announce(f"c-{number}", START_MS + stint, stint=stint)
    await world.advance(START_MS + 1000)
    arms = Counter((each.customer_id, each.control) for each in await world.enrolments())
    assert {2} == set(arms.values())
    assert 20 == len(arms)


async def test_a_pause_stops_and_a_launch_goes_on(world: World) -> None:
    """What happens during a pause never enrols, also not after it."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    pause = pb.PauseCampaignRequest(request_id=request_id(), campaign_id="win-back")
    paused = await world.campaigns("PauseCampaign", pause)
    assert pb.CAMPAIGN_STATE_PAUSED == paused.campaign.state
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + DAY_MS)
    launch = pb.LaunchCampaignRequest(request_id=request_id(), campaign_id="win-back")
    running = await world.campaigns("LaunchCampaign", launch)
    assert START_MS == running.campaign.launch_time.ToMilliseconds()
    await world.segmentation.announce("c-1", START_MS + DAY_MS - 1, stint=2)
    await world.segmentation.announce("c-2", START_MS + DAY_MS)
    await world.advance(START_MS + 2 * DAY_MS)
    assert ["c-2"] == [each.customer_id for each in await world.enrolments()]


async def test_a_repeated_launch_does_not_undo_a_pause(world: World) -> None:
    """Each request has its effect once, however late it comes again."""
    await world.offer("five-off")
    await create(world, world.draft())
    launch = pb.LaunchCampaignRequest(request_id=request_id(), campaign_id="win-back")
    again = pb.LaunchCampaignRequest(request_id=request_id(), campaign_id="win-back")
    await world.campaigns("LaunchCampaign", launch)
    await world.campaigns("LaunchCampaign", again)
    pause = pb.PauseCampaignRequest(request_id=request_id(), campaign_id="win-back")
    await world.campaigns("PauseCampaign", pause)
    for request in (launch, again):
        answer = await world.campaigns("LaunchCampaign", request)
        assert pb.CAMPAIGN_STATE_PAUSED == answer.campaign.state
    reused = pb.PauseCampaignRequest(request_id=launch.request_id, campaign_id="win-back")
    failure = await refused(world, "PauseCampaign", reused)
    assert "REQUEST_CONFLICT" == failure.code.value


async def test_creating_twice(world: World) -> None:
    """The same content answers alike; other content under the id or request is refused."""
    await world.offer("five-off")
    request = request_id()
    first = await create(world, world.draft(), request)
    assert first == await create(world, world.draft(), request)
    assert first == await create(world, world.draft())
    other = world.draft(control_basis_points=0)
    for used, code in ((request, "REQUEST_CONFLICT"), (request_id(), "CAMPAIGN_EXISTS")):
        message = pb.CreateCampaignRequest(request_id=used, campaign=other)
        assert code == (await refused(world, "CreateCampaign", message)).code.value


async def test_what_cannot_be_created_names_the_field(world: World) -> None:
    """An unknown offer, and variants that the report could not tell apart."""
    message = pb.CreateCampaignRequest(request_id=request_id(), campaign=world.draft())
    failure = await refused(world, "CreateCampaign", message)
    assert "OFFER_NOT_FOUND" == failure.code.value
    assert "campaign.variants[0].offer_id" == failure.field
    twins = [pb.Variant(variant_id=name, weight=1, offer_id="five-off") for name in ("a", "b")]
    message.campaign.CopyFrom(world.draft(variants=twins))
    failure = await refused(world, "CreateCampaign", message)
    assert ("FIELD_INVALID", "campaign.variants") == (failure.code.value, failure.field)


async def test_campaigns_of_others_do_not_exist(world: World) -> None:
    """Another tenant finds neither the campaign nor its enrolments nor its report."""
    await world.offer("five-off")
    await create(world, world.draft())
    for method, message in (
        ("GetCampaign", pb.GetCampaignRequest(campaign_id="win-back")),
        ("ListEnrolments", pb.ListEnrolmentsRequest(campaign_id="win-back")),
        ("ReportCampaign", pb.ReportCampaignRequest(campaign_id="win-back")),
        (
            "LaunchCampaign",
            pb.LaunchCampaignRequest(request_id=request_id(), campaign_id="win-back"),
        ),
    ):
        with pytest.raises(RpcFailure) as caught:
            await world.campaigns(method, message, tenant_id="corner")
        assert "CAMPAIGN_NOT_FOUND" == caught.value.code.value


async def test_campaigns_are_listed_in_pages(world: World) -> None:
    """In order of id; the last page has no token."""
    await world.offer("five-off")
    for name in ("c", "a", "b"):
        await create(world, world.draft(name))
    first = await world.campaigns("ListCampaigns", pb.ListCampaignsRequest(page_size=2))
    rest = await world.campaigns(
        "ListCampaigns",
        pb.ListCampaignsRequest(page_size=2, page_token=first.next_page_token),
    )
    assert ["a", "b", "c"] == [
        campaign.campaign_id for campaign in [*first.campaigns, *rest.campaigns]
    ]
    assert "" == rest.next_page_token
    message = pb.ListCampaignsRequest(page_token="nonsense")
    assert "PAGE_TOKEN_INVALID" == (await refused(world, "ListCampaigns", message)).code.value


async def test_the_last_pages_token_answers_what_came_since(world: World) -> None:
    """Reading on with the token of a full, a short or an empty page misses and repeats nothing."""
    await world.advance(START_MS)
    await world.launch()
    page_token, seen = "", []
    for step in range(1, 5):
        for number in range(7 if step != 2 else 0):
            await world.segmentation.announce(f"c-{step}-{number}", START_MS + step)
        await world.advance(START_MS + step * 1000)
        while True:
            request = pb.ListEnrolmentsRequest(
                campaign_id="win-back", page_size=3, page_token=page_token
            )
            page = await world.campaigns("ListEnrolments", request)
            page_token = page.next_page_token
            seen += [enrolment.customer_id for enrolment in page.enrolments]
            if len(page.enrolments) < 3:
                break
    assert 21 == len(seen) == len(set(seen))


async def test_the_report_compares_the_arms(world: World) -> None:
    """Conversions and revenue from profile, coupons from the ledger; only ended windows count."""
    await world.advance(START_MS)
    await world.launch()
    for number in range(100):
        await world.segmentation.announce(f"c-{number}", START_MS + 10)
    await world.advance(START_MS + 1000)
    arms = {each.customer_id: each.control for each in await world.enrolments()}
    treated = sorted(customer for customer, control in arms.items() if not control)
    control = sorted(customer for customer, control in arms.items() if control)
    buyers = [*treated[:30], *control[:2]]
    world.profile.purchases = [(customer, START_MS + DAY_MS, 20_000) for customer in buyers]
    world.profile.purchases += [(customer, START_MS + 9, 1) for customer in arms]
    world.profile.purchases += [(customer, START_MS + 10 + 7 * DAY_MS, 1) for customer in arms]
    await world.segmentation.announce("late", START_MS + 3 * DAY_MS)
    # A second trigger of the same customer is not a second customer.
    await world.segmentation.announce(treated[0], START_MS + 3 * DAY_MS, stint=2)
    await world.advance(START_MS + 8 * DAY_MS)
    report = await world.campaigns(
        "ReportCampaign", pb.ReportCampaignRequest(campaign_id="win-back")
    )
    by_name = {arm.arm: arm for arm in report.arms}
    assert ["control", "treated", "five"] == [arm.arm for arm in report.arms]
    assert len(control) == by_name["control"].measured_count
    assert (2, 40_000) == (
        by_name["control"].converted_count,
        by_name["control"].revenue_minor_units,
    )
    assert len(treated) == by_name["treated"].measured_count
    assert (30, 600_000) == (
        by_name["treated"].converted_count,
        by_name["treated"].revenue_minor_units,
    )
    assert 101 == by_name["treated"].triggered_count + by_name["control"].triggered_count
    estimate = 30 / len(treated) - 2 / len(control)
    assert pytest.approx(estimate) == report.conversion_lift.estimate
    assert report.conversion_lift.lower < estimate < report.conversion_lift.upper
    assert pytest.approx(estimate * len(treated)) == report.incremental_customers
    assert await world.coupon_count() == report.coupons_issued
    assert 0 < report.sample_ratio_p_value <= 1
    assert 0 < report.minimum_detectable_effect < 1


async def test_the_report_counts_what_coupons_cost(world: World) -> None:
    """Redeemed discounts are the cost of their variant and of the treated."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    await world.segmentation.announce("c-1", START_MS + 10)
    await world.segmentation.announce("c-2", START_MS + 10)
    await world.advance(START_MS + 1000)
    [first, _] = await world.enrolments()
    hold = coupon_pb.HoldCouponRequest(
        request_id=request_id(),
        coupon_id=first.coupon_id,
        customer_id=first.customer_id,
        order_id="o-1",
    )
    hold.order_amount.currency_code, hold.order_amount.minor_units = "KRW", 20_000
    await world.coupons("HoldCoupon", hold)
    redeem = coupon_pb.RedeemCouponRequest(
        request_id=request_id(), coupon_id=first.coupon_id, order_id="o-1"
    )
    await world.coupons("RedeemCoupon", redeem)
    report = await world.campaigns(
        "ReportCampaign", pb.ReportCampaignRequest(campaign_id="win-back")
    )
    figures = [
        (arm.arm, arm.issued_count, arm.redeemed_count, arm.cost_minor_units) for arm in report.arms
    ]
    assert [("control", 0, 0, 0), ("treated", 2, 1, 5000), ("five", 2, 1, 5000)] == figures
    assert (2, 1, 0) == (report.coupons_issued, report.coupons_redeemed, report.coupons_gifted)
    assert not report.HasField("conversion_lift")


async def test_a_list_campaign_reports_its_coupons(world: World) -> None:
    """Nobody is enrolled; the counts come from the ledger alone."""
    await world.offer("five-off")
    draft = world.draft("mailing", segment=None, list=pb.ListTrigger(), variants=[])
    await world.launch(draft)
    issue = coupon_pb.BatchIssueCouponsRequest(
        request_id=request_id(),
        campaign_id="mailing",
        offer_ids=["five-off"],
        customer_ids=[f"c-{number}" for number in range(50)],
    )
    await world.coupons("BatchIssueCoupons", issue)
    report = await world.campaigns(
        "ReportCampaign", pb.ReportCampaignRequest(campaign_id="mailing")
    )
    assert (50, 0) == (report.coupons_issued, report.coupons_redeemed)
    assert [] == await world.enrolments("mailing")
