"""Which coupons a customer may better give to a friend: near their end, unlikely to be used. Pure.

Orders are taken as a Poisson process with the rate of the customer's last year. A coupon needs one
order, and one more for each coupon that ends before it and cannot be used in the same order; it is
used with the probability of so many orders before its end: one minus the Poisson distribution's
sum below (Johnson, Kemp and Kotz, Univariate Discrete Distributions, chapter 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from offers_service.coupon_account import CouponAccount, CouponState, lapse
from offers_service.offers import Offer, stack

HISTORY_DAYS = 365
# Below this probability of being used a coupon is suggested.
USE_PROBABILITY_MAX = 0.5
DAY_MS = 86_400_000


class SuggestionOutcome(StrEnum):
    """Whether there is something to suggest."""

    SUGGESTED = "suggested"
    NOTHING = "nothing"
    DAY_LIMIT_REACHED = "day_limit_reached"
    NOT_A_MEMBER = "not_a_member"


class Suggestion(NamedTuple):
    """A coupon to give away, and how likely its owner would use it before it ends."""

    coupon: CouponAccount
    use_probability: float


def suggest(
    coupons: Sequence[CouponAccount],
    offers: Mapping[str, Offer],
    *,
    order_count: int,
    now_ms: int,
    within_ms: int,
) -> list[Suggestion]:
    """Those that end first come first. order_count: orders of the last 365 days."""
    current = [lapse(one, now_ms) for one in coupons]
    usable = sorted(
        (
            one
            for one in current
            if one.state is CouponState.AVAILABLE and one.valid_until_ms > now_ms
        ),
        key=lambda one: (one.valid_until_ms, one.key.a),
    )
    found = []
    for index, one in enumerate(usable):
        if one.valid_until_ms - now_ms > within_ms:
            break
        offer = offers[one.offer]
        if not givable(one, offer):
            continue
        before = [offers[each.offer] for each in usable[:index]]
        orders = 1 + sum(not stack(offer, each) for each in before)
        days = (one.valid_until_ms - now_ms) / DAY_MS
        likely = at_least(orders, order_count * days / HISTORY_DAYS)
        if likely < USE_PROBABILITY_MAX:
            found.append(Suggestion(one, likely))
    return found


def givable(coupon: CouponAccount, offer: Offer) -> bool:
    """Whether the offer lets its owner give it away, also after it has changed hands."""
    return offer.giftable and not 0 < offer.gift_times_max <= coupon.generation


def at_least(count: int, mean: float) -> float:
    """The probability of at least so many events of a Poisson distribution."""
    below = sum(mean**number / math.factorial(number) for number in range(count))
    return max(1.0 - math.exp(-mean) * below, 0.0)
