"""What counts over time on a points account, and how a merge carries it over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class Spend(msgspec.Struct, frozen=True, array_like=True):
    """Net amount of a day's orders in minor units, which counts until end_ms."""

    end_ms: int
    amount: int


class Given(msgspec.Struct, frozen=True, array_like=True):
    """A gift of the last two days, for the daily caps."""

    at_ms: int
    points: int


def counted(spends: Sequence[Spend], more: Iterable[Spend], at_ms: int) -> tuple[Spend, ...]:
    """Orders of a day count together; what no longer counts at that time is dropped."""
    by_end: dict[int, int] = {}
    for one in (*spends, *more):
        if one.end_ms > at_ms:
            by_end[one.end_ms] = by_end.get(one.end_ms, 0) + one.amount
    return tuple(Spend(end_ms, by_end[end_ms]) for end_ms in sorted(by_end) if by_end[end_ms])


def write(spends: Iterable[Spend], given: Iterable[Given]) -> bytes:
    """Both as an entry tells them: "end:amount,...|at:points,..."."""
    of_orders = ",".join([f"{one.end_ms}:{one.amount}" for one in spends])
    of_gifts = ",".join([f"{one.at_ms}:{one.points}" for one in given])
    return f"{of_orders}|{of_gifts}".encode()


def read(text: bytes) -> tuple[tuple[Spend, ...], tuple[Given, ...]]:
    """The same back. Raises ValueError for anything else."""
    of_orders, _, of_gifts = text.partition(b"|")
    spends = tuple(Spend(*pair) for pair in _pairs(of_orders))
    return spends, tuple(Given(*pair) for pair in _pairs(of_gifts))


def _pairs(text: bytes) -> list[tuple[int, int]]:
    pairs = [part.partition(b":") for part in text.split(b",") if part]
    return [(int(first), int(second)) for first, _, second in pairs]
