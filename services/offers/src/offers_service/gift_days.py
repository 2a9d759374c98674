"""How many gifts a customer offers, or claims, within one day of the tenant's calendar. Pure.

Such a day is an account of its own, in which a gift takes a place before it is made, so that
however many are made at once the limit holds. The place is taken for a cause: the same cause again
has it already. A gift that is refused afterwards gives its place back; one that was made keeps it,
also when it comes back to its giver.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from offers_service import journal
from offers_service.codes import account_id
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request

BOOK = "gift_days"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_TAKE = "take"
_FREE = "free"


class Side(StrEnum):
    """Whose day it is: gifts offered by a giver, or claimed by a recipient."""

    GIVER = "giver"
    RECIPIENT = "recipient"


class GiftDay(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="gift_day"):
    """day is a date of the tenant's calendar, YYYY-MM-DD; taken holds causes, the oldest first."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    owner: str
    side: Side
    day: str
    hash: bytes
    entries: tuple[Entry, ...]
    taken: tuple[str, ...] = ()

    @property
    def account_id(self) -> str:
        """The day's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


class Place(msgspec.Struct, frozen=True):
    """A place on one customer's day. cause: what it is for; other_count: places that the same
    person took on this day under identities that were merged into this one; limit 0: no limit."""

    key: AccountKey
    owner: str
    side: Side
    day: str
    cause: str
    limit: int
    now_ms: int
    other_count: int = 0


class Taking(msgspec.Struct, frozen=True):
    """taken: whether the cause has a place; account: the day as it has to be saved."""

    taken: bool
    account: GiftDay | None


def day_of(now_ms: int, time_zone: str) -> str:
    """The date that the zone's calendars show."""
    instant = _EPOCH + dt.timedelta(milliseconds=now_ms)
    return instant.astimezone(ZoneInfo(time_zone)).date().isoformat()


def day_id(side: Side, owner: str, day: str) -> str:
    """The account of one customer's day."""
    return account_id("d_", side.value, owner, day)


def cause_of(request: Request, coupon_id: str) -> str:
    """What a place is for: one request about one coupon."""
    return account_id("", coupon_id, request.actor, request.request_id)


def take(account: GiftDay | None, place: Place) -> Taking:
    """Takes a place for the cause, unless the day is full."""
    taken = account.taken if account else ()
    if place.cause in taken:
        return Taking(True, account)
    if len(taken) + place.other_count >= place.limit:
        return Taking(False, account)
    return Taking(True, _append(account, place, _TAKE))


def free(account: GiftDay | None, place: Place) -> Taking:
    """Gives the cause's place back."""
    if account is None or place.cause not in account.taken:
        return Taking(False, account)
    return Taking(False, _append(account, place, _FREE))


def fault(account: GiftDay) -> str | None:
    """What is wrong with a stored day: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    owner = account.entries[0].owner
    if account.key.a != day_id(account.side, owner, account.day):
        return "the id is not that of its owner and day"
    folded = GiftDay(account.key, 0, owner, account.side, account.day, b"", ())
    for entry in account.entries:
        held = entry.request in folded.taken
        if entry.kind not in (_TAKE, _FREE) or held is not (entry.kind == _FREE):
            return f"entry {entry.number} does not follow from the one before"
        folded = _fold(folded, entry)
    return journal.fold_fault(account, folded)


def _append(account: GiftDay | None, place: Place, kind: str) -> GiftDay:
    if account is not None and account.v >= journal.ENTRIES_MAX and kind == _TAKE:
        raise journal.JournalFullError(place.key.a)
    noted = Entry(
        number=0,
        kind=kind,
        debit=BOOK,
        credit=BOOK,
        at_ms=place.now_ms,
        actor="system:gifts",
        owner=place.owner,
        request=place.cause,
    )
    entry = journal.seal(place.key.t, account, place.key.a, noted)
    if account is None:
        account = GiftDay(place.key, 0, place.owner, place.side, place.day, b"", ())
    return _fold(account, entry)


def _fold(account: GiftDay, entry: Entry) -> GiftDay:
    others = tuple(cause for cause in account.taken if cause != entry.request)
    return msgspec.structs.replace(
        account,
        v=entry.number,
        hash=entry.hash,
        entries=(*account.entries, entry),
        taken=(*others, entry.request) if entry.kind == _TAKE else others,
    )
