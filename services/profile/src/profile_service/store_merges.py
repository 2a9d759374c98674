"""Who was merged into whom and what survived: collection `merges`, {_id: {t, s: source}, into,
at_ms, taken, kept, combined, v}.

The lists name attributes and hold no values. An entry is written before the step that it tells of,
and written again when that step is decided anew, over a later version v of who takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pymongo.errors import DuplicateKeyError

from profile_service.store import MERGES, database_errors
from profile_service.store_fields import FieldStore
from profile_service.survivorship import MergeEntry, Survivor


class MergeStore:
    """The log of merges, and the tenant's rules for them."""

    def __init__(self, database: Any) -> None:
        self._merges = database[MERGES]
        self._fields = FieldStore(database)

    async def survivors(self, tenant_id: str) -> dict[str, Survivor]:
        """What survives of each attribute, by path."""
        return (await self._fields.get(tenant_id)).merge_rules()

    async def write(self, entry: MergeEntry, version: int) -> None:
        """Keeps an entry, one a customer taken over, unless a later version's is there."""
        key = {"t": entry.tenant_id, "s": entry.customer_id}
        document = {
            "v": version,
            "into": entry.merged_into,
            "at_ms": entry.merged_ms,
            "taken": list(entry.taken),
            "kept": list(entry.kept),
            "combined": list(entry.combined),
        }
        with database_errors(), suppress(DuplicateKeyError):
            await self._merges.update_one(
                {"_id": key, "v": {"$lt": version}}, {"$set": document}, upsert=True
            )

    async def page(
        self,
        tenant_id: str,
        into: Sequence[str],
        before: tuple[int, str] | None,
        limit: int,
    ) -> list[MergeEntry]:
        """Who was merged into any of these customers, newest first, beyond a position."""
        condition: dict[str, Any] = {"_id.t": tenant_id, "into": {"$in": list(into)}}
        if before is not None:
            at_ms, customer_id = before
            condition["$or"] = [
                {"at_ms": {"$lt": at_ms}},
                {"at_ms": at_ms, "_id.s": {"$gt": customer_id}},
            ]
        with database_errors():
            cursor = self._merges.find(condition).sort([("at_ms", -1), ("_id.s", 1)]).limit(limit)
            return [_from_document(found) async for found in cursor]


def _from_document(found: dict[str, Any]) -> MergeEntry:
    return MergeEntry(
        found["_id"]["t"],
        found["_id"]["s"],
        found["into"],
        found["at_ms"],
        tuple(found["taken"]),
        tuple(found["kept"]),
        tuple(found["combined"]),
    )
