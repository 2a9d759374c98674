"""Campaigns over a list that the caller brings, with arms like any other."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol_service_kit.errors import RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
CUSTOMERS = [f"c-{number}" for number in range(120)]


def enrol(customers: list[str], campaign_id: str = "mailing") -> pb.EnrolCustomersRequest:
    """A request for these."""
    return pb.EnrolCustomersRequest(
        request_id=str(uuid.uuid4()), campaign_id=campaign_id, customer_ids=customers
    )


async def launch(world: World) -> None:
    """A list campaign with 30 % control."""
    draft = world.draft("mailing", list=pb.ListTrigger(), control_basis_points=3000)
    await world.advance(START_MS)
    await world.launch(draft)


async def refused(world: World, request: pb.EnrolCustomersRequest, **caller: str) -> RpcFailure:
    """How it is refused."""
    with pytest.raises(RpcFailure) as caught:
        await world.ask(CampaignServiceStub, "EnrolCustomers", request, **caller)
    return caught.value


async def test_a_list_has_arms_and_is_enrolled_once(world: World) -> None:
    """Two requests that overlap, and a repeat: one enrolment each, in the arm that is the
    customer's own, and the report counts them."""
    await launch(world)
    first, second = enrol(CUSTOMERS[:80]), enrol(CUSTOMERS[40:])
    for request in (first, second, first):
        answer = await world.campaigns("EnrolCustomers", request)
        assert 80 == answer.enrolled_count
    found = await world.enrolments("mailing")
    assert sorted(CUSTOMERS) == sorted(each.customer_id for each in found)
    assert {("list", 1)} == {(each.segment_id, each.stint) for each in found}
    treated = [each for each in found if not each.control]
    # Five standard deviations of the binomial distribution.
    assert abs(120 - len(treated) - 36) < 26
    assert len(treated) == await world.coupon_count()
    asked = pb.ReportCampaignRequest(campaign_id="mailing")
    report = await world.campaigns("ReportCampaign", asked)
    counts = {arm.arm: arm.triggered_count for arm in report.arms}
    assert {"control": 120 - len(treated), "treated": len(treated), "five": len(treated)} == counts


async def test_a_request_id_stands_for_one_list(world: World) -> None:
    """Other customers under it are refused, and enrolled by none."""
    await launch(world)
    request = enrol(CUSTOMERS[:3])
    await world.campaigns("EnrolCustomers", request)
    request.customer_ids.append("c-99")
    assert "REQUEST_CONFLICT" == (await refused(world, request)).code.value
    assert 3 == len(await world.enrolments("mailing"))


async def test_who_cannot_be_enrolled(world: World) -> None:
    """Unknown campaigns, those that triggers fill, those that do not run; others' and staff's."""
    await launch(world)
    await world.launch(world.draft("triggered", variants=[
        pb.Variant(variant_id="five", weight=1, offer_id="other")]))  # fmt: skip
    await world.launch(world.draft("coupons-only", list=pb.ListTrigger(), variants=[]))
    pause = pb.PauseCampaignRequest(request_id=str(uuid.uuid4()), campaign_id="mailing")
    await world.campaigns("PauseCampaign", pause)
    for campaign_id, code in (
        ("nothing", "CAMPAIGN_NOT_FOUND"),
        ("triggered", "FIELD_INVALID"),
        ("coupons-only", "FIELD_INVALID"),
        ("mailing", "CAMPAIGN_NOT_LAUNCHABLE"),
    ):
        failure = await refused(world, enrol(["c-1"], campaign_id))
        assert (code, "campaign_id") == (failure.code.value, failure.field)
    foreign = await refused(world, enrol(["c-1"]), tenant_id="corner")
    assert "CAMPAIGN_NOT_FOUND" == foreign.code.value
    assert "ROLE_NOT_ALLOWED" == (await refused(world, enrol(["c-1"]), role="staff")).code.value
    twice = await refused(world, enrol(["c-1", "c-1"]))
    assert "FIELD_INVALID" == twice.code.value
    assert 0 == await world.database.enrolments.count_documents({})
