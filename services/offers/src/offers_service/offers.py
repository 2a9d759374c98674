"""Offers: what a coupon is worth, for which goods, how long, and beside which others. Pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from offers_service.journal import NEVER_MS

BASIS_POINTS = 10_000
ANY_GROUP = "*"
GRACE_SECONDS_DEFAULT = 7 * 24 * 3600
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


class Benefit(StrEnum):
    """What an offer gives; the order is that in which coupons are applied to a cart."""

    PERCENT = "percent"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"
    GIFT_ITEM = "gift_item"
    POINTS = "points"


class Restore(StrEnum):
    """What becomes of a coupon when its order is reversed."""

    RESTORE = "restore"
    RESTORE_IF_VALID = "restore_if_valid"
    KEEP_REDEEMED = "keep_redeemed"


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which goods; empty for all. Exclusions win."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    excluded_products: tuple[str, ...] = ()
    excluded_categories: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether it leaves nothing out."""
        return not (
            self.products or self.categories or self.excluded_products or self.excluded_categories
        )

    def covers(self, product: str, category: str) -> bool:
        """Whether goods are in scope."""
        if product in self.excluded_products or category in self.excluded_categories:
            return False
        if not self.products and not self.categories:
            return True
        return product in self.products or category in self.categories


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """One benefit is set; an active offer never changes. Amounts are in the minor units of
    `currency`, and 0 means none.

    `points` count once, or for each full `points_per_minor_units`. time_zone is the tenant's, for
    valid_for_days. stacking_group "" stands for the group of the benefit. gift_times_max: how often
    a giftable coupon may change hands, 0 for any number of times.
    """

    offer_id: str
    currency: str
    created_ms: int
    display_names: dict[str, str] = {}
    percent_basis_points: int = 0
    fixed_minor_units: int = 0
    free_shipping: bool = False
    gift_product: str = ""
    gift_quantity: int = 0
    points: int = 0
    points_per_minor_units: int = 0
    maximum_minor_units: int = 0
    scope: Scope = Scope()
    minimum_minor_units: int = 0
    minimum_of_cart: bool = False
    valid_from_ms: int = 0
    valid_for_seconds: int = 0
    valid_for_days: int = 0
    valid_until_ms: int = 0
    time_zone: str = "UTC"
    giftable: bool = False
    stacking_group: str = ""
    stackable_with: tuple[str, ...] = ()
    restore: Restore = Restore.RESTORE_IF_VALID
    restore_grace_seconds: int = 0
    per_customer_limit: int = 0
    gift_times_max: int = 0

    def same_content(self, other: Offer) -> bool:
        """Whether two offers differ in nothing but the time at which they were made."""
        return msgspec.structs.replace(other, created_ms=self.created_ms) == self

    @property
    def benefit(self) -> Benefit:
        """Which of the benefits it gives."""
        if self.percent_basis_points:
            return Benefit.PERCENT
        if self.free_shipping:
            return Benefit.FREE_SHIPPING
        if self.gift_product:
            return Benefit.GIFT_ITEM
        return Benefit.POINTS if self.points else Benefit.FIXED

    @property
    def group(self) -> str:
        """The name by which other offers admit this one."""
        return self.stacking_group or _GROUPS[self.benefit]

    @property
    def needs_cart(self) -> bool:
        """Whether an order's amount alone does not tell what it is worth."""
        return self.free_shipping or not self.scope.is_all


_GROUPS = {
    Benefit.PERCENT: "goods",
    Benefit.FIXED: "goods",
    Benefit.FREE_SHIPPING: "shipping",
    Benefit.GIFT_ITEM: "extras",
    Benefit.POINTS: "extras",
}


class Worth(StrEnum):
    """Whether an offer applies to an order of which only the amount is known."""

    APPLIES = "applies"
    BELOW_MINIMUM = "below_minimum"
    WRONG_CURRENCY = "wrong_currency"
    NEEDS_CART = "needs_cart"


def stack(one: Offer, other: Offer) -> bool:
    """Whether coupons of two offers may be used in one order: each has to admit the other."""
    if one.offer_id == other.offer_id:
        return one.group in one.stackable_with
    return _admits(one, other) and _admits(other, one)


def _admits(one: Offer, other: Offer) -> bool:
    return other.group in one.stackable_with or ANY_GROUP in one.stackable_with


def begun(offer: Offer, now_ms: int) -> bool:
    """Whether its coupons can be used already."""
    return offer.valid_from_ms <= now_ms


def ended(offer: Offer, now_ms: int) -> bool:
    """Whether nothing more can be issued of it."""
    return 0 < offer.valid_until_ms <= now_ms


def coupon_end_ms(offer: Offer, issued_ms: int) -> int:
    """Until when a coupon issued then is good; journal.NEVER_MS for an offer without an end.

    Days and seconds count from the issue, or from the offer's begin if that comes later.
    """
    begin_ms = max(issued_ms, offer.valid_from_ms)
    ends = [NEVER_MS]
    if offer.valid_for_seconds:
        ends.append(begin_ms + offer.valid_for_seconds * 1000)
    if offer.valid_for_days:
        ends.append(day_end_ms(begin_ms, offer.valid_for_days, offer.time_zone))
    if offer.valid_until_ms:
        ends.append(offer.valid_until_ms)
    return min(ends)


def day_end_ms(from_ms: int, days: int, time_zone: str) -> int:
    """The midnight that ends the day `days` after that of from_ms, as the zone's clocks show it."""
    zone = ZoneInfo(time_zone)
    day = (_EPOCH + from_ms * _MILLISECOND).astimezone(zone).date()
    midnight = dt.datetime.combine(day + dt.timedelta(days=days + 1), dt.time(), zone)
    return (midnight - _EPOCH) // _MILLISECOND


def restored_end_ms(offer: Offer, end_ms: int, now_ms: int) -> int | None:
    """Until when a coupon that comes back now is good; None when it stays used."""
    match offer.restore:
        case Restore.KEEP_REDEEMED:
            return None
        case Restore.RESTORE_IF_VALID:
            return end_ms if now_ms < end_ms else None
    grace_seconds = offer.restore_grace_seconds or GRACE_SECONDS_DEFAULT
    return max(end_ms, now_ms + grace_seconds * 1000)


def money_off(offer: Offer, base: int) -> int:
    """What percentages and fixed amounts take off goods of `base` minor units: at most all.

    Percentages round down to the currency's minor unit, in the shop's favour.
    """
    if offer.percent_basis_points:
        off = base * offer.percent_basis_points // BASIS_POINTS
        return min(off, offer.maximum_minor_units or off)
    return min(offer.fixed_minor_units, base)


def points_for(offer: Offer, base: int) -> int:
    """The points for goods that cost `base` minor units."""
    if offer.points_per_minor_units:
        return offer.points * (base // offer.points_per_minor_units)
    return offer.points


def discount(offer: Offer, order_minor_units: int, currency: str) -> tuple[Worth, int]:
    """What the offer takes off an order of which only the amount is known, in minor units."""
    if currency != offer.currency:
        return Worth.WRONG_CURRENCY, 0
    if offer.needs_cart:
        return Worth.NEEDS_CART, 0
    if order_minor_units < max(offer.minimum_minor_units, 0):
        return Worth.BELOW_MINIMUM, 0
    return Worth.APPLIES, money_off(offer, order_minor_units)
