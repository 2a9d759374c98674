"""Estimates from samples."""

from __future__ import annotations

import random

import pytest
from dangol_rules.rules import RuleError, parse
from segmentation_service.previews import Estimate, ask, estimate, sample_size
from segmentation_service.segments import Draft, Request, SegmentSet, create
from statsmodels.stats.proportion import proportion_confint


@pytest.mark.parametrize(("found", "examined"), [(0, 50), (1, 200), (30, 100), (997, 1000)])
def test_it_is_wilsons_interval(found: int, examined: int) -> None:
    """Of a population without end it is what statsmodels computes."""
    total = 10**12
    low, high = proportion_confint(found, examined, method="wilson")
    answer = estimate(found, examined, total)
    assert abs(answer.least / total - low) < 1e-6
    assert abs(answer.most / total - high) < 1e-6


def test_all_examined_is_exact() -> None:
    """No interval remains when everyone was looked at, and a wide one when no one was."""
    assert Estimate(7, 7, 7) == estimate(7, 100, 100)
    assert Estimate(0, 0, 0) == estimate(0, 0, 0)
    assert Estimate(0, 0, 100) == estimate(0, 0, 100)


def test_what_was_seen_is_certain() -> None:
    """At least the members seen are members, and at most all but the others seen."""
    answer = estimate(0, 90, 100)
    assert 0 == answer.least
    assert answer.most <= 10
    assert estimate(90, 90, 100).least >= 90
    assert 1 == estimate(1, 99, 100).least


def test_the_interval_covers_what_it_says() -> None:
    """Of 2,000 samples without replacement about 95 % hold the truth: within five deviations."""
    generator = random.Random(7)
    total, members = 1_000, 150
    people = [number < members for number in range(total)]
    covered = 0
    for _ in range(2_000):
        found = sum(generator.sample(people, 300))
        answer = estimate(found, 300, total)
        covered += answer.least <= members <= answer.most
    assert 0.925 < covered / 2_000 < 0.985


def test_the_sample_fits_the_time() -> None:
    """Within bounds that keep it neither meaningless nor endless."""
    assert 3_000 == sample_size(1_500.0, 2.0, (1_000, 20_000))
    assert 1_000 == sample_size(1.0, 2.0, (1_000, 20_000))
    assert 20_000 == sample_size(1e9, 2.0, (1_000, 20_000))


def test_a_rule_is_asked_with_the_segments_inside() -> None:
    """Only those it refers to, directly or not, with the events of all of them."""
    held = SegmentSet("shop")
    rules = {
        "inner": "count(visit) >= 1",
        "outer": 'in segment("inner") and count(login) = 0',
        "alien": "count(purchase) >= 1",
    }
    for name, rule in rules.items():
        held = create(held, Draft(name, {}, rule, False, False), Request(name, ""), 0)[1]
    question = ask(parse('in segment("outer") and count(review) >= 1'), held, "Asia/Seoul", 0)
    assert ("login", "review", "visit") == question.event_types
    assert ["inner", "outer", "?"] == [one.segment_id for one in question.ruleset.segments]
    assert ("-",) == ask(parse("profile.member"), held, "Asia/Seoul", 0).event_types
    with pytest.raises(RuleError) as raised:
        ask(parse('in segment("outr")'), held, "Asia/Seoul", 0)
    assert "outer" in raised.value.hint
