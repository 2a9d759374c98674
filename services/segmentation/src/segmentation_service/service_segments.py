"""Use cases on segments: defining them, and asking who is in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service import segments
from segmentation_service.engine import Explained, State, explain, step
from segmentation_service.partitions import PARTITION_COUNT
from segmentation_service.rules import RuleError, format, parse
from segmentation_service.segments import Draft, Outcome, Request, Segment, SegmentSet
from segmentation_service.service_applier import Applier
from segmentation_service.service_backfill import Backfill
from segmentation_service.service_gate import Gate
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.tenant_rules import TenantRules

_SAVE_ATTEMPTS = 20
# A tenant without customers is done within this time; others are answered as BACKFILLING.
_BACKFILL_SECONDS = 0.5
_READ_ATTEMPTS = 5


class SegmentStore(Protocol):
    """Rulesets in MongoDB."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...

    async def save_segments(self, held: SegmentSet, changed: SegmentSet) -> bool:
        """Replaces `held`; False when someone else was first."""
        ...


class MemberStore(Protocol):
    """Member indexes in Redis."""

    async def count_members(
        self, epochs: tuple[int, ...], tenant_id: str, segment_ids: Sequence[str]
    ) -> dict[str, int] | None:
        """Members of each segment; None when not ready."""
        ...

    async def list_members(
        self,
        epochs: tuple[int, ...],
        tenant_id: str,
        segment_id: str,
        partition: int,
        *,
        after: tuple[int, str] | None,
        limit: int,
    ) -> list[tuple[int, str]] | None:
        """(entered_at_ms, customer) of a partition after a position; None when not ready."""
        ...


class Clock(Protocol):
    """What time it is for a tenant."""

    async def read(self, tenant_id: str) -> Reading:
        """The tenant's time now."""
        ...


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of members ended."""

    partition: int
    entered_at_ms: int
    customer_id: str


@dataclass(frozen=True, slots=True)
class MemberPage:
    """members: (customer, stint, entered_at_ms). next: where to go on; None at the end."""

    members: list[tuple[str, int, int]]
    next: Position | None
    total: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the customer is a member, since when, and why or why not."""

    member: bool
    stint: int
    entered_at_ms: int | None
    why: Explained


class SegmentService:
    """Raises RpcFailure: expected outcomes of requests are segments.Outcome."""

    def __init__(
        self,
        *,
        store: SegmentStore,
        members: MemberStore,
        applier: Applier,
        rulesets: Rulesets,
        replayer: Replayer,
        backfill: Backfill,
        gate: Gate,
        clock: Clock,
    ) -> None:
        self._store = store
        self._members = members
        self._applier = applier
        self._rulesets = rulesets
        self._replayer = replayer
        self._backfill = backfill
        self._gate = gate
        self._clock = clock

    async def create(
        self, tenant_id: str, draft: Draft, request: Request
    ) -> tuple[Outcome, Segment | None]:
        """Creates a segment and begins to compute its members.

        Raises RpcFailure RULE_INVALID with line, column and hint.
        """
        draft = canonical(draft)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        return await self._change(
            tenant_id, lambda held: segments.create(held, draft, request, now_ms)
        )

    async def update(
        self, tenant_id: str, draft: Draft, version: int, request: Request
    ) -> tuple[Outcome, Segment | None]:
        """Changes a segment of the version given. Raises RpcFailure RULE_INVALID."""
        draft = canonical(draft)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        return await self._change(
            tenant_id, lambda held: segments.update(held, draft, version, request, now_ms)
        )

    async def delete(self, tenant_id: str, segment_id: str, request: Request) -> Outcome:
        """Deletes a segment; its members are let go in the background."""
        now_ms = (await self._clock.read(tenant_id)).now_ms
        outcome, _ = await self._change(
            tenant_id, lambda held: segments.delete(held, segment_id, request, now_ms)
        )
        return outcome

    async def get(self, tenant_id: str, segment_id: str) -> tuple[Segment, int] | None:
        """A segment and how many members it has."""
        segment = (await self._store.load_segments(tenant_id)).find(segment_id)
        if segment is None:
            return None
        return segment, (await self._count(tenant_id, [segment_id]))[segment_id]

    async def list_page(
        self, tenant_id: str, after: str, limit: int
    ) -> tuple[list[tuple[Segment, int]], str]:
        """Segments after an id with member counts, and the id to go on after, "" at the end."""
        held = await self._store.load_segments(tenant_id)
        rest = [segment for segment in held.visible() if segment.segment_id > after]
        page = rest[:limit]
        counts = await self._count(tenant_id, [segment.segment_id for segment in page])
        following = page[-1].segment_id if len(rest) > limit else ""
        return [(segment, counts[segment.segment_id]) for segment in page], following

    async def list_members(
        self, tenant_id: str, segment_id: str, after: Position | None, limit: int
    ) -> MemberPage | None:
        """Members by partition and time of entering; None when there is no such segment."""
        if (await self._store.load_segments(tenant_id)).find(segment_id) is None:
            return None
        total = (await self._count(tenant_id, [segment_id]))[segment_id]
        found: list[tuple[int, int, str]] = []
        partition = after.partition if after else 0
        start = (after.entered_at_ms, after.customer_id) if after else None
        while partition < PARTITION_COUNT and len(found) <= limit:
            wanted = limit + 1 - len(found)
            page = await self._members.list_members(
                self._gate.epochs,
                tenant_id,
                segment_id,
                partition,
                after=start,
                limit=wanted,
            )
            if page is None:
                raise self._not_ready()
            found += [(partition, entered_at_ms, name) for entered_at_ms, name in page]
            partition, start = partition + 1, None
        shown = found[:limit]
        states = await self._states(tenant_id, [name for _, _, name in shown])
        members = [
            (name, _stint(states.get(name), segment_id), entered_at_ms)
            for _, entered_at_ms, name in shown
        ]
        following = Position(*shown[-1]) if len(found) > limit else None
        return MemberPage(members, following, total)

    async def list_memberships(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> dict[str, list[tuple[str, int, int]]]:
        """By customer (segment, stint, entered_at_ms); nothing for unknown customers."""
        states = await self._states(tenant_id, list(dict.fromkeys(customer_ids)))
        known = (await self._rulesets.get(tenant_id)).terms
        return {
            name: sorted(
                (segment_id, stint, entered_at_ms)
                for segment_id, (stint, entered_at_ms) in state.memberships.items()
                if segment_id in known
            )
            for name, state in states.items()
        }

    async def explain(
        self, tenant_id: str, customer_id: str, segment_id: str
    ) -> Explanation | None:
        """Why a customer is in a segment or not, as of now.

        None when there is no such segment. Raises RpcFailure CUSTOMER_NOT_FOUND.
        """
        if (await self._store.load_segments(tenant_id)).find(segment_id) is None:
            return None
        rules, state = await self._current_state(tenant_id, customer_id)
        now_ms = max((await self._clock.read(tenant_id)).now_ms, state.now_ms)
        state = step(rules.ruleset, state, (), now_ms).state
        why = explain(rules.ruleset, state, segment_id, now_ms)
        stint, entered_at_ms = state.memberships.get(segment_id, (0, None))
        return Explanation(entered_at_ms is not None, stint, entered_at_ms, why)

    async def rebuild(self, tenant_id: str, timeout_seconds: float) -> tuple[int, int]:
        """Computes the whole tenant anew; answers customers and changes.

        Raises RpcFailure NOT_READY when it takes longer; it goes on by itself.
        """
        await self._save(tenant_id, lambda held: (segments.ask_rebuild(held), None))
        await self._rulesets.reload(tenant_id)
        self._backfill.wake()
        if not await self._backfill.finish(tenant_id, timeout_seconds):
            raise RpcFailure(Code.NOT_READY, "the rebuild goes on", retry_after_ms=5_000)
        return self._backfill.counts.get(tenant_id, (0, 0))

    async def _change(
        self, tenant_id: str, decide: Callable[[SegmentSet], segments.Decision]
    ) -> tuple[Outcome, Segment | None]:
        outcome = Outcome.REPEATED
        segment: Segment | None = None

        def change(held: SegmentSet) -> tuple[SegmentSet, Segment | None]:
            nonlocal outcome
            outcome, changed, found = decide(held)
            return changed, found

        segment = await self._save(tenant_id, change)
        if outcome is not Outcome.APPLIED or segment is None:
            return outcome, segment
        await self._rulesets.reload(tenant_id)
        if await self._backfill.finish(tenant_id, _BACKFILL_SECONDS):
            held = await self._store.load_segments(tenant_id)
            segment = held.segments.get(segment.segment_id, segment)
        return outcome, segment

    async def _save(
        self,
        tenant_id: str,
        change: Callable[[SegmentSet], tuple[SegmentSet, Segment | None]],
    ) -> Segment | None:
        for _ in range(_SAVE_ATTEMPTS):
            held = await self._store.load_segments(tenant_id)
            changed, segment = change(held)
            if changed.rules_version != held.rules_version:
                await self._check(changed, segment)
            if changed is held or await self._store.save_segments(held, changed):
                return segment
        raise RpcFailure(Code.UNAVAILABLE, "too many change segments at once", retry_after_ms=100)

    async def _check(self, changed: SegmentSet, segment: Segment | None) -> None:
        try:
            await self._rulesets.check(changed)
        except RuleError as error:
            if segment is not None and segment.state is segments.State.DELETING:
                message = "another segment's rule refers to it"
                raise RpcFailure(Code.SEGMENT_IN_USE, message, field="segment_id") from None
            raise rule_invalid(error) from None

    async def _count(self, tenant_id: str, segment_ids: Sequence[str]) -> Mapping[str, int]:
        if not segment_ids:
            return {}
        counts = await self._members.count_members(self._gate.epochs, tenant_id, segment_ids)
        if counts is None:
            raise self._not_ready()
        return counts

    async def _states(self, tenant_id: str, customer_ids: Sequence[str]) -> dict[str, State]:
        """States as they are. Raises RpcFailure NOT_READY rather than leave someone out."""
        rules = await self._rulesets.get(tenant_id)
        for _ in range(_READ_ATTEMPTS):
            read = await self._applier.read(self._applier.guard(rules), customer_ids)
            if read.unready:
                raise self._not_ready()
            if not read.rules_changed:
                states = {name: stored and stored.decode() for name, stored in read.stored.items()}
                return {name: state for name, state in states.items() if state is not None}
            rules = await self._rulesets.reload(tenant_id, than=rules)
        raise self._not_ready()

    async def _current_state(self, tenant_id: str, customer_id: str) -> tuple[TenantRules, State]:
        """The customer's state under the ruleset in force, replayed if it is older."""
        for _ in range(_READ_ATTEMPTS):
            rules = await self._rulesets.get(tenant_id)
            read = await self._applier.read(self._applier.guard(rules), [customer_id])
            if read.unready:
                raise self._not_ready()
            if read.rules_changed:
                await self._rulesets.reload(tenant_id, than=rules)
                continue
            stored = read.stored[customer_id]
            state = stored.decode() if stored and stored.rules_version == rules.version else None
            if state is not None:
                return rules, state
            if stored is None and not await self._replayer.exists(tenant_id, customer_id):
                raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
            await self._replayer.replay(tenant_id, [customer_id], Reason("REBUILD"))
            await asyncio.sleep(0)
        raise self._not_ready()

    def _not_ready(self) -> RpcFailure:
        self._gate.suspect()
        return RpcFailure(Code.NOT_READY, "state is being rebuilt", retry_after_ms=1_000)


def canonical(draft: Draft) -> Draft:
    """The draft with its rule in canonical text. Raises RpcFailure RULE_INVALID."""
    try:
        rule = format(parse(draft.rule))
    except RuleError as error:
        raise rule_invalid(error) from None
    return Draft(draft.segment_id, draft.display_names, rule, draft.at_risk, draft.notify_existing)


def rule_invalid(error: RuleError) -> RpcFailure:
    """RULE_INVALID with the place and the hint, for people and for editors."""
    return RpcFailure(
        Code.RULE_INVALID,
        str(error),
        field="segment.rule",
        metadata={"line": str(error.line), "column": str(error.column), "hint": error.hint},
    )


def _stint(state: State | None, segment_id: str) -> int:
    return state.memberships.get(segment_id, (0, 0))[0] if state is not None else 0
