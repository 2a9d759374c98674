"""Giving points: the giver's account leads, the gift's account follows. Pure.

While a gift is open its points are set aside in the giver's account. They are claimed once, or
come back when the giver cancels or the time runs out. A claimer's points end when they would have
ended with the giver, so giving does not lengthen their life.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import codes, journal, points_lots
from offers_service import points_account as accounts
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.points import (
    ASIDES_MAX,
    NeedsPast,
    Past,
    PointsDecision,
    free,
    lapse,
    recall,
    repay,
)
from offers_service.points_account import SYSTEM, Kind, PointsAccount, add
from offers_service.points_outcomes import PointsGiftOutcome, PointsOutcome
from offers_service.points_program import Program, day_start_ms

OPEN_SECONDS_DEFAULT = 7 * 24 * 3600
DAILY_COUNT_DEFAULT = 10
_CLOSING = frozenset({Kind.GIVEN.value, Kind.GIVE_BACK.value})


class PointsGiftState(StrEnum):
    """Where a gift of points is; everything but OFFERED is its end."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PointsGiftAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="points_gift"
):
    """The follower, by which a token finds its gift: owner is the giver, lookup the keyed hash of
    the token."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    state: PointsGiftState
    owner: str
    points: int
    offered_ms: int
    expire_ms: int
    lookup: bytes
    hash: bytes
    entries: tuple[Entry, ...]
    claimer: str = ""
    closed_ms: int = 0

    @property
    def account_id(self) -> str:
        """The gift's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


class GivePoints(msgspec.Struct, frozen=True):
    """From the giver's account to whoever claims it within open_seconds."""

    request: Request
    points: int
    open_seconds: int
    now_ms: int


class ClaimPoints(msgspec.Struct, frozen=True):
    """same_person: giver and claimer are one customer under merged identifiers."""

    request: Request
    gift_id: str
    claimer: str
    now_ms: int
    same_person: bool = False


class CancelPoints(msgspec.Struct, frozen=True):
    """By the giver."""

    request: Request
    gift_id: str
    now_ms: int


class GiftDecision(msgspec.Struct, frozen=True):
    """entry: the giver's entry that took the step, now or the first time; account: the giver's,
    as it has to be saved."""

    outcome: PointsGiftOutcome
    entry: Entry | None
    account: PointsAccount | None


Step = GiftDecision | NeedsPast


def give(account: PointsAccount | None, command: GivePoints, program: Program, past: Past) -> Step:
    """Sets points aside, oldest first, within what the programme allows a giver in a day."""
    if known := _recalled(account, command.request, past):
        return known
    if account is None:
        return GiftDecision(PointsGiftOutcome.NOT_ENOUGH_POINTS, None, None)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms)
    if refusal := _refused(current, command.points, program, now_ms):
        return GiftDecision(refusal, None, account)
    seconds = command.open_seconds or OPEN_SECONDS_DEFAULT
    after = add(
        current,
        Kind.GIVE,
        command.request,
        now_ms,
        amount=command.points,
        gift=codes.account_id("pg_", account.key.a, str(current.v + 1)),
        until_ms=now_ms + seconds * 1000,
    )
    return GiftDecision(PointsGiftOutcome.APPLIED, after.entries[-1], after)


def _refused(
    account: PointsAccount, points: int, program: Program, now_ms: int
) -> PointsGiftOutcome | None:
    today_ms = day_start_ms(now_ms, 0, program.time_zone)
    today = [one.points for one in account.given if one.at_ms >= today_ms]
    count_max = program.gift_daily_count or DAILY_COUNT_DEFAULT
    if len(today) >= count_max or sum(today) + points > program.gift_daily_points:
        return PointsGiftOutcome.DAILY_LIMIT_REACHED
    if account.available < points:
        return PointsGiftOutcome.NOT_ENOUGH_POINTS
    return PointsGiftOutcome.TOO_MANY_OPEN if len(account.asides) >= ASIDES_MAX else None


def claim(
    account: PointsAccount | None, command: ClaimPoints, program: Program, past: Past
) -> Step:
    """The giver's side of a claim; the claimer receives by `receive`."""
    return _close(account, command, program, past)


def cancel(
    account: PointsAccount | None, command: CancelPoints, program: Program, past: Past
) -> Step:
    """Takes an open gift back."""
    return _close(account, command, program, past)


def _close(
    account: PointsAccount | None,
    command: ClaimPoints | CancelPoints,
    program: Program,
    past: Past,
) -> Step:
    if known := _recalled(account, command.request, past, command.gift_id):
        return known
    if account is None:
        return GiftDecision(PointsGiftOutcome.NOT_FOUND, None, None)
    now_ms = accounts.instant(account, command.now_ms)
    current = lapse(account, program, now_ms)
    aside = accounts.aside_of(current, command.gift_id, gift=True)
    if aside is None:
        closing = _closing(current, past, command.gift_id)
        return GiftDecision(_OUTCOMES[state_of(closing)], closing, account)
    if isinstance(command, CancelPoints):
        after = free(current, command.request, aside, now_ms, back=True)
        return GiftDecision(
            PointsGiftOutcome.APPLIED, after.entries[-1], lapse(after, program, now_ms)
        )
    if command.same_person or command.claimer == account.owner:
        return GiftDecision(PointsGiftOutcome.SELF_GIFT, None, account)
    after = add(
        current,
        Kind.GIVEN,
        command.request,
        now_ms,
        amount=points_lots.total(aside.lots),
        gift=command.gift_id,
        origin=command.claimer,
        cart=points_lots.write(aside.lots),
    )
    return GiftDecision(PointsGiftOutcome.APPLIED, after.entries[-1], after)


def receive(
    account: PointsAccount | None, key: AccountKey, given: Entry, program: Program, past: Past
) -> PointsDecision | NeedsPast:
    """The claimer's side, under whatever id merging has left: exactly one line a gift; what is
    owed is paid from it first, and lots that have ended meanwhile expire."""
    request = Request(f"gift:{given.gift}", "system:gift", b"")
    if known := recall(account, request, past):
        return known
    now_ms = accounts.instant(account, given.at_ms)
    current = lapse(account, program, now_ms) if account else None
    opened = current or accounts.empty(key, accounts.owner_of(key))
    after = add(
        opened,
        Kind.RECEIVE,
        request,
        now_ms,
        amount=given.amount,
        gift=given.gift,
        origin=given.owner,
        cart=given.cart,
    )
    after = repay(after, request, now_ms)
    return PointsDecision(PointsOutcome.APPLIED, (), lapse(after, program, now_ms))


def follow(
    gift: PointsGiftAccount | None, giver: AccountKey, told: tuple[Entry, ...], secrets: Secrets
) -> PointsGiftAccount | None:
    """The gift's account brought up to what the giver's entries of this gift say; the same object
    if it is there."""
    for entry in told:
        if entry.kind == Kind.GIVE and gift is None:
            gift = _open(giver, entry, secrets)
        elif entry.kind in _CLOSING and gift is not None and gift.v == 1:
            gift = _end(gift, journal.seal(gift.key.t, gift, gift.key.a, _note(entry)))
    return gift


def of_gift(account: PointsAccount | None, past: Past, gift_id: str) -> tuple[Entry, ...]:
    """The giver's entries of a gift, oldest first."""
    entries = (*past.entries, *(account.entries if account else ()))
    kinds = {Kind.GIVE.value, *_CLOSING}
    return tuple(entry for entry in entries if entry.gift == gift_id and entry.kind in kinds)


def state_of(closing: Entry | None) -> PointsGiftState:
    """How a gift ended, by the giver's entry; open while there is none."""
    if closing is None:
        return PointsGiftState.OFFERED
    if closing.kind == Kind.GIVEN:
        return PointsGiftState.CLAIMED
    system = closing.actor == SYSTEM.actor
    return PointsGiftState.EXPIRED if system else PointsGiftState.CANCELLED


_OUTCOMES = {
    PointsGiftState.OFFERED: PointsGiftOutcome.NOT_FOUND,
    PointsGiftState.CLAIMED: PointsGiftOutcome.ALREADY_CLAIMED,
    PointsGiftState.CANCELLED: PointsGiftOutcome.CANCELLED,
    PointsGiftState.EXPIRED: PointsGiftOutcome.EXPIRED,
}


def fault(account: PointsGiftAccount, secrets: Secrets) -> str | None:
    """What is wrong with a stored gift: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if not 1 <= account.v <= 2 or account.entries[0].kind != Kind.GIVE:
        return "entries are not those of a gift of points"
    folded = _begin(account.key, account.entries[0], secrets)
    if account.v == 2:
        if account.entries[1].kind not in _CLOSING:
            return "entry 2 does not close the gift"
        folded = _end(folded, account.entries[1])
    return journal.fold_fault(account, folded)


def _closing(account: PointsAccount, past: Past, gift_id: str) -> Entry | None:
    closed = [one for one in of_gift(account, past, gift_id) if one.kind in _CLOSING]
    return closed[0] if closed else None


def _recalled(
    account: PointsAccount | None, request: Request, past: Past, *names: str
) -> Step | None:
    known = recall(account, request, past, *names)
    if known is None or isinstance(known, NeedsPast):
        return known
    if known.outcome is PointsOutcome.REQUEST_CONFLICT:
        return GiftDecision(PointsGiftOutcome.REQUEST_CONFLICT, None, account)
    return GiftDecision(PointsGiftOutcome.APPLIED, known.entries[0], account)


def _note(entry: Entry) -> Entry:
    """An entry of the gift's own account: it moves nothing, the giver's does."""
    return replace(
        entry,
        debit="points.note",
        credit="points.note",
        points=entry.amount,
        amount=0,
        cart=b"",
        hash=b"",
    )


def _open(giver: AccountKey, entry: Entry, secrets: Secrets) -> PointsGiftAccount:
    key = AccountKey(giver.t, entry.gift)
    return _begin(key, journal.seal(key.t, None, key.a, _note(entry)), secrets)


def _begin(key: AccountKey, entry: Entry, secrets: Secrets) -> PointsGiftAccount:
    return PointsGiftAccount(
        key=key,
        v=1,
        state=PointsGiftState.OFFERED,
        owner=entry.owner,
        points=entry.points,
        offered_ms=entry.at_ms,
        expire_ms=entry.until_ms,
        lookup=secrets.token_lookup(key.a),
        hash=entry.hash,
        entries=(entry,),
    )


def _end(gift: PointsGiftAccount, entry: Entry) -> PointsGiftAccount:
    return replace(
        gift,
        v=entry.number,
        state=state_of(entry),
        claimer=entry.origin if entry.kind == Kind.GIVEN else "",
        closed_ms=entry.at_ms,
        hash=entry.hash,
        entries=(*gift.entries, entry),
    )
