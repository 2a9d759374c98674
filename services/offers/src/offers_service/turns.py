"""What an order gets of a coupon beside the others that it has. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from offers_service import returns
from offers_service.coupon_account import CouponAccount, CouponState
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.discounts import Candidate, Cart, Fit, apply, covered, fit, start
from offers_service.offers import Offer, stack


class Other(msgspec.Struct, frozen=True):
    """A coupon that the order has already; place: its turn (returns.HeldCart)."""

    candidate: Candidate
    place: int


class Order(msgspec.Struct, frozen=True):
    """An order line by line. others: the coupons that it has, from which this one takes what they
    have left; beside: offers of coupons that are to follow; refusal: what is wrong with those,
    kept for the decision so that a repeat is still answered as the first time."""

    cart: Cart
    others: tuple[Other, ...] = ()
    beside: tuple[Offer, ...] = ()
    refusal: CouponOutcome | None = None


class Taken(msgspec.Struct, frozen=True):
    """What an order gets of a coupon, and the order as the account keeps it."""

    discount: int
    points: int = 0
    cart: str = ""


class Turns(StrEnum):
    """Whether each coupon of an order was held in knowledge of those before it."""

    CLEAR = "clear"
    CLASH = "clash"


def turns(coupons: Sequence[CouponAccount]) -> Turns:
    """Two coupons with one place were held at the same time and did not see each other, and what
    they and the later ones were promised together may be more than the order comes to."""
    places = [returns.place_of(coupon.cart) for coupon in coupons if coupon.cart]
    return Turns.CLASH if len(set(places)) < len(places) else Turns.CLEAR


def take(account: CouponAccount, order: Order, offer: Offer) -> Taken | CouponOutcome:
    """What the coupons whose turn came before leave to this one, or why nothing.

    Coupons of an order take their turns in the order in which it got them, so that one that is
    added never changes what was promised for those before it.
    """
    if order.refusal is not None:
        return order.refusal
    fits, _ = fit(order.cart, offer)
    if fits is not Fit.APPLIES:
        return CouponOutcome[fits.name]
    others = [one for one in order.others if _fits(order.cart, one.candidate.offer)]
    beside = [one.candidate.offer for one in others]
    beside += [each for each in order.beside if _fits(order.cart, each)]
    if not all(stack(offer, each) for each in beside):
        return CouponOutcome.NOT_STACKABLE
    own_id, place = account.key.a, _place(account, others)
    left = start(order.cart)
    for other in sorted(others, key=_turn):
        if _turn(other) < (place, own_id):
            scope = covered(order.cart, other.candidate.offer)
            _, left = apply(order.cart, left, other.candidate, scope)
    own = Candidate(own_id, offer, account.valid_until_ms)
    effect, _ = apply(order.cart, left, own, covered(order.cart, offer))
    if not (effect.discount or effect.points or offer.gift_quantity):
        return CouponOutcome.NO_EFFECT
    kept = returns.write(returns.snapshot(order.cart, effect, place))
    return Taken(effect.discount, effect.points, kept)


def _fits(cart: Cart, offer: Offer) -> bool:
    return fit(cart, offer)[0] is Fit.APPLIES


def _turn(other: Other) -> tuple[int, str]:
    return other.place, other.candidate.coupon_id


def _place(account: CouponAccount, others: Sequence[Other]) -> int:
    """A coupon that is held keeps its turn; a new one comes last."""
    if account.state is CouponState.HELD:
        return returns.place_of(account.cart)
    return 1 + max((other.place for other in others), default=0)
