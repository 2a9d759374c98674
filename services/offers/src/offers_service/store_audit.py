"""What auditors read from `accounts`: sums by book and by state, and everything, in raw batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo.read_concern import ReadConcern

from offers_service.ledger import CampaignFigures
from offers_service.store_accounts import NAME, outages

_BATCH_SIZE = 2_000
_TIME_MAX_MS = 300_000


class Movement(NamedTuple):
    """Sums of all entries from one book to another."""

    debit: str
    credit: str
    amount_minor_units: int
    entries: int


class Standing(NamedTuple):
    """Sums of the faces of all accounts in one state."""

    kind: str
    state: str
    campaign: str
    face_minor_units: int
    accounts: int


def _of_tenant(tenant_id: str) -> dict[str, Any]:
    """A range over _id: a condition on _id.t alone would not use the index."""
    return {"_id": {"$gt": {"t": tenant_id, "a": MinKey()}, "$lt": {"t": tenant_id, "a": MaxKey()}}}


class AuditStore:
    """Reads only; sums of one balance are read from one snapshot."""

    def __init__(self, client: Any, database: Any) -> None:
        self._client = client
        self._accounts = database.get_collection(NAME)
        self._majority = self._accounts.with_options(read_concern=ReadConcern("majority"))

    async def sums(self, tenant_id: str) -> tuple[list[Movement], list[Standing]]:
        """What entries moved and what states say, of the same instant."""
        moved = [
            {"$match": _of_tenant(tenant_id)},
            {"$unwind": "$entries"},
            _group(
                {"debit": "$entries.debit", "credit": "$entries.credit"},
                amount={"$sum": "$entries.amount"},
                count={"$sum": 1},
            ),
        ]
        stands = [
            {"$match": _of_tenant(tenant_id)},
            _group(
                {"kind": "$kind", "state": "$state", "campaign": "$campaign"},
                face={"$sum": "$face"},
                count={"$sum": 1},
            ),
        ]
        with outages():
            async with await self._client.start_session(snapshot=True) as session:
                movements = await self._grouped(moved, session)
                standings = await self._grouped(stands, session)
        return [_movement(one) for one in movements], [_standing(one) for one in standings]

    async def of_campaign(self, tenant_id: str, campaign_id: str) -> list[CampaignFigures]:
        """By offer, in order of offer id."""
        # One that stays used though its order was reversed brought nothing.
        used = {"$eq": ["$state", "redeemed"]}
        redeemed = {"$and": [used, {"$ne": ["$reversed", True]}]}
        pipeline = [
            {"$match": {"_id.t": tenant_id, "campaign": campaign_id, "kind": "coupon"}},
            _group(
                "$offer",
                issued={"$sum": 1},
                redeemed={"$sum": {"$cond": [redeemed, 1, 0]}},
                gifted={"$sum": {"$cond": [{"$gt": ["$generation", 0]}, 1, 0]}},
                discount={"$sum": {"$cond": [redeemed, "$discount", 0]}},
            ),
            {"$sort": {"_id": 1}},
        ]
        with outages():
            found = await self._majority.aggregate(pipeline, maxTimeMS=_TIME_MAX_MS).to_list(None)
        return [
            CampaignFigures(
                one["_id"], one["issued"], one["redeemed"], one["gifted"], one["discount"]
            )
            for one in found
        ]

    async def raw_batches(self, tenant_id: str) -> AsyncIterator[bytes]:
        """Every account of the tenant in order of id, as concatenated BSON documents."""
        with outages():
            cursor = self._majority.find_raw_batches(
                _of_tenant(tenant_id), batch_size=_BATCH_SIZE, sort=[("_id", 1)]
            )
            async for batch in cursor:
                yield batch

    async def raw_account(self, tenant_id: str, account_id: str) -> AsyncIterator[bytes]:
        """One account in the same form; nothing when there is none."""
        with outages():
            cursor = self._majority.find_raw_batches({"_id": {"t": tenant_id, "a": account_id}})
            async for batch in cursor:
                yield batch

    async def _grouped(self, pipeline: list[Any], session: Any) -> list[Mapping[str, Any]]:
        cursor = self._accounts.aggregate(pipeline, session=session, maxTimeMS=_TIME_MAX_MS)
        found: list[Mapping[str, Any]] = await cursor.to_list(None)
        return found


def _group(key: Any, **sums: Any) -> dict[str, Any]:
    return {"$group": {"_id": key, **sums}}


def _movement(found: Mapping[str, Any]) -> Movement:
    key = found["_id"]
    return Movement(key["debit"], key["credit"], int(found["amount"]), int(found["count"]))


def _standing(found: Mapping[str, Any]) -> Standing:
    key = found["_id"]
    return Standing(
        key["kind"],
        key.get("state") or "",
        key.get("campaign") or "",
        int(found["face"]),
        int(found["count"]),
    )
