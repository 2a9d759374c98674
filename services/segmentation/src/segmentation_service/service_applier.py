"""Reads and writes customers' states for the use cases, partition by partition."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit.telemetry import sampled_traceparent

from segmentation_service.decisions import Decision, Moment
from segmentation_service.drainer import Drainer
from segmentation_service.partitions import group_by_partition, partition_of, sequence_of
from segmentation_service.service_gate import Gate
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.states import FIRST_VERSION_BITS, Stored, Write, unpack
from segmentation_service.store_redis import LOST, Guard, Status
from segmentation_service.store_redis_client import StoreUnavailableError
from segmentation_service.tenant_rules import TenantRules


class StateStore(Protocol):
    """States in Redis."""

    async def read(
        self, guard: Guard, groups: Mapping[int, Sequence[str]]
    ) -> dict[int, tuple[Status, list[bytes | None]]]:
        """For each partition its status and its customers' states."""
        ...

    async def apply(
        self, guard: Guard, groups: Mapping[int, Sequence[Write]]
    ) -> dict[int, tuple[Status, list[int]]]:
        """For each partition its status and for each write the last number given, or LOST."""
        ...


@dataclass(slots=True)
class Read:
    """What was read: states by customer, and what could not be: partitions, their customers."""

    stored: dict[str, Stored | None] = field(default_factory=dict)
    unready: list[str] = field(default_factory=list)
    unready_partitions: set[int] = field(default_factory=set)
    rules_changed: bool = False


@dataclass(slots=True)
class Applied:
    """What was written: the changes with their sequence, who lost a race, who is not ready."""

    changes: list[MembershipChange] = field(default_factory=list)
    won: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unready: list[str] = field(default_factory=list)
    rules_changed: bool = False


class Applier:
    """Turns statuses into what use cases can act on, and raises the alarm where one is due."""

    def __init__(
        self,
        store: StateStore,
        rulesets: Rulesets,
        gate: Gate,
        drainer: Drainer,
        wall_ms: Callable[[], int],
    ) -> None:
        self._store = store
        self._rulesets = rulesets
        self._gate = gate
        self._drainer = drainer
        self._wall_ms = wall_ms
        # Decisions that lost to another one on the same customer, since this process began.
        self.conflicts = 0
        # Who is told of changes that were written; whoever measures puts itself here.
        self.told: Callable[[Sequence[MembershipChange]], None] = _tell_nobody

    def moment(self) -> Moment:
        """Now, with a version that no state ever had."""
        version = secrets.randbits(FIRST_VERSION_BITS)
        return Moment(self._wall_ms(), version, sampled_traceparent())

    def guard(self, rules: TenantRules, require_ready: bool = True) -> Guard:
        """Under what is read and written now. What was read under it must be written under it."""
        virtual = rules.virtual
        return Guard(self._gate.epochs, rules.tenant_id, rules.version, virtual, require_ready)

    async def read(
        self, guard: Guard, customer_ids: Iterable[str], watched: Iterable[int] = ()
    ) -> Read:
        """States of customers; partitions `watched` are only asked whether the guard holds."""
        groups = group_by_partition(guard.tenant_id, customer_ids)
        for partition in watched:
            groups.setdefault(partition, [])
        result = Read()
        try:
            answers = await self._store.read(guard, groups)
        except StoreUnavailableError:
            answers = dict.fromkeys(groups, (Status.NOT_READY, []))
        for partition, (status, values) in answers.items():
            if status is Status.OK:
                for name, value in zip(groups[partition], values, strict=True):
                    result.stored[name] = unpack(value) if value is not None else None
            elif status is Status.RULES_CHANGED:
                result.rules_changed = True
            else:
                self._gate.suspect()
                result.unready += groups[partition]
                result.unready_partitions.add(partition)
        return result

    async def apply(self, guard: Guard, decisions: Iterable[Decision]) -> Applied:
        """Writes decisions made on what was read under the same guard."""
        groups: dict[int, list[Decision]] = {}
        for decision in decisions:
            partition = partition_of(guard.tenant_id, decision.write.customer_id)
            groups.setdefault(partition, []).append(decision)
        writes = {p: [decision.write for decision in group] for p, group in groups.items()}
        result = Applied()
        try:
            answers = await self._store.apply(guard, writes)
        except StoreUnavailableError:
            # Whether they were written is unknown; deciding again on a fresh read is harmless.
            self._gate.suspect()
            result.unready = [w.customer_id for group in writes.values() for w in group]
            return result
        announcing: set[int] = set()
        for partition, (status, numbers) in answers.items():
            group = groups[partition]
            if status is Status.OK:
                if self._collect(guard.epochs[partition], group, numbers, result):
                    announcing.add(partition)
                continue
            customer_ids = [decision.write.customer_id for decision in group]
            if status is Status.RULES_CHANGED:
                result.rules_changed = True
                result.lost += customer_ids
            else:
                self._gate.suspect()
                result.unready += customer_ids
        self.conflicts += len(result.lost)
        if announcing:
            self.told(result.changes)
            self._drainer.wake(announcing)
        return result

    async def drain(self, tenant_id: str, customer_ids: Iterable[str]) -> None:
        """Announces what the partitions of these customers have in their outboxes."""
        await self._drainer.drain(group_by_partition(tenant_id, customer_ids).keys())

    async def reload(self, rules: TenantRules) -> TenantRules:
        """The ruleset after RULES_CHANGED."""
        return await self._rulesets.reload(rules.tenant_id, than=rules)

    @staticmethod
    def _collect(
        epoch: int, group: Sequence[Decision], numbers: Sequence[int], result: Applied
    ) -> bool:
        announced = False
        for decision, last in zip(group, numbers, strict=True):
            if last == LOST:
                result.lost.append(decision.write.customer_id)
                continue
            result.won.append(decision.write.customer_id)
            first = last - len(decision.changes) + 1
            for offset, change in enumerate(decision.changes):
                change.sequence = sequence_of(epoch, first + offset)
                result.changes.append(change)
                announced = True
        return announced


def _tell_nobody(_changes: Sequence[MembershipChange]) -> None:
    """Without anyone who measures."""
