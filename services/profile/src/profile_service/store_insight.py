"""What insight needs of all customers at once, added up by the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from profile_service.domain import PURCHASE
from profile_service.facts import days_in, median_gap
from profile_service.store import EVENTS, IDENTIFIERS, whole_tenant_read


class BuyerRow(NamedTuple):
    """One customer who bought until an instant. Days begin at midnight of the tenant's zone; times
    are UTC milliseconds, amounts minor units. cycle_days is the median number of days from one day
    of purchase to the next."""

    customer_id: str
    first_day_ms: int
    last_day_ms: int
    day_count: int
    revenue: int
    first_day_revenue: int
    cycle_days: float | None


class InsightStore:
    """Reads only. The shards add up their customers' purchases; one row a customer comes back."""

    def __init__(self, database: Any) -> None:
        self._identifiers = database[IDENTIFIERS]

    async def buyers(
        self, tenant_id: str, until_ms: int, time_zone: str
    ) -> AsyncIterator[BuyerRow]:
        """Everybody who bought something before until_ms, in order of id."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"t": tenant_id}},
            {"$lookup": _purchases_of("$_id", until_ms)},
            {"$unwind": "$bought"},
            {"$group": {"_id": {"c": "$c", "d": _day(time_zone)}, "m": {"$sum": "$bought.m"}}},
            {
                "$group": {
                    "_id": "$_id.c",
                    # Documents compare field by field: the least is that of the first day.
                    "first": {"$min": {"d": "$_id.d", "m": "$m"}},
                    "last": {"$max": "$_id.d"},
                    "days": {"$push": "$_id.d"},
                    "m": {"$sum": "$m"},
                }
            },
            {"$sort": {"_id": 1}},
        ]
        day_of = days_in(time_zone)
        with whole_tenant_read():
            async for one in self._identifiers.aggregate(pipeline, allowDiskUse=True):
                yield BuyerRow(
                    one["_id"],
                    one["first"]["d"],
                    one["last"],
                    len(one["days"]),
                    int(one["m"]),
                    int(one["first"]["m"]),
                    median_gap(sorted(day_of(midnight_ms) for midnight_ms in one["days"])),
                )


def _purchases_of(identifier: str, until_ms: int) -> dict[str, Any]:
    of_identifier = {"$expr": {"$eq": ["$h", "$$h"]}, "k": PURCHASE, "at": {"$lt": until_ms}}
    return {
        "from": EVENTS,
        "let": {"h": identifier},
        "pipeline": [{"$match": of_identifier}, {"$project": {"_id": 0, "at": 1, "m": 1}}],
        "as": "bought",
    }


def _day(time_zone: str) -> dict[str, Any]:
    """The day of a purchase, as the milliseconds of its midnight."""
    at = {"$toDate": "$bought.at"}
    return {"$toLong": {"$dateTrunc": {"date": at, "unit": "day", "timezone": time_zone}}}
