"""What this replica believes of the partitions, and who must know when that may be wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

from segmentation_service.partitions import ALL_PARTITIONS, PARTITION_COUNT

# Who has not looked at Redis and MongoDB for this long decides nothing: another replica may have
# repaired what it goes by.
CURRENT_SECONDS = 8.0


class Gate:
    """Epochs and readiness by partition. The scripts in Redis have the last word."""

    def __init__(self) -> None:
        self._epochs: tuple[int, ...] = (0,) * PARTITION_COUNT
        self._ready = frozenset[int]()
        self._looked_at = 0.0
        # Whether recovery looks again and again.
        self.is_watched = False
        self._changed = asyncio.Event()
        self._alarm = asyncio.Event()
        # One for each live request in progress, set when it is over.
        self._live_calls = set[asyncio.Event]()
        self.customers_rebuilt = 0
        self.customers_total = 0

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epoch of each partition as last seen in MongoDB."""
        return self._epochs

    @property
    def ready_count(self) -> int:
        """How many partitions are ready, of 64."""
        return len(self._ready)

    @property
    def is_ready(self) -> bool:
        """Whether all of them are."""
        return self.ready_count == PARTITION_COUNT

    def set_epochs(self, epochs: Sequence[int], ready: Sequence[bool]) -> None:
        """What recovery found out."""
        self._looked_at = time.monotonic()
        self._epochs = tuple(epochs)
        self._ready = frozenset(p for p in ALL_PARTITIONS if ready[p])
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def is_current(self) -> bool:
        """Whether what recovery found out can still be gone by."""
        return not self.is_watched or time.monotonic() - self._looked_at < CURRENT_SECONDS

    def change(self) -> Awaitable[bool]:
        """To be awaited until recovery has found out something after this call."""
        return self._changed.wait()

    def suspect(self) -> None:
        """Something looked wrong: recovery shall look at once."""
        self._alarm.set()

    async def suspected(self, timeout_seconds: float) -> None:
        """Returns when something looks wrong, or the time is over."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._alarm.wait()
        except TimeoutError:
            return
        finally:
            self._alarm.clear()

    async def wait_ready(self, timeout_seconds: float) -> bool:
        """Whether every partition is ready, now or within the time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while not self.is_ready:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def wait_usable(self, timeout_seconds: float) -> bool:
        """Whether some partition is ready, now or within the time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while not self.ready_count:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    @asynccontextmanager
    async def live_call(self) -> AsyncIterator[None]:
        """Marks a live request, before which other work stands back."""
        over = asyncio.Event()
        self._live_calls.add(over)
        try:
            yield
        finally:
            self._live_calls.discard(over)
            over.set()

    async def stand_back(self, seconds: float) -> None:
        """Waits until the live requests now in progress are over, but not longer than this.

        Work that stands back before each of its portions makes no live request wait for more
        than one of them; and since it does not wait for later requests, none keep it for good.
        """
        # Requests that wait for the event loop come forward first.
        await asyncio.sleep(0)
        try:
            async with asyncio.timeout(seconds):
                for over in tuple(self._live_calls):
                    await over.wait()
        except TimeoutError:
            return
