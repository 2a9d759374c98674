"""Entries where they are stored: in accounts' documents and in sealed pages. Reads only.

Documents are read before pages: an entry that moves from one to the other meanwhile is in the page
before it leaves the document, so it is seen at least once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from bson.max_key import MaxKey
from bson.min_key import MinKey
from pymongo import ASCENDING, IndexModel
from pymongo.read_concern import ReadConcern

from offers_service.commit import DamagedError
from offers_service.entries import LAST_NUMBER, Filter, Line, Place, place_of
from offers_service.journal import NEVER_MS, Entry
from offers_service.store_errors import outages

ACCOUNTS = "accounts"
PAGES = "pages"
_TIME_MAX_MS = 60_000
_AT = "entries.at_ms"
Query = dict[str, Any]


def _index(field: str, *more: str, when: Mapping[str, Any] | None = None) -> IndexModel:
    options = {"partialFilterExpression": when} if when else {}
    return IndexModel([(one, ASCENDING) for one in ("_id.t", field, "_id.a", *more)], **options)


# A customer's entries are those of accounts that were ever the customer's. A coupon is of one
# campaign, which its document names; points accounts are of many.
ACCOUNT_INDEXES = [
    _index(_AT),
    _index("entries.owner", when={"entries.owner": {"$gt": ""}}),
    _index("entries.order", when={"entries.order": {"$exists": True}}),
    _index("campaign", when={"campaign": {"$exists": True}}),
    _index("entries.campaign", when={"kind": "points"}),
]
PAGE_INDEXES = [
    _index(_AT, "_id.p"),
    _index("entries.owner", "_id.p", when={"entries.owner": {"$gt": ""}}),
    _index("entries.order", "_id.p", when={"entries.order": {"$exists": True}}),
    _index("entries.campaign", "_id.p", when={"entries.campaign": {"$exists": True}}),
]


class Found(NamedTuple):
    """Lines that were asked for. reached: everything up to there was looked at; None: everything
    was."""

    lines: list[Line]
    reached: Place | None


class EntryStore:
    """Majority reads. `limit` bounds how many documents and how many pages one call fetches."""

    def __init__(self, database: Any) -> None:
        majority = ReadConcern("majority")
        self._accounts = database.get_collection(ACCOUNTS, read_concern=majority)
        self._pages = database.get_collection(PAGES, read_concern=majority)

    async def of_account(
        self, tenant_id: str, account_id: str, wanted: Filter, after: int, limit: int
    ) -> Found:
        """Entries of one account beyond the number `after`."""
        key = {"t": tenant_id, "a": account_id}
        with outages():
            document = await self._accounts.find_one({"_id": key}, {"entries": 1})
            pages = {"$gt": {**key, "p": MinKey()}, "$lt": {**key, "p": MaxKey()}}
            query = {"_id": pages, "last": {"$gt": after}}
            cursor = self._pages.find(query, {"entries": 1, "last": 1}).sort("_id", ASCENDING)
            sealed = await cursor.limit(limit).to_list(None)
        if len(sealed) == limit:
            lines = _lines(sealed, wanted)
            reached = Place(account_id, int(sealed[-1]["last"]))
        else:
            lines = _lines([*sealed, *([document] if document else [])], wanted)
            reached = Place(account_id, LAST_NUMBER)
        return Found([line for line in lines if line.entry.number > after], reached)

    async def has(self, tenant_id: str, account_id: str) -> bool:
        """Whether there is such an account."""
        key = {"t": tenant_id, "a": account_id}
        with outages():
            return await self._accounts.find_one({"_id": key}, {"_id": 1}) is not None

    async def beyond(self, tenant_id: str, after: str, wanted: Filter, limit: int) -> Found:
        """Entries of accounts beyond the id `after`, in order of account and number."""
        found: list[Line] = []
        ends: list[Place] = []
        order = [("_id.a", ASCENDING), ("_id.p", ASCENDING)]
        for collection, query in self._sources(tenant_id, wanted):
            query["_id.a"] = {"$gt": after}
            sealed = collection is self._pages
            with outages():
                cursor = collection.find(query, _fields(wanted)).max_time_ms(_TIME_MAX_MS)
                cursor = cursor.sort(order if sealed else order[:1]).limit(limit)
                documents = await cursor.to_list(None)
            found += _lines(documents, wanted)
            if len(documents) == limit:
                last = documents[-1]
                ends.append(Place(last["_id"]["a"], int(last.get("last", LAST_NUMBER))))
        reached = min(ends, default=None)
        return Found([one for one in found if reached is None or place_of(one) <= reached], reached)

    async def during(
        self, tenant_id: str, wanted: Filter, limit: int
    ) -> tuple[list[Line], list[int]]:
        """Entries of the filter's time, in no order; and, when these are not all, at what times
        the accounts that were found begin to have some."""
        found: list[Line] = []
        full = False
        for collection, query in self._sources(tenant_id, wanted):
            with outages():
                cursor = collection.find(query, _fields(wanted)).max_time_ms(_TIME_MAX_MS)
                documents = await cursor.limit(limit).to_list(None)
            found += _lines(documents, wanted)
            full = full or len(documents) == limit
        if not full:
            return found, []
        firsts: dict[str, int] = {}
        for line in found:
            at_ms = line.entry.at_ms
            firsts[line.account] = min(at_ms, firsts.get(line.account, at_ms))
        return found, list(firsts.values())

    def _sources(self, tenant_id: str, wanted: Filter) -> list[tuple[Any, Query]]:
        """Where such entries are, documents before pages. Whoever was merged is looked for by
        itself: in order of account, one query finds those of one customer only."""
        parts = [wanted]
        if wanted.customers and not wanted.order:
            parts = [replace(wanted, customers=(one,)) for one in wanted.customers]
        queries = [{"_id.t": tenant_id, **_condition(part)} for part in parts]
        sealed = [(self._pages, dict(query)) for query in queries]
        if not wanted.campaign or wanted.order or wanted.customers:
            return [*[(self._accounts, query) for query in queries], *sealed]
        of_one = {**queries[0], "campaign": wanted.campaign}
        of_many = {**queries[0], "kind": "points"}
        return [(self._accounts, of_one), (self._accounts, of_many), *sealed]


def _condition(wanted: Filter) -> Query:
    """What one entry has to be like. The first of these is said on its path, too: a partial index
    is not found through $elemMatch."""
    entry: Query = {}
    if wanted.order:
        entry["order"] = wanted.order
    if wanted.customers:
        only = len(wanted.customers) == 1
        entry["owner"] = wanted.customers[0] if only else {"$in": list(wanted.customers)}
    if wanted.campaign:
        entry["campaign"] = wanted.campaign
    if wanted.end_ms == wanted.start_ms + 1:
        entry["at_ms"] = wanted.start_ms
    elif wanted.by_time or wanted.start_ms or wanted.end_ms < NEVER_MS:
        entry["at_ms"] = {"$gte": wanted.start_ms, "$lt": wanted.end_ms}
    first = next(iter(entry))
    indexed = {} if first == "at_ms" else {f"entries.{first}": entry[first]}
    return {**indexed, "entries": {"$elemMatch": entry}}


def _fields(wanted: Filter) -> Query:
    """Only the entries asked for leave the database; what a filter cannot say is left out after."""
    tests: list[Any] = [
        {"$gte": ["$$e.at_ms", wanted.start_ms]},
        {"$lt": ["$$e.at_ms", wanted.end_ms]},
    ]
    if wanted.order:
        tests.append({"$eq": ["$$e.order", wanted.order]})
    if wanted.customers:
        tests.append({"$in": ["$$e.owner", list(wanted.customers)]})
    if wanted.campaign:
        tests.append({"$eq": ["$$e.campaign", wanted.campaign]})
    kept = {"$filter": {"input": "$entries", "as": "e", "cond": {"$and": tests}}}
    return {"entries": kept, "last": 1}


def _lines(documents: Sequence[Mapping[str, Any]], wanted: Filter) -> list[Line]:
    lines = []
    for document in documents:
        account = document["_id"]["a"]
        for stored in document["entries"]:
            line = Line(account, _entry(account, stored))
            if wanted.takes(line):
                lines.append(line)
    return lines


def _entry(account: str, stored: Mapping[str, Any]) -> Entry:
    try:
        return msgspec.convert(stored, Entry)
    except msgspec.ValidationError:
        raise DamagedError(account) from None
