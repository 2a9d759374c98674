"""From the outboxes to MongoDB, and from there to the bus."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from dangol_service_kit import logs

from segmentation_service.announcements import Announcement, from_outbox
from segmentation_service.partitions import ALL_PARTITIONS, epoch_of, number_of, sequence_of
from segmentation_service.store_redis import Outbox
from segmentation_service.store_redis_client import StoreUnavailableError

_BATCH = 1_000
_SWEEP_SECONDS = 1.0
_BACKOFF_SECONDS = 0.2

_log = logs.get_logger()

# What was read of an outbox: ids of its entries, and what they announce.
Entries = Sequence[tuple[bytes, Announcement]]


class OutboxStore(Protocol):
    """The outboxes."""

    async def outboxes(self, after: Mapping[int, int], limit: int) -> dict[int, Outbox]:
        """What each partition has to announce after a sequence; silent ones are left out."""
        ...


class Bus(Protocol):
    """The bus."""

    async def publish(self, boxes: Mapping[int, Sequence[tuple[bytes, bytes]]]) -> None:
        """Puts changes on the bus and takes them out of the outboxes."""
        ...


class AnnouncementStore(Protocol):
    """Where announcements are kept for good."""

    async def announce(self, announcements: Sequence[Announcement], now_ms: int) -> None:
        """Keeps announcements, in order; those kept already change nothing."""
        ...

    async def last_sequence(self, partition: int) -> int:
        """The last sequence kept of a partition."""
        ...


class Drainer:
    """Copies announcements. It can run twice, and be killed anywhere: copies are idempotent."""

    def __init__(
        self,
        outboxes: OutboxStore,
        bus: Bus,
        announcements: AnnouncementStore,
        wall_ms: Callable[[], int],
    ) -> None:
        self._outboxes = outboxes
        self._bus = bus
        self._announcements = announcements
        self._wall_ms = wall_ms
        self._dirty: set[int] = set()
        # The last sequence of each partition that this process copied to MongoDB.
        self._kept: dict[int, int] = {}
        # time.monotonic() at which all that this process knew of was announced.
        self._drained_at = time.monotonic()
        self._woken = asyncio.Event()
        self._lock = asyncio.Lock()

    @property
    def age_seconds(self) -> float:
        """For how long something may have been waiting; near 0 while announcements get through."""
        return time.monotonic() - self._drained_at

    def wake(self, partitions: Collection[int]) -> None:
        """Something was put into these outboxes."""
        self._dirty.update(partitions)
        self._woken.set()

    async def run(self) -> None:
        """Drains what it is woken for at once, and everything every second, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_SWEEP_SECONDS):
                    await self._woken.wait()
                    partitions: Collection[int] = frozenset(self._dirty)
            except TimeoutError:
                partitions = ALL_PARTITIONS
            self._woken.clear()
            self._dirty.difference_update(partitions)
            try:
                await self.drain(partitions)
            except Exception as error:
                self._dirty.update(partitions)
                if not isinstance(error, StoreUnavailableError):
                    _log.warning("drain_interrupted", **logs.describe(error))
                await asyncio.sleep(_BACKOFF_SECONDS)

    async def drain(self, partitions: Collection[int]) -> dict[int, int]:
        """Announces all that was put into these outboxes before the call.

        Answers each partition's last sequence; those that never announced anything are left out.
        Raises StoreUnavailableError when some partition is silent, after the others were drained.
        What cannot go on the bus now stays in its outbox until it can: MongoDB has it.
        """
        after = dict.fromkeys(sorted(partitions), 0)
        last: dict[int, int] = {}
        async with self._lock:
            started, bus_answers = time.monotonic(), True
            while after:
                boxes = await self._outboxes.outboxes(after, _BATCH)
                read = {
                    partition: [
                        (entry_id, from_outbox(partition, sequence, change))
                        for entry_id, sequence, change in box.entries
                    ]
                    for partition, box in boxes.items()
                    if box.entries
                }
                await self._keep(read)
                bus_answers = bus_answers and await self._publish(read)
                for partition, box in boxes.items():
                    last.setdefault(partition, sequence_of(box.epoch, box.last_number))
                full = {p: box for p, box in boxes.items() if len(box.entries) == _BATCH}
                after = {p: box.entries[-1][1] for p, box in full.items()}
        if len(last) < len(set(partitions)):
            raise StoreUnavailableError
        if bus_answers:
            self._drained_at = started
        return {p: s for p, s in [(p, await self._settle(p, s)) for p, s in last.items()] if s}

    async def _keep(self, read: Mapping[int, Entries]) -> None:
        """Copies to MongoDB what this process has not copied yet."""
        batch = [
            announcement
            for partition, entries in read.items()
            for _, announcement in entries
            if announcement.sequence > self._kept.get(partition, 0)
        ]
        if batch:
            await self._announcements.announce(batch, self._wall_ms())
            for announcement in batch:
                self._kept[announcement.partition] = announcement.sequence

    async def _publish(self, read: Mapping[int, Entries]) -> bool:
        """Whether the bus took them."""
        published = {
            partition: [(entry_id, announcement.change) for entry_id, announcement in entries]
            for partition, entries in read.items()
        }
        try:
            if published:
                await self._bus.publish(published)
        except StoreUnavailableError:
            _log.warning("bus_silent", partitions=len(published))
            return False
        return True

    async def _settle(self, partition: int, sequence: int) -> int:
        """An epoch that has announced nothing yet goes on from the one before."""
        if number_of(sequence):
            return sequence
        return 0 if epoch_of(sequence) <= 1 else await self._announcements.last_sequence(partition)
