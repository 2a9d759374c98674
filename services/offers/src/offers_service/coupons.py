"""What may be done with a coupon: issue, hold, redeem, release. Pure.

A hold or an escrow whose time has run out counts as given back, and the step that finds it so
writes that down first.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from offers_service import journal
from offers_service.codes import Secrets
from offers_service.coupon_account import (
    BOOKS,
    AccountKey,
    CouponAccount,
    CouponState,
    Kind,
    as_of,
    begin,
    instant,
    lapse,
    move,
)
from offers_service.journal import Entry, Request
from offers_service.offers import Offer, Worth, coupon_end_ms, discount, ended

HOLD_SECONDS_DEFAULT = 900


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


class Decision(msgspec.Struct, frozen=True):
    """coupon: as the answer shows it (a repeat shows what the first answer did); account: as it
    has to be saved, the very same object when there is nothing to save."""

    outcome: CouponOutcome
    coupon: CouponAccount | None
    account: CouponAccount | None


class NeedsOffer(msgspec.Struct, frozen=True):
    """The decision has to be taken again with this offer's terms at hand; nothing to save."""

    offer_id: str
    account: CouponAccount


class Issue(msgspec.Struct, frozen=True):
    """A coupon for `owner`. repeat_applies: the request is the account's cause (direct issue), so
    its repeat answers APPLIED; otherwise a second time is ALREADY_ISSUED."""

    key: AccountKey
    owner: str
    campaign: str
    offer: Offer
    origin: str
    request: Request
    now_ms: int
    repeat_applies: bool = False


class Hold(msgspec.Struct, frozen=True):
    """only_owner: a customer who acts in person sees nobody else's coupons."""

    request: Request
    customer: str
    order: str
    order_minor_units: int
    currency: str
    hold_seconds: int
    now_ms: int
    only_owner: str = ""


class Settle(msgspec.Struct, frozen=True):
    """Redeems a held coupon or releases it."""

    request: Request
    order: str
    now_ms: int
    only_owner: str = ""


def issue_entry(command: Issue) -> Entry:
    """The first entry of a coupon, not yet sealed."""
    return Entry(
        number=1,
        kind=Kind.ISSUE.value,
        debit=f"campaign:{command.campaign}",
        credit=BOOKS[CouponState.AVAILABLE],
        at_ms=command.now_ms,
        actor=command.request.actor,
        owner=command.owner,
        amount=command.offer.fixed_minor_units,
        request=command.request.request_id,
        print=command.request.print,
        campaign=command.campaign,
        offer=command.offer.offer_id,
        origin=command.origin,
        until_ms=coupon_end_ms(command.offer, command.now_ms),
    )


def issue(account: CouponAccount | None, command: Issue, secrets: Secrets) -> Decision:
    """A new coupon, or the one that this cause gave before."""
    if account is not None:
        if not command.repeat_applies:
            return Decision(CouponOutcome.ALREADY_ISSUED, account, account)
        return _repeated(account, command.request, secrets) or Decision(
            CouponOutcome.REQUEST_CONFLICT, None, account
        )
    if ended(command.offer, command.now_ms):
        return Decision(CouponOutcome.OFFER_ENDED, None, None)
    entry = journal.seal(command.key.t, None, command.key.a, issue_entry(command))
    issued = begin(command.key, entry, secrets)
    return Decision(CouponOutcome.APPLIED, issued, issued)


def hold(
    account: CouponAccount | None,
    command: Hold,
    secrets: Secrets,
    offer_of: Callable[[str], Offer | None],
) -> Decision | NeedsOffer:
    """Sets the coupon aside for an order; the order's own hold is extended."""
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := _known(account, command.request, command.only_owner, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    offer = offer_of(account.offer)
    if offer is None:
        return NeedsOffer(account.offer, account)
    refusal, off = _holdable(current, command, offer, now_ms)
    if refusal:
        shown = None if refusal is CouponOutcome.NOT_OWNER else account
        return Decision(refusal, shown, account)
    until_ms = now_ms + (command.hold_seconds or HOLD_SECONDS_DEFAULT) * 1000
    again = current.state is CouponState.HELD
    held = move(
        current,
        Kind.EXTEND if again else Kind.HOLD,
        command.request,
        now_ms,
        order=command.order,
        until_ms=min(until_ms, account.valid_until_ms),
        discount=off,
    )
    return Decision(CouponOutcome.APPLIED, held, held)


def redeem(account: CouponAccount | None, command: Settle, secrets: Secrets) -> Decision:
    """Uses the coupon up for the order that holds it."""
    return _settle(account, command, secrets, Kind.REDEEM)


def release(account: CouponAccount | None, command: Settle, secrets: Secrets) -> Decision:
    """Gives the coupon back from the order that holds it."""
    return _settle(account, command, secrets, Kind.RELEASE)


def _settle(
    account: CouponAccount | None, command: Settle, secrets: Secrets, kind: Kind
) -> Decision:
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := _known(account, command.request, command.only_owner, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    refusal = _not_settleable(current, command.order, now_ms, kind)
    if refusal:
        return Decision(refusal, account, account)
    off = current.discount if kind is Kind.REDEEM else 0
    after = move(current, kind, command.request, now_ms, order=current.order, discount=off)
    return Decision(CouponOutcome.APPLIED, after, after)


def _known(
    account: CouponAccount, request: Request, only_owner: str, secrets: Secrets
) -> Decision | None:
    """The answer to a repeat, or to a customer whose coupon this is not."""
    repeated = _repeated(account, request, secrets)
    if repeated is None and only_owner and account.owner != only_owner:
        return Decision(CouponOutcome.NOT_FOUND, None, account)
    return repeated


def _repeated(account: CouponAccount, request: Request, secrets: Secrets) -> Decision | None:
    known = journal.answered(account, request)
    if known is None:
        return None
    number, same = known
    if not same:
        return Decision(CouponOutcome.REQUEST_CONFLICT, None, account)
    return Decision(CouponOutcome.APPLIED, as_of(account, number, secrets), account)


def _holdable(
    account: CouponAccount, command: Hold, offer: Offer, now_ms: int
) -> tuple[CouponOutcome | None, int]:
    """Why not, or nothing and the discount in minor units."""
    if account.owner != command.customer:
        return CouponOutcome.NOT_OWNER, 0
    if account.state is CouponState.REDEEMED:
        return CouponOutcome.ALREADY_REDEEMED, 0
    if account.state is CouponState.ESCROWED:
        return CouponOutcome.IN_ESCROW, 0
    if account.valid_until_ms <= now_ms:
        return CouponOutcome.EXPIRED, 0
    if account.state is CouponState.HELD and account.order != command.order:
        return CouponOutcome.HELD_BY_OTHER_ORDER, 0
    worth, off = discount(offer, command.order_minor_units, command.currency)
    return (None, off) if worth is Worth.APPLIES else (CouponOutcome[worth.name], 0)


def _not_settleable(
    account: CouponAccount, order: str, now_ms: int, kind: Kind
) -> CouponOutcome | None:
    match account.state:
        case CouponState.REDEEMED:
            return CouponOutcome.ALREADY_REDEEMED
        case CouponState.ESCROWED:
            return CouponOutcome.IN_ESCROW
        case CouponState.HELD:
            same = account.order == order
            return None if same else CouponOutcome.HELD_BY_OTHER_ORDER
    expired = kind is Kind.REDEEM and account.valid_until_ms <= now_ms
    return CouponOutcome.EXPIRED if expired else CouponOutcome.NOT_HELD
