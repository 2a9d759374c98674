"""Accounts that the relay could not pass on, and goes on without: collection `relay_parked`,
_id {t: tenant, l: lane, a: account}."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, UpdateOne, WriteConcern
from pymongo.read_concern import ReadConcern

NAME = "relay_parked"
# In one process' memory; beyond, an entry may overtake those before it that wait.
_KEYS_MAX = 100_000


class ParkedKey(NamedTuple):
    """One account, to one of those that follow the journal."""

    tenant_id: str
    lane: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Parked:
    """number: the first entry that was not passed on; those after it wait too. version grows with
    every entry that joins them."""

    key: ParkedKey
    number: int
    tries: int
    due_ms: int
    version: int


class ParkedStore:
    """Every write is of one document; harmless to repeat."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._parked = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its indexes; harmless to repeat."""
        await create_collections(self._database, [NAME])
        await self._parked.create_index([("_id.t", ASCENDING), ("due_ms", ASCENDING)])
        await self._parked.create_index([("due_ms", ASCENDING)])
        await self._parked.create_index([("since_ms", ASCENDING)])

    async def park(self, found: Iterable[tuple[ParkedKey, int]], now_ms: int, due_ms: int) -> None:
        """Keeps that nothing was passed on of these accounts from that entry on."""
        updates = [
            UpdateOne(
                {"_id": _id(key)},
                {
                    "$min": {"number": number},
                    "$inc": {"version": 1},
                    "$setOnInsert": {"since_ms": now_ms, "due_ms": due_ms, "tries": 0},
                },
                upsert=True,
            )
            for key, number in found
        ]
        if updates:
            await self._parked.bulk_write(updates, ordered=False)

    async def keys(self) -> set[ParkedKey]:
        """Of all that wait, at most 100,000."""
        found = self._parked.find({}, {"_id": 1}).limit(_KEYS_MAX)
        return {_key(document["_id"]) async for document in found}

    async def tenants_due(self, now_ms: int) -> list[str]:
        """Tenants of whom something is to be tried again."""
        due: list[str] = await self._parked.distinct("_id.t", {"due_ms": {"$lte": now_ms}})
        return due

    async def due(self, tenant_id: str, now_ms: int | None, limit: int) -> Sequence[Parked]:
        """What is to be tried again by now, what has waited longest first; None: all that waits."""
        query: dict[str, Any] = {"_id.t": tenant_id}
        if now_ms is not None:
            query["due_ms"] = {"$lte": now_ms}
        found = self._parked.find(query).sort("due_ms", ASCENDING).limit(limit)
        return [_decoded(document) async for document in found]

    async def claim(self, parked: Parked, until_ms: int) -> bool:
        """Leaves it to this process until then; false where another one was faster."""
        result = await self._parked.update_one(
            {"_id": _id(parked.key), "due_ms": parked.due_ms, "tries": parked.tries},
            {"$set": {"due_ms": until_ms}, "$inc": {"tries": 1}},
        )
        return bool(result.modified_count)

    async def postpone(self, key: ParkedKey, due_ms: int) -> None:
        """It failed again."""
        await self._parked.update_one({"_id": _id(key)}, {"$set": {"due_ms": due_ms}})

    async def done(self, parked: Parked) -> bool:
        """It was passed on; false where entries have joined since it was read."""
        query = {"_id": _id(parked.key), "version": parked.version}
        return bool((await self._parked.delete_one(query)).deleted_count)

    async def standing(self) -> tuple[int, int | None]:
        """How many wait, and since when the one that has waited longest does."""
        count = await self._parked.estimated_document_count()
        oldest = await self._parked.find_one({}, {"since_ms": 1}, sort=[("since_ms", ASCENDING)])
        return count, oldest["since_ms"] if oldest else None


def _id(key: ParkedKey) -> dict[str, str]:
    return {"t": key.tenant_id, "l": key.lane, "a": key.account_id}


def _key(document: Mapping[str, Any]) -> ParkedKey:
    return ParkedKey(document["t"], document["l"], document["a"])


def _decoded(document: Mapping[str, Any]) -> Parked:
    return Parked(
        key=_key(document["_id"]),
        number=document["number"],
        tries=document["tries"],
        due_ms=document["due_ms"],
        version=document["version"],
    )
