"""A customer's points after a merge: two accounts become one, in two steps. Pure.

The account of who was merged away leads: one write empties it for good and says where to. The
other account takes exactly what those entries say, once, whoever does it. Between the two writes
the points are on their way, and nobody can use them; nothing can be lost or doubled.
"""

from __future__ import annotations

from offers_service import points_account as accounts
from offers_service import points_carry, points_lots
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.points import lapse, repay, review
from offers_service.points_account import Kind, PointsAccount, add, aside_of
from offers_service.points_program import Program

_BROUGHT = {
    Kind.OUT: Kind.IN,
    Kind.HELD_OUT: Kind.HELD_IN,
    Kind.GIFT_OUT: Kind.GIFT_IN,
    Kind.OWED_OUT: Kind.OWED_IN,
}
_ABSORBED = "absorbed"


def leave(
    account: PointsAccount | None,
    key: AccountKey,
    target_id: str,
    program: Program,
    now_ms: int,
) -> PointsAccount:
    """Empties the account of a customer who was merged into target_id, for good; the same object if
    that was done. One that was never opened is closed too, so that nobody opens it later."""
    if account is not None and account.merged_into:
        return account
    now_ms = accounts.instant(account, now_ms)
    current = (
        lapse(account, program, now_ms) if account else accounts.empty(key, accounts.owner_of(key))
    )
    request = Request(f"merge:{key.a}", "system:merge", b"")
    if current.lots:
        current = add(
            current,
            Kind.OUT,
            request,
            now_ms,
            amount=points_lots.total(current.lots),
            cart=points_lots.write(current.lots),
        )
    for aside in current.asides:
        current = add(
            current,
            Kind.GIFT_OUT if aside.gift else Kind.HELD_OUT,
            request,
            now_ms,
            amount=points_lots.total(aside.lots),
            order="" if aside.gift else aside.name,
            gift=aside.name if aside.gift else "",
            until_ms=aside.due_ms,
            cart=points_lots.write(aside.lots),
        )
    if current.owed:
        current = add(current, Kind.OWED_OUT, request, now_ms, amount=current.owed)
    absorbed = (key.a, *current.absorbed)
    return add(
        current,
        Kind.MERGED,
        request,
        now_ms,
        origin=target_id,
        money=current.tier_floor,
        cart=points_carry.write(current.spends, current.given),
        facts=tuple((_ABSORBED, account_id) for account_id in absorbed),
    )


def join(
    account: PointsAccount | None,
    key: AccountKey,
    source: PointsAccount,
    program: Program,
) -> PointsAccount:
    """The account of who is left, with all that `source`, which was emptied, had; the same object
    if it has that already. What is owed is paid from what there is now, and the tier follows from
    what both bought."""
    if account is not None and source.key.a in account.absorbed:
        return account
    left = source.entries[-1]
    now_ms = accounts.instant(account, left.at_ms)
    current = (
        lapse(account, program, now_ms) if account else accounts.empty(key, accounts.owner_of(key))
    )
    request = Request(left.request, left.actor, b"")
    for entry in source.entries:
        if entry.kind in _BROUGHT and entry.request == left.request:
            current = _bring(current, entry, request, now_ms)
    current = add(
        current,
        Kind.JOINED,
        request,
        now_ms,
        origin=source.owner,
        cart=left.cart,
        facts=left.facts,
    )
    current = repay(lapse(current, program, now_ms), request, now_ms)
    return review(current, program, now_ms, known_floor=left.discount)


def _bring(account: PointsAccount, entry: Entry, request: Request, now_ms: int) -> PointsAccount:
    kind = _BROUGHT[Kind(entry.kind)]
    if kind is Kind.HELD_IN and aside_of(account, entry.order, gift=False):
        # An order holds once: what the other account held for it goes on.
        return add(account, Kind.IN, request, now_ms, amount=entry.amount, cart=entry.cart)
    return add(
        account,
        kind,
        request,
        now_ms,
        amount=entry.amount,
        order=entry.order,
        gift=entry.gift,
        until_ms=entry.until_ms,
        cart=entry.cart,
    )
