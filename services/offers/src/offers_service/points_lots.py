"""Lots: points that end together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Lot(msgspec.Struct, frozen=True, array_like=True):
    """Points that end together, in Unix milliseconds."""

    end_ms: int
    points: int


def total(lots: Iterable[Lot]) -> int:
    """Their points."""
    return sum(lot.points for lot in lots)


def put(lots: Sequence[Lot], more: Iterable[Lot]) -> tuple[Lot, ...]:
    """Lots with some more; those that end together are one."""
    by_end = {lot.end_ms: lot.points for lot in lots}
    for lot in more:
        by_end[lot.end_ms] = by_end.get(lot.end_ms, 0) + lot.points
    return tuple(Lot(end_ms, by_end[end_ms]) for end_ms in sorted(by_end))


def take(lots: Sequence[Lot], points: int) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """So many points from the lots that end first, and what is left. Raises ValueError for more
    than there are."""
    taken, left = [], []
    for lot in lots:
        part = min(lot.points, points)
        points -= part
        if part:
            taken.append(Lot(lot.end_ms, part))
        if lot.points > part:
            left.append(Lot(lot.end_ms, lot.points - part))
    if points:
        raise ValueError("there are not so many points")
    return tuple(taken), tuple(left)


def without(lots: Sequence[Lot], gone: Iterable[Lot]) -> tuple[Lot, ...]:
    """Lots less some of them. Raises ValueError for more than there are."""
    by_end = {lot.end_ms: lot.points for lot in lots}
    for lot in gone:
        if by_end.get(lot.end_ms, 0) < lot.points:
            raise ValueError("there are not so many points")
        by_end[lot.end_ms] -= lot.points
    return tuple(Lot(end_ms, by_end[end_ms]) for end_ms in sorted(by_end) if by_end[end_ms])


def write(lots: Iterable[Lot]) -> bytes:
    """Lots as an entry tells them."""
    return ",".join([f"{lot.end_ms}:{lot.points}" for lot in lots]).encode()


def read(text: bytes) -> tuple[Lot, ...]:
    """The same back. Raises ValueError for anything else."""
    pairs = [part.partition(b":") for part in text.split(b",") if part]
    return tuple(Lot(int(end), int(points)) for end, _, points in pairs)
