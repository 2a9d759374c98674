"""Budgets that count coupons: the budget pays first, then the coupon is issued.

A coupon that does not exist yet cannot lead. So the budget's line names all that is needed to issue
the coupon, and stays open until that was done or has turned out to be in vain. Whoever repeats the
request finds the line by its cause; recovery finds it by its being open.
"""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

from offers_service.budget_account import Kind, Move
from offers_service.budgets import Fund, Line, LineDecision
from offers_service.commit import ContendedError, OutcomeUnknownError
from offers_service.journal import Entry, Request
from offers_service.service_budgets import BudgetDesk, Taking

# After stripes refused one after the other though together they had something left.
_ATTEMPTS_MAX = 5


class Cause(msgspec.Struct, frozen=True):
    """What is to be paid for: key is what the coupon's id follows from; refers the references of
    the line: owner, offer, coupon, origin, cause (order) and instant (until_ms) of the issue."""

    key: str
    request: Request
    refers: Entry


class Paid(msgspec.Struct, frozen=True):
    """A line that is open, or was closed by a coupon that was issued."""

    fund: Fund
    stripe: int
    entry: Entry

    @property
    def issue_ms(self) -> int:
        """When the coupon is issued, whoever does it."""
        return self.entry.until_ms


class IssueBudget:
    """One per process."""

    def __init__(self, desk: BudgetDesk) -> None:
        self._desk = desk
        self._closing: set[asyncio.Task[None]] = set()

    async def pay(self, fund: Fund, cause: Cause) -> Paid | None:
        """Pays for one coupon, once for a cause; None when the budget has nothing left.

        What was paid and given back, since no coupon came of it, is paid again.
        """
        stripes = first_stripes(fund, cause.key)
        for attempt in range(_ATTEMPTS_MAX):
            named = f"{cause.key}#{attempt}"
            request = Request(named, cause.request.actor, cause.request.print)
            if not await self.has_room(fund):
                known = await self._desk.recall(fund, stripes[0], request)
                if known is None:
                    return None
            taking = Taking(fund, request, 1, cause.refers.until_ms, refers=cause.refers)
            for stripe, line in await self._desk.take(taking, stripes):
                if line.entry is not None and not await self._given_back(fund, stripe, line):
                    return Paid(fund, stripe, line.entry)
        raise ContendedError

    async def has_room(self, fund: Fund) -> bool:
        """Whether something is left; where that is all that is known it is read."""
        room = self._desk.room(fund)
        if room is None or room.free < 1:
            room = await self._desk.read_room(fund, 0)
        return room.free >= 1

    async def _given_back(self, fund: Fund, stripe: int, line: LineDecision) -> bool:
        entry = line.entry
        if entry is None or line.account is None or entry.number == line.account.v:
            return False
        closed = await self._desk.recall(fund, stripe, _closing_request(entry))
        return closed is not None and closed.kind == Kind.RETURN

    async def close(self, paid: Paid, *, given: bool) -> None:
        """The coupon exists, or it never will. That one exists is written beside the answer."""
        closing = self.settle(paid, 1 if given else 0)
        if not given:
            await closing
            return
        task = asyncio.get_running_loop().create_task(_quietly(closing))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def settle(self, paid: Paid, given: int) -> None:
        """Of a line's coupons so many exist, and the others never will."""
        taken, number = paid.entry.amount, paid.entry.number
        moves = [Move(Kind.SPEND, given, number), Move(Kind.RETURN, taken - given, number)]
        line = Line(paid.fund, paid.stripe, _closing_request(paid.entry), paid.entry.at_ms)
        await self._desk.settle(line, [move for move in moves if move.amount])

    async def settled(self) -> None:
        """Waits for what is being written."""
        await asyncio.gather(*self._closing)


async def _quietly(closing: Coroutine[Any, Any, None]) -> None:
    """Recovery does what is lost here."""
    with contextlib.suppress(OutcomeUnknownError, ContendedError):
        await closing


def first_stripes(fund: Fund, cause: str) -> Sequence[int]:
    """The order in which the stripes are asked for something that is known by its cause alone."""
    first = zlib.crc32(cause.encode()) % fund.stripes
    return [(first + step) % fund.stripes for step in range(fund.stripes)]


def _closing_request(entry: Entry) -> Request:
    return Request(f"{entry.request}/close", entry.actor, entry.print)
