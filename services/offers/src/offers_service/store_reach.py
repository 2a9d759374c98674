"""How often customers were written to, in MongoDB: collection `message_reach`, _id {t: tenant,
c: customer}."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ReplaceOne, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from offers_service.reach import Reach, ReachKey
from offers_service.store_accounts import outages

_NAME = "message_reach"
_DUPLICATE_KEY = 11000


class ReachStore:
    """Each change replaces the version that was read. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._reach = database.get_collection(
            _NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [_NAME])

    async def read(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, Reach]:
        """By customer; who was never written to has an empty one."""
        wanted = {customer_id: ReachKey(tenant_id, customer_id) for customer_id in customer_ids}
        keys = [msgspec.to_builtins(key) for key in wanted.values()]
        with outages():
            documents = await self._reach.find({"_id": {"$in": keys}}).to_list(None)
        found = [msgspec.convert(document, Reach) for document in documents]
        return {name: Reach(key) for name, key in wanted.items()} | {
            one.key.c: one for one in found
        }

    async def save(self, changes: Sequence[tuple[Reach, Reach]]) -> set[str]:
        """Writes (before, after) pairs; answers the customers whose document had changed since.

        Where the version is another one, the upsert meets the document as a duplicate key.
        """
        if not changes:
            return set()
        replacements = [
            ReplaceOne(
                {"_id": msgspec.to_builtins(before.key), "v": before.v},
                msgspec.to_builtins(after),
                upsert=True,
            )
            for before, after in changes
        ]
        with outages():
            try:
                await self._reach.bulk_write(replacements, ordered=False)
            except BulkWriteError as error:
                details = error.details or {}
                failed = details.get("writeErrors", [])
                if details.get("writeConcernErrors") or any(
                    one["code"] != _DUPLICATE_KEY for one in failed
                ):
                    raise
                return {changes[int(one["index"])][0].key.c for one in failed}
        return set()
