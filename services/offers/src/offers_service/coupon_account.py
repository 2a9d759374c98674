"""A coupon's account: its states, its entries and how they fold. Pure.

A coupon is AVAILABLE, HELD by an order, ESCROWED in a gift, REDEEMED or REVOKED. That it has
expired is derived from valid_until_ms; a hold or an escrow whose time has run out counts as given
back. A reversal gives a redeemed coupon back or, by its offer's policy, leaves it used.

Whose campaign has a budget of money is HOLDING while the budget is asked: the coupon leads, the
budget gets its line, then the coupon is HELD or as it was (coupon_money.py).
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial

import msgspec
from msgspec.structs import replace

from offers_service import coupon_dues, journal, returns
from offers_service.codes import Secrets
from offers_service.journal import Entry, Request

SYSTEM_ACTOR = "system:expiry"
MERGE_ACTOR = "system:merge"


class CouponState(StrEnum):
    """Where a coupon is. EXPIRED is only ever derived."""

    AVAILABLE = "available"
    HELD = "held"
    REDEEMED = "redeemed"
    ESCROWED = "escrowed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    HOLDING = "holding"


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
    DECLINE = "decline"
    RETURN = "return"
    # Part of the order came back.
    REDUCE = "reduce"
    # The order came back, and with it the coupon.
    REVERSE = "reverse"
    # The order came back, and the coupon stays used.
    KEEP = "keep"
    REVOKE = "revoke"
    # Its owner was merged into another customer.
    INHERIT = "inherit"
    # An order wants it, and the budget is asked.
    ASK = "ask"
    # The budget refused: the coupon is free again, or held as it was before.
    DENY = "deny"
    DENY_EXTEND = "deny_extend"


class AccountKey(msgspec.Struct, frozen=True):
    """tenant and account; the order of the fields is the order in MongoDB's _id."""

    t: str
    a: str


class CouponAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="coupon"
):
    """One coupon: its state and its journal. face is what it is worth in minor units, 0 for
    percentages; discount what it takes off the order that holds or used it, and cart that order
    line by line (returns.HeldCart; its digest is in the last entry); due_ms when a hold or an
    escrow ends, 0 for none; lookup the keyed hash of its code.

    budget: how many stripes the campaign's budget of money has, 0 for no budget; stripe: which of
    them pays for the order, from 1. owes: the first entry that the budget may not have followed
    yet, settle_ms when recovery looks at it, kept_cart the cart to go back to if it refuses.
    """

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
    points: int = 0
    cart: str = ""
    reversed: bool = False
    budget: int = 0
    stripe: int = 0
    owes: int = 0
    settle_ms: int = 0
    kept_cart: str = ""

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
    CouponState.REVOKED: "revoked",
    CouponState.HOLDING: "holding",
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
    Kind.DECLINE: CouponState.AVAILABLE,
    Kind.RETURN: CouponState.AVAILABLE,
    Kind.REDUCE: CouponState.REDEEMED,
    Kind.REVERSE: CouponState.AVAILABLE,
    Kind.KEEP: CouponState.REDEEMED,
    Kind.REVOKE: CouponState.REVOKED,
    Kind.ASK: CouponState.HOLDING,
    Kind.DENY: CouponState.AVAILABLE,
    Kind.DENY_EXTEND: CouponState.HELD,
}
# Entries that tell nobody anything: a request that has no others is new.
UNANSWERED = frozenset({Kind.ASK, Kind.DENY, Kind.DENY_EXTEND})
# What a caller can repeat without end.
_OPENING = frozenset({Kind.HOLD, Kind.EXTEND, Kind.GIFT, Kind.REDUCE, Kind.ASK})
BEFORE: dict[str, frozenset[CouponState]] = {
    Kind.HOLD: frozenset({CouponState.AVAILABLE, CouponState.HOLDING}),
    Kind.EXTEND: frozenset({CouponState.HELD, CouponState.HOLDING}),
    Kind.ASK: frozenset({CouponState.AVAILABLE, CouponState.HELD}),
    Kind.DENY: frozenset({CouponState.HOLDING}),
    Kind.DENY_EXTEND: frozenset({CouponState.HOLDING}),
    Kind.REDEEM: frozenset({CouponState.HELD}),
    Kind.RELEASE: frozenset({CouponState.HELD}),
    Kind.GIFT: frozenset({CouponState.AVAILABLE}),
    Kind.CLAIM: frozenset({CouponState.ESCROWED}),
    Kind.CANCEL: frozenset({CouponState.ESCROWED}),
    Kind.DECLINE: frozenset({CouponState.ESCROWED}),
    Kind.RETURN: frozenset({CouponState.ESCROWED}),
    Kind.REDUCE: frozenset({CouponState.REDEEMED}),
    Kind.REVERSE: frozenset({CouponState.REDEEMED}),
    Kind.KEEP: frozenset({CouponState.REDEEMED}),
    Kind.REVOKE: frozenset({CouponState.AVAILABLE, CouponState.HELD}),
    Kind.INHERIT: frozenset(BOOKS),
}
_OF_ORDER = frozenset({CouponState.HELD, CouponState.REDEEMED, CouponState.HOLDING})
_REVERSALS = frozenset({Kind.REDUCE, Kind.REVERSE, Kind.KEEP})
_NEW_OWNER = frozenset({Kind.CLAIM, Kind.INHERIT})


def lapse(account: CouponAccount, now_ms: int) -> CouponAccount:
    """The account after its hold or escrow, if overdue, has ended at its own instant."""
    if not 0 < account.due_ms <= now_ms or account.state is CouponState.HOLDING:
        return account
    system = Request("", SYSTEM_ACTOR, b"")
    kind = Kind.RELEASE if account.state is CouponState.HELD else Kind.RETURN
    return move(account, kind, system, account.due_ms, order=account.order, gift=account.gift)


def instant(account: CouponAccount, now_ms: int) -> int:
    """The time at which a step on this account happens: never before its last entry."""
    return max(now_ms, account.entries[-1].at_ms)


def shown_state(account: CouponAccount, now_ms: int) -> CouponState:
    """The state with expiry derived: overdue holds count as released. While the budget is asked
    the coupon is shown as held by the order that wants it."""
    state = account.state if account.state is not CouponState.HOLDING else CouponState.HELD
    if state is CouponState.REDEEMED or state is CouponState.REVOKED:
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
        budget=entry.stripe,
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
    points: int = 0,
    refund: int = 0,
    cart: str = "",
    facts: tuple[tuple[str, str], ...] = (),
    stripe: int = 0,
    secrets: Secrets | None = None,
) -> CouponAccount:
    """Appends one entry and folds it in. secrets are needed for CLAIM, whose code is new; cart is
    the order as the account is to keep it."""
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
        points=points,
        refund=refund,
        cart=returns.digest(cart),
        facts=facts,
        stripe=stripe,
    )
    if account.v >= journal.ENTRIES_MAX and kind in _OPENING:
        raise journal.JournalFullError(account.key.a)
    sealed = journal.seal(account.key.t, account, account.key.a, entry)
    after = fold(account, sealed, secrets)
    if account.budget:
        after = coupon_dues.owing(account, after, sealed)
    return replace(after, cart=cart) if cart else after


def inherit(account: CouponAccount, owner: str, now_ms: int) -> CouponAccount:
    """The coupon in the hands of the customer into whom its owner was merged; all else stays."""
    if account.owner == owner:
        return account
    book = BOOKS[account.state]
    entry = Entry(
        number=0,
        kind=Kind.INHERIT.value,
        debit=book,
        credit=book,
        at_ms=now_ms,
        actor=MERGE_ACTOR,
        owner=owner,
        amount=account.face,
        campaign=account.campaign,
        offer=account.offer,
        order=account.order,
        gift=account.gift,
        until_ms=account.due_ms,
        discount=account.discount,
        points=account.points,
        cart=account.entries[-1].cart,
    )
    return fold(account, journal.seal(account.key.t, account, account.key.a, entry), None)


def fold(account: CouponAccount, entry: Entry, secrets: Secrets | None) -> CouponAccount:
    """The state after one more sealed entry, but for the cart, of which it has the digest."""
    kind = Kind(entry.kind)
    if kind is Kind.INHERIT:
        entries = (*account.entries, entry)
        return replace(account, v=entry.number, owner=entry.owner, hash=entry.hash, entries=entries)
    state = STATE_AFTER[kind]
    claimed = kind is Kind.CLAIM
    generation = account.generation + claimed
    held = state in _OF_ORDER
    stripe = 0
    if held and account.budget:
        exact = kind is Kind.ASK or kind is Kind.DENY_EXTEND
        stripe = entry.stripe if exact else entry.stripe or account.stripe
    lookup, end_ms, due_ms = account.lookup, account.valid_until_ms, entry.until_ms
    if kind is Kind.REVERSE:
        end_ms, due_ms = entry.until_ms, 0
    if claimed and secrets is not None:
        lookup = secrets.code_lookup(account.key.a, generation)
    return replace(
        account,
        v=entry.number,
        state=state,
        owner=entry.owner,
        generation=generation,
        valid_until_ms=end_ms,
        due_ms=due_ms,
        order=entry.order if held else "",
        gift=entry.gift if state is CouponState.ESCROWED else "",
        discount=entry.discount if held else 0,
        points=entry.points if held else 0,
        cart="",
        reversed=kind is Kind.KEEP,
        stripe=stripe,
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
    if returns.digest(account.cart) != account.entries[-1].cart:
        return "cart is not what the last entry says"
    if not coupon_dues.legal(account, partial(as_of, account, secrets=secrets)):
        return "marks of what the budget is owed are not what the entries say"
    folded = replace(coupon_dues.marked(folded, account), cart=account.cart)
    return journal.fold_fault(account, folded)


def _follows(account: CouponAccount, entry: Entry, secrets: Secrets) -> CouponAccount:
    """The account after a legal entry; the very same one when the entry is not legal."""
    allowed = account.state in BEFORE.get(entry.kind, ())
    if not allowed or entry.amount != account.face:
        return account
    if entry.kind not in _NEW_OWNER and entry.owner != account.owner:
        return account
    if entry.kind in _REVERSALS and not _reverses(account, entry):
        return account
    if not coupon_dues.paid(account, entry, partial(as_of, account, secrets=secrets)):
        return account
    after = fold(account, entry, secrets)
    books = BOOKS[account.state], BOOKS[after.state]
    return after if (entry.debit, entry.credit) == books else account


def _reverses(account: CouponAccount, entry: Entry) -> bool:
    """Whether a reversal is legal: once as a whole, for the order that used the coupon, never
    raising its discount nor shortening its time."""
    if account.reversed or entry.order != account.order or entry.discount > account.discount:
        return False
    return entry.kind != Kind.REVERSE or entry.until_ms >= account.valid_until_ms
