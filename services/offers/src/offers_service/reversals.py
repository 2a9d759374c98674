"""What becomes of a used coupon when its order comes back, and the end of one not used. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from offers_service import returns
from offers_service.codes import Secrets
from offers_service.coupon_account import (
    CouponAccount,
    CouponState,
    Kind,
    as_of,
    instant,
    lapse,
    move,
)
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, NeedsOffer, recall
from offers_service.journal import Entry, Request
from offers_service.offers import Benefit, Offer, restored_end_ms


class Reverse(msgspec.Struct, frozen=True):
    """returned: (line, pieces) that came back this time; empty for all that is left."""

    request: Request
    order: str
    returned: tuple[tuple[str, int], ...]
    now_ms: int


class Revoke(msgspec.Struct, frozen=True):
    """Ends a coupon that was not used."""

    request: Request
    now_ms: int


class Reversed(msgspec.Struct, frozen=True):
    """What a reversal took back; refund None when the order's lines are not known."""

    discount: int
    discount_kept: int
    points: int
    refund: int | None


class _Left(msgspec.Struct, frozen=True):
    """What a coupon still gives after a return, and what the return refunds."""

    discount: int
    points: int
    refund: int
    cart: str
    earned: bool


def reverse(
    account: CouponAccount | None,
    command: Reverse,
    secrets: Secrets,
    offer_of: Callable[[str], Offer | None],
) -> Decision | NeedsOffer:
    """Takes the discount back, whole or in part.

    When nothing of the benefit is left the coupon goes the way of its offer's restore policy:
    a coupon that gives nothing any more is not used up by goods that were kept without it.
    """
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := recall(account, command.request, "", secrets):
        return known
    if refusal := _not_reversible(account, command.order):
        return Decision(refusal, account, account)
    offer = offer_of(account.offer)
    if offer is None:
        return NeedsOffer(account.offer, account)
    left = _after(account, command, offer)
    if isinstance(left, CouponOutcome):
        return Decision(left, account, account)
    after = _settle(account, command, offer, left)
    return Decision(CouponOutcome.APPLIED, after, after)


def _not_reversible(account: CouponAccount, order: str) -> CouponOutcome | None:
    if account.state is not CouponState.REDEEMED:
        return CouponOutcome.NOT_REDEEMED
    if account.order != order:
        return CouponOutcome.OTHER_ORDER
    return CouponOutcome.ALREADY_REVERSED if account.reversed else None


def _after(account: CouponAccount, command: Reverse, offer: Offer) -> _Left | CouponOutcome:
    if not account.cart:
        return CouponOutcome.NEEDS_CART if command.returned else _Left(0, 0, 0, "", earned=False)
    before = returns.read(account.cart)
    cart = returns.take_back(before, command.returned)
    if cart is None:
        return CouponOutcome.RETURN_EXCEEDS_ORDER
    worth = returns.worth(offer, cart)
    refund = returns.refund(offer, before, account.discount, cart, worth.discount)
    return _Left(worth.discount, worth.points, refund, returns.write(cart), worth.earned)


def _settle(account: CouponAccount, command: Reverse, offer: Offer, left: _Left) -> CouponAccount:
    now_ms = instant(account, command.now_ms)
    gift = offer.benefit is Benefit.GIFT_ITEM and left.earned
    if left.discount or left.points or gift:
        return move(
            account,
            Kind.REDUCE,
            command.request,
            now_ms,
            order=account.order,
            discount=left.discount,
            points=left.points,
            refund=left.refund,
            cart=left.cart,
        )
    end_ms = restored_end_ms(offer, account.valid_until_ms, now_ms)
    return move(
        account,
        Kind.KEEP if end_ms is None else Kind.REVERSE,
        command.request,
        now_ms,
        order=account.order,
        until_ms=end_ms or 0,
        refund=left.refund,
    )


def told(coupon: CouponAccount, secrets: Secrets) -> Reversed:
    """What the reversal that is the coupon's last entry took back, from the journal alone, so
    that a repeat tells the same."""
    entry: Entry = coupon.entries[-1]
    before = as_of(coupon, entry.number - 1, secrets)
    known = bool(coupon.entries[-2].cart)
    return Reversed(
        discount=before.discount - entry.discount,
        discount_kept=entry.discount,
        points=before.points - entry.points,
        refund=entry.refund if known else None,
    )


def revoke(account: CouponAccount | None, command: Revoke, secrets: Secrets) -> Decision:
    """Ends a coupon; an order that holds it loses it, and a gift it is in is taken back first."""
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := recall(account, command.request, "", secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    match current.state:
        case CouponState.REDEEMED:
            return Decision(CouponOutcome.ALREADY_REDEEMED, account, account)
        case CouponState.REVOKED:
            return Decision(CouponOutcome.REVOKED, account, account)
        case CouponState.ESCROWED:
            taking_back = Request("", command.request.actor, b"")
            current = move(current, Kind.CANCEL, taking_back, now_ms, gift=current.gift)
    ended = move(current, Kind.REVOKE, command.request, now_ms, order=current.order)
    return Decision(CouponOutcome.APPLIED, ended, ended)
