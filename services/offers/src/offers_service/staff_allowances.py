"""What a member of staff may give away in a month and on a day of it. Pure.

A month of one member of staff is an account, in which a discount takes its amount before it is
made, under its own name; so the allowance holds however many are made at once. One that is taken
back before anybody claimed it gives its amount back; one that nobody claims does not.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import account_id
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry

BOOK = "staff_allowances"
_TAKE, _FREE = "staff_take", "staff_free"


class Allowance(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one member of staff, or of everybody who has none of their own. In minor units; offer is
    the one of a fixed amount whose other terms the discounts have."""

    version: int
    offer: str
    once_minor_units: int
    day_minor_units: int
    month_minor_units: int


class AllowanceOutcome(StrEnum):
    """Whether an amount fits."""

    TAKEN = "taken"
    ABOVE_ONCE = "above_once"
    DAY_SPENT = "day_spent"
    MONTH_SPENT = "month_spent"


class Given(msgspec.Struct, frozen=True, array_like=True):
    """An amount that a discount took on a day, YYYY-MM-DD."""

    discount: str
    day: str
    amount: int


class StaffMonth(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="staff_month"
):
    """owner is the member of staff, month YYYY-MM of the tenant's calendar."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    owner: str
    month: str
    hash: bytes
    entries: tuple[Entry, ...]
    given: tuple[Given, ...] = ()

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


class Taking(msgspec.Struct, frozen=True):
    """account: the month as it has to be saved."""

    outcome: AllowanceOutcome
    account: StaffMonth | None


def month_id(owner: str, month: str) -> str:
    """The account of one month of a member of staff."""
    return account_id("sm_", owner, month)


def spent(account: StaffMonth | None, day: str = "") -> int:
    """What was given in the month, or on one day of it."""
    given = account.given if account else ()
    return sum(one.amount for one in given if not day or one.day == day)


def take(
    account: StaffMonth | None,
    key: AccountKey,
    owner: str,
    wanted: Given,
    allowance: Allowance,
    *,
    now_ms: int,
) -> Taking:
    """Takes an amount for a discount, unless it has it already."""
    if account is not None and any(one.discount == wanted.discount for one in account.given):
        return Taking(AllowanceOutcome.TAKEN, account)
    if wanted.amount > allowance.once_minor_units:
        return Taking(AllowanceOutcome.ABOVE_ONCE, account)
    if spent(account, wanted.day) + wanted.amount > allowance.day_minor_units:
        return Taking(AllowanceOutcome.DAY_SPENT, account)
    if spent(account) + wanted.amount > allowance.month_minor_units:
        return Taking(AllowanceOutcome.MONTH_SPENT, account)
    if account is not None and account.v >= journal.ENTRIES_MAX:
        raise journal.JournalFullError(key.a)
    opened = account or StaffMonth(key, 0, owner, wanted.day[:7], b"", ())
    return Taking(AllowanceOutcome.TAKEN, _append(opened, _TAKE, wanted, now_ms))


def free(account: StaffMonth | None, discount: str, *, now_ms: int) -> Taking:
    """Gives a discount's amount back."""
    held = [one for one in account.given if one.discount == discount] if account else []
    if account is None or not held:
        return Taking(AllowanceOutcome.TAKEN, account)
    return Taking(AllowanceOutcome.TAKEN, _append(account, _FREE, held[0], now_ms))


def fault(account: StaffMonth) -> str | None:
    """What is wrong with a stored month: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    owner = account.entries[0].owner
    if account.key.a != month_id(owner, account.month):
        return "the id is not that of its owner and month"
    folded = StaffMonth(account.key, 0, owner, account.month, b"", ())
    for entry in account.entries:
        held = any(one.discount == entry.gift for one in folded.given)
        if entry.kind not in (_TAKE, _FREE) or held is not (entry.kind == _FREE):
            return f"entry {entry.number} does not follow from the one before"
        folded = _fold(folded, entry)
    return journal.fold_fault(account, folded)


def _append(account: StaffMonth, kind: str, given: Given, now_ms: int) -> StaffMonth:
    noted = Entry(
        number=0,
        kind=kind,
        debit=BOOK,
        credit=BOOK,
        at_ms=now_ms,
        actor=account.owner,
        owner=account.owner,
        gift=given.discount,
        origin=given.day,
        discount=given.amount,
    )
    before = account if account.v else None
    return _fold(account, journal.seal(account.key.t, before, account.key.a, noted))


def _fold(account: StaffMonth, entry: Entry) -> StaffMonth:
    others = tuple(one for one in account.given if one.discount != entry.gift)
    own = (Given(entry.gift, entry.origin, entry.discount),) if entry.kind == _TAKE else ()
    return replace(
        account,
        v=entry.number,
        hash=entry.hash,
        entries=(*account.entries, entry),
        given=(*others, *own),
    )
