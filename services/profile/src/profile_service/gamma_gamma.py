"""What a customer spends a time: the gamma-gamma model. Pure.

A customer's purchases vary around a mean of the customer's own, and the means vary between
customers, independently of how often they buy. Fader and Hardie (2013), The Gamma-Gamma Model of
Monetary Value: marginal likelihood (1a), conditional expectation (5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from profile_service.bg_nbd import REPEATERS_MIN
from profile_service.buyers import Buyers, Floats

_STARTS = ((1.0, 1.0, 1.0), (6.0, 4.0, 15.0))
_LOGARITHM_MAX = 15.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """p and q are shapes; gamma has the unit of the values it was fitted to."""

    p: float
    q: float
    gamma: float


def fit(buyers: Buyers) -> GammaGamma | None:
    """The parameters of the highest likelihood over those who came again; None for too few."""
    known = (buyers.repeats > 0) & (buyers.repeat_value > 0)
    x, mean = buyers.repeats[known], buyers.repeat_value[known]
    if len(x) < REPEATERS_MIN:
        return None
    # The search is of one size whatever the currency.
    scale = float(np.mean(mean))
    value = mean / scale

    def negative(logarithms: Floats) -> float:
        p, q, gamma = np.exp(logarithms)
        each = gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
        each += q * np.log(gamma) + (p * x - 1) * np.log(value) + p * x * np.log(x)
        each -= (p * x + q) * np.log(gamma + x * value)
        return -float(np.mean(each))

    bounds = [(-_LOGARITHM_MAX, _LOGARITHM_MAX)] * 3
    found = [
        minimize(
            negative,
            np.log([start[0], start[1], start[2] / 15.0]),
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": 1000, "ftol": 1e-13},
        )
        for start in _STARTS
    ]
    best = min(found, key=lambda one: float(one.fun))
    p, q, gamma = (float(one) for one in np.exp(best.x))
    return GammaGamma(p, q, gamma * scale)


def expected_value(model: GammaGamma, buyers: Buyers) -> Floats:
    """For each buyer the mean to expect of a future purchase; without repeats that of everybody.

    With q <= 1 the population has no mean: what the buyer showed then counts alone.
    """
    x = buyers.repeats
    shown = model.p * (model.gamma + x * buyers.repeat_value)
    weight = model.p * x + model.q - 1
    expected: Floats = np.where(weight > 0, shown / np.where(weight > 0, weight, 1.0), 0.0)
    return expected
