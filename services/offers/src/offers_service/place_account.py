"""A place of an offer with a limit that nobody can take any more. Pure.

When a customer was merged into another, what the tombstone was issued counts for whom merging left.
So that it can be counted, the tombstone's first free place is closed for good: whoever was about to
issue into it finds it closed, and gives the coupon to whom merging left.
"""

from __future__ import annotations

import msgspec

from offers_service import journal
from offers_service.coupon_account import MERGE_ACTOR, AccountKey
from offers_service.journal import Entry

BOOK = "places"
_CLOSE = "close"


class ClosedPlace(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="place"):
    """owner is the tombstone whose place it was."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    owner: str
    offer: str
    hash: bytes
    entries: tuple[Entry, ...]

    @property
    def account_id(self) -> str:
        """The place's id, which is that of the coupon it would have held."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its only entry."""
        return self.v


def close(key: AccountKey, owner: str, offer: str, now_ms: int) -> ClosedPlace:
    """The account of a place that stays empty."""
    noted = Entry(
        number=1,
        kind=_CLOSE,
        debit=BOOK,
        credit=BOOK,
        at_ms=now_ms,
        actor=MERGE_ACTOR,
        owner=owner,
        offer=offer,
    )
    return _fold(key, journal.seal(key.t, None, key.a, noted))


def fault(account: ClosedPlace) -> str | None:
    """What is wrong with a stored place: chain or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if account.v != 1 or account.entries[0].kind != _CLOSE:
        return "entries are not those of a place"
    return journal.fold_fault(account, _fold(account.key, account.entries[0]))


def _fold(key: AccountKey, entry: Entry) -> ClosedPlace:
    return ClosedPlace(key, entry.number, entry.owner, entry.offer, entry.hash, (entry,))
