"""Campaigns in MongoDB: collection `campaigns`, _id {t: tenant, c: campaign}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.budgets import Terms
from offers_service.calendars import Occurrence
from offers_service.campaigns import Campaign, CampaignState
from offers_service.store_campaign_documents import (
    key_of,
    occurrence_document,
    to_campaign,
    to_document,
    to_terms,
)
from offers_service.store_errors import outages
from offers_service.triggers import OccasionKind

NAME = "campaigns"
# Enough to answer any retry; the oldest are forgotten.
REQUESTS_MAX = 100


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """requests: (request id, what it asked for) of the writes so far."""

    campaign: Campaign
    requests: Mapping[str, str]


class CampaignStore:
    """Every write is one insert or one conditional update of one document."""

    def __init__(self, database: Any) -> None:
        self._campaigns = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Creates the indexes; safe to repeat."""
        await self._campaigns.create_index([("t", ASCENDING), ("trigger.segment", ASCENDING)])
        await self._campaigns.create_index([("t", ASCENDING), ("_id", ASCENDING)])
        due = [("t", ASCENDING), ("state", ASCENDING), ("next.due_ms", ASCENDING)]
        await self._campaigns.create_index(due)

    async def create(self, campaign: Campaign, request_id: str) -> bool:
        """Inserts the draft; False when the tenant has a campaign of that id."""
        document = to_document(campaign) | {"requests": [{"id": request_id, "kind": "create"}]}
        try:
            await self._campaigns.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def read(self, tenant_id: str, campaign_id: str) -> StoredCampaign | None:
        """One campaign of the tenant."""
        found = await self._campaigns.find_one({"_id": key_of(tenant_id, campaign_id)})
        return None if found is None else _to_stored(found)

    async def budget(self, tenant_id: str, campaign_id: str) -> Terms | None:
        """What the campaign may spend, which never changes; None for no such campaign."""
        with outages():
            found = await self._campaigns.find_one(
                {"_id": key_of(tenant_id, campaign_id)}, {"budget": 1}
            )
        return None if found is None else to_terms(found)

    async def page(self, tenant_id: str, after_id: str, limit: int) -> list[Campaign]:
        """Campaigns in order of their ids, from after after_id."""
        query = {"t": tenant_id, "_id": {"$gt": key_of(tenant_id, after_id)}}
        found = self._campaigns.find(query).sort("_id", ASCENDING).limit(limit)
        return [_to_stored(document).campaign async for document in found]

    async def of_segments(self, tenant_id: str, segment_ids: Iterable[str]) -> list[Campaign]:
        """Campaigns that one of the segments triggers and that were launched once."""
        query = {
            "t": tenant_id,
            "trigger.segment": {"$in": sorted(segment_ids)},
            "state": {"$ne": CampaignState.DRAFT.value},
        }
        return [_to_stored(document).campaign async for document in self._campaigns.find(query)]

    async def by_ids(self, tenant_id: str, campaign_ids: Iterable[str]) -> dict[str, Campaign]:
        """The campaigns by id; unknown ones are left out."""
        keys = [key_of(tenant_id, campaign_id) for campaign_id in sorted(campaign_ids)]
        found = self._campaigns.find({"_id": {"$in": keys}})
        campaigns = [_to_stored(document).campaign async for document in found]
        return {campaign.campaign_id: campaign for campaign in campaigns}

    async def launch(
        self,
        tenant_id: str,
        campaign_id: str,
        request_id: str,
        now_ms: int,
        following: Occurrence | None = None,
    ) -> StoredCampaign | None:
        """DRAFT or PAUSED becomes RUNNING; None when the request is known already.

        following: when a dated campaign acts first.
        """
        key = key_of(tenant_id, campaign_id)
        states = [CampaignState.DRAFT.value, CampaignState.PAUSED.value]
        changes = {
            "state": CampaignState.RUNNING.value,
            "running_since_ms": now_ms,
            "launched_at_ms": {"$ifNull": ["$launched_at_ms", now_ms]},
            "next": {"$literal": occurrence_document(following)},
        }
        launched = await self._step(key, states, changes, request_id, "launch")
        # The request is noted also where it changes nothing: its repeat must not launch anew.
        return launched or await self._step(key, ["RUNNING"], {}, request_id, "launch")

    async def pause(
        self, tenant_id: str, campaign_id: str, request_id: str
    ) -> StoredCampaign | None:
        """RUNNING becomes PAUSED; None when the request is known or it was never launched."""
        changes = {"state": CampaignState.PAUSED.value}
        states = [CampaignState.RUNNING.value, CampaignState.PAUSED.value]
        key = key_of(tenant_id, campaign_id)
        return await self._step(key, states, changes, request_id, "pause")

    async def end(
        self, tenant_id: str, campaign_id: str, request_id: str, now_ms: int
    ) -> StoredCampaign | None:
        """Whatever it was becomes ENDED; None when the request is known already."""
        changes = {
            "state": CampaignState.ENDED.value,
            "ended_at_ms": {"$ifNull": ["$ended_at_ms", now_ms]},
            "next": None,
        }
        states = [state.value for state in CampaignState]
        key = key_of(tenant_id, campaign_id)
        return await self._step(key, states, changes, request_id, "end")

    async def dated_due(self, tenant_id: str, now_ms: int, limit: int) -> list[Campaign]:
        """Running dated campaigns whose next occurrence is at now_ms or before, earliest first."""
        query = {
            "t": tenant_id,
            "state": CampaignState.RUNNING.value,
            "next.due_ms": {"$lte": now_ms},
        }
        found = self._campaigns.find(query).sort("next.due_ms", ASCENDING).limit(limit)
        return [to_campaign(document) async for document in found]

    async def dated_between(self, tenant_id: str, start_ms: int, end_ms: int) -> list[Campaign]:
        """Running dated campaigns whose next occurrence lies in [start_ms, end_ms)."""
        query = {
            "t": tenant_id,
            "state": CampaignState.RUNNING.value,
            "next.due_ms": {"$gte": start_ms, "$lt": end_ms},
        }
        found = self._campaigns.find(query).sort("next.due_ms", ASCENDING)
        return [to_campaign(document) async for document in found]

    async def on_entry(self, tenant_id: str, entry_id: str) -> list[Campaign]:
        """Running campaigns on the day of one of the tenant's own calendar entries."""
        query = {
            "t": tenant_id,
            "state": CampaignState.RUNNING.value,
            "trigger.content.kind": OccasionKind.ENTRY.value,
            "trigger.content.value": entry_id,
        }
        return [to_campaign(document) async for document in self._campaigns.find(query)]

    async def reschedule(self, campaign: Campaign, following: Occurrence | None) -> None:
        """The next occurrence of a campaign that is still running."""
        key = key_of(campaign.tenant_id, campaign.campaign_id)
        wanted = {"_id": key, "state": CampaignState.RUNNING.value}
        change = {"$set": {"next": occurrence_document(following)}}
        await self._campaigns.update_one(wanted, change)

    async def move_on(
        self, campaign: Campaign, occurrence: Occurrence, following: Occurrence | None
    ) -> None:
        """An occurrence is over: the next one takes its place, unless another writer was first."""
        key = key_of(campaign.tenant_id, campaign.campaign_id)
        wanted = {"_id": key, "next.due_ms": occurrence.due_ms}
        await self._campaigns.update_one(wanted, {"$set": {"next": occurrence_document(following)}})

    async def _step(
        self,
        key: dict[str, str],
        states: list[str],
        changes: dict[str, Any],
        request_id: str,
        kind: str,
    ) -> StoredCampaign | None:
        request = {"$literal": [{"id": request_id, "kind": kind}]}
        kept = {"$slice": [{"$concatArrays": ["$requests", request]}, -REQUESTS_MAX]}
        found = await self._campaigns.find_one_and_update(
            {"_id": key, "state": {"$in": states}, "requests.id": {"$ne": request_id}},
            [{"$set": changes | {"requests": kept}}],
            return_document=ReturnDocument.AFTER,
        )
        return None if found is None else _to_stored(found)


def _to_stored(document: Mapping[str, Any]) -> StoredCampaign:
    requests = {request["id"]: request["kind"] for request in document["requests"]}
    return StoredCampaign(to_campaign(document), requests)
