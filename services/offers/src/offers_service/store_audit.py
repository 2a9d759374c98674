"""What auditors read from `accounts`: sums by book and by state, and everything, in raw batches."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo.read_concern import ReadConcern

from offers_service.ledger import CampaignFigures
from offers_service.store_accounts import NAME
from offers_service.store_errors import outages
from offers_service.store_pages import NAME as PAGES
from offers_service.store_pages import PageStore

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


class Fund(NamedTuple):
    """Sums of all budgets of one measure, in its units."""

    measure: str
    limit: int
    held: int
    spent: int
    lent: int


class Liability(NamedTuple):
    """Sums of all points accounts, in points."""

    available: int = 0
    held: int = 0
    escrow: int = 0
    owed: int = 0


class AuditedAccounts(NamedTuple):
    """All that accounts consist of: their documents, and the pages of those that grow."""

    audit: AuditStore
    pages: PageStore


def _of_tenant(tenant_id: str) -> dict[str, Any]:
    """A range over _id: a condition on _id.t alone would not use the index."""
    return {"_id": {"$gt": {"t": tenant_id, "a": MinKey()}, "$lt": {"t": tenant_id, "a": MaxKey()}}}


class AuditStore:
    """Reads only; sums of one balance are read from one snapshot."""

    def __init__(self, client: Any, database: Any) -> None:
        self._client = client
        self._accounts = database.get_collection(NAME)
        self._pages = database.get_collection(PAGES)
        self._majority = self._accounts.with_options(read_concern=ReadConcern("majority"))

    async def sums(
        self, tenant_id: str
    ) -> tuple[list[Movement], list[Standing], list[Fund], Liability]:
        """What entries moved and what states say, of the same instant."""
        moved: list[dict[str, Any]] = [
            {"$match": _of_tenant(tenant_id)},
            {"$unwind": "$entries"},
            _group(
                {"debit": "$entries.debit", "credit": "$entries.credit"},
                amount={"$sum": "$entries.amount"},
                count={"$sum": 1},
            ),
        ]
        stands = [
            {"$match": {**_of_tenant(tenant_id), "kind": {"$in": ["coupon", "gift"]}}},
            _group(
                {"kind": "$kind", "state": "$state", "campaign": "$campaign"},
                face={"$sum": "$face"},
                count={"$sum": 1},
            ),
        ]
        funded = [
            {"$match": {**_of_tenant(tenant_id), "kind": "budget"}},
            _group("$measure", **{field: {"$sum": f"${field}"} for field in Fund._fields[1:]}),
        ]
        owed = [
            {"$match": {**_of_tenant(tenant_id), "kind": "points"}},
            _group(None, **{field: {"$sum": f"${field}"} for field in Liability._fields}),
        ]
        with outages():
            async with await self._client.start_session(snapshot=True) as session:
                movements = await _grouped(self._accounts, moved, session)
                sealed = await _grouped(self._pages, _sealed(moved), session)
                standings = await _grouped(self._accounts, stands, session)
                funds = await _grouped(self._accounts, funded, session)
                points = await _grouped(self._accounts, owed, session)
        return (
            [_movement(one) for one in (*movements, *sealed)],
            [_standing(one) for one in standings],
            [Fund(one["_id"], *[int(one[field]) for field in Fund._fields[1:]]) for one in funds],
            Liability(*[int(points[0][field]) for field in Liability._fields])
            if points
            else Liability(),
        )

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

    async def raw_range(
        self, tenant_id: str, after: str | None, upto: str | None, fields: Sequence[str] = ()
    ) -> AsyncIterator[bytes]:
        """Accounts beyond the id `after` up to and with `upto` in order of id, as concatenated
        BSON documents; all of what is stored, or only `fields` beside the _id. None: no bound."""
        query = _of_tenant(tenant_id)
        if after is not None:
            query["_id"]["$gt"]["a"] = after
        if upto is not None:
            query["_id"] = {"$gt": query["_id"]["$gt"], "$lte": {"t": tenant_id, "a": upto}}
        with outages():
            cursor = self._majority.find_raw_batches(
                query, list(fields) or None, batch_size=_BATCH_SIZE, sort=[("_id", 1)]
            )
            async for batch in cursor:
                yield batch

    async def raw_accounts(self, tenant_id: str, account_ids: Sequence[str]) -> bytes:
        """The accounts of these ids in the same form; those that do not exist are left out."""
        keys = [{"t": tenant_id, "a": account_id} for account_id in account_ids]
        with outages():
            cursor = self._majority.find_raw_batches({"_id": {"$in": keys}})
            return b"".join([batch async for batch in cursor])


def _sealed(moved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same sums over pages: only over those that their account has dropped from its document,
    since one that a crash left behind holds what the document still has."""
    key = {"t": "$_id.t", "a": "$_id.a"}
    account = {"from": NAME, "localField": "account", "foreignField": "_id", "as": "accounts"}
    return [
        moved[0],
        {"$set": {"account": key}},
        {"$lookup": account},
        {"$match": {"$expr": {"$lte": ["$_id.p", {"$max": "$accounts.pages"}]}}},
        *moved[1:],
    ]


async def _grouped(collection: Any, pipeline: list[Any], session: Any) -> list[Mapping[str, Any]]:
    cursor = collection.aggregate(pipeline, session=session, maxTimeMS=_TIME_MAX_MS)
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
