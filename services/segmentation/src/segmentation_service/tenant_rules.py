"""A tenant's segments, compiled. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dangol_rules.rules import Rule, parse
from dangol_service_kit.currencies import exponent_of

from segmentation_service.engine import Ruleset, SegmentRule, compile_ruleset
from segmentation_service.reconcile import Terms
from segmentation_service.segments import Segment, SegmentSet, State

# A year may go by in a minute of arrivals, so keys are kept for less than under wall time, and
# still for much longer than a delta may be old.
_VIRTUAL_RECENT_MS = 30_000
# A change of one segment compiles all of its tenant's again, and most texts are as they were.
_KEPT_TREES = 2_048


@dataclass(frozen=True, slots=True)
class TenantRules:
    """A tenant's compiled ruleset, at `version`, and how its segments are reconciled."""

    tenant_id: str
    virtual: bool
    segments: SegmentSet
    ruleset: Ruleset
    terms: Mapping[str, Terms]

    @property
    def version(self) -> int:
        """The version of the rules that Redis compares."""
        return self.segments.rules_version


def compile_rules(
    segments: SegmentSet, *, time_zone: str, currency_code: str, virtual: bool
) -> TenantRules:
    """Compiles the visible segments. Raises RuleError when they refer to unknown ones."""
    visible = segments.visible()
    rules = [
        SegmentRule(segment.segment_id, _tree_of(segment.rule), segment.live_since_ms)
        for segment in visible
    ]
    ruleset = compile_ruleset(rules, time_zone, exponent_of(currency_code))
    ruleset.version = segments.rules_version
    if virtual:
        ruleset.virtual, ruleset.recent_ms = True, _VIRTUAL_RECENT_MS
    terms = {segment.segment_id: _terms(segment) for segment in visible}
    return TenantRules(segments.tenant_id, virtual, segments, ruleset, terms)


def _terms(segment: Segment) -> Terms:
    if segment.state is State.BACKFILLING:
        return Terms(segment.live_since_ms, segment.cause, segment.notify)
    return Terms(segment.live_since_ms)


@lru_cache(_KEPT_TREES)
def _tree_of(text: str) -> Rule:
    return parse(text)
