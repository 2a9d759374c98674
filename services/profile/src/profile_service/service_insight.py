"""Refreshes what insight knows: reads everybody who bought, fits, writes what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from dangol_service_kit.clock import Clock
from dangol_service_kit.currencies import exponent_of

from profile_service.buyers import Buyers
from profile_service.insight import FACT_NAMES, NAMES, Insight, derive
from profile_service.service_field_writer import FieldWriter
from profile_service.service_profits import ProfitService
from profile_service.service_tenants import StoreDirectory
from profile_service.store_insight import BuyerRow, InsightStore

_WEEK_MS: Final = 7 * 24 * 3600 * 1000


class Refreshed(NamedTuple):
    """What one refresh came to; written_count customers had other numbers before."""

    insight: Insight
    written_count: int
    pending_count: int


class InsightService:
    """May be repeated and run twice at once: a number follows from the events alone."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        clock: Clock,
        store: InsightStore,
        profits: ProfitService,
        writer: FieldWriter,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._store = store
        self._profits = profits
        self._writer = writer

    async def refresh(self, tenant_id: str) -> Refreshed:
        """Everything as of the tenant's present. Raises RpcFailure TENANT_NOT_FOUND,
        StoreUnavailableError; what was written until then stays and is right."""
        info = await self._directory.get(tenant_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        rows = [one async for one in self._store.buyers(tenant_id, now_ms, info.time_zone)]
        units = 10 ** exponent_of(info.currency_code)
        # A minute of computing for a large tenant: beside the loop, not in it.
        insight = await asyncio.to_thread(derive, to_buyers(rows, now_ms), units)
        facts = await self._facts(tenant_id, rows)
        fields = {
            name: {**insight.fields_by_customer.get(name, {}), **facts.get(name, {})}
            for name in {**insight.fields_by_customer, **facts}
        }
        written, pending = await self._writer.write(tenant_id, (*NAMES, *FACT_NAMES), fields)
        return Refreshed(insight, written, pending)

    async def _facts(
        self, tenant_id: str, rows: Sequence[BuyerRow]
    ) -> dict[str, dict[str, Decimal]]:
        """What facts come to as numbers: rank by profit, and the purchase cycle."""
        ranks = (await self._profits.refresh(tenant_id)).ranks
        facts = {name: {"profit_rank": one} for name, one in ranks.items()}
        for row in rows:
            if row.cycle_days is not None:
                cycle = {"purchase_cycle_days": Decimal(str(row.cycle_days))}
                facts[row.customer_id] = {**facts.get(row.customer_id, {}), **cycle}
        return facts


def to_buyers(rows: Sequence[BuyerRow], now_ms: int) -> Buyers:
    """The rows as arrays, in weeks."""
    first = np.array([one.first_day_ms for one in rows], dtype=np.float64)
    last = np.array([one.last_day_ms for one in rows], dtype=np.float64)
    repeats = np.array([one.day_count - 1 for one in rows], dtype=np.float64)
    revenue = np.array([one.revenue for one in rows], dtype=np.float64)
    later = revenue - np.array([one.first_day_revenue for one in rows], dtype=np.float64)
    return Buyers(
        [one.customer_id for one in rows],
        repeats,
        (last - first) / _WEEK_MS,
        np.maximum((now_ms - first) / _WEEK_MS, (last - first) / _WEEK_MS),
        revenue,
        np.where(repeats > 0, later / np.maximum(repeats, 1), 0.0),
    )
