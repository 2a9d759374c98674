"""Collection `guesses`: {_id: {t, g}, n, r, until}, tries within the window that ends then.

n: those that were wrong, and those under way; r: those under way. Shared by all replicas. A count
may be lost in a failover; that gives a guesser some more tries.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dangol_service_kit.mongodb import create_collections
from pymongo import ReturnDocument, WriteConcern
from pymongo.errors import DuplicateKeyError

from offers_service.guessing import Counted
from offers_service.store_errors import outages

NAME = "guesses"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Two that begin a window at once: the second finds the first's.
_ATTEMPTS = 3
# A release that did not know what is under way has written none.
_UNDER_WAY = {"$ifNull": ["$r", 0]}


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
    ) -> Counted:
        """Counts some more tries that are under way now; answers how many there are with them."""
        now = _EPOCH + timedelta(milliseconds=now_ms)
        open_ = {"$gt": ["$until", now]}
        until = now + timedelta(milliseconds=window_ms)
        change = {
            "n": {"$cond": [open_, {"$add": ["$n", tries]}, tries]},
            "r": {"$cond": [open_, {"$add": [_UNDER_WAY, tries]}, tries]},
            "until": {"$cond": [open_, "$until", until]},
        }
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
                    return Counted(int(found["n"]), int(found["r"]))
        raise AssertionError("unreachable")

    async def settle(self, tenant_id: str, guesser: bytes, tries: int, right: int) -> None:
        """So many tries are no longer under way; `right` of them were no wrong ones."""
        change = {
            "n": {"$max": [0, {"$subtract": ["$n", right]}]},
            "r": {"$max": [0, {"$subtract": [_UNDER_WAY, tries]}]},
        }
        with outages():
            await self._guesses.update_one(
                {"_id": {"t": tenant_id, "g": guesser}}, [{"$set": change}]
            )
