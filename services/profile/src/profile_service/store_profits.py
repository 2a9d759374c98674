"""What things cost, and who brings most.

Collections `cost_rates`, {_id: tenant, v, ...}; `standings`, {_id: {t, g, c}, p: place, ...},
written anew by each refresh g; `standing_totals`, {_id: {t, g}, ...}, written once all of g's rows
are there: what is read is always of one whole refresh.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from profile_service.profits import CostRates, Standing, Totals
from profile_service.store import (
    COST_RATES,
    STANDING_TOTALS,
    STANDINGS,
    database_errors,
    insert_new,
    long_read,
)

_RATES = {
    "ret": "return_minor_units",
    "min": "ticket_minute_minor_units",
    "usual": "usual_ticket_minutes",
    "msg": "message_minor_units",
    "margin": "margin_basis_points",
    "after": "purchases_are_after_discounts",
    "r": "request_key",
    "f": "fingerprint",
}
_ROW = {
    "p": "place",
    "o": "order_count",
    "rev": "revenue",
    "net": "net_revenue",
    "cost": "cost",
    "profit": "profit",
    "sum": "cumulative_profit",
}
_TOTALS = {
    "at": "at_ms",
    "n": "customer_count",
    "rev": "revenue",
    "profit": "profit",
    "top": "top_fifth_share",
    "margin": "margin_known",
}


class ProfitStore:
    """Rates change by compare-and-set; standings are replaced as a whole."""

    def __init__(self, database: Any) -> None:
        self._rates = database[COST_RATES]
        self._standings = database[STANDINGS]
        self._totals = database[STANDING_TOTALS]

    async def rates(self, tenant_id: str) -> CostRates:
        """The tenant's; of version 0 before the first."""
        with database_errors():
            found = await self._rates.find_one({"_id": tenant_id})
        if found is None:
            return CostRates()
        return CostRates(found["v"], **{name: found[key] for key, name in _RATES.items()})

    async def save_rates(self, tenant_id: str, changed: CostRates) -> bool:
        """Saves over the version before; False when somebody else did."""
        values = {key: getattr(changed, name) for key, name in _RATES.items()}
        document = {"_id": tenant_id, "v": changed.version, **values}
        if changed.version == 1:
            return not await insert_new(self._rates, [document])
        with database_errors():
            result = await self._rates.replace_one(
                {"_id": tenant_id, "v": changed.version - 1}, document
            )
        return bool(result.matched_count)

    async def add(self, tenant_id: str, refresh: int, rows: Sequence[Standing]) -> None:
        """Rows of a refresh that is not to be seen yet. Doing it twice does no harm."""
        documents = [
            {
                "_id": _key(tenant_id, refresh, one.customer_id),
                **{key: getattr(one, name) for key, name in _ROW.items()},
            }
            for one in rows
        ]
        if documents:
            await insert_new(self._standings, documents)

    async def publish(self, tenant_id: str, totals: Totals) -> None:
        """From now on this refresh is the newest; of those before, one stays for its readers."""
        document = {
            "_id": {"t": tenant_id, "g": totals.refresh},
            **{key: getattr(totals, name) for key, name in _TOTALS.items()},
        }
        await insert_new(self._totals, [document])
        with database_errors():
            cursor = self._totals.find({"_id.t": tenant_id}, {"_id": 1}).sort("_id.g", -1)
            kept = [one["_id"]["g"] for one in await cursor.limit(2).to_list(None)]
        # Rows of a refresh that died half-way are older than both, or the next one's to remove.
        if len(kept) == 2:
            older = {"$lt": kept[-1]}
            with long_read():
                await self._totals.delete_many({"_id.t": tenant_id, "_id.g": older})
                await self._standings.delete_many({"_id.t": tenant_id, "_id.g": older})

    async def totals(self, tenant_id: str, refresh: int | None) -> Totals | None:
        """Of one refresh, or of the newest; None when there is none."""
        condition: dict[str, Any] = {"_id.t": tenant_id}
        if refresh is not None:
            condition["_id.g"] = refresh
        with database_errors():
            found = await self._totals.find_one(condition, sort=[("_id.g", -1)])
        if found is None:
            return None
        return Totals(found["_id"]["g"], **{name: found[key] for key, name in _TOTALS.items()})

    async def page(
        self, tenant_id: str, refresh: int, after_place: int, limit: int
    ) -> list[Standing]:
        """Rows behind a place, in order."""
        condition = {"_id.t": tenant_id, "_id.g": refresh, "p": {"$gt": after_place}}
        with database_errors():
            cursor = self._standings.find(condition).sort("p", 1).limit(limit)
            return [_to_standing(one) async for one in cursor]

    async def of_customers(
        self, tenant_id: str, refresh: int, customer_ids: Sequence[str]
    ) -> list[Standing]:
        """Those of these customers that are in a refresh."""
        keys = [_key(tenant_id, refresh, one) for one in customer_ids]
        with database_errors():
            found = await self._standings.find({"_id": {"$in": keys}}).to_list(None)
        return [_to_standing(one) for one in found]

    async def erase(self, tenant_id: str, customer_ids: Sequence[str]) -> int:
        """Deletes these customers' rows of every refresh; how many."""
        condition = {"_id.t": tenant_id, "_id.c": {"$in": list(customer_ids)}}
        with database_errors():
            result = await self._standings.delete_many(condition)
        return int(result.deleted_count)


def _key(tenant_id: str, refresh: int, customer_id: str) -> dict[str, Any]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "g": refresh, "c": customer_id}


def _to_standing(found: dict[str, Any]) -> Standing:
    blank = Standing(found["_id"]["c"], 0, 0, 0, 0, 0)
    return replace(blank, **{name: found[key] for key, name in _ROW.items()})
