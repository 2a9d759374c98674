"""Taking checkpoints: each tenant's when it is due, by one replica."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.notes import SignerKey

from offers_service.checkpoints import Checkpoint
from offers_service.service_checkpoint_lists import ListWriter
from offers_service.service_checkpoints import Chain, CheckpointBook
from offers_service.store_audit import AuditedAccounts
from offers_service.store_checkpoints import CheckpointStore, StoredCheckpoint

_CLAIM_MS = 600_000
_SWEEP_SECONDS_MAX = 30.0

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    def list_ids(self) -> Awaitable[list[str]]: ...


class CheckpointTaker:
    """Takes each tenant's checkpoint when it is due; one replica does, whoever is first."""

    def __init__(
        self,
        *,
        book: CheckpointBook,
        store: CheckpointStore,
        accounts: AuditedAccounts,
        signer: SignerKey,
        directory: Directory,
        interval_seconds: float,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._book = book
        self._store = store
        self._accounts = accounts
        self._signer = signer
        self._directory = directory
        self._interval_ms = int(interval_seconds * 1_000)
        self._wall_ms = wall_ms
        self._due_ms: defaultdict[str, int] = defaultdict(int)

    async def run(self) -> None:
        """Until cancelled; one tenant's failure does not hold up the others."""
        while True:
            try:
                for tenant_id in await self._directory.list_ids():
                    if self._due_ms[tenant_id] <= self._wall_ms():
                        await self._sweep(tenant_id)
            except Exception as error:
                _log.warning("checkpoints_interrupted", **logs.describe(error))
            await asyncio.sleep(min(_SWEEP_SECONDS_MAX, self._interval_ms / 1_000))

    async def take(self, tenant_id: str, *, early: bool = False) -> Checkpoint | None:
        """Takes a checkpoint if it is due (or early) and nothing is wrong with those before.

        None: it was not, or another replica is at it.
        """
        chain = await self._book.newest(tenant_id)
        now_ms = self._wall_ms()
        due_ms = chain.head.taken_ms + self._interval_ms if chain.head else 0
        if due_ms > now_ms and not early:
            self._due_ms[tenant_id] = due_ms
            return None
        if not await self._store.claim(tenant_id, now_ms, now_ms + _CLAIM_MS):
            return None
        try:
            return await self._take(tenant_id, chain, now_ms)
        finally:
            await self._store.give_back(tenant_id)

    async def _sweep(self, tenant_id: str) -> None:
        try:
            await self.take(tenant_id)
        except Exception as error:
            _log.warning("checkpoint_failed", tenant=tenant_id, **logs.describe(error))

    async def _take(self, tenant_id: str, chain: Chain, now_ms: int) -> Checkpoint | None:
        list_id = f"{now_ms:015d}-{uuid.uuid4().hex}"
        writer = ListWriter(self._book, self._store, self._accounts, tenant_id, list_id)
        roots = None if chain.faults else await self._book.roots(tenant_id, chain)
        if roots is not None:
            await writer.write(chain, roots)
        if chain.faults:
            details = [f"{fault.kind}: {fault}" for fault in chain.faults[:10]]
            _log.error("checkpoint_refused", tenant=tenant_id, faults=details)
            return None
        checkpoint = writer.summary.checkpoint(tenant_id, chain.head, now_ms)
        note = self._signer.sign(checkpoint.text())
        stored = StoredCheckpoint(checkpoint.number, note, list_id)
        if not await self._store.add(tenant_id, stored):
            return None
        self._book.saw(tenant_id, checkpoint)
        self._due_ms[tenant_id] = checkpoint.taken_ms + self._interval_ms
        facts = {"number": checkpoint.number, "accounts": checkpoint.size}
        # Whoever keeps the log has a witness that MongoDB does not hold.
        digest = checkpoint.digest().hex()
        _log.info("checkpoint_taken", tenant=tenant_id, digest=digest, **facts)
        if writer.held:
            _log.error("checkpoint_holds_accounts", tenant=tenant_id, accounts=writer.held[:10])
        await self._store.prune(tenant_id, [list_id, chain.list_id])
        return checkpoint
