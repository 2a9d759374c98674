"""Settings of campaigns: collection `campaign_settings`, _id tenant; entries of the promotion
calendar: collection `calendar_entries`, _id {t: tenant, e: entry}."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.calendars import CalendarEntry
from offers_service.campaign_settings import Settings

_SETTINGS = "campaign_settings"
_ENTRIES = "calendar_entries"
ENTRIES_MAX = 1_000
_REQUESTS_MAX = 50


class SettingsStore:
    """Settings are written under the version that was read; an entry by the newest request."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {
            "write_concern": WriteConcern("majority", j=True),
            "read_concern": ReadConcern("majority"),
        }
        self._settings = database.get_collection(_SETTINGS, **options)
        self._entries = database.get_collection(_ENTRIES, **options)

    async def prepare(self) -> None:
        """Makes the collections and indexes; harmless to repeat."""
        await create_collections(self._database, [_SETTINGS, _ENTRIES])
        await self._entries.create_index([("t", ASCENDING), ("first", ASCENDING)])

    async def read(self, tenant_id: str) -> Settings:
        """The tenant's settings; the default ones until some were written."""
        found = await self._settings.find_one({"_id": tenant_id})
        return Settings() if found is None else msgspec.convert(dict(found), Settings)

    async def save(self, tenant_id: str, before: Settings, after: Settings) -> bool:
        """Writes what followed from `before`; False when that has changed since."""
        document = {"_id": tenant_id, **msgspec.to_builtins(after)}
        try:
            if before.version == 0:
                await self._settings.insert_one(document)
                return True
        except DuplicateKeyError:
            return False
        key = {"_id": tenant_id, "version": before.version}
        return bool((await self._settings.replace_one(key, document)).matched_count)

    async def put_entry(self, tenant_id: str, entry: CalendarEntry, request_id: str) -> None:
        """Writes an entry, new or changed, once for each request."""
        content = msgspec.to_builtins(entry) | {"t": tenant_id, "deleted": False}
        await self._write(tenant_id, entry.entry_id, request_id, content, upsert=True)

    async def delete_entry(self, tenant_id: str, entry_id: str, request_id: str) -> None:
        """Removes an entry, once for each request; harmless where there is none."""
        await self._write(tenant_id, entry_id, request_id, {"deleted": True}, upsert=False)

    async def _write(
        self,
        tenant_id: str,
        entry_id: str,
        request_id: str,
        content: Mapping[str, Any],
        *,
        upsert: bool,
    ) -> None:
        key = {"_id": {"t": tenant_id, "e": entry_id}, "requests": {"$ne": request_id}}
        requests = {"requests": {"$each": [request_id], "$slice": -_REQUESTS_MAX}}
        # A request that is known already meets its entry as a duplicate key.
        with contextlib.suppress(DuplicateKeyError):
            change = {"$set": dict(content), "$push": requests}
            await self._entries.update_one(key, change, upsert=upsert)

    async def count_entries(self, tenant_id: str) -> int:
        """How many entries the tenant has."""
        count: int = await self._entries.count_documents({"t": tenant_id, "deleted": False})
        return count

    async def entry(self, tenant_id: str, entry_id: str) -> CalendarEntry | None:
        """One entry."""
        key = {"_id": {"t": tenant_id, "e": entry_id}, "deleted": False}
        found = await self._entries.find_one(key)
        return None if found is None else _to_entry(found)

    async def entries_between(self, tenant_id: str, first: date, last: date) -> list[CalendarEntry]:
        """Entries of which some day lies in the span, in order of their first day."""
        query = {
            "t": tenant_id,
            "deleted": False,
            "first": {"$lte": last.isoformat()},
            "last": {"$gte": first.isoformat()},
        }
        found = self._entries.find(query).sort("first", ASCENDING).limit(ENTRIES_MAX)
        return [_to_entry(document) async for document in found]


def _to_entry(document: Mapping[str, Any]) -> CalendarEntry:
    return msgspec.convert(dict(document), CalendarEntry)
