"""Statistics of a campaign against published figures and against simulation."""

from __future__ import annotations

import math
import random

import pytest
from offers_service.experiments import (
    Group,
    conversion_lift,
    cost_per_incremental_customer,
    incremental_customers,
    minimum_detectable_effect,
    sample_ratio_p_value,
)


@pytest.mark.parametrize(
    ("treated", "control", "lower", "upper"),
    [
        (Group(70, 56), Group(80, 48), 0.0524, 0.3339),
        (Group(10, 9), Group(10, 3), 0.1705, 0.8090),
        (Group(56, 5), Group(29, 0), -0.0381, 0.1926),
        (Group(56, 0), Group(29, 0), -0.1170, 0.0642),
        (Group(10, 10), Group(10, 0), 0.6075, 1.0000),
    ],
)
def test_the_interval_is_newcombes(
    treated: Group, control: Group, lower: float, upper: float
) -> None:
    """Table II of Newcombe (1998), method 10."""
    lift = conversion_lift(treated, control)
    assert lift is not None
    assert pytest.approx(treated.rate - control.rate) == lift.estimate
    assert (lower, upper) == (round(lift.lower, 4), round(lift.upper, 4))


def test_no_lift_without_both_groups() -> None:
    """A share of nobody is no share."""
    assert None is conversion_lift(Group(0, 0), Group(10, 1))
    assert None is conversion_lift(Group(10, 1), Group(0, 0))


@pytest.mark.parametrize(
    ("treated_count", "control_count", "rates"),
    [(80, 20, (0.15, 0.05)), (40, 10, (0.02, 0.02)), (400, 100, (0.3, 0.2))],
)
def test_the_interval_covers_the_truth_in_small_groups(
    treated_count: int, control_count: int, rates: tuple[float, float]
) -> None:
    """Of 400 simulated campaigns at least 91 % of the 95 % intervals hold the true lift."""
    chance = random.Random(7)
    covered = 0
    for _ in range(400):
        bought = [
            sum(chance.random() < rate for _ in range(count))
            for count, rate in zip((treated_count, control_count), rates, strict=True)
        ]
        lift = conversion_lift(Group(treated_count, bought[0]), Group(control_count, bought[1]))
        assert lift is not None
        covered += lift.lower <= rates[0] - rates[1] <= lift.upper
    assert covered >= 364


def test_sample_ratio_of_a_textbook() -> None:
    """821,588 against 815,482 asked for as halves: p = 1.8e-6 (Kohavi, Tang and Xu, ch. 21)."""
    assert 1.8e-6 == float(f"{sample_ratio_p_value([821_588, 815_482], [0.5, 0.5]):.1e}")


def test_sample_ratio_is_pearsons() -> None:
    """110 and 390 for 20 : 80: chi-square 100 / 100 + 100 / 400 = 1.25, p = 0.2636."""
    assert 0.2636 == round(sample_ratio_p_value([110, 390], [0.2, 0.8]), 4)


@pytest.mark.parametrize(
    ("observed", "weights"), [([0, 0], [0.2, 0.8]), ([0, 9], [0.0, 1.0]), ([9], [1.0]), ([], [])]
)
def test_no_sample_ratio_where_nothing_compares(observed: list[int], weights: list[float]) -> None:
    """Empty groups, no control, one arm."""
    assert 1.0 == sample_ratio_p_value(observed, weights)


def test_detectable_effect_agrees_with_cohens_formula() -> None:
    """h = (1.95996 + 0.84162) sqrt(1/n1 + 1/n2): Cohen (1988), formula 6.4.2 rearranged."""
    control = Group(998, 99)
    found = minimum_detectable_effect(4000, control)
    angle = math.asin(math.sqrt(0.1)) + 2.801585 * math.sqrt(1 / 4000 + 1 / 998) / 2
    assert round(math.sin(angle) ** 2 - 0.1, 5) == round(found, 5)


def test_detectable_effect_shrinks_with_size_and_stays_possible() -> None:
    """More customers find less; a handful finds nothing that can happen."""
    sizes = [minimum_detectable_effect(4 * n, Group(n, n // 10)) for n in (10, 100, 1000, 10_000)]
    assert sorted(sizes, reverse=True) == sizes
    assert all(0 < size <= 1 for size in sizes)
    assert 0.5 == minimum_detectable_effect(0, Group(0, 0))
    assert pytest.approx(1 / 3) == minimum_detectable_effect(1, Group(1, 1))


def test_customers_beyond_what_control_predicts() -> None:
    """60 of 400 against 10 %: 20 more, at 100,000 won each 5,000."""
    extra = incremental_customers(Group(400, 60), Group(100, 10))
    assert 20.0 == pytest.approx(extra)
    assert 5000.0 == pytest.approx(cost_per_incremental_customer(100_000, extra))


@pytest.mark.parametrize("extra", [0.0, -3.0])
def test_no_cost_for_each_of_nobody(extra: float) -> None:
    """Nobody won back has no price."""
    assert None is cost_per_incremental_customer(100_000, extra)


def test_an_empty_group_predicts_nothing() -> None:
    """Without control nothing is known to be incremental."""
    assert 0.0 == incremental_customers(Group(400, 60), Group(0, 0))
