"""Figures of shops as they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.service_tenants import StoreDirectory
from profile_service.shop_figures import (
    FIGURES_MAX,
    PERIODS_MAX,
    Figures,
    Scope,
    Unit,
    Windows,
    periods_of,
    to_figures,
)
from profile_service.store_shop_figures import FiguresQuery, ShopFiguresStore

# Each reads everybody's purchases: more at once would only slow each other down.
_AT_ONCE_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures; dates in the tenant's zone, both included."""

    scope: Scope
    unit: Unit
    first: date
    last: date
    windows: Windows
    scope_ids: Sequence[str] | None = None


class ShopFiguresService:
    """Computes from the events each time: what it says is what the events say."""

    def __init__(self, directory: StoreDirectory, clock: Clock, store: ShopFiguresStore) -> None:
        self._directory = directory
        self._clock = clock
        self._store = store
        self._room = asyncio.Semaphore(_AT_ONCE_MAX)

    async def figures(self, tenant_id: str, asked: Asked) -> tuple[list[Figures], int]:
        """The figures, and the instant until when events count. Raises RpcFailure FIELD_INVALID."""
        info = await self._directory.get(tenant_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        zone = ZoneInfo(info.time_zone)
        periods = periods_of(asked.unit, asked.first, asked.last, zone)
        if not 0 < len(periods) <= PERIODS_MAX:
            message = f"ask for 1 to {PERIODS_MAX} periods"
            raise RpcFailure(Code.FIELD_INVALID, message, field="last_date")
        if asked.windows.wrong:
            field, message = asked.windows.wrong
            raise RpcFailure(Code.FIELD_INVALID, message, field=field)
        query = FiguresQuery(
            asked.scope,
            asked.unit,
            asked.windows,
            info.time_zone,
            periods[0].start_ms,
            min(periods[-1].end_ms, now_ms + 1),
            asked.scope_ids,
        )
        if query.end_ms <= query.start_ms or asked.scope_ids == []:
            return [], now_ms
        async with self._room:
            sums = await self._store.sums(tenant_id, query, FIGURES_MAX + 1)
        figures = to_figures(sums, periods, now_ms)
        if max(len(sums), len(figures)) > FIGURES_MAX:
            message = "these are too many figures: ask for fewer stores, or fewer periods"
            raise RpcFailure(Code.FIELD_INVALID, message, field="scope_ids")
        return figures, now_ms
