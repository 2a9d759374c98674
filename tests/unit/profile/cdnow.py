"""CDNOW: who of the customers of early 1997 came back, and for how much.

The files come with the PyPI package lifetimes 0.11.3: 23,570 customers and 69,659 orders, and the
sample of 2,357 that the literature fits. Calibration ends on 1997-09-30, 39 weeks after the first
day; the data end on 1998-06-30. Amounts are in cents.
"""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
from profile_service.buyers import Buyers

CALIBRATION_END = date(1997, 9, 30)
DATA_END = date(1998, 6, 30)
Orders = dict[str, dict[date, int]]


def read(name: str) -> Orders:
    """By customer, the cents of each day on which something was bought; name: sample or master."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "datasets" / f"CDNOW_{name}.txt"
    orders: Orders = defaultdict(lambda: defaultdict(int))
    for line in path.read_text().splitlines():
        if "date" in line:
            continue
        *customer, day, _, amount = line.split()
        bought = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        orders[customer[0]][bought] += round(float(amount) * 100)
    return orders


def calibrated(orders: Orders, end: date = CALIBRATION_END) -> Buyers:
    """The buyers as they were known on `end`."""
    rows = []
    for customer in sorted(orders):
        days = {day: cents for day, cents in orders[customer].items() if day <= end}
        first = min(days)
        repeats = [cents for day, cents in days.items() if day != first]
        rows.append(
            (
                float(len(repeats)),
                (max(days) - first).days / 7,
                (end - first).days / 7,
                float(sum(days.values())),
                float(np.mean(repeats)) if repeats else 0.0,
            )
        )
    return Buyers(sorted(orders), *(np.array(column) for column in zip(*rows, strict=True)))


def orders_after(
    orders: Orders, end: date = CALIBRATION_END
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Days of purchase of each customer after `end`, in the order of calibrated()."""
    return np.array([float(sum(day > end for day in orders[one])) for one in sorted(orders)])
