"""Explanations against the oracle: truth, value and next flip of every part, at any instant."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from segmentation_service.engine import EventInput, SegmentRule, compile_ruleset, replay
from segmentation_service.explain import part_of
from segmentation_service.explain_words_parts import Part

from tests.unit.segmentation.histories import make_content, make_person, make_rule_of
from tests.unit.segmentation.oracle import Oracle
from tests.unit.segmentation.strategies import BASE_MS, HOUR_MS, contents, profiles, rules

EXPONENT = 2
GAPS_MS = (0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS, 5 * HOUR_MS)


def parts(part: Part) -> Iterator[Part]:
    """A part and everything below it."""
    yield part
    for child in part.children:
        yield from parts(child)


def explained(
    rules_by_id: dict[str, tree.Rule], profile: ProfileSnapshot, log: list[EventInput], wait_ms: int
) -> tuple[Part, Oracle]:
    """The explanation some time after the last event, and the oracle of the same log."""
    segments = [SegmentRule(name, rule) for name, rule in rules_by_id.items()]
    ruleset = compile_ruleset(segments, "Asia/Seoul", EXPONENT)
    last_ms = max([BASE_MS, *(one.at_ms for one in log)])
    state = replay(ruleset, profile, BASE_MS, log, last_ms).state
    whole = part_of(ruleset, state, "a", last_ms + wait_ms)
    return whole, Oracle(rules_by_id, EXPONENT, profile, log)


def check(whole: Part, oracle: Oracle) -> None:
    """Every part has the oracle's truth, and flips when the oracle first sees it differ."""
    for part in parts(whole):
        assert oracle.holds(part.rule, part.now_ms) == part.holds
        flip_ms = part.next_flip_ms
        assert oracle.next_flip(part.rule, part.now_ms) == (flip_ms or 0)
        if flip_ms is not None:
            assert oracle.holds(part.rule, flip_ms) != part.holds
            assert oracle.holds(part.rule, flip_ms - 1) == part.holds
        check_value(part, oracle)


def check_value(part: Part, oracle: Oracle) -> None:
    """What a comparison of measures or instants says is what the log says."""
    rule, fact = part.rule, part.fact
    if not isinstance(rule, tree.Compare):
        return
    left: Any = rule.left
    if isinstance(left, tree.Since):
        assert oracle.value(left.instant, part.now_ms) == fact.value
    elif isinstance(left, tree.Count | tree.Distinct | tree.Aggregate | tree.First | tree.Last):
        true = oracle.value(left, part.now_ms)
        if fact.at_least:
            assert isinstance(fact.value, Fraction)
            assert true >= fact.value
        else:
            assert true == fact.value
        if not isinstance(rule.right, tree.Number):
            assert oracle.value(rule.right, part.now_ms) == fact.other


def log_of(gaps: list[int], events: list[Any]) -> list[EventInput]:
    """Events one after another."""
    found, at_ms = [], BASE_MS
    for number, (gap_ms, event) in enumerate(zip(gaps, events, strict=True)):
        at_ms += gap_ms
        found.append(EventInput(number.to_bytes(16, "big"), at_ms, at_ms, event))
    return found


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 32))
def test_every_part_of_an_explanation_agrees_with_the_oracle(seed: int) -> None:
    """Dense histories: truth, value and next flip of each part, some time after the last event."""
    random = Random(seed)
    count = random.randint(0, 12)
    log = log_of(
        [random.choice(GAPS_MS) for _ in range(count)], [make_content(random) for _ in range(count)]
    )
    rules_by_id = {"a": make_rule_of(random, ["other"]), "other": make_rule_of(random, [])}
    profile = make_person(random, BASE_MS)
    check(*explained(rules_by_id, profile, log, random.choice(GAPS_MS)))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rules(),
    profiles(),
    st.lists(st.tuples(st.sampled_from(GAPS_MS), contents()), max_size=8),
    st.sampled_from(GAPS_MS),
)
def test_explanations_of_any_rule_agree_with_the_oracle(
    rule: tree.Rule, profile: ProfileSnapshot, happened: list[tuple[int, Any]], wait_ms: int
) -> None:
    """The same over everything that the language can say."""
    log = log_of([gap_ms for gap_ms, _ in happened], [event for _, event in happened])
    check(*explained({"a": rule}, profile, log, wait_ms))
