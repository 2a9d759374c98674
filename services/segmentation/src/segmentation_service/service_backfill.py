"""Computing the members of new and edited segments from history, under live traffic.

The ruleset's new version is published to every partition first. From then on whatever touches a
customer does so under it, so customers fall into two kinds: those whose state is of this version
and complete, and those whose state is older and untouched since, whom the backfill replays.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from dangol_service_kit import logs

from segmentation_service import segments
from segmentation_service.histories import History
from segmentation_service.segments import SegmentSet, State
from segmentation_service.service_gate import Gate
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.tenant_rules import TenantRules

_CHUNK = 100
_POLL_SECONDS = 1.0
_RETRY_SECONDS = 0.5
_STAND_BACK_SECONDS = 0.05
_LEASE_MS = 15_000
_ATTEMPTS = 20

_log = logs.get_logger()


class WorkStore(Protocol):
    """Rulesets and who has work."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...

    async def save_segments(self, held: SegmentSet, changed: SegmentSet) -> bool:
        """Replaces `held`; False when someone else was first."""
        ...

    async def list_tenants_with_work(self) -> list[str]:
        """Tenants whose members have still to be computed or let go."""
        ...


class Leases(Protocol):
    """Who does what."""

    async def take_lease(self, name: str, owner: str, now_ms: int, duration_ms: int) -> bool:
        """Takes or renews a lease; False while another owner holds it."""
        ...

    async def drop_lease(self, name: str, owner: str) -> None:
        """Gives it back."""
        ...


class AllHistories(Protocol):
    """Every customer of a tenant."""

    def all_histories(self, tenant_id: str, after_customer_id: str = "") -> AsyncIterator[History]:
        """In order of id."""
        ...


class IndexStore(Protocol):
    """Member indexes."""

    async def drop_index(self, tenant_id: str, segment_id: str) -> None:
        """Forgets the members of a segment that is no more."""
        ...


class Backfill:
    """Works off tenants with unfinished segments; one replica a tenant at a time."""

    def __init__(
        self,
        *,
        store: WorkStore,
        leases: Leases,
        histories: AllHistories,
        index: IndexStore,
        rulesets: Rulesets,
        replayer: Replayer,
        gate: Gate,
        owner: str,
        wall_ms: Callable[[], int],
    ) -> None:
        self._store = store
        self._leases = leases
        self._histories = histories
        self._index = index
        self._rulesets = rulesets
        self._replayer = replayer
        self._gate = gate
        self._owner = owner
        self._wall_ms = wall_ms
        self._woken = asyncio.Event()
        self._finished = asyncio.Event()
        self.counts: dict[str, tuple[int, int]] = {}

    def wake(self) -> None:
        """There is work."""
        self._woken.set()

    async def run(self) -> None:
        """Looks for work when woken and every second, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            if not self._gate.is_ready:
                continue
            try:
                tenant_ids = await self._store.list_tenants_with_work()
            except Exception as error:
                _log.warning("backfill_interrupted", **logs.describe(error))
                tenant_ids = []
            for tenant_id in tenant_ids:
                try:
                    await self._work_on(tenant_id)
                except Exception as error:
                    _log.warning("backfill_interrupted", tenant=tenant_id, **logs.describe(error))

    async def finish(self, tenant_id: str, timeout_seconds: float) -> bool:
        """Whether the tenant's work is done, now or within the time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while (await self._store.load_segments(tenant_id)).has_work():
                    finished = self._finished
                    self.wake()
                    try:
                        async with asyncio.timeout(_POLL_SECONDS):
                            await finished.wait()
                    except TimeoutError:
                        continue
        except TimeoutError:
            return False
        return True

    async def _work_on(self, tenant_id: str) -> None:
        lease = f"backfill/{tenant_id}"
        if not await self._renew(lease):
            return
        try:
            # Tells Redis as well, should the replica that changed the rules have died before.
            rules = await self._rulesets.reload(tenant_id)
            if rules.segments.has_work():
                await self._compute(rules, lease)
        finally:
            await self._leases.drop_lease(lease, self._owner)
            self._finished.set()
            self._finished = asyncio.Event()

    async def _compute(self, rules: TenantRules, lease: str) -> None:
        tenant_id = rules.tenant_id
        cause = "REBUILD" if rules.segments.rebuild_version else "RULE"
        reason = Reason(cause)
        customers = changes = 0
        chunk: list[History] = []
        pending: list[str] = []
        async for history in self._histories.all_histories(tenant_id):
            chunk.append(history)
            if len(chunk) == _CHUNK:
                changes += await self._replay(rules, chunk, reason, pending)
                customers += len(chunk)
                chunk = []
                await self._renew(lease)
        changes += await self._replay(rules, chunk, reason, pending)
        for _ in range(_ATTEMPTS):
            if not pending:
                break
            await asyncio.sleep(_RETRY_SECONDS)
            replayed = await self._replayer.replay(tenant_id, pending, reason)
            changes += len(replayed.changes)
            pending = replayed.pending
        if pending:
            raise RuntimeError("customers could not be replayed")
        self.counts[tenant_id] = (customers + len(chunk), changes)
        await self._close(rules)
        _log.info("backfilled", tenant=tenant_id, customers=customers + len(chunk), changes=changes)

    async def _replay(
        self, rules: TenantRules, chunk: list[History], reason: Reason, pending: list[str]
    ) -> int:
        if not chunk:
            return 0
        await self._gate.stand_back(_STAND_BACK_SECONDS)
        replayed = await self._replayer.replay_histories(rules, chunk, reason)
        pending += replayed.pending
        return len(replayed.changes)

    async def _close(self, rules: TenantRules) -> None:
        tenant_id = rules.tenant_id
        for segment in rules.segments.segments.values():
            if segment.state is State.DELETING:
                await self._index.drop_index(tenant_id, segment.segment_id)
        while True:
            held = await self._store.load_segments(tenant_id)
            if await self._store.save_segments(
                held, segments.finish(held, rules.version, self._wall_ms())
            ):
                break
        await self._rulesets.reload(tenant_id)

    async def _renew(self, lease: str) -> bool:
        return await self._leases.take_lease(lease, self._owner, self._wall_ms(), _LEASE_MS)
