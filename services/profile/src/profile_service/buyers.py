"""What is known of customers as buyers, one array a figure: the input of every insight. Pure.

A customer who bought on several days has a first day and repeats; several purchases of one day are
one. This is the unit of the models in bg_nbd.py and gamma_gamma.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Buyers:
    """One row a customer who ever bought; all arrays have the same length, in the same order.

    repeats: days of purchase after the first one. recency: time from the first to the last day of
    purchase. age: time from the first day of purchase to now, recency <= age. Times are in weeks.
    revenue: of all purchases; repeat_value: the mean of a repeat day's purchases, 0 without
    repeats. Both are in minor units of the tenant's currency.
    """

    customer_ids: Sequence[str]
    repeats: Floats
    recency: Floats
    age: Floats
    revenue: Floats
    repeat_value: Floats

    def __len__(self) -> int:
        return len(self.customer_ids)
