"""What may be done with a gift: offer, claim, cancel. Pure decisions on the coupon's account.

While a gift is open its coupon is in escrow: until someone claims it, the giver cancels, or the
time runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from offers_service import codes, journal
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
from offers_service.coupons import NeedsOffer
from offers_service.gift_account import Gift, GiftState, tell
from offers_service.journal import Request
from offers_service.offers import Offer

OPEN_SECONDS_DEFAULT = 7 * 24 * 3600


class GiftOutcome(StrEnum):
    """What came of a step; everything but APPLIED changed nothing."""

    APPLIED = "applied"
    NOT_FOUND = "not_found"
    NOT_OWNER = "not_owner"
    COUPON_NOT_AVAILABLE = "coupon_not_available"
    COUPON_EXPIRED = "coupon_expired"
    NOT_GIFTABLE = "not_giftable"
    ALREADY_CLAIMED = "already_claimed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SELF_GIFT = "self_gift"
    NOT_A_MEMBER = "not_a_member"
    REQUEST_CONFLICT = "request_conflict"


class GiftDecision(msgspec.Struct, frozen=True):
    """account is the coupon as it has to be saved (the same object: nothing to save); coupon and
    gift are as the answer shows them."""

    outcome: GiftOutcome
    gift: Gift | None
    coupon: CouponAccount | None
    account: CouponAccount | None


class OfferGift(msgspec.Struct, frozen=True):
    """only_owner: a customer who acts in person sees nobody else's coupons."""

    request: Request
    giver: str
    open_seconds: int
    now_ms: int
    only_owner: str = ""


class ClaimGift(msgspec.Struct, frozen=True):
    """same_person: giver and claimer are one customer under merged identifiers."""

    request: Request
    gift_id: str
    claimer: str
    now_ms: int
    same_person: bool = False


class CancelGift(msgspec.Struct, frozen=True):
    """By the giver."""

    request: Request
    gift_id: str
    giver: str
    now_ms: int


_OUTCOME_BY_STATE = {
    GiftState.CLAIMED: GiftOutcome.ALREADY_CLAIMED,
    GiftState.CANCELLED: GiftOutcome.CANCELLED,
    GiftState.EXPIRED: GiftOutcome.EXPIRED,
}


def offer_gift(
    account: CouponAccount | None,
    command: OfferGift,
    secrets: Secrets,
    offer_of: Callable[[str], Offer | None],
) -> GiftDecision | NeedsOffer:
    """Puts the coupon into escrow, from where it goes to whoever claims it."""
    if account is None:
        return _refused(GiftOutcome.NOT_FOUND, None)
    if known := _repeated(account, command.request, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    offer = offer_of(account.offer)
    if offer is None:
        return NeedsOffer(account.offer, account)
    if refusal := _not_givable(current, command, offer, now_ms):
        return _refused(refusal, account)
    gift = codes.gift_id(account.key.a, current.v + 1)
    until_ms = now_ms + (command.open_seconds or OPEN_SECONDS_DEFAULT) * 1000
    until_ms = min(until_ms, account.valid_until_ms)
    escrowed = move(current, Kind.GIFT, command.request, now_ms, gift=gift, until_ms=until_ms)
    return GiftDecision(GiftOutcome.APPLIED, tell(escrowed, gift), escrowed, escrowed)


def claim_gift(account: CouponAccount | None, command: ClaimGift, secrets: Secrets) -> GiftDecision:
    """Gives the coupon to its new owner, with a new code."""
    if account is None:
        return _refused(GiftOutcome.NOT_FOUND, None)
    if known := _repeated(account, command.request, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    if closed := _closed(account, command.gift_id, now_ms):
        return closed
    if command.same_person or command.claimer == account.owner:
        return _refused(GiftOutcome.SELF_GIFT, account)
    claimed = move(
        account,
        Kind.CLAIM,
        command.request,
        now_ms,
        owner=command.claimer,
        gift=command.gift_id,
        secrets=secrets,
    )
    gift = tell(claimed, command.gift_id)
    return GiftDecision(GiftOutcome.APPLIED, gift, claimed, claimed)


def cancel_gift(
    account: CouponAccount | None, command: CancelGift, secrets: Secrets
) -> GiftDecision:
    """Takes an open gift back."""
    gift = tell(account, command.gift_id) if account else None
    if account is None or gift is None:
        return _refused(GiftOutcome.NOT_FOUND, account)
    if known := _repeated(account, command.request, secrets):
        return known
    if gift.giver != command.giver:
        return _refused(GiftOutcome.NOT_OWNER, account)
    now_ms = instant(account, command.now_ms)
    if closed := _closed(account, command.gift_id, now_ms):
        return closed
    back = move(account, Kind.CANCEL, command.request, now_ms, gift=command.gift_id)
    return GiftDecision(GiftOutcome.APPLIED, tell(back, command.gift_id), back, back)


def _not_givable(
    account: CouponAccount, command: OfferGift, offer: Offer, now_ms: int
) -> GiftOutcome | None:
    if command.only_owner and account.owner != command.only_owner:
        return GiftOutcome.NOT_FOUND
    if account.owner != command.giver:
        return GiftOutcome.NOT_OWNER
    if account.state is not CouponState.AVAILABLE:
        return GiftOutcome.COUPON_NOT_AVAILABLE
    if account.valid_until_ms <= now_ms:
        return GiftOutcome.COUPON_EXPIRED
    return None if offer.giftable else GiftOutcome.NOT_GIFTABLE


def _closed(account: CouponAccount, gift_id: str, now_ms: int) -> GiftDecision | None:
    """The refusal when the gift is no longer open."""
    gift = tell(account, gift_id, now_ms)
    if gift is None:
        return _refused(GiftOutcome.NOT_FOUND, account)
    if gift.state is GiftState.OFFERED:
        return None
    return GiftDecision(_OUTCOME_BY_STATE[gift.state], gift, None, account)


def _repeated(account: CouponAccount, request: Request, secrets: Secrets) -> GiftDecision | None:
    known = journal.answered(account, request)
    if known is None:
        return None
    number, same = known
    if not same:
        return _refused(GiftOutcome.REQUEST_CONFLICT, account)
    then = as_of(account, number, secrets)
    gift = tell(then, then.entries[-1].gift)
    return GiftDecision(GiftOutcome.APPLIED, gift, then, account)


def _refused(outcome: GiftOutcome, account: CouponAccount | None) -> GiftDecision:
    return GiftDecision(outcome, None, None, account)
