"""The compiled rules of one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from dangol_rules.format import format_rule

from segmentation_service.engine_compile import Compiled, Compiler
from segmentation_service.engine_leaves import Part
from segmentation_service.engine_state import SegmentRule, State
from segmentation_service.features import NEVER, Feature
from segmentation_service.features_update import Update, compile_updates, empty

# Raised when a state of an older engine can't be read on: every customer is then replayed.
LAYOUT = "2"
TOUCHED_MAX = 10_000


class CompiledRule(msgspec.Struct, frozen=True):
    """One segment's rule: its answer, and what it takes to walk its past."""

    segment_id: str
    part: Part
    near: Part
    compiled: Compiled


# A delta may arrive twice, or after a replay that contained it, within this time.
RECENT_MS = 600_000


class Ruleset(msgspec.Struct):
    """Compiled rules of one tenant; a state belongs to the ruleset whose signature it carries.

    event_types: those that any rule mentions; other events change nothing. version: the caller's.
    updates: event type -> what it changes, each with the mask of the rules that read it.
    attributes: profile attribute -> the mask of the rules that read it. recent_ms: for how long
    after its arrival an event's key is remembered; a virtual clock says nothing about arrivals.
    first: the mask of the rules to be looked at for a customer who did nothing: of the others it
    is known that they do not hold for her and that no time changes that.
    """

    segments: tuple[SegmentRule, ...]
    event_types: frozenset[str]
    signature: bytes
    rules: tuple[CompiledRule, ...]
    features: tuple[Feature, ...]
    updates: dict[str, tuple[tuple[Update, int], ...]]
    attributes: dict[str, int]
    compiler: Compiler
    first: int
    version: int = 0
    recent_ms: int = RECENT_MS
    virtual: bool = False
    _touched: dict[int, tuple[int, ...]] = {}

    @property
    def all_rules(self) -> int:
        """The mask of every rule."""
        return (1 << len(self.rules)) - 1

    def indexes(self, mask: int) -> tuple[int, ...]:
        """The indexes of the rules in a mask."""
        found = self._touched.get(mask)
        if found is None:
            found = tuple(index for index in range(len(self.rules)) if mask >> index & 1)
            if len(self._touched) < TOUCHED_MAX:
                self._touched[mask] = found
        return found

    def empty_features(self) -> list[Any]:
        """The features of a customer who did nothing yet."""
        return [empty(feature) for feature in self.features]

    def segment_rule(self, segment_id: str) -> SegmentRule:
        """The segment's rule; KeyError when this ruleset has none such."""
        for segment in self.segments:
            if segment.segment_id == segment_id:
                return segment
        raise KeyError(segment_id)


def compile_ruleset(
    segments: Sequence[SegmentRule], time_zone: str, currency_exponent: int = 0
) -> Ruleset:
    """Compiles the segments' rules, in their order.

    time_zone is an IANA name, for birthdays. currency_exponent says how many decimals the tenant's
    currency has (KRW 0, USD 2): rules speak of major units, events of minor ones.
    Raises RuleError when segments refer to unknown ones or in a circle.
    """
    compiler = Compiler(
        {one.segment_id: one.rule for one in segments}, time_zone, currency_exponent
    )
    rules = []
    for segment in segments:
        compiled = compiler.segment(segment.segment_id)
        rules.append(CompiledRule(segment.segment_id, compiled.part, compiled.look, compiled))
    features = tuple(compiler.registry.features)
    updates: dict[str, list[tuple[Update, int]]] = {}
    for feature in features:
        mask = mask_of(rules, lambda one, index=feature.index: index in one.compiled.features)
        for event_type, update in compile_updates(feature, currency_exponent):
            updates.setdefault(event_type, []).append((update, mask))
    attributes = {
        name: mask_of(rules, lambda one, name=name: name in one.compiled.attributes)
        for name in sorted(frozenset().union(*(one.compiled.attributes for one in rules)))
    }
    return Ruleset(
        segments=tuple(segments),
        event_types=frozenset(updates),
        signature=sign(segments, time_zone, currency_exponent),
        rules=tuple(rules),
        features=features,
        updates={event_type: tuple(found) for event_type, found in updates.items()},
        attributes=attributes,
        compiler=compiler,
        first=first_mask(rules, features),
    )


def first_mask(rules: list[CompiledRule], features: Sequence[Feature]) -> int:
    """The rules that read the profile, and those that hold for who did nothing or will."""
    nobody = State(b"", 0, 0, 0, 0, {}, [empty(one) for one in features], [], {}, {}, {})
    nothing = (False, NEVER)
    return mask_of(
        rules, lambda one: bool(one.compiled.attributes) or one.part(nobody, 0) != nothing
    )


def mask_of(rules: list[CompiledRule], reads: Any) -> int:
    """The mask of the rules for which `reads` holds."""
    return sum(1 << index for index, rule in enumerate(rules) if reads(rule))


def sign(segments: Sequence[SegmentRule], time_zone: str, currency_exponent: int) -> bytes:
    """Eight bytes that stand for the layout and meaning of the states of these rules."""
    parts = [LAYOUT, time_zone, str(currency_exponent)]
    for segment in segments:
        parts += [segment.segment_id, format_rule(segment.rule)]
    return blake2b("\n".join(parts).encode(), digest_size=8).digest()


def begin(ruleset: Ruleset, state: State, first_ms: int | None) -> None:
    """Gives a new state the ruleset's layout; she exists from creation or her first event."""
    state.signature = ruleset.signature
    if first_ms is not None and first_ms < state.now_ms:
        state.now_ms = first_ms
    state.start_ms = state.profile_ms = state.now_ms
    attributes = ruleset.attributes
    state.profile = {name: value for name, value in state.profile.items() if name in attributes}
    state.features = ruleset.empty_features()
    state.flips = [0] * len(ruleset.rules)
