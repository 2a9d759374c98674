"""Noticing that Redis lost something, and making it whole again, partition by partition.

Only what was affected is closed and repaired; the other partitions keep serving. Its epochs grow
first, so no sequence comes twice and no other replica goes on with what it read before; then the
scripts begin a new generation, which only nodes know that were looked at.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Protocol

from dangol_service_kit import logs

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.recovery import PartitionRecord, Repair, StoreRecord
from segmentation_service.service_gate import CURRENT_SECONDS, Gate
from segmentation_service.service_recovery_look import Found, Sessions, look
from segmentation_service.store_redis_client import StoreUnavailableError
from segmentation_service.store_redis_session import RedisSession

_CHECK_SECONDS = 2.0
_RETRY_SECONDS = 0.2
_RETRY_SECONDS_MAX = 2.0
_PAUSE_SECONDS = 0.02
_ALIVE_EVERY_MS = 10_000
# A replica that did not look for this long, or whose call was under way, has ended by then.
_FENCE_MS = int(1000 * (CURRENT_SECONDS + 3.0))
# An intent is written before its events are, and they before they are evaluated.
_MARGIN_MS = 15_000
_LEASE = "recovery"
_LEASE_MS = 15_000

_log = logs.get_logger()

Partitions = Mapping[int, PartitionRecord]


class Agreement(Protocol):
    """What replicas agree on."""

    async def time_ms(self) -> int:
        """MongoDB's own wall time."""
        ...

    async def load_partitions(self) -> dict[int, PartitionRecord]:
        """Every partition's record; none on a fresh installation."""
        ...

    async def save_partitions(self, records: Partitions) -> None:
        """Begins repairs; epochs only grow."""
        ...

    async def update_partitions(self, records: Partitions) -> None:
        """Notes where partitions are and that they are whole, if they still have these epochs."""
        ...

    async def load_store(self) -> StoreRecord:
        """What is known of Redis."""
        ...

    async def save_store(self, store: StoreRecord) -> None:
        """Begins a generation."""
        ...

    async def save_alive(self, identities: Collection[str], now_ms: int) -> None:
        """Notes that known nodes were seen whole."""
        ...

    async def take_lease(self, name: str, owner: str, now_ms: int, duration_ms: int) -> bool:
        """Takes or renews a lease; False while another owner holds it."""
        ...

    async def drop_lease(self, name: str, owner: str) -> None:
        """Gives it back."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """Partitions to be made whole together, as `repair` says; None: only looked at once more.

    since_ms: when those to be replayed were last seen whole.
    """

    repair: Repair | None
    epochs: Mapping[int, int]
    since_ms: int


Repairer = Callable[[Job], Awaitable[None]]


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
        saw: Callable[[str, int], None] | None = None,
    ) -> None:
        self._sessions = sessions
        self._agreement = agreement
        self._gate = gate
        self._repair = repair
        self._owner = owner
        self._wall_ms = wall_ms
        self._saw = saw
        self._alive_saved_ms = 0
        self._repairing: dict[asyncio.Task[None], frozenset[int]] = {}
        self._finished = asyncio.Event()

    async def run(self) -> None:
        """Looks every two seconds, and at once when something is suspected, until cancelled."""
        retry_seconds = _RETRY_SECONDS
        self._gate.is_watched = True
        try:
            while True:
                if await self._check_safely():
                    await self._gate.suspected(_CHECK_SECONDS)
                    retry_seconds = _RETRY_SECONDS
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                try:
                    async with asyncio.timeout(retry_seconds):
                        await self._finished.wait()
                except TimeoutError:
                    retry_seconds = min(retry_seconds * 1.5, _RETRY_SECONDS_MAX)
                self._finished.clear()
        finally:
            repairing = list(self._repairing)
            for task in repairing:
                task.cancel()
            # They give the lease back.
            await asyncio.gather(*repairing, return_exceptions=True)

    async def make_whole(self) -> bool:
        """Looks and repairs, all to the end; False when another replica is at it."""
        while not await self.check():
            if not self._repairing and not self._finished.is_set():
                return False
            self._finished.clear()
            await asyncio.gather(*self._repairing)
        # Those who were whole may be looked at once more.
        await asyncio.gather(*self._repairing)
        return True

    async def _check_safely(self) -> bool:
        try:
            return await self.check()
        except StoreUnavailableError:
            # A node went away in the middle; what the others serve is not affected.
            return False
        except Exception as error:
            _log.warning("recovery_interrupted", **logs.describe(error))
            self._gate.set_epochs(self._gate.epochs, [False] * len(ALL_PARTITIONS))
            return False

    async def check(self) -> bool:
        """Whether everything is whole; begins to repair what is not if no other replica does."""
        busy = frozenset[int]().union(*self._repairing.values())
        async with AsyncExitStack() as stack:
            found = await self._look(stack)
            if not (busy or found.has_work(busy, _FENCE_MS)):
                return all(found.ready)
            now_ms = self._wall_ms()
            if not await self._agreement.take_lease(_LEASE, self._owner, now_ms, _LEASE_MS):
                return all(found.ready)
        whole = await self._work(busy)
        if not self._repairing:
            await self._agreement.drop_lease(_LEASE, self._owner)
        return whole

    async def _work(self, busy: Collection[int]) -> bool:
        """Under the lease, and so after another look: what was found before may be done by now."""
        async with AsyncExitStack() as stack:
            found = await self._look(stack)
            waiting = found.broken() - {*busy}
            again = found.due_again(busy, _FENCE_MS)
            if waiting or found.is_unbegun:
                await self._begin(found, waiting)
                return False
            if again:
                self._start(found, again, None)
            return all(found.ready)

    async def _look(self, stack: AsyncExitStack) -> Found:
        found = await look(stack, self._sessions, self._agreement, self._wall_ms())
        await self._compare_clocks(found)
        if not found.fresh:
            await self._take_over(found)
        return found

    async def _compare_clocks(self, found: Found) -> None:
        if self._saw is not None and found.times_ms:
            # Of several nodes the middle one is the most to be believed.
            self._saw("redis", sorted(found.times_ms)[len(found.times_ms) // 2])
            self._saw("mongodb", await self._agreement.time_ms())

    async def _take_over(self, found: Found) -> None:
        """Goes by what was found; lets nodes that can be trusted be used."""
        generation = found.store.generation
        for url, session in found.sessions.items():
            # It was away when the generation began, or another version has other scripts.
            try:
                if found.trusted(url) and not await session.knows_scripts(generation):
                    await session.load_scripts(generation)
            except StoreUnavailableError:
                continue
        self._sessions.use(generation)
        await self._agreement.update_partitions(found.moved())
        ready = found.ready
        if found.now_ms - self._alive_saved_ms >= _ALIVE_EVERY_MS:
            whole = {
                session.node.identity
                for url, session in found.sessions.items()
                if all(ready[p] for p in found.served(url))
            }
            await self._agreement.save_alive(whole, found.now_ms)
            self._alive_saved_ms = found.now_ms
        self._gate.set_epochs([found.records[p].epoch for p in ALL_PARTITIONS], ready)

    async def _begin(self, found: Found, waiting: Collection[int]) -> None:
        """Closes what is broken under new epochs, and begins a generation of scripts."""
        if found.fresh:
            begun = {p: found.first_record(p) for p in found.metas}
        else:
            broken = [p for p in waiting if p in found.repairs and p not in found.under_way]
            begun = {p: found.broken_record(p) for p in broken}
        # MongoDB first: were it to end here, Redis' epochs are behind and it is all built anew.
        await self._agreement.save_partitions(begun)
        for url, session in found.sessions.items():
            own = {p: begun[p].epoch for p in found.served(url) if p in begun}
            if found.fresh:
                await session.clear(own, with_outboxes=True)
            await session.begin_epochs(own)
        found.records |= begun
        if begun or not found.store.generation:
            await self._begin_generation(found, begun)
        epochs = [found.records[p].epoch for p in ALL_PARTITIONS]
        ready = [is_ready and p not in begun for p, is_ready in enumerate(found.ready)]
        self._gate.set_epochs(epochs, ready)
        await self._open(found, [p for p in waiting if p not in found.repairs])
        for kind in Repair:
            partitions = {p for p in waiting if found.repairs.get(p) is kind}
            if partitions:
                _log.warning("recovering", repair=kind.value, partitions=len(partitions))
                self._start(found, partitions, kind, begun)
        self._finished.set()

    async def _begin_generation(self, found: Found, begun: Collection[int]) -> None:
        generation = uuid.uuid4().hex
        referred = {record.node for record in found.records.values()}
        alive = {i: at_ms for i, at_ms in found.store.alive_ms.items() if i in referred}
        for url, session in found.sessions.items():
            if found.trusted(url, begun):
                await session.load_scripts(generation)
                alive.setdefault(session.node.identity, found.now_ms)
        found.store = StoreRecord(generation, alive)
        await self._agreement.save_store(found.store)
        self._sessions.use(generation)

    def _start(
        self,
        found: Found,
        partitions: Collection[int],
        kind: Repair | None,
        begun: Collection[int] = (),
    ) -> None:
        work = self._make_whole(found, partitions, kind, begun)
        task = asyncio.create_task(work)
        self._repairing[task] = frozenset(partitions)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._repairing.pop(task, None)
        self._gate.suspect()

    async def _make_whole(
        self,
        found: Found,
        partitions: Collection[int],
        kind: Repair | None,
        begun: Collection[int],
    ) -> None:
        records = found.records
        try:
            if kind is Repair.REBUILD:
                async for session, own in self._sessions_of(found, partitions):
                    await session.clear([p for p in own if p in begun])
            if kind is None:
                since_ms = min(records[p].again_ms for p in partitions) - _MARGIN_MS
            else:
                since_ms = min(records[p].whole_ms for p in partitions)
            await self._repair(Job(kind, {p: records[p].epoch for p in partitions}, since_ms))
            await self._open(found, partitions, kind)
            self._finished.set()
            _log.info("recovered", customers=self._gate.customers_rebuilt)
        except Exception as error:
            _log.warning("repair_interrupted", **logs.describe(error))
        finally:
            if len(self._repairing) <= 1:
                await self._agreement.drop_lease(_LEASE, self._owner)

    async def _open(
        self, found: Found, partitions: Collection[int], kind: Repair | None = None
    ) -> None:
        """Notes that partitions are whole, and lets them be used."""
        now_ms = self._wall_ms()
        whole = {}
        for partition in partitions:
            record = found.records[partition]
            since_ms = now_ms if kind is Repair.REBUILD else record.since_ms
            again_ms = found.now_ms if kind is not None else 0
            whole[partition] = replace(record, since_ms=since_ms, again_ms=again_ms)
        await self._agreement.update_partitions(whole)
        async for session, own in self._sessions_of(found, partitions):
            epochs = {p: found.records[p].epoch for p in own}
            await session.mark_ready(epochs, found.store.generation)

    async def _sessions_of(
        self, found: Found, partitions: Collection[int]
    ) -> AsyncIterator[tuple[RedisSession, list[int]]]:
        """Connections to the processes that serve partitions, if they still are those judged."""
        for url in {found.urls[p] for p in partitions}:
            own = [p for p in partitions if found.urls[p] == url]
            async with self._sessions.session(url) as session:
                if session.node.identity != found.node(own[0]).identity:
                    raise StoreUnavailableError
                yield session, own
