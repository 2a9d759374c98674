"""Who gives an unused coupon to whom, and what comes of it."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from dangol.offers.v1.gift_service_pb2 import OfferGiftResponse

from dangol_dev.simulator.diary import DAY_MS
from dangol_dev.simulator.life import HeldCoupon, Life

GIFT_OPEN_DAYS = 3
_GIVING_SHARE = 0.5


class GiftFate(Enum):
    """What becomes of a gift, with the platform's answers that it has to bring about."""

    TO_FAN = ("offer APPLIED", "claim APPLIED")
    # A visitor cannot claim; by signing up they can.
    TO_FRIEND = ("offer APPLIED", "claim NOT_A_MEMBER", "claim APPLIED")
    CANCELLED = ("offer APPLIED", "cancel APPLIED")
    LAPSED = ("offer APPLIED",)
    # Tried with the own link, then left to lapse.
    SELF_CLAIMED = ("offer APPLIED", "claim SELF_GIFT")


_FATES = (
    (GiftFate.TO_FAN, 0.50),
    (GiftFate.TO_FRIEND, 0.22),
    (GiftFate.CANCELLED, 0.08),
    (GiftFate.LAPSED, 0.12),
    (GiftFate.SELF_CLAIMED, 0.08),
)


@dataclass
class Gift:
    """A gift of the shop's season. recipient is a fan's life; a friend's is made on the claim."""

    giver: Life
    coupon: HeldCoupon
    fate: GiftFate
    recipient: Life | None
    close_ms: int
    offered: OfferGiftResponse | None = None


def decide_gift(seed: int, giver: Life, fans: Sequence[Life], now_ms: int) -> Gift | None:
    """Whether the holder of an unused coupon gives it away, decided by a stream of their own."""
    coupon = giver.coupon_to_give
    giver.coupon_to_give = None
    rng = random.Random(f"{seed}/{giver.person.number}/gift")
    close_ms = now_ms + int(rng.uniform(0.5, GIFT_OPEN_DAYS - 1) * DAY_MS)
    if coupon is None or rng.random() >= _GIVING_SHARE:
        return None
    if coupon.end_ms < now_ms + (GIFT_OPEN_DAYS + 1) * DAY_MS:
        return None
    fate = rng.choices([fate for fate, _ in _FATES], [share for _, share in _FATES])[0]
    if fate is GiftFate.SELF_CLAIMED and not giver.member:
        # A visitor's claim is refused for another reason.
        fate = GiftFate.LAPSED
    recipient = None
    if fate is GiftFate.TO_FAN:
        if not fans:
            return None
        recipient = rng.choice(fans)
    return Gift(giver, coupon, fate, recipient, close_ms)


def expected_outcomes(gifts: Sequence[Gift]) -> Counter[str]:
    """The platform's answers that the gifts, all closed, have to have brought about."""
    return Counter(answer for gift in gifts for answer in gift.fate.value)


def expected_states(gifts: Sequence[Gift]) -> dict[str, int]:
    """How many gifts have to be in each state once all are closed."""
    states = {
        GiftFate.TO_FAN: "claimed",
        GiftFate.TO_FRIEND: "claimed",
        GiftFate.CANCELLED: "cancelled",
        GiftFate.LAPSED: "expired",
        GiftFate.SELF_CLAIMED: "expired",
    }
    return dict(Counter(states[gift.fate] for gift in gifts))
