"""What happened to coupons becomes events of their customers: journal -> profile.

At least once: the position is saved after profile has answered, or what it did not take was parked
(relay_lanes). An event's id follows from the account and the entry's number, so profile takes a
repetition for what it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bson.timestamp import Timestamp
from dangol_service_kit import logs
from dangol_service_kit.clock import wall_ms

from offers_service.relay_events import EventSender
from offers_service.relay_lanes import Directory, Follower, FollowerLane, Lane, Lanes, ProfileLane
from offers_service.store_parked import ParkedStore
from offers_service.store_relay import (
    Appended,
    Position,
    PositionLostError,
    RelayStore,
    Step,
    new_marker,
)

_BATCH = 500
_QUEUE_MAX = 4000
_SAVE_SECONDS = 1.0
# A busy log of things that are not ours may outrun a position that stands still.
_IDLE_SAVE_SECONDS = 10.0
_RESCAN_MARGIN_MS = 10 * 60 * 1000
_BACKOFF_SECONDS_MIN = 0.1
_BACKOFF_SECONDS_MAX = 2.0

_log = logs.get_logger()


class Relay:
    """Follows the journal and passes it on, until cancelled: to the followers, then to profile."""

    def __init__(
        self,
        store: RelayStore,
        parked: ParkedStore,
        sender: EventSender,
        directory: Directory,
        *,
        followers: Sequence[Follower] = (),
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._directory = directory
        self._profile = ProfileLane(sender, directory)
        lanes: list[Lane] = [*[FollowerLane(follower) for follower in followers], self._profile]
        self._lanes = Lanes(parked, store, lanes, wall_ms=wall_ms)
        self._wall_ms = wall_ms
        self._markers: dict[str, asyncio.Future[None]] = {}
        self._saved_at = -_IDLE_SAVE_SECONDS
        self._opened = asyncio.Event()
        # Everything written up to this wall time was passed on, or parked.
        self._told_ms = wall_ms()

    @property
    def relayed(self) -> Counter[str]:
        """Events that profile took by tenant, since the start."""
        return self._profile.relayed

    @property
    def pending(self) -> set[str]:
        """Tenants some of whose events profile recorded without segmentation having answered."""
        return self._profile.pending

    @property
    def age_seconds(self) -> float:
        """How far profile may be behind the journal; near 0 while everything gets through."""
        return max(self._wall_ms() - self._told_ms, 0) / 1000

    async def parked(self) -> tuple[int, float]:
        """How many accounts wait for another try, and for how many seconds the first of them has:
        what age_seconds leaves out."""
        return await self._lanes.standing()

    async def run(self) -> None:
        """Relays until cancelled; begins again at the saved position after any failure."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run())
            group.create_task(self._lanes.run())

    async def _run(self) -> None:
        backoff_seconds = _BACKOFF_SECONDS_MIN
        while True:
            started = time.monotonic()
            try:
                await self._run_once()
            except Exception as error:
                _log.warning("relay_interrupted", **logs.describe(error))
            if time.monotonic() - started > _BACKOFF_SECONDS_MAX:
                backoff_seconds = _BACKOFF_SECONDS_MIN
            await asyncio.sleep(backoff_seconds)
            backoff_seconds = min(backoff_seconds * 2, _BACKOFF_SECONDS_MAX)

    async def flush(self, tenant_id: str) -> None:
        """Returns once everything of the tenant that was in the journal before was passed on."""
        await self._opened.wait()
        marker = new_marker()
        seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._markers[marker] = seen
        try:
            await self._store.mark(marker)
            await seen
        finally:
            del self._markers[marker]
        await self._lanes.settle(tenant_id)

    async def _run_once(self) -> None:
        await self._lanes.load()
        position = await self._store.position()
        if position is None:
            since_ms = 0 if await self._store.has_accounts() else None
            await self._follow(None, since_ms)
            return
        try:
            await self._follow(position.token, None)
        except PositionLostError:
            _log.warning("relay_position_lost", confirmed_at_ms=position.confirmed_at_ms)
            await self._follow(None, position.confirmed_at_ms - _RESCAN_MARGIN_MS)

    async def _follow(self, token: Mapping[str, Any] | None, since_ms: int | None) -> None:
        """Relays from token on. Without one from now on, and first everything since since_ms."""
        asked = list(self._markers.values())
        start = await self._store.now() if token is None else None
        steps: asyncio.Queue[Step | Exception] = asyncio.Queue(_QUEUE_MAX)
        reader = asyncio.create_task(self._read(token, start, steps))
        try:
            if since_ms is not None:
                await self._rescan(since_ms)
            if start is not None:
                # Their markers may lie before the stream; what they ask for was sent by now.
                _resolve(asked)
            self._opened.set()
            while True:
                await self._relay(await _drain(steps))
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    async def _read(
        self,
        token: Mapping[str, Any] | None,
        start: Timestamp | None,
        steps: asyncio.Queue[Step | Exception],
    ) -> None:
        try:
            async with contextlib.aclosing(self._store.follow(token, start)) as stream:
                async for step in stream:
                    await steps.put(step)
        except Exception as error:
            await steps.put(error)

    async def _relay(self, steps: Sequence[Step | Exception]) -> None:
        good = [step for step in steps if isinstance(step, Step)]
        await self._send([step.appended for step in good if step.appended is not None])
        _resolve(self._markers[step.marker] for step in good if step.marker in self._markers)
        if good:
            at_ms = good[-1].at_ms
            self._told_ms = self._wall_ms() if at_ms is None else at_ms
            idle = all(step.appended is None for step in good)
            age_seconds = time.monotonic() - self._saved_at
            if age_seconds >= (_IDLE_SAVE_SECONDS if idle else _SAVE_SECONDS):
                await self._save(good[-1])
        for failure in steps:
            if isinstance(failure, Exception):
                raise failure

    async def _save(self, step: Step) -> None:
        if step.token is None:
            return
        at_ms = self._wall_ms() if step.at_ms is None else step.at_ms
        await self._store.save(Position(step.token, at_ms))
        self._saved_at = time.monotonic()

    async def _send(self, appended: Sequence[Appended]) -> None:
        by_tenant: dict[str, list[Appended]] = defaultdict(list)
        for account in appended:
            by_tenant[account.tenant_id].append(account)
        ended = await asyncio.gather(
            *[self._lanes.pass_on(*item) for item in by_tenant.items()], return_exceptions=True
        )
        for failure in ended:
            if failure is not None:
                raise failure

    async def _rescan(self, since_ms: int) -> None:
        """Sends everything from since_ms on again; all of it where time is the tenant's own."""
        for tenant_id in await self._directory.list_ids():
            virtual = (await self._directory.get(tenant_id)).virtual
            batch: list[Appended] = []
            async for appended in self._store.rescan(tenant_id, 0 if virtual else since_ms):
                batch.append(appended)
                if len(batch) >= _BATCH:
                    await self._send(batch)
                    batch = []
            await self._send(batch)


def _resolve(asked: Iterable[asyncio.Future[None]]) -> None:
    for seen in asked:
        if not seen.done():
            seen.set_result(None)


async def _drain(steps: asyncio.Queue[Step | Exception]) -> list[Step | Exception]:
    """Waits for one step and takes what came with it, at most a batch."""
    drained = [await steps.get()]
    while len(drained) < _BATCH and not steps.empty():
        drained.append(steps.get_nowait())
    return drained
