"""Filling partitions that lost state, from profile's histories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.drainer import Drainer
from segmentation_service.histories import History
from segmentation_service.partitions import ALL_PARTITIONS, partition_of
from segmentation_service.segments import SegmentSet
from segmentation_service.service_gate import Gate
from segmentation_service.service_recovery import TOUCHED_MS
from segmentation_service.service_replay import Reason, Replayed, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.store_coordination import Repair

_log = logs.get_logger()

_CHUNK = 100
_ATTEMPTS = 5
# What the bus may have lost; consumers know by the sequence what they had.
_REPUBLISH_MS = 60_000
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


class Profile(Protocol):
    """Histories, and who was touched."""

    def all_histories(self, tenant_id: str, after_customer_id: str = "") -> AsyncIterator[History]:
        """Every customer of a tenant in order of id."""
        ...

    def touched(self, tenant_id: str, since_ms: int) -> AsyncIterator[list[str]]:
        """Customers that profile sent deltas of since a wall time."""
        ...


class StateRepair:
    """Makes closed partitions whole; called under recovery's lease."""

    def __init__(
        self,
        *,
        segment_sets: SegmentSets,
        bus: Bus,
        profile: Profile,
        rulesets: Rulesets,
        replayer: Replayer,
        drainer: Drainer,
        gate: Gate,
        wall_ms: Callable[[], int],
    ) -> None:
        self._segment_sets = segment_sets
        self._bus = bus
        self._profile = profile
        self._rulesets = rulesets
        self._replayer = replayer
        self._drainer = drainer
        self._gate = gate
        self._wall_ms = wall_ms

    async def repair(self, repairs: Mapping[int, Repair], alive_ms: int) -> None:
        """alive_ms: wall time at which Redis was last seen whole."""
        self._gate.customers_rebuilt = 0
        await self._drainer.drain(ALL_PARTITIONS)
        kept = await self._segment_sets.list_kept_since(
            min(alive_ms, self._wall_ms()) - _REPUBLISH_MS, _REPUBLISH_MAX
        )
        for start in range(0, len(kept), 1000):
            changes = [change for _, change in kept[start : start + 1000]]
            await self._bus.publish_again(changes)
        rebuilt = {p for p, kind in repairs.items() if kind is Repair.REBUILD}
        replayed = {p for p, kind in repairs.items() if kind is Repair.REPLAY}
        for held in await self._segment_sets.list_segment_sets():
            try:
                # The versions that Redis held may be gone, or older ones may have come back.
                await self._rulesets.reload(held.tenant_id)
            except RpcFailure as failure:
                if failure.code is not Code.TENANT_NOT_FOUND:
                    raise
                _log.warning("tenant_unknown", tenant=held.tenant_id)
                continue
            # Who was computed for a new rule in the second that was lost is outdated again.
            lately = held.finish_ms >= alive_ms - _REPUBLISH_MS
            if rebuilt or lately:
                await self._rebuild(held.tenant_id, {*rebuilt, *(replayed if lately else ())})
            if replayed:
                await self._replay_touched(held.tenant_id, replayed, alive_ms)

    async def _rebuild(self, tenant_id: str, partitions: Collection[int]) -> None:
        rules = await self._rulesets.get(tenant_id)
        if not rules.terms:
            return
        chunk: list[History] = []
        async for history in self._profile.all_histories(tenant_id):
            if partition_of(tenant_id, history.customer_id) not in partitions:
                continue
            chunk.append(history)
            if len(chunk) == _CHUNK:
                await self._replay_chunk(tenant_id, chunk)
                chunk = []
        if chunk:
            await self._replay_chunk(tenant_id, chunk)

    async def _replay_chunk(self, tenant_id: str, chunk: list[History]) -> None:
        rules = await self._rulesets.get(tenant_id)
        result = await self._replayer.replay_histories(rules, chunk, _REASON)
        await self._settle(tenant_id, result)
        self._gate.customers_rebuilt += len(chunk)

    async def _replay_touched(
        self, tenant_id: str, partitions: Collection[int], alive_ms: int
    ) -> None:
        since_ms = min(alive_ms, self._wall_ms()) - TOUCHED_MS
        async for page in self._profile.touched(tenant_id, since_ms):
            touched = [name for name in page if partition_of(tenant_id, name) in partitions]
            for start in range(0, len(touched), _CHUNK):
                chunk = touched[start : start + _CHUNK]
                result = await self._replayer.replay(tenant_id, chunk, _REASON)
                await self._settle(tenant_id, result)
                self._gate.customers_rebuilt += len(chunk)

    async def _settle(self, tenant_id: str, result: Replayed) -> None:
        """Tries again whom a replay left over. Raises RpcFailure NOT_READY when that is in vain."""
        pending = result.pending
        for _ in range(_ATTEMPTS):
            if not pending:
                return
            pending = (await self._replayer.replay(tenant_id, pending, _REASON)).pending
        raise RpcFailure(Code.NOT_READY, "customers could not be replayed")
