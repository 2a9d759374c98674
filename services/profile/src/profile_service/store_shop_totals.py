"""What a tenant's figures come to today, for dashboards: collection `shop_totals`, _id tenant.

Written by the job `dangol-insight`; nothing in it is about one customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profile_service.shop_figures import Totals
from profile_service.store import SHOP_TOTALS, database_errors

_NAMES = tuple(Totals._fields)


@dataclass(frozen=True, slots=True)
class TenantTotals:
    """currency_code: of revenue, in minor units; at_ms: wall time."""

    totals: Totals
    currency_code: str
    at_ms: int


class ShopTotalsStore:
    """Raises StoreUnavailableError."""

    def __init__(self, database: Any) -> None:
        self._totals = database[SHOP_TOTALS]

    async def save(self, tenant_id: str, found: TenantTotals) -> None:
        """Replaces what there was, unless that is newer."""
        content = {**found.totals._asdict(), "currency": found.currency_code, "at_ms": found.at_ms}
        with database_errors():
            await self._totals.update_one(
                {"_id": tenant_id},
                [
                    {
                        "$replaceWith": {
                            "$cond": [
                                {"$gt": ["$at_ms", found.at_ms]},
                                "$$ROOT",
                                {"_id": tenant_id, **content},
                            ]
                        }
                    }
                ],
                upsert=True,
            )

    async def sums(self) -> dict[str, TenantTotals]:
        """By currency, over all tenants; at_ms is the oldest one's."""
        group = {"_id": "$currency", **{name: {"$sum": f"${name}"} for name in _NAMES}}
        with database_errors():
            cursor = self._totals.aggregate([{"$group": {**group, "at_ms": {"$min": "$at_ms"}}}])
            found: list[Mapping[str, Any]] = await cursor.to_list(None)
        return {
            one["_id"]: TenantTotals(
                Totals(*(one[name] for name in _NAMES)), one["_id"], one["at_ms"]
            )
            for one in found
        }
