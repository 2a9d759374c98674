"""A coupon's account: its states, its entries and how they fold. Pure.

A coupon is AVAILABLE, HELD by an order, ESCROWED in a gift or REDEEMED. That it has expired is
derived from valid_until_ms; a hold or an escrow whose time has run out counts as given back.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import Secrets
from offers_service.journal import Entry, Request

SYSTEM_ACTOR = "system:expiry"


class CouponState(StrEnum):
    """Where a coupon is. EXPIRED is only ever derived."""

    AVAILABLE = "available"
    HELD = "held"
    REDEEMED = "redeemed"
    ESCROWED = "escrowed"
    EXPIRED = "expired"


class Kind(StrEnum):
    """What an entry of a coupon's journal records."""

    ISSUE = "issue"
    HOLD = "hold"
    EXTEND = "extend"
    REDEEM = "redeem"
    RELEASE = "release"
    GIFT = "gift"
    CLAIM = "claim"
    CANCEL = "cancel"
    RETURN = "return"


class AccountKey(msgspec.Struct, frozen=True):
    """tenant and account; the order of the fields is the order in MongoDB's _id."""

    t: str
    a: str


class CouponAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="coupon"
):
    """One coupon: its state and its journal. face is what it is worth in minor units, 0 for
    percentages; discount what it takes off the order that holds or used it; due_ms when a hold
    or an escrow ends, 0 for none; lookup the keyed hash of its code."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    state: CouponState
    owner: str
    offer: str
    valid_until_ms: int
    lookup: bytes
    hash: bytes
    entries: tuple[Entry, ...]
    origin: str = ""
    campaign: str = ""
    face: int = 0
    generation: int = 0
    due_ms: int = 0
    order: str = ""
    gift: str = ""
    discount: int = 0

    @property
    def account_id(self) -> str:
        """The coupon's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


BOOKS = {
    CouponState.AVAILABLE: "available",
    CouponState.HELD: "held",
    CouponState.REDEEMED: "redeemed",
    CouponState.ESCROWED: "escrow",
}
STATE_AFTER = {
    Kind.ISSUE: CouponState.AVAILABLE,
    Kind.HOLD: CouponState.HELD,
    Kind.EXTEND: CouponState.HELD,
    Kind.REDEEM: CouponState.REDEEMED,
    Kind.RELEASE: CouponState.AVAILABLE,
    Kind.GIFT: CouponState.ESCROWED,
    Kind.CLAIM: CouponState.AVAILABLE,
    Kind.CANCEL: CouponState.AVAILABLE,
    Kind.RETURN: CouponState.AVAILABLE,
}
_OPENING = frozenset({Kind.HOLD, Kind.EXTEND, Kind.GIFT})
BEFORE: dict[str, CouponState] = {
    Kind.HOLD: CouponState.AVAILABLE,
    Kind.EXTEND: CouponState.HELD,
    Kind.REDEEM: CouponState.HELD,
    Kind.RELEASE: CouponState.HELD,
    Kind.GIFT: CouponState.AVAILABLE,
    Kind.CLAIM: CouponState.ESCROWED,
    Kind.CANCEL: CouponState.ESCROWED,
    Kind.RETURN: CouponState.ESCROWED,
}


def lapse(account: CouponAccount, now_ms: int) -> CouponAccount:
    """The account after its hold or escrow, if overdue, has ended at its own instant."""
    if not 0 < account.due_ms <= now_ms:
        return account
    system = Request("", SYSTEM_ACTOR, b"")
    kind = Kind.RELEASE if account.state is CouponState.HELD else Kind.RETURN
    return move(account, kind, system, account.due_ms, order=account.order, gift=account.gift)


def instant(account: CouponAccount, now_ms: int) -> int:
    """The time at which a step on this account happens: never before its last entry."""
    return max(now_ms, account.entries[-1].at_ms)


def shown_state(account: CouponAccount, now_ms: int) -> CouponState:
    """The state with expiry derived: overdue holds count as released."""
    state = account.state
    if state is CouponState.REDEEMED:
        return state
    if account.valid_until_ms <= now_ms:
        return CouponState.EXPIRED
    return CouponState.AVAILABLE if 0 < account.due_ms <= now_ms else state


def begin(key: AccountKey, entry: Entry, secrets: Secrets) -> CouponAccount:
    """The account that a sealed issue entry opens."""
    return CouponAccount(
        key=key,
        v=1,
        state=CouponState.AVAILABLE,
        owner=entry.owner,
        offer=entry.offer,
        valid_until_ms=entry.until_ms,
        lookup=secrets.code_lookup(key.a, 0),
        hash=entry.hash,
        entries=(entry,),
        origin=entry.origin,
        campaign=entry.campaign,
        face=entry.amount,
    )


def move(
    account: CouponAccount,
    kind: Kind,
    request: Request,
    now_ms: int,
    *,
    owner: str = "",
    order: str = "",
    gift: str = "",
    until_ms: int = 0,
    discount: int = 0,
    secrets: Secrets | None = None,
) -> CouponAccount:
    """Appends one entry and folds it in. secrets are needed for CLAIM, whose code is new."""
    entry = Entry(
        number=0,
        kind=kind.value,
        debit=BOOKS[account.state],
        credit=BOOKS[STATE_AFTER[kind]],
        at_ms=now_ms,
        actor=request.actor,
        owner=owner or account.owner,
        amount=account.face,
        request=request.request_id,
        print=request.print,
        campaign=account.campaign,
        offer=account.offer,
        order=order,
        gift=gift,
        until_ms=until_ms,
        discount=discount,
    )
    if account.v >= journal.ENTRIES_MAX and kind in _OPENING:
        raise journal.JournalFullError(account.key.a)
    return fold(account, journal.seal(account.key.t, account, account.key.a, entry), secrets)


def fold(account: CouponAccount, entry: Entry, secrets: Secrets | None) -> CouponAccount:
    """The state after one more sealed entry."""
    kind = Kind(entry.kind)
    state = STATE_AFTER[kind]
    claimed = kind is Kind.CLAIM
    generation = account.generation + claimed
    held = state is CouponState.HELD or state is CouponState.REDEEMED
    lookup = account.lookup
    if claimed and secrets is not None:
        lookup = secrets.code_lookup(account.key.a, generation)
    return replace(
        account,
        v=entry.number,
        state=state,
        owner=entry.owner,
        generation=generation,
        due_ms=entry.until_ms,
        order=entry.order if held else "",
        gift=entry.gift if state is CouponState.ESCROWED else "",
        discount=entry.discount if held else 0,
        lookup=lookup,
        hash=entry.hash,
        entries=(*account.entries, entry),
    )


def as_of(account: CouponAccount, number: int, secrets: Secrets) -> CouponAccount:
    """The account as it was after its entry `number`."""
    then = begin(account.key, account.entries[0], secrets)
    for entry in account.entries[1:number]:
        then = fold(then, entry, secrets)
    return then


def fault(account: CouponAccount, secrets: Secrets) -> str | None:
    """What is wrong with a stored coupon: chain, steps, books or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    first = account.entries[0]
    if first.kind != Kind.ISSUE or first.debit != f"campaign:{first.campaign}":
        return "entry 1 does not issue the coupon"
    folded = begin(account.key, first, secrets)
    for entry in account.entries[1:]:
        before, folded = folded, _follows(folded, entry, secrets)
        if folded is before:
            return f"entry {entry.number} does not follow from the one before"
    return journal.fold_fault(account, folded)


def _follows(account: CouponAccount, entry: Entry, secrets: Secrets) -> CouponAccount:
    """The account after a legal entry; the very same one when the entry is not legal."""
    if BEFORE.get(entry.kind) is not account.state or entry.amount != account.face:
        return account
    if entry.kind != Kind.CLAIM and entry.owner != account.owner:
        return account
    after = fold(account, entry, secrets)
    books = BOOKS[account.state], BOOKS[after.state]
    return after if (entry.debit, entry.credit) == books else account
