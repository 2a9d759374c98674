"""Events by product: reads over the index `products` of the collection `events`, {t, p, k, h, at,
g}: tenant, product, type, identifier, evaluated time, stars.

Figures are added up when they are asked for, from the index alone: a retry, a crash or an erasure
can neither lose nor double any. An event has a key for each of its products.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from profile_service.domain import PURCHASE
from profile_service.product_figures import COUNTED, Row
from profile_service.product_news import VIEW, WANTING, WEIGHED, Touch
from profile_service.records import StoredEvent
from profile_service.store import EVENTS, IDENTIFIERS, long_read, whole_tenant_read
from profile_service.store_events import from_document

_INDEX = "products"
_READ_BATCH = 2_000


class Seen(NamedTuple):
    """One look at, or purchase of, products."""

    event_type: str
    at_ms: int
    product_ids: tuple[str, ...]


class ProductEventStore:
    """Reads only."""

    def __init__(self, database: Any) -> None:
        self._events = database[EVENTS]
        self._identifiers = database[IDENTIFIERS]

    async def counts(
        self, tenant_id: str, product_id: str, types: Sequence[str]
    ) -> list[tuple[str, int, int]]:
        """(type, stars, how many events) of one product."""
        pipeline = [
            {"$match": {"t": tenant_id, "p": product_id, "k": {"$in": list(types)}}},
            {"$group": {"_id": {"k": "$k", "g": "$g"}, "n": {"$sum": 1}}},
        ]
        with long_read():
            found = await self._events.aggregate(pipeline, hint=_INDEX).to_list(None)
        return [(one["_id"]["k"], one["_id"].get("g") or 0, one["n"]) for one in found]

    async def told_count(self, tenant_id: str, product_id: str, kind: str, at_ms: int) -> int:
        """How many identifiers were told news of an instant."""
        condition = {"t": tenant_id, "p": product_id, "k": kind, "at": at_ms}
        with long_read():
            return int(await self._events.count_documents(condition, hint=_INDEX))

    async def newest(
        self,
        tenant_id: str,
        product_id: str,
        types: Sequence[str],
        *,
        before: tuple[int, bytes] | None = None,
        rating_max: int = 0,
        limit: int,
    ) -> list[StoredEvent]:
        """Events of a product beyond a position (evaluated time, key), newest first."""
        condition: dict[str, Any] = {"t": tenant_id, "p": product_id, "k": {"$in": list(types)}}
        if rating_max:
            condition["g"] = {"$gte": 1, "$lte": rating_max}
        if before is not None:
            at_ms, key = before
            condition["at"] = {"$lte": at_ms}
            condition["$or"] = [{"at": {"$lt": at_ms}}, {"at": at_ms, "_id": {"$lt": key}}]
        with long_read():
            cursor = self._events.find(condition).hint(_INDEX)
            found = await cursor.sort([("at", -1), ("_id", -1)]).limit(limit).to_list(None)
        return [from_document(one) for one in found]

    async def wanting(
        self, tenant_id: str, product_id: str, since_ms: int, after: bytes, limit: int
    ) -> AsyncIterator[bytes]:
        """Identifiers beyond `after`, in order, under which somebody touched a product since then;
        of more than limit those who did so last."""
        match = {
            "t": tenant_id,
            "p": product_id,
            "k": {"$in": list(WANTING)},
            "at": {"$gte": since_ms},
        }
        async for one in self._identifiers_of(match, after, limit):
            yield one

    async def buyers(
        self, tenant_id: str, product_ids: Sequence[str], since_ms: int, after: bytes, limit: int
    ) -> AsyncIterator[bytes]:
        """The same for purchases of any of several products."""
        match = {
            "t": tenant_id,
            "p": {"$in": list(product_ids)},
            "k": PURCHASE,
            "at": {"$gte": since_ms},
        }
        async for one in self._identifiers_of(match, after, limit):
            yield one

    async def _identifiers_of(
        self, match: dict[str, Any], after: bytes, limit: int
    ) -> AsyncIterator[bytes]:
        pipeline = [
            {"$match": match},
            {"$group": {"_id": "$h", "at": {"$max": "$at"}}},
            # Who is among the newest must not depend on how far the telling is.
            {"$sort": {"at": -1, "_id": 1}},
            {"$limit": limit},
            {"$match": {"_id": {"$gt": after}}},
            {"$sort": {"_id": 1}},
        ]
        with whole_tenant_read():
            cursor = self._events.aggregate(pipeline, hint=_INDEX, allowDiskUse=True)
            async for one in cursor:
                yield one["_id"]

    async def touches(
        self, tenant_id: str, product_id: str, hashes: Sequence[bytes]
    ) -> list[Touch]:
        """What these identifiers did with a product, ever."""
        match = {
            "t": tenant_id,
            "p": product_id,
            "k": {"$in": list(WEIGHED)},
            "h": {"$in": list(hashes)},
        }
        group = {"_id": {"h": "$h", "k": "$k"}, "n": {"$sum": 1}, "at": {"$max": "$at"}}
        with long_read():
            cursor = self._events.aggregate([{"$match": match}, {"$group": group}], hint=_INDEX)
            found = await cursor.to_list(None)
        return [Touch(one["_id"]["h"], one["_id"]["k"], one["n"], one["at"]) for one in found]

    async def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those of these keys under which an event is stored."""
        with long_read():
            found = await self._events.find({"_id": {"$in": list(keys)}}, {"_id": 1}).to_list(None)
        return {one["_id"] for one in found}

    async def viewed(self, hashes: Sequence[bytes], limit: int) -> list[Seen]:
        """The newest views under these identifiers, newest first."""
        condition = {"h": {"$in": list(hashes)}, "k": VIEW, "p": {"$exists": True}}
        return await self._seen(condition, limit)

    async def bought(self, hashes: Sequence[bytes], since_ms: int, limit: int) -> list[Seen]:
        """The newest purchases under these identifiers from an instant on."""
        condition = {"h": {"$in": list(hashes)}, "k": PURCHASE, "at": {"$gte": since_ms}}
        return await self._seen(condition, limit)

    async def _seen(self, condition: dict[str, Any], limit: int) -> list[Seen]:
        fields = {"_id": 0, "k": 1, "at": 1, "p": 1}
        with long_read():
            cursor = self._events.find(condition, fields).hint("history")
            found = await cursor.sort([("at", -1), ("_id", -1)]).limit(limit).to_list(None)
        return [Seen(one["k"], one["at"], tuple(one.get("p", ()))) for one in found]

    async def rows(self, tenant_id: str) -> AsyncIterator[Row]:
        """Every purchase, return, review and ticket of a tenant that names products.

        The shards look their own events up, identifier by identifier.
        """
        of_identifier = {
            "$expr": {"$eq": ["$h", "$$h"]},
            "k": {"$in": list(COUNTED)},
            "p": {"$exists": True},
        }
        pipeline: list[dict[str, Any]] = [
            {"$match": {"t": tenant_id}},
            {
                "$lookup": {
                    "from": EVENTS,
                    "let": {"h": "$_id"},
                    "pipeline": [
                        {"$match": of_identifier},
                        {"$project": {"_id": 0, "k": 1, "p": 1, "g": 1}},
                    ],
                    "as": "e",
                }
            },
            {"$unwind": "$e"},
            {"$replaceRoot": {"newRoot": "$e"}},
        ]
        with whole_tenant_read():
            cursor = self._identifiers.aggregate(pipeline, allowDiskUse=True, batchSize=_READ_BATCH)
            async for one in cursor:
                yield Row(one["k"], one["p"], one.get("g", 0))
