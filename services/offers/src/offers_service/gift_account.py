"""A gift as its coupon's journal tells it, and the account of its own that follows. Pure.

The coupon's journal leads: whether a gift is open or how it ended is what the coupon's entries
say. The gift's account, by which it is found, follows forward only, and whoever finds it behind
brings it up to date with the same entries.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount, Kind
from offers_service.journal import Entry


class GiftState(StrEnum):
    """Where a gift is; everything but OFFERED is its end."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Gift(msgspec.Struct, frozen=True):
    """A gift as the coupon's journal tells it; claimer and closed_ms are empty while open."""

    gift_id: str
    coupon_id: str
    offer_id: str
    giver: str
    state: GiftState
    offered_ms: int
    expire_ms: int
    claimer: str = ""
    closed_ms: int = 0


class GiftAccount(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="gift"):
    """The follower: owner is the giver, lookup the keyed hash of the token, due_ms when an open
    gift ends."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    state: GiftState
    owner: str
    coupon: str
    offer: str
    offered_ms: int
    expire_ms: int
    lookup: bytes
    hash: bytes
    entries: tuple[Entry, ...]
    claimer: str = ""
    closed_ms: int = 0
    due_ms: int = 0

    @property
    def account_id(self) -> str:
        """The gift's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


_STATE_BY_KIND = {
    Kind.CLAIM.value: GiftState.CLAIMED,
    Kind.CANCEL.value: GiftState.CANCELLED,
    Kind.RETURN.value: GiftState.EXPIRED,
}
_BOOKS = {
    GiftState.OFFERED: "gifts.open",
    GiftState.CLAIMED: "gifts.claimed",
    GiftState.CANCELLED: "gifts.cancelled",
    GiftState.EXPIRED: "gifts.expired",
}


def book(state: GiftState) -> str:
    """The book in which a gift of that state stands."""
    return _BOOKS[state]


def tell(account: CouponAccount, gift_id: str, now_ms: int | None = None) -> Gift | None:
    """A gift as its coupon's journal has it; with now_ms, an open one past its end is EXPIRED."""
    gift: Gift | None = None
    for entry in account.entries:
        if entry.gift != gift_id:
            continue
        if entry.kind == Kind.GIFT:
            gift = Gift(
                gift_id=gift_id,
                coupon_id=account.key.a,
                offer_id=account.offer,
                giver=entry.owner,
                state=GiftState.OFFERED,
                offered_ms=entry.at_ms,
                expire_ms=entry.until_ms,
            )
        elif gift is not None:
            state = _STATE_BY_KIND[entry.kind]
            claimer = entry.owner if state is GiftState.CLAIMED else ""
            gift = replace(gift, state=state, claimer=claimer, closed_ms=entry.at_ms)
    if gift and now_ms is not None and gift.state is GiftState.OFFERED and gift.expire_ms <= now_ms:
        return replace(gift, state=GiftState.EXPIRED, closed_ms=gift.expire_ms)
    return gift


def stored(account: GiftAccount) -> Gift:
    """A gift as its own account has it."""
    return Gift(
        gift_id=account.key.a,
        coupon_id=account.coupon,
        offer_id=account.offer,
        giver=account.owner,
        state=account.state,
        offered_ms=account.offered_ms,
        expire_ms=account.expire_ms,
        claimer=account.claimer,
        closed_ms=account.closed_ms,
    )


def follow(
    gift: GiftAccount | None, coupon: CouponAccount, gift_id: str, secrets: Secrets
) -> GiftAccount | None:
    """The gift's account brought up to what the coupon says; the same object if it is there."""
    for entry in coupon.entries:
        if entry.gift != gift_id:
            continue
        if entry.kind == Kind.GIFT and gift is None:
            gift = _open(coupon, entry, secrets)
        elif entry.kind != Kind.GIFT and gift is not None and gift.state is GiftState.OFFERED:
            gift = _close(gift, entry)
    return gift


def fault(account: GiftAccount, secrets: Secrets) -> str | None:
    """What is wrong with a stored gift: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if not 1 <= account.v <= 2 or account.entries[0].kind != "open":
        return "entries are not those of a gift"
    folded = _begin(account.key, account.entries[0], secrets)
    if account.v == 2:
        folded = _end(folded, account.entries[1])
    return journal.fold_fault(account, folded)


def _open(coupon: CouponAccount, entry: Entry, secrets: Secrets) -> GiftAccount:
    key = AccountKey(coupon.key.t, entry.gift)
    opened = Entry(
        number=1,
        kind="open",
        debit="gifts",
        credit=book(GiftState.OFFERED),
        at_ms=entry.at_ms,
        actor=entry.actor,
        owner=entry.owner,
        request=entry.request,
        print=entry.print,
        campaign=entry.campaign,
        offer=entry.offer,
        gift=entry.gift,
        coupon=coupon.key.a,
        until_ms=entry.until_ms,
    )
    return _begin(key, journal.seal(key.t, None, key.a, opened), secrets)


def _close(gift: GiftAccount, entry: Entry) -> GiftAccount:
    closed = replace(
        entry,
        debit=book(GiftState.OFFERED),
        credit=book(_STATE_BY_KIND[entry.kind]),
        amount=0,
        coupon=gift.coupon,
        hash=b"",
    )
    return _end(gift, journal.seal(gift.key.t, gift, gift.key.a, closed))


def _begin(key: AccountKey, entry: Entry, secrets: Secrets) -> GiftAccount:
    return GiftAccount(
        key=key,
        v=1,
        state=GiftState.OFFERED,
        owner=entry.owner,
        coupon=entry.coupon,
        offer=entry.offer,
        offered_ms=entry.at_ms,
        expire_ms=entry.until_ms,
        lookup=secrets.token_lookup(key.a),
        hash=entry.hash,
        entries=(entry,),
        due_ms=entry.until_ms,
    )


def _end(gift: GiftAccount, entry: Entry) -> GiftAccount:
    state = _STATE_BY_KIND[entry.kind]
    return replace(
        gift,
        v=entry.number,
        state=state,
        claimer=entry.owner if state is GiftState.CLAIMED else "",
        closed_ms=entry.at_ms,
        due_ms=0,
        hash=entry.hash,
        entries=(*gift.entries, entry),
    )
