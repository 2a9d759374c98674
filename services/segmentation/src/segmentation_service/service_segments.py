"""Use cases on segments: defining them, and how far their computation has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import msgspec
from dangol_rules.rules import RuleError, format, parse
from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from segmentation_service import segments
from segmentation_service.segments import Copy, Draft, Outcome, Request, Segment, SegmentSet
from segmentation_service.service_backfill import Backfill
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.starter import STARTERS, Starter
from segmentation_service.store_progress import Progress

T = TypeVar("T")

_SAVE_ATTEMPTS = 20
# A tenant without customers is done within this time; others are answered as BACKFILLING.
_BACKFILL_SECONDS = 0.5


class SegmentStore(Protocol):
    """Rulesets in MongoDB."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...

    async def save_segments(self, held: SegmentSet, changed: SegmentSet) -> bool:
        """Replaces `held`; False when someone else was first."""
        ...


class ProgressReader(Protocol):
    """How far computations have come, whichever replica does them."""

    async def load_progress(self, tenant_id: str) -> Progress | None:
        """The last that was saved."""
        ...


class Counts(Protocol):
    """Members by segment."""

    async def count(self, tenant_id: str, segment_ids: Sequence[str]) -> Mapping[str, int]:
        """How many members each segment has."""
        ...


class Directory(Protocol):
    """What is known of tenants."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant; RpcFailure TENANT_NOT_FOUND when there is none."""
        ...


class Clock(Protocol):
    """What time it is for a tenant."""

    async def read(self, tenant_id: str) -> Reading:
        """The tenant's time now."""
        ...


class View(NamedTuple):
    """A segment as clients see it. progress: (customers done, of), None once it is computed."""

    segment: Segment
    member_count: int
    progress: tuple[int, int] | None


class StarterView(NamedTuple):
    """A ready segment with its rule in the tenant's currency."""

    starter: Starter
    rule: str
    installed: bool


class SegmentService:
    """Raises RpcFailure: expected outcomes of requests are segments.Outcome."""

    def __init__(
        self,
        *,
        store: SegmentStore,
        progress: ProgressReader,
        members: Counts,
        rulesets: Rulesets,
        backfill: Backfill,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._store = store
        self._progress = progress
        self._members = members
        self._rulesets = rulesets
        self._backfill = backfill
        self._directory = directory
        self._clock = clock

    async def create(
        self, tenant_id: str, draft: Draft, request: Request
    ) -> tuple[Outcome, View | None]:
        """Creates a segment and begins to compute its members.

        Raises RpcFailure RULE_INVALID with line, column and hint.
        """
        draft = canonical(draft)
        now_ms = await self._now_ms(tenant_id)
        return await self._change_one(
            tenant_id, lambda held: segments.create(held, draft, request, now_ms)
        )

    async def update(
        self, tenant_id: str, draft: Draft, version: int, request: Request
    ) -> tuple[Outcome, View | None]:
        """Changes a segment of the version given. Raises RpcFailure RULE_INVALID."""
        draft = canonical(draft)
        now_ms = await self._now_ms(tenant_id)
        return await self._change_one(
            tenant_id, lambda held: segments.update(held, draft, version, request, now_ms)
        )

    async def copy(
        self, tenant_id: str, wanted: Copy, request: Request
    ) -> tuple[Outcome, View | None]:
        """Creates a segment with the rule and the words of another."""
        now_ms = await self._now_ms(tenant_id)
        return await self._change_one(
            tenant_id, lambda held: segments.copy(held, wanted, request, now_ms)
        )

    async def delete(self, tenant_id: str, segment_id: str, request: Request) -> Outcome:
        """Deletes a segment; its members are let go in the background.

        Raises RpcFailure SEGMENT_IN_USE while another segment's rule refers to it.
        """
        now_ms = await self._now_ms(tenant_id)
        outcome, _ = await self._change(
            tenant_id, lambda held: segments.delete(held, segment_id, request, now_ms)
        )
        return outcome

    async def install(
        self, tenant_id: str, starter_ids: Sequence[str], notify_existing: bool, request: Request
    ) -> tuple[Outcome, list[View], tuple[str, ...]]:
        """Creates ready segments; answers them, and the ids that the tenant had already.

        All of them are one change of the rules: customers are computed once, not for each.
        Raises RpcFailure FIELD_INVALID for starters that do not exist.
        """
        currency_code = (await self._directory.get(tenant_id)).currency_code
        known = {one.starter_id: one for one in STARTERS}
        unknown = [name for name in starter_ids if name not in known]
        if unknown:
            message = f"no ready segment {unknown[0][:64]}: see ListStarterSegments"
            raise RpcFailure(Code.FIELD_INVALID, message, field="starter_ids")
        chosen = [known[name] for name in starter_ids] or list(STARTERS)
        drafts = [_to_draft(one, currency_code, notify_existing) for one in chosen]
        now_ms = await self._now_ms(tenant_id)
        outcome, done = await self._change(
            tenant_id, lambda held: segments.install(held, drafts, request, now_ms)
        )
        if outcome not in (Outcome.APPLIED, Outcome.REPEATED):
            return outcome, [], ()
        held = await self._store.load_segments(tenant_id)
        installed = [one for name in done.installed if (one := held.find(name)) is not None]
        return outcome, await self._views(held, installed), done.kept

    async def list_starters(self, tenant_id: str) -> list[StarterView]:
        """The ready segments, and which of their ids the tenant has."""
        currency_code = (await self._directory.get(tenant_id)).currency_code
        held = await self._store.load_segments(tenant_id)
        return [
            StarterView(
                one, format(parse(one.rule(currency_code))), held.find(one.starter_id) is not None
            )
            for one in STARTERS
        ]

    async def get(self, tenant_id: str, segment_id: str) -> View | None:
        """A segment and how many members it has."""
        held = await self._store.load_segments(tenant_id)
        segment = held.find(segment_id)
        return None if segment is None else (await self._views(held, [segment]))[0]

    async def get_all(
        self, tenant_id: str, segment_ids: Sequence[str], *, counted: bool
    ) -> list[View]:
        """Those that exist, in this order; not counted they say nothing of members or progress."""
        held = await self._store.load_segments(tenant_id)
        found = [one for one in map(held.find, segment_ids) if one is not None]
        if not counted:
            return [View(one, 0, None) for one in found]
        return await self._views(held, found)

    async def list_page(self, tenant_id: str, after: str, limit: int) -> tuple[list[View], str]:
        """Segments after an id, and the id to go on after, "" at the end."""
        held = await self._store.load_segments(tenant_id)
        rest = [segment for segment in held.visible() if segment.segment_id > after]
        page = rest[:limit]
        following = page[-1].segment_id if len(rest) > limit else ""
        return await self._views(held, page), following

    async def rebuild(self, tenant_id: str, timeout_seconds: float) -> tuple[int, int]:
        """Computes the whole tenant anew; answers customers and changes.

        Raises RpcFailure NOT_READY when it takes longer; it goes on by itself.
        """
        await self._save(tenant_id, lambda held: (segments.ask_rebuild(held), None))
        await self._rulesets.reload(tenant_id)
        self._backfill.wake()
        if not await self._backfill.finish(tenant_id, timeout_seconds):
            raise RpcFailure(Code.NOT_READY, "the rebuild goes on", retry_after_ms=5_000)
        progress = await self._progress.load_progress(tenant_id)
        return (progress.done, progress.changes) if progress else (0, 0)

    async def _change_one(
        self, tenant_id: str, decide: Callable[[SegmentSet], segments.Decision]
    ) -> tuple[Outcome, View | None]:
        outcome, segment = await self._change(tenant_id, decide)
        if segment is None or outcome not in (Outcome.APPLIED, Outcome.REPEATED):
            return outcome, None
        return outcome, await self.get(tenant_id, segment.segment_id)

    async def _change(
        self, tenant_id: str, decide: Callable[[SegmentSet], tuple[Outcome, SegmentSet, T]]
    ) -> tuple[Outcome, T]:
        def change(held: SegmentSet) -> tuple[SegmentSet, tuple[Outcome, T]]:
            outcome, changed, found = decide(held)
            return changed, (outcome, found)

        outcome, found = await self._save(tenant_id, change)
        if outcome is Outcome.APPLIED:
            await self._rulesets.reload(tenant_id)
            await self._backfill.finish(tenant_id, _BACKFILL_SECONDS)
        return outcome, found

    async def _save(
        self, tenant_id: str, change: Callable[[SegmentSet], tuple[SegmentSet, T]]
    ) -> T:
        for _ in range(_SAVE_ATTEMPTS):
            held = await self._store.load_segments(tenant_id)
            changed, answer = change(held)
            if changed.rules_version != held.rules_version:
                await self._check(held, changed)
            if changed is held or await self._store.save_segments(held, changed):
                return answer
        raise RpcFailure(Code.UNAVAILABLE, "too many change segments at once", retry_after_ms=100)

    async def _check(self, held: SegmentSet, changed: SegmentSet) -> None:
        try:
            await self._rulesets.check(changed)
        except RuleError as error:
            if len(changed.visible()) < len(held.visible()):
                message = "another segment's rule refers to it"
                raise RpcFailure(Code.SEGMENT_IN_USE, message, field="segment_id") from None
            raise rule_invalid(error) from None

    async def _views(self, held: SegmentSet, page: Sequence[Segment]) -> list[View]:
        counts = await self._members.count(held.tenant_id, [one.segment_id for one in page])
        progress = None
        if held.has_work():
            progress = await self._progress.load_progress(held.tenant_id)
        return [
            View(one, counts[one.segment_id], _progress_of(one, held, progress)) for one in page
        ]

    async def _now_ms(self, tenant_id: str) -> int:
        return (await self._clock.read(tenant_id)).now_ms


def canonical(draft: Draft) -> Draft:
    """The draft with its rule in canonical text. Raises RpcFailure RULE_INVALID."""
    try:
        rule = format(parse(draft.rule))
    except RuleError as error:
        raise rule_invalid(error) from None
    return msgspec.structs.replace(draft, rule=rule)


def rule_invalid(error: RuleError, field: str = "segment.rule") -> RpcFailure:
    """RULE_INVALID with the place and the hint, for people and for editors."""
    return RpcFailure(
        Code.RULE_INVALID,
        str(error),
        field=field,
        metadata={"line": str(error.line), "column": str(error.column), "hint": error.hint},
    )


def _progress_of(
    segment: Segment, held: SegmentSet, progress: Progress | None
) -> tuple[int, int] | None:
    rebuilding = held.rebuild_version > 0
    if segment.state is not segments.State.BACKFILLING and not rebuilding:
        return None
    wanted = max(held.rebuild_version, segment.rules_version)
    if progress is None or progress.finished:
        return 0, 0
    # What runs may be for an older version of the rules: this one's turn is still to come.
    done = progress.done if progress.rules_version >= wanted else 0
    return min(done, progress.total), progress.total


def _to_draft(starter: Starter, currency_code: str, notify_existing: bool) -> Draft:
    return canonical(
        Draft(
            segment_id=starter.starter_id,
            display_names=dict(starter.names),
            rule=starter.rule(currency_code),
            at_risk=starter.at_risk,
            notify_existing=notify_existing,
            descriptions=dict(starter.why),
            starter_id=starter.starter_id,
        )
    )
