"""Contacts of campaigns with customers: collection `contacts`, _id {t: tenant, c: customer}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import InsertOne, ReplaceOne, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from offers_service.contacts import ContactBook

NAME = "contacts"
_DUPLICATE_KEY = 11000


class ContactStore:
    """Books are read and written together; each is written under the version that was read."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._books = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def read(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, ContactBook]:
        """The customers' books; an empty one for those who have none."""
        books = {customer_id: ContactBook(customer_id) for customer_id in customer_ids}
        keys = [{"t": tenant_id, "c": customer_id} for customer_id in books]
        async for document in self._books.find({"_id": {"$in": keys}}):
            book = _to_book(document)
            books[book.customer_id] = book
        return books

    async def save(
        self, tenant_id: str, before: Mapping[str, ContactBook], changed: Sequence[ContactBook]
    ) -> set[str]:
        """Writes the changed books; answers the customers whose book another writer changed."""
        writes: list[InsertOne[Any] | ReplaceOne[Any]] = []
        for book in changed:
            document = _to_document(tenant_id, book)
            version = before[book.customer_id].version
            if version == 0:
                writes.append(InsertOne(document))
            else:
                # An upsert that finds no such version meets the newer one as a duplicate key.
                key = {"_id": document["_id"], "version": version}
                writes.append(ReplaceOne(key, document, upsert=True))
        if not writes:
            return set()
        try:
            await self._books.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            failed = (error.details or {}).get("writeErrors", ())
            if any(each["code"] != _DUPLICATE_KEY for each in failed):
                raise
            return {changed[each["index"]].customer_id for each in failed}
        return set()


def _to_document(tenant_id: str, book: ContactBook) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(book)
    key = {"t": tenant_id, "c": book.customer_id}
    return {"_id": key, **content, "version": book.version + 1}


def _to_book(document: Mapping[str, Any]) -> ContactBook:
    return msgspec.convert(dict(document), ContactBook)
