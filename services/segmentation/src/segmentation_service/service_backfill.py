"""Computing the members of new and edited segments from history, under live traffic.

The ruleset's new version is published to every partition first. From then on whatever touches a
customer does so under it, so customers fall into two kinds: those whose state is of this version
and complete, and those whose state is older and untouched since, whom the backfill replays.

Customers come in order of id, and how far it has come is kept in MongoDB: everyone sees it, and
who takes over from a replica that died goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

import msgspec
from dangol_service_kit import logs

from segmentation_service import segments
from segmentation_service.histories import History
from segmentation_service.recovery import PartitionRecord
from segmentation_service.segments import SegmentSet, State
from segmentation_service.service_gate import Gate
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.store_progress import Progress
from segmentation_service.tenant_rules import TenantRules

_CHUNK = 100
# Customers left over, by a Redis that was away perhaps, before they are tried again.
_PENDING_MAX = 500
_SAVE_SECONDS = 1.0
# A large tenant shall not keep small ones waiting.
_TENANTS_AT_ONCE = 4
_POLL_SECONDS = 1.0
_RETRY_SECONDS = 0.5
_STAND_BACK_SECONDS = 0.05
_LEASE_MS = 5_000
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


class Agreement(Protocol):
    """Who does what, and which epochs there are."""

    async def take_lease(self, name: str, owner: str, now_ms: int, duration_ms: int) -> bool:
        """Takes or renews a lease; False while another owner holds it."""
        ...

    async def drop_lease(self, name: str, owner: str) -> None:
        """Gives it back."""
        ...

    async def load_partitions(self) -> Mapping[int, PartitionRecord]:
        """Every partition's record."""
        ...


class ProgressStore(Protocol):
    """How far work has come."""

    async def load_progress(self, tenant_id: str) -> Progress | None:
        """The last that was saved."""
        ...

    async def save_progress(self, tenant_id: str, progress: Progress) -> None:
        """Replaces it."""
        ...


class AllHistories(Protocol):
    """Every customer of a tenant."""

    async def count_customers(self, tenant_id: str) -> int:
        """How many there are."""
        ...

    def all_histories(self, tenant_id: str, after_customer_id: str = "") -> AsyncIterator[History]:
        """In order of id."""
        ...


class IndexStore(Protocol):
    """Member indexes."""

    async def drop_index(self, tenant_id: str, segment_id: str) -> None:
        """Forgets the members of a segment that is no more."""
        ...


class LeaseLostError(Exception):
    """Another replica has taken the work over."""


class Backfill:
    """Works off tenants with unfinished segments; one replica a tenant at a time."""

    def __init__(
        self,
        *,
        store: WorkStore,
        progress: ProgressStore,
        agreement: Agreement,
        histories: AllHistories,
        index: IndexStore,
        rulesets: Rulesets,
        replayer: Replayer,
        gate: Gate,
        owner: str,
        wall_ms: Callable[[], int],
    ) -> None:
        self._store = store
        self._progress = progress
        self._agreement = agreement
        self._histories = histories
        self._index = index
        self._rulesets = rulesets
        self._replayer = replayer
        self._gate = gate
        self._owner = owner
        self._wall_ms = wall_ms
        self._woken = asyncio.Event()
        self._finished = asyncio.Event()
        self._busy: set[str] = set()
        # What this replica is at, by tenant.
        self.current: dict[str, Progress] = {}

    def wake(self) -> None:
        """There is work."""
        self._woken.set()

    async def run(self) -> None:
        """Looks for work when woken and every second, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    async with asyncio.timeout(_POLL_SECONDS):
                        await self._woken.wait()
                except TimeoutError:
                    pass
                self._woken.clear()
                await self._begin_work(group)

    async def work_off(self) -> None:
        """Does the work that there is now; for those who have no loop running."""
        async with asyncio.TaskGroup() as group:
            await self._begin_work(group)

    async def _begin_work(self, group: asyncio.TaskGroup) -> None:
        if self._gate.is_ready:
            for tenant_id in await self._find_work():
                self._busy.add(tenant_id)
                group.create_task(self._try_work_on(tenant_id))

    async def _find_work(self) -> list[str]:
        try:
            tenant_ids = await self._store.list_tenants_with_work()
        except Exception as error:
            _log.warning("backfill_interrupted", **logs.describe(error))
            return []
        fresh = [tenant_id for tenant_id in tenant_ids if tenant_id not in self._busy]
        return fresh[: max(_TENANTS_AT_ONCE - len(self._busy), 0)]

    async def _try_work_on(self, tenant_id: str) -> None:
        try:
            await self._work_on(tenant_id)
        except LeaseLostError:
            return
        except Exception as error:
            _log.warning("backfill_interrupted", tenant=tenant_id, **logs.describe(error))
        finally:
            self._busy.discard(tenant_id)

    async def finish(self, tenant_id: str, timeout_seconds: float) -> bool:
        """Whether the tenant's work is done, now or within the time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while True:
                    # Taken before the look: what ends after it is not waited for in vain.
                    finished = self._finished
                    if not (await self._store.load_segments(tenant_id)).has_work():
                        return True
                    self.wake()
                    try:
                        async with asyncio.timeout(_POLL_SECONDS):
                            await finished.wait()
                    except TimeoutError:
                        continue
        except TimeoutError:
            return False

    async def _work_on(self, tenant_id: str) -> None:
        lease = f"backfill/{tenant_id}"
        if not await self._renew(lease):
            return
        try:
            # Tells Redis as well, should the replica that changed the rules have died before.
            rules = await self._rulesets.publish(tenant_id)
            if rules.segments.has_work():
                await self._compute(rules, lease)
        finally:
            await self._agreement.drop_lease(lease, self._owner)
            self._finished.set()
            self._finished = asyncio.Event()

    async def _compute(self, rules: TenantRules, lease: str) -> None:
        tenant_id = rules.tenant_id
        reason = Reason("REBUILD" if rules.segments.rebuild_version else "RULE")
        progress = self.current[tenant_id] = await self._begin(rules)
        ended = asyncio.Event()
        keeping = asyncio.create_task(self._keep(tenant_id, progress, lease, ended))
        try:
            async for chunk in self._chunks(tenant_id, progress.after):
                await self._replay(rules, chunk, reason, progress)
                if keeping.done():
                    break
            await self._settle(tenant_id, reason, progress)
            progress.finished = not keeping.done()
        finally:
            del self.current[tenant_id]
            ended.set()
            await keeping
        if await self._epochs() != progress.epochs:
            # A Redis that lost its last second has older states again of some who were done.
            raise RuntimeError("state was lost meanwhile: everyone is looked at again")
        await self._close(rules, progress)
        _log.info("backfilled", tenant=tenant_id, customers=progress.done, changes=progress.changes)

    async def _begin(self, rules: TenantRules) -> Progress:
        """Where to go on: not from before the rules changed, nor from before state was lost."""
        epochs = await self._epochs()
        known = await self._progress.load_progress(rules.tenant_id)
        if known is not None and (known.rules_version, known.epochs) == (rules.version, epochs):
            return msgspec.structs.replace(known, finished=False)
        total = await self._histories.count_customers(rules.tenant_id)
        progress = Progress(rules.version, epochs, total)
        await self._progress.save_progress(rules.tenant_id, progress)
        return progress

    async def _chunks(self, tenant_id: str, after: str) -> AsyncIterator[list[History]]:
        chunk: list[History] = []
        async for history in self._histories.all_histories(tenant_id, after):
            chunk.append(history)
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    async def _replay(
        self, rules: TenantRules, chunk: Sequence[History], reason: Reason, progress: Progress
    ) -> None:
        await self._gate.stand_back(_STAND_BACK_SECONDS)
        replayed = await self._replayer.replay_histories(rules, chunk, reason)
        progress.pending += replayed.pending
        progress.changes += len(replayed.changes)
        progress.done += sum(not history.merged_into for history in chunk)
        progress.after = chunk[-1].customer_id
        if len(progress.pending) >= _PENDING_MAX:
            await self._settle(rules.tenant_id, reason, progress)

    async def _settle(self, tenant_id: str, reason: Reason, progress: Progress) -> None:
        for _ in range(_ATTEMPTS):
            if not progress.pending:
                return
            await asyncio.sleep(_RETRY_SECONDS)
            replayed = await self._replayer.replay(tenant_id, progress.pending, reason)
            progress.changes += len(replayed.changes)
            progress.pending = replayed.pending
        if progress.pending:
            raise RuntimeError("customers could not be replayed")

    async def _keep(
        self, tenant_id: str, progress: Progress, lease: str, ended: asyncio.Event
    ) -> None:
        """Renews the lease and saves the progress every second, and once more at the end."""
        while True:
            try:
                async with asyncio.timeout(_SAVE_SECONDS):
                    await ended.wait()
            except TimeoutError:
                pass
            last = ended.is_set()
            if not await self._renew(lease):
                raise LeaseLostError
            await self._progress.save_progress(tenant_id, progress)
            if last:
                return

    async def _close(self, rules: TenantRules, progress: Progress) -> None:
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
        if await self._epochs() != progress.epochs:
            # As above, in the last moment. A recovery that begins after this look knows by
            # itself of work that was finished just before.
            while not await self._store.save_segments(held, segments.ask_rebuild(held)):
                held = await self._store.load_segments(tenant_id)
        await self._rulesets.reload(tenant_id)

    async def _epochs(self) -> int:
        """Epochs only grow, so their sum tells whether any did."""
        partitions = await self._agreement.load_partitions()
        return sum(partition.epoch for partition in partitions.values())

    async def _renew(self, lease: str) -> bool:
        return await self._agreement.take_lease(lease, self._owner, self._wall_ms(), _LEASE_MS)
