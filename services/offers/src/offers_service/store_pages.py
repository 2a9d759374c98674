"""Collection `pages`: sealed pages of journals, {_id: {t, a, p}, first, last, ..., entries}.

A page is inserted once and never changed. Reads are majority reads, writes majority and journaled.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
from bson.max_key import MaxKey
from bson.min_key import MinKey
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, DESCENDING, IndexModel, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from offers_service import pages
from offers_service.commit import DamagedError
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.pages import Looked, Page, PagedAccount
from offers_service.store_entries import PAGE_INDEXES
from offers_service.store_errors import outages, surviving

NAME = "pages"
_WRITE_TIMEOUT_MS = 15_000
INDEXES = [
    # Which page of an account answered a request.
    IndexModel([("_id.t", ASCENDING), ("_id.a", ASCENDING), ("requests", ASCENDING)]),
    *PAGE_INDEXES,
]


def decode(document: Mapping[str, Any]) -> Page:
    """A page as stored. Raises msgspec.ValidationError for what is none."""
    return msgspec.convert(document, Page)


def encode(page: Page) -> dict[str, Any]:
    """A page as it is stored."""
    document: dict[str, Any] = msgspec.to_builtins(page, builtin_types=(bytes,))
    return document


def _of(key: AccountKey) -> dict[str, Any]:
    """A range over _id, in the order of the pages."""
    first = {"t": key.t, "a": key.a, "p": MinKey()}
    return {"_id": {"$gt": first, "$lt": {"t": key.t, "a": key.a, "p": MaxKey()}}}


class PageStore:
    """Sealed pages, for the account store and for auditors."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._pages = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True, wtimeout=_WRITE_TIMEOUT_MS),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its index; harmless to repeat."""
        await create_collections(self._database, [NAME])
        await self._pages.create_indexes(INDEXES)

    async def seal(self, account: PagedAccount, cut: Sequence[Page]) -> Sequence[Page]:
        """Inserts pages; answers them as they are stored, also those that a crash left behind.

        Raises DamagedError when what is stored under their ids is not this account's, and
        OutcomeUnknownError.
        """
        with outages():
            try:
                await self._pages.insert_many([encode(page) for page in cut], ordered=False)
            except BulkWriteError as error:
                surviving(error)
            else:
                return cut
            found = await self._pages.find(
                {"_id": {"$in": [encode(page)["_id"] for page in cut]}}
            ).to_list(None)
        try:
            stored = sorted(map(decode, found), key=lambda page: page.key.p)
        except msgspec.ValidationError:
            raise DamagedError(account.key.a) from None
        if len(stored) != len(cut) or not pages.fits(account, stored):
            raise DamagedError(account.key.a)
        return stored

    async def of(self, key: AccountKey, after: int = 0) -> AsyncIterator[Page]:
        """The pages of an account that hold entries beyond number `after`, oldest first.

        Raises DamagedError for a document that is no page.
        """
        query = {**_of(key), **({"last": {"$gt": after}} if after else {})}
        with outages():
            async for document in self._pages.find(query).sort("_id", ASCENDING):
                try:
                    yield decode(document)
                except msgspec.ValidationError:
                    raise DamagedError(key.a) from None

    async def entry(self, key: AccountKey, number: int) -> Entry | None:
        """One sealed entry by its number."""
        query = {**_of(key), "first": {"$lte": number}, "last": {"$gte": number}}
        with outages():
            found = await self._pages.find(query).sort("_id", DESCENDING).limit(1).to_list(None)
        return decode(found[0]).entries[number - int(found[0]["first"])] if found else None

    async def about(self, account: PagedAccount, names: Sequence[str]) -> tuple[Entry, ...]:
        """Entries that `account`, as it was read, has sealed, of requests, orders, coupons or
        gifts of these names, oldest first. Reads within the pages of this one account."""
        key, wanted = account.key, {"$in": list(names)}
        fields = ("requests", "entries.order", "entries.coupon", "entries.gift")
        query = {"_id.t": key.t, "_id.a": key.a, "$or": [{field: wanted} for field in fields]}
        with outages():
            found = await self._pages.find(query).sort("_id", ASCENDING).to_list(None)
        entries = [entry for one in found for entry in decode(one).entries]
        return tuple(
            entry
            for entry in entries
            if entry.number <= account.sealed
            and not {entry.request, entry.order, entry.coupon, entry.gift}.isdisjoint(names)
        )

    async def look(self, account: PagedAccount, request: Request) -> Looked:
        """What the pages that `account`, as it was read, has sealed say of a request."""
        key = account.key
        query = {"_id.t": key.t, "_id.a": key.a, "requests": request.request_id}
        with outages():
            found = await self._pages.find(query).sort("_id", ASCENDING).to_list(None)
        entries = [pages.find(decode(one), request) for one in found]
        return Looked(account.sealed, next((one for one in entries if one is not None), None))
