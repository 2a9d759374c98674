"""Refreshes what insight knows: reads everybody who bought, fits, writes what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.currencies import exponent_of

from profile_service import encoding
from profile_service.buyers import Buyers
from profile_service.insight import Insight, derive, with_insight
from profile_service.service_segmentation import Delta, Segmentation
from profile_service.service_tenants import StoreDirectory
from profile_service.store_customers import CustomerStore
from profile_service.store_insight import BuyerRow, InsightStore
from profile_service.store_intents import IntentStore

_WEEK_MS: Final = 7 * 24 * 3600 * 1000
_CHUNK: Final = 500
_ROUNDS_MAX: Final = 5


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
        customers: CustomerStore,
        intents: IntentStore,
        segmentation: Segmentation,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._store = store
        self._customers = customers
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms

    async def refresh(self, tenant_id: str) -> Refreshed:
        """Everything as of the tenant's present. Raises RpcFailure TENANT_NOT_FOUND,
        StoreUnavailableError; what was written until then stays and is right."""
        info = await self._directory.get(tenant_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        rows = [one async for one in self._store.buyers(tenant_id, now_ms, info.time_zone)]
        units = 10 ** exponent_of(info.currency_code)
        # A minute of computing for a large tenant: beside the loop, not in it.
        insight = await asyncio.to_thread(derive, to_buyers(rows, now_ms), units)
        written = pending = 0
        ids = list(insight.fields_by_customer)
        for start in range(0, len(ids), _CHUNK):
            chunk = {one: insight.fields_by_customer[one] for one in ids[start : start + _CHUNK]}
            some, left = await self._write(tenant_id, chunk)
            written, pending = written + some, pending + left
        return Refreshed(insight, written, pending)

    async def _write(
        self, tenant_id: str, numbers: Mapping[str, Mapping[str, Decimal]]
    ) -> tuple[int, int]:
        """Writes what differs: how many customers, and for how many segmentation follows later."""
        intent = await self._intents.open(tenant_id, sorted(numbers), self._wall_ms())
        deltas: list[Delta] = []
        remaining: Sequence[str] = list(numbers)
        for _ in range(_ROUNDS_MAX):
            if not remaining:
                break
            remaining = await self._save(tenant_id, remaining, numbers, deltas)
        if not deltas:
            await self._intents.complete([intent])
            return 0, 0
        answer = await self._segmentation.evaluate(tenant_id, intent.at_ms, deltas)
        if answer.pending_ids:
            await self._intents.leave([intent])
        else:
            await self._intents.complete([intent])
        return len(deltas), len(answer.pending_ids)

    async def _save(
        self,
        tenant_id: str,
        customer_ids: Sequence[str],
        numbers: Mapping[str, Mapping[str, Decimal]],
        deltas: list[Delta],
    ) -> list[str]:
        """One compare-and-set each; answers those that somebody else changed meanwhile."""
        found = await self._customers.get_many(tenant_id, customer_ids)
        # One who was merged away since is counted with the other customer next time.
        held = [one for one in found.values() if not one.merged_into]
        after = [with_insight(one, numbers[one.customer_id]) for one in held]
        written = [
            (changed, before.version)
            for before, changed in zip(held, after, strict=True)
            if changed is not before
        ]
        saved = await asyncio.gather(
            *(self._customers.replace(changed, version) for changed, version in written)
        )
        lost = []
        for (changed, _), ours in zip(written, saved, strict=True):
            if ours:
                deltas.append(Delta(changed.customer_id, False, encoding.to_snapshot(changed)))
            else:
                lost.append(changed.customer_id)
        return lost


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
