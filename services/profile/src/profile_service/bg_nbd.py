"""How long customers stay and how often they buy: the BG/NBD model. Pure.

While a customer stays, purchases come at a rate that differs between customers (gamma: shape r,
rate alpha); after each purchase the customer leaves for good with a probability that differs as
well (beta: a, b). Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An
Alternative to the Pareto/NBD Model, Marketing Science 24(2), 275-284: likelihood (6), expectation
(10); the probability of being there from Fader, Hardie and Lee (2008), Computing P(alive) Using
the BG/NBD Model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, digamma, gammaln, hyp2f1

from profile_service.buyers import Buyers, Floats

# Below this nothing can be told apart: four parameters want more customers, some with repeats.
BUYERS_MIN = 50
REPEATERS_MIN = 10
_STARTS = ((1.0, 10.0, 1.0, 2.0), (0.2, 4.0, 0.5, 2.0))
# Parameters beyond e^+-12 mean that the data do not hold the model.
_LOGARITHM_MAX = 12.0
_POLE_WIDTH = 1e-6


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Four parameters, with time in weeks, and the log-likelihood of what they were fitted to."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = 0.0


def fit(buyers: Buyers) -> BgNbd | None:
    """The parameters of the highest likelihood; None when there are too few buyers for any."""
    repeaters = int(np.count_nonzero(buyers.repeats))
    if len(buyers) < BUYERS_MIN or repeaters < REPEATERS_MIN:
        return None
    rows, counts = _distinct(buyers)

    def negative(logarithms: Floats) -> tuple[float, Floats]:
        value, gradient = _likelihood(np.exp(logarithms), rows, counts)
        # By the chain rule, since the search goes over logarithms.
        return -value / len(buyers), -gradient * np.exp(logarithms) / len(buyers)

    bounds = [(-_LOGARITHM_MAX, _LOGARITHM_MAX)] * 4
    found = [
        minimize(
            negative,
            np.log(start),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-8},
        )
        for start in _STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    r, alpha, a, b = (float(one) for one in np.exp(best.x))
    return BgNbd(r, alpha, a, b, -float(best.fun) * len(buyers))


def probability_alive(model: BgNbd, buyers: Buyers) -> Floats:
    """For each buyer the probability of not having left; 1 without repeats, as the model has it."""
    x = buyers.repeats
    odds = _odds_of_having_left(model, buyers)
    alive: Floats = np.where(x > 0, 1.0 / (1.0 + odds), 1.0)
    return alive


def expected_orders(model: BgNbd, buyers: Buyers, weeks: float) -> Floats:
    """For each buyer how many days of purchase to expect within the next `weeks`."""
    r, alpha, a, b = model.r, model.alpha, _beside_the_pole(model.a), model.b
    x, age = buyers.repeats, buyers.age
    shrink = ((alpha + age) / (alpha + age + weeks)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + age + weeks))
    stays = (a + b + x - 1) / (a - 1) * (1 - shrink * series)
    expected: Floats = stays * probability_alive(model, buyers)
    return expected


def expected_orders_of_newcomer(model: BgNbd, weeks: Floats) -> Floats:
    """Repeat days of purchase of someone of whom nothing is known, in a time since the first one:
    expectation (9) of the paper."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    series = hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks))
    expected: Floats = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * series)
    return expected


def _beside_the_pole(a: float) -> float:
    """The expectation is continuous at a = 1, but written as 0 / 0 there."""
    return a if abs(a - 1.0) > _POLE_WIDTH else 1.0 + _POLE_WIDTH


def _odds_of_having_left(model: BgNbd, buyers: Buyers) -> Floats:
    x = buyers.repeats
    ratio = (model.alpha + buyers.age) / (model.alpha + buyers.recency)
    # In logarithms: a regular of a thousand orders overflows otherwise.
    logarithm = np.log(model.a) - np.log(model.b + np.maximum(x, 1) - 1)
    logarithm += (model.r + x) * np.log(ratio)
    odds: Floats = np.exp(np.minimum(logarithm, 700.0))
    return odds


def _distinct(buyers: Buyers) -> tuple[Floats, Floats]:
    """The distinct (repeats, recency, age), and how many buyers have each."""
    table = np.column_stack([buyers.repeats, buyers.recency, buyers.age])
    rows, counts = np.unique(table, axis=0, return_counts=True)
    return rows, counts.astype(np.float64)


def _likelihood(parameters: Floats, rows: Floats, counts: Floats) -> tuple[float, Floats]:
    """The log-likelihood and its gradient by (r, alpha, a, b)."""
    r, alpha, a, b = parameters
    x, recency, age = rows.T
    some = x > 0
    before = np.maximum(b + x - 1, 1e-300)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common += betaln(a, b + x) - betaln(a, b)
    stayed = -(r + x) * np.log(alpha + age)
    left = np.log(a) - np.log(before) - (r + x) * np.log(alpha + recency)
    either = np.where(some, np.logaddexp(stayed, left), stayed)
    share = np.where(some, np.exp(left - either), 0.0)
    by_r = digamma(r + x) - digamma(r) + np.log(alpha)
    by_r -= (1 - share) * np.log(alpha + age) + share * np.log(alpha + recency)
    by_alpha = r / alpha - (r + x) * ((1 - share) / (alpha + age) + share / (alpha + recency))
    by_a = digamma(a + b) - digamma(a + b + x) + share / a
    by_b = digamma(a + b) + digamma(b + x) - digamma(b) - digamma(a + b + x) - share / before
    gradient = np.array([float(counts @ one) for one in (by_r, by_alpha, by_a, by_b)])
    return float(counts @ (common + either)), gradient
