"""What happened to coupons becomes events of their customers: journal -> profile.

At least once: the position is saved after profile has answered. An event's id follows from the
account and the entry's number, so profile takes a repetition for what it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from bson.timestamp import Timestamp
from dangol.events.v1 import event_pb2
from dangol.profile.v1 import event_service_pb2 as pb
from dangol_service_kit import logs
from dangol_service_kit.client import call
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.tenants import TenantInfo, unless_ended

from offers_service.ledger import ENTRY_EVENT_TYPES
from offers_service.store_relay import (
    Appended,
    Position,
    PositionLostError,
    RelayStore,
    Step,
    new_marker,
)

if TYPE_CHECKING:
    from dangol.profile.v1.event_service_pb2_grpc import EventServiceAsyncStub

# What tier_changed says for a customer in no tier.
NO_TIER = "none"
_NAMESPACE = uuid.UUID("5d1c2f0e-8f4b-5a53-9f63-0d7a6a3a3c11")
_BATCH = 500
_QUEUE_MAX = 4000
_TIMEOUT_SECONDS = 10.0
_SAVE_SECONDS = 1.0
# A busy log of things that are not ours may outrun a position that stands still.
_IDLE_SAVE_SECONDS = 10.0
_RESCAN_MARGIN_MS = 10 * 60 * 1000
_BACKOFF_SECONDS_MIN = 0.1
_BACKOFF_SECONDS_MAX = 2.0

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    async def get(self, tenant_id: str) -> TenantInfo: ...
    async def list_ids(self) -> list[str]: ...


class Follower(Protocol):
    """Does what follows from entries within this service; harmless to repeat."""

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None: ...


def to_event(
    account_id: str, entry: Mapping[str, Any], currency_code: str = ""
) -> event_pb2.Event | None:
    """The event that an entry is to the customer it concerns; None for none. A redemption tells
    what it took off, where the currency is known."""
    event_type = ENTRY_EVENT_TYPES.get(entry["kind"])
    if event_type is None or entry.get("origin", "").startswith("same:"):
        return None
    at_ms: int = entry["at_ms"]
    event = event_pb2.Event(
        event_id=str(uuid.uuid5(_NAMESPACE, f"{account_id}/{entry['n']}")),
        customer=event_pb2.CustomerRef(namespace="customer", value=entry["owner"]),
        type=event_type,
        order_id=entry.get("order", ""),
    )
    event.occurred_at.FromMilliseconds(at_ms)
    if entry["kind"] == "redeem" and entry.get("discount") and currency_code:
        event.amount.currency_code = currency_code
        event.amount.minor_units = entry["discount"]
    for name, value in _facts(account_id, entry).items():
        if value:
            event.properties[name].text = value
    return event


def _facts(account_id: str, entry: Mapping[str, Any]) -> dict[str, str]:
    if entry["kind"] == "tier":
        direction, _, tiers = entry["origin"].partition(":")
        before, _, after = tiers.partition(">")
        return {"from": before or NO_TIER, "to": after or NO_TIER, "direction": direction}
    if account_id.startswith(("in_", "iv_")):
        invitation_id = entry.get("gift", "") or account_id
        return {"invitation_id": invitation_id, "inviter_id": entry.get("origin", "")}
    if account_id.startswith("sd_"):
        return {"discount_id": account_id, "offer_id": entry.get("offer", "")}
    if account_id.startswith("p_"):
        return {"gift_id": entry.get("gift", "")}
    return {
        "coupon_id": account_id,
        "offer_id": entry.get("offer", ""),
        "campaign_id": entry.get("campaign", ""),
    }


class EventSender:
    """Sends events to profile under the service's own token."""

    def __init__(self, stub: EventServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def send(self, tenant_id: str, events: Sequence[event_pb2.Event]) -> bool:
        """Records the events in order; answers whether changes of membership are pending.

        Raises RpcFailure when profile did not answer: then send them again.
        """
        pending = False
        for start in range(0, len(events), _BATCH):
            response = await call(
                self._stub.RecordEvents,
                pb.RecordEventsRequest(events=events[start : start + _BATCH]),
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            pending = pending or response.changes_pending
            rejected = Counter(
                result.code
                for result in response.results
                if result.outcome == pb.RECORD_OUTCOME_REJECTED
            )
            if rejected:
                # Sending them again would change nothing.
                _log.warning("relay_events_rejected", tenant=tenant_id, codes=dict(rejected))
        return pending


class Relay:
    """Follows the journal and sends it on, until cancelled.

    `relayed` counts events by tenant since the start; `pending` holds tenants some of whose
    events profile recorded without segmentation having answered.
    """

    def __init__(
        self,
        store: RelayStore,
        sender: EventSender,
        directory: Directory,
        *,
        followers: Sequence[Follower] = (),
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._sender = sender
        self._directory = directory
        self._followers = followers
        self._wall_ms = wall_ms
        self._markers: dict[str, asyncio.Future[None]] = {}
        self._saved_at = -_IDLE_SAVE_SECONDS
        self._opened = asyncio.Event()
        # Everything written up to this wall time has reached profile.
        self._told_ms = wall_ms()
        self.relayed: Counter[str] = Counter()
        self.pending: set[str] = set()

    @property
    def age_seconds(self) -> float:
        """How far profile may be behind the journal; near 0 while everything gets through."""
        return max(self._wall_ms() - self._told_ms, 0) / 1000

    async def run(self) -> None:
        """Relays until cancelled; begins again at the saved position after any failure."""
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

    async def flush(self) -> None:
        """Returns once everything that was in the journal before has reached profile."""
        await self._opened.wait()
        marker = new_marker()
        seen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._markers[marker] = seen
        try:
            await self._store.mark(marker)
            await seen
        finally:
            del self._markers[marker]

    async def _run_once(self) -> None:
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
        by_tenant: dict[str, list[event_pb2.Event]] = defaultdict(list)
        for account in appended:
            with unless_ended(account.tenant_id):
                by_tenant[account.tenant_id] += await self._events_of(account)
        await asyncio.gather(*[self._send_tenant(*item) for item in by_tenant.items()])

    async def _events_of(self, account: Appended) -> list[event_pb2.Event]:
        for follower in self._followers:
            await follower.follow(account.tenant_id, account.account_id, account.entries)
        currency_code = (await self._directory.get(account.tenant_id)).currency_code
        events = [to_event(account.account_id, one, currency_code) for one in account.entries]
        return [event for event in events if event is not None]

    async def _send_tenant(self, tenant_id: str, events: Sequence[event_pb2.Event]) -> None:
        with unless_ended(tenant_id):
            if await self._sender.send(tenant_id, events):
                self.pending.add(tenant_id)
        self.relayed[tenant_id] += len(events)

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
