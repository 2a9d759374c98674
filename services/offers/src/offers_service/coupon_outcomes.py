"""What comes of a step on a coupon. Pure."""

from __future__ import annotations

from enum import StrEnum


class CouponOutcome(StrEnum):
    """What came of a step; everything but APPLIED left the coupon as it was."""

    APPLIED = "applied"
    NOT_FOUND = "not_found"
    NOT_OWNER = "not_owner"
    ALREADY_REDEEMED = "already_redeemed"
    HELD_BY_OTHER_ORDER = "held_by_other_order"
    NOT_HELD = "not_held"
    EXPIRED = "expired"
    IN_ESCROW = "in_escrow"
    BELOW_MINIMUM = "below_minimum"
    WRONG_CURRENCY = "wrong_currency"
    REQUEST_CONFLICT = "request_conflict"
    ALREADY_ISSUED = "already_issued"
    OFFER_ENDED = "offer_ended"
    CUSTOMER_LIMIT_REACHED = "customer_limit_reached"
    NOT_YET_VALID = "not_yet_valid"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_STACKABLE = "not_stackable"
    NO_EFFECT = "no_effect"
    NEEDS_CART = "needs_cart"
    ABOVE_HOLD = "above_hold"
    REVOKED = "revoked"
    NOT_REDEEMED = "not_redeemed"
    OTHER_ORDER = "other_order"
    ALREADY_REVERSED = "already_reversed"
    RETURN_EXCEEDS_ORDER = "return_exceeds_order"
    BUDGET_EXHAUSTED = "budget_exhausted"
