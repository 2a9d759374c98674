"""What a rule that is not saved would find: whom to ask, and what the answer is worth. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from dangol_rules import tree
from dangol_rules.rules import event_types, parse

from segmentation_service.engine import Ruleset, SegmentRule, compile_ruleset, replay
from segmentation_service.histories import History
from segmentation_service.rules_segments import references
from segmentation_service.segments import SegmentSet

# No segment can have this id.
_RULE_ID = "?"
# The quantile of the normal distribution for 95 %.
_Z = 1.959963984540054
# A type that no event can have: histories then come without events.
_NO_EVENT = "-"


class Question(NamedTuple):
    """A compiled rule. event_types: those on which its answer rests, with the segments in it."""

    ruleset: Ruleset
    event_types: tuple[str, ...]


class Estimate(NamedTuple):
    """How many members there are, and the 95 % interval; equal numbers when it is exact."""

    member_count: int
    least: int
    most: int


def ask(rule: tree.Rule, held: SegmentSet, time_zone: str, currency_exponent: int) -> Question:
    """Compiles a rule together with the segments that it refers to, directly or through others.

    Raises RuleError when one of them is unknown.
    """
    texts = {segment.segment_id: segment.rule for segment in held.visible()}
    used: dict[str, tree.Rule] = {}
    _collect(rule, texts, used)
    rules = [SegmentRule(name, one) for name, one in sorted(used.items())]
    ruleset = compile_ruleset([*rules, SegmentRule(_RULE_ID, rule)], time_zone, currency_exponent)
    types = frozenset().union(event_types(rule), *(event_types(one) for one in used.values()))
    return Question(ruleset, tuple(sorted(types)) or (_NO_EVENT,))


def entered_at_ms(question: Question, history: History, now_ms: int) -> tuple[int, int] | None:
    """(stint, since when) the customer is a member; None when she is none.

    Exact in its truth from the events of question.event_types alone; the instant needs them all.
    """
    as_of_ms = max([now_ms, *(event.at_ms for event in history.events[-1:])])
    result = replay(
        question.ruleset, history.snapshot, history.created_ms, history.events, as_of_ms
    )
    return result.state.memberships.get(_RULE_ID)


def estimate(found: int, examined: int, total: int) -> Estimate:
    """From a random sample without replacement to all customers.

    Wilson's score interval (E. B. Wilson, Probable inference, the law of succession, and
    statistical inference, JASA 22, 1927) for a sample of n (N - 1) / (N - n): that is as large as
    one with replacement of the same variance would have to be (W. G. Cochran, Sampling
    Techniques, 3rd edition, 1977, chapter 3).
    """
    if examined >= total:
        return Estimate(found, found, found)
    if examined == 0:
        return Estimate(0, 0, total)
    share = found / examined
    size = examined * (total - 1) / (total - examined)
    spread = _Z * _Z / size
    centre = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / size + spread / (4 * size)) / (1 + spread)
    # What was seen is certain: so many are members, so many are not.
    least = max(found, math.floor((centre - half) * total))
    most = min(total - (examined - found), math.ceil((centre + half) * total))
    return Estimate(min(max(round(share * total), least), most), least, most)


def sample_size(customers_per_second: float, seconds: float, bounds: tuple[int, int]) -> int:
    """How many customers can be examined in the time, within bounds.

    It is settled before any is looked at: a sample that ended when the time is over would hold
    too few of those with long histories.
    """
    return min(max(int(customers_per_second * seconds), bounds[0]), bounds[1])


def _collect(rule: tree.Rule, texts: Mapping[str, str], used: dict[str, tree.Rule]) -> None:
    for segment_id in references(rule):
        if segment_id not in texts:
            # All of them, for the hint in the error: which one may have been meant.
            used.update({name: parse(text) for name, text in texts.items()})
        elif segment_id not in used:
            used[segment_id] = parse(texts[segment_id])
            _collect(used[segment_id], texts, used)
