"""How far membership changes were consumed: collection `positions`, {_id: partition, sequence}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import UpdateOne, WriteConcern
from pymongo.read_concern import ReadConcern

NAME = "positions"


class PositionStore:
    """Positions only move forward, whichever replica writes them."""

    def __init__(self, database: Any) -> None:
        self._positions = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def read(self) -> dict[int, int]:
        """The last sequence consumed, by partition."""
        found = self._positions.find({})
        return {document["_id"]: document["sequence"] async for document in found}

    async def save(self, positions: Mapping[int, int]) -> None:
        """Moves the positions to at least these."""
        updates = [
            UpdateOne({"_id": partition}, {"$max": {"sequence": sequence}}, upsert=True)
            for partition, sequence in positions.items()
        ]
        if updates:
            await self._positions.bulk_write(updates, ordered=False)
