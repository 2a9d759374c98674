"""Computing customers anew from their histories, under a version check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit import logs
from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import RpcFailure

from segmentation_service.announcements import Announced
from segmentation_service.decisions import Customer, decide_removal, decide_replay
from segmentation_service.histories import History
from segmentation_service.reconcile import Occasion
from segmentation_service.service_applier import Applied, Applier
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.states import Stored
from segmentation_service.store_redis import Guard
from segmentation_service.tenant_rules import TenantRules

_ATTEMPTS = 6
_MERGES = 8
_CHUNK = 200

_log = logs.get_logger()


class Histories(Protocol):
    """Where histories come from."""

    async def histories(self, tenant_id: str, customer_ids: Sequence[str]) -> list[History]:
        """Histories of up to 1,000 customers; unknown ones are left out."""
        ...


class Announcements(Protocol):
    """What was announced."""

    async def last_announced(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> dict[str, dict[str, Announced]]:
        """By customer and segment, the last change announced."""
        ...


class Clock(Protocol):
    """What time it is for a tenant."""

    async def read(self, tenant_id: str) -> Reading:
        """The tenant's time now."""
        ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why customers are replayed. require_ready is False only while partitions are repaired."""

    cause: str
    notify: bool = True
    require_ready: bool = True


@dataclass(slots=True)
class Replayed:
    """The changes made, and customers that have to be replayed again later."""

    changes: list[MembershipChange] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    merged_into: list[str] = field(default_factory=list)

    def add(self, other: Replayed) -> None:
        """Takes another result in."""
        self.changes += other.changes
        self.pending += other.pending
        self.merged_into += other.merged_into


class Replayer:
    """Replays customers by id, or from histories that are streaming by."""

    def __init__(
        self,
        applier: Applier,
        rulesets: Rulesets,
        histories: Histories,
        announcements: Announcements,
        clock: Clock,
    ) -> None:
        self._applier = applier
        self._rulesets = rulesets
        self._histories = histories
        self._announcements = announcements
        self._clock = clock

    async def replay(self, tenant_id: str, customer_ids: Sequence[str], reason: Reason) -> Replayed:
        """Replays customers, and those into whom they were merged."""
        result = Replayed()
        waiting = list(dict.fromkeys(customer_ids))
        done: set[str] = set()
        for _ in range(_MERGES):
            done.update(waiting)
            for start in range(0, len(waiting), _CHUNK):
                chunk = waiting[start : start + _CHUNK]
                result.add(await self._replay_chunk(tenant_id, chunk, reason))
            waiting = [name for name in dict.fromkeys(result.merged_into) if name not in done]
            if not waiting:
                return result
        result.pending += waiting
        return result

    async def exists(self, tenant_id: str, customer_id: str) -> bool:
        """Whether profile knows the customer, as one who was not merged away."""
        histories = await self._histories.histories(tenant_id, [customer_id])
        return bool(histories) and not histories[0].merged_into

    async def replay_histories(
        self, rules: TenantRules, histories: Sequence[History], reason: Reason
    ) -> Replayed:
        """Replays customers whose state rests on an older ruleset, or who have none.

        The histories may be older than the states: whoever was touched since the ruleset of
        `rules` became the one to use has a state under it, and is left alone.
        """
        guard = self._applier.guard(rules, reason.require_ready)
        read = await self._applier.read(guard, [history.customer_id for history in histories])
        outdated = [
            history
            for history in histories
            if history.customer_id in read.stored
            and not _is_current(read.stored[history.customer_id], rules)
        ]
        result = Replayed(pending=read.unready)
        if read.rules_changed:
            names = set(read.stored) | set(read.unready)
            retry = [h.customer_id for h in histories if h.customer_id not in names]
            result.add(await self.replay(rules.tenant_id, retry, reason))
        if outdated:
            applied = await self._compute(rules, guard, outdated, read.stored, reason=reason)
            result.changes += applied.changes
            result.pending += applied.unready
            merged = [history.merged_into for history in outdated if history.merged_into]
            again = [*applied.lost, *merged]
            result.add(await self.replay(rules.tenant_id, again, reason))
        return result

    async def _replay_chunk(
        self, tenant_id: str, customer_ids: Sequence[str], reason: Reason
    ) -> Replayed:
        result = Replayed()
        remaining = list(customer_ids)
        rules = await self._rulesets.fresh(tenant_id)
        for _ in range(_ATTEMPTS):
            if not remaining:
                return result
            guard = self._applier.guard(rules, reason.require_ready)
            read = await self._applier.read(guard, remaining)
            result.pending += read.unready
            changed = read.rules_changed
            unread = [name for name in remaining if name not in read.stored]
            remaining = [name for name in unread if name not in set(read.unready)]
            if read.stored:
                try:
                    applied = await self._replay_read(rules, guard, read.stored, reason, result)
                except RpcFailure as failure:
                    _log.warning("replay_interrupted", kind=type(failure).__name__)
                    result.pending += [*read.stored, *remaining]
                    return result
                result.changes += applied.changes
                result.pending += applied.unready
                remaining += applied.lost
                changed = changed or applied.rules_changed
            if changed:
                rules = await self._applier.reload(rules)
        result.pending += remaining
        return result

    async def _replay_read(
        self,
        rules: TenantRules,
        guard: Guard,
        stored: dict[str, Stored | None],
        reason: Reason,
        result: Replayed,
    ) -> Applied:
        """One attempt. The states were read first: whoever touches them later wins."""
        histories = await self._histories.histories(rules.tenant_id, list(stored))
        result.merged_into += [h.merged_into for h in histories if h.merged_into]
        return await self._compute(rules, guard, histories, stored, reason=reason, asked=stored)

    async def _compute(
        self,
        rules: TenantRules,
        guard: Guard,
        histories: Sequence[History],
        stored: dict[str, Stored | None],
        *,
        reason: Reason,
        asked: Collection[str] = (),
    ) -> Applied:
        known = {history.customer_id for history in histories}
        unknown = [name for name in asked if name not in known]
        customer_ids = [*known, *unknown]
        await self._applier.drain(rules.tenant_id, customer_ids)
        announced = await self._announcements.last_announced(rules.tenant_id, customer_ids)
        reading = await self._clock.read(rules.tenant_id)
        occasion = Occasion(reason.cause, reason.notify, reading.now_ms)
        moment = self._applier.moment()
        decisions = [
            decide_replay(
                rules,
                Customer(history.customer_id, stored[history.customer_id]),
                history,
                announced.get(history.customer_id, {}),
                occasion=_merge_occasion(history, occasion),
                moment=moment,
            )
            for history in histories
        ]
        decisions += [
            decide_removal(
                rules,
                Customer(name, stored[name]),
                announced.get(name, {}),
                occasion=occasion,
                moment=moment,
            )
            for name in unknown
        ]
        return await self._applier.apply(guard, decisions)


def _is_current(stored: Stored | None, rules: TenantRules) -> bool:
    return stored is not None and stored.rules_version == rules.version


def _merge_occasion(history: History, occasion: Occasion) -> Occasion:
    """Who was merged away did not leave: campaigns shall not act on it."""
    return occasion._replace(cause="MERGE", notify=False) if history.merged_into else occasion
