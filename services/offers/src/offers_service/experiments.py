"""Whether a campaign worked: difference to control with its uncertainty. Pure.

The unit is the customer, as in the assignment: one triggered several times counts once, by the
first trigger, because later triggers depend on what the first one did.

The libraries take seconds to import; a process that only serves coupons starts without them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import variance

SIGNIFICANCE = 0.05
POWER = 0.8
# Below this chance does not explain the sizes of the arms.
MISMATCH_P_VALUE = 0.001
# A spread needs two.
_SPREAD_MIN = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Customers whose conversion window has ended, and how many of them bought within it."""

    customer_count: int
    converted_count: int

    @property
    def rate(self) -> float:
        """Share of converted customers, 0 to 1. The group must not be empty."""
        return self.converted_count / self.customer_count


@dataclass(frozen=True, slots=True)
class Lift:
    """A difference, of shares (-1 to 1) or of means, and the bounds of its 95 % interval."""

    estimate: float
    lower: float
    upper: float


def conversion_lift(treated: Group, control: Group) -> Lift | None:
    """Treated minus control; None while one of them is empty.

    The interval joins the Wilson intervals of the two shares: R. G. Newcombe, Interval estimation
    for the difference between independent proportions, Statistics in Medicine 17 (1998) 873-890,
    method 10. It keeps its coverage in small groups and at shares of 0 and 1, where the usual
    normal interval is far too narrow.
    """
    if not treated.customer_count or not control.customer_count:
        return None
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415

    lower, upper = confint_proportions_2indep(
        treated.converted_count,
        treated.customer_count,
        control.converted_count,
        control.customer_count,
        method="newcomb",
        compare="diff",
        alpha=SIGNIFICANCE,
    )
    return Lift(treated.rate - control.rate, float(lower), float(upper))


@dataclass(frozen=True, slots=True)
class Cost:
    """Minor units for each customer won back, and the bounds of its 95 % interval; upper None
    where the interval of the lift includes nobody won back."""

    estimate: float
    lower: float
    upper: float | None


def revenue_lift(treated: Sequence[int], control: Sequence[int]) -> Lift | None:
    """Mean revenue of a treated customer minus that of a control customer, in minor units; None
    while a group has fewer than two customers. Those who bought nothing count with 0.

    B. L. Welch, The generalization of Student's problem when several different population
    variances are involved, Biometrika 34 (1947) 28-35: the groups have sizes and spreads of their
    own, which the pooled t test takes as equal. Revenue is skewed; the interval rests on the means,
    which are close to normal in groups of some hundred customers and more.
    """
    if len(treated) < _SPREAD_MIN or len(control) < _SPREAD_MIN:
        return None
    estimate = math.fsum(treated) / len(treated) - math.fsum(control) / len(control)
    if len({*treated}) == len({*control}) == 1:
        # Without any spread there is nothing to be uncertain of.
        return Lift(estimate, estimate, estimate)
    from scipy.stats import ttest_ind  # noqa: PLC0415

    found = ttest_ind(treated, control, equal_var=False)
    interval = found.confidence_interval(1 - SIGNIFICANCE)
    return Lift(estimate, float(interval.low), float(interval.high))


def minimum_detectable_difference(treated: Sequence[int], control: Sequence[int]) -> float | None:
    """Smallest difference in mean revenue that groups of these sizes find with 80 % power at 5 %;
    None while a group has fewer than two customers.

    Two-sided t test on Cohen's d with unequal groups (J. Cohen, Statistical Power Analysis for the
    Behavioral Sciences, 2nd edition, 1988, chapter 2), times the pooled standard deviation.
    """
    if len(treated) < _SPREAD_MIN or len(control) < _SPREAD_MIN:
        return None
    return detectable_distance(len(treated), len(control)) * _pooled_deviation(treated, control)


def detectable_distance(treated_count: int, control_count: int) -> float:
    """The same as Cohen's d: in standard deviations."""
    from statsmodels.stats.power import TTestIndPower  # noqa: PLC0415

    found = TTestIndPower().solve_power(
        None,
        nobs1=control_count,
        alpha=SIGNIFICANCE,
        power=POWER,
        ratio=treated_count / control_count,
        alternative="two-sided",
    )
    return float(found)


def _pooled_deviation(treated: Sequence[int], control: Sequence[int]) -> float:
    squares = sum(variance(group) * (len(group) - 1) for group in (treated, control))
    return math.sqrt(squares / (len(treated) + len(control) - 2))


def sample_ratio_p_value(observed: Sequence[int], weights: Sequence[float]) -> float:
    """p value of Pearson's chi-square test that the arms have the sizes that were asked for.

    A very small one (below 0.001, as R. Kohavi, D. Tang and Y. Xu, Trustworthy Online Controlled
    Experiments, 2020, chapter 21 advises) means that the comparison cannot be trusted. 1.0 where
    there is nothing to compare: fewer than two arms, or nobody in them.
    """
    pairs = [pair for pair in zip(observed, weights, strict=True) if pair[1] > 0]
    count, weight = sum(pair[0] for pair in pairs), math.fsum(pair[1] for pair in pairs)
    if len(pairs) < 2 or count == 0:
        return 1.0
    from scipy.stats import chisquare  # noqa: PLC0415

    expected = [count * share / weight for _, share in pairs]
    return float(chisquare([size for size, _ in pairs], expected).pvalue)


def minimum_detectable_effect(treated_count: int, control: Group) -> float:
    """Smallest rise in conversion that groups of these sizes find with 80 % power at 5 %.

    Two-sided normal test on Cohen's effect size h = 2 asin(sqrt(p2)) - 2 asin(sqrt(p1)) with
    unequal groups (J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition,
    1988, chapter 6), turned back into a difference from control's share p1. That share is taken
    as (converted + 1) / (customers + 2), Laplace's rule, so that it is never 0 or 1. At most
    1 - p1, also for empty groups: nothing that can happen would be found then.
    """
    base = (control.converted_count + 1) / (control.customer_count + 2)
    if not treated_count or not control.customer_count:
        return 1.0 - base
    from statsmodels.stats.power import NormalIndPower  # noqa: PLC0415

    effect = NormalIndPower().solve_power(
        None,
        nobs1=control.customer_count,
        alpha=SIGNIFICANCE,
        power=POWER,
        ratio=treated_count / control.customer_count,
        alternative="two-sided",
    )
    angle = math.asin(math.sqrt(base)) + float(effect) / 2
    reached = math.sin(angle) ** 2 if angle < math.pi / 2 else 1.0
    return reached - base


def incremental_customers(treated: Group, control: Group) -> float:
    """Converted customers beyond what control's share predicts; 0 while a group is empty."""
    if not treated.customer_count or not control.customer_count:
        return 0.0
    return treated.converted_count - treated.customer_count * control.rate


def cost_interval(cost_minor_units: int, treated_count: int, lift: Lift | None) -> Cost | None:
    """What a customer won back cost, with the interval that follows from that of the lift: the
    cost is known, so it is divided by the number won back at the lift's bounds. None when nobody
    was won back."""
    if lift is None or lift.estimate <= 0 or not treated_count:
        return None

    def each(share: float) -> float:
        return cost_minor_units / (treated_count * share)

    return Cost(each(lift.estimate), each(lift.upper), each(lift.lower) if lift.lower > 0 else None)
