"""What may be done with a gift: offer, claim, cancel, decline. Pure, on the coupon's account.

While a gift is open its coupon is in escrow: until someone claims it, the giver cancels, the one
for whom it is meant declines, or the time runs out. It is never open for longer than the coupon is
good, so that nobody claims what is worth nothing.
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
from offers_service.gift_account import GENERATION, RECIPIENT, Gift, GiftState, tell
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
    DECLINED = "declined"
    NOT_RECIPIENT = "not_recipient"
    RECIPIENT_NOT_FOUND = "recipient_not_found"
    REGIFT_LIMIT_REACHED = "regift_limit_reached"
    GIVER_DAY_LIMIT_REACHED = "giver_day_limit_reached"
    RECIPIENT_DAY_LIMIT_REACHED = "recipient_day_limit_reached"
    SIGN_UP_CONFLICT = "sign_up_conflict"
    TOO_MANY_TRIES = "too_many_tries"


class GiftDecision(msgspec.Struct, frozen=True):
    """account is the coupon as it has to be saved (the same object: nothing to save); coupon and
    gift are as the answer shows them."""

    outcome: GiftOutcome
    gift: Gift | None
    coupon: CouponAccount | None
    account: CouponAccount | None


Facts = tuple[tuple[str, str], ...]


class OfferGift(msgspec.Struct, frozen=True):
    """only_owner: a customer who acts in person sees nobody else's coupons. recipient: the only one
    who may claim it; empty for whoever has the link. facts: noted in the journal."""

    request: Request
    giver: str
    open_seconds: int
    now_ms: int
    only_owner: str = ""
    recipient: str = ""
    facts: Facts = ()


class ClaimGift(msgspec.Struct, frozen=True):
    """same_person: giver and claimer are one customer under merged identifiers; meant: the gift
    is for the claimer, or for anybody. facts: noted in the journal."""

    request: Request
    gift_id: str
    claimer: str
    now_ms: int
    same_person: bool = False
    meant: bool = True
    facts: Facts = ()


class CancelGift(msgspec.Struct, frozen=True):
    """By the giver."""

    request: Request
    gift_id: str
    giver: str
    now_ms: int


class DeclineGift(msgspec.Struct, frozen=True):
    """meant: whoever declines is the one for whom the gift is meant."""

    request: Request
    gift_id: str
    now_ms: int
    meant: bool


_OUTCOME_BY_STATE = {
    GiftState.CLAIMED: GiftOutcome.ALREADY_CLAIMED,
    GiftState.CANCELLED: GiftOutcome.CANCELLED,
    GiftState.EXPIRED: GiftOutcome.EXPIRED,
    GiftState.DECLINED: GiftOutcome.DECLINED,
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
    meant_for = ((RECIPIENT, command.recipient),) if command.recipient else ()
    escrowed = move(
        current,
        Kind.GIFT,
        command.request,
        now_ms,
        gift=gift,
        until_ms=until_ms,
        facts=(*meant_for, *command.facts),
    )
    return GiftDecision(GiftOutcome.APPLIED, tell(escrowed, gift), escrowed, escrowed)


def claim_gift(account: CouponAccount | None, command: ClaimGift, secrets: Secrets) -> GiftDecision:
    """Gives the coupon to its new owner, with a new code."""
    if account is None:
        return _refused(GiftOutcome.NOT_FOUND, None)
    if answer := answered_claim(account, command.request, command.gift_id, command.now_ms, secrets):
        return answer
    if command.same_person or command.claimer == account.owner:
        return _refused(GiftOutcome.SELF_GIFT, account)
    if not command.meant:
        return _refused(GiftOutcome.NOT_RECIPIENT, account)
    claimed = move(
        account,
        Kind.CLAIM,
        command.request,
        instant(account, command.now_ms),
        owner=command.claimer,
        gift=command.gift_id,
        facts=((GENERATION, str(account.generation + 1)), *command.facts),
        secrets=secrets,
    )
    gift = tell(claimed, command.gift_id)
    return GiftDecision(GiftOutcome.APPLIED, gift, claimed, claimed)


def answered_claim(
    account: CouponAccount, request: Request, gift_id: str, now_ms: int, secrets: Secrets
) -> GiftDecision | None:
    """The answer to a claim, whoever claims: to a repeat, or when the gift is not open any more."""
    if known := _repeated(account, request, secrets):
        return known
    return _closed(account, gift_id, instant(account, now_ms))


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


def decline_gift(
    account: CouponAccount | None, command: DeclineGift, secrets: Secrets
) -> GiftDecision:
    """Sends an open gift back to its giver."""
    if account is None:
        return _refused(GiftOutcome.NOT_FOUND, None)
    if known := _repeated(account, command.request, secrets):
        return known
    if not command.meant:
        return _refused(GiftOutcome.NOT_RECIPIENT, account)
    now_ms = instant(account, command.now_ms)
    if closed := _closed(account, command.gift_id, now_ms):
        return closed
    back = move(account, Kind.DECLINE, command.request, now_ms, gift=command.gift_id)
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
    if not offer.giftable:
        return GiftOutcome.NOT_GIFTABLE
    spent = 0 < offer.gift_times_max <= account.generation
    return GiftOutcome.REGIFT_LIMIT_REACHED if spent else None


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
