"""Recency, frequency and money as scores, and how revenue is shared among customers. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from profile_service.buyers import Buyers, Floats

QUANTILES = 5
VIP_SHARE = 0.2


def score(values: Floats, *, high_is_good: bool) -> NDArray[np.int64]:
    """1 (worst) to 5 (best) by quantile; equal values have equal scores, whatever their order."""
    if len(values) == 0:
        return np.zeros(0, dtype=np.int64)
    signed = values if high_is_good else -values
    ordered = np.sort(signed)
    # How many are strictly below: equal values stand on the place of the first of them.
    below = np.searchsorted(ordered, signed, side="left")
    scores: NDArray[np.int64] = 1 + below * QUANTILES // len(values)
    return scores


def rfm(buyers: Buyers) -> NDArray[np.int64]:
    """One row a buyer: scores of recency (short since the last purchase is good), of frequency and
    of money."""
    since = buyers.age - buyers.recency
    columns = [
        score(since, high_is_good=False),
        score(buyers.repeats, high_is_good=True),
        score(buyers.revenue, high_is_good=True),
    ]
    return np.column_stack(columns)


def top_share(revenue: Floats, share: float = VIP_SHARE) -> float:
    """What part of all revenue the best `share` of customers brought; 0 without any revenue.

    Customers on the edge count in part, so that 20 % of any number of equals bring 20 %.
    """
    total = float(revenue.sum())
    if total <= 0:
        return 0.0
    ordered = np.sort(revenue)[::-1]
    wanted = share * len(ordered)
    whole = int(wanted)
    taken = float(ordered[:whole].sum())
    if whole < len(ordered):
        taken += (wanted - whole) * float(ordered[whole])
    return taken / total


def revenue_rank(revenue: Floats) -> Floats:
    """For each customer the share of those who brought more; below 0.2 is the top 20 %."""
    ordered = np.sort(revenue)
    above = len(revenue) - np.searchsorted(ordered, revenue, side="right")
    rank: Floats = above / max(len(revenue), 1)
    return rank
