"""A customer's points: lots, what is set aside, what was spent, and the entries. Pure.

Points lie in lots, each with an end of its own, oldest first. An order's hold or an open gift sets
lots aside. What had to be taken back but was spent already is owed, and later earnings pay it
first; the balance is never negative. Orders count towards the tier until a year has passed.

Amounts of these entries are points, and `points` is what is available after the entry; money
(an order's net amount, a tier's threshold) is in `discount`. `cart` has the lots that moved as
"end:points,..." or, of an earning, its terms.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service import points_carry as carry
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry, Request
from offers_service.pages import Folding
from offers_service.points_carry import Given, Spend, counted
from offers_service.points_lots import Lot, put, read, take, total, without, write

SYSTEM = Request("", "system:expiry", b"")
# Two calendar days in any zone: what a day's cap on gifts has to look back at.
GIVEN_KEPT_MS = 50 * 3_600_000


class Kind(StrEnum):
    """What an entry of a points account records."""

    ORDER = "order"
    EARN = "earn"
    GRANT = "grant"
    RETURN_ORDER = "return_order"
    TAKE_BACK = "take_back"
    OWE = "owe"
    REPAY = "repay"
    HOLD = "hold_points"
    SPEND = "spend_points"
    RELEASE = "release_points"
    REFUND = "refund_points"
    GIVE = "give_points"
    GIVEN = "points_given"
    GIVE_BACK = "points_returned"
    RECEIVE = "receive_points"
    EXPIRE = "expire_points"
    TIER = "tier"
    # What a merge moves (points_merging): out of who was merged away, into who is left.
    OUT = "merge_points_out"
    HELD_OUT = "merge_held_out"
    GIFT_OUT = "merge_gift_out"
    OWED_OUT = "merge_owed_out"
    MERGED = "merged_away"
    IN = "merge_points_in"
    HELD_IN = "merge_held_in"
    GIFT_IN = "merge_gift_in"
    OWED_IN = "merge_owed_in"
    JOINED = "merged_in"


# From which book to which each kind moves points.
BOOKS: dict[Kind, tuple[str, str]] = {
    Kind.ORDER: ("points.note", "points.note"),
    Kind.EARN: ("points.issued", "points.available"),
    Kind.GRANT: ("points.issued", "points.available"),
    Kind.RETURN_ORDER: ("points.note", "points.note"),
    Kind.TAKE_BACK: ("points.available", "points.issued"),
    Kind.OWE: ("points.owed", "points.issued"),
    Kind.REPAY: ("points.available", "points.owed"),
    Kind.HOLD: ("points.available", "points.held"),
    Kind.SPEND: ("points.held", "points.spent"),
    Kind.RELEASE: ("points.held", "points.available"),
    Kind.REFUND: ("points.spent", "points.available"),
    Kind.GIVE: ("points.available", "points.escrow"),
    Kind.GIVEN: ("points.escrow", "points.transfer"),
    Kind.GIVE_BACK: ("points.escrow", "points.available"),
    Kind.RECEIVE: ("points.transfer", "points.available"),
    Kind.EXPIRE: ("points.available", "points.expired"),
    Kind.TIER: ("points.note", "points.note"),
    Kind.OUT: ("points.available", "points.transfer"),
    Kind.HELD_OUT: ("points.held", "points.transfer"),
    Kind.GIFT_OUT: ("points.escrow", "points.transfer"),
    Kind.OWED_OUT: ("points.transfer", "points.owed"),
    Kind.MERGED: ("points.note", "points.note"),
    Kind.IN: ("points.transfer", "points.available"),
    Kind.HELD_IN: ("points.transfer", "points.held"),
    Kind.GIFT_IN: ("points.transfer", "points.escrow"),
    Kind.OWED_IN: ("points.owed", "points.transfer"),
    Kind.JOINED: ("points.note", "points.note"),
}


# What ends a hold or an open gift.
_FREEING = frozenset({Kind.SPEND, Kind.RELEASE, Kind.GIVEN, Kind.GIVE_BACK}) | {
    Kind.HELD_OUT,
    Kind.GIFT_OUT,
}


class Aside(msgspec.Struct, frozen=True, array_like=True):
    """Lots set aside for an order or a gift until due_ms."""

    name: str
    gift: bool
    due_ms: int
    lots: tuple[Lot, ...]


class PointsAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="points"
):
    """One customer's points. available, held, escrow and owed are the sums of what the lists say,
    kept for the trial balance; tier_floor is the spend that the tier asks for.

    merged_into: who has it all since this customer was merged away; absorbed: the accounts whose
    points and history this one has taken over."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    owner: str
    hash: bytes
    entries: tuple[Entry, ...]
    lots: tuple[Lot, ...] = ()
    asides: tuple[Aside, ...] = ()
    spends: tuple[Spend, ...] = ()
    given: tuple[Given, ...] = ()
    available: int = 0
    held: int = 0
    escrow: int = 0
    owed: int = 0
    tier: str = ""
    tier_floor: int = 0
    due_ms: int = 0
    pages: int = 0
    sealed: int = 0
    sealed_hash: bytes = b""
    merged_into: str = ""
    absorbed: tuple[str, ...] = ()

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


def points_account_id(customer_id: str) -> str:
    """The id of a customer's points account."""
    return f"p_{customer_id}"


def owner_of(key: AccountKey) -> str:
    """The customer whose points account that is."""
    return key.a.removeprefix("p_")


def spent(account: PointsAccount | None, now_ms: int) -> int:
    """What counts towards the tier now, in minor units."""
    return sum(one.amount for one in account.spends if one.end_ms > now_ms) if account else 0


def instant(account: PointsAccount | None, now_ms: int) -> int:
    """The time at which a step on this account happens: never before its last entry."""
    return max(now_ms, account.entries[-1].at_ms) if account else now_ms


def empty(key: AccountKey, owner: str) -> PointsAccount:
    """What the first entry is folded into; never stored."""
    return PointsAccount(key=key, v=0, owner=owner, hash=b"", entries=())


def add(
    account: PointsAccount,
    kind: Kind,
    request: Request,
    now_ms: int,
    *,
    amount: int = 0,
    order: str = "",
    gift: str = "",
    coupon: str = "",
    campaign: str = "",
    origin: str = "",
    until_ms: int = 0,
    money: int = 0,
    cart: bytes = b"",
    facts: tuple[tuple[str, str], ...] = (),
) -> PointsAccount:
    """Appends one entry and folds it in."""
    debit, credit = BOOKS[kind]
    entry = Entry(
        number=0,
        kind=kind.value,
        debit=debit,
        credit=credit,
        at_ms=now_ms,
        actor=request.actor,
        owner=account.owner,
        amount=amount,
        request=request.request_id,
        print=request.print,
        campaign=campaign,
        order=order,
        gift=gift,
        coupon=coupon,
        origin=origin,
        until_ms=until_ms,
        discount=money,
        points=account.available + _gain(kind, amount),
        cart=cart,
        facts=facts,
    )
    before = account if account.v else None
    return fold(account, journal.seal(account.key.t, before, account.key.a, entry))


def fold(account: PointsAccount, entry: Entry) -> PointsAccount:
    """The state after one more sealed entry. Raises ValueError for one that cannot follow."""
    if account.merged_into:
        raise ValueError("what was merged away has no more entries")
    moved = _moved(account, entry)
    available = sum(lot.points for lot in moved.lots)
    if available != entry.points:
        raise ValueError("points are not what the lots say")
    counted = replace(
        moved,
        v=entry.number,
        hash=entry.hash,
        entries=(*account.entries, entry),
        available=available,
        held=sum(total(one.lots) for one in moved.asides if not one.gift),
        escrow=sum(total(one.lots) for one in moved.asides if one.gift),
    )
    return replace(counted, due_ms=_due_ms(counted))


def _moved(account: PointsAccount, entry: Entry) -> PointsAccount:
    """Lots, what is set aside, spend and tier after an entry."""
    kind = Kind(entry.kind)
    match kind:
        case Kind.HOLD | Kind.GIVE:
            return _set_aside(account, entry, gift=kind is Kind.GIVE)
        case Kind.MERGED | Kind.JOINED | Kind.HELD_IN | Kind.GIFT_IN:
            return _merged(account, kind, entry)
        case Kind.ORDER | Kind.RETURN_ORDER:
            amount = entry.discount if kind is Kind.ORDER else -entry.discount
            more = [Spend(entry.until_ms, amount)]
            return replace(account, spends=counted(account.spends, more, entry.at_ms))
        case Kind.TIER:
            counting = tuple(one for one in account.spends if one.end_ms > entry.at_ms)
            tier = entry.origin.partition(">")[2]
            return replace(account, spends=counting, tier=tier, tier_floor=entry.discount)
    if kind in _FREEING:
        return _free(account, entry, back=kind in {Kind.RELEASE, Kind.GIVE_BACK})
    owed = account.owed
    if kind in {Kind.OWE, Kind.OWED_IN}:
        owed += entry.amount
    elif kind in {Kind.REPAY, Kind.OWED_OUT}:
        owed -= entry.amount
    return replace(account, lots=_lots_after(account.lots, kind, entry), owed=owed)


def _lots_after(lots: tuple[Lot, ...], kind: Kind, entry: Entry) -> tuple[Lot, ...]:
    match kind:
        case Kind.EARN | Kind.GRANT:
            return put(lots, (Lot(entry.until_ms, entry.amount),))
        case Kind.REFUND | Kind.RECEIVE | Kind.IN:
            return put(lots, _told(entry))
        case Kind.TAKE_BACK | Kind.OUT:
            return without(lots, _told(entry))
        case Kind.EXPIRE:
            return without(lots, (Lot(entry.until_ms, entry.amount),))
        case Kind.REPAY:
            return take(lots, entry.amount)[1]
    return lots


def _set_aside(account: PointsAccount, entry: Entry, *, gift: bool) -> PointsAccount:
    taken, left = take(account.lots, entry.amount)
    aside = Aside(entry.gift if gift else entry.order, gift, entry.until_ms, taken)
    given = account.given
    if gift:
        since_ms = entry.at_ms - GIVEN_KEPT_MS
        recent = tuple(one for one in given if one.at_ms > since_ms)
        given = (*recent, Given(entry.at_ms, entry.amount))
    return replace(account, lots=left, asides=(*account.asides, aside), given=given)


def _free(account: PointsAccount, entry: Entry, *, back: bool) -> PointsAccount:
    name = entry.gift or entry.order
    aside = aside_of(account, name, gift=bool(entry.gift))
    if aside is None or total(aside.lots) != entry.amount or write(aside.lots) != entry.cart:
        raise ValueError("nothing of this amount is set aside under that name")
    asides = tuple(one for one in account.asides if one is not aside)
    lots = put(account.lots, aside.lots) if back else account.lots
    return replace(account, asides=asides, lots=lots)


def _merged(account: PointsAccount, kind: Kind, entry: Entry) -> PointsAccount:
    if kind is Kind.JOINED:
        return _joined(account, entry)
    if kind is not Kind.MERGED:
        gift = kind is Kind.GIFT_IN
        name = entry.gift if gift else entry.order
        aside = Aside(name, gift, entry.until_ms, _told(entry))
        return replace(account, asides=(*account.asides, aside))
    # Nothing is left; what counted over time is in the entry.
    left = account.lots or account.asides or account.owed
    if left or not entry.origin or entry.cart != carry.write(account.spends, account.given):
        raise ValueError("what was merged away still has something")
    merged = replace(account, merged_into=entry.origin, spends=(), given=())
    return replace(merged, tier="", tier_floor=0)


def _joined(account: PointsAccount, entry: Entry) -> PointsAccount:
    spends, given = carry.read(entry.cart)
    since_ms = entry.at_ms - GIVEN_KEPT_MS
    recent = [one for one in (*account.given, *given) if one.at_ms > since_ms]
    return replace(
        account,
        spends=counted(account.spends, spends, entry.at_ms),
        given=tuple(sorted(recent, key=lambda one: one.at_ms)),
        absorbed=(*account.absorbed, *[value for _, value in entry.facts]),
    )


def _due_ms(account: PointsAccount) -> int:
    """The first instant at which something ends by itself; 0 for never."""
    ends = [one.due_ms for one in account.asides]
    if account.lots:
        ends.append(account.lots[0].end_ms)
    if demotion_ms := tier_end_ms(account):
        ends.append(demotion_ms)
    return min(ends, default=0)


def tier_end_ms(account: PointsAccount) -> int:
    """When the tier is lost if nothing more is bought; 0 for never."""
    if not account.tier_floor:
        return 0
    left = sum(one.amount for one in account.spends)
    for one in account.spends:
        left -= one.amount
        if left < account.tier_floor:
            return one.end_ms
    return 0


def aside_of(account: PointsAccount, name: str, *, gift: bool) -> Aside | None:
    """What is set aside for an order or a gift."""
    return next((one for one in account.asides if one.gift is gift and one.name == name), None)


def _told(entry: Entry) -> tuple[Lot, ...]:
    lots = read(entry.cart)
    if total(lots) != entry.amount or any(lot.points <= 0 for lot in lots):
        raise ValueError("the lots are not what the amount says")
    return lots


def _gain(kind: Kind, amount: int) -> int:
    debit, credit = BOOKS[kind]
    return amount * ((credit == "points.available") - (debit == "points.available"))


def begin(key: AccountKey, entry: Entry) -> PointsAccount | None:
    """The account that a first entry opens; None for one that is not legal."""
    return follow(empty(key, entry.owner), entry)


def follow(account: PointsAccount, entry: Entry) -> PointsAccount | None:
    """The account after a legal entry; None for one that is not legal."""
    try:
        legal = (entry.debit, entry.credit) == BOOKS[Kind(entry.kind)]
        if not legal or entry.amount < 0 or entry.owner != account.owner:
            return None
        after = fold(account, entry)
    except ValueError:
        return None
    return after if after.owed >= 0 else None


def folding(key: AccountKey) -> Folding[PointsAccount]:
    """Verifies an account from its first entry on, page by page."""
    return Folding(key, begin, follow)


def fault(account: PointsAccount) -> str | None:
    """What is wrong with a stored points account that has no pages; None for nothing."""
    return folding(account.key).finish(account)
