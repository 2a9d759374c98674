"""The ledger's vocabulary: what the parts of this service say to it and hear from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from offers_service.coupon_account import CouponAccount
from offers_service.coupon_outcomes import CouponOutcome

COUPONS_MAX = 100_000
# Coupons of one order that are looked at when another is held or used.
ORDER_COUPONS_MAX = 50

# The relay to profile reads `accounts` by a change stream. Every entry of a coupon carries the
# customer whom it concerns, its campaign and offer; an account of kind "gift" only follows. Of
# origin "list" the issue itself is not told. "extend" (an order's own hold again) is no event, nor
# is "reduce": a coupon is still used when part of its order came back.
ENTRY_EVENT_TYPES = {
    "issue": "coupon_issued",
    "hold": "coupon_held",
    "release": "coupon_released",
    "redeem": "coupon_redeemed",
    "gift": "gift_sent",
    "claim": "gift_claimed",
    "cancel": "gift_returned",
    "decline": "gift_returned",
    "return": "gift_returned",
    "reverse": "coupon_reversed",
    "keep": "coupon_reversed",
    "revoke": "coupon_revoked",
    # Of points: what an order earned or spent is in the order's own events.
    "give_points": "gift_sent",
    "receive_points": "gift_claimed",
    "points_returned": "gift_returned",
    "expire_points": "points_expired",
    "tier": "tier_changed",
    # Of invitations: who signed up, whose order earned both a reward, and who brought them.
    "invite_accept": "invitation_accepted",
    "invite_qualify": "invitation_qualified",
    "invite_reward": "invitation_rewarded",
    "invite_reverse": "invitation_reversed",
    "staff_claim": "staff_discount_claimed",
}


class Origin(StrEnum):
    """Why a coupon exists; a list issue is not reported to profile coupon by coupon."""

    DIRECT = "direct"
    CAMPAIGN = "campaign"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Issued:
    """outcome: APPLIED, ALREADY_ISSUED, OFFER_ENDED, NOT_FOUND (the offer), REQUEST_CONFLICT,
    CUSTOMER_LIMIT_REACHED, BUDGET_EXHAUSTED.

    coupon_id and coupon are there for the first two.
    """

    outcome: CouponOutcome
    coupon_id: str = ""
    coupon: CouponAccount | None = None


@dataclass(frozen=True, slots=True)
class IssuedMany:
    """outcome: APPLIED, or for the offer named OFFER_ENDED or NOT_FOUND, or REQUEST_CONFLICT."""

    outcome: CouponOutcome
    issued_count: int = 0
    already_issued_count: int = 0
    offer_id: str = ""
    limit_reached_count: int = 0
    budget_exhausted_count: int = 0


class CampaignFigures(NamedTuple):
    """What the ledger knows of the coupons of one campaign and offer. gifted_count: those that
    went through at least one claimed gift; discount_minor_units: given by the redeemed ones."""

    offer_id: str
    issued_count: int
    redeemed_count: int
    gifted_count: int
    discount_minor_units: int
