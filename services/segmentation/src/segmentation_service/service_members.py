"""Use cases on members: who is in a segment, which segments someone is in, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol
from zoneinfo import ZoneInfo

from dangol_service_kit.clock import Reading
from dangol_service_kit.currencies import exponent_of
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.announcements import Announced
from segmentation_service.engine import Explained, State, step
from segmentation_service.explain import explain_in_words
from segmentation_service.explain_words_parts import Voice
from segmentation_service.partitions import ALL_PARTITIONS, PARTITION_COUNT
from segmentation_service.segments import SegmentSet
from segmentation_service.service_applier import Applier
from segmentation_service.service_gate import Gate
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.tenant_rules import TenantRules

_READ_ATTEMPTS = 5
_STAND_BACK_SECONDS = 0.02
# Look-ups that Redis may make for one call before others get their turn: a few milliseconds.
_LOOKUPS_AT_ONCE = 10_000


class SegmentStore(Protocol):
    """Rulesets and what was announced, in MongoDB."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...

    async def last_announced(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> dict[str, dict[str, Announced]]:
        """By customer and segment, the last change announced."""
        ...


class MemberStore(Protocol):
    """Member indexes in Redis; None stands for what is not ready."""

    async def count_members(
        self, epochs: tuple[int, ...], tenant_id: str, segment_ids: Sequence[str]
    ) -> dict[str, int] | None:
        """Members of each segment."""
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
        """(entered_at_ms, customer) of a partition after a position."""
        ...

    async def count_overlap(
        self,
        epoch: int,
        tenant_id: str,
        segment_ids: Sequence[str],
        partition: int,
        pairs: Sequence[tuple[int, int]],
    ) -> tuple[list[int], list[int]] | None:
        """(members of each segment, members common to each pair) in a partition."""
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
class Overlap:
    """Members of each segment, and of both segments of each pair, in the order asked for."""

    counts: list[int]
    pairs: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether the customer is a member, since when, and why or why not."""

    member: bool
    stint: int
    entered_at_ms: int | None
    why: Explained
    summary: str


class MemberService:
    """Raises RpcFailure NOT_READY rather than leave someone out while state is rebuilt."""

    def __init__(
        self,
        *,
        store: SegmentStore,
        members: MemberStore,
        applier: Applier,
        rulesets: Rulesets,
        replayer: Replayer,
        gate: Gate,
        clock: Clock,
    ) -> None:
        self._store = store
        self._members = members
        self._applier = applier
        self._rulesets = rulesets
        self._replayer = replayer
        self._gate = gate
        self._clock = clock

    async def count(self, tenant_id: str, segment_ids: Sequence[str]) -> Mapping[str, int]:
        """How many members each segment has."""
        if not segment_ids:
            return {}
        counts = await self._members.count_members(self._gate.epochs, tenant_id, segment_ids)
        if counts is None:
            raise self._not_ready()
        return counts

    async def list_page(
        self, tenant_id: str, segment_id: str, after: Position | None, limit: int
    ) -> MemberPage | None:
        """Members by partition and time of entering; None when there is no such segment.

        Whoever stays a member while pages are read is on exactly one of them.
        """
        if (await self._store.load_segments(tenant_id)).find(segment_id) is None:
            return None
        total = (await self.count(tenant_id, [segment_id]))[segment_id]
        found: list[tuple[int, int, str]] = []
        partition = after.partition if after else 0
        start = (after.entered_at_ms, after.customer_id) if after else None
        while partition < PARTITION_COUNT and len(found) <= limit:
            page = await self._members.list_members(
                self._gate.epochs,
                tenant_id,
                segment_id,
                partition,
                after=start,
                limit=limit + 1 - len(found),
            )
            if page is None:
                raise self._not_ready()
            found += [(partition, entered_at_ms, name) for entered_at_ms, name in page]
            partition, start = partition + 1, None
        shown = found[:limit]
        members = await self._with_stints(
            tenant_id, segment_id, [(name, entered_at_ms) for _, entered_at_ms, name in shown]
        )
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
        self, tenant_id: str, customer_id: str, segment_id: str, language: str = ""
    ) -> Explanation | None:
        """Why a customer is in a segment or not, as of now, in words of the language.

        An empty language is the tenant's. None when there is no such segment. Raises RpcFailure
        CUSTOMER_NOT_FOUND.
        """
        if (await self._store.load_segments(tenant_id)).find(segment_id) is None:
            return None
        rules, state = await self._current_state(tenant_id, customer_id)
        now_ms = max((await self._clock.read(tenant_id)).now_ms, state.now_ms)
        state = step(rules.ruleset, state, (), now_ms).state
        tenant = await self._rulesets.tenant(tenant_id)
        voice = Voice(
            language or tenant.language,
            ZoneInfo(tenant.time_zone),
            tenant.currency_code,
            exponent_of(tenant.currency_code),
        )
        answer = explain_in_words(rules.ruleset, state, segment_id, now_ms, voice)
        stint, entered_at_ms = state.memberships.get(segment_id, (0, None))
        member = entered_at_ms is not None
        return Explanation(member, stint, entered_at_ms, answer.why, answer.summary)

    async def overlap(self, tenant_id: str, segment_ids: Sequence[str]) -> Overlap | None:
        """Members that segments have in common; None when one of them does not exist.

        A customer's memberships lie in one partition and change at once; each partition is
        counted at an instant of its own.
        """
        held = await self._store.load_segments(tenant_id)
        if any(held.find(segment_id) is None for segment_id in segment_ids):
            return None
        sizes = await self.count(tenant_id, segment_ids)
        pairs = list(combinations(range(len(segment_ids)), 2))
        per_call = max(_LOOKUPS_AT_ONCE * PARTITION_COUNT // (max(sizes.values()) + 1), 1)
        counts, common = [0] * len(segment_ids), [0] * len(pairs)
        for partition in ALL_PARTITIONS:
            for start in range(0, len(pairs), per_call):
                await self._gate.stand_back(_STAND_BACK_SECONDS)
                some = pairs[start : start + per_call]
                found = await self._members.count_overlap(
                    self._gate.epochs[partition], tenant_id, segment_ids, partition, some
                )
                if found is None:
                    raise self._not_ready()
                for offset, number in enumerate(found[1]):
                    common[start + offset] += number
                if start == 0:
                    counts = [a + b for a, b in zip(counts, found[0], strict=True)]
        named = [
            (segment_ids[one], segment_ids[other], number)
            for (one, other), number in zip(pairs, common, strict=True)
        ]
        return Overlap(counts, named)

    async def _with_stints(
        self, tenant_id: str, segment_id: str, found: Sequence[tuple[str, int]]
    ) -> list[tuple[str, int, int]]:
        """Adds the stints; who left since, and may have come again later, is left out."""
        states = await self._states(tenant_id, [name for name, _ in found])
        unreadable = [name for name, _ in found if name not in states]
        announced = await self._store.last_announced(tenant_id, unreadable) if unreadable else {}
        members = []
        for name, entered_at_ms in found:
            if name in states:
                stint, since_ms = states[name].memberships.get(segment_id, (0, 0))
            else:
                last = announced.get(name, {}).get(segment_id, Announced(0, False, 0))
                stint, since_ms = (last.stint, last.at_ms) if last.entered else (0, 0)
            if since_ms == entered_at_ms:
                members.append((name, stint, entered_at_ms))
        return members

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
