"""The hot path: deltas in, membership changes out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit import logs
from dangol_service_kit.client import deadline

from segmentation_service.decisions import Decision, Delta, decide_delta
from segmentation_service.partitions import partition_of
from segmentation_service.service_applier import Applier
from segmentation_service.service_gate import Gate
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.tenant_rules import TenantRules

# An older delta may have been overtaken by a replay whose memory of it has faded.
DELTA_AGE_MAX_MS = 5_000
_ATTEMPTS = 5
_REPLAY_SECONDS = 1.5
_REPLAY_MARGIN_SECONDS = 0.2

_log = logs.get_logger()


@dataclass(slots=True)
class Evaluation:
    """Changes in the order in which they were announced; customers to be replayed later."""

    changes: list[MembershipChange] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)


class EvaluationService:
    """Applies each delta at most once; whatever may have gone wrong is answered as pending."""

    def __init__(
        self, applier: Applier, rulesets: Rulesets, replayer: Replayer, gate: Gate
    ) -> None:
        self._applier = applier
        self._rulesets = rulesets
        self._replayer = replayer
        self._gate = gate

    async def evaluate(self, tenant_id: str, intent_ms: int, deltas: Sequence[Delta]) -> Evaluation:
        """Deltas whose intent was written at wall time intent_ms.

        Raises RpcFailure TENANT_NOT_FOUND.
        """
        stale = self._applier.moment().now_ms - intent_ms > DELTA_AGE_MAX_MS
        if stale or not (self._gate.ready_count and self._gate.is_current):
            return Evaluation(pending=[delta.customer_id for delta in deltas])
        async with self._gate.live_call():
            rules = await self._rulesets.get(tenant_id)
            return await self._evaluate(rules, deltas)

    async def _evaluate(self, rules: TenantRules, deltas: Sequence[Delta]) -> Evaluation:
        result = Evaluation()
        to_replay: list[str] = []
        remaining = list(deltas)
        for _ in range(_ATTEMPTS):
            remaining, rules = await self._attempt(rules, remaining, result, to_replay)
            if not remaining:
                break
        result.pending += [delta.customer_id for delta in remaining]
        if to_replay:
            await self._replay(rules.tenant_id, to_replay, result)
        return result

    async def _attempt(
        self,
        rules: TenantRules,
        deltas: Sequence[Delta],
        result: Evaluation,
        to_replay: list[str],
    ) -> tuple[list[Delta], TenantRules]:
        """Answers the deltas to be tried again, and the rules to try them with."""
        relevant = {delta.customer_id: delta for delta in deltas if _matters(rules, delta)}
        guard = self._applier.guard(rules)
        # That nothing concerns the others must hold under the ruleset in force.
        others = {
            delta.customer_id: partition_of(rules.tenant_id, delta.customer_id)
            for delta in deltas
            if delta.customer_id not in relevant
        }
        read = await self._applier.read(guard, relevant, others.values())
        if read.rules_changed:
            return list(deltas), await self._applier.reload(rules)
        result.pending += read.unready
        result.pending += [
            name for name, partition in others.items() if partition in read.unready_partitions
        ]
        decisions: list[Decision] = []
        moment = self._applier.moment()
        for customer_id, stored in read.stored.items():
            decision = decide_delta(rules, stored, relevant[customer_id], moment)
            if decision is None:
                to_replay.append(customer_id)
            else:
                decisions.append(decision)
        if not decisions:
            return [], rules
        applied = await self._applier.apply(guard, decisions)
        result.changes += applied.changes
        result.pending += applied.unready
        if applied.rules_changed:
            rules = await self._applier.reload(rules)
        return [relevant[customer_id] for customer_id in applied.lost], rules

    async def _replay(
        self, tenant_id: str, customer_ids: Sequence[str], result: Evaluation
    ) -> None:
        """Replays at once whom a delta cannot serve; without time for it, profile's relay will."""
        seconds = deadline(_REPLAY_SECONDS + _REPLAY_MARGIN_SECONDS) - _REPLAY_MARGIN_SECONDS
        try:
            async with asyncio.timeout(max(seconds, 0)):
                replayed = await self._replayer.replay(tenant_id, customer_ids, Reason("EVENT"))
        except Exception as error:
            if not isinstance(error, TimeoutError):
                _log.warning("replay_failed", **logs.describe(error))
            result.pending += customer_ids
            return
        result.changes += replayed.changes
        result.pending += replayed.pending


def merge_deltas(deltas: Iterable[Delta]) -> list[Delta]:
    """One delta for each customer, in the order of first appearance."""
    merged: dict[str, Delta] = {}
    for delta in deltas:
        earlier = merged.get(delta.customer_id)
        if earlier is None:
            merged[delta.customer_id] = delta
        else:
            merged[delta.customer_id] = delta._replace(
                created=earlier.created or delta.created,
                profile=delta.profile or earlier.profile,
                events=[*earlier.events, *delta.events],
            )
    return list(merged.values())


def _matters(rules: TenantRules, delta: Delta) -> bool:
    if not rules.terms:
        return False
    if delta.created or delta.profile is not None:
        return True
    types = rules.ruleset.event_types
    return any(event.event.type in types for event in delta.events)
