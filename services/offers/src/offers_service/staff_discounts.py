"""A discount that a member of staff gives to one customer, who claims it online. Pure.

Its account is OPEN until somebody claims it with its code, staff take it back, or its time runs
out, which is derived. The claim leads: what follows from it, that the customer in the store and the
one online are linked and that a coupon is issued, is noted when it was done.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.staff_allowances import StaffMonth

BOOK = "staff_discounts"
SYSTEM = Request("", "system:staff_discount", b"")
_GIVE, _CLAIM, _CANCEL, _DONE = "staff_give", "staff_claim", "staff_cancel", "staff_done"


class StaffDiscountOutcome(StrEnum):
    """What came of a step; everything but APPLIED changed nothing."""

    APPLIED = "applied"
    NO_ALLOWANCE = "no_allowance"
    ABOVE_ONCE = "above_once"
    DAY_SPENT = "day_spent"
    MONTH_SPENT = "month_spent"
    NOT_FOUND = "not_found"
    NOT_A_MEMBER = "not_a_member"
    OTHER_CUSTOMER = "other_customer"
    SIGN_UP_CONFLICT = "sign_up_conflict"
    ALREADY_CLAIMED = "already_claimed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REQUEST_CONFLICT = "request_conflict"
    TOO_MANY_TRIES = "too_many_tries"


class DiscountState(StrEnum):
    """Where a discount is; EXPIRED is only ever derived."""

    OPEN = "open"
    CLAIMED = "claimed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Link(StrEnum):
    """What became of the customer in the store when the discount was claimed."""

    NONE = "none"
    LINKED = "linked"
    CONFLICT = "conflict"


class StaffDiscount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="staff_discount"
):
    """owner is the member of staff; customer the one in the store, empty for nobody known; offer
    that of the coupon; lookup the keyed hash of the code; link and coupon are there once what
    follows from a claim was done."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    state: DiscountState
    owner: str
    offer: str
    amount: int
    given_ms: int
    expire_ms: int
    lookup: bytes
    hash: bytes
    entries: tuple[Entry, ...]
    store: str = ""
    customer: str = ""
    claimer: str = ""
    claimed_ms: int = 0
    link: str = ""
    coupon: str = ""

    @property
    def account_id(self) -> str:
        """The discount's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


StaffAccount = StaffMonth | StaffDiscount


class Give(msgspec.Struct, frozen=True):
    """By a member of staff in a store."""

    key: AccountKey
    request: Request
    store: str
    customer: str
    offer: str
    amount: int
    open_seconds: int
    now_ms: int


class DiscountDecision(msgspec.Struct, frozen=True):
    """account: as it has to be saved, the very same object when there is nothing to save."""

    outcome: StaffDiscountOutcome
    account: StaffDiscount | None


def shown_state(account: StaffDiscount, now_ms: int) -> DiscountState:
    """EXPIRED for an open one past its end."""
    ended = account.state is DiscountState.OPEN and account.expire_ms <= now_ms
    return DiscountState.EXPIRED if ended else account.state


def give(account: StaffDiscount | None, command: Give, secrets: Secrets) -> DiscountDecision:
    """Opens a discount: its id follows from the request, so a repeat meets it."""
    if account is not None:
        same = account.entries[0].print == command.request.print
        known = StaffDiscountOutcome.APPLIED if same else StaffDiscountOutcome.REQUEST_CONFLICT
        return DiscountDecision(known, account)
    entry = replace(
        _entry(_GIVE, command.request.actor, command.request, command.now_ms),
        offer=command.offer,
        origin=command.store,
        coupon=command.customer,
        discount=command.amount,
        until_ms=command.now_ms + command.open_seconds * 1000,
    )
    key = command.key
    opened = _begin(key, journal.seal(key.t, None, key.a, entry), secrets)
    return DiscountDecision(StaffDiscountOutcome.APPLIED, opened)


def claim(
    account: StaffDiscount | None, request: Request, claimer: str, now_ms: int
) -> DiscountDecision:
    """Makes an open discount the claimer's."""
    return _close(account, _CLAIM, request, claimer, now_ms)


def cancel(account: StaffDiscount | None, request: Request, now_ms: int) -> DiscountDecision:
    """Takes an open discount back."""
    owner = account.owner if account else ""
    return _close(account, _CANCEL, request, owner, now_ms)


def _close(
    account: StaffDiscount | None, kind: str, request: Request, owner: str, now_ms: int
) -> DiscountDecision:
    if account is None:
        return DiscountDecision(StaffDiscountOutcome.NOT_FOUND, None)
    answered = journal.answered(account, request)
    if answered is not None:
        same = StaffDiscountOutcome.APPLIED if answered[1] else _CONFLICT
        return DiscountDecision(same, account)
    state = shown_state(account, now_ms)
    if state is not DiscountState.OPEN:
        return DiscountDecision(_CLOSED[state], account)
    entry = replace(
        _entry(kind, owner, request, now_ms), offer=account.offer, discount=account.amount
    )
    after = fold(account, journal.seal(account.key.t, account, account.key.a, entry))
    return DiscountDecision(StaffDiscountOutcome.APPLIED, after)


def done(account: StaffDiscount | None, link: Link, coupon: str) -> DiscountDecision:
    """Notes what followed from the claim, once."""
    if account is None or account.state is not DiscountState.CLAIMED or account.link:
        return DiscountDecision(StaffDiscountOutcome.APPLIED, account)
    entry = replace(
        _entry(_DONE, account.claimer, SYSTEM, account.claimed_ms),
        coupon=coupon,
        origin=link.value,
    )
    after = fold(account, journal.seal(account.key.t, account, account.key.a, entry))
    return DiscountDecision(StaffDiscountOutcome.APPLIED, after)


_CONFLICT = StaffDiscountOutcome.REQUEST_CONFLICT
_CLOSED = {
    DiscountState.CLAIMED: StaffDiscountOutcome.ALREADY_CLAIMED,
    DiscountState.CANCELLED: StaffDiscountOutcome.CANCELLED,
    DiscountState.EXPIRED: StaffDiscountOutcome.EXPIRED,
}


def fold(account: StaffDiscount, entry: Entry) -> StaffDiscount:
    """The state after one more sealed entry. Raises ValueError for one that cannot follow."""
    after = replace(account, v=entry.number, hash=entry.hash, entries=(*account.entries, entry))
    match entry.kind, account.state:
        case "staff_claim", DiscountState.OPEN:
            claimed = replace(after, claimer=entry.owner, claimed_ms=entry.at_ms)
            return replace(claimed, state=DiscountState.CLAIMED)
        case "staff_cancel", DiscountState.OPEN:
            return replace(after, state=DiscountState.CANCELLED)
        case "staff_done", DiscountState.CLAIMED if not account.link:
            return replace(after, link=entry.origin, coupon=entry.coupon)
    raise ValueError(f"{entry.kind} cannot follow")


def fault(account: StaffDiscount, secrets: Secrets) -> str | None:
    """What is wrong with a stored discount: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if account.entries[0].kind != _GIVE:
        return "entries are not those of a discount"
    folded = _begin(account.key, account.entries[0], secrets)
    for entry in account.entries[1:]:
        folded = fold(folded, entry)
    return journal.fold_fault(account, folded)


def _entry(kind: str, owner: str, request: Request, now_ms: int) -> Entry:
    return Entry(
        number=0,
        kind=kind,
        debit=BOOK,
        credit=BOOK,
        at_ms=now_ms,
        actor=request.actor,
        owner=owner,
        request=request.request_id,
        print=request.print,
    )


def _begin(key: AccountKey, entry: Entry, secrets: Secrets) -> StaffDiscount:
    return StaffDiscount(
        key=key,
        v=1,
        state=DiscountState.OPEN,
        owner=entry.owner,
        offer=entry.offer,
        amount=entry.discount,
        given_ms=entry.at_ms,
        expire_ms=entry.until_ms,
        lookup=secrets.code_lookup(key.a, 0),
        hash=entry.hash,
        entries=(entry,),
        store=entry.origin,
        customer=entry.coupon,
    )
