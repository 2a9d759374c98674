"""Statistics of a campaign against published figures and against simulation."""

from __future__ import annotations

import math
import random

import pytest
from offers_service.experiments import (
    Group,
    conversion_lift,
    cost_interval,
    detectable_distance,
    incremental_customers,
    minimum_detectable_difference,
    minimum_detectable_effect,
    revenue_lift,
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
    groups = Group(400, 60), Group(100, 10)
    assert 20.0 == pytest.approx(incremental_customers(*groups))
    cost = cost_interval(100_000, 400, conversion_lift(*groups))
    assert cost is not None
    assert 5000.0 == pytest.approx(cost.estimate)


def test_an_empty_group_predicts_nothing() -> None:
    """Without control nothing is known to be incremental."""
    assert 0.0 == incremental_customers(Group(400, 60), Group(0, 0))


# Extra hours of sleep under two drugs: Student (1908), data set `sleep` of R.
FIRST_DRUG = [7, -16, -2, -12, -1, 34, 37, 8, 0, 20]
SECOND_DRUG = [19, 8, 11, 1, -1, 44, 55, 16, 46, 34]


def test_the_interval_of_revenue_is_welchs() -> None:
    """R's documentation of t.test: means 0.75 and 2.33, interval -3.3654832 to 0.2054832."""
    lift = revenue_lift(FIRST_DRUG, SECOND_DRUG)
    assert lift is not None
    assert (-15.8, -33.654832, 2.054832) == (
        round(lift.estimate, 6),
        round(lift.lower, 6),
        round(lift.upper, 6),
    )


def test_revenue_needs_two_customers_a_group_and_bears_none_that_differ() -> None:
    """One customer has no spread; groups that all spent alike have no doubt."""
    assert None is revenue_lift([5], [1, 2])
    assert None is revenue_lift([5, 6], [])
    lift = revenue_lift([0, 0, 0], [0, 0])
    assert lift is not None
    assert (0.0, 0.0, 0.0) == (lift.estimate, lift.lower, lift.upper)


def test_the_interval_of_revenue_covers_the_truth() -> None:
    """Most buy nothing and few buy much: of 400 simulated campaigns at least 91 % of the 95 %
    intervals hold the true difference of the means."""
    chance = random.Random(11)
    rates, mean_order = (0.2, 0.12), 40_000

    def spend(rate: float) -> int:
        return int(chance.expovariate(1 / mean_order)) if chance.random() < rate else 0

    covered = 0
    for _ in range(400):
        treated = [spend(rates[0]) for _ in range(400)]
        control = [spend(rates[1]) for _ in range(200)]
        lift = revenue_lift(treated, control)
        assert lift is not None
        covered += lift.lower <= (rates[0] - rates[1]) * mean_order <= lift.upper
    assert covered >= 364


@pytest.mark.parametrize(("size", "distance"), [(393, 0.20), (64, 0.50), (26, 0.80)])
def test_detectable_distance_is_cohens(size: int, distance: float) -> None:
    """Cohen (1992), A power primer, Psychological Bulletin 112, table 2: so many in each group
    find a small, a medium and a large difference of means with power 0.8 at 0.05."""
    # The table's sizes are whole, so what they find differs from its distances by up to 1 %.
    assert distance == pytest.approx(detectable_distance(size, size), rel=0.01)


def test_detectable_difference_is_the_distance_in_money() -> None:
    """Times the pooled standard deviation; R gives 17.890 and 20.022 (tenths of hours) for the
    two drugs' variances 320.06 and 400.90."""
    found = minimum_detectable_difference(FIRST_DRUG, SECOND_DRUG)
    deviation = math.sqrt((320.0556 + 400.9) / 2)
    assert found is not None
    assert round(detectable_distance(10, 10) * deviation, 2) == round(found, 2)
    assert None is minimum_detectable_difference([1], [1, 2])


def test_what_a_customer_won_back_cost_has_the_lifts_interval() -> None:
    """Newcombe's table II, case (a): 56 of 70 against 48 of 80, 0.2 with 0.0524 to 0.3339. A cost
    of 70,000 won is 5,000 for each of 14, 2,995 for each of 23.4, 19,084 for each of 3.7."""
    cost = cost_interval(70_000, 70, conversion_lift(Group(70, 56), Group(80, 48)))
    assert cost is not None
    assert cost.upper is not None
    assert 5_000 == pytest.approx(cost.estimate)
    assert 1000 / 0.3339 == pytest.approx(cost.lower, rel=0.001)
    assert 1000 / 0.0524 == pytest.approx(cost.upper, rel=0.001)


def test_a_lift_that_may_be_none_has_no_highest_cost() -> None:
    """And one that is none, or less, has no cost at all."""
    cost = cost_interval(70_000, 56, conversion_lift(Group(56, 5), Group(29, 0)))
    assert cost is not None
    assert None is cost.upper
    assert None is cost_interval(70_000, 56, conversion_lift(Group(56, 0), Group(29, 0)))
    assert None is cost_interval(70_000, 0, None)
