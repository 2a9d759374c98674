"""Who was merged into whom: collection `merges`, {_id: {t: tenant, c: source}, into, merged_ms}.

A merge is written once and never changed, so it may be written again by whoever hears of it again.
Chains are followed when they are read: a target may be merged away in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, UpdateOne, WriteConcern
from pymongo.read_concern import ReadConcern

from offers_service.store_accounts import outages

NAME = "merges"
_POSITION = "merge_position"
_KEY = "profile"
# As in profile: a longer chain is a bug.
HOPS_MAX = 16


@dataclass(frozen=True, slots=True)
class Merge:
    """source became a tombstone that points to target; merged_ms is profile's wall time."""

    tenant_id: str
    source: str
    target: str
    merged_ms: int


class MergeStore:
    """Raises OutcomeUnknownError when the database does not answer."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {
            "write_concern": WriteConcern("majority", j=True),
            "read_concern": ReadConcern("majority"),
        }
        self._merges = database.get_collection(NAME, **options)
        self._position = database.get_collection(_POSITION, **options)

    async def prepare(self) -> None:
        """Makes the collections and the index; harmless to repeat."""
        await create_collections(self._database, [NAME, _POSITION])
        await self._merges.create_index([("_id.t", ASCENDING), ("into", ASCENDING)])

    async def add(self, merges: Sequence[Merge]) -> None:
        """Writes down those that are not there yet."""
        writes = [
            UpdateOne(
                {"_id": {"t": one.tenant_id, "c": one.source}},
                {"$setOnInsert": {"into": one.target, "merged_ms": one.merged_ms}},
                upsert=True,
            )
            for one in merges
        ]
        if writes:
            with outages():
                await self._merges.bulk_write(writes, ordered=False)

    async def any(self, tenant_id: str) -> bool:
        """Whether anybody of the tenant was ever merged: most questions end here."""
        with outages():
            found = await self._merges.find_one({"_id.t": tenant_id}, {"_id": 1})
        return found is not None

    async def targets(self, tenant_id: str, sources: Iterable[str]) -> dict[str, str]:
        """Whom those of the customers that were merged away were merged into, one hop on."""
        keys = [{"t": tenant_id, "c": source} for source in sources]
        with outages():
            found = await self._merges.find({"_id": {"$in": keys}}).to_list(None)
        return {one["_id"]["c"]: one["into"] for one in found}

    async def sources(self, tenant_id: str, targets: Collection[str]) -> dict[str, str]:
        """The customers who were merged into one of these, each with the one, one hop back."""
        query = {"_id.t": tenant_id, "into": {"$in": list(targets)}}
        with outages():
            found = await self._merges.find(query).to_list(None)
        return {one["_id"]["c"]: one["into"] for one in found}

    async def position_ms(self) -> int:
        """Up to when merges were heard of; 0 for none yet."""
        with outages():
            found = await self._position.find_one({"_id": _KEY})
        return int(found["merged_ms"]) if found else 0

    async def save_position(self, merged_ms: int) -> None:
        """Moves the position on to at least there."""
        with outages():
            await self._position.update_one(
                {"_id": _KEY}, {"$max": {"merged_ms": merged_ms}}, upsert=True
            )
