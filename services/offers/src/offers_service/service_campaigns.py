"""Use cases of campaigns: create, launch, pause, end, read, list enrolments."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from offers_service.calendars import Occurrence
from offers_service.campaign_checks import violations
from offers_service.campaigns import Campaign, CampaignState
from offers_service.message_action import Addressee, content
from offers_service.messages import Content
from offers_service.offers import Offer
from offers_service.service_messaging import Checked
from offers_service.store_campaigns import CampaignStore, StoredCampaign
from offers_service.store_enrolments import EnrolmentStore, StoredEnrolment
from offers_service.triggers import DateTrigger


class CampaignOutcome(StrEnum):
    """What came of a request about a campaign."""

    APPLIED = "applied"
    NOT_FOUND = "not_found"
    EXISTS = "exists"
    REQUEST_CONFLICT = "request_conflict"
    NOT_LAUNCHABLE = "not_launchable"
    OFFER_NOT_FOUND = "offer_not_found"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class CampaignAnswer:
    """campaign is there for APPLIED; violations, (field, what to do), for INVALID, NOT_LAUNCHABLE
    and OFFER_NOT_FOUND."""

    outcome: CampaignOutcome
    campaign: Campaign | None = None
    violations: tuple[tuple[str, str], ...] = ()


class Offers(Protocol):
    """The part of the offer store that campaigns need."""

    def get(self, tenant_id: str, offer_id: str) -> Awaitable[Offer | None]: ...


class Segments(Protocol):
    """The segments that campaigns have for themselves; clients_segments.Segments."""

    def install(self, campaign: Campaign) -> Awaitable[None]: ...
    def remove(self, campaign: Campaign) -> Awaitable[None]: ...


class Dates(Protocol):
    """When dated campaigns act; DateTimers."""

    def next(self, campaign: Campaign, after_ms: int) -> Awaitable[Occurrence | None]: ...


class Wording(Protocol):
    """service_messaging.Wording."""

    def check(self, tenant_id: str, content: Content) -> Awaitable[Checked]: ...


class CampaignService:
    """The tenant comes first everywhere; times are Unix milliseconds. Launching and ending raise
    RpcFailure where segmentation refuses or cannot be asked."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        enrolments: EnrolmentStore,
        offers: Offers,
        segments: Segments,
        dates: Dates,
        wording: Wording,
    ) -> None:
        self._campaigns = campaigns
        self._enrolments = enrolments
        self._offers = offers
        self._segments = segments
        self._dates = dates
        self._wording = wording

    async def create(
        self, campaign: Campaign, request_id: str, time_zone: str = ""
    ) -> CampaignAnswer:
        """Makes a draft; the same content again answers what is there."""
        year = datetime.fromtimestamp(campaign.created_at_ms / 1000, UTC).year
        found = violations(campaign, time_zone, year)
        if found:
            return CampaignAnswer(CampaignOutcome.INVALID, violations=tuple(found))
        missing = await self._missing_offers(campaign)
        if missing:
            return CampaignAnswer(CampaignOutcome.OFFER_NOT_FOUND, violations=missing)
        if await self._campaigns.create(campaign, request_id):
            return CampaignAnswer(CampaignOutcome.APPLIED, campaign)
        return await self._existing(campaign, request_id)

    async def _existing(self, campaign: Campaign, request_id: str) -> CampaignAnswer:
        stored = await self._campaigns.read(campaign.tenant_id, campaign.campaign_id)
        if stored is None:
            return CampaignAnswer(CampaignOutcome.NOT_FOUND)
        if _content(stored.campaign) == _content(campaign):
            return CampaignAnswer(CampaignOutcome.APPLIED, stored.campaign)
        if request_id in stored.requests:
            return CampaignAnswer(CampaignOutcome.REQUEST_CONFLICT)
        return CampaignAnswer(CampaignOutcome.EXISTS)

    async def _missing_offers(self, campaign: Campaign) -> tuple[tuple[str, str], ...]:
        missing = []
        for index, variant in enumerate(campaign.variants):
            if not variant.offer_id:
                continue
            if await self._offers.get(campaign.tenant_id, variant.offer_id) is None:
                field = f"campaign.variants[{index}].offer_id"
                missing.append((field, "there is no such offer: create it first"))
        return tuple(missing)

    async def read(self, tenant_id: str, campaign_id: str) -> Campaign | None:
        """One campaign."""
        stored = await self._campaigns.read(tenant_id, campaign_id)
        return stored.campaign if stored else None

    async def page(self, tenant_id: str, after_id: str, limit: int) -> list[Campaign]:
        """Campaigns in order of id, from after after_id."""
        return await self._campaigns.page(tenant_id, after_id, limit)

    async def launch(
        self, tenant_id: str, campaign_id: str, request_id: str, now_ms: int
    ) -> CampaignAnswer:
        """Makes it RUNNING, with the segment that it needs; harmless when it runs."""
        stored = await self._campaigns.read(tenant_id, campaign_id)
        following = None
        if stored is not None and request_id not in stored.requests:
            campaign = stored.campaign
            if campaign.state in (CampaignState.DRAFT, CampaignState.PAUSED):
                following = await self._dates.next(campaign, now_ms)
                if isinstance(campaign.trigger, DateTrigger) and following is None:
                    text = "its day is over, or the calendar has no such entry"
                    return CampaignAnswer(
                        CampaignOutcome.NOT_LAUNCHABLE, violations=(("campaign.date", text),)
                    )
                unfit = await self._unfit_messages(campaign)
                if unfit:
                    return CampaignAnswer(CampaignOutcome.NOT_LAUNCHABLE, violations=unfit)
                await self._segments.install(campaign)
        launched = await self._campaigns.launch(
            tenant_id, campaign_id, request_id, now_ms, following
        )
        return await self._answer(launched, tenant_id, campaign_id, (request_id, "launch"))

    async def _unfit_messages(self, campaign: Campaign) -> tuple[tuple[str, str], ...]:
        """What keeps the variants' messages from being sent, if it can be known before."""
        found = []
        for index, variant in enumerate(campaign.variants):
            if variant.message is None:
                continue
            coupon_id = "any" if variant.offer_id else ""
            to = Addressee("any", campaign.campaign_id, variant.variant_id, "any", 0, coupon_id)
            sample = content(variant.message, to)
            refusal = (await self._wording.check(campaign.tenant_id, sample)).refusal
            if refusal is not None:
                field = f"campaign.variants[{index}].message.template_id"
                found += [(field, f"{name}: {what}") for name, what in refusal.problems]
        return tuple(found)

    async def end(
        self, tenant_id: str, campaign_id: str, request_id: str, now_ms: int
    ) -> CampaignAnswer:
        """Ends it for good; harmless when it has ended."""
        ended = await self._campaigns.end(tenant_id, campaign_id, request_id, now_ms)
        answer = await self._answer(ended, tenant_id, campaign_id, (request_id, "end"))
        if answer.campaign is not None:
            await self._segments.remove(answer.campaign)
        return answer

    async def pause(self, tenant_id: str, campaign_id: str, request_id: str) -> CampaignAnswer:
        """Makes a launched one PAUSED; harmless when it is."""
        paused = await self._campaigns.pause(tenant_id, campaign_id, request_id)
        return await self._answer(paused, tenant_id, campaign_id, (request_id, "pause"))

    async def _answer(
        self,
        stepped: StoredCampaign | None,
        tenant_id: str,
        campaign_id: str,
        request: tuple[str, str],
    ) -> CampaignAnswer:
        if stepped is not None:
            return CampaignAnswer(CampaignOutcome.APPLIED, stepped.campaign)
        stored = await self._campaigns.read(tenant_id, campaign_id)
        if stored is None:
            return CampaignAnswer(CampaignOutcome.NOT_FOUND)
        request_id, kind = request
        known = stored.requests.get(request_id)
        if known == kind:
            return CampaignAnswer(CampaignOutcome.APPLIED, stored.campaign)
        if known is not None:
            return CampaignAnswer(CampaignOutcome.REQUEST_CONFLICT)
        return CampaignAnswer(CampaignOutcome.NOT_LAUNCHABLE)

    async def enrolments(
        self, tenant_id: str, campaign_id: str, after: int, limit: int
    ) -> list[StoredEnrolment] | None:
        """Enrolments with numbers after `after`, in order; None for an unknown campaign."""
        if await self._campaigns.read(tenant_id, campaign_id) is None:
            return None
        return await self._enrolments.page(tenant_id, campaign_id, after, limit)


def _content(campaign: Campaign) -> Campaign:
    """The campaign without what happened to it."""
    return replace(
        campaign,
        state=CampaignState.DRAFT,
        created_at_ms=0,
        launched_at_ms=None,
        running_since_ms=None,
        ended_at_ms=None,
        next_occurrence=None,
    )
