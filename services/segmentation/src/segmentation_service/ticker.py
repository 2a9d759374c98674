"""Changes that no event causes: deadlines, fired when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.decisions import Customer, Decision, decide_deadline
from segmentation_service.partitions import PARTITION_COUNT
from segmentation_service.service_applier import Applier
from segmentation_service.service_gate import Gate
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.states import Stored
from segmentation_service.store_redis import Guard
from segmentation_service.store_redis_client import StoreUnavailableError
from segmentation_service.tenant_rules import TenantRules

_PER_PARTITION = 16
# So few that a live event does not wait long for them.
_CHUNK = 64
# Live events are answered sooner, unless they wait for others: then deadlines need not.
_STAND_BACK_SECONDS = 0.1
_BACKOFF_SECONDS = 0.2
_ATTEMPTS = 3
# No customer's deadlines can need more; more means that one does not move.
_ROUNDS_MAX = 10_000

_log = logs.get_logger()


class DueStore(Protocol):
    """Deadlines in Redis."""

    async def take_due(
        self,
        epochs: tuple[int, ...],
        limit: int,
        *,
        visibility_ms: int = 0,
        tenant_id: str | None = None,
        now_ms: int | None = None,
    ) -> dict[int, tuple[int, list[str]]]:
        """For each ready partition the time, and whose deadline has come."""
        ...


class VirtualDueStore(DueStore, Protocol):
    """The same, and what comes next where nobody waits for the time."""

    async def next_due_ms(self, tenant_id: str) -> int | None:
        """A virtual tenant's earliest deadline."""
        ...


class Deadlines:
    """Fires deadlines of customers, for the ticker and for AdvanceClock."""

    def __init__(
        self,
        applier: Applier,
        rulesets: Rulesets,
        replayer: Replayer,
        fired: Callable[[Sequence[MembershipChange]], None] | None = None,
    ) -> None:
        self._applier = applier
        self._rulesets = rulesets
        self._replayer = replayer
        self._fired = fired

    async def fire(self, tenant_id: str, customer_ids: Sequence[str], now_ms: int) -> int:
        """Fires what is due up to now_ms, each at its own instant; answers how many customers.

        Who lost a race has been decided on by someone else, or stays due.
        """
        rules = await self._rulesets.get(tenant_id)
        remaining = list(customer_ids)
        fired = 0
        for _ in range(_ATTEMPTS):
            guard = self._applier.guard(rules)
            read = await self._applier.read(guard, remaining)
            fired += await self._decide(rules, guard, read.stored, now_ms)
            if not read.rules_changed:
                break
            rules = await self._applier.reload(rules)
            answered = {*read.stored, *read.unready}
            remaining = [name for name in remaining if name not in answered]
        return fired

    async def _decide(
        self, rules: TenantRules, guard: Guard, read: Mapping[str, Stored | None], now_ms: int
    ) -> int:
        moment = self._applier.moment()
        decisions: list[Decision] = []
        to_replay: list[str] = []
        for customer_id, stored in read.items():
            decision = decide_deadline(rules, Customer(customer_id, stored), now_ms, moment)
            if decision is None:
                to_replay.append(customer_id)
            else:
                decisions.append(decision)
        fired = 0
        if decisions:
            applied = await self._applier.apply(guard, decisions)
            fired = len(applied.won)
            if self._fired is not None and not rules.virtual:
                self._fired(applied.changes)
        if to_replay:
            replayed = await self._replayer.replay(rules.tenant_id, to_replay, Reason("TIME"))
            fired += len(to_replay) - len(replayed.pending)
        return fired


class Ticker:
    """Fires deadlines of tenants under wall time. Replicas share the work."""

    def __init__(
        self,
        store: DueStore,
        deadlines: Deadlines,
        gate: Gate,
        *,
        visibility_ms: int,
        tick_seconds: float,
        stand_back_seconds: float = _STAND_BACK_SECONDS,
        wall_ms: Callable[[], int] | None = None,
    ) -> None:
        """wall_ms: up to when deadlines are due; without it Redis' own clock tells.

        stand_back_seconds: how long a portion waits at most for live requests.
        """
        self._store = store
        self._deadlines = deadlines
        self._gate = gate
        self._visibility_ms = visibility_ms
        self._tick_seconds = tick_seconds
        self._stand_back_seconds = stand_back_seconds
        self._wall_ms = wall_ms

    async def run(self) -> None:
        """Ticks until cancelled."""
        while True:
            try:
                busy = self._gate.ready_count > 0 and await self.tick()
            except Exception as error:
                busy = False
                if not isinstance(error, StoreUnavailableError):
                    _log.warning("tick_interrupted", **logs.describe(error))
                self._gate.suspect()
                await asyncio.sleep(_BACKOFF_SECONDS)
            if not busy:
                await asyncio.sleep(self._tick_seconds)

    async def tick(self) -> bool:
        """Fires what is due, earliest first, after live requests. Whether more may be due."""
        await self._gate.stand_back(self._stand_back_seconds)
        taken = await self._store.take_due(
            self._gate.epochs,
            _PER_PARTITION,
            visibility_ms=self._visibility_ms,
            now_ms=self._wall_ms() if self._wall_ms is not None else None,
        )
        if len(taken) < PARTITION_COUNT:
            self._gate.suspect()
        by_tenant: dict[str, list[str]] = {}
        now_ms = 0
        for time_ms, names in taken.values():
            now_ms = max(now_ms, time_ms)
            for name in names:
                tenant_id, _, customer_id = name.partition(" ")
                by_tenant.setdefault(tenant_id, []).append(customer_id)
        for tenant_id, customer_ids in by_tenant.items():
            try:
                await self._fire(tenant_id, customer_ids, now_ms)
            except RpcFailure as failure:
                if isinstance(failure, StoreUnavailableError):
                    raise
                # The deadlines of other tenants do not wait for those of this one.
                _log.warning("tenant_not_ticked", tenant=tenant_id, code=failure.code.value)
        return any(len(names) == _PER_PARTITION for _, names in taken.values())

    async def _fire(self, tenant_id: str, customer_ids: Sequence[str], now_ms: int) -> None:
        for start in range(0, len(customer_ids), _CHUNK):
            await self._gate.stand_back(self._stand_back_seconds)
            await self._deadlines.fire(tenant_id, customer_ids[start : start + _CHUNK], now_ms)


class VirtualDeadlines:
    """Fires deadlines of one tenant under virtual time."""

    def __init__(self, store: VirtualDueStore, deadlines: Deadlines, gate: Gate) -> None:
        self._store = store
        self._deadlines = deadlines
        self._gate = gate

    async def next_due_ms(self, tenant_id: str) -> int | None:
        """When the next deadline is due; None for none."""
        return await self._store.next_due_ms(tenant_id)

    async def fire_until(self, tenant_id: str, now_ms: int) -> int:
        """Fires everything due up to now_ms; answers how many customers.

        Raises RpcFailure NOT_READY when state is being rebuilt.
        """
        fired = 0
        for _ in range(_ROUNDS_MAX):
            taken = await self._store.take_due(
                self._gate.epochs, _PER_PARTITION, tenant_id=tenant_id, now_ms=now_ms
            )
            if len(taken) < PARTITION_COUNT:
                self._gate.suspect()
                raise RpcFailure(Code.NOT_READY, "state is being rebuilt", retry_after_ms=500)
            due = [name for _, names in taken.values() for name in names]
            if not due:
                return fired
            fired += await self._deadlines.fire(tenant_id, due, now_ms)
        raise RpcFailure(Code.INTERNAL, "deadlines did not come to rest")
