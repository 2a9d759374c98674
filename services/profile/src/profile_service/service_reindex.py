"""Making findable what an older release wrote: a pass at every start, until a day after the first.

During a rolling upgrade the older release still writes; a day later none of it is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.logs import get_logger

from profile_service.service_sweeps import until_done
from profile_service.store_reindex import ReindexStore

_PAGE: Final = 500
_UPGRADE_MS: Final = 24 * 3_600_000
_AGAIN_SECONDS: Final = 10.0

_log = get_logger()


class Reindexer:
    """Runs beside the service and ends by itself. Two replicas may do it at once."""

    def __init__(self, store: ReindexStore, *, wall_ms: Callable[[], int] = wall_ms) -> None:
        self._store = store
        self._wall_ms = wall_ms

    async def run(self, stop: asyncio.Event) -> None:
        """One pass; outages are waited out."""
        await until_done(stop, lambda: self.pass_over(stop), _AGAIN_SECONDS, "reindex_interrupted")

    async def pass_over(self, stop: asyncio.Event) -> None:
        """Everything that lacks what it is found by, once."""
        done_ms = await self._store.done_ms()
        if done_ms is not None and self._wall_ms() > done_ms + _UPGRADE_MS:
            return
        count = 0
        last: dict[str, str] | None = None
        while not stop.is_set() and (page := await self._store.customers(last, _PAGE)):
            for key in page:
                await self._store.renew(key)
            count, last = count + len(page), page[-1]
        position: bytes | None = b""
        while not stop.is_set() and position is not None:
            position = await self._store.numbers(position, _PAGE)
        if not stop.is_set():
            await self._store.mark_done(self._wall_ms())
        if count:
            _log.info("reindexed", customers=count)
