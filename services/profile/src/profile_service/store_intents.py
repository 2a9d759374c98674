"""Intents: which customers a write touches, written before it: collection `intents`.

{_id, t, at_ms, c: [customer ids], open_ms, merge, left, imp, done_at}. An open intent has open_ms,
the wall time since which it waits for the relay. One that is done stays an hour (done_at, TTL) for
the check after Redis lost its last second. That of an import (imp, its id) waits for the import's
end: its open_ms lies ahead.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dangol_service_kit.clock import wall_ms
from pymongo import ReturnDocument
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from profile_service.records import Intent
from profile_service.store import INTENTS, database_errors

_BACKLOG_MAX = 10_000
# Replaying more at once would outlast the time for which a relay has them.
_LEASED_CUSTOMERS_MAX = 5_000
# Longer than an import pauses between two batches for one customer.
IMPORT_WAITS_MS = 600_000


class IntentStore:
    """Written before what it names, completed after it."""

    def __init__(self, database: Any) -> None:
        self._intents = database[INTENTS]
        # Losing a completion only repeats a replay, so it need not wait for the majority; and what
        # is open is read where completions are seen at once.
        self._unhurried = self._intents.with_options(
            write_concern=WriteConcern(1), read_concern=ReadConcern("local")
        )

    async def open(
        self,
        tenant_id: str,
        customer_ids: Sequence[str],
        now_ms: int,
        merge_source: str = "",
        import_id: str = "",
    ) -> Intent:
        """Writes an intent. now_ms is wall time."""
        intent = Intent(
            uuid.uuid4().bytes,
            tenant_id,
            now_ms,
            tuple(customer_ids),
            merge_source,
            import_id=import_id,
        )
        document = {
            "_id": intent.intent_id,
            "t": tenant_id,
            "at_ms": now_ms,
            "c": list(customer_ids),
            "open_ms": now_ms + IMPORT_WAITS_MS if import_id else now_ms,
            "merge": merge_source,
            "left": False,
            **({"imp": import_id} if import_id else {}),
        }
        with database_errors():
            await self._intents.insert_one(document)
        return intent

    async def add(self, intent: Intent, customer_ids: Sequence[str]) -> None:
        """Names further customers."""
        with database_errors():
            await self._intents.update_one(
                {"_id": intent.intent_id}, {"$addToSet": {"c": {"$each": [*customer_ids]}}}
            )

    async def complete(self, intents: Sequence[Intent]) -> None:
        """Nothing is left to do for these."""
        keys = [intent.intent_id for intent in intents]
        change = {"$set": {"done_at": datetime.now(UTC)}, "$unset": {"open_ms": ""}}
        with database_errors():
            if len(keys) == 1:
                await self._unhurried.update_one({"_id": keys[0]}, change)
            else:
                await self._unhurried.update_many({"_id": {"$in": keys}}, change)

    async def leave(self, intents: Sequence[Intent]) -> None:
        """The writer is through but segmentation is not: the relay's next sweep takes them.

        Those of an import wait for its end.
        """
        keys = [intent.intent_id for intent in intents if not intent.import_id]
        if len(keys) < len(intents):
            await self._leave_imported([one.intent_id for one in intents if one.import_id])
        if not keys:
            return
        with database_errors():
            await self._unhurried.update_many(
                {"_id": {"$in": keys}, "open_ms": {"$gt": 0}},
                {"$set": {"left": True, "open_ms": 1}},
            )

    async def _leave_imported(self, keys: Sequence[bytes]) -> None:
        with database_errors():
            await self._unhurried.update_many({"_id": {"$in": keys}}, {"$set": {"left": True}})

    async def release(self, tenant_id: str, import_id: str, now_ms: int) -> int:
        """The import is over: the relay's next sweeps take its intents. Answers how many.

        Their time becomes that of the end, from which on their customers count as touched.
        """
        condition = {"open_ms": {"$gt": now_ms}, "t": tenant_id, "imp": import_id}
        change = {"$set": {"open_ms": 1, "at_ms": now_ms, "left": True}}
        with database_errors():
            result = await self._intents.update_many(condition, change)
        return int(result.modified_count)

    async def lease(self, before_ms: int, now_ms: int, limit: int) -> list[Intent]:
        """Takes intents open since `before_ms` or earlier, oldest first.

        They are marked as open since now, so that other relays, and this one if it fails, find
        them again only after a while.
        """
        taken: list[Intent] = []
        named = 0
        with database_errors():
            while len(taken) < limit and named < _LEASED_CUSTOMERS_MAX:
                found = await self._intents.find_one_and_update(
                    {"open_ms": {"$lte": before_ms}},
                    {"$set": {"open_ms": now_ms}},
                    sort=[("open_ms", 1)],
                    return_document=ReturnDocument.AFTER,
                )
                if found is None:
                    break
                taken.append(_from_document(found))
                named += len(taken[-1].customer_ids)
        return taken

    async def open_of_tenant(self, tenant_id: str, limit: int) -> list[Intent]:
        """Every open intent of a tenant, whoever may be at work on it."""
        condition = {"open_ms": {"$gt": 0}, "t": tenant_id}
        with database_errors():
            cursor = self._unhurried.find(condition).sort("open_ms", 1).limit(limit)
            return [_from_document(found) async for found in cursor]

    async def backlog(self) -> tuple[int, int]:
        """(open intents of all tenants, when the oldest was opened); of 10,000 at most.

        What waits for an import's end is none of them.
        """
        now_ms = wall_ms()
        pipeline: list[dict[str, Any]] = [
            {"$match": {"open_ms": {"$gt": 0, "$lte": now_ms}}},
            {"$sort": {"open_ms": 1}},
            {"$limit": _BACKLOG_MAX},
            {"$group": {"_id": None, "count": {"$sum": 1}, "oldest_ms": {"$min": "$at_ms"}}},
        ]
        with database_errors():
            found = await self._unhurried.aggregate(pipeline).to_list(1)
        return (int(found[0]["count"]), int(found[0]["oldest_ms"])) if found else (0, 0)

    async def touched_since(
        self, tenant_id: str, since_ms: int, after: tuple[int, bytes] | None, limit: int
    ) -> list[Intent]:
        """Intents from since_ms on, open or done, in order of (time, id) after a position."""
        condition: dict[str, Any] = {"t": tenant_id, "at_ms": {"$gte": since_ms}}
        if after is not None:
            at_ms, intent_id = after
            condition["at_ms"] = {"$gte": max(since_ms, at_ms)}
            condition["$or"] = [
                {"at_ms": {"$gt": at_ms}},
                {"at_ms": at_ms, "_id": {"$gt": intent_id}},
            ]
        order = [("at_ms", 1), ("_id", 1)]
        with database_errors():
            cursor = self._intents.find(condition).sort(order).limit(limit)
            return [_from_document(found) async for found in cursor]


def _from_document(found: dict[str, Any]) -> Intent:
    return Intent(
        found["_id"],
        found["t"],
        found["at_ms"],
        tuple(found["c"]),
        found["merge"],
        found["left"],
        found.get("imp", ""),
    )
