"""Campaigns in MongoDB: collection `campaigns`, _id {t: tenant, c: campaign}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.campaigns import Campaign, CampaignState, ChangeKind, SegmentTrigger, Variant

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

    async def create(self, campaign: Campaign, request_id: str) -> bool:
        """Inserts the draft; False when the tenant has a campaign of that id."""
        document = _to_document(campaign) | {"requests": [{"id": request_id, "kind": "create"}]}
        try:
            await self._campaigns.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def read(self, tenant_id: str, campaign_id: str) -> StoredCampaign | None:
        """One campaign of the tenant."""
        found = await self._campaigns.find_one({"_id": _key(tenant_id, campaign_id)})
        return None if found is None else _to_stored(found)

    async def page(self, tenant_id: str, after_id: str, limit: int) -> list[Campaign]:
        """Campaigns in order of their ids, from after after_id."""
        query = {"t": tenant_id, "_id": {"$gt": _key(tenant_id, after_id)}}
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
        keys = [_key(tenant_id, campaign_id) for campaign_id in sorted(campaign_ids)]
        found = self._campaigns.find({"_id": {"$in": keys}})
        campaigns = [_to_stored(document).campaign async for document in found]
        return {campaign.campaign_id: campaign for campaign in campaigns}

    async def launch(
        self, tenant_id: str, campaign_id: str, request_id: str, now_ms: int
    ) -> StoredCampaign | None:
        """DRAFT or PAUSED becomes RUNNING; None when the request is known already."""
        key = _key(tenant_id, campaign_id)
        states = [CampaignState.DRAFT.value, CampaignState.PAUSED.value]
        changes = {
            "state": CampaignState.RUNNING.value,
            "running_since_ms": now_ms,
            "launched_at_ms": {"$ifNull": ["$launched_at_ms", now_ms]},
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
        return await self._step(_key(tenant_id, campaign_id), states, changes, request_id, "pause")

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


def _key(tenant_id: str, campaign_id: str) -> dict[str, str]:
    return {"t": tenant_id, "c": campaign_id}


def _to_document(campaign: Campaign) -> dict[str, Any]:
    trigger = campaign.trigger
    return {
        "_id": _key(campaign.tenant_id, campaign.campaign_id),
        "t": campaign.tenant_id,
        "names": dict(campaign.display_names),
        "trigger": trigger
        and {
            "segment": trigger.segment_id,
            "kind": trigger.kind.value,
            "delay_ms": trigger.delay_ms,
        },
        "control_basis_points": campaign.control_basis_points,
        "variants": [
            {"id": variant.variant_id, "weight": variant.weight, "offer": variant.offer_id}
            for variant in campaign.variants
        ],
        "conversion_window_ms": campaign.conversion_window_ms,
        "state": campaign.state.value,
        "created_at_ms": campaign.created_at_ms,
        "launched_at_ms": campaign.launched_at_ms,
        "running_since_ms": campaign.running_since_ms,
    }


def _to_stored(document: Mapping[str, Any]) -> StoredCampaign:
    trigger = document["trigger"]
    campaign = Campaign(
        tenant_id=document["_id"]["t"],
        campaign_id=document["_id"]["c"],
        display_names=tuple(sorted(document["names"].items())),
        trigger=trigger
        and SegmentTrigger(trigger["segment"], ChangeKind(trigger["kind"]), trigger["delay_ms"]),
        control_basis_points=document["control_basis_points"],
        variants=tuple(
            Variant(variant["id"], variant["weight"], variant["offer"])
            for variant in document["variants"]
        ),
        conversion_window_ms=int(document["conversion_window_ms"]),
        state=CampaignState(document["state"]),
        created_at_ms=int(document["created_at_ms"]),
        launched_at_ms=document["launched_at_ms"],
        running_since_ms=document["running_since_ms"],
    )
    return StoredCampaign(campaign, {r["id"]: r["kind"] for r in document["requests"]})
