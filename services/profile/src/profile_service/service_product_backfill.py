"""Giving events of an older release the products that they are found by (ADR 0073).

The first pass goes on where it, or another replica's, was broken off. Later starts pass over
everything once more until a day after it: during a rolling upgrade the older release still writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.logs import get_logger

from profile_service.service_sweeps import until_done
from profile_service.store_product_backfill import ProductBackfillStore

_PAGE: Final = 500
_UPGRADE_MS: Final = 24 * 3_600_000
_AGAIN_SECONDS: Final = 10.0

_log = get_logger()


class ProductBackfill:
    """Runs beside the service and ends by itself. Two replicas may do it at once."""

    def __init__(
        self,
        store: ProductBackfillStore,
        *,
        page: int = _PAGE,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._page = page
        self._wall_ms = wall_ms

    async def run(self, stop: asyncio.Event) -> None:
        """One pass; outages are waited out."""
        await until_done(
            stop, lambda: self.pass_over(stop), _AGAIN_SECONDS, "product_backfill_interrupted"
        )

    async def pass_over(self, stop: asyncio.Event) -> None:
        """Every event without products, once."""
        progress = await self._store.progress()
        first = progress.done_ms is None
        if progress.done_ms is not None and self._wall_ms() > progress.done_ms + _UPGRADE_MS:
            return
        after, count = progress.after if first else b"", 0
        while not stop.is_set():
            page = await self._store.fill(after, self._page)
            count += page.count
            if page.last is None:
                await self._store.mark_done(self._wall_ms())
                break
            after = page.last
            if first:
                await self._store.save(after)
        if count:
            _log.info("event_products_filled", events=count)
