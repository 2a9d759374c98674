"""dangol.offers.v1.CampaignService."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dangol.offers.v1 import campaign_budget_pb2 as budget_pb
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role, current_caller
from dangol_service_kit.clock import Clock, Directory
from dangol_service_kit.errors import Code, RpcFailure

from offers_service import campaign_settings
from offers_service.budget_account import Measure
from offers_service.campaign_settings import Change, Settings, SettingsOutcome, Values
from offers_service.campaigns import Campaign
from offers_service.codes import Secrets
from offers_service.reports_holdout import WINDOW_DEFAULT_MS, Reporters, Span
from offers_service.rpc_budgets import write_use
from offers_service.rpc_campaign_messages import from_message, to_enrolment, to_message
from offers_service.rpc_campaign_reports import write_holdout_report, write_report
from offers_service.rpc_common import actor, authorize, failures, page_size
from offers_service.service_budgets import BudgetDesk
from offers_service.service_calendar import CalendarDesk
from offers_service.service_campaigns import CampaignAnswer, CampaignOutcome, CampaignService
from offers_service.service_lists import ListEnroller, ListOutcome
from offers_service.store_offers import OfferStore

_WRITERS = (Role.MARKETER, Role.ADMIN)
_READERS = (Role.MARKETER, Role.ADMIN, Role.STAFF, Role.PARTNER, Role.SERVICE)
_FAILURES = {
    CampaignOutcome.NOT_FOUND: (Code.CAMPAIGN_NOT_FOUND, "there is no such campaign"),
    CampaignOutcome.EXISTS: (Code.CAMPAIGN_EXISTS, "the id belongs to another campaign"),
    CampaignOutcome.REQUEST_CONFLICT: (
        Code.REQUEST_CONFLICT,
        "the request id was used before with other content",
    ),
    CampaignOutcome.NOT_LAUNCHABLE: (
        Code.CAMPAIGN_NOT_LAUNCHABLE,
        "an ended campaign stays so, and one that was never launched cannot be paused",
    ),
    CampaignOutcome.OFFER_NOT_FOUND: (Code.OFFER_NOT_FOUND, "a variant's offer does not exist"),
    CampaignOutcome.INVALID: (Code.FIELD_INVALID, "the campaign's parts do not fit together"),
}


_LIST_FAILURES = {
    ListOutcome.NOT_FOUND: (Code.CAMPAIGN_NOT_FOUND, "there is no such campaign"),
    ListOutcome.NOT_RUNNING: (Code.CAMPAIGN_NOT_LAUNCHABLE, "launch the campaign first"),
    ListOutcome.NOT_A_LIST: (Code.FIELD_INVALID, "its trigger enrols customers: name a list's"),
    ListOutcome.NO_VARIANTS: (Code.FIELD_INVALID, "it has no variants: it only issues coupons"),
}
SERVICE_NAME = pb.DESCRIPTOR.services_by_name["CampaignService"].full_name


class Desks(NamedTuple):
    """The use cases that the service offers."""

    service: CampaignService
    lists: ListEnroller
    reporters: Reporters
    calendar: CalendarDesk
    budgets: BudgetDesk


class RequestBook:
    """Requests by id, with a keyed print of what each asked for."""

    def __init__(self, store: OfferStore, secrets_of: Callable[[str], Secrets]) -> None:
        self._store = store
        self._secrets_of = secrets_of

    async def first_ms(
        self, caller: Caller, request_id: str, now_ms: int, content: Sequence[str]
    ) -> int:
        """When the request first came. Raises RpcFailure REQUEST_CONFLICT for other content."""
        asked = self._secrets_of(caller.tenant_id).print(*content)
        first, first_ms = await self._store.remember(
            caller.tenant_id, actor(caller), request_id, asked, now_ms
        )
        if first != asked:
            raise RpcFailure(*_FAILURES[CampaignOutcome.REQUEST_CONFLICT], field="request_id")
        return first_ms


class CampaignServicer(pb_grpc.CampaignServiceServicer):
    """protobuf <-> campaigns; the tenant is the caller's."""

    def __init__(
        self, desks: Desks, requests: RequestBook, clock: Clock, directory: Directory
    ) -> None:
        self._service = desks.service
        self._lists = desks.lists
        self._reporters = desks.reporters
        self._calendar = desks.calendar
        self._budgets = desks.budgets
        self._requests = requests
        self._clock = clock
        self._directory = directory

    async def CreateCampaign(  # noqa: N802
        self, request: pb.CreateCampaignRequest, _context: Any
    ) -> pb.CreateCampaignResponse:
        """Makes a draft."""
        tenant_id = authorize(*_WRITERS).tenant_id
        now_ms = (await self._clock.read(tenant_id)).now_ms
        tenant = await self._directory.get(tenant_id)
        campaign = from_message(tenant_id, request.campaign, now_ms, tenant.currency_code)
        with failures():
            answer = await self._service.create(campaign, request.request_id, tenant.time_zone)
        return pb.CreateCampaignResponse(campaign=_answered(answer))

    async def GetCampaign(  # noqa: N802
        self, request: pb.GetCampaignRequest, _context: Any
    ) -> pb.GetCampaignResponse:
        """One campaign."""
        tenant_id = authorize(*_READERS).tenant_id
        return pb.GetCampaignResponse(
            campaign=to_message(await self._known(tenant_id, request.campaign_id))
        )

    async def GetCampaignBudget(  # noqa: N802
        self, request: budget_pb.GetCampaignBudgetRequest, _context: Any
    ) -> budget_pb.GetCampaignBudgetResponse:
        """How far its limits are used up."""
        tenant_id = authorize(*_WRITERS, Role.SERVICE).tenant_id
        campaign = await self._known(tenant_id, request.campaign_id)
        with failures():
            uses = await self._budgets.uses(tenant_id, campaign.campaign_id)
        return budget_pb.GetCampaignBudgetResponse(
            coupons=write_use(uses[Measure.COUPONS]), amount=write_use(uses[Measure.MONEY])
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

    async def EndCampaign(  # noqa: N802
        self, request: pb.EndCampaignRequest, _context: Any
    ) -> pb.EndCampaignResponse:
        """For good."""
        tenant_id = authorize(*_WRITERS).tenant_id
        now_ms = (await self._clock.read(tenant_id)).now_ms
        answer = await self._service.end(tenant_id, request.campaign_id, request.request_id, now_ms)
        return pb.EndCampaignResponse(campaign=_answered(answer))

    async def EnrolCustomers(  # noqa: N802
        self, request: pb.EnrolCustomersRequest, _context: Any
    ) -> pb.EnrolCustomersResponse:
        """A list campaign's customers."""
        caller = authorize(*_WRITERS, Role.SERVICE)
        tenant_id, campaign_id = caller.tenant_id, request.campaign_id
        now_ms = (await self._clock.read(tenant_id)).now_ms
        with failures():
            first_ms = await self._requests.first_ms(
                caller, request.request_id, now_ms, ["enrol", campaign_id, *request.customer_ids]
            )
            outcome = await self._lists.enrol(
                tenant_id, campaign_id, request.customer_ids, first_ms
            )
        if outcome is not ListOutcome.ENROLLED:
            code, message = _LIST_FAILURES[outcome]
            raise RpcFailure(code, message, field="campaign_id")
        return pb.EnrolCustomersResponse(enrolled_count=len(request.customer_ids))

    async def GetCampaignSettings(  # noqa: N802
        self, _request: pb.GetCampaignSettingsRequest, _context: Any
    ) -> pb.GetCampaignSettingsResponse:
        """The global holdout and the frequency cap."""
        tenant_id = authorize(*_WRITERS, Role.SERVICE).tenant_id
        settings = await self._calendar.settings(tenant_id)
        return pb.GetCampaignSettingsResponse(settings=_to_settings(settings))

    async def UpdateCampaignSettings(  # noqa: N802
        self, request: pb.UpdateCampaignSettingsRequest, _context: Any
    ) -> pb.UpdateCampaignSettingsResponse:
        """Changes both, under the version that was read."""
        tenant_id = authorize(*_WRITERS).tenant_id
        asked = request.settings
        values = Values(
            asked.holdout_basis_points, asked.contacts_max, asked.contact_window_seconds * 1000
        )
        wrong = campaign_settings.violations(values)
        if wrong:
            message = "the settings do not fit together"
            raise RpcFailure(Code.FIELD_INVALID, message, violations=wrong)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        wanted = Change(request.request_id, values, asked.version, now_ms)
        outcome, settings = await self._calendar.change(tenant_id, wanted)
        if outcome is SettingsOutcome.VERSION_CONFLICT:
            raise RpcFailure(Code.VERSION_CONFLICT, "read the settings again", field="settings")
        if outcome is SettingsOutcome.REQUEST_CONFLICT:
            raise RpcFailure(*_FAILURES[CampaignOutcome.REQUEST_CONFLICT], field="request_id")
        return pb.UpdateCampaignSettingsResponse(settings=_to_settings(settings))

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
            enrolments=[to_enrolment(stored) for stored in page],
            next_page_token=_token(request.campaign_id, str(last)),
        )

    async def ReportCampaign(  # noqa: N802
        self, request: pb.ReportCampaignRequest, _context: Any
    ) -> pb.ReportCampaignResponse:
        """What the campaign did and cost."""
        tenant_id = authorize(*_WRITERS, Role.SERVICE).tenant_id
        campaign = await self._known(tenant_id, request.campaign_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        return write_report(await self._reporters.one.report(campaign, now_ms))

    async def ReportHoldout(  # noqa: N802
        self, request: pb.ReportHoldoutRequest, _context: Any
    ) -> pb.ReportHoldoutResponse:
        """What all campaigns did together."""
        tenant_id = authorize(*_WRITERS, Role.SERVICE).tenant_id
        now_ms = (await self._clock.read(tenant_id)).now_ms
        has_end = request.HasField("end_time")
        asked = Span(
            request.start_time.ToMilliseconds() if request.HasField("start_time") else 0,
            request.end_time.ToMilliseconds() if has_end else now_ms + 1,
            request.window_seconds * 1000 or WINDOW_DEFAULT_MS,
        )
        return write_holdout_report(await self._reporters.over_all.report(tenant_id, asked, now_ms))

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


def _to_settings(settings: Settings) -> pb.CampaignSettings:
    values = settings.values
    message = pb.CampaignSettings(
        holdout_basis_points=values.holdout_basis_points,
        contacts_max=values.contacts_max,
        contact_window_seconds=values.contact_window_ms // 1000,
        version=settings.version,
    )
    if settings.holdout_since_ms:
        message.holdout_since.FromMilliseconds(settings.holdout_since_ms)
    return message
