"""Verifies every tenant's journal once a day, and remembers what came out whoever asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.clock import wall_ms

from offers_service.audit import Verification
from offers_service.checkpoints import Checkpoint
from offers_service.service_verify import Verifier
from offers_service.store_verifications import VerificationStore, Verified

EVERY_MS = 24 * 3_600_000
# A replica that ended in the middle is followed by another one after this time.
_CLAIM_MS = 3_600_000
_LOOK_SECONDS = 60.0

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    def list_ids(self) -> Awaitable[list[str]]: ...


class Rounds:
    """Runs beside the servicer; of several replicas one verifies a tenant at a time."""

    def __init__(
        self,
        verifier: Verifier,
        store: VerificationStore,
        directory: Directory,
        *,
        every_ms: int = EVERY_MS,
        look_seconds: float = _LOOK_SECONDS,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._directory = directory
        self._every_ms = every_ms
        self._look_seconds = look_seconds
        self._wall_ms = wall_ms

    async def run(self) -> None:
        """Verifies what is due until cancelled; outages are waited out."""
        while True:
            try:
                await self.sweep()
            except Exception as error:
                _log.warning("verifying_interrupted", **logs.describe(error))
            await asyncio.sleep(self._look_seconds)

    async def sweep(self) -> int:
        """Verifies the journals that are due; answers how many those were."""
        now_ms = self._wall_ms()
        tenant_ids = await self._directory.list_ids()
        await self._store.see(tenant_ids, now_ms)
        verified = 0
        for tenant_id in tenant_ids:
            now_ms = self._wall_ms()
            due_ms = now_ms - self._every_ms
            if await self._store.claim(tenant_id, due_ms, now_ms, now_ms + _CLAIM_MS):
                async for _ in self.tenant(tenant_id):
                    continue
                verified += 1
        return verified

    async def tenant(
        self, tenant_id: str, known: Sequence[Checkpoint] = ()
    ) -> AsyncIterator[Verification]:
        """As Verifier.tenant; the verdict is remembered, and logged if it is bad."""
        started = time.perf_counter()
        last = None
        async for progress in self._verifier.tenant(tenant_id, known):
            if last is not None:
                yield last
            last = progress
        if last is None:
            return
        await self._remember(tenant_id, last, time.perf_counter() - started)
        yield last

    async def _remember(self, tenant_id: str, verdict: Verification, seconds: float) -> None:
        if verdict.fault_count:
            _log.error("journal_faults", tenant=tenant_id, faults=verdict.fault_count)
        await self._store.save(
            Verified(
                tenant_id,
                self._wall_ms(),
                seconds,
                verdict.accounts_checked,
                verdict.entries_checked,
                verdict.fault_count,
            )
        )
