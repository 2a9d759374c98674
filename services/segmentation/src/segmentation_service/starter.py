"""The starter kit: 26 ready segments. docs/segments.md shows them all.

A tenant installs them under their starter ids and may then change or copy them.
"""

from __future__ import annotations

from segmentation_service.starter_insight import RANKED
from segmentation_service.starter_kind import Starter
from segmentation_service.starter_known import BEST, BIRTHDAYS, PLACES
from segmentation_service.starter_missed import DISAPPOINTED, SILENT, UNDECIDED

__all__ = ["STARTERS", "Starter"]

STARTERS: tuple[Starter, ...] = (
    *(*DISAPPOINTED, *SILENT, *UNDECIDED),
    *(*BEST, *RANKED, *BIRTHDAYS, *PLACES),
)
