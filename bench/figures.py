"""What a figure is, and how it is printed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured figure and the ceiling measured beside it.

    ratio is value / ceiling: for rates the share of the ceiling that is reached, for times how
    many times as long it takes.
    """

    name: str
    value: float
    unit: str
    ceiling_name: str
    ceiling: float
    goal: str = ""

    @property
    def ratio(self) -> float:
        """value / ceiling; 0 when there is no ceiling."""
        return self.value / self.ceiling if self.ceiling else 0.0

    def line(self) -> str:
        """One line: name, value, unit, the ceiling, the ratio, and the goal if there is one."""
        text = f"{self.name:<44} {self.value:>12,.1f} {self.unit:<10}"
        text += f" ceiling {self.ceiling:>12,.1f} ({self.ceiling_name}), ratio {self.ratio:.2f}"
        return f"{text}  goal {self.goal}" if self.goal else text


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least `share` (0 to 1) of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """All figures with their ratios as a JSON list."""
    rows = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n")
