"""What may be done with a coupon: issue, hold, redeem, release. Pure.

A hold or an escrow whose time has run out counts as given back, and the step that finds it so
writes that down first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from offers_service import journal
from offers_service.codes import Secrets
from offers_service.coupon_account import (
    BOOKS,
    UNANSWERED,
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
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.journal import Entry, Request
from offers_service.offers import (
    Offer,
    Worth,
    begun,
    coupon_end_ms,
    discount,
    ended,
    points_for,
)
from offers_service.turns import Order, Taken, Turns, take

HOLD_SECONDS_DEFAULT = 900

D = TypeVar("D")


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


class Room(msgspec.Struct, frozen=True):
    """What the budget of the coupon's campaign has left, as far as is known. stripe: from 0, the
    one to ask first. read_for: the version of the coupon for whose step it was read, so that a
    refusal may rest on it; 0 for what was last seen."""

    free: int
    stripe: int = 0
    read_for: int = 0


class NeedsRoom(msgspec.Struct, frozen=True):
    """The decision has to be taken again with what the campaign's budget has left at hand; nothing
    to save."""

    campaign: str
    account: CouponAccount


class Issue(msgspec.Struct, frozen=True):
    """A coupon for `owner`. repeat_applies: the request is the account's cause (direct issue), so
    its repeat answers APPLIED; otherwise a second time is ALREADY_ISSUED. budget: how many stripes
    the campaign's budget of money has, 0 for none."""

    key: AccountKey
    owner: str
    campaign: str
    offer: Offer
    origin: str
    request: Request
    now_ms: int
    repeat_applies: bool = False
    budget: int = 0


class Hold(msgspec.Struct, frozen=True):
    """only_owner: a customer who acts in person sees nobody else's coupons. content: the order
    line by line; without it only order_minor_units are known."""

    request: Request
    customer: str
    order: str
    order_minor_units: int
    currency: str
    hold_seconds: int
    now_ms: int
    only_owner: str = ""
    content: Order | None = None


class NeedsTurns(msgspec.Struct, frozen=True):
    """It has to be known whether the order's coupons saw each other when they were held (Turns);
    nothing to save."""

    account: CouponAccount


class Settle(msgspec.Struct, frozen=True):
    """Redeems a held coupon or releases it. For REDEEM, content: the final order, or without it
    turns, once they are known."""

    request: Request
    order: str
    now_ms: int
    only_owner: str = ""
    content: Order | None = None
    turns: Turns | None = None


_REFUSALS = {
    CouponState.REDEEMED: CouponOutcome.ALREADY_REDEEMED,
    CouponState.ESCROWED: CouponOutcome.IN_ESCROW,
    CouponState.REVOKED: CouponOutcome.REVOKED,
}


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
        stripe=command.budget,
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


def issue_in_place(account: CouponAccount | None, command: Issue, secrets: Secrets) -> Decision:
    """Issues into one of the places that an offer's limit leaves to a customer, if it is free or
    has what the same cause gave; CUSTOMER_LIMIT_REACHED otherwise."""
    if account is None:
        return issue(None, command, secrets)
    first = account.entries[0]
    wanted = command.campaign, command.origin, command.request.request_id
    same = wanted == (first.campaign, first.origin, first.request)
    if same and command.repeat_applies:
        same = first.actor == command.request.actor
    if not same:
        return Decision(CouponOutcome.CUSTOMER_LIMIT_REACHED, None, account)
    return issue(account, command, secrets)


def hold(
    account: CouponAccount | None,
    command: Hold,
    secrets: Secrets,
    offer_of: Callable[[str], Offer | None],
    room_of: Callable[[str], Room | None] = lambda _: None,
) -> Decision | NeedsOffer | NeedsRoom:
    """Sets the coupon aside for an order; the order's own hold is extended. Under a budget of
    money the coupon is then HOLDING, until the budget has answered."""
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := recall(account, command.request, command.only_owner, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    offer = offer_of(account.offer)
    if offer is None:
        return NeedsOffer(account.offer, account)
    taken = _holdable(current, command, offer, now_ms) or _take(current, command, offer)
    if isinstance(taken, CouponOutcome):
        shown = None if taken is CouponOutcome.NOT_OWNER else account
        return Decision(taken, shown, account)
    stripe = _asked_stripe(account, current, taken.discount, room_of)
    if not isinstance(stripe, int):
        exhausted = Decision(CouponOutcome.BUDGET_EXHAUSTED, account, account)
        return NeedsRoom(account.campaign, account) if stripe is None else exhausted
    until_ms = now_ms + (command.hold_seconds or HOLD_SECONDS_DEFAULT) * 1000
    again = current.state is CouponState.HELD
    kind = Kind.EXTEND if again else Kind.HOLD
    held = move(
        current,
        Kind.ASK if stripe else kind,
        command.request,
        now_ms,
        order=command.order,
        until_ms=min(until_ms, account.valid_until_ms),
        discount=taken.discount,
        points=taken.points,
        cart=taken.cart,
        stripe=stripe,
    )
    return Decision(CouponOutcome.APPLIED, held, held)


def _asked_stripe(
    account: CouponAccount,
    current: CouponAccount,
    wanted: int,
    room_of: Callable[[str], Room | None],
) -> int | CouponOutcome | None:
    """The stripe (from 1) to ask first for what the order gets more than now: 0 if no budget has
    to be asked, BUDGET_EXHAUSTED if it would be in vain, None if its room has to be read.

    Read it has to be before a refusal, and after the stripes refused, since what one had may have
    been on its way to another. What an overdue hold of the coupon has is given back first.
    """
    missing = wanted - current.discount
    if not account.budget or missing <= 0:
        return 0
    room = room_of(account.campaign)
    if room is None:
        return None
    free = room.free + account.discount - current.discount
    denied = account.entries[-1].kind in {Kind.DENY, Kind.DENY_EXTEND}
    if room.read_for != account.v and (denied or free < missing):
        return None
    if free < missing:
        return CouponOutcome.BUDGET_EXHAUSTED
    return current.stripe or room.stripe % account.budget + 1


def redeem(
    account: CouponAccount | None,
    command: Settle,
    secrets: Secrets,
    offer_of: Callable[[str], Offer | None] = lambda _: None,
) -> Decision | NeedsOffer | NeedsTurns:
    """Uses the coupon up for the order that holds it; its offer is needed for a final order."""
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := recall(account, command.request, command.only_owner, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    if refusal := _not_settleable(current, command.order, now_ms, Kind.REDEEM):
        return Decision(refusal, account, account)
    taken = _final(account, current, command, offer_of)
    if isinstance(taken, NeedsOffer | NeedsTurns):
        return taken
    if isinstance(taken, CouponOutcome):
        return Decision(taken, account, account)
    used = move(
        current,
        Kind.REDEEM,
        command.request,
        now_ms,
        order=current.order,
        discount=taken.discount,
        points=taken.points,
        cart=taken.cart,
    )
    return Decision(CouponOutcome.APPLIED, used, used)


def _final(
    account: CouponAccount,
    current: CouponAccount,
    command: Settle,
    offer_of: Callable[[str], Offer | None],
) -> Taken | CouponOutcome | NeedsOffer | NeedsTurns:
    """What the order gets in the end: what the final cart is worth, or what was held."""
    if command.content is None:
        if current.cart and command.turns is None:
            return NeedsTurns(account)
        if command.turns is Turns.CLASH:
            return CouponOutcome.NEEDS_CART
        return Taken(current.discount, current.points, current.cart)
    offer = offer_of(account.offer)
    if offer is None:
        return NeedsOffer(account.offer, account)
    taken = take(current, command.content, offer)
    if isinstance(taken, Taken) and taken.discount > current.discount:
        return CouponOutcome.ABOVE_HOLD
    return taken


def release(account: CouponAccount | None, command: Settle, secrets: Secrets) -> Decision:
    """Gives the coupon back from the order that holds it."""
    if account is None:
        return Decision(CouponOutcome.NOT_FOUND, None, None)
    if known := recall(account, command.request, command.only_owner, secrets):
        return known
    now_ms = instant(account, command.now_ms)
    current = lapse(account, now_ms)
    if refusal := _not_settleable(current, command.order, now_ms, Kind.RELEASE):
        return Decision(refusal, account, account)
    free = move(current, Kind.RELEASE, command.request, now_ms, order=current.order)
    return Decision(CouponOutcome.APPLIED, free, free)


def of_coupon(decide: Callable[[Any], D], account: Any) -> D | Decision:
    """The decision about what is stored under a coupon's id, which need not be a coupon: a closed
    place has such an id too."""
    if account is not None and not isinstance(account, CouponAccount):
        return Decision(CouponOutcome.NOT_FOUND, None, account)
    return decide(account)


def recall(
    account: CouponAccount, request: Request, only_owner: str, secrets: Secrets
) -> Decision | None:
    """The answer to a repeat, or to a customer whose coupon this is not."""
    repeated = _repeated(account, request, secrets)
    if repeated is None and only_owner and account.owner != only_owner:
        return Decision(CouponOutcome.NOT_FOUND, None, account)
    return repeated


def _repeated(account: CouponAccount, request: Request, secrets: Secrets) -> Decision | None:
    known = journal.answered(account, request, UNANSWERED)
    if known is None:
        return None
    number, same = known
    if not same:
        return Decision(CouponOutcome.REQUEST_CONFLICT, None, account)
    return Decision(CouponOutcome.APPLIED, as_of(account, number, secrets), account)


def _holdable(
    account: CouponAccount, command: Hold, offer: Offer, now_ms: int
) -> CouponOutcome | None:
    """Why the customer may not use the coupon in this order at all."""
    if account.owner != command.customer:
        return CouponOutcome.NOT_OWNER
    if refusal := _REFUSALS.get(account.state):
        return refusal
    if account.valid_until_ms <= now_ms:
        return CouponOutcome.EXPIRED
    if account.state is CouponState.HELD and account.order != command.order:
        return CouponOutcome.HELD_BY_OTHER_ORDER
    return None if begun(offer, now_ms) else CouponOutcome.NOT_YET_VALID


def _take(account: CouponAccount, command: Hold, offer: Offer) -> Taken | CouponOutcome:
    """What the order gets, or why nothing."""
    if command.content is not None:
        return take(account, command.content, offer)
    worth, off = discount(offer, command.order_minor_units, command.currency)
    if worth is not Worth.APPLIES:
        return CouponOutcome[worth.name]
    return Taken(off, points_for(offer, command.order_minor_units) if offer.points else 0)


def _not_settleable(
    account: CouponAccount, order: str, now_ms: int, kind: Kind
) -> CouponOutcome | None:
    if refusal := _REFUSALS.get(account.state):
        return refusal
    if account.state is CouponState.HELD:
        return None if account.order == order else CouponOutcome.HELD_BY_OTHER_ORDER
    expired = kind is Kind.REDEEM and account.valid_until_ms <= now_ms
    return CouponOutcome.EXPIRED if expired else CouponOutcome.NOT_HELD
