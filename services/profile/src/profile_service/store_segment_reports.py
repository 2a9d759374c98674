"""What some customers bought and responded to: added up by the database, nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from profile_service.domain import PURCHASE
from profile_service.segment_reports import TYPES, Part, TypeSum
from profile_service.store import EVENTS, PRODUCTS, long_read


class SegmentReportStore:
    """Aggregates over the events of identifiers."""

    def __init__(self, database: Any) -> None:
        self._events = database[EVENTS]

    async def part(
        self, tenant_id: str, hashes: Sequence[bytes], start_ms: int, end_ms: int
    ) -> Part:
        """From start (included) to end (not included)."""
        window = {"h": {"$in": list(hashes)}, "at": {"$gte": start_ms, "$lt": end_ms}}
        sums, products, categories = await asyncio.gather(
            self._sums(window),
            self._count(window, [{"$group": {"_id": "$p", "n": {"$sum": 1}}}]),
            self._count(window, _by_category(tenant_id)),
        )
        return Part(sums, products, categories)

    async def _sums(self, window: dict[str, Any]) -> list[TypeSum]:
        pipeline = [
            {"$match": {**window, "k": {"$in": list(TYPES)}}},
            {"$group": {"_id": {"h": "$h", "k": "$k"}, "n": {"$sum": 1}, "m": {"$sum": "$m"}}},
        ]
        with long_read():
            found = await self._events.aggregate(pipeline).to_list(None)
        return [
            TypeSum(bytes(one["_id"]["h"]), one["_id"]["k"], int(one["n"]), int(one["m"]))
            for one in found
        ]

    async def _count(
        self, window: dict[str, Any], grouped: Sequence[dict[str, Any]]
    ) -> dict[str, int]:
        """Orders by what the products of each are grouped by."""
        pipeline = [{"$match": {**window, "k": PURCHASE}}, {"$unwind": "$p"}, *grouped]
        with long_read():
            found = await self._events.aggregate(pipeline, allowDiskUse=True).to_list(None)
        return {one["_id"]: int(one["n"]) for one in found}


def _by_category(tenant_id: str) -> list[dict[str, Any]]:
    """An order counts once for a category, however many products of it there are."""
    return [
        {"$project": {"key": {"t": {"$literal": tenant_id}, "p": "$p"}}},
        {
            "$lookup": {
                "from": PRODUCTS,
                "localField": "key",
                "foreignField": "_id",
                "pipeline": [{"$project": {"_id": 0, "category": 1}}],
                "as": "product",
            }
        },
        {"$unwind": "$product"},
        {"$match": {"product.category": {"$nin": ["", None]}}},
        {"$group": {"_id": {"e": "$_id", "c": "$product.category"}}},
        {"$group": {"_id": "$_id.c", "n": {"$sum": 1}}},
    ]
