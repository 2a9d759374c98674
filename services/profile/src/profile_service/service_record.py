"""Recording a batch of events (ARCHITECTURE.md, the path of an event), each judged by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from dangol.events.v1.event_pb2 import Event
from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit.clock import Clock, Reading, wall_ms
from dangol_service_kit.tenants import TenantInfo
from dangol_service_kit.validation import collect_violations

from profile_service import encoding
from profile_service.domain import CUSTOMER, Customer, evaluated_ms
from profile_service.judging import (
    CONTENT_DIFFERS,
    CUSTOMER_UNKNOWN,
    OWNER_ERASED,
    Rejection,
    judge,
    occurred_ms,
)
from profile_service.records import Identity, Intent, StoredEvent
from profile_service.sealing import Vault
from profile_service.service_meters import Meters
from profile_service.service_registry import Newcomer, Registry
from profile_service.service_segmentation import Delta, DeltaEvent, Segmentation
from profile_service.service_tenants import StoreDirectory
from profile_service.store import StoreUnavailableError
from profile_service.store_events import EventStore
from profile_service.store_intents import IntentStore

# More batches than this at once would only wait for the same two cores and hold memory.
BATCHES_AT_ONCE_MAX: Final = 32
# With the time an insert may take, less than the age at which the relay takes an intent.
INTENT_FRESH_MS: Final = 1500
_INSERT_ROUNDS_MAX: Final = 3
_NEVER_KNOWN: Final = Identity(b"", "", "", b"")


class RecordOutcome(StrEnum):
    """What became of one event."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class EventResult(NamedTuple):
    """rejection is set when the outcome is REJECTED."""

    event_id: str
    outcome: RecordOutcome
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Results in the order of the batch; changes the events caused; whether more follow."""

    results: list[EventResult]
    changes: Sequence[MembershipChange] = ()
    pending: bool = False


class _Pending(NamedTuple):
    """An event on its way through the path, without its customer: who sent it is `sender`."""

    position: int
    event: Event
    sender: tuple[str, str]
    identifier_hash: bytes
    key: bytes
    at_ms: int
    received_ms: int


@dataclass(slots=True)
class _Batch:
    """A batch as it is judged: results by position, and what is still to be stored, by key."""

    events: Sequence[Event]
    results: dict[int, EventResult] = field(default_factory=dict)
    pending: dict[bytes, _Pending] = field(default_factory=dict)
    twins: list[tuple[int, int]] = field(default_factory=list)

    def settle(
        self, position: int, outcome: RecordOutcome, rejection: Rejection | None = None
    ) -> None:
        event_id = self.events[position].event_id
        self.results[position] = EventResult(event_id, outcome, rejection)

    def reject(self, position: int, rejection: Rejection) -> None:
        self.settle(position, RecordOutcome.REJECTED, rejection)

    def in_order(self) -> list[EventResult]:
        return [self.results[position] for position in range(len(self.events))]


class Recorder:
    """Records batches for all tenants."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        clock: Clock,
        registry: Registry,
        vault: Vault,
        events: EventStore,
        intents: IntentStore,
        segmentation: Segmentation,
        meters: Meters,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._meters = meters
        self._directory = directory
        self._clock = clock
        self._registry = registry
        self._vault = vault
        self._events = events
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms
        self._room = asyncio.Semaphore(BATCHES_AT_ONCE_MAX)

    async def record(
        self,
        tenant_id: str,
        events: Sequence[Event],
        only_customer_id: str | None = None,
        import_id: str = "",
    ) -> Recorded:
        """Judges, stores and evaluates a batch, whose events lose their customers on the way.

        only_customer_id restricts the batch to one customer's own events; those of others are
        rejected as if the customer did not exist. import_id names the import that the events are
        history of: they are evaluated at its end. Raises RpcFailure TENANT_NOT_FOUND and
        StoreUnavailableError; whatever was stored then is found as DUPLICATE by a retry.
        """
        async with self._room:
            recorded = await self._record(tenant_id, events, only_customer_id, import_id)
        self._meters.judged([result.outcome for result in recorded.results])
        return recorded

    async def _record(
        self,
        tenant_id: str,
        events: Sequence[Event],
        only_customer_id: str | None,
        import_id: str,
    ) -> Recorded:
        info = await self._directory.get(tenant_id)
        reading = await self._clock.read(tenant_id)
        batch = self._judge(info, reading, events)
        identities, newcomers = await self._resolve(batch, only_customer_id)
        if not batch.pending:
            return Recorded(_with_twins(batch))
        return await self._store(tenant_id, batch, identities, newcomers, import_id)

    def _judge(self, info: TenantInfo, reading: Reading, events: Sequence[Event]) -> _Batch:
        batch = _Batch(events)
        # Arrival is a matter of wall time, also for those whose events happen under another.
        received = self._wall_ms() if info.virtual else reading.now_ms
        hashes: dict[tuple[str, str], bytes] = {}
        for position, event in enumerate(events):
            violations = collect_violations(event)
            rejection = judge(event, violations, info.currency_code, reading.horizon_ms)
            if rejection is not None:
                batch.reject(position, rejection)
                continue
            # One UUID has several spellings; content is compared with the stored one.
            if not event.event_id.islower():
                event.event_id = event.event_id.lower()
            sender = (event.customer.namespace, event.customer.value)
            identifier_hash = hashes.get(sender)
            if identifier_hash is None:
                identifier_hash = hashes[sender] = self._registry.hash(info.tenant_id, *sender)
            event.ClearField("customer")
            occurred = occurred_ms(event)
            at_ms = occurred if info.virtual else evaluated_ms(occurred, received)
            key = encoding.event_key(identifier_hash, event.event_id)
            pending = _Pending(position, event, sender, identifier_hash, key, at_ms, received)
            _admit(batch, pending)
        return batch

    async def _resolve(
        self, batch: _Batch, only_customer_id: str | None
    ) -> tuple[dict[bytes, Identity], dict[bytes, Newcomer]]:
        """Who the events belong to: known identifiers, and those whose customers are to be made."""
        hashes = {one.identifier_hash for one in batch.pending.values()}
        known_ones = await self._registry.find_all(list(hashes))
        identities = {name: one for name, one in known_ones.items() if one.customer_id}
        newcomers: dict[bytes, Newcomer] = {}
        for key, one in list(batch.pending.items()):
            identity = identities.get(one.identifier_hash)
            past = known_ones.get(one.identifier_hash, _NEVER_KNOWN)
            if one.at_ms <= past.erased_ms:
                batch.reject(one.position, OWNER_ERASED)
                del batch.pending[key]
                continue
            unknown = identity is None and (one.sender[0] == CUSTOMER or only_customer_id)
            foreign = identity is not None and only_customer_id not in (None, identity.customer_id)
            if unknown or foreign:
                batch.reject(one.position, CUSTOMER_UNKNOWN)
                del batch.pending[key]
            elif identity is None:
                known = newcomers.get(one.identifier_hash)
                created_ms = one.at_ms if known is None else min(known.created_ms, one.at_ms)
                newcomers[one.identifier_hash] = Newcomer(
                    one.identifier_hash, *one.sender, created_ms, past.generation
                )
        return identities, newcomers

    async def _store(
        self,
        tenant_id: str,
        batch: _Batch,
        identities: dict[bytes, Identity],
        newcomers: Mapping[bytes, Newcomer],
        import_id: str,
    ) -> Recorded:
        owned = (identities.get(one.identifier_hash) for one in batch.pending.values())
        named = {one.customer_id for one in owned if one is not None}
        named.update(
            self._registry.id_for(tenant_id, one.identifier_hash, one.generation)
            for one in newcomers.values()
        )
        intent = await self._intents.open(
            tenant_id, sorted(named), self._wall_ms(), import_id=import_id
        )
        created: Mapping[str, Customer] = {}
        if newcomers:
            admitted = await self._registry.admit(tenant_id, list(newcomers.values()))
            identities = {**identities, **admitted.identities}
            created = admitted.created
            others = {one.customer_id for one in admitted.identities.values()} - named
            if others:
                await self._intents.add(intent, sorted(others))
                named |= others
        intents = [replace(intent, customer_ids=tuple(sorted(named)))]
        recorded = await self._insert(intents, batch, identities)
        return await self._evaluate(intents, batch, recorded, identities, created)

    async def _insert(
        self, intents: list[Intent], batch: _Batch, identities: Mapping[bytes, Identity]
    ) -> list[_Pending]:
        """Stores what is pending and settles each event; answers those that are new."""
        tenant_id = intents[0].tenant_id
        recorded: list[_Pending] = []
        remaining = list(batch.pending.values())
        for _ in range(_INSERT_ROUNDS_MAX):
            if self._wall_ms() - intents[-1].at_ms > INTENT_FRESH_MS:
                # The relay may take the intent before the events are there.
                ids, import_id = intents[0].customer_ids, intents[0].import_id
                intents.append(
                    await self._intents.open(tenant_id, ids, self._wall_ms(), import_id=import_id)
                )
            stored = [self._to_stored(tenant_id, one, identities) for one in remaining]
            taken = await self._events.insert(tenant_id, stored)
            for number, one in enumerate(remaining):
                if number not in taken:
                    batch.settle(one.position, RecordOutcome.RECORDED)
                    recorded.append(one)
            if not taken:
                return recorded
            remaining = await self._compare(
                tenant_id, batch, [remaining[number] for number in sorted(taken)], identities
            )
            if not remaining:
                return recorded
        # A key that is taken and cannot be read again and again: a failover is going on.
        raise StoreUnavailableError("events neither stored nor found")

    def _to_stored(
        self, tenant_id: str, one: _Pending, identities: Mapping[bytes, Identity]
    ) -> StoredEvent:
        key = None
        if one.event.properties:
            identity = identities[one.identifier_hash]
            key = self._vault.open_key(tenant_id, one.identifier_hash, identity.data_key)
        return encoding.to_stored(one.event, one.key, one.at_ms, one.received_ms, key)

    async def _compare(
        self,
        tenant_id: str,
        batch: _Batch,
        known: Sequence[_Pending],
        identities: Mapping[bytes, Identity],
    ) -> list[_Pending]:
        """Settles events whose key is taken; answers those that a majority read does not find."""
        found = await self._events.find([one.key for one in known])
        missing = []
        for one in known:
            stored = found.get(one.key)
            if stored is None:
                missing.append(one)
                continue
            data_key = identities[one.identifier_hash].data_key
            key = self._vault.open_key(tenant_id, one.identifier_hash, data_key)
            if one.event == encoding.from_stored(stored, key):
                batch.settle(one.position, RecordOutcome.DUPLICATE)
            else:
                batch.reject(one.position, CONTENT_DIFFERS)
        return missing

    async def _evaluate(
        self,
        intents: Sequence[Intent],
        batch: _Batch,
        recorded: Sequence[_Pending],
        identities: Mapping[bytes, Identity],
        created: Mapping[str, Customer],
    ) -> Recorded:
        """Tells segmentation, and completes the intent when all of it was answered."""
        results = _with_twins(batch)
        if intents[0].import_id:
            await self._intents.leave(intents)
            return Recorded(results)
        deltas = _to_deltas(recorded, identities, created)
        if not deltas:
            await self._intents.complete(intents)
            return Recorded(results)
        latest = intents[-1]
        answer = await self._segmentation.evaluate(latest.tenant_id, latest.at_ms, deltas)
        if answer.pending_ids:
            await self._intents.leave(intents)
        else:
            await self._intents.complete(intents)
            self._meters.decided(intents[:1])
        return Recorded(results, answer.changes, bool(answer.pending_ids))


def _admit(batch: _Batch, pending: _Pending) -> None:
    """Adds an event to those to be stored, unless an earlier one of the batch has its key."""
    first = batch.pending.setdefault(pending.key, pending)
    if first is pending:
        return
    if first.event == pending.event:
        batch.twins.append((pending.position, first.position))
    else:
        batch.reject(pending.position, CONTENT_DIFFERS)


def _with_twins(batch: _Batch) -> list[EventResult]:
    """The results, with an event that came twice in the batch a duplicate of its first."""
    for position, first_position in batch.twins:
        first = batch.results[first_position]
        if first.rejection is None:
            batch.settle(position, RecordOutcome.DUPLICATE)
        else:
            batch.reject(position, first.rejection)
    return batch.in_order()


def _to_deltas(
    recorded: Sequence[_Pending],
    identities: Mapping[bytes, Identity],
    created: Mapping[str, Customer],
) -> list[Delta]:
    """What is new, by customer. A customer created here is told even if no event of it is."""
    events: dict[str, list[DeltaEvent]] = {customer_id: [] for customer_id in created}
    for one in recorded:
        customer_id = identities[one.identifier_hash].customer_id
        told = DeltaEvent(encoding.short_key(one.key), one.at_ms, one.received_ms, one.event)
        events.setdefault(customer_id, []).append(told)
    return [
        Delta(
            customer_id,
            customer_id in created,
            encoding.to_snapshot(created[customer_id]) if customer_id in created else None,
            some,
        )
        for customer_id, some in events.items()
    ]
