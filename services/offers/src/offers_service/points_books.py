"""The books of points as the trial balance has them. Pure."""

from __future__ import annotations

from offers_service.points_account import BOOKS

BOOKS_PREFIX = "points."
# Where points come from and go to: nothing stands in them but what went through.
FLOWS = frozenset({name for books in BOOKS.values() for name in books}) - {
    f"{BOOKS_PREFIX}{name}" for name in ("available", "held", "escrow", "owed")
}


def balances(available: int, held: int, escrow: int, owed: int) -> dict[str, int]:
    """What the books hold by what all accounts say: the liability, and what is owed to us."""
    standing = {"available": available, "held": held, "escrow": escrow, "owed": -owed}
    return {f"{BOOKS_PREFIX}{name}": points for name, points in standing.items() if points}
