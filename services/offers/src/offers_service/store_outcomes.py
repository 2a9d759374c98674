"""What each campaign has come to, for dashboards: collection `campaign_outcomes`, _id {t, c}.

{at_ms, currency, treated, treated_converted, control, control_converted, won_back, revenue, cost,
settled, claimed_until_ms}. at_ms: wall time of the report; settled: nothing of it changes any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dangol_service_kit.mongodb import create_collections
from dangol_service_kit.tenant_data import LED
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError

from offers_service.store_errors import outages

NAME = "campaign_outcomes"
_COUNTS = ("treated", "treated_converted", "control", "control_converted")
_SUMS = (*_COUNTS, "won_back", "revenue", "cost")


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """Customers whose window has ended and those of them who bought, by group; customers and
    revenue beyond what control predicts; cost of the coupons used. Money in minor units."""

    treated: int = 0
    treated_converted: int = 0
    control: int = 0
    control_converted: int = 0
    won_back: float = 0.0
    revenue: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The sums over all campaigns by currency, and when the one that waits longest was measured;
    None when none waits."""

    by_currency: Mapping[str, CampaignOutcome]
    oldest_ms: int | None


class OutcomeStore:
    """Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._found = database.get_collection(NAME, write_concern=WriteConcern("majority"))

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def resting(self, tenant_id: str, before_ms: int, now_ms: int) -> set[str]:
        """The campaigns of a tenant that `claim` would refuse."""
        query = {
            **LED.condition(tenant_id),
            "$or": [
                {"settled": True},
                {"at_ms": {"$gt": before_ms}},
                {"claimed_until_ms": {"$gt": now_ms}},
            ],
        }
        with outages():
            return {one["_id"]["c"] async for one in self._found.find(query, {"_id": 1})}

    async def claim(
        self, tenant_id: str, campaign_id: str, before_ms: int, now_ms: int, until_ms: int
    ) -> bool:
        """Whether the campaign is ours to measure: none did since before_ms, or is at it, and it
        is not settled."""
        query = {
            "_id": {"t": tenant_id, "c": campaign_id},
            "settled": {"$ne": True},
            "at_ms": {"$not": {"$gt": before_ms}},
            "claimed_until_ms": {"$not": {"$gt": now_ms}},
        }
        with outages():
            try:
                done = await self._found.update_one(
                    query, {"$set": {"claimed_until_ms": until_ms}}, upsert=True
                )
            except DuplicateKeyError:
                return False
        return bool(done.modified_count or done.upserted_id)

    async def save(
        self,
        tenant_id: str,
        campaign_id: str,
        outcome: CampaignOutcome,
        *,
        currency_code: str,
        at_ms: int,
        settled: bool,
    ) -> None:
        """Remembers what a campaign came to, unless a later report is remembered."""
        content = {name: getattr(outcome, name) for name in _SUMS}
        content |= {"currency": currency_code, "at_ms": at_ms, "settled": settled}
        query = {"_id": {"t": tenant_id, "c": campaign_id}, "at_ms": {"$not": {"$gt": at_ms}}}
        change = {"$set": content, "$unset": {"claimed_until_ms": ""}}
        with outages():
            await self._found.update_one(query, change)

    async def totals(self) -> Outcomes:
        """Over campaigns that were measured; customers count only where both groups have some."""
        compared = {"$and": [{"$gt": ["$treated", 0]}, {"$gt": ["$control", 0]}]}
        sums = {
            name: {"$sum": {"$cond": [compared, f"${name}", 0]}} for name in _SUMS if name != "cost"
        }
        waiting = {"$cond": ["$settled", None, "$at_ms"]}
        group = {"_id": "$currency", **sums, "cost": {"$sum": "$cost"}, "at": {"$min": waiting}}
        with outages():
            cursor = self._found.aggregate([{"$match": {"at_ms": {"$gt": 0}}}, {"$group": group}])
            found = await cursor.to_list(None)
        by_currency = {
            one["_id"]: CampaignOutcome(**{name: one[name] for name in _SUMS}) for one in found
        }
        oldest = [one["at"] for one in found if one["at"] is not None]
        return Outcomes(by_currency, min(oldest, default=None))
