"""A campaign's budget: its account, its entries and how they fold. Pure.

A budget counts coupons or minor units of money. Of its limit, parts are held (promised to coupons
that are being issued, or to orders that hold coupons), spent, or lent to another stripe of the
same budget; the rest is free. A line is what one request did to it: exactly one a request,
whoever writes it, APPLIED or REFUSED. A hot budget is divided into stripes, each an account.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from offers_service import codes, journal
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.pages import Folding

# Stripes and the limit from which a budget has them: never to be changed for budgets that exist.
STRIPES = 4
STRIPED_FROM = 10_000
BOOKS_PREFIX = "budget."
# Recovery looks at a line whose coupons may not exist yet after this long.
OPEN_MS = 10_000


class Measure(StrEnum):
    """What a budget counts."""

    COUPONS = "coupons"
    MONEY = "money"


class Kind(StrEnum):
    """What an entry of a budget's journal records."""

    OPEN = "open"
    TAKE = "take"
    REFUSE = "refuse"
    SPEND = "spend"
    RETURN = "return"
    REFUND = "refund"
    LEND = "lend"
    BORROW = "borrow"


class OpenLine(msgspec.Struct, frozen=True, array_like=True):
    """A line whose coupons are not yet known to exist: its entry's number and time."""

    number: int
    at_ms: int


class BudgetAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="budget"
):
    """One stripe of a budget. limit, held, spent in the measure's units; lent: what other stripes
    got of it less what it got of them, so held + spent + lent <= limit always; open: lines of a
    budget of coupons whose coupons may not exist yet, and due_ms when recovery looks at them."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    campaign: str
    measure: Measure
    limit: int
    hash: bytes
    entries: tuple[Entry, ...]
    held: int = 0
    spent: int = 0
    lent: int = 0
    open: tuple[OpenLine, ...] = ()
    due_ms: int = 0
    pages: int = 0
    sealed: int = 0
    sealed_hash: bytes = b""

    @property
    def account_id(self) -> str:
        """The stripe's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v

    @property
    def free(self) -> int:
        """What can still be taken."""
        return self.limit - self.held - self.spent - self.lent


class Move(NamedTuple):
    """One movement of a line; closes: the number of the open line that ends with it."""

    kind: Kind
    amount: int
    closes: int = 0


_BOOKS = {
    Kind.OPEN: ("granted", "free"),
    Kind.TAKE: ("free", "held"),
    Kind.REFUSE: ("free", "free"),
    Kind.SPEND: ("held", "spent"),
    Kind.RETURN: ("held", "free"),
    Kind.REFUND: ("spent", "free"),
    Kind.LEND: ("free", "moving"),
    Kind.BORROW: ("moving", "free"),
}


def budget_id(campaign: str, measure: Measure, stripe: int) -> str:
    """The account of one stripe."""
    return codes.account_id("b_", "budget", campaign, measure.value, str(stripe))


def stripes_of(limit: int) -> int:
    """How many stripes a budget has."""
    return STRIPES if limit >= STRIPED_FROM else 1


def stripe_limit(limit: int, stripe: int) -> int:
    """The part of the limit that one stripe begins with; the parts sum to the limit."""
    count = stripes_of(limit)
    return limit // count + (stripe < limit % count)


def book(measure: Measure, name: str) -> str:
    """A budget's book: granted, free, held, spent or moving."""
    return f"{BOOKS_PREFIX}{measure.value}.{name}"


def balances(measure: Measure, limit: int, held: int, spent: int, lent: int) -> dict[str, int]:
    """What the books hold by the stripes' states; arguments are sums over stripes."""
    free = limit - held - spent - lent
    states = {"granted": -limit, "free": free, "held": held, "spent": spent, "moving": lent}
    return {book(measure, name): balance for name, balance in states.items()}


def opened(
    key: AccountKey, campaign: str, measure: Measure, limit: int, now_ms: int
) -> BudgetAccount:
    """A stripe that nothing was taken of."""
    debit, credit = _BOOKS[Kind.OPEN]
    entry = Entry(
        number=1,
        kind=Kind.OPEN.value,
        debit=book(measure, debit),
        credit=book(measure, credit),
        at_ms=now_ms,
        actor=f"campaign:{campaign}",
        owner="",
        amount=limit,
        campaign=campaign,
        origin=measure.value,
    )
    return _begin(key, journal.seal(key.t, None, key.a, entry))


def move(account: BudgetAccount, moved: Move, line: Entry) -> BudgetAccount:
    """Appends one movement of a line, whose references are those of `line`, and folds it in."""
    debit, credit = _BOOKS[moved.kind]
    entry = replace(
        line,
        kind=moved.kind.value,
        debit=book(account.measure, debit),
        credit=book(account.measure, credit),
        amount=moved.amount,
        order=str(moved.closes) if moved.closes else line.order,
    )
    return fold(account, journal.seal(account.key.t, account, account.key.a, entry))


def line_entry(request: Request, campaign: str, now_ms: int) -> Entry:
    """What every entry of a line has in common, before the books and the amount."""
    return Entry(
        number=0,
        kind="",
        debit="",
        credit="",
        at_ms=now_ms,
        actor=request.actor,
        owner="",
        request=request.request_id,
        print=request.print,
        campaign=campaign,
    )


def fold(account: BudgetAccount, entry: Entry) -> BudgetAccount:
    """The state after one more sealed entry."""
    amount, kind = entry.amount, Kind(entry.kind)
    held, spent, lent, lines = account.held, account.spent, account.lent, account.open
    match kind:
        case Kind.TAKE:
            held += amount
            if account.measure is Measure.COUPONS:
                lines = (*lines, OpenLine(entry.number, entry.at_ms))
        case Kind.SPEND:
            held, spent = held - amount, spent + amount
        case Kind.RETURN:
            held -= amount
        case Kind.REFUND:
            spent -= amount
        case Kind.LEND:
            lent += amount
        case Kind.BORROW:
            lent -= amount
    if kind in {Kind.SPEND, Kind.RETURN} and lines and entry.order:
        closed = int(entry.order)
        lines = tuple([line for line in lines if line.number != closed])
    return replace(
        account,
        v=entry.number,
        held=held,
        spent=spent,
        lent=lent,
        open=lines,
        due_ms=lines[0].at_ms + OPEN_MS if lines else 0,
        hash=entry.hash,
        entries=(*account.entries, entry),
    )


def folding(key: AccountKey) -> Folding[BudgetAccount]:
    """Verification of one stripe: chain, pages, books, bounds and state."""
    return Folding(key, _begin_legal, _follow)


def _begin(key: AccountKey, entry: Entry) -> BudgetAccount:
    return BudgetAccount(
        key=key,
        v=1,
        campaign=entry.campaign,
        measure=Measure(entry.origin),
        limit=entry.amount,
        hash=entry.hash,
        entries=(entry,),
    )


def _begin_legal(key: AccountKey, entry: Entry) -> BudgetAccount | None:
    try:
        begun = _begin(key, entry)
    except ValueError:
        return None
    legal = entry.kind == Kind.OPEN and _books(begun, entry) and entry.amount >= 0
    return begun if legal else None


def _books(account: BudgetAccount, entry: Entry) -> bool:
    debit, credit = _BOOKS[Kind(entry.kind)]
    expected = book(account.measure, debit), book(account.measure, credit)
    return (entry.debit, entry.credit) == expected


def _follow(account: BudgetAccount, entry: Entry) -> BudgetAccount | None:
    """The state after a legal entry: what is held, spent or free never falls below nothing."""
    try:
        legal = entry.kind != Kind.OPEN and _books(account, entry) and entry.amount >= 0
        after = fold(account, entry)
    except ValueError:
        return None
    legal = legal and min(after.held, after.spent, after.free) >= 0
    return after if legal and entry.campaign == account.campaign else None
