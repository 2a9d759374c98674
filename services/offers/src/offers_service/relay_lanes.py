"""Who follows the journal, each in a lane of its own: what fails there waits by itself.

What could not be passed on is parked (store_parked) before the relay's position moves on, and is
tried again from MongoDB, from the first entry that was not passed on. So nothing is lost, entries
of one account stay in their order, and neither an account nor a follower nor a tenant that keeps
failing holds up another.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

from dangol.events.v1 import event_pb2
from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo, unless_ended

from offers_service.pauses import Pauses
from offers_service.relay_events import EventSender, to_event
from offers_service.store_parked import Parked, ParkedKey, ParkedStore
from offers_service.store_relay import Appended

PROFILE = "profile"
_TRY_SECONDS = 5.0
_RETRY_SECONDS = 30.0
_ROUND_SECONDS = 10.0
_IDLE_SECONDS = 1.0
_SETTLE_SECONDS = 0.1
_RETRIES = 20
# One poisoned account says nothing about the others; this many in a row do.
_FAILURES_MAX = 3
_FIRST_MS, _BACKOFF_MS_MAX = 1000, 300_000

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    async def get(self, tenant_id: str) -> TenantInfo: ...
    async def list_ids(self) -> list[str]: ...


class Follower(Protocol):
    """Does what follows from entries within this service; harmless to repeat.

    name: stands in what is parked, so it stays. concerns: whether these entries are any of its.
    """

    @property
    def name(self) -> str: ...
    def concerns(self, account_id: str, entries: Sequence[Mapping[str, Any]]) -> bool: ...
    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None: ...


class Lane(Protocol):
    """Takes what was appended, in order; groups: what is tried together, and so fails together."""

    @property
    def name(self) -> str: ...
    def groups(self, appended: Sequence[Appended]) -> list[list[Appended]]: ...
    async def take(self, tenant_id: str, group: Sequence[Appended]) -> None: ...


class Entries(Protocol):
    """RelayStore."""

    def entries_from(
        self, tenant_id: str, account_id: str, number: int
    ) -> AsyncIterator[Appended]: ...


class FollowerLane:
    """One follower, account by account."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self.name = follower.name

    def groups(self, appended: Sequence[Appended]) -> list[list[Appended]]:
        """Each account that concerns the follower by itself."""
        concerns = self._follower.concerns
        return [[one] for one in appended if concerns(one.account_id, one.entries)]

    async def take(self, tenant_id: str, group: Sequence[Appended]) -> None:
        """Raises whatever the follower raises."""
        for one in group:
            await self._follower.follow(tenant_id, one.account_id, one.entries)


class ProfileLane:
    """To profile, all of a tenant's at once.

    `relayed` counts events by tenant since the start; `pending` holds tenants some of whose
    events profile recorded without segmentation having answered.
    """

    name = PROFILE

    def __init__(self, sender: EventSender, directory: Directory) -> None:
        self._sender = sender
        self._directory = directory
        self.relayed: Counter[str] = Counter()
        self.pending: set[str] = set()

    def groups(self, appended: Sequence[Appended]) -> list[list[Appended]]:
        """Accounts of which there is anything to tell."""
        told = [one for one in appended if _events(one, "")]
        return [told] if told else []

    async def take(self, tenant_id: str, group: Sequence[Appended]) -> None:
        """Raises RpcFailure when profile did not answer."""
        currency_code = (await self._directory.get(tenant_id)).currency_code
        events = [event for one in group for event in _events(one, currency_code)]
        if await self._sender.send(tenant_id, events):
            self.pending.add(tenant_id)
        self.relayed[tenant_id] += len(events)


class Lanes:
    """Passes entries on, and again what failed."""

    def __init__(
        self,
        store: ParkedStore,
        entries: Entries,
        lanes: Sequence[Lane],
        *,
        wall_ms: Callable[[], int],
        try_seconds: float = _TRY_SECONDS,
    ) -> None:
        self._store = store
        self._entries = entries
        self._lanes = {lane.name: lane for lane in lanes}
        self._wall_ms = wall_ms
        self._try_seconds = try_seconds
        # By what waits: how often it was parked by this process.
        self._waiting: dict[ParkedKey, int] = {}
        self._failures: Counter[tuple[str, str]] = Counter()
        self._pauses = Pauses()

    async def load(self) -> None:
        """Learns what waits; before anything is passed on, since an account keeps its order."""
        before = dict(self._waiting)
        found = await self._store.keys()
        now = self._waiting
        joined = {key: count for key, count in now.items() if before.get(key) != count}
        self._waiting = {key: now.get(key, 0) for key in found} | joined

    async def pass_on(self, tenant_id: str, appended: Sequence[Appended]) -> None:
        """To each lane in turn; what failed is parked when this returns.

        Raises RpcFailure while profile is away for everybody, and what the database raises: then
        nothing moves on.
        """
        for lane in self._lanes.values():
            await self._pass_on(lane, tenant_id, appended)

    async def _pass_on(self, lane: Lane, tenant_id: str, appended: Sequence[Appended]) -> None:
        parked: list[tuple[ParkedKey, int]] = []

        def park(one: Appended) -> None:
            key = ParkedKey(tenant_id, lane.name, one.account_id)
            self._waiting[key] = self._waiting.get(key, 0) + 1
            parked.append((key, min(int(entry["n"]) for entry in one.entries)))

        for group in lane.groups(appended):
            free: list[Appended] = []
            for one in group:
                waits = ParkedKey(tenant_id, lane.name, one.account_id) in self._waiting
                (park if waits or self._resting(lane, tenant_id) else free.append)(one)
            if free and not await self._took(lane, tenant_id, free):
                for one in free:
                    park(one)
        if parked:
            now_ms = self._wall_ms()
            await self._store.park(parked, now_ms, now_ms + _FIRST_MS)

    def _resting(self, lane: Lane, tenant_id: str) -> bool:
        return _pair(lane, tenant_id) in self._pauses.paused(time.monotonic())

    async def _took(self, lane: Lane, tenant_id: str, group: Sequence[Appended]) -> bool:
        try:
            async with asyncio.timeout(self._try_seconds):
                with unless_ended(tenant_id):
                    await lane.take(tenant_id, group)
        except RpcFailure as failure:
            if lane.name == PROFILE and failure.code is Code.UNAVAILABLE:
                raise
            self._failed(lane, tenant_id, group, failure)
        except Exception as error:
            self._failed(lane, tenant_id, group, error)
        else:
            self._failures.pop((lane.name, tenant_id), None)
            self._pauses.succeeded(_pair(lane, tenant_id))
            return True
        return False

    def _failed(
        self, lane: Lane, tenant_id: str, group: Sequence[Appended], error: Exception
    ) -> None:
        facts = {"tenant": tenant_id, "lane": lane.name, "accounts": len(group)}
        _log.warning("relay_parked", **facts, **logs.describe(error))
        self._failures[lane.name, tenant_id] += 1
        slow = isinstance(error, TimeoutError)
        if slow or self._failures[lane.name, tenant_id] >= _FAILURES_MAX:
            self._pauses.failed(_pair(lane, tenant_id), time.monotonic())

    async def run(self) -> None:
        """Tries again what waits, until cancelled."""
        while True:
            try:
                await self._round()
            except Exception as error:
                _log.warning("relay_retries_interrupted", **logs.describe(error))
            await asyncio.sleep(_IDLE_SECONDS)

    async def _round(self) -> None:
        tenants = await self._store.tenants_due(self._wall_ms())
        await asyncio.gather(*[self._again(tenant_id) for tenant_id in tenants])
        if self._waiting:
            await self.load()

    async def _again(self, tenant_id: str) -> None:
        try:
            async with asyncio.timeout(_ROUND_SECONDS):
                for parked in await self._store.due(tenant_id, self._wall_ms(), _RETRIES):
                    await self._retry(parked)
        except TimeoutError:
            _log.warning("relay_retries_slow", tenant=tenant_id)

    async def settle(self, tenant_id: str) -> None:
        """Returns once nothing of the tenant waits, having tried at once what does."""
        while parked := await self._store.due(tenant_id, None, _RETRIES):
            settled = [await self._retry(one) for one in parked]
            if not all(settled):
                await asyncio.sleep(_SETTLE_SECONDS)

    async def _retry(self, parked: Parked) -> bool:
        lane, now_ms = self._lanes.get(parked.key.lane), self._wall_ms()
        backoff_ms = min(_FIRST_MS << min(parked.tries, 20), _BACKOFF_MS_MAX)
        leased_ms = now_ms + max(backoff_ms, int(_RETRY_SECONDS * 1000))
        if not await self._store.claim(parked, leased_ms):
            return False
        key, seen = parked.key, self._waiting.get(parked.key)
        try:
            if lane is None:
                raise LookupError(key.lane)
            async with asyncio.timeout(_RETRY_SECONDS):
                await self._pass_again(lane, parked)
        except Exception as error:
            facts = {"tenant": key.tenant_id, "lane": key.lane, "tries": parked.tries + 1}
            _log.warning("relay_retry_failed", **facts, **logs.describe(error))
            await self._store.postpone(key, self._wall_ms() + backoff_ms)
            return False
        if not await self._store.done(parked):
            # Entries have joined it: they are due at once.
            await self._store.postpone(key, now_ms)
            return False
        if self._waiting.get(key) == seen:
            self._waiting.pop(key, None)
        return True

    async def _pass_again(self, lane: Lane, parked: Parked) -> None:
        key = parked.key
        found = self._entries.entries_from(key.tenant_id, key.account_id, parked.number)
        async for appended in found:
            for group in lane.groups([appended]):
                with unless_ended(key.tenant_id):
                    await lane.take(key.tenant_id, group)

    async def standing(self) -> tuple[int, float]:
        """How many accounts wait, and for how many seconds the first of them has."""
        count, since_ms = await self._store.standing()
        age_ms = 0 if since_ms is None else max(self._wall_ms() - since_ms, 0)
        return count, age_ms / 1000


def _pair(lane: Lane, tenant_id: str) -> str:
    return f"{lane.name}/{tenant_id}"


def _events(one: Appended, currency_code: str) -> list[event_pb2.Event]:
    found = [to_event(one.account_id, entry, currency_code) for entry in one.entries]
    return [event for event in found if event is not None]
