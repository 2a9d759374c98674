"""Reports: every figure beside what was done, every interval beside the library's own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb
from dangol.offers.v1 import delivery_service_pb2 as delivery_pb
from dangol.offers.v1 import gift_service_pb2 as gift_pb
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from dangol.offers.v1.gift_service_pb2_grpc import GiftServiceStub
from dangol_service_kit.errors import RpcFailure
from scipy.stats import ttest_ind

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_010_000_000
DAY_MS = 86_400_000


def request_id() -> str:
    """A new one."""
    return str(uuid.uuid4())


async def hold_out(world: World, share: int, **values: int) -> None:
    """Sets the global holdout."""
    settings = pb.CampaignSettings(holdout_basis_points=share, **values)  # type: ignore[arg-type]
    request = pb.UpdateCampaignSettingsRequest(request_id=request_id(), settings=settings)
    await world.campaigns("UpdateCampaignSettings", request)


async def report(world: World, campaign_id: str = "win-back") -> pb.ReportCampaignResponse:
    """The campaign's report."""
    request = pb.ReportCampaignRequest(campaign_id=campaign_id)
    found: pb.ReportCampaignResponse = await world.campaigns("ReportCampaign", request)
    return found


async def trigger(world: World, count: int, at_ms: int = START_MS + 5) -> None:
    """So many customers enter the segment."""
    for number in range(count):
        await world.segmentation.announce(f"c-{number}", at_ms)


async def arms(world: World, campaign_id: str = "win-back") -> dict[str, list[str]]:
    """Customers by arm."""
    found: dict[str, list[str]] = {}
    for each in await world.enrolments(campaign_id):
        arm = "holdout" if each.holdout else "control" if each.control else each.variant_id
        found.setdefault(arm, []).append(each.customer_id)
    return found


async def test_each_variant_is_compared_with_control(world: World) -> None:
    """Two variants, control and holdout: counts by arm, Newcombe for conversion, Welch for
    revenue, and a holdout that belongs to none of them."""
    await world.advance(START_MS)
    await hold_out(world, 1000)
    variants = [
        pb.Variant(variant_id="ten", weight=1, offer_id="ten-off"),
        pb.Variant(variant_id="five", weight=1, offer_id="five-off"),
    ]
    await world.launch(world.draft(variants=variants, control_basis_points=3000))
    await trigger(world, 200)
    await world.advance(START_MS + 1000)
    members = await arms(world)
    spent = {
        customer: (number % 7 + 1) * 10_000
        for arm, every in (("ten", 2), ("five", 4), ("control", 5), ("holdout", 2))
        for number, customer in enumerate(members[arm])
        if number % every == 0
    }
    world.profile.purchases = [
        (customer, START_MS + DAY_MS, amount) for customer, amount in spent.items()
    ]
    await world.advance(START_MS + 8 * DAY_MS)
    found = await report(world)
    by_name = {arm.arm: arm for arm in found.arms}
    assert ["control", "treated", "ten", "five", "holdout"] == list(by_name)
    for arm, customers in members.items():
        revenues = [spent.get(customer, 0) for customer in customers]
        assert len(customers) == by_name[arm].triggered_count == by_name[arm].measured_count
        assert sum(revenues) == by_name[arm].revenue_minor_units
        assert sum(amount > 0 for amount in revenues) == by_name[arm].converted_count
    assert ["treated", "ten", "five"] == [effect.arm for effect in found.effects]
    control = [spent.get(customer, 0) for customer in members["control"]]
    for effect in found.effects[1:]:
        treated = [spent.get(customer, 0) for customer in members[effect.arm]]
        welch = ttest_ind(treated, control, equal_var=False).confidence_interval(0.95)
        lift = effect.revenue_lift
        assert (welch.low, welch.high) == (pytest.approx(lift.lower), pytest.approx(lift.upper))
        shares = [sum(map(bool, group)) / len(group) for group in (treated, control)]
        assert shares[0] - shares[1] == pytest.approx(effect.conversion_lift.estimate)
    assert found.conversion_lift == found.effects[0].conversion_lift
    assert not found.sample_ratio_mismatch
    assert 0 < found.minimum_detectable_revenue
    assert [] == list(found.segments)


async def test_what_was_suppressed_is_counted_in_its_arm(world: World) -> None:
    """By reason; the customers stay in the comparison."""
    await world.advance(START_MS)
    await hold_out(world, 0, contacts_max=1, contact_window_seconds=86_400)
    for name in ("first", "second"):
        variants = [pb.Variant(variant_id="five", weight=1, offer_id=f"{name}-offer")]
        await world.launch(world.draft(name, variants=variants, control_basis_points=0))
    await trigger(world, 20)
    await world.advance(START_MS + 1000)
    found = [await report(world, name) for name in ("first", "second")]
    treated = [each.arms[1] for each in found]
    assert [20, 20] == [arm.triggered_count for arm in treated]
    assert (
        20 == sum(arm.acted_count for arm in treated) == sum(each.coupons_issued for each in found)
    )
    assert 20 == sum(arm.suppressed_counts["FREQUENCY_CAPPED"] for arm in treated)


async def test_a_message_is_followed_to_its_end(world: World) -> None:
    """Posted with the coupon, suppressed without consent, sent and delivered as its sender says."""
    await world.advance(START_MS)
    await world.template("we-miss-you", "kakao")
    variant = pb.Variant(
        variant_id="told",
        weight=1,
        offer_id="told-offer",
        message=trigger_pb.MessageAction(channel="kakao", template_id="we-miss-you"),
    )
    await world.launch(world.draft(variants=[variant], control_basis_points=0))
    world.around.customers.consents |= {name: ["marketing.kakao"] for name in ("c-0", "c-1")}
    await trigger(world, 3)
    await world.advance(START_MS + 1000)
    enrolments = {each.customer_id: each for each in await world.enrolments()}
    await _deliver(world, {enrolments["c-0"].message_id: ["SENT", "DELIVERED"],
                           enrolments["c-1"].message_id: ["SENT"]})  # fmt: skip
    listing = delivery_pb.ListMessagesRequest(campaign_id="win-back")
    listed = (await world.ask(DeliveryServiceStub, "ListMessages", listing)).messages
    for message in listed:
        enrolment = enrolments[message.customer_id]
        assert (enrolment.message_id, "told", enrolment.enrolment_id, enrolment.coupon_id) == (
            message.message_id,
            message.variant_id,
            message.enrolment_id,
            message.values["coupon_id"],
        )
    found = (await report(world)).arms[2]
    assert ("told", 3, 3) == (found.arm, found.acted_count, found.issued_count)
    counts = found.messages
    assert (3, 2, 1, 0) == (
        counts.posted_count,
        counts.sent_count,
        counts.delivered_count,
        counts.opened_count,
    )
    assert {"NO_CONSENT": 1} == dict(counts.suppressed_counts)


async def _deliver(world: World, words: dict[str, list[str]]) -> None:
    """A sender takes the messages from the stream and says what became of each."""
    metadata = (("authorization", f"Bearer {world.token('partner')}"),)
    stream = DeliveryServiceStub(world.channel).Watch(
        delivery_pb.WatchRequest(channels=["kakao"]), metadata=metadata
    )
    left = dict(words)
    async for response in stream:
        message_id = response.delivery.message_id
        acknowledgements = [
            delivery_pb.Acknowledgement(
                request_id=request_id(), message_id=message_id, feedback=f"FEEDBACK_{word}"
            )
            for word in left.pop(message_id)
        ]
        request = delivery_pb.AcknowledgeRequest(acknowledgements=acknowledgements)
        await world.ask(DeliveryServiceStub, "Acknowledge", request, role="partner")
        if not left:
            break
    stream.cancel()


async def test_a_message_alone_is_an_action(world: World) -> None:
    """No coupon; what is owed needs no consent and is not advertising."""
    await world.advance(START_MS)
    await world.template("your-order", "sms")
    message = trigger_pb.MessageAction(
        channel="sms", template_id="your-order", transactional=True, expire_seconds=3600
    )
    variant = pb.Variant(variant_id="told", weight=1, message=message)
    await world.launch(world.draft(variants=[variant], control_basis_points=0))
    await trigger(world, 1)
    await world.advance(START_MS + 1000)
    [enrolment] = await world.enrolments()
    assert pb.ENROLMENT_OUTCOME_MESSAGE_POSTED == enrolment.outcome
    request = delivery_pb.GetMessageRequest(message_id=enrolment.message_id)
    posted = (await world.ask(DeliveryServiceStub, "GetMessage", request)).message
    assert delivery_pb.MESSAGE_PURPOSE_TRANSACTIONAL == posted.purpose
    assert START_MS + 5 + 3_600_000 == posted.expire_time.ToMilliseconds()
    campaign = (
        await world.campaigns("GetCampaign", pb.GetCampaignRequest(campaign_id="win-back"))
    ).campaign
    assert message == campaign.variants[0].message


async def test_gifts_are_reported_apart(world: World) -> None:
    """A treated customer's coupon that someone of the control group takes spills over: counted by
    the recipient's arm, and the lift is shown without those recipients too."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=4000))
    await trigger(world, 60)
    await world.advance(START_MS + 1000)
    members = await arms(world)
    coupons = {each.customer_id: each.coupon_id for each in await world.enrolments()}
    takers = [*members["control"][:3], "stranger"]
    for giver, taker in zip(members["five"], takers, strict=False):
        offer = gift_pb.OfferGiftRequest(
            request_id=request_id(), coupon_id=coupons[giver], giver_customer_id=giver
        )
        offered = await world.ask(GiftServiceStub, "OfferGift", offer, role="partner")
        claim = gift_pb.ClaimGiftRequest(
            request_id=request_id(), token=offered.token, claimer_customer_id=taker
        )
        claimed = await world.ask(GiftServiceStub, "ClaimGift", claim, role="partner")
        assert gift_pb.GIFT_OUTCOME_APPLIED == claimed.outcome
    buyers = [*members["control"][:4], "stranger", *members["five"][:10]]
    world.profile.purchases = [(customer, START_MS + DAY_MS, 20_000) for customer in buyers]
    await world.advance(START_MS + 8 * DAY_MS)
    found = await report(world)
    assert [
        ("control", 3, 3, 60_000, 0),
        ("none", 1, 1, 20_000, 0),
    ] == [
        (
            each.recipient_arm,
            each.recipient_count,
            each.converted_count,
            each.revenue_minor_units,
            each.new_member_count,
        )
        for each in found.gifts
    ]
    treated, control = 10 / len(members["five"]), 4 / len(members["control"])
    assert treated - control == pytest.approx(found.conversion_lift.estimate)
    without = treated - 1 / (len(members["control"]) - 3)
    assert without == pytest.approx(found.conversion_lift_without_recipients.estimate)
    assert 4 == found.coupons_gifted


async def test_the_holdout_is_reported_over_all_campaigns(world: World) -> None:
    """Each customer once, by the first trigger in any campaign; only triggers since the share."""
    await world.advance(START_MS)
    await world.launch(world.draft("before", control_basis_points=0, variants=[
        pb.Variant(variant_id="five", weight=1, offer_id="before-offer")]))  # fmt: skip
    await world.segmentation.announce("old", START_MS + 1)
    await world.advance(START_MS + 1000)
    await hold_out(world, 3000)
    await world.launch(world.draft(control_basis_points=0))
    await world.advance(START_MS + 2000)
    await trigger(world, 60, START_MS + 3000)
    for number in range(10):
        await world.segmentation.announce(f"c-{number}", START_MS + 5000, stint=2)
    await world.advance(START_MS + 6000)
    held = {each.customer_id for each in await world.enrolments() if each.holdout}
    others = {f"c-{number}" for number in range(60)} - held
    buyers = [*sorted(held)[:2], *sorted(others)[:20]]
    world.profile.purchases = [(customer, START_MS + DAY_MS, 10_000) for customer in buyers]
    await world.advance(START_MS + 8 * DAY_MS)
    request = pb.ReportHoldoutRequest(window_seconds=7 * 86_400)
    found = await world.campaigns("ReportHoldout", request)
    assert (len(held), 2, 20_000) == (
        found.holdout.measured_count,
        found.holdout.converted_count,
        found.holdout.revenue_minor_units,
    )
    assert (len(others), 20, 200_000) == (
        found.reached.measured_count,
        found.reached.converted_count,
        found.reached.revenue_minor_units,
    )
    estimate = 20 / len(others) - 2 / len(held)
    assert estimate == pytest.approx(found.conversion_lift.estimate)
    assert estimate * len(others) == pytest.approx(found.incremental_customers)
    assert found.HasField("revenue_lift")
    assert 2 == found.campaign_count
    early = pb.ReportHoldoutRequest(window_seconds=60)
    early.end_time.FromMilliseconds(START_MS + 3000)
    assert 0 == (await world.campaigns("ReportHoldout", early)).reached.triggered_count
    foreign = await world.campaigns("ReportHoldout", request, tenant_id="corner")
    assert 0 == foreign.reached.triggered_count + foreign.holdout.triggered_count
    with pytest.raises(RpcFailure) as caught:
        await world.ask(CampaignServiceStub, "ReportHoldout", request, role="staff")
    assert "ROLE_NOT_ALLOWED" == caught.value.code.value
