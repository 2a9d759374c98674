"""A gift as its coupon's journal tells it, and the account of its own that follows. Pure.

The coupon's journal leads: whether a gift is open or how it ended is what the coupon's entries
say. The gift's account, by which it is found, follows forward only, and whoever finds it behind
brings it up to date with the same entries. Two things are its own: who has opened it, and that
giver or claimer were merged into another customer.
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
    DECLINED = "declined"


class Opener(StrEnum):
    """Who looked at a gift that is not theirs: somebody unknown, or a customer who signed in."""

    VISITOR = "visitor"
    CUSTOMER = "customer"


# Names of facts of the entries that offer and claim a gift.
RECIPIENT = "recipient"
# The number of the coupon's owner after the claim: its first owner is 0.
GENERATION = "generation"
# Of a claim by which someone became a member: 1 for whom the giver brought, 2 if the giver was
# brought by somebody in turn, and so on.
REFERRAL = "referral"
GIVER_ARM = "giver_arm:"
RECIPIENT_ARM = "recipient_arm:"
_OPENER = "opener"
_PART = "part"
_SEEN = "seen"
_INHERIT = "inherit"


class Gift(msgspec.Struct, frozen=True):
    """A gift as the coupon's journal tells it; claimer and closed_ms are empty while open.

    recipient: the only one who may claim it, empty for anybody. referral: how far down the line of
    those who brought each other its newcomer is; 0 when the claimer was a member before. facts:
    those of the entries that offered and claimed it.
    """

    gift_id: str
    coupon_id: str
    offer_id: str
    giver: str
    state: GiftState
    offered_ms: int
    expire_ms: int
    claimer: str = ""
    closed_ms: int = 0
    campaign: str = ""
    recipient: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    def number(self, name: str) -> int:
        """A fact that is a number; 0 for none."""
        return next((int(value) for known, value in self.facts if known == name), 0)


class GiftAccount(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="gift"):
    """The follower: owner is the giver, lookup the keyed hash of the token, due_ms when an open
    gift ends, opened who has looked at it while it was open."""

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
    campaign: str = ""
    recipient: str = ""
    generation: int = 0
    referral: int = 0
    opened: tuple[Opener, ...] = ()

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
    Kind.DECLINE.value: GiftState.DECLINED,
}
_BOOKS = {
    GiftState.OFFERED: "gifts.open",
    GiftState.CLAIMED: "gifts.claimed",
    GiftState.CANCELLED: "gifts.cancelled",
    GiftState.EXPIRED: "gifts.expired",
    GiftState.DECLINED: "gifts.declined",
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
                campaign=account.campaign,
                recipient=entry.fact(RECIPIENT),
                facts=entry.facts,
            )
        elif gift is not None and entry.kind == Kind.INHERIT:
            gift = replace(gift, giver=entry.owner)
        elif gift is not None:
            gift = _told_end(gift, entry)
    if gift and now_ms is not None and gift.state is GiftState.OFFERED and gift.expire_ms <= now_ms:
        return replace(gift, state=GiftState.EXPIRED, closed_ms=gift.expire_ms)
    return gift


def _told_end(gift: Gift, entry: Entry) -> Gift:
    state = _STATE_BY_KIND[entry.kind]
    return replace(
        gift,
        state=state,
        claimer=entry.owner if state is GiftState.CLAIMED else "",
        closed_ms=entry.at_ms,
        facts=(*gift.facts, *entry.facts),
    )


def stored(account: GiftAccount) -> Gift:
    """A gift as its own account has it."""
    told = [entry for entry in account.entries if entry.kind not in (_SEEN, _INHERIT)]
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
        campaign=account.campaign,
        recipient=account.recipient,
        facts=tuple(fact for entry in told for fact in entry.facts),
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
        elif entry.kind in _STATE_BY_KIND and gift is not None and gift.state is GiftState.OFFERED:
            gift = _close(gift, entry)
    return gift


def see(gift: GiftAccount, opener: Opener, now_ms: int) -> GiftAccount:
    """Notes that an open gift was looked at, once for each kind of opener."""
    if gift.state is not GiftState.OFFERED or opener in gift.opened or now_ms >= gift.expire_ms:
        return gift
    return _note(gift, _SEEN, gift.owner, now_ms, (_OPENER, opener.value))


def inherit(gift: GiftAccount, source: str, target: str, now_ms: int) -> GiftAccount:
    """The gift after `source`, who gave or claimed it, was merged into `target`."""
    if gift.owner == source:
        gift = _note(gift, _INHERIT, target, now_ms, (_PART, "owner"))
    if gift.claimer == source:
        gift = _note(gift, _INHERIT, target, now_ms, (_PART, "claimer"))
    return gift


def fault(account: GiftAccount, secrets: Secrets) -> str | None:
    """What is wrong with a stored gift: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if account.entries[0].kind != "open":
        return "entries are not those of a gift"
    folded = _begin(account.key, account.entries[0], secrets)
    for entry in account.entries[1:]:
        if not _may_follow(folded, entry):
            return f"entry {entry.number} does not follow from the one before"
        folded = _fold(folded, entry)
    return journal.fold_fault(account, folded)


def _may_follow(gift: GiftAccount, entry: Entry) -> bool:
    if entry.kind == _INHERIT:
        return entry.fact(_PART) in ("owner", "claimer")
    if gift.state is not GiftState.OFFERED:
        return False
    if entry.kind == _SEEN:
        return entry.fact(_OPENER) in set(Opener) - set(gift.opened)
    return entry.kind in _STATE_BY_KIND


def _note(
    gift: GiftAccount, kind: str, owner: str, now_ms: int, fact: tuple[str, str]
) -> GiftAccount:
    held_by = book(gift.state)
    noted = Entry(
        number=0,
        kind=kind,
        debit=held_by,
        credit=held_by,
        at_ms=now_ms,
        actor="system:gifts",
        owner=owner,
        campaign=gift.campaign,
        offer=gift.offer,
        gift=gift.key.a,
        coupon=gift.coupon,
        facts=(fact,),
    )
    return _fold(gift, journal.seal(gift.key.t, gift, gift.key.a, noted))


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
        facts=entry.facts,
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
    return _fold(gift, journal.seal(gift.key.t, gift, gift.key.a, closed))


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
        campaign=entry.campaign,
        recipient=entry.fact(RECIPIENT),
    )


def _fold(gift: GiftAccount, entry: Entry) -> GiftAccount:
    after = replace(gift, v=entry.number, hash=entry.hash, entries=(*gift.entries, entry))
    if entry.kind == _SEEN:
        return replace(after, opened=(*gift.opened, Opener(entry.fact(_OPENER))))
    if entry.kind == _INHERIT:
        return replace(after, **{entry.fact(_PART): entry.owner})
    state = _STATE_BY_KIND[entry.kind]
    return replace(
        after,
        state=state,
        claimer=entry.owner if state is GiftState.CLAIMED else "",
        closed_ms=entry.at_ms,
        due_ms=0,
        generation=int(entry.fact(GENERATION) or 0),
        referral=int(entry.fact(REFERRAL) or 0),
    )
