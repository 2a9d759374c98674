"""Collection `code_batches`: {_id: {t, b}, print, ..., made, exported}. The codes are accounts."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.store_errors import outages

NAME = "code_batches"


class Batch(msgspec.Struct, frozen=True):
    """What was asked for; made: so many codes, from the first on, are surely there; exported: the
    fingerprint of the request that was shown the codes, empty for none."""

    batch_id: str
    print: bytes
    request_id: str
    actor: str
    offer: str
    campaign: str
    count: int
    claim_until_ms: int
    created_ms: int
    made: int = 0
    exported: bytes = b""


class CodeBatchStore:
    """Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._batches = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def begin(self, tenant_id: str, batch: Batch) -> Batch:
        """Writes the batch down, once; answers the first one of its id."""
        document = msgspec.to_builtins(batch, builtin_types=(bytes,))
        with outages(), contextlib.suppress(DuplicateKeyError):
            await self._batches.insert_one({"_id": _key(tenant_id, batch.batch_id), **document})
            return batch
        return await self.get(tenant_id, batch.batch_id) or batch

    async def get(self, tenant_id: str, batch_id: str) -> Batch | None:
        """One batch."""
        with outages():
            found = await self._batches.find_one({"_id": _key(tenant_id, batch_id)})
        return _decode(found) if found else None

    async def made(self, tenant_id: str, batch_id: str, count: int) -> None:
        """Remembers that the first `count` codes are there."""
        with outages():
            change = {"$max": {"made": count}}
            await self._batches.update_one({"_id": _key(tenant_id, batch_id)}, change)

    async def exporting(self, tenant_id: str, batch_id: str, print_: bytes) -> Batch | None:
        """Gives the export to one request, the first; answers the batch as it is then."""
        query = {"_id": _key(tenant_id, batch_id), "exported": b""}
        with outages():
            found = await self._batches.find_one_and_update(
                query, {"$set": {"exported": print_}}, return_document=ReturnDocument.AFTER
            )
        return _decode(found) if found else await self.get(tenant_id, batch_id)


def _key(tenant_id: str, batch_id: str) -> dict[str, str]:
    return {"t": tenant_id, "b": batch_id}


def _decode(document: Mapping[str, Any]) -> Batch:
    return msgspec.convert(dict(document), Batch)
