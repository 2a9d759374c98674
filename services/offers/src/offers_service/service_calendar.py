"""Use cases of the promotion calendar and of the campaigns' settings."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from offers_service import calendars, campaign_settings
from offers_service.calendars import CalendarEntry, CalendarKind, Occurrence
from offers_service.campaign_settings import Change, Settings, SettingsOutcome
from offers_service.campaigns import Campaign
from offers_service.store_campaigns import CampaignStore
from offers_service.store_settings import ENTRIES_MAX, SettingsStore

_ATTEMPTS_MAX = 20


class EntryOutcome(StrEnum):
    APPLIED = "APPLIED"
    INVALID = "INVALID"
    TOO_MANY = "TOO_MANY"


class EntryAnswer(NamedTuple):
    """field and text say what is wrong with an INVALID one."""

    outcome: EntryOutcome
    field: str = ""
    text: str = ""


class Dates(Protocol):
    """When dated campaigns act; DateTimers."""

    def next(self, campaign: Campaign, after_ms: int) -> Awaitable[Occurrence | None]: ...


class CalendarDesk:
    """The tenant comes first everywhere."""

    def __init__(self, settings: SettingsStore, campaigns: CampaignStore, dates: Dates) -> None:
        self._settings = settings
        self._campaigns = campaigns
        self._dates = dates

    async def between(
        self, tenant_id: str, time_zone: str, first: date, last: date
    ) -> list[CalendarEntry]:
        """Holidays, own entries and the next days of running dated campaigns, in order."""
        zone = ZoneInfo(time_zone)
        found = calendars.holidays_between(time_zone, first, last)
        found += await self._settings.entries_between(tenant_id, first, last)
        start_ms = calendars.instant_ms(first, 0, zone)
        end_ms = calendars.instant_ms(last + timedelta(days=1), 0, zone)
        for campaign in await self._campaigns.dated_between(tenant_id, start_ms, end_ms):
            if campaign.next_occurrence is not None:
                day = campaign.next_occurrence.day
                names = campaign.display_names
                found.append(
                    CalendarEntry(campaign.campaign_id, CalendarKind.CAMPAIGN, names, day, day)
                )
        return sorted(found, key=lambda entry: (entry.first, entry.kind, entry.entry_id))

    async def put(
        self, tenant_id: str, entry: CalendarEntry, request_id: str, now_ms: int
    ) -> EntryAnswer:
        """Writes an entry of the tenant's own; running campaigns on it follow. The same content
        again changes nothing."""
        if entry.kind not in (CalendarKind.SALE, CalendarKind.SEASON):
            text = "use SALE or SEASON for entries of your own"
            return EntryAnswer(EntryOutcome.INVALID, "entry.kind", text)
        if entry.last < entry.first:
            return EntryAnswer(EntryOutcome.INVALID, "entry.last_date", "end after the first date")
        known = await self._settings.entry(tenant_id, entry.entry_id)
        if known is None and await self._settings.count_entries(tenant_id) >= ENTRIES_MAX:
            return EntryAnswer(EntryOutcome.TOO_MANY)
        await self._settings.put_entry(tenant_id, entry, request_id)
        for campaign in await self._campaigns.on_entry(tenant_id, entry.entry_id):
            following = await self._dates.next(campaign, now_ms)
            await self._campaigns.reschedule(campaign, following)
        return EntryAnswer(EntryOutcome.APPLIED)

    async def delete(self, tenant_id: str, entry_id: str, request_id: str) -> None:
        """Removes an entry; campaigns on it keep the day they have. Harmless to repeat."""
        await self._settings.delete_entry(tenant_id, entry_id, request_id)

    async def settings(self, tenant_id: str) -> Settings:
        """What holds for all campaigns."""
        return await self._settings.read(tenant_id)

    async def change(self, tenant_id: str, wanted: Change) -> tuple[SettingsOutcome, Settings]:
        """Changes the settings. Raises TimeoutError when others always were faster."""
        for _ in range(_ATTEMPTS_MAX):
            before = await self._settings.read(tenant_id)
            outcome, after = campaign_settings.change(before, wanted)
            if after is before or await self._settings.save(tenant_id, before, after):
                return outcome, after
        raise TimeoutError("other writers took every turn at the settings")
