"""Which coupons apply to a cart, which do not and why. Pure; nothing is held."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from offers_service.combinations import Combination, best
from offers_service.coupon_account import CouponAccount, CouponState, instant, lapse
from offers_service.discounts import Candidate, Cart, Fit, apply, covered, fit, start
from offers_service.offers import Offer, begun, stack


class Verdict(StrEnum):
    """Whether a coupon is part of the best combination, and if not, why."""

    APPLIES = "applies"
    BELOW_MINIMUM = "below_minimum"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_STACKABLE = "not_stackable"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    HELD_BY_OTHER_ORDER = "held_by_other_order"
    WRONG_CURRENCY = "wrong_currency"
    NOT_OWNER = "not_owner"
    ALREADY_REDEEMED = "already_redeemed"
    IN_ESCROW = "in_escrow"
    REVOKED = "revoked"
    NO_EFFECT = "no_effect"
    UNKNOWN_CODE = "unknown_code"
    TOO_MANY_TRIES = "too_many_tries"


class Presented(msgspec.Struct, frozen=True):
    """A coupon of the wallet, or one that came by code; account and offer None: unknown code."""

    account: CouponAccount | None
    offer: Offer | None
    code: str = ""


class Asking(msgspec.Struct, frozen=True):
    """Who asks, for which order; customer "" is a guest, order "" an order not yet begun."""

    customer: str
    order: str
    now_ms: int


class Judged(msgspec.Struct, frozen=True):
    """alone: what the coupon would take off by itself; missing: to its minimum; conflicts: coupons
    of the best combination with which it cannot be used."""

    presented: Presented
    verdict: Verdict
    alone: int = 0
    missing: int = 0
    conflicts: tuple[str, ...] = ()


class Evaluation(msgspec.Struct, frozen=True):
    """One judgement for each coupon presented, in their order."""

    judged: tuple[Judged, ...]
    combination: Combination


_VERDICT_BY_STATE = {
    CouponState.REDEEMED: Verdict.ALREADY_REDEEMED,
    CouponState.ESCROWED: Verdict.IN_ESCROW,
    CouponState.REVOKED: Verdict.REVOKED,
}


def unusable(account: CouponAccount, offer: Offer, asking: Asking) -> Verdict | None:
    """Why the coupon cannot be used in the order, whatever is in the cart."""
    now_ms = instant(account, asking.now_ms)
    current = lapse(account, now_ms)
    if asking.customer and current.owner != asking.customer:
        return Verdict.NOT_OWNER
    if verdict := _VERDICT_BY_STATE.get(current.state):
        return verdict
    if current.valid_until_ms <= now_ms:
        return Verdict.EXPIRED
    held = current.state is CouponState.HELD or current.state is CouponState.HOLDING
    if held and current.order != asking.order:
        return Verdict.HELD_BY_OTHER_ORDER
    return None if begun(offer, now_ms) else Verdict.NOT_YET_VALID


def evaluate(cart: Cart, presented: Sequence[Presented], asking: Asking) -> Evaluation:
    """Judges every coupon and finds the best combination of those that apply."""
    judged = [_judge(cart, one, asking) for one in presented]
    offers: dict[str, Offer] = {}
    candidates: dict[str, Candidate] = {}
    for one in judged:
        account, offer = one.presented.account, one.presented.offer
        if one.verdict is Verdict.APPLIES and account is not None and offer is not None:
            coupon_id = account.key.a
            offers[coupon_id] = offer
            candidates[coupon_id] = Candidate(coupon_id, offer, account.valid_until_ms)
    found = best(cart, list(candidates.values()))
    chosen = {effect.coupon_id: offers[effect.coupon_id] for effect in found.effects}
    return Evaluation(tuple([_compare(one, chosen) for one in judged]), found)


def _judge(cart: Cart, presented: Presented, asking: Asking) -> Judged:
    account, offer = presented.account, presented.offer
    if account is None or offer is None:
        return Judged(presented, Verdict.UNKNOWN_CODE)
    if refusal := unusable(account, offer, asking):
        return Judged(presented, refusal)
    fits, missing = fit(cart, offer)
    if fits is not Fit.APPLIES:
        return Judged(presented, Verdict[fits.name], missing=missing)
    own = Candidate(account.key.a, offer, account.valid_until_ms)
    effect, _ = apply(cart, start(cart), own, covered(cart, offer))
    return Judged(presented, Verdict.APPLIES, alone=effect.discount)


def _compare(judged: Judged, chosen: dict[str, Offer]) -> Judged:
    """Why a coupon that applies is not among the best."""
    account, offer = judged.presented.account, judged.presented.offer
    if judged.verdict is not Verdict.APPLIES or account is None or offer is None:
        return judged
    if account.key.a in chosen:
        return judged
    conflicts = tuple(coupon_id for coupon_id, other in chosen.items() if not stack(offer, other))
    verdict = Verdict.NOT_STACKABLE if conflicts else Verdict.NO_EFFECT
    return msgspec.structs.replace(judged, verdict=verdict, conflicts=conflicts)
