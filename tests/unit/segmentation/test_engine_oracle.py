"""The engine against the oracle, step by step, over random rules and histories."""

from __future__ import annotations

from typing import Any

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import rules as language
from dangol_rules import tree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.segmentation.duel import fight, fight_by_seed
from tests.unit.segmentation.strategies import profiles, rules, steps


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 1 << 32))
def test_the_engine_equals_the_oracle_after_every_step(seed: int) -> None:
    """Memberships, entered_at, next flips and replays agree, whatever comes in any order."""
    fight_by_seed(seed, length=20)


def test_late_events_are_mostly_answered_without_a_replay() -> None:
    """needs_replay is the exception: a twentieth of the steps of these wild histories at most."""
    duels = [fight_by_seed(seed, length=20) for seed in range(40)]
    assert 0 < sum(duel.replays for duel in duels) <= 40 * 20 // 20


RULES = st.lists(rules(), min_size=2, max_size=3)
HISTORIES = st.lists(steps(), min_size=5, max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(RULES, profiles(), HISTORIES)
def test_the_engine_equals_the_oracle_for_any_rule(
    trees: list[tree.Rule], profile: ProfileSnapshot, history: list[tuple[str, Any]]
) -> None:
    """The same over everything that the language can say."""
    fight(trees, profile, history)


@pytest.mark.deep
@pytest.mark.timeout(3_600)
@settings(max_examples=5_000, deadline=None)
@given(st.integers(0, 1 << 32))
def test_the_engine_equals_the_oracle_in_long_histories(seed: int) -> None:
    """The same with 50 steps."""
    fight_by_seed(seed, length=50)


@pytest.mark.deep
@pytest.mark.timeout(3_600)
@settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(RULES, profiles(), st.lists(steps(), min_size=10, max_size=30))
def test_the_engine_equals_the_oracle_for_any_rule_in_long_histories(
    trees: list[tree.Rule], profile: ProfileSnapshot, history: list[tuple[str, Any]]
) -> None:
    """The same over everything that the language can say, with longer histories."""
    fight(trees, profile, history)


@settings(max_examples=300, deadline=None)
@given(rules())
def test_canonical_text_reads_back_as_the_same_tree(rule: tree.Rule) -> None:
    """parse(format(tree)) == tree."""
    assert rule == language.parse(language.format(rule))
