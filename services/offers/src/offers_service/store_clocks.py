"""The virtual clocks of this service: collection `clocks`, {_id: tenant, now_ms, horizon_ms}."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument, WriteConcern
from pymongo.read_concern import ReadConcern

NAME = "clocks"


@dataclass(frozen=True, slots=True)
class StoredClock:
    """Unix milliseconds; 0, 0 before the first AdvanceClock."""

    now_ms: int
    horizon_ms: int


class ClockStore:
    """Clocks only move forward, whoever writes them and in whatever order."""

    def __init__(self, database: Any) -> None:
        self._clocks = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def read(self, tenant_id: str) -> StoredClock:
        """The tenant's clock as last advanced."""
        found = await self._clocks.find_one({"_id": tenant_id})
        return _to_clock(found) if found else StoredClock(0, 0)

    async def advance(self, tenant_id: str, now_ms: int, horizon_ms: int) -> StoredClock:
        """Moves the clock to at least (now_ms, horizon_ms); answers where it stands then."""
        stored = await self._clocks.find_one_and_update(
            {"_id": tenant_id},
            {"$max": {"now_ms": now_ms, "horizon_ms": horizon_ms}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _to_clock(stored)


def _to_clock(document: Any) -> StoredClock:
    # The driver answers 64-bit integers as a type of its own, which is not stored everywhere.
    return StoredClock(int(document["now_ms"]), int(document["horizon_ms"]))
