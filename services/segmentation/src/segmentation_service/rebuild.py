"""Filling partitions that lost state, from profile's histories.

Tenants, and chunks of each tenant's customers, are worked on side by side, a bounded number of
them. How far a rebuild has come is kept in MongoDB, so that who takes over from a replica that
died goes on from there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.drainer import Drainer
from segmentation_service.histories import History
from segmentation_service.partitions import partition_of
from segmentation_service.recovery import SETTLED_MS, Repair
from segmentation_service.segments import SegmentSet
from segmentation_service.service_gate import Gate
from segmentation_service.service_recovery import Job
from segmentation_service.service_replay import Reason, Replayed, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.store_redis_client import StoreUnavailableError

_log = logs.get_logger()

_CHUNK = 250
_CHUNKS_AT_ONCE = 4
_TENANTS_AT_ONCE = 4
_ATTEMPTS = 5
_STAND_BACK_SECONDS = 0.05
_SAVE_EVERY_MS = 2_000
# Profile keeps completed intents for an hour.
_TOUCHED_MS = 3_600_000
# What the bus may have lost; consumers know by the sequence what they had.
_REPUBLISH_MS = SETTLED_MS
_REPUBLISH_MAX = 50_000
_REASON = Reason("REBUILD", require_ready=False)


class SegmentSets(Protocol):
    """All tenants' segments, and what was announced lately."""

    async def list_segment_sets(self) -> list[SegmentSet]:
        """Every tenant's segments."""
        ...

    async def list_kept_since(
        self, since_ms: int, limit: int, tenant_id: str | None = None
    ) -> list[tuple[int, bytes]]:
        """(when it was kept, change) since a wall time."""
        ...


class Bus(Protocol):
    """Where consumers listen."""

    async def publish_again(self, changes: Sequence[bytes]) -> None:
        """Puts changes on the bus that it may have lost."""
        ...


class Progress(Protocol):
    """How far rebuilds have come."""

    async def load_rebuild(self, tenant_id: str, epochs: Mapping[int, int]) -> str:
        """The customer up to whom a rebuild of these partitions under these epochs came."""
        ...

    async def save_rebuild(
        self, tenant_id: str, epochs: Mapping[int, int], customer_id: str
    ) -> None:
        """Notes up to whom it came."""
        ...


class Profile(Protocol):
    """Histories, and who was touched."""

    async def count_customers(self, tenant_id: str) -> int:
        """How many customers there are."""
        ...

    def all_histories(self, tenant_id: str, after_customer_id: str = "") -> AsyncIterator[History]:
        """Every customer of a tenant in order of id."""
        ...

    def touched(self, tenant_id: str, since_ms: int) -> AsyncIterator[list[str]]:
        """Customers that profile sent deltas of since a wall time."""
        ...


class StateRepair:
    """Makes closed partitions whole; called under recovery's lease, side by side."""

    def __init__(
        self,
        *,
        segment_sets: SegmentSets,
        bus: Bus,
        profile: Profile,
        progress: Progress,
        rulesets: Rulesets,
        replayer: Replayer,
        drainer: Drainer,
        gate: Gate,
        wall_ms: Callable[[], int],
    ) -> None:
        self._segment_sets = segment_sets
        self._bus = bus
        self._profile = profile
        self._progress = progress
        self._rulesets = rulesets
        self._replayer = replayer
        self._drainer = drainer
        self._gate = gate
        self._wall_ms = wall_ms
        self._jobs = 0

    async def repair(self, job: Job) -> None:
        """Fills the job's partitions; may be called again for one that was interrupted."""
        if self._jobs == 0:
            self._gate.customers_rebuilt = self._gate.customers_total = 0
        self._jobs += 1
        try:
            if job.repair is not None:
                await self._drainer.drain(job.epochs)
                await self._publish_again(job.since_ms)
            held = await self._segment_sets.list_segment_sets()
            tenants = asyncio.Semaphore(_TENANTS_AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for one in held:
                    group.create_task(self._repair_tenant(one, job, tenants))
        finally:
            self._jobs -= 1

    async def _publish_again(self, since_ms: int) -> None:
        kept = await self._segment_sets.list_kept_since(
            min(since_ms, self._wall_ms()) - _REPUBLISH_MS, _REPUBLISH_MAX
        )
        try:
            for start in range(0, len(kept), 1000):
                await self._bus.publish_again([d for _, d in kept[start : start + 1000]])
        except StoreUnavailableError:
            # The bus is on another node, which is repaired itself.
            _log.warning("bus_silent", changes=len(kept))

    async def _repair_tenant(self, held: SegmentSet, job: Job, turn: asyncio.Semaphore) -> None:
        async with turn:
            try:
                # The versions that Redis held may be gone, or older ones may have come back.
                await self._rulesets.publish(held.tenant_id, list(job.epochs))
            except RpcFailure as failure:
                if failure.code is not Code.TENANT_NOT_FOUND:
                    raise
                _log.warning("tenant_unknown", tenant=held.tenant_id)
                return
            # Who was computed for a new rule in the second that was lost is outdated again.
            lately = held.finish_ms >= job.since_ms - _REPUBLISH_MS
            if job.repair is Repair.REBUILD or (job.repair is Repair.REPLAY and lately):
                await self._rebuild(held.tenant_id, job.epochs)
            if job.repair is not Repair.REBUILD:
                await self._replay_touched(held.tenant_id, job)

    async def _rebuild(self, tenant_id: str, epochs: Mapping[int, int]) -> None:
        if not (await self._rulesets.get(tenant_id)).terms:
            return
        self._gate.customers_total += await self._profile.count_customers(tenant_id)
        after = await self._progress.load_rebuild(tenant_id, epochs)
        saved_ms = self._wall_ms()
        working: deque[tuple[str, asyncio.Task[None]]] = deque()
        async with asyncio.TaskGroup() as group:
            async for chunk in self._chunks(tenant_id, after):
                mine = [h for h in chunk if partition_of(tenant_id, h.customer_id) in epochs]
                self._gate.customers_rebuilt += len(chunk) - len(mine)
                working.append(
                    (chunk[-1].customer_id, group.create_task(self._replay_chunk(tenant_id, mine)))
                )
                if len(working) < _CHUNKS_AT_ONCE:
                    continue
                last_id, oldest = working.popleft()
                await oldest
                if self._wall_ms() - saved_ms >= _SAVE_EVERY_MS:
                    saved_ms = self._wall_ms()
                    await self._progress.save_rebuild(tenant_id, epochs, last_id)

    async def _chunks(self, tenant_id: str, after: str) -> AsyncIterator[list[History]]:
        chunk: list[History] = []
        async for history in self._profile.all_histories(tenant_id, after):
            chunk.append(history)
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    async def _replay_chunk(self, tenant_id: str, chunk: list[History]) -> None:
        if not chunk:
            return
        await self._gate.stand_back(_STAND_BACK_SECONDS)
        rules = await self._rulesets.get(tenant_id)
        result = await self._replayer.replay_histories(rules, chunk, _REASON)
        await self._settle(tenant_id, result)
        self._gate.customers_rebuilt += len(chunk)

    async def _replay_touched(self, tenant_id: str, job: Job) -> None:
        since_ms = min(job.since_ms, self._wall_ms())
        if job.repair is not None:
            since_ms -= _TOUCHED_MS
        turn = asyncio.Semaphore(_CHUNKS_AT_ONCE)
        async for page in self._profile.touched(tenant_id, since_ms):
            touched = [name for name in page if partition_of(tenant_id, name) in job.epochs]
            self._gate.customers_total += len(touched)
            async with asyncio.TaskGroup() as group:
                for start in range(0, len(touched), _CHUNK):
                    chunk = touched[start : start + _CHUNK]
                    group.create_task(self._replay_names(tenant_id, chunk, turn))

    async def _replay_names(
        self, tenant_id: str, chunk: list[str], turn: asyncio.Semaphore
    ) -> None:
        async with turn:
            await self._gate.stand_back(_STAND_BACK_SECONDS)
            await self._settle(tenant_id, await self._replayer.replay(tenant_id, chunk, _REASON))
            self._gate.customers_rebuilt += len(chunk)

    async def _settle(self, tenant_id: str, result: Replayed) -> None:
        """Tries again whom a replay left over. Raises RpcFailure NOT_READY when that is in vain."""
        pending = result.pending
        for _ in range(_ATTEMPTS):
            if not pending:
                return
            pending = (await self._replayer.replay(tenant_id, pending, _REASON)).pending
        raise RpcFailure(Code.NOT_READY, "customers could not be replayed")
