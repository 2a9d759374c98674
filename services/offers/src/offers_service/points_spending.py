"""Paying with points: set them aside for an order, spend, release, refund. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from offers_service import points_account as accounts
from offers_service import points_lots
from offers_service.journal import Request
from offers_service.points import (
    ASIDES_MAX,
    Past,
    PointsDecision,
    Step,
    applied,
    free,
    lapse,
    of_order,
    recall,
    repay,
)
from offers_service.points_account import SYSTEM, Kind, PointsAccount, add
from offers_service.points_lots import Lot
from offers_service.points_outcomes import PointsOutcome
from offers_service.points_program import Program, restored_lot_end_ms


class HoldPoints(msgspec.Struct, frozen=True):
    """An order wants to be paid with so many points."""

    request: Request
    order: str
    points: int
    hold_seconds: int
    now_ms: int


class SettlePoints(msgspec.Struct, frozen=True):
    """Spends or releases what an order holds."""

    request: Request
    order: str
    now_ms: int


class Refund(msgspec.Struct, frozen=True):
    """Spent points of an order come back; 0 for all that are left."""

    request: Request
    order: str
    points: int
    now_ms: int


def hold(account: PointsAccount | None, command: HoldPoints, program: Program, past: Past) -> Step:
    """Sets points aside for an order, oldest first; the order's own hold is replaced."""
    if known := recall(account, command.request, past, command.order):
        return known
    if command.points < program.spend_minimum_points:
        return PointsDecision(PointsOutcome.BELOW_MINIMUM, (), account)
    if account is None:
        return PointsDecision(PointsOutcome.NOT_ENOUGH_POINTS, (), None)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms)
    if own := accounts.aside_of(current, command.order, gift=False):
        current = lapse(free(current, SYSTEM, own, now_ms, back=True), program, now_ms)
    if refusal := _not_holdable(current, command, past):
        return PointsDecision(refusal, (), account)
    seconds = command.hold_seconds or program.hold_seconds
    held = add(
        current,
        Kind.HOLD,
        command.request,
        now_ms,
        amount=command.points,
        order=command.order,
        until_ms=now_ms + seconds * 1000,
    )
    return applied(held, account)


def _not_holdable(account: PointsAccount, command: HoldPoints, past: Past) -> PointsOutcome | None:
    if of_order(account, past, command.order, Kind.SPEND):
        return PointsOutcome.ALREADY_SPENT
    if account.available < command.points:
        return PointsOutcome.NOT_ENOUGH_POINTS
    return PointsOutcome.TOO_MANY_OPEN if len(account.asides) >= ASIDES_MAX else None


def settle(
    account: PointsAccount | None, command: SettlePoints, program: Program, past: Past
) -> Step:
    """Spends what an order holds."""
    return _end_hold(account, command, program, past, back=False)


def release(
    account: PointsAccount | None, command: SettlePoints, program: Program, past: Past
) -> Step:
    """Gives back what an order holds; lots that ended meanwhile expire."""
    return _end_hold(account, command, program, past, back=True)


def _end_hold(
    account: PointsAccount | None,
    command: SettlePoints,
    program: Program,
    past: Past,
    *,
    back: bool,
) -> Step:
    if known := recall(account, command.request, past, command.order):
        return known
    if account is None:
        return PointsDecision(PointsOutcome.NOT_HELD, (), None)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms)
    own = accounts.aside_of(current, command.order, gift=False)
    if own is None:
        spent = of_order(account, past, command.order, Kind.SPEND)
        outcome = PointsOutcome.ALREADY_SPENT if spent else PointsOutcome.NOT_HELD
        return PointsDecision(outcome, (), account)
    after = free(current, command.request, own, now_ms, back=back)
    return applied(lapse(after, program, now_ms), account)


def refund(account: PointsAccount | None, command: Refund, program: Program, past: Past) -> Step:
    """Spent points of an order come back, those that end last first; for a lot that has ended, or
    will within the grace, the grace's month is its end."""
    if known := recall(account, command.request, past, command.order):
        return known
    spends = of_order(account, past, command.order, Kind.SPEND)
    if account is None or not spends:
        return PointsDecision(PointsOutcome.UNKNOWN_ORDER, (), account)
    before = sum(entry.amount for entry in of_order(account, past, command.order, Kind.REFUND))
    left = spends[0].amount - before
    wanted = command.points or left
    if not left or wanted > left:
        exceeds = PointsOutcome.RETURN_EXCEEDS_ORDER if left else PointsOutcome.NOTHING_LEFT
        return PointsDecision(exceeds, (), account)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms)
    lots = _refunded(points_lots.read(spends[0].cart), before, wanted)
    ends = [Lot(restored_lot_end_ms(program, lot.end_ms, now_ms), lot.points) for lot in lots]
    back = points_lots.put((), ends)
    after = add(
        current,
        Kind.REFUND,
        command.request,
        now_ms,
        amount=wanted,
        order=command.order,
        cart=points_lots.write(back),
    )
    return applied(repay(after, command.request, now_ms), account)


def _refunded(lots: Sequence[Lot], before: int, wanted: int) -> tuple[Lot, ...]:
    """The next part of the lots of a spending, from the last to end to the first."""
    backwards = lots[::-1]
    _, rest = points_lots.take(backwards, before)
    return points_lots.take(rest, wanted)[0]
