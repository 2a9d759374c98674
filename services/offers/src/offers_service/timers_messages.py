"""Messages that fall due by the wall: of tenants under wall time, and everybody's leases.

Under virtual time AdvanceClock looks at them instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.clock import wall_ms

from offers_service.service_dispatch import BATCH, Dispatcher
from offers_service.timers import Directory

_SWEEP_SECONDS = 0.5
_LEASE_SECONDS = 0.5

_log = logs.get_logger()


class DueMessages(Protocol):
    """What a step of the clock asks of messages; Dispatcher."""

    def fire_due(self, tenant_id: str, now_ms: int) -> Awaitable[int]: ...


class MessageTimers:
    """One tenant's failure does not hold up the others, nor the ledger's own deadlines."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        directory: Directory,
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._dispatcher = dispatcher
        self._directory = directory
        self._wall_ms = wall_ms

    async def run(self) -> None:
        """Looks at what is due again and again, until cancelled."""
        while True:
            try:
                for tenant_id in await self._directory.list_ids():
                    await self._sweep(tenant_id)
            except Exception as error:
                _log.warning("messages_interrupted", **logs.describe(error))
            await asyncio.sleep(_SWEEP_SECONDS)

    async def run_leases(self) -> None:
        """Takes back leases again and again, until cancelled."""
        while True:
            count = 0
            try:
                count = await self._dispatcher.lapse()
            except Exception as error:
                _log.warning("leases_interrupted", **logs.describe(error))
            if count < BATCH:
                await asyncio.sleep(_LEASE_SECONDS)

    async def _sweep(self, tenant_id: str) -> None:
        try:
            if not (await self._directory.get(tenant_id)).virtual:
                await self._dispatcher.fire_due(tenant_id, self._wall_ms())
        except Exception as error:
            _log.warning("messages_failed", tenant=tenant_id, **logs.describe(error))
