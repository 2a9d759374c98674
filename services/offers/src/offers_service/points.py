"""What may be done with points: earn and take back, grant; what ends by itself. Pure.

Every step first writes down what ended by itself. A step that was taken before is found in the
account's history, which is the document's entries and, where pages were sealed, what the caller
read of those: `Past`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from offers_service import points_account as accounts
from offers_service import points_lots
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.points_account import SYSTEM, Aside, Kind, PointsAccount, add
from offers_service.points_outcomes import PointsOutcome
from offers_service.points_program import (
    Program,
    earnings,
    lot_end_ms,
    points_by,
    spend_end_ms,
    tier_reached,
)

# Orders that hold points and gifts that are open at the same time.
ASIDES_MAX = 50


class Past(msgspec.Struct, frozen=True):
    """Entries read from sealed pages, and from accounts that were merged into this one, that
    concern a step's request, order, coupon or gift; upto: the number of the last entry in the pages
    that were looked at; absorbed_count: how many other accounts were."""

    upto: int = 0
    entries: tuple[Entry, ...] = ()
    absorbed_count: int = 0


class NeedsPast(msgspec.Struct, frozen=True):
    """The account's sealed pages, and the accounts that were merged into it, have to be searched
    for entries of these requests, orders, coupons or gifts; nothing to save."""

    account: PointsAccount
    names: tuple[str, ...]


class PointsDecision(msgspec.Struct, frozen=True):
    """entries: what the step wrote, or what it wrote the first time; account: as it has to be
    saved, the very same object when there is nothing to save."""

    outcome: PointsOutcome
    entries: tuple[Entry, ...]
    account: PointsAccount | None

    def moved(self, *kinds: Kind) -> int:
        """Points that the step moved by entries of these kinds."""
        return sum(entry.amount for entry in self.entries if entry.kind in kinds)


class Earn(msgspec.Struct, frozen=True):
    """An order was paid: net_minor_units after discounts and points, without shipping."""

    key: AccountKey
    request: Request
    owner: str
    order: str
    net_minor_units: int
    campaign: str
    now_ms: int


class TakeBack(msgspec.Struct, frozen=True):
    """So much of an order came back; 0 for all that is left."""

    request: Request
    order: str
    returned_minor_units: int
    now_ms: int


class Grant(msgspec.Struct, frozen=True):
    """Points for a cause outside of orders: the request's id is the cause."""

    key: AccountKey
    request: Request
    owner: str
    points: int
    now_ms: int
    origin: str
    order: str = ""
    coupon: str = ""
    campaign: str = ""


Step = PointsDecision | NeedsPast
Decide = Callable[[PointsAccount | None, Program, Past], Step]


def lapse(account: PointsAccount, program: Program, now_ms: int) -> PointsAccount:
    """The account after everything that ended by now, in order of time: holds and gifts come
    back, lots expire, a tier whose spend no longer counts is lost."""
    while 0 < account.due_ms <= now_ms:
        account = _end_next(account, program, account.due_ms)
    return account


def _end_next(account: PointsAccount, program: Program, due_ms: int) -> PointsAccount:
    at_ms = accounts.instant(account, due_ms)
    overdue = [one for one in account.asides if one.due_ms <= due_ms]
    if overdue:
        return free(account, SYSTEM, overdue[0], at_ms, back=True)
    if account.lots and account.lots[0].end_ms <= due_ms:
        lot = account.lots[0]
        return add(account, Kind.EXPIRE, SYSTEM, at_ms, amount=lot.points, until_ms=lot.end_ms)
    return review(account, program, at_ms)


def review(
    account: PointsAccount, program: Program, now_ms: int, *, known_floor: int = 0
) -> PointsAccount:
    """The account with the tier that its spend reaches; the same object if it has it.

    known_floor: the spend that the customer's tier asked for under another id, before a merge.
    """
    reached = tier_reached(program, accounts.spent(account, now_ms))
    tier_id, floor = (reached.tier_id, reached.threshold_minor_units) if reached else ("", 0)
    if (tier_id, floor) == (account.tier, account.tier_floor):
        return account
    direction = _direction(account, tier_id, floor, known_floor)
    change = f"{direction}:{account.tier}>{tier_id}"
    return add(account, Kind.TIER, SYSTEM, now_ms, origin=change, money=floor)


def _direction(account: PointsAccount, tier_id: str, floor: int, known_floor: int) -> str:
    """Where a change leads; "same" where the tenant only asks for another amount, or the customer
    had as much under another id: nobody is promoted into a tier twice."""
    if tier_id == account.tier or account.tier_floor < floor <= known_floor:
        return "same"
    return "promoted" if floor > account.tier_floor else "demoted"


def free(
    account: PointsAccount, request: Request, aside: Aside, now_ms: int, *, back: bool
) -> PointsAccount:
    """What was set aside is spent or given, or comes back."""
    spent, returned = (Kind.GIVEN, Kind.GIVE_BACK) if aside.gift else (Kind.SPEND, Kind.RELEASE)
    return add(
        account,
        returned if back else spent,
        request,
        now_ms,
        amount=points_lots.total(aside.lots),
        order="" if aside.gift else aside.name,
        gift=aside.name if aside.gift else "",
        cart=points_lots.write(aside.lots),
    )


def earn(account: PointsAccount | None, command: Earn, program: Program, past: Past) -> Step:
    """Counts an order towards the tier and gives its points, once; the tier that it had before
    the order decides what it earns."""
    if known := recall(account, command.request, past, command.order):
        return known
    if of_order(account, past, command.order, Kind.ORDER):
        return PointsDecision(PointsOutcome.ALREADY_EARNED, (), account)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms) if account else None
    opened = current or accounts.empty(command.key, command.owner)
    after = add(
        opened,
        Kind.ORDER,
        command.request,
        now_ms,
        order=command.order,
        campaign=command.campaign,
        money=command.net_minor_units,
        until_ms=spend_end_ms(program, now_ms),
    )
    net, campaign = command.net_minor_units, command.campaign
    for earning in earnings(program, net, campaign, opened.tier, now_ms):
        after = add(
            after,
            Kind.EARN,
            command.request,
            now_ms,
            amount=earning.points,
            order=command.order,
            campaign=command.campaign,
            origin=earning.rule_id,
            until_ms=lot_end_ms(program, now_ms),
            cart=earning.terms,
        )
    after = repay(after, command.request, now_ms)
    return applied(review(after, program, now_ms), opened)


def take_back(
    account: PointsAccount | None, command: TakeBack, program: Program, past: Past
) -> Step:
    """An order, or part of it, came back. It keeps what its rules give for what is left; the rest
    is taken from what it earned, then from what ends first, and what was spent is owed."""
    if known := recall(account, command.request, past, command.order):
        return known
    orders = of_order(account, past, command.order, Kind.ORDER)
    if account is None or not orders:
        return PointsDecision(PointsOutcome.UNKNOWN_ORDER, (), account)
    history = of_order(account, past, command.order)
    left = orders[0].discount - sum(
        entry.discount for entry in history if entry.kind == Kind.RETURN_ORDER
    )
    returned = command.returned_minor_units or left
    if not left or returned > left:
        exceeds = PointsOutcome.RETURN_EXCEEDS_ORDER if left else PointsOutcome.NOTHING_LEFT
        return PointsDecision(exceeds, (), account)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms)
    after = add(
        current,
        Kind.RETURN_ORDER,
        command.request,
        now_ms,
        order=command.order,
        campaign=orders[0].campaign,
        money=returned,
        until_ms=orders[0].until_ms,
    )
    due = _unearned(history, left - returned)
    earned = [entry for entry in history if entry.kind == Kind.EARN]
    first = earned[0].until_ms if earned else 0
    after = collect(after, command.request, now_ms, due, first, order=command.order)
    return applied(review(after, program, now_ms), account)


def _unearned(history: Sequence[Entry], left_minor_units: int) -> int:
    """How many of an order's points are to be taken back, so much of it being left."""
    earned = [entry for entry in history if entry.kind == Kind.EARN]
    kept = sum(points_by(entry.cart, left_minor_units) for entry in earned)
    taken = sum(entry.amount for entry in history if entry.kind in {Kind.TAKE_BACK, Kind.OWE})
    return max(sum(entry.amount for entry in earned) - taken - kept, 0)


def collect(
    account: PointsAccount,
    request: Request,
    now_ms: int,
    points: int,
    first_end_ms: int,
    *,
    order: str = "",
    coupon: str = "",
) -> PointsAccount:
    """Takes points back: from the lot that ends at first_end_ms, then from the oldest; what is
    missing is owed."""
    there = min(points, account.available)
    if there:
        own = [lot for lot in account.lots if lot.end_ms == first_end_ms]
        mine, _ = points_lots.take(own, min(there, points_lots.total(own)))
        others, _ = points_lots.take(
            points_lots.without(account.lots, mine), there - points_lots.total(mine)
        )
        lots = points_lots.put(mine, others)
        account = add(
            account,
            Kind.TAKE_BACK,
            request,
            now_ms,
            amount=there,
            order=order,
            coupon=coupon,
            cart=points_lots.write(lots),
        )
    if points > there:
        missing = points - there
        account = add(
            account, Kind.OWE, request, now_ms, amount=missing, order=order, coupon=coupon
        )
    return account


def repay(account: PointsAccount, request: Request, now_ms: int) -> PointsAccount:
    """What is owed is paid from what there is."""
    points = min(account.owed, account.available)
    if not points:
        return account
    return add(account, Kind.REPAY, request, now_ms, amount=points)


def grant(account: PointsAccount | None, command: Grant, program: Program, past: Past) -> Step:
    """Points for a cause, once; what is owed is paid from them first."""
    if known := recall(account, command.request, past):
        return known
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms) if account else None
    opened = current or accounts.empty(command.key, command.owner)
    after = add(
        opened,
        Kind.GRANT,
        command.request,
        now_ms,
        amount=command.points,
        origin=command.origin,
        order=command.order,
        coupon=command.coupon,
        campaign=command.campaign,
        until_ms=lot_end_ms(program, now_ms),
    )
    return applied(repay(after, command.request, now_ms), opened)


def ungrant(account: PointsAccount | None, command: Grant, program: Program, past: Past) -> Step:
    """Takes granted points back, once for a cause; what was spent is owed."""
    if known := recall(account, command.request, past, command.coupon):
        return known
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms) if account else None
    opened = current or accounts.empty(command.key, command.owner)
    granted = [
        entry
        for entry in (*past.entries, *opened.entries)
        if entry.kind == Kind.GRANT and entry.coupon == command.coupon
    ]
    first = granted[-1].until_ms if granted else 0
    after = collect(
        opened,
        command.request,
        now_ms,
        command.points,
        first,
        order=command.order,
        coupon=command.coupon,
    )
    return applied(after, opened)


def recall(account: PointsAccount | None, request: Request, past: Past, *names: str) -> Step | None:
    """The answer to a repeat; NeedsPast when sealed pages have to be searched first, also for
    the orders, coupons or gifts of these names."""
    if account is None:
        return None
    if (account.sealed, len(account.absorbed)) != (past.upto, past.absorbed_count):
        return NeedsPast(account, (request.request_id, *names))
    first = [
        entry
        for entry in (*past.entries, *account.entries)
        if entry.request == request.request_id and entry.actor == request.actor
    ]
    if not first:
        return None
    if first[0].print != request.print:
        return PointsDecision(PointsOutcome.REQUEST_CONFLICT, (), account)
    return PointsDecision(PointsOutcome.APPLIED, tuple(first), account)


def of_order(
    account: PointsAccount | None, past: Past, order: str, kind: Kind | None = None
) -> list[Entry]:
    """Entries of an order, also those of its pages, oldest first."""
    entries: Iterable[Entry] = (*past.entries, *(account.entries if account else ()))
    return [
        entry for entry in entries if entry.order == order and (kind is None or entry.kind == kind)
    ]


def applied(after: PointsAccount, before: PointsAccount) -> PointsDecision:
    """The decision for a step that was taken: what it wrote under its own name."""
    added = after.entries[len(before.entries) :]
    own = tuple(entry for entry in added if entry.request)
    return PointsDecision(PointsOutcome.APPLIED, own, after)
