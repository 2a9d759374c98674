"""Noticing that Redis lost something, and making it whole again.

A partition is whole when Redis and MongoDB agree on its epoch and Redis is the process that is
known. An emptied Redis has no epochs: its partitions are built from all histories. A restarted
or promoted one has another run id and may have lost its last second: customers that profile
touched lately are replayed. Either way epochs grow first, so no sequence comes twice and no
other replica goes on with what it read before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from dangol_service_kit import logs

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.service_gate import Gate
from segmentation_service.store_coordination import PartitionRecord, Repair
from segmentation_service.store_redis_client import StoreUnavailableError
from segmentation_service.store_redis_session import Meta, RedisSession

_CHECK_SECONDS = 2.0
_RETRY_SECONDS = 0.2
_RETRY_SECONDS_MAX = 2.0
_PAUSE_SECONDS = 0.02
_ALIVE_EVERY_MS = 10_000
# Profile keeps completed intents for an hour.
TOUCHED_MS = 3_600_000
_OUTAGE_MAX_MS = 50 * 60 * 1000
_LEASE = "recovery"
_LEASE_MS = 10_000

_log = logs.get_logger()

Partitions = Mapping[int, PartitionRecord]


class Sessions(Protocol):
    """Opens connections that recovery can trust."""

    def session(self) -> AbstractAsyncContextManager[RedisSession]:
        """One connection to one running Redis."""
        ...


class Agreement(Protocol):
    """What replicas agree on."""

    async def load_partitions(self) -> dict[int, PartitionRecord]:
        """Every partition's record; none on a fresh installation."""
        ...

    async def save_partitions(self, records: Partitions) -> None:
        """Sets epochs and repairs."""
        ...

    async def finish_repairs(self, epochs: Mapping[int, int]) -> None:
        """Notes that partitions are whole, if they still have these epochs."""
        ...

    async def load_store(self) -> tuple[str, int]:
        """(run id of the known Redis, when it was last seen whole)."""
        ...

    async def save_store(self, run_id: str, alive_ms: int) -> None:
        """Makes `run_id` the known Redis."""
        ...

    async def take_lease(self, name: str, owner: str, now_ms: int, duration_ms: int) -> bool:
        """Takes or renews a lease; False while another owner holds it."""
        ...

    async def drop_lease(self, name: str, owner: str) -> None:
        """Gives it back."""
        ...


Repairer = Callable[[Mapping[int, Repair], int], Awaitable[None]]


def plan(
    records: Partitions, metas: Sequence[Meta], same_redis: bool, outage_ms: int
) -> dict[int, Repair]:
    """Which partitions have to be made whole, and how. Pure."""
    repairs: dict[int, Repair] = {}
    for partition in ALL_PARTITIONS:
        record, meta = records[partition], metas[partition]
        if meta.epoch != record.epoch or record.repair is Repair.REBUILD:
            repairs[partition] = Repair.REBUILD
        elif not same_redis or record.repair is Repair.REPLAY:
            # What was touched before an outage this long is not known any more.
            long = outage_ms > _OUTAGE_MAX_MS
            repairs[partition] = Repair.REBUILD if long else Repair.REPLAY
    return repairs


class Recovery:
    """Watches over Redis for this replica, and repairs it when no other replica does."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        agreement: Agreement,
        gate: Gate,
        repair: Repairer,
        owner: str,
        wall_ms: Callable[[], int],
    ) -> None:
        self._sessions = sessions
        self._agreement = agreement
        self._gate = gate
        self._repair = repair
        self._owner = owner
        self._wall_ms = wall_ms
        self._alive_saved_ms = 0

    async def run(self) -> None:
        """Looks every two seconds, and at once when something is suspected, until cancelled."""
        retry_seconds = _RETRY_SECONDS
        while True:
            try:
                whole = await self.check()
            except StoreUnavailableError:
                self._close()
                whole = False
            except Exception as error:
                _log.warning("recovery_interrupted", **logs.describe(error))
                self._close()
                whole = False
            if whole:
                await self._gate.suspected(_CHECK_SECONDS)
                retry_seconds = _RETRY_SECONDS
            await asyncio.sleep(_PAUSE_SECONDS if whole else retry_seconds)
            if not whole:
                retry_seconds = min(retry_seconds * 1.5, _RETRY_SECONDS_MAX)

    async def check(self) -> bool:
        """Whether everything is whole; repairs what is not if no other replica is at it."""
        async with self._sessions.session() as session:
            if await self._look(session):
                return True
            now_ms = self._wall_ms()
            if not await self._agreement.take_lease(_LEASE, self._owner, now_ms, _LEASE_MS):
                return False
            renewing = asyncio.create_task(self._renew())
            try:
                await self._recover(session)
            finally:
                renewing.cancel()
                await self._agreement.drop_lease(_LEASE, self._owner)
            return await self._look(session)

    async def _look(self, session: RedisSession) -> bool:
        """Takes over what is so; whether all partitions are whole and open."""
        records = await self._agreement.load_partitions()
        if len(records) < len(ALL_PARTITIONS):
            return False
        run_id, alive_ms = await self._agreement.load_store()
        metas = await session.metas()
        now_ms = self._wall_ms()
        repairs = plan(records, metas, run_id == session.run_id, now_ms - alive_ms)
        ready = [p not in repairs and metas[p].ready for p in ALL_PARTITIONS]
        if all(ready):
            # Another version of this program may have loaded others.
            await session.load_scripts()
            if now_ms - self._alive_saved_ms >= _ALIVE_EVERY_MS:
                await self._agreement.save_store(session.run_id, now_ms)
                self._alive_saved_ms = now_ms
        self._gate.set_epochs([records[p].epoch for p in ALL_PARTITIONS], ready)
        return all(ready)

    async def _recover(self, session: RedisSession) -> None:
        records = await self._agreement.load_partitions()
        run_id, alive_ms = await self._agreement.load_store()
        fresh = not records
        if fresh:
            records = {p: PartitionRecord(0, None) for p in ALL_PARTITIONS}
        for partition in ALL_PARTITIONS:
            records.setdefault(partition, PartitionRecord(0, Repair.REBUILD))
        now_ms = self._wall_ms()
        same_redis = run_id == session.run_id
        metas = await session.metas()
        repairs: dict[int, Repair] = {}
        if not fresh:
            repairs = plan(records, metas, same_redis, now_ms - alive_ms)
        begun = {p: max(records[p].epoch, metas[p].epoch) + 1 for p in repairs}
        if fresh:
            begun = dict.fromkeys(ALL_PARTITIONS, 1)
            await session.clear(ALL_PARTITIONS, with_outboxes=True)
        # MongoDB first: were it to end here, Redis' epochs are behind and it is all built anew.
        await self._agreement.save_partitions(
            {p: PartitionRecord(epoch, repairs.get(p)) for p, epoch in begun.items()}
        )
        await session.begin_epochs(begun)
        await session.load_scripts()
        epochs = [begun.get(p, records[p].epoch) for p in ALL_PARTITIONS]
        self._gate.set_epochs(epochs, [p not in begun for p in ALL_PARTITIONS])
        if repairs:
            kinds = [kind.value for kind in repairs.values()]
            _log.warning("recovering", rebuild=kinds.count("rebuild"), replay=kinds.count("replay"))
            await session.clear([p for p, kind in repairs.items() if kind is Repair.REBUILD])
            await self._repair(repairs, alive_ms or now_ms)
        await self._agreement.save_store(session.run_id, self._wall_ms())
        await self._agreement.finish_repairs(dict(enumerate(epochs)))
        await session.mark_ready(dict(enumerate(epochs)))
        if repairs:
            _log.info("recovered", customers=self._gate.customers_rebuilt)

    def _close(self) -> None:
        self._gate.set_epochs(self._gate.epochs, [False] * len(ALL_PARTITIONS))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_LEASE_MS / 3000)
            await self._agreement.take_lease(_LEASE, self._owner, self._wall_ms(), _LEASE_MS)
