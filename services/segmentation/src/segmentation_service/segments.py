"""A tenant's segments as one value, and what requests make of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import msgspec

SEGMENTS_MAX = 500
_REQUESTS_KEPT = 20
_TOMBSTONES_KEPT = 500


class State(Enum):
    """Where a segment stands."""

    # Its members are being computed from history.
    BACKFILLING = "BACKFILLING"
    LIVE = "LIVE"
    # Its members are being let go.
    DELETING = "DELETING"
    # Only its request ids are kept.
    DELETED = "DELETED"


class Outcome(Enum):
    """What became of a request to change a segment."""

    APPLIED = "APPLIED"
    # The same request again: nothing changed, the answer is the segment.
    REPEATED = "REPEATED"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"
    EXISTS = "EXISTS"
    NOT_FOUND = "NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    TOO_MANY = "TOO_MANY"


class Request(msgspec.Struct, frozen=True):
    """A request's id and a fingerprint of its content."""

    request_id: str
    fingerprint: str


class Draft(msgspec.Struct, frozen=True):
    """What a client says of a segment. rule is canonical text."""

    segment_id: str
    display_names: dict[str, str]
    rule: str
    at_risk: bool
    notify_existing: bool
    descriptions: dict[str, str] = {}
    starter_id: str = ""


class Copy(msgspec.Struct, frozen=True):
    """What a client says of a copy. display_names, where given, replace the source's."""

    source_id: str
    segment_id: str
    display_names: dict[str, str]
    notify_existing: bool


class Segment(msgspec.Struct, frozen=True):
    """A segment as stored. Times are UTC milliseconds of the tenant's clock.

    cause and notify: how differences found by the backfill are announced. live_since_ms: what
    happened before is history, later changes are announced each. rules_version: the ruleset's
    version since which the rule is as it is.
    """

    segment_id: str
    display_names: dict[str, str]
    rule: str
    at_risk: bool
    version: int
    state: State
    cause: str
    notify: bool
    live_since_ms: int
    rules_version: int
    create_ms: int
    update_ms: int
    requests: tuple[Request, ...]
    descriptions: dict[str, str] = {}
    starter_id: str = ""


class Install(msgspec.Struct, frozen=True):
    """A request that installed several segments at once, and what became of it."""

    request: Request
    installed: tuple[str, ...]
    kept: tuple[str, ...]


class SegmentSet(msgspec.Struct, frozen=True):
    """All segments of a tenant. revision counts changes, rules_version those to rules.

    rebuild_version: the rules_version at which a rebuild was asked for; 0 for none.
    finish_ms: wall time at which members were last computed to the end.
    """

    tenant_id: str
    revision: int = 0
    rules_version: int = 0
    rebuild_version: int = 0
    finish_ms: int = 0
    segments: dict[str, Segment] = {}
    installs: tuple[Install, ...] = ()

    def visible(self) -> list[Segment]:
        """Segments that clients see, in order of id."""
        return [s for _, s in sorted(self.segments.items()) if is_visible(s)]

    def find(self, segment_id: str) -> Segment | None:
        """The segment, unless it is gone or going."""
        segment = self.segments.get(segment_id)
        return segment if segment is not None and is_visible(segment) else None

    def has_work(self) -> bool:
        """Whether members have still to be computed or let go."""
        unfinished = (State.BACKFILLING, State.DELETING)
        return bool(self.rebuild_version) or any(
            segment.state in unfinished for segment in self.segments.values()
        )


def is_visible(segment: Segment) -> bool:
    """Whether rules and clients still know the segment."""
    return segment.state in (State.BACKFILLING, State.LIVE)


Decision = tuple[Outcome, SegmentSet, Segment | None]


def create(held: SegmentSet, draft: Draft, request: Request, now_ms: int) -> Decision:
    """Adds a segment, in state BACKFILLING."""
    known = held.segments.get(draft.segment_id)
    repeat = _seen(known, request)
    if repeat is not None:
        return repeat, held, known
    if known is not None and known.state is not State.DELETED:
        return Outcome.EXISTS, held, None
    if len(held.visible()) >= SEGMENTS_MAX:
        return Outcome.TOO_MANY, held, None
    segment = _new(held, draft, request, now_ms)
    return Outcome.APPLIED, _with(held, segment, rules_changed=True), segment


def copy(held: SegmentSet, wanted: Copy, request: Request, now_ms: int) -> Decision:
    """Adds a segment with another's rule and words."""
    known = held.segments.get(wanted.segment_id)
    repeat = _seen(known, request)
    if repeat is not None:
        return repeat, held, known
    source = held.find(wanted.source_id)
    if source is None:
        return Outcome.NOT_FOUND, held, None
    draft = Draft(
        segment_id=wanted.segment_id,
        display_names=wanted.display_names or source.display_names,
        rule=source.rule,
        at_risk=source.at_risk,
        notify_existing=wanted.notify_existing,
        descriptions=source.descriptions,
        starter_id=source.starter_id,
    )
    return create(held, draft, request, now_ms)


def install(
    held: SegmentSet, drafts: Sequence[Draft], request: Request, now_ms: int
) -> tuple[Outcome, SegmentSet, Install]:
    """Adds those segments whose ids are free, all in one change of the rules."""
    for earlier in held.installs:
        if earlier.request.request_id == request.request_id:
            same = earlier.request.fingerprint == request.fingerprint
            return (Outcome.REPEATED if same else Outcome.REQUEST_CONFLICT), held, earlier
    known = {draft.segment_id: held.segments.get(draft.segment_id) for draft in drafts}
    taken = {name for name, one in known.items() if one and one.state is not State.DELETED}
    done = Install(
        request,
        tuple(name for name in known if name not in taken),
        tuple(name for name in known if name in taken),
    )
    if any(one is not None and one.state is State.DELETING for one in known.values()):
        return Outcome.EXISTS, held, done
    if len(held.visible()) + len(done.installed) > SEGMENTS_MAX:
        return Outcome.TOO_MANY, held, done
    fresh = {
        draft.segment_id: _new(held, draft, request, now_ms)
        for draft in drafts
        if draft.segment_id not in taken
    }
    changed = msgspec.structs.replace(
        held,
        revision=held.revision + 1,
        rules_version=held.rules_version + (1 if fresh else 0),
        segments={**held.segments, **fresh},
        installs=(*held.installs, done)[-_REQUESTS_KEPT:],
    )
    return Outcome.APPLIED, changed, done


def update(held: SegmentSet, draft: Draft, version: int, request: Request, now_ms: int) -> Decision:
    """Changes a segment that still has the version given; a new rule begins a backfill."""
    known = held.segments.get(draft.segment_id)
    repeat = _seen(known, request)
    if repeat is not None:
        return repeat, held, known
    if known is None or not is_visible(known):
        return Outcome.NOT_FOUND, held, None
    if known.version != version:
        return Outcome.VERSION_CONFLICT, held, known
    changed = msgspec.structs.replace(
        known,
        display_names=draft.display_names,
        descriptions=draft.descriptions,
        at_risk=draft.at_risk,
        version=known.version + 1,
        update_ms=now_ms,
        requests=_remember(known, request),
    )
    rules_changed = draft.rule != known.rule
    if rules_changed:
        # Members that an unfinished first backfill still has to find are history, not an edit.
        unfinished = known.state is State.BACKFILLING and known.cause == "BACKFILL"
        changed = msgspec.structs.replace(
            changed,
            rule=draft.rule,
            state=State.BACKFILLING,
            cause="BACKFILL" if unfinished else "RULE",
            notify=draft.notify_existing,
            live_since_ms=now_ms,
            rules_version=held.rules_version + 1,
        )
    return Outcome.APPLIED, _with(held, changed, rules_changed), changed


def delete(held: SegmentSet, segment_id: str, request: Request, now_ms: int) -> Decision:
    """Takes a segment out of the rules; its members are let go quietly."""
    known = held.segments.get(segment_id)
    repeat = _seen(known, request)
    if repeat is not None:
        return repeat, held, known
    if known is None or not is_visible(known):
        return Outcome.NOT_FOUND, held, None
    changed = msgspec.structs.replace(
        known,
        version=known.version + 1,
        state=State.DELETING,
        cause="RULE",
        notify=False,
        update_ms=now_ms,
        rules_version=held.rules_version + 1,
        requests=_remember(known, request),
    )
    return Outcome.APPLIED, _with(held, changed, rules_changed=True), changed


def ask_rebuild(held: SegmentSet) -> SegmentSet:
    """Has every customer computed anew, as if all rules had changed."""
    version = held.rules_version + 1
    return msgspec.structs.replace(
        held, revision=held.revision + 1, rules_version=version, rebuild_version=version
    )


def finish(held: SegmentSet, rules_version: int, wall_ms: int) -> SegmentSet:
    """Closes the work that was there at rules_version, now that it is done."""
    done = {State.BACKFILLING: State.LIVE, State.DELETING: State.DELETED}
    segments = {
        name: msgspec.structs.replace(segment, state=done[segment.state])
        if segment.state in done and segment.rules_version <= rules_version
        else segment
        for name, segment in held.segments.items()
    }
    rebuild_version = held.rebuild_version if held.rebuild_version > rules_version else 0
    return msgspec.structs.replace(
        held,
        revision=held.revision + 1,
        rebuild_version=rebuild_version,
        finish_ms=wall_ms,
        segments=_without_old_tombstones(segments),
    )


def _new(held: SegmentSet, draft: Draft, request: Request, now_ms: int) -> Segment:
    known = held.segments.get(draft.segment_id)
    return Segment(
        segment_id=draft.segment_id,
        display_names=draft.display_names,
        rule=draft.rule,
        at_risk=draft.at_risk,
        version=known.version + 1 if known else 1,
        state=State.BACKFILLING,
        cause="BACKFILL",
        notify=draft.notify_existing,
        live_since_ms=now_ms,
        rules_version=held.rules_version + 1,
        create_ms=now_ms,
        update_ms=now_ms,
        requests=_remember(known, request),
        descriptions=draft.descriptions,
        starter_id=draft.starter_id,
    )


def _seen(known: Segment | None, request: Request) -> Outcome | None:
    for earlier in known.requests if known else ():
        if earlier.request_id == request.request_id:
            same = earlier.fingerprint == request.fingerprint
            return Outcome.REPEATED if same else Outcome.REQUEST_CONFLICT
    return None


def _remember(known: Segment | None, request: Request) -> tuple[Request, ...]:
    return (*(known.requests if known else ()), request)[-_REQUESTS_KEPT:]


def _with(held: SegmentSet, segment: Segment, rules_changed: bool) -> SegmentSet:
    return msgspec.structs.replace(
        held,
        revision=held.revision + 1,
        rules_version=held.rules_version + (1 if rules_changed else 0),
        segments={**held.segments, segment.segment_id: segment},
    )


def _without_old_tombstones(segments: Mapping[str, Segment]) -> dict[str, Segment]:
    gone = sorted(
        (s for s in segments.values() if s.state is State.DELETED), key=lambda s: -s.update_ms
    )
    dropped = {segment.segment_id for segment in gone[_TOMBSTONES_KEPT:]}
    return {name: segment for name, segment in segments.items() if name not in dropped}
