"""What a coupon is still worth when part of an order comes back. Pure.

The goods kept keep the discount under the offer's own terms. If they fall short of the minimum,
what is missing is taken off the discount: the goods kept never cost more than an order that just
meets the minimum would, and with one coupon returning more never refunds less, whatever comes
back first. What is computed rests on the order as it was, not on the returns before, so the
refunds of several returns sum to that of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b

import msgspec

from offers_service.discounts import Cart, Effect
from offers_service.offers import Benefit, Offer, money_off, points_for

_DIGEST_BYTES = 16


class HeldLine(msgspec.Struct, frozen=True, array_like=True):
    """A line as a coupon saw it: value is what `ordered` pieces came to before this coupon."""

    line_id: str
    ordered: int
    kept: int
    unit_minor_units: int
    value: int
    scoped: bool

    @property
    def kept_value(self) -> int:
        """What the pieces kept came to before this coupon."""
        return self.value * self.kept // self.ordered


class HeldCart(msgspec.Struct, frozen=True, array_like=True):
    """An order as a coupon saw it; discount and points are those of the whole order, place is
    when the coupon's turn was: it was applied after those with a smaller one."""

    lines: tuple[HeldLine, ...]
    discount: int
    points: int
    place: int

    @property
    def kept_value(self) -> int:
        """What all pieces kept came to before this coupon."""
        return sum(line.kept_value for line in self.lines)

    @property
    def empty(self) -> bool:
        """Whether everything came back."""
        return not any(line.kept for line in self.lines)


class Worth(msgspec.Struct, frozen=True):
    """What the coupon is worth for the goods kept; earned: whether a gift item is."""

    discount: int
    points: int
    earned: bool


def snapshot(cart: Cart, effect: Effect, place: int) -> HeldCart:
    """The order as the coupon with this effect saw it, all of it kept."""
    lines = tuple(
        HeldLine(
            share.line_id,
            line.quantity,
            line.quantity,
            line.unit_minor_units,
            share.value,
            share.scoped,
        )
        for line, share in zip(cart.lines, effect.shares, strict=True)
    )
    return HeldCart(lines, effect.discount, effect.points, place)


def write(cart: HeldCart) -> str:
    """As it is stored beside the journal."""
    return msgspec.json.encode(cart).decode()


def read(text: str) -> HeldCart:
    """The same back."""
    return msgspec.json.decode(text, type=HeldCart)


def digest(text: str) -> bytes:
    """What the journal's entries hold of it; empty for none."""
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest() if text else b""


def place_of(text: str) -> int:
    """The place of a coupon whose account has this stored; 0, before all others, for none."""
    return read(text).place if text else 0


def take_back(cart: HeldCart, returned: Sequence[tuple[str, int]]) -> HeldCart | None:
    """The cart after pieces came back, all of them if none are named; None for more than it has.

    A line may be named more than once.
    """
    if not returned:
        return _with_kept(cart, {line.line_id: 0 for line in cart.lines})
    kept = {line.line_id: line.kept for line in cart.lines}
    for line_id, quantity in returned:
        if quantity > kept.get(line_id, 0):
            return None
        kept[line_id] -= quantity
    return _with_kept(cart, kept)


def _with_kept(cart: HeldCart, kept: Mapping[str, int]) -> HeldCart:
    lines = tuple(msgspec.structs.replace(line, kept=kept[line.line_id]) for line in cart.lines)
    return msgspec.structs.replace(cart, lines=lines)


def worth(offer: Offer, cart: HeldCart) -> Worth:
    """What the coupon is worth for the goods kept."""
    if cart.empty:
        return Worth(0, 0, earned=False)
    missing = _missing(offer, cart)
    earned = missing == 0 and any(line.kept for line in cart.lines if line.scoped)
    # With other coupons before this one a line may be worth less than its list price, by which
    # the minimum goes: never take back more than what came back was worth.
    whole = sum(line.value for line in cart.lines)
    missing = min(missing, whole - cart.kept_value)
    base = sum(line.kept_value for line in cart.lines if line.scoped)
    match offer.benefit:
        case Benefit.PERCENT | Benefit.FIXED:
            off = max(0, money_off(offer, base + missing) - missing)
        case Benefit.FREE_SHIPPING:
            off = max(0, cart.discount - missing)
        case Benefit.POINTS:
            return Worth(0, points_for(offer, base) if earned else 0, earned)
        case Benefit.GIFT_ITEM:
            off = 0
    return Worth(off, 0, earned)


def _missing(offer: Offer, cart: HeldCart) -> int:
    """What the goods kept lack to the minimum, at list price."""
    counted = sum(
        line.kept * line.unit_minor_units
        for line in cart.lines
        if line.scoped or offer.minimum_of_cart
    )
    return max(0, offer.minimum_minor_units - counted)


def refund(
    offer: Offer, before: HeldCart, discount_before: int, after: HeldCart, discount_after: int
) -> int:
    """What comes back for the goods between two states of an order: what they had cost, less
    what the goods kept lost of their discount; never negative.

    When everything is back nobody owes for shipping, and what was charged for it comes back too.
    """
    if after.empty and offer.benefit is Benefit.FREE_SHIPPING:
        discount_after = before.discount
    goods = before.kept_value - after.kept_value
    return max(0, goods - (discount_before - discount_after))
