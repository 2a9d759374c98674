"""Trial balance and verification of a tenant's journal: what was read against what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from offers_service import (
    budget_account,
    code_account,
    coupon_account,
    gift_account,
    gift_days,
    invitations,
    inviters,
    place_account,
    points_account,
    points_books,
    points_gifts,
    staff_allowances,
    staff_discounts,
)
from offers_service.budget_account import BudgetAccount, Measure
from offers_service.checkpoints import Checkpoint, Fault, FaultKind, Leaf, leaf_fault
from offers_service.code_account import CodeAccount
from offers_service.codes import Secrets
from offers_service.coupon_account import BOOKS, AccountKey, CouponAccount, CouponState
from offers_service.gift_account import GiftAccount, GiftState
from offers_service.gift_days import GiftDay
from offers_service.invitations import InvitationAccount
from offers_service.inviters import InviterAccount
from offers_service.pages import Folding
from offers_service.points_account import PointsAccount
from offers_service.points_gifts import PointsGiftAccount
from offers_service.staff_allowances import StaffMonth
from offers_service.staff_discounts import StaffDiscount

FAULTS_MAX = 100
# Kinds whose journals are cut into pages, and how they are verified.
FOLDINGS: dict[type, Callable[[AccountKey], Folding[Any]]] = {
    BudgetAccount: budget_account.folding,
    PointsAccount: points_account.folding,
}
# Kinds that are checked without secrets.
_FAULTS: dict[type, Callable[[Any], str | None]] = {
    GiftDay: gift_days.fault,
    InvitationAccount: invitations.fault,
    StaffMonth: staff_allowances.fault,
}
_KEYED_FAULTS: dict[type, Callable[[Any, Secrets], str | None]] = {
    InviterAccount: inviters.fault,
    StaffDiscount: staff_discounts.fault,
    CodeAccount: code_account.fault,
}
# Books whose entries are not coupons and not counted.
_UNCOUNTED = (budget_account.BOOKS_PREFIX, points_books.BOOKS_PREFIX)
_PAGED_KINDS = frozenset({str(kind.__struct_config__.tag) for kind in FOLDINGS})  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Book:
    """Debits and credits of one book, and what the accounts' states say it holds.

    Books named "<book>.count" count coupons, the others are in minor units.
    """

    name: str
    debit: int
    credit: int
    state_balance: int

    @property
    def agrees(self) -> bool:
        """Whether the entries leave in the book what the states say."""
        return self.credit - self.debit == self.state_balance


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """difference is the sum of all debits minus all credits; anything but 0 is an error."""

    books: tuple[Book, ...]
    difference: int

    @property
    def disagreeing_count(self) -> int:
        """Books whose entries and states disagree."""
        return sum(not book.agrees for book in self.books)


def trial_balance(
    movements: Iterable[tuple[str, str, int, int]],
    standings: Iterable[tuple[str, str, str, int, int]],
    funds: Iterable[tuple[str, int, int, int, int]] = (),
    liability: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> TrialBalance:
    """Compares (debit, credit, amount, entries) with (kind, state, campaign, face, accounts) and
    budgets' (measure, limit, held, spent, lent) and points' (available, held, escrow, owed), whose
    entries are not coupons and not counted. Of points, books that nothing stands in are flows."""
    debits: dict[str, int] = defaultdict(int)
    credits: dict[str, int] = defaultdict(int)
    for debit, credit, amount, count in movements:
        debits[debit] += amount
        credits[credit] += amount
        if debit.startswith(_UNCOUNTED):
            continue
        debits[f"{debit}.count"] += count
        credits[f"{credit}.count"] += count
    states: dict[str, int] = defaultdict(int)
    for kind, state, campaign, face, count in standings:
        if kind not in ("coupon", "gift"):
            # Such accounts move nothing from one book to another.
            continue
        coupon = kind == "coupon"
        held_by = BOOKS[CouponState(state)] if coupon else gift_account.book(GiftState(state))
        source = f"campaign:{campaign}" if coupon else "gifts"
        for name, amount in ((held_by, face), (f"{held_by}.count", count)):
            states[name] += amount
        for name, amount in ((source, face), (f"{source}.count", count)):
            states[name] -= amount
    for measure, *amounts in funds:
        for name, balance in budget_account.balances(Measure(measure), *amounts).items():
            states[name] += balance
    for name, balance in points_books.balances(*liability).items():
        states[name] += balance
    for name in debits.keys() | credits.keys():
        if name in points_books.FLOWS:
            states[name] = credits[name] - debits[name]
    names = sorted(debits.keys() | credits.keys() | states.keys())
    books = tuple(Book(name, debits[name], credits[name], states[name]) for name in names)
    return TrialBalance(books, sum(debits.values()) - sum(credits.values()))


def account_fault(account: Any, secrets: Secrets) -> str | None:
    """What is wrong with one account by itself; None for nothing."""
    if isinstance(account, CouponAccount):
        return coupon_account.fault(account, secrets)
    if isinstance(account, GiftAccount):
        return gift_account.fault(account, secrets)
    if isinstance(account, PointsGiftAccount):
        return points_gifts.fault(account, secrets)
    if checked := _FAULTS.get(type(account)):
        return checked(account)
    if keyed := _KEYED_FAULTS.get(type(account)):
        return keyed(account, secrets)
    return place_account.fault(account)


@dataclass(frozen=True, slots=True)
class Examiner:
    """Holds a tenant's stored accounts against themselves and against one checkpoint's leaves.

    checkpoint is its number, 0 for none.
    """

    decode: Callable[[Mapping[str, Any]], Any]
    secrets: Secrets
    checkpoint: int = 0

    def has_pages(self, document: Mapping[str, Any]) -> bool:
        """Whether it is an account of a kind that has pages, and can be read."""
        kind = document.get("kind")
        if not isinstance(kind, str) or kind not in _PAGED_KINDS:
            return False
        try:
            return type(self.decode(document)) in FOLDINGS
        except (msgspec.ValidationError, ValueError, KeyError, TypeError):
            return False

    def examine(self, document: Mapping[str, Any], leaf: Leaf | None) -> Fault | None:
        """What is wrong with one stored account; None for nothing."""
        account_id = str(document["_id"].get("a", "?"))
        try:
            account = self.decode(document)
            wrong = account_fault(account, self.secrets)
        except (msgspec.ValidationError, ValueError, KeyError, TypeError):
            wrong = "the document is not an account"
        if wrong is not None:
            return Fault(FaultKind.ACCOUNT_INVALID, account_id, 0, wrong)
        if leaf is None:
            return None
        then = account.entries[: leaf.version][-1]
        return leaf_fault(account, leaf, self.checkpoint, then.hash)


@dataclass(slots=True)
class Verification:
    """How far a verification is. fault_count counts all, faults has the first hundred as text,
    fresh those found since the progress before."""

    accounts_checked: int = 0
    entries_checked: int = 0
    fault_count: int = 0
    faults: list[str] = field(default_factory=list)
    fresh: list[Fault] = field(default_factory=list)
    checkpoint: Checkpoint | None = None

    def saw(self, document: Mapping[str, Any]) -> None:
        """Counts one account."""
        self.accounts_checked += 1
        entries = document.get("entries")
        if isinstance(entries, list | tuple) and entries:
            self.entries_checked += len(entries)

    def found(self, faults: Iterable[Fault]) -> None:
        """Takes faults in."""
        for fault in faults:
            self.fault_count += 1
            self.fresh.append(fault)
            if len(self.faults) < FAULTS_MAX:
                self.faults.append(str(fault))
