"""Enrolments and arms of customers who were merged."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from dangol.events.v1 import membership_pb2
from dangol.offers.v1 import campaign_service_pb2 as pb

from tests.integration.offers.campaigns.segmentation_by_hand import VIRTUAL

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
DAY_MS = 86_400_000
MERGE = membership_pb2.CHANGE_CAUSE_MERGE
EXITED = membership_pb2.CHANGE_KIND_EXITED


def _merge(world: World, source: str, target: str) -> None:
    now_ms = time.time_ns() // 1_000_000
    world.around.customers.merges.append((VIRTUAL, source, target, now_ms))


async def _visitors(world: World, count: int) -> None:
    """The first `count` visitors enter and are enrolled."""
    await world.advance(START_MS)
    await world.launch()
    for number in range(count):
        await world.segmentation.announce(f"visitor-{number}", START_MS + number)
    await world.advance(START_MS + 1000)


async def _all_become_members(world: World, count: int) -> None:
    """Segmentation drops the tombstone and replays the member, as profile has it do."""
    for number in range(count):
        _merge(world, f"visitor-{number}", f"member-{number}")
        at_ms = START_MS + 2000 + number
        visitor, member = f"visitor-{number}", f"member-{number}"
        await world.segmentation.announce(visitor, at_ms, kind=EXITED, cause=MERGE)
        await world.segmentation.announce(member, at_ms, cause=MERGE)
    await world.advance(START_MS + 10_000)


async def test_a_membership_that_only_changed_its_id_enrols_nobody_again(world: World) -> None:
    """No second enrolment, no second coupon; the coupons are the members'."""
    await _visitors(world, 20)
    coupons = await world.coupon_count()
    await _all_become_members(world, 20)
    assert 20 == len(await world.enrolments())
    assert coupons == await world.coupon_count()
    owners = await world.database.accounts.distinct("owner", {"kind": "coupon"})
    assert all(owner.startswith("member-") for owner in owners)


async def test_the_next_stint_is_in_the_visitors_arm(world: World) -> None:
    """Whatever arm the member's own id would have drawn."""
    await _visitors(world, 40)
    arms = {each.customer_id: each.control for each in await world.enrolments()}
    await _all_become_members(world, 40)
    for number in range(40):
        await world.segmentation.announce(f"member-{number}", START_MS + DAY_MS, stint=2)
    await world.advance(START_MS + 2 * DAY_MS)
    later = {each.customer_id: each.control for each in await world.enrolments() if each.stint == 2}
    expected = {name.replace("visitor", "member"): control for name, control in arms.items()}
    assert expected == later


async def test_who_qualifies_only_with_both_histories_is_enrolled(world: World) -> None:
    """Nobody was enrolled before, so the merge is what set it off."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    _merge(world, "visitor-1", "member-1")
    await world.segmentation.announce("member-1", START_MS + 5, cause=MERGE)
    await world.advance(START_MS + 1000)
    assert ["member-1"] == [each.customer_id for each in await world.enrolments()]


async def test_a_tombstone_has_not_left(world: World) -> None:
    """A campaign on leaving the segment does not act on the merge, and does on a real exit."""
    trigger = pb.SegmentTrigger(segment_id="fading", kind=EXITED)
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0, segment=trigger))
    await world.segmentation.announce("visitor-1", START_MS + 1)
    _merge(world, "visitor-1", "member-1")
    await world.segmentation.announce("visitor-1", START_MS + 2, kind=EXITED, cause=MERGE)
    await world.segmentation.announce("member-1", START_MS + 2, cause=MERGE)
    await world.advance(START_MS + 1000)
    assert [] == await world.enrolments()
    await world.segmentation.announce("member-1", START_MS + 2000, kind=EXITED)
    await world.advance(START_MS + 3000)
    assert ["member-1"] == [each.customer_id for each in await world.enrolments()]


async def test_the_report_counts_a_person_once(world: World) -> None:
    """Both ids were enrolled before they were merged: one customer, by the first trigger."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    await world.segmentation.announce("visitor-1", START_MS + 1)
    await world.segmentation.announce("member-1", START_MS + 2)
    await world.segmentation.announce("member-2", START_MS + 3)
    await world.advance(START_MS + 1000)
    _merge(world, "visitor-1", "member-1")
    world.profile.purchases.append(("member-1", START_MS + 500, 7_000))
    await world.advance(START_MS + 8 * DAY_MS)
    request = pb.ReportCampaignRequest(campaign_id="win-back")
    report = await world.campaigns("ReportCampaign", request)
    treated = next(arm for arm in report.arms if arm.arm == "treated")
    assert (2, 1) == (treated.triggered_count, treated.converted_count)
    assert 3 == await world.coupon_count()


async def test_a_visitor_s_contacts_count_towards_the_member_s_caps(world: World) -> None:
    """A campaign that acts twice on a customer, and three contacts a week over all campaigns: what
    each id had before the merge adds up."""
    await world.advance(START_MS)
    values = pb.CampaignSettings(contacts_max=3, contact_window_seconds=7 * 86_400)
    settings = pb.UpdateCampaignSettingsRequest(request_id=str(uuid.uuid4()), settings=values)
    await world.campaigns("UpdateCampaignSettings", settings)
    await world.launch(world.draft(control_basis_points=0, customer_cap=2))
    for number, name in enumerate(("visitor-1", "member-1", "member-2")):
        await world.segmentation.announce(name, START_MS + number)
    await world.advance(START_MS + 1000)
    _merge(world, "visitor-1", "member-1")
    for number, name in enumerate(("member-1", "member-2")):
        await world.segmentation.announce(name, START_MS + 2000 + number, stint=2)
    await world.advance(START_MS + 3000)
    later = {one.customer_id: one.outcome for one in await world.enrolments() if one.stint == 2}
    capped, issued = pb.ENROLMENT_OUTCOME_CUSTOMER_CAPPED, pb.ENROLMENT_OUTCOME_ISSUED
    assert {"member-1": capped, "member-2": issued} == later
    variants = [pb.Variant(variant_id="five", weight=1, offer_id="six-off")]
    await world.launch(world.draft("other", control_basis_points=0, variants=variants), offers=True)
    for stint in (3, 4):
        await world.segmentation.announce("member-1", START_MS + 4000 + stint, stint=stint)
    await world.advance(START_MS + 5000)
    others = {one.stint: one.outcome for one in await world.enrolments("other")}
    assert {3: issued, 4: pb.ENROLMENT_OUTCOME_FREQUENCY_CAPPED} == others
