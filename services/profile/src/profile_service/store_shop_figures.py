"""Figures of shops, added up by the database from everybody's purchases.

Every figure follows from the gaps between one customer's purchases in one scope. The shards look
purchases up beside the identifiers, give each its neighbours, turn it into what it changes in which
period, and add up; a row for each scope and period comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from profile_service.domain import PURCHASE
from profile_service.shop_figures import DAY_MS, Scope, Sums, Unit, Windows
from profile_service.store import EVENTS, IDENTIFIERS, STORES, long_read

_NEVER: Final = 2**62
_UNITS: Final = {Unit.DAY: "day", Unit.WEEK: "week", Unit.MONTH: "month"}
_REGIONS_MAX: Final = 5_000


@dataclass(frozen=True, slots=True)
class FiguresQuery:
    """From start (inclusive) to end (exclusive), UTC milliseconds; start begins a period. Of
    scope_ids alone, None for all."""

    scope: Scope
    unit: Unit
    windows: Windows
    time_zone: str
    start_ms: int
    end_ms: int
    scope_ids: Sequence[str] | None = None


class ShopFiguresStore:
    """Reads only."""

    def __init__(self, database: Any) -> None:
        self._identifiers = database[IDENTIFIERS]
        self._stores = database[STORES]

    async def sums(self, tenant_id: str, query: FiguresQuery, limit: int) -> list[Sums]:
        """In order of scope and period, at most `limit`."""
        regions = {}
        if query.scope is Scope.REGION:
            regions = await self._regions(tenant_id)
        pipeline = [*_pipeline(tenant_id, query, regions), {"$limit": limit}]
        with long_read():
            found = await self._identifiers.aggregate(pipeline, allowDiskUse=True).to_list(None)
        names = ("orders", "revenue", "active", "fresh", "back", "lost", "risk", "value")
        return [
            Sums(one["_id"]["s"], int(one["_id"]["p"]), *(int(one[name]) for name in names))
            for one in found
        ]

    async def _regions(self, tenant_id: str) -> dict[str, str]:
        """Regions by store, archived ones too."""
        with long_read():
            cursor = self._stores.find({"_id.t": tenant_id}, {"region": 1}).limit(_REGIONS_MAX)
            return {one["_id"]["s"]: one["region"] async for one in cursor}


def _pipeline(
    tenant_id: str, query: FiguresQuery, regions: Mapping[str, str]
) -> list[dict[str, Any]]:
    only: list[dict[str, Any]] = []
    if query.scope_ids is not None:
        only = [{"$match": {"s": {"$in": list(query.scope_ids)}}}]
    value_ms = query.windows.value_days * DAY_MS
    neighbours = {
        "before": {"$shift": {"output": "$at", "by": -1}},
        "after": {"$shift": {"output": "$at", "by": 1}},
        "value": {"$sum": "$m", "window": {"range": [-value_ms, 0]}},
    }
    whose = {"s": "$s", "c": "$c"}
    return [
        {"$match": {"t": tenant_id}},
        {"$lookup": _purchases(query.end_ms)},
        {"$unwind": "$bought"},
        {
            "$project": {
                "_id": 0,
                "c": 1,
                "s": _scope_of(query.scope, regions),
                "at": "$bought.at",
                "m": "$bought.m",
            }
        },
        *only,
        {"$setWindowFields": {"partitionBy": whose, "sortBy": {"at": 1}, "output": neighbours}},
        # Earlier purchases are neighbours; they change nothing from the first period on.
        {"$match": {"at": {"$gte": query.start_ms - query.windows.lost_after_days * DAY_MS}}},
        {"$project": {**dict.fromkeys(("s", "c"), 1), "changes": _changes(query)}},
        {"$unwind": "$changes"},
        {
            "$group": {
                "_id": {**whose, "p": "$changes.p"},
                **{name: {"$sum": f"$changes.{name}"} for name in _ADDED},
                **{name: {"$max": f"$changes.{name}"} for name in _ONCE},
            }
        },
        {
            "$group": {
                "_id": {"s": "$_id.s", "p": "$_id.p"},
                **{name: {"$sum": f"${name}"} for name in _ADDED},
                "active": {"$sum": {"$cond": [{"$gt": ["$orders", 0]}, 1, 0]}},
                "fresh": {"$sum": "$fresh"},
                # New in the period counts before won back in it.
                "back": {"$sum": {"$cond": [{"$eq": ["$fresh", 1]}, 0, "$back"]}},
                "lost": {"$sum": "$lost"},
            }
        },
        {"$sort": {"_id.s": 1, "_id.p": 1}},
    ]


# Of one customer in one period: what is added up, and what counts once.
_ADDED: Final = ("orders", "revenue", "risk", "value")
_ONCE: Final = ("fresh", "back", "lost")
_NOTHING: Final = dict.fromkeys((*_ADDED, *_ONCE), 0)


def _purchases(end_ms: int) -> dict[str, Any]:
    of_identifier = {"$expr": {"$eq": ["$h", "$$h"]}, "k": PURCHASE, "at": {"$lt": end_ms}}
    return {
        "from": EVENTS,
        "let": {"h": "$_id"},
        "pipeline": [{"$match": of_identifier}, {"$project": {"_id": 0, "at": 1, "m": 1, "st": 1}}],
        "as": "bought",
    }


def _scope_of(scope: Scope, regions: Mapping[str, str]) -> Any:
    if scope is Scope.TENANT:
        return {"$literal": ""}
    store = {"$ifNull": ["$bought.st", ""]}
    if scope is Scope.STORE:
        return store
    # A store that is not found is at -1, which is the last element: no region.
    ids, names = [*regions], [*regions.values(), ""]
    position = {"$indexOfArray": [{"$literal": ids}, store]}
    return {"$arrayElemAt": [{"$literal": names}, position]}


def _changes(query: FiguresQuery) -> dict[str, Any]:
    """What one purchase changes, each with the period in which it does."""
    lost_ms = query.windows.lost_after_days * DAY_MS
    risk_ms = query.windows.risk_after_days * DAY_MS
    lost_at = {"$add": ["$at", lost_ms]}
    after = {"$ifNull": ["$after", _NEVER]}
    risk_from, risk_until = {"$add": ["$at", risk_ms]}, {"$min": [lost_at, after]}
    gap = {"$subtract": ["$at", "$before"]}
    first = {"$eq": [{"$ifNull": ["$before", None]}, None]}
    bought = {
        **_NOTHING,
        "p": _period(query, "$at"),
        "orders": 1,
        "revenue": "$m",
        "fresh": {"$cond": [first, 1, 0]},
        "back": {"$cond": [{"$and": [{"$not": first}, {"$gte": [gap, lost_ms]}]}, 1, 0]},
    }
    lost = {**_NOTHING, "p": _period(query, lost_at), "lost": 1}
    start, end = query.start_ms, query.end_ms
    at_risk = [{"$lt": [risk_from, risk_until]}, {"$lt": [risk_from, end]}]
    at_risk.append({"$gte": [risk_until, start]})
    enters = {**_NOTHING, "p": _period(query, {"$max": [risk_from, start]})}
    leaves = {**_NOTHING, "p": _period(query, {"$max": [risk_until, start]})}
    return {
        "$concatArrays": [
            _if([{"$gte": ["$at", start]}], bought),
            _if([{"$gte": [after, lost_at]}, *_within(lost_at, start, end)], lost),
            _if(at_risk, {**enters, "risk": 1, "value": "$value"}),
            _if(
                [*at_risk, {"$lt": [risk_until, end]}],
                {**leaves, "risk": -1, "value": {"$multiply": ["$value", -1]}},
            ),
        ]
    }


def _within(instant: Any, start_ms: int, end_ms: int) -> list[dict[str, Any]]:
    return [{"$gte": [instant, start_ms]}, {"$lt": [instant, end_ms]}]


def _if(conditions: Sequence[dict[str, Any]], change: dict[str, Any]) -> dict[str, Any]:
    return {"$cond": [{"$and": list(conditions)}, [change], []]}


def _period(query: FiguresQuery, instant: Any) -> dict[str, Any]:
    """The instant at which the period of an instant begins."""
    trunc = {
        "date": {"$toDate": instant},
        "unit": _UNITS[query.unit],
        "timezone": query.time_zone,
        "startOfWeek": "monday",
    }
    return {"$toLong": {"$dateTrunc": trunc}}
