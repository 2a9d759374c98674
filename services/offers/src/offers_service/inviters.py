"""A member's invitation code, and the places of whom it brought. Pure.

A newcomer's place is taken before the invitation qualifies, so the inviter's limit holds under any
race. It is noted when the reward is paid, and freed for good when the newcomer's order came back.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.invitation_terms import SYSTEM, note
from offers_service.journal import Entry


class PlaceState(StrEnum):
    """A newcomer's place with the inviter: taken until the reward is paid, freed for good when the
    order came back."""

    TAKEN = "taken"
    PAID = "paid"
    FREED = "freed"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """One newcomer's, by the id of the invitation."""

    invitation: str
    state: PlaceState


class InviterAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="inviter"
):
    """A member's code, by its keyed hash, and the places of whom it brought."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    owner: str
    lookup: bytes
    hash: bytes
    entries: tuple[Entry, ...]
    places: tuple[Place, ...] = ()

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v

    @property
    def rewarded_count(self) -> int:
        """Newcomers that count towards the limit."""
        return sum(one.state is not PlaceState.FREED for one in self.places)


def inviter_id(customer_id: str) -> str:
    """The inviter account of a customer."""
    return f"iv_{customer_id}"


class PlaceDecision(msgspec.Struct, frozen=True):
    """holds: whether the invitation has a place, which may have been freed since."""

    holds: bool
    account: InviterAccount | None


def open_code(
    account: InviterAccount | None, key: AccountKey, owner: str, secrets: Secrets, now_ms: int
) -> InviterAccount:
    """The account with a member's code; the same object if there is one."""
    if account is not None:
        return account
    entry = note("invite_open", owner, SYSTEM, now_ms)
    return _begin_inviter(key, journal.seal(key.t, None, key.a, entry), secrets)


def take(
    account: InviterAccount | None, invitation: str, limit: int, other_count: int, now_ms: int
) -> PlaceDecision:
    """A place for a newcomer, unless the inviter has had as many; other_count: places under ids
    that were merged into the inviter's."""
    if account is None:
        return PlaceDecision(False, None)
    if place_of(account, invitation) is not None:
        return PlaceDecision(True, account)
    full = account.rewarded_count + other_count >= limit
    if full or account.v >= journal.ENTRIES_MAX:
        return PlaceDecision(False, account)
    return PlaceDecision(True, _place(account, "invite_place", invitation, now_ms))


def pay(account: InviterAccount | None, invitation: str, now_ms: int) -> PlaceDecision:
    """Notes that the inviter has the reward."""
    if account is None or place_of(account, invitation) is not PlaceState.TAKEN:
        return PlaceDecision(False, account)
    return PlaceDecision(True, _place(account, "invite_reward", invitation, now_ms))


def free(account: InviterAccount | None, invitation: str, now_ms: int) -> PlaceDecision:
    """The place of a newcomer whose order came back; it is never taken again."""
    state = place_of(account, invitation) if account else None
    if account is None or state in (None, PlaceState.FREED):
        return PlaceDecision(False, account)
    return PlaceDecision(True, _place(account, "invite_free", invitation, now_ms))


def place_of(account: InviterAccount, invitation: str) -> PlaceState | None:
    """The place of a newcomer; None for none."""
    return next((one.state for one in account.places if one.invitation == invitation), None)


def fault(account: InviterAccount, secrets: Secrets) -> str | None:
    """What is wrong with a stored inviter account; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if account.entries[0].kind != "invite_open":
        return "entries are not those of an inviter"
    folded = _begin_inviter(account.key, account.entries[0], secrets)
    for entry in account.entries[1:]:
        folded = _fold_place(folded, entry)
    return journal.fold_fault(account, folded)


_PLACES = {
    "invite_place": (None, PlaceState.TAKEN),
    "invite_reward": (PlaceState.TAKEN, PlaceState.PAID),
    "invite_free": (None, PlaceState.FREED),
}


def _begin_inviter(key: AccountKey, entry: Entry, secrets: Secrets) -> InviterAccount:
    lookup = secrets.code_lookup(key.a, 0)
    return InviterAccount(key, 1, entry.owner, lookup, entry.hash, (entry,))


def _place(account: InviterAccount, kind: str, invitation: str, now_ms: int) -> InviterAccount:
    entry = note(kind, account.owner, SYSTEM, now_ms, gift=invitation)
    return _fold_place(account, journal.seal(account.key.t, account, account.key.a, entry))


def _fold_place(account: InviterAccount, entry: Entry) -> InviterAccount:
    before, state = _PLACES[entry.kind]
    known = place_of(account, entry.gift)
    if (known is None) is not (state is PlaceState.TAKEN) or (before and known is not before):
        raise ValueError(f"{entry.kind} cannot follow")
    others = tuple(one for one in account.places if one.invitation != entry.gift)
    return replace(
        account,
        v=entry.number,
        hash=entry.hash,
        entries=(*account.entries, entry),
        places=(*others, Place(entry.gift, state)),
    )
