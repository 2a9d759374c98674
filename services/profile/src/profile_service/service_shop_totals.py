"""Figures of all shops together: the job refreshes them, the service tells them.

Reading everybody's purchases is for the night; a dashboard gets what was written then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.currencies import exponent_of
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Watched

from profile_service.service_shop_figures import Asked, ShopFiguresService
from profile_service.service_tenants import StoreDirectory
from profile_service.shop_figures import TOTALS_DAYS, Scope, Totals, Unit, Windows, to_totals
from profile_service.store_shop_figures import ShopFiguresStore
from profile_service.store_shop_totals import ShopTotalsStore, TenantTotals

_LOOK_SECONDS = 60.0


class TotalsRefresher:
    """May be repeated and run twice at once: a figure follows from the events alone."""

    def __init__(
        self,
        directory: StoreDirectory,
        clock: Clock,
        store: ShopTotalsStore,
        figures: ShopFiguresService,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._store = store
        self._figures = figures
        self._wall_ms = wall_ms

    async def refresh(self, tenant_id: str) -> Totals:
        """As of the tenant's present. Raises RpcFailure TENANT_NOT_FOUND, StoreUnavailableError."""
        info = await self._directory.get(tenant_id)
        began_ms = self._wall_ms()
        now_ms = (await self._clock.read(tenant_id)).now_ms
        last = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(info.time_zone))
        first = last.date() - timedelta(days=TOTALS_DAYS - 1)
        asked = Asked(Scope.TENANT, Unit.DAY, first, last.date(), Windows())
        figures, _ = await self._figures.figures(tenant_id, asked)
        totals = to_totals(figures, last.date())
        await self._store.save(tenant_id, TenantTotals(totals, info.currency_code, began_ms))
        return totals


def totals_refresher(database: object, directory: StoreDirectory, clock: Clock) -> TotalsRefresher:
    """Over the database's collections."""
    figures = ShopFiguresService(directory, clock, ShopFiguresStore(database))
    return TotalsRefresher(directory, clock, ShopTotalsStore(database), figures)


class TotalsGauges:
    """Tells what is stored, which is looked at every minute."""

    def __init__(self, metrics: Metrics, store: ShopTotalsStore) -> None:
        self._store = store
        self._revenue: Mapping[str, float] = {}
        metrics.gauge_by(
            "dangol.profile.revenue_at_risk",
            "What customers at risk bought in the year before their last purchase.",
            "currency",
            lambda: dict(self._revenue),
        )
        name = "dangol.profile.customers_"
        days = f"in {TOTALS_DAYS} days."
        gauges = {
            "at_risk_count": (
                name + "at_risk",
                "",
                "Customers whose last purchase is 60 to 90 days ago.",
            ),
            "lost_count": (name + "lost", "", f"Customers without a purchase for 90 days, {days}"),
            "won_back_count": (name + "won_back", "", f"Lost customers who bought again, {days}"),
            "new_count": (name + "new", "", f"Customers who bought for the first time, {days}"),
            "age": (
                "dangol.profile.insight_age",
                "s",
                "Since the tenant that waits longest had its figures computed by the nightly job.",
            ),
        }
        Watched(metrics, gauges, self.look, every_seconds=_LOOK_SECONDS)

    async def look(self) -> Mapping[str, float]:
        """Reads the sums; answers counts by name, and the age of the oldest in seconds."""
        self._revenue = {}
        sums = await self._store.sums()
        self._revenue = {
            code: one.totals.revenue_at_risk / 10 ** exponent_of(code) for code, one in sums.items()
        }
        counts = {
            name: float(sum(getattr(one.totals, name) for one in sums.values()))
            for name in ("at_risk_count", "lost_count", "won_back_count", "new_count")
        }
        oldest_ms = min((one.at_ms for one in sums.values()), default=None)
        age_ms = 0 if oldest_ms is None else time.time_ns() // 1_000_000 - oldest_ms
        return counts | {"age": max(age_ms, 0) / 1000}
