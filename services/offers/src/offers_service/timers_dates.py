"""Dated campaigns: on their day everybody in their segment is triggered.

A page of members is enrolled at a time. What a crash cuts short is repeated from the beginning,
which has no effect on those who are enrolled, and only then the next occurrence takes its place.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.tenants import TenantInfo

from offers_service import calendars
from offers_service import campaigns as rules
from offers_service.calendars import CalendarEntry, Occurrence
from offers_service.campaigns import Campaign, Stay
from offers_service.clients_segments import Member
from offers_service.enroller import Enroller
from offers_service.store_audiences import AudienceStore
from offers_service.store_campaigns import CampaignStore
from offers_service.triggers import DateTrigger, OccasionKind

# What a service that was away missed by more than this is not made up for.
LATE_MAX_MS = 24 * 3600 * 1000
_CAMPAIGNS_AT_ONCE = 50

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class Members(Protocol):
    """clients_segments.Segments."""

    def members(self, tenant_id: str, segment_id: str) -> AsyncIterator[list[Member]]: ...


class Entries(Protocol):
    """The tenant's own calendar; SettingsStore."""

    def entry(self, tenant_id: str, entry_id: str) -> Awaitable[CalendarEntry | None]: ...


class DateTimers:
    """Fires occurrences that are due; repeating it is harmless."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        audiences: AudienceStore,
        enroller: Enroller,
        members: Members,
        entries: Entries,
        directory: Directory,
    ) -> None:
        self._campaigns = campaigns
        self._audiences = audiences
        self._enroller = enroller
        self._members = members
        self._entries = entries
        self._directory = directory

    async def next(self, campaign: Campaign, after_ms: int) -> Occurrence | None:
        """When the dated campaign acts first at or after after_ms; None for never, or for a
        campaign that is not dated."""
        trigger = campaign.trigger
        if not isinstance(trigger, DateTrigger):
            return None
        zone = (await self._directory.get(campaign.tenant_id)).time_zone
        entry = None
        if trigger.kind is OccasionKind.ENTRY:
            entry = await self._entries.entry(campaign.tenant_id, trigger.value)
        return calendars.next_occurrence(trigger, after_ms, zone, lambda _: entry)

    async def fire_due(self, tenant_id: str, now_ms: int, *, virtual: bool) -> int:
        """Fires what is due up to now_ms, earliest first; answers how many were triggered."""
        fired = 0
        while True:
            due = await self._campaigns.dated_due(tenant_id, now_ms, _CAMPAIGNS_AT_ONCE)
            for campaign in due:
                fired += await self._fire(campaign, now_ms, virtual=virtual)
            if len(due) < _CAMPAIGNS_AT_ONCE:
                return fired

    async def _fire(self, campaign: Campaign, now_ms: int, *, virtual: bool) -> int:
        occurrence, trigger = campaign.next_occurrence, campaign.trigger
        if occurrence is None or not isinstance(trigger, DateTrigger):
            return 0
        fired = 0
        if virtual or now_ms - occurrence.due_ms <= LATE_MAX_MS:
            at_ms = occurrence.due_ms if virtual else max(occurrence.due_ms, now_ms)
            async for customers in self._audience(campaign, occurrence, virtual=virtual):
                fired += await self._enrol(campaign, occurrence, customers, at_ms)
        else:
            _log.warning("occurrence_missed", campaign=campaign.campaign_id)
        following = await self.next(campaign, occurrence.due_ms + 1)
        await self._campaigns.move_on(campaign, occurrence, following)
        await self._audiences.forget(campaign.tenant_id, campaign.campaign_id, occurrence.number)
        return fired

    async def _audience(
        self, campaign: Campaign, occurrence: Occurrence, *, virtual: bool
    ) -> AsyncIterator[Sequence[str]]:
        """Who is in the segment at the occurrence. Under virtual time segmentation may know of
        what comes after it: later entries are left out, later exits were noted."""
        trigger = campaign.trigger
        if not isinstance(trigger, DateTrigger):
            return
        async for page in self._members.members(campaign.tenant_id, trigger.segment_id):
            yield [
                member.customer_id
                for member in page
                if not virtual or member.entered_at_ms <= occurrence.due_ms
            ]
        if virtual:
            yield await self._audiences.left_since(
                campaign.tenant_id, campaign.campaign_id, occurrence.number
            )

    async def _enrol(
        self, campaign: Campaign, occurrence: Occurrence, customers: Sequence[str], at_ms: int
    ) -> int:
        trigger = campaign.trigger
        if not isinstance(trigger, DateTrigger):
            return 0
        key = self._enroller.assignment_key(campaign.tenant_id)
        share = await self._enroller.holdout(campaign.tenant_id)
        stays = [Stay(name, trigger.segment_id, occurrence.number) for name in customers]
        enrolments = [rules.enrol(key, campaign, stay, at_ms, share) for stay in stays]
        await self._enroller.enrol(campaign.tenant_id, enrolments)
        return len(enrolments)
