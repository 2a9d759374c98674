"""Greetings in MongoDB: collection `greetings`, _id tenant. They hold nothing of customers."""

from __future__ import annotations

from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.greetings import Greetings
from offers_service.store_accounts import outages

_GREETINGS = "greetings"


class GreetingStore:
    """Written under the version that was read. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._greetings = database.get_collection(
            _GREETINGS,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [_GREETINGS])

    async def read(self, tenant_id: str) -> Greetings:
        """The tenant's; none until some were written."""
        with outages():
            found = await self._greetings.find_one({"_id": tenant_id})
        return Greetings() if found is None else msgspec.convert(dict(found), Greetings)

    async def save(self, tenant_id: str, before: Greetings, after: Greetings) -> bool:
        """Writes what followed from `before`; False when that has changed since."""
        document = {"_id": tenant_id, **msgspec.to_builtins(after)}
        with outages():
            if before.version:
                key = {"_id": tenant_id, "version": before.version}
                return bool((await self._greetings.replace_one(key, document)).matched_count)
            try:
                await self._greetings.insert_one(document)
            except DuplicateKeyError:
                return False
        return True
