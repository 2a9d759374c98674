"""Collection `guesses`: {_id: {t, g}, n, until}, wrong tries within the window that ends then.

Shared by all replicas. A count may be lost in a failover; that gives a guesser some more tries.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dangol_service_kit.mongodb import create_collections
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from offers_service.store_errors import outages

NAME = "guesses"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Two that begin a window at once: the second finds the first's.
_ATTEMPTS = 3


class GuessStore:
    """Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._guesses = database.get_collection(NAME, write_concern=WriteConcern(1))

    async def prepare(self) -> None:
        """Makes the collection; what is over goes by itself. Harmless to repeat."""
        await create_collections(self._database, [NAME])
        await self._guesses.create_index("until", expireAfterSeconds=0)

    async def take(
        self, tenant_id: str, guesser: bytes, tries: int, now_ms: int, window_ms: int
    ) -> int:
        """Counts some more tries; answers how many there are with them."""
        now = _EPOCH + timedelta(milliseconds=now_ms)
        open_ = {"$gt": ["$until", now]}
        until = now + timedelta(milliseconds=window_ms)
        counted = {"$cond": [open_, {"$add": ["$n", tries]}, tries]}
        change = {"n": counted, "until": {"$cond": [open_, "$until", until]}}
        for attempt in range(1, _ATTEMPTS + 1):
            with outages():
                try:
                    found = await self._guesses.find_one_and_update(
                        {"_id": {"t": tenant_id, "g": guesser}},
                        [{"$set": change}],
                        upsert=True,
                        return_document=ReturnDocument.AFTER,
                    )
                except DuplicateKeyError:
                    if attempt == _ATTEMPTS:
                        raise
                else:
                    return int(found["n"])
        raise AssertionError("unreachable")

    async def give_back(self, tenant_id: str, guesser: bytes, tries: int) -> None:
        """Takes tries back that were right."""
        query = {"_id": {"t": tenant_id, "g": guesser}, "n": {"$gte": tries}}
        with outages():
            await self._guesses.update_one(query, {"$inc": {"n": -tries}})
