"""dangol.offers.v1.CampaignService."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from dangol.events.v1 import membership_pb2
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role, current_caller
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.campaigns import Campaign, CampaignState, ChangeKind, SegmentTrigger, Variant
from offers_service.reports import Report, Reporter
from offers_service.rpc_common import authorize, failures, page_size
from offers_service.service_campaigns import CampaignAnswer, CampaignOutcome, CampaignService
from offers_service.store_enrolments import StoredEnrolment

_WRITERS = (Role.MARKETER, Role.ADMIN)
_READERS = (Role.MARKETER, Role.ADMIN, Role.STAFF, Role.PARTNER, Role.SERVICE)
_STATES = {
    CampaignState.DRAFT: pb.CAMPAIGN_STATE_DRAFT,
    CampaignState.RUNNING: pb.CAMPAIGN_STATE_RUNNING,
    CampaignState.PAUSED: pb.CAMPAIGN_STATE_PAUSED,
}
_KINDS = {
    membership_pb2.CHANGE_KIND_ENTERED: ChangeKind.ENTERED,
    membership_pb2.CHANGE_KIND_EXITED: ChangeKind.EXITED,
}
_KIND_VALUES = {kind: value for value, kind in _KINDS.items()}
_FAILURES = {
    CampaignOutcome.NOT_FOUND: (Code.CAMPAIGN_NOT_FOUND, "there is no such campaign"),
    CampaignOutcome.EXISTS: (Code.CAMPAIGN_EXISTS, "the id belongs to another campaign"),
    CampaignOutcome.REQUEST_CONFLICT: (
        Code.REQUEST_CONFLICT,
        "the request id was used before with other content",
    ),
    CampaignOutcome.NOT_LAUNCHABLE: (
        Code.CAMPAIGN_NOT_LAUNCHABLE,
        "a campaign that was never launched cannot be paused",
    ),
    CampaignOutcome.OFFER_NOT_FOUND: (Code.OFFER_NOT_FOUND, "a variant's offer does not exist"),
    CampaignOutcome.INVALID: (Code.FIELD_INVALID, "the campaign's parts do not fit together"),
}


SERVICE_NAME = pb.DESCRIPTOR.services_by_name["CampaignService"].full_name


class CampaignServicer(pb_grpc.CampaignServiceServicer):
    """protobuf <-> campaigns; the tenant is the caller's."""

    def __init__(self, service: CampaignService, reporter: Reporter, clock: Clock) -> None:
        self._service = service
        self._reporter = reporter
        self._clock = clock

    async def CreateCampaign(  # noqa: N802
        self, request: pb.CreateCampaignRequest, _context: Any
    ) -> pb.CreateCampaignResponse:
        """Makes a draft."""
        tenant_id = authorize(*_WRITERS).tenant_id
        now_ms = (await self._clock.read(tenant_id)).now_ms
        campaign = _from_message(tenant_id, request.campaign, now_ms)
        with failures():
            answer = await self._service.create(campaign, request.request_id)
        return pb.CreateCampaignResponse(campaign=_answered(answer))

    async def GetCampaign(  # noqa: N802
        self, request: pb.GetCampaignRequest, _context: Any
    ) -> pb.GetCampaignResponse:
        """One campaign."""
        tenant_id = authorize(*_READERS).tenant_id
        return pb.GetCampaignResponse(
            campaign=to_message(await self._known(tenant_id, request.campaign_id))
        )

    async def ListCampaigns(  # noqa: N802
        self, request: pb.ListCampaignsRequest, _context: Any
    ) -> pb.ListCampaignsResponse:
        """Campaigns in order of id."""
        tenant_id = authorize(*_READERS).tenant_id
        limit = page_size(request.page_size)
        after_id = _read_token("campaigns", request.page_token)
        page = await self._service.page(tenant_id, after_id, limit + 1)
        more = len(page) > limit
        return pb.ListCampaignsResponse(
            campaigns=[to_message(campaign) for campaign in page[:limit]],
            next_page_token=_token("campaigns", page[limit - 1].campaign_id) if more else "",
        )

    async def LaunchCampaign(  # noqa: N802
        self, request: pb.LaunchCampaignRequest, _context: Any
    ) -> pb.LaunchCampaignResponse:
        """From now on changes of membership enrol."""
        tenant_id = authorize(*_WRITERS).tenant_id
        now_ms = (await self._clock.read(tenant_id)).now_ms
        answer = await self._service.launch(
            tenant_id, request.campaign_id, request.request_id, now_ms
        )
        return pb.LaunchCampaignResponse(campaign=_answered(answer))

    async def PauseCampaign(  # noqa: N802
        self, request: pb.PauseCampaignRequest, _context: Any
    ) -> pb.PauseCampaignResponse:
        """From now on they do not, until it is launched again."""
        tenant_id = authorize(*_WRITERS).tenant_id
        answer = await self._service.pause(tenant_id, request.campaign_id, request.request_id)
        return pb.PauseCampaignResponse(campaign=_answered(answer))

    async def ListEnrolments(  # noqa: N802
        self, request: pb.ListEnrolmentsRequest, _context: Any
    ) -> pb.ListEnrolmentsResponse:
        """Enrolments in order; there is always a token from which to go on later."""
        tenant_id = authorize(*_READERS).tenant_id
        text = _read_token(request.campaign_id, request.page_token) or "0"
        if not text.isdecimal():
            raise _bad_token()
        limit = page_size(request.page_size)
        page = await self._service.enrolments(tenant_id, request.campaign_id, int(text), limit)
        if page is None:
            raise _not_found()
        last = page[-1].number if page else int(text)
        return pb.ListEnrolmentsResponse(
            enrolments=[_to_enrolment(stored) for stored in page],
            next_page_token=_token(request.campaign_id, str(last)),
        )

    async def ReportCampaign(  # noqa: N802
        self, request: pb.ReportCampaignRequest, _context: Any
    ) -> pb.ReportCampaignResponse:
        """What the campaign did and cost."""
        tenant_id = authorize(*_WRITERS, Role.SERVICE).tenant_id
        campaign = await self._known(tenant_id, request.campaign_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        return _to_report(await self._reporter.report(campaign, now_ms))

    async def _known(self, tenant_id: str, campaign_id: str) -> Campaign:
        campaign = await self._service.read(tenant_id, campaign_id)
        if campaign is None:
            raise _not_found()
        return campaign


def _not_found() -> RpcFailure:
    return RpcFailure(Code.CAMPAIGN_NOT_FOUND, "there is no such campaign", field="campaign_id")


def _answered(answer: CampaignAnswer) -> pb.Campaign:
    if answer.campaign is not None:
        return to_message(answer.campaign)
    code, message = _FAILURES[answer.outcome]
    raise RpcFailure(code, message, violations=answer.violations)


def _token(scope: str, value: str) -> str:
    """A page token; tokens of other tenants, campaigns and lists do not fit."""
    text = f"{current_caller().tenant_id}\0{scope}\0{value}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read_token(scope: str, token: str) -> str:
    if not token:
        return ""
    try:
        padded = token.encode() + b"=" * (-len(token) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        tenant_id, named, value = text.split("\0")
    except (binascii.Error, ValueError):
        raise _bad_token() from None
    if (tenant_id, named) != (current_caller().tenant_id, scope):
        raise _bad_token()
    return value


def _bad_token() -> RpcFailure:
    message = "send a token that this list answered, or none"
    return RpcFailure(Code.PAGE_TOKEN_INVALID, message, field="page_token")


def _from_message(tenant_id: str, message: pb.Campaign, now_ms: int) -> Campaign:
    trigger = None
    if message.WhichOneof("trigger") == "segment":
        segment = message.segment
        trigger = SegmentTrigger(
            segment.segment_id, _KINDS[segment.kind], segment.delay_seconds * 1000
        )
    return Campaign(
        tenant_id=tenant_id,
        campaign_id=message.campaign_id,
        display_names=tuple(sorted(message.display_names.items())),
        trigger=trigger,
        control_basis_points=message.control_basis_points,
        variants=tuple(
            Variant(variant.variant_id, variant.weight, variant.offer_id)
            for variant in message.variants
        ),
        conversion_window_ms=message.conversion_window_seconds * 1000,
        state=CampaignState.DRAFT,
        created_at_ms=now_ms,
    )


def to_message(campaign: Campaign) -> pb.Campaign:
    """The campaign as clients see it."""
    message = pb.Campaign(
        campaign_id=campaign.campaign_id,
        display_names=dict(campaign.display_names),
        control_basis_points=campaign.control_basis_points,
        variants=[
            pb.Variant(
                variant_id=variant.variant_id, weight=variant.weight, offer_id=variant.offer_id
            )
            for variant in campaign.variants
        ],
        conversion_window_seconds=campaign.conversion_window_ms // 1000,
        state=_STATES[campaign.state],
    )
    if campaign.trigger is None:
        message.list.SetInParent()
    else:
        message.segment.segment_id = campaign.trigger.segment_id
        message.segment.kind = _KIND_VALUES[campaign.trigger.kind]
        message.segment.delay_seconds = campaign.trigger.delay_ms // 1000
    message.create_time.FromMilliseconds(campaign.created_at_ms)
    if campaign.launched_at_ms is not None:
        message.launch_time.FromMilliseconds(campaign.launched_at_ms)
    return message


def _to_enrolment(stored: StoredEnrolment) -> pb.Enrolment:
    enrolment = stored.enrolment
    message = pb.Enrolment(
        enrolment_id=enrolment.enrolment_id,
        campaign_id=enrolment.campaign_id,
        customer_id=enrolment.customer_id,
        segment_id=enrolment.segment_id,
        stint=enrolment.stint,
        control=enrolment.control,
        variant_id=enrolment.variant_id,
        coupon_id=stored.coupon_id,
    )
    message.triggered_at.FromMilliseconds(enrolment.triggered_at_ms)
    return message


def _to_report(report: Report) -> pb.ReportCampaignResponse:
    message = pb.ReportCampaignResponse(
        campaign=to_message(report.campaign),
        arms=[
            pb.ArmFigures(
                arm=arm.arm,
                triggered_count=arm.triggered_count,
                measured_count=arm.measured_count,
                converted_count=arm.converted_count,
                revenue_minor_units=arm.revenue_minor_units,
                issued_count=arm.issued_count,
                redeemed_count=arm.redeemed_count,
                cost_minor_units=arm.cost_minor_units,
            )
            for arm in report.arms
        ],
        incremental_customers=report.incremental_customers,
        cost_per_incremental_customer=report.cost_per_incremental_customer,
        sample_ratio_p_value=report.sample_ratio_p_value,
        minimum_detectable_effect=report.minimum_detectable_effect,
        coupons_issued=report.coupons_issued,
        coupons_redeemed=report.coupons_redeemed,
        coupons_gifted=report.coupons_gifted,
    )
    if report.lift is not None:
        lift = report.lift
        message.conversion_lift.estimate = lift.estimate
        message.conversion_lift.lower = lift.lower
        message.conversion_lift.upper = lift.upper
    return message
