"""Membership changes from the bus, each acted on at least once and in order.

The bus is the fast path. Sequences grow without gaps within a partition and epoch, so whatever
the bus lost shows as a gap and is read from segmentation, which keeps every announcement.
Positions are saved a little later than they are reached: what a crash repeats has no effect.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from dangol.events.v1 import membership_pb2 as pb
from dangol.segmentation.v1 import segment_service_pb2 as segment_pb
from dangol_service_kit import logs
from dangol_service_kit.auth import ALL_TENANTS
from dangol_service_kit.client import call
from dangol_service_kit.telemetry import Telemetry
from google.protobuf.message import DecodeError

from offers_service.campaigns import Change
from offers_service.store_positions import PositionStore
from offers_service.triggers import ChangeKind

if TYPE_CHECKING:
    from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceAsyncStub

STREAM = "dangol:bus:membership"
GROUP = "offers"
PARTITION_COUNT = 64
EPOCH_SHIFT = 40
_PAGE_SIZE = 5000
_TIMEOUT_SECONDS = 5.0
_LISTS_AT_ONCE_MAX = 8
# Another drainer may still be writing what came before: how long to wait for it.
_PATIENCE_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.4)
# While the bus makes progress it is quicker than asking.
_BUS_WAIT_SECONDS = 0.03
_SAVE_SECONDS = 1.0
_SWEEP_SECONDS = 15.0
_BACKOFF_SECONDS = 1.0
_RECOMPUTED = frozenset({pb.CHANGE_CAUSE_RULE, pb.CHANGE_CAUSE_BACKFILL})
_KINDS = {
    pb.CHANGE_KIND_ENTERED: ChangeKind.ENTERED,
    pb.CHANGE_KIND_EXITED: ChangeKind.EXITED,
}

_log = logs.get_logger()


class Acting(Protocol):
    """What is done with changes; Enroller."""

    def handle(self, changes: Sequence[Change]) -> Awaitable[None]: ...


def to_change(message: pb.MembershipChange) -> Change:
    """The change as the domain knows it. Raises KeyError for a kind that is not known."""
    return Change(
        tenant_id=message.tenant_id,
        customer_id=message.customer_id,
        segment_id=message.segment_id,
        stint=message.stint,
        kind=_KINDS[message.kind],
        effective_at_ms=message.effective_at.ToMilliseconds(),
        notify=message.notify,
        recomputed=message.cause in _RECOMPUTED,
        partition=message.partition,
        sequence=message.sequence,
        merged=message.cause == pb.CHANGE_CAUSE_MERGE,
        traceparent=message.traceparent,
    )


def follows(sequence: int, previous: int) -> bool:
    """Whether nothing can lie between the two: the next number, or the first of a later epoch."""
    if sequence == previous + 1:
        return True
    first_of_epoch = sequence & ((1 << EPOCH_SHIFT) - 1) <= 1
    return first_of_epoch and sequence >> EPOCH_SHIFT > previous >> EPOCH_SHIFT


def has_gap(position: int, sequences: Iterable[int]) -> bool:
    """Whether ascending sequences leave something out after position."""
    for sequence in sequences:
        if not follows(sequence, position):
            return True
        position = sequence
    return False


class MembershipConsumer:
    """Hands changes to `acting` and remembers how far each partition was consumed.

    `consumed` counts changes by tenant since the start.
    """

    def __init__(
        self,
        positions: PositionStore,
        acting: Acting,
        stub: SegmentServiceAsyncStub,
        token: Callable[[str], str],
        *,
        telemetry: Telemetry,
        sweep_seconds: float = _SWEEP_SECONDS,
    ) -> None:
        self._store = positions
        self._acting = acting
        self._stub = stub
        self._token = token
        self._telemetry = telemetry
        self._sweep_seconds = sweep_seconds
        self._lock = asyncio.Lock()
        self._positions: dict[int, int] | None = None
        self._saved: dict[int, int] = {}
        self._moved = asyncio.Event()
        self.consumed: Counter[str] = Counter()

    async def on_entries(self, entries: list[tuple[str, bytes]]) -> None:
        """A batch from the bus; the handler of a BusConsumer."""
        changes = []
        for entry_id, data in entries:
            try:
                changes.append(to_change(pb.MembershipChange.FromString(data)))
            except DecodeError:
                # Its number is missing now, so it is read from segmentation.
                _log.warning("bus_entry_unreadable", entry=entry_id)
        async with self._lock:
            await self._consume(changes)

    async def catch_up(self, targets: Mapping[int, int]) -> None:
        """Consumes until each partition has reached the sequence given for it.

        Raises RpcFailure while segmentation cannot be asked for what the bus does not bring.
        """
        while True:
            # What follows changes `_moved`, so take it before looking.
            moved = self._moved
            behind = await self._behind(targets)
            if not behind:
                return
            try:
                async with asyncio.timeout(_BUS_WAIT_SECONDS):
                    await moved.wait()
            except TimeoutError:
                break
        await self._fetch(behind, targets)

    async def sweep(self) -> None:
        """Consumes everything announced so far in every partition, bus or no bus."""
        await self._fetch(range(PARTITION_COUNT), None)

    async def run_sweeps(self) -> None:
        """Catches up at the start and then now and then, for a bus that fell silent."""
        while True:
            try:
                await self.sweep()
                await asyncio.sleep(self._sweep_seconds)
            except Exception as error:
                _log.warning("consumer_sweep_failed", **logs.describe(error))
                await asyncio.sleep(_BACKOFF_SECONDS)

    async def run_saves(self) -> None:
        """Saves positions every second, until cancelled and then once more."""
        while True:
            try:
                await asyncio.sleep(_SAVE_SECONDS)
                await self.save()
            except asyncio.CancelledError:
                await self.save()
                raise
            except Exception as error:
                _log.warning("consumer_save_failed", **logs.describe(error))

    async def save(self) -> None:
        """Saves the positions reached so far."""
        reached = dict(self._positions or {})
        changed = {key: value for key, value in reached.items() if self._saved.get(key) != value}
        await self._store.save(changed)
        self._saved |= changed

    async def _behind(self, targets: Mapping[int, int]) -> list[int]:
        positions = await self._load()
        return [key for key, target in targets.items() if positions.get(key, 0) < target]

    async def _load(self) -> dict[int, int]:
        if self._positions is None:
            stored = await self._store.read()
            # Another task may have loaded, and moved, them meanwhile.
            if self._positions is None:
                self._positions, self._saved = stored, dict(stored)
        return self._positions

    async def _fetch(self, partitions: Iterable[int], targets: Mapping[int, int] | None) -> None:
        limit = asyncio.Semaphore(_LISTS_AT_ONCE_MAX)

        async def fetch(partition: int) -> list[Change]:
            async with limit:
                return await self._list_after(partition, positions.get(partition, 0))

        positions = await self._load()
        async with self._lock:
            wanted = list(partitions)
            pages = await asyncio.gather(*[fetch(partition) for partition in wanted])
            found = [change for page in pages for change in page]
            if targets is None:
                await self._consume(found)
                return
            # Up to the targets every announcement was written before we were told of them.
            known = [change for change in found if change.sequence <= targets[change.partition]]
            await self._consume(known, exact=False)
            for partition in wanted:
                positions[partition] = max(positions.get(partition, 0), targets[partition])

    async def _consume(self, changes: Sequence[Change], *, exact: bool = True) -> None:
        """Acts on what is new among changes, under the lock. exact: fills gaps first."""
        positions = await self._load()
        by_partition: dict[int, dict[int, Change]] = defaultdict(dict)
        for change in changes:
            if change.sequence > positions.get(change.partition, 0):
                by_partition[change.partition][change.sequence] = change
        runs = list(by_partition.values())
        if exact:
            runs = await asyncio.gather(*[self._complete(*item) for item in by_partition.items()])
        new = [run[sequence] for run in runs for sequence in sorted(run)]
        if not new:
            return
        with self._telemetry.consuming(f"process {STREAM}", (one.traceparent for one in new)):
            await self._acting.handle(new)
        for change in new:
            positions[change.partition] = max(positions.get(change.partition, 0), change.sequence)
            self.consumed[change.tenant_id] += 1
        self._moved.set()
        self._moved = asyncio.Event()

    async def _complete(self, partition: int, changes: dict[int, Change]) -> dict[int, Change]:
        """The changes with those that are missing between the position and them.

        What is not listed even after a while was lost before it was announced, or was announced
        before under another sequence: then there is nothing to act on.
        """
        position = (await self._load()).get(partition, 0)
        last = max(changes)
        if not has_gap(position, sorted(changes)) and _same_epoch(position, last):
            return changes
        for patience_seconds in (*_PATIENCE_SECONDS, None):
            listed = await self._list_after(partition, position)
            changes = {change.sequence: change for change in listed} | changes
            if not has_gap(position, sorted(changes)):
                return changes
            if patience_seconds is not None:
                await asyncio.sleep(patience_seconds)
        _log.warning("announcements_missing", partition=partition, after=position, before=last)
        return changes

    async def _list_after(self, partition: int, position: int) -> list[Change]:
        found: list[Change] = []
        while True:
            request = segment_pb.ListAnnouncementsRequest(
                partition=partition, after_sequence=position, page_size=_PAGE_SIZE
            )
            response = await call(
                self._stub.ListAnnouncements,
                request,
                token=self._token(ALL_TENANTS),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            found += [to_change(message) for message in response.changes]
            if len(response.changes) < _PAGE_SIZE:
                return found
            position = found[-1].sequence


def _same_epoch(position: int, sequence: int) -> bool:
    """A new epoch may follow announcements of the old one that the bus lost; the first has none."""
    return position >> EPOCH_SHIFT == sequence >> EPOCH_SHIFT or (
        position == 0 and sequence >> EPOCH_SHIFT == 1
    )
