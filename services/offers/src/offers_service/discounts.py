"""What coupons take off a cart. Pure; amounts are whole minor units of the cart's currency.

Minimums are checked at list price, before any coupon and without shipping. Then coupons are
applied one after the other: percentages (larger first), fixed amounts (larger first), shipping,
gifts, points; ties by offer, end and coupon. Each takes its share of what the ones before left of
the goods in its scope, so nothing falls below zero, and each discount is spread over its lines by
the largest remainder, so the lines sum to it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from offers_service.offers import Benefit, Offer, money_off, points_for


class CartLine(msgspec.Struct, frozen=True):
    """So many of a product at one price; line_id is unique within the cart."""

    line_id: str
    product: str
    category: str
    quantity: int
    unit_minor_units: int

    @property
    def amount(self) -> int:
        """At list price."""
        return self.quantity * self.unit_minor_units


class Cart(msgspec.Struct, frozen=True):
    """What is about to be ordered."""

    currency: str
    lines: tuple[CartLine, ...]
    shipping_minor_units: int = 0

    @property
    def goods(self) -> int:
        """All lines at list price."""
        return sum(line.amount for line in self.lines)


class Candidate(msgspec.Struct, frozen=True):
    """A coupon that could be applied."""

    coupon_id: str
    offer: Offer
    valid_until_ms: int


class Fit(StrEnum):
    """Whether a coupon applies to a cart, whatever other coupons there are."""

    APPLIES = "applies"
    WRONG_CURRENCY = "wrong_currency"
    OUT_OF_SCOPE = "out_of_scope"
    BELOW_MINIMUM = "below_minimum"
    NO_EFFECT = "no_effect"


class Share(msgspec.Struct, frozen=True):
    """One line's part: what it came to before this coupon, and what the coupon takes off it."""

    line_id: str
    scoped: bool
    value: int
    discount: int


class Effect(msgspec.Struct, frozen=True):
    """What one coupon does. shares: one a line of the cart; shipping: part of discount."""

    coupon_id: str
    offer_id: str
    discount: int
    shares: tuple[Share, ...]
    shipping: int = 0
    points: int = 0


class Left(msgspec.Struct, frozen=True):
    """What the coupons so far have left to pay, line by line in the cart's order."""

    lines: tuple[int, ...]
    shipping: int


class Step(msgspec.Struct, frozen=True):
    """What one coupon takes: spread over the lines of the cart, or, if that is empty, off the
    shipping; and what it leaves."""

    spread: Sequence[int]
    discount: int
    points: int
    left: Left


_RANK = {benefit: rank for rank, benefit in enumerate(Benefit)}


def order_key(candidate: Candidate) -> tuple[int, int, int, str, int, str]:
    """The order in which coupons are applied."""
    offer = candidate.offer
    return (
        _RANK[offer.benefit],
        -offer.percent_basis_points,
        -offer.fixed_minor_units,
        offer.offer_id,
        candidate.valid_until_ms,
        candidate.coupon_id,
    )


def covered(cart: Cart, offer: Offer) -> tuple[bool, ...]:
    """Which lines are in the offer's scope."""
    return tuple(offer.scope.covers(line.product, line.category) for line in cart.lines)


def fit(cart: Cart, offer: Offer) -> tuple[Fit, int]:
    """Whether the offer applies, and for BELOW_MINIMUM how much is missing."""
    if cart.currency != offer.currency:
        return Fit.WRONG_CURRENCY, 0
    scope = covered(cart, offer)
    if not any(scope):
        return Fit.OUT_OF_SCOPE, 0
    counted = sum(
        line.amount
        for line, scoped in zip(cart.lines, scope, strict=True)
        if scoped or offer.minimum_of_cart
    )
    if counted < offer.minimum_minor_units:
        return Fit.BELOW_MINIMUM, offer.minimum_minor_units - counted
    alone = step(start(cart), offer, scope, [line.line_id for line in cart.lines])
    worth = alone.discount or alone.points or offer.gift_quantity
    return (Fit.APPLIES if worth else Fit.NO_EFFECT), 0


def start(cart: Cart) -> Left:
    """What is to pay before any coupon."""
    return Left(tuple(line.amount for line in cart.lines), cart.shipping_minor_units)


def step(left: Left, offer: Offer, scope: Sequence[bool], names: Sequence[str]) -> Step:
    """What one coupon that fits takes off what the ones before have left; names: of the lines."""
    bases = [value if scoped else 0 for value, scoped in zip(left.lines, scope, strict=True)]
    shipping = points = off = 0
    match offer.benefit:
        case Benefit.PERCENT | Benefit.FIXED:
            off = money_off(offer, sum(bases))
        case Benefit.FREE_SHIPPING:
            shipping = min(left.shipping, offer.maximum_minor_units or left.shipping)
        case Benefit.POINTS:
            points = points_for(offer, sum(bases))
    if off == 0:
        return Step([], shipping, points, Left(left.lines, left.shipping - shipping))
    spread = allocate(off, bases, names)
    lines = tuple([value - taken for value, taken in zip(left.lines, spread, strict=True)])
    return Step(spread, off, points, Left(lines, left.shipping))


def apply(
    cart: Cart, left: Left, candidate: Candidate, scope: Sequence[bool]
) -> tuple[Effect, Left]:
    """Applies one coupon that fits, with its covered lines, and tells line by line what it did."""
    names = [line.line_id for line in cart.lines]
    taken = step(left, candidate.offer, scope, names)
    spread = taken.spread or [0] * len(names)
    shares = zip(names, scope, left.lines, spread, strict=True)
    effect = Effect(
        coupon_id=candidate.coupon_id,
        offer_id=candidate.offer.offer_id,
        discount=taken.discount,
        shares=tuple([Share(*share) for share in shares]),
        shipping=0 if taken.spread else taken.discount,
        points=taken.points,
    )
    return effect, taken.left


def price(cart: Cart, candidates: Sequence[Candidate]) -> tuple[Effect, ...]:
    """What coupons that all fit do together, in the order in which they are applied."""
    left, effects = start(cart), []
    for candidate in sorted(candidates, key=order_key):
        effect, left = apply(cart, left, candidate, covered(cart, candidate.offer))
        effects.append(effect)
    return tuple(effects)


def allocate(amount: int, weights: Sequence[int], names: Sequence[str]) -> list[int]:
    """Splits `amount` (0 to the sum of the weights) in proportion to the weights, exactly.

    Hamilton's method: everyone gets the whole part of their quota, and what is left goes one by
    one to the largest remainders, among equals by name. No part exceeds its weight.
    """
    total = sum(weights)
    if amount == 0 or total == 0:
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    short = amount - sum(parts)
    if short:
        remainders = [amount * weight % total for weight in weights]
        order = sorted(range(len(weights)), key=lambda at: (-remainders[at], names[at]))
        for at in order[:short]:
            parts[at] += 1
    return parts
