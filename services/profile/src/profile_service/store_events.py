"""Events: collection `events`, {_id: identifier hash + event id, h, at, rx, k, m, st, t, b, s,
p, g}.

An event is never re-keyed: a customer is a set of identifiers. What the database selects by
stands in fields (identifier hash, evaluated and received time, type, amount, store, tenant). b is
the event in protobuf without customer and properties, s its properties, sealed under the
identifier's key. p names the products of its items, with g, its stars, for the index over products
(store_product_events.py). Figures are computed from covered indexes when they are asked for, so a
retry or a crash can neither lose nor double any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from profile_service.domain import PURCHASE, Facts
from profile_service.records import HASH_BYTES, Purchase, StoredEvent, event_order
from profile_service.store import EVENTS, database_errors, insert_new, long_read
from profile_service.timelines import Position, TimelineQuery, position_of

_FIND_BATCH = 2000
# How many events one page may look at, in steps of how many.
_PICKY_CHUNK = 500
_PICKY_MAX = 5_000
_PLAIN_MAX = 5_000


class EventStore:
    """Inserts and reads events by the hashes of the identifiers that they were sent under."""

    def __init__(self, database: Any) -> None:
        self._events = database[EVENTS]

    async def insert(self, tenant_id: str, events: Sequence[StoredEvent]) -> set[int]:
        """Inserts events; answers the positions of those whose key was already there."""
        return await insert_new(self._events, [_to_document(tenant_id, one) for one in events])

    async def find(self, event_keys: Sequence[bytes]) -> dict[bytes, StoredEvent]:
        """The stored ones among these keys."""
        condition = {"_id": {"$in": list(event_keys)}}
        with database_errors():
            found = await self._events.find(condition).to_list(None)
        return {one["_id"]: from_document(one) for one in found}

    async def erase(self, hashes: Sequence[bytes], until_ms: int) -> int:
        """Deletes what happened under these identifiers until then; how many events that were."""
        condition = {"h": {"$in": list(hashes)}, "at": {"$lte": until_ms}}
        with long_read():
            result = await self._events.delete_many(condition)
        return int(result.deleted_count)

    async def history(self, hashes: Sequence[bytes], types: Sequence[str]) -> list[StoredEvent]:
        """All events of these identifiers, in order of (evaluated time, event id)."""
        condition = _of_identifiers(hashes, types)
        with long_read():
            cursor = self._events.find(condition, batch_size=_FIND_BATCH)
            events = [from_document(one) for one in await cursor.to_list(None)]
        return sorted(events, key=event_order)

    async def page(
        self, hashes: Sequence[bytes], query: TimelineQuery, limit: int
    ) -> tuple[list[StoredEvent], Position | None]:
        """At most so many events, and where to go on while more may follow.

        The index alone tells how far a page reaches; only its events are then fetched. What no
        index tells (channel, store) is looked for in a bounded number of events, so that a page
        may be short, or empty, and yet not the last.
        """
        found: list[StoredEvent] = []
        chunk, left = (_PICKY_CHUNK, _PICKY_MAX) if query.picky else (limit + 1, _PLAIN_MAX)
        while left > 0:
            edge_ms = await self._edge(hashes, query, chunk)
            condition = _of_identifiers(hashes, query.types)
            if span := query.span(edge_ms):
                condition["at"] = span
            if query.store_ids:
                condition["st"] = {"$in": list(query.store_ids)}
            with database_errors():
                documents = await self._events.find(condition).to_list(None)
            found += query.select([from_document(one) for one in documents])
            if len(found) > limit:
                return found[:limit], position_of(found[limit - 1])
            if edge_ms is None:
                return found, None
            query, left = query.behind(edge_ms), left - chunk
        return found, query.after

    async def _edge(self, hashes: Sequence[bytes], query: TimelineQuery, count: int) -> int | None:
        """The time of the count-th event on the way; None when there are fewer."""
        condition = _of_identifiers(hashes, query.types)
        if span := query.span():
            condition["at"] = span
        cursor = self._events.find(condition, {"_id": 0, "at": 1}).hint("history")
        direction = 1 if query.oldest_first else -1
        with database_errors():
            times = await cursor.sort("at", direction).limit(count).to_list(None)
        return None if len(times) < count else int(times[-1]["at"])

    async def facts(self, hashes: Sequence[bytes]) -> dict[bytes, Facts]:
        """What the events of each identifier come to; combine_facts adds several up."""
        first = await self._edge_of({"h": {"$in": list(hashes)}}, 1)
        if not first:
            return {}
        # Most identifiers never sent an event: what they did is not asked for.
        condition = {"h": {"$in": list(first)}}
        last, purchases = await asyncio.gather(
            self._edge_of(condition, -1), self._purchase_sums(condition)
        )
        none = Facts()
        return {
            one: Facts(
                first[one],
                # An event that came between the two reads is an identifier's first and its last.
                last.get(one, first[one]),
                purchases.get(one, none).last_purchase_ms,
                purchases.get(one, none).order_count,
                purchases.get(one, none).revenue_minor_units,
            )
            for one in first
        }

    async def purchases(
        self, hashes: Sequence[bytes], start_ms: int, end_ms: int
    ) -> list[Purchase]:
        """Purchases of these identifiers from start (inclusive) to end (exclusive)."""
        condition = {
            "h": {"$in": list(hashes)},
            "k": PURCHASE,
            "at": {"$gte": start_ms, "$lt": end_ms},
        }
        fields = {"_id": 0, "h": 1, "at": 1, "m": 1}
        with long_read():
            cursor = self._events.find(condition, fields, batch_size=_FIND_BATCH)
            found = await cursor.hint("purchases").to_list(None)
        return [Purchase(one["h"], one["at"], one["m"]) for one in found]

    async def _edge_of(self, condition: dict[str, Any], direction: int) -> dict[bytes, int]:
        """The time of each identifier's first (1) or last (-1) event, one index key for each."""
        pipeline = [
            {"$match": condition},
            {"$sort": {"h": direction, "at": direction, "k": direction}},
            {"$group": {"_id": "$h", "at": {"$first": "$at"}}},
        ]
        with database_errors():
            found = await self._events.aggregate(pipeline, hint="history").to_list(None)
        return {one["_id"]: one["at"] for one in found}

    async def _purchase_sums(self, condition: dict[str, Any]) -> dict[bytes, Facts]:
        group = {
            "_id": "$h",
            "last": {"$max": "$at"},
            "count": {"$sum": 1},
            "revenue": {"$sum": "$m"},
        }
        pipeline = [{"$match": {**condition, "k": PURCHASE}}, {"$group": group}]
        with long_read():
            found = await self._events.aggregate(pipeline, hint="purchases").to_list(None)
        return {
            one["_id"]: Facts(
                last_purchase_ms=one["last"],
                order_count=one["count"],
                revenue_minor_units=int(one["revenue"]),
            )
            for one in found
        }


def _of_identifiers(hashes: Sequence[bytes], types: Sequence[str]) -> dict[str, Any]:
    condition: dict[str, Any] = {"h": {"$in": list(hashes)}}
    if types:
        condition["k"] = {"$in": list(types)}
    return condition


def _to_document(tenant_id: str, event: StoredEvent) -> dict[str, Any]:
    document = {
        "_id": event.event_key,
        "t": tenant_id,
        "h": event.event_key[:HASH_BYTES],
        "at": event.at_ms,
        "rx": event.received_ms,
        "k": event.event_type,
        "m": event.amount_minor_units,
        "b": event.body,
    }
    if event.store_id:
        document["st"] = event.store_id
    if event.properties:
        document["s"] = event.properties
    if event.product_ids:
        document["p"] = list(event.product_ids)
        if event.rating:
            document["g"] = event.rating
    return document


def from_document(found: dict[str, Any]) -> StoredEvent:
    """An event as it was read."""
    return StoredEvent(
        found["_id"],
        found["at"],
        found["rx"],
        found["k"],
        found["m"],
        found.get("st", ""),
        found["b"],
        found.get("s", b""),
    )
