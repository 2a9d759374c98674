"""The step over a coupon and its campaign's budget of money, as the coupon leads it. Pure.

1. The coupon is HOLDING: its ASK entry names the order, the amount and the stripe to begin with.
2. The stripes get exactly one line each for that entry, in an order that follows from it, until
   one has paid; whoever drives the step meets the same lines.
3. With the answer the coupon is HELD (HOLD, EXTEND), or as it was before (DENY, DENY_EXTEND).
What an order releases, uses or brings back is decided by the coupon alone; the stripe that paid
follows with one line for each entry.
"""

from __future__ import annotations

from typing import NamedTuple

from offers_service.budget_account import Kind as BudgetKind
from offers_service.budget_account import Move
from offers_service.codes import Secrets
from offers_service.coupon_account import (
    CouponAccount,
    CouponState,
    Kind,
    as_of,
    move,
)
from offers_service.coupon_dues import money_change
from offers_service.journal import Request


class Owed(NamedTuple):
    """A line that one entry of the coupon owes to the stripe (from 0) that paid for it."""

    number: int
    stripe: int
    moves: tuple[Move, ...]


class Asked(NamedTuple):
    """What a HOLDING coupon asks of its budget: the stripes (from 0) in the order in which they
    are asked for the whole amount; target: where their free parts are brought together if none
    has that much."""

    number: int
    amount: int
    stripes: tuple[int, ...]
    target: int


def owed(account: CouponAccount, secrets: Secrets) -> list[Owed]:
    """The lines of entries from `owes` on, oldest first: some may be written already."""
    found = []
    for number in range(account.owes, account.v + 1):
        before, entry = as_of(account, number - 1, secrets), account.entries[number - 1]
        change = money_change(before, entry)
        pairs = (
            (BudgetKind.SPEND, change.spend),
            (BudgetKind.RETURN, change.give_back),
            (BudgetKind.REFUND, change.refund),
        )
        moves = tuple([Move(kind, amount) for kind, amount in pairs if amount])
        if moves:
            found.append(Owed(number, before.stripe - 1, moves))
    return found


def asked(account: CouponAccount, secrets: Secrets) -> Asked:
    """What a HOLDING coupon asks for. An order that has part of the money already asks the stripe
    that paid it for the rest."""
    before = as_of(account, account.v - 1, secrets)
    first = account.stripe - 1
    if before.state is CouponState.HELD and before.discount:
        return Asked(account.v, account.discount - before.discount, (first,), first)
    stripes = tuple([(first + step) % account.budget for step in range(account.budget)])
    return Asked(account.v, account.discount, stripes, 0)


def line_request(account: CouponAccount, number: int, part: str = "") -> Request:
    """The request of the lines of one entry; part tells several on one stripe apart."""
    entry = account.entries[number - 1]
    return Request(f"{account.key.a}/{number}{part}", entry.actor, entry.print)


def answer(
    account: CouponAccount, number: int, stripe: int | None, now_ms: int, secrets: Secrets
) -> CouponAccount:
    """The coupon after its budget answered what entry `number` asked: paid by `stripe` (from 0) or,
    with None, refused. The very same object when that was written down before."""
    if account.state is not CouponState.HOLDING or account.v != number:
        return account
    before, asking = as_of(account, number - 1, secrets), account.entries[-1]
    request = Request(asking.request, asking.actor, asking.print)
    held = before.state is CouponState.HELD
    if stripe is not None:
        return move(
            account,
            Kind.EXTEND if held else Kind.HOLD,
            request,
            now_ms,
            order=account.order,
            until_ms=account.due_ms,
            discount=account.discount,
            points=account.points,
            cart=account.cart,
            stripe=stripe + 1,
        )
    if not held:
        return move(account, Kind.DENY, request, now_ms, order=account.order)
    return move(
        account,
        Kind.DENY_EXTEND,
        request,
        now_ms,
        order=before.order,
        until_ms=before.due_ms,
        discount=before.discount,
        points=before.points,
        cart=account.kept_cart,
        stripe=before.stripe,
    )
