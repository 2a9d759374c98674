"""Offers: what a coupon is worth for an order, and how long it is good. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from offers_service.journal import NEVER_MS

BASIS_POINTS = 10_000


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either percent_basis_points or fixed_minor_units is set; an active offer never changes.

    Amounts are in the minor units of `currency`; 0 means none for minimum_minor_units,
    valid_for_seconds and valid_until_ms.
    """

    offer_id: str
    currency: str
    created_ms: int
    display_names: dict[str, str] = {}
    percent_basis_points: int = 0
    fixed_minor_units: int = 0
    minimum_minor_units: int = 0
    valid_for_seconds: int = 0
    valid_until_ms: int = 0
    giftable: bool = False

    def same_content(self, other: Offer) -> bool:
        """Whether two offers differ in nothing but the time at which they were made."""
        return msgspec.structs.replace(other, created_ms=self.created_ms) == self


class Worth(StrEnum):
    """Whether an offer applies to an order."""

    APPLIES = "applies"
    BELOW_MINIMUM = "below_minimum"
    WRONG_CURRENCY = "wrong_currency"


def ended(offer: Offer, now_ms: int) -> bool:
    """Whether nothing more can be issued of it."""
    return 0 < offer.valid_until_ms <= now_ms


def coupon_end_ms(offer: Offer, issued_ms: int) -> int:
    """Until when a coupon issued then is good; journal.NEVER_MS for an offer without an end."""
    ends = [NEVER_MS]
    if offer.valid_for_seconds:
        ends.append(issued_ms + offer.valid_for_seconds * 1000)
    if offer.valid_until_ms:
        ends.append(offer.valid_until_ms)
    return min(ends)


def discount(offer: Offer, order_minor_units: int, currency: str) -> tuple[Worth, int]:
    """What the offer takes off an order, in minor units: never more than the order comes to.

    Percentages round down, in the shop's favour.
    """
    if currency != offer.currency:
        return Worth.WRONG_CURRENCY, 0
    if order_minor_units < max(offer.minimum_minor_units, 0):
        return Worth.BELOW_MINIMUM, 0
    if offer.percent_basis_points:
        return Worth.APPLIES, order_minor_units * offer.percent_basis_points // BASIS_POINTS
    return Worth.APPLIES, min(offer.fixed_minor_units, order_minor_units)
