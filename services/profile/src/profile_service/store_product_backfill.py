"""Events that an older release kept without the products of their items, p, and their stars, g.

`reindexed`, {_id: "event_products", after, at}: how far the first pass has come, and when it ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dangol.events.v1.event_pb2 import Event
from pymongo import UpdateOne

from profile_service.encoding import product_ids
from profile_service.store import EVENTS, REINDEXED, database_errors, long_read

_MARK = {"_id": "event_products"}


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the first pass: the last key that it is through with, and when it ended, in wall time."""

    after: bytes = b""
    done_ms: int | None = None


@dataclass(frozen=True, slots=True)
class BackfilledPage:
    """The last key of a page, None at the end, and how many of its events were given products."""

    last: bytes | None
    count: int = 0


class ProductBackfillStore:
    """Goes over events in order of their keys. Whatever is done twice does no harm."""

    def __init__(self, database: Any) -> None:
        self._events = database[EVENTS]
        self._marks = database[REINDEXED]

    async def progress(self) -> Progress:
        """Where the first pass goes on."""
        with database_errors():
            found = await self._marks.find_one(_MARK)
        if found is None:
            return Progress()
        at = found.get("at")
        done_ms = None if at is None else round(at.replace(tzinfo=UTC).timestamp() * 1000)
        return Progress(found.get("after", b""), done_ms)

    async def save(self, after: bytes) -> None:
        """Everything up to a key is done; another replica may be further."""
        with database_errors():
            await self._marks.update_one(_MARK, {"$max": {"after": after}}, upsert=True)

    async def mark_done(self, now_ms: int) -> None:
        """Keeps the end of the first pass."""
        at = datetime.fromtimestamp(now_ms / 1000, UTC)
        with database_errors():
            await self._marks.update_one(_MARK, {"$min": {"at": at}}, upsert=True)

    async def fill(self, after: bytes, limit: int) -> BackfilledPage:
        """Gives products to a page of events that have none, beyond a key."""
        condition = {"_id": {"$gt": after}, "p": {"$exists": False}}
        with long_read():
            cursor = self._events.find(condition, {"b": 1}).sort("_id", 1).limit(limit)
            found = await cursor.to_list(None)
        changes = [change for one in found if (change := _change(one)) is not None]
        if changes:
            with long_read():
                await self._events.bulk_write(changes, ordered=False)
        return BackfilledPage(found[-1]["_id"] if found else None, len(changes))


def _change(found: dict[str, Any]) -> UpdateOne | None:
    """What an event lacks; None for one about no product. One erased meanwhile stays away."""
    event = Event.FromString(found["b"])
    products = product_ids(event)
    if not products:
        return None
    values: dict[str, Any] = {"p": list(products)}
    if event.rating:
        values["g"] = event.rating
    return UpdateOne({"_id": found["_id"], "p": {"$exists": False}}, {"$set": values})
