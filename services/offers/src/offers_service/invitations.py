"""Invitation codes: who invited whom, what both get for it, and when that is taken back. Pure.

A newcomer has one invitation account, for good: it is opened by signing up with a member's code,
QUALIFIED by an order as the programme asks for it, and REVERSED when too much of that order came
back in time. The rewards follow from its entries, each under a cause of its own.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from offers_service import journal
from offers_service.codes import account_id
from offers_service.coupon_account import AccountKey
from offers_service.invitation_terms import Reward, Terms, note
from offers_service.journal import Entry, Request

_DAY_MS = 86_400_000


class InvitationOutcome(StrEnum):
    """What came of a step; everything but APPLIED changed nothing."""

    APPLIED = "applied"
    NO_PROGRAM = "no_program"
    NOT_FOUND = "not_found"
    NOT_A_MEMBER = "not_a_member"
    ALREADY_MEMBER = "already_member"
    ALREADY_INVITED = "already_invited"
    SIGN_UP_CONFLICT = "sign_up_conflict"
    SELF_INVITATION = "self_invitation"
    RING = "ring"
    NOT_INVITED = "not_invited"
    BELOW_MINIMUM = "below_minimum"
    TOO_LATE = "too_late"
    ALREADY_QUALIFIED = "already_qualified"
    KEPT = "kept"
    REQUEST_CONFLICT = "request_conflict"
    TOO_MANY_TRIES = "too_many_tries"


class InvitationState(StrEnum):
    """Where an invitation is."""

    ACCEPTED = "accepted"
    QUALIFIED = "qualified"
    REVERSED = "reversed"


class InvitationAccount(
    msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="invitation"
):
    """owner invited, claimer signed up with inviter_account's code. Of QUALIFIED on: the order, its
    net amount and time, the rewards, the minimum that has to be left, and until when a return takes
    the rewards back; capped: the inviter gets none, having had as many as the programme gives."""

    key: AccountKey = msgspec.field(name="_id")
    v: int
    state: InvitationState
    owner: str
    claimer: str
    inviter_account: str
    accepted_ms: int
    hash: bytes
    entries: tuple[Entry, ...]
    order: str = ""
    net: int = 0
    qualified_ms: int = 0
    return_until_ms: int = 0
    minimum: int = 0
    inviter_reward: Reward = Reward()
    newcomer_reward: Reward = Reward()
    capped: bool = False

    @property
    def account_id(self) -> str:
        """The invitation's id."""
        return self.key.a

    @property
    def version(self) -> int:
        """The number of its last entry."""
        return self.v


def invitation_id(newcomer_id: str) -> str:
    """The one invitation of whoever signed up under that id."""
    return account_id("in_", newcomer_id)


class Accept(msgspec.Struct, frozen=True):
    """claimer signed up with the code of inviter_account; ring: the inviter was brought by the
    claimer; same_person: they are one customer under merged identifiers."""

    key: AccountKey
    request: Request
    inviter: str
    inviter_account: str
    claimer: str
    now_ms: int
    same_person: bool = False
    ring: bool = False


class Qualify(msgspec.Struct, frozen=True):
    """An order of the newcomer's; capped, same_person and ring as in Accept."""

    request: Request
    order: str
    net: int
    terms: Terms
    now_ms: int
    capped: bool = False
    same_person: bool = False
    ring: bool = False


class Left(msgspec.Struct, frozen=True):
    """So much of an order is left after a return."""

    request: Request
    order: str
    left: int
    now_ms: int


class InvitationDecision(msgspec.Struct, frozen=True):
    """account: as it has to be saved, the very same object when there is nothing to save."""

    outcome: InvitationOutcome
    account: InvitationAccount | None


def accept(account: InvitationAccount | None, command: Accept) -> InvitationDecision:
    """Opens a newcomer's invitation, once for good."""
    if account is not None:
        answered = journal.answered(account, command.request)
        if answered is None:
            return InvitationDecision(InvitationOutcome.ALREADY_INVITED, account)
        same = InvitationOutcome.APPLIED if answered[1] else InvitationOutcome.REQUEST_CONFLICT
        return InvitationDecision(same, account)
    if refusal := _refused(command):
        return InvitationDecision(refusal, None)
    key = command.key
    entry = note(
        "invite_accept",
        command.claimer,
        command.request,
        command.now_ms,
        origin=command.inviter,
        coupon=command.inviter_account,
    )
    opened = _begin(key, journal.seal(key.t, None, key.a, entry))
    return InvitationDecision(InvitationOutcome.APPLIED, opened)


def _refused(command: Accept | Qualify) -> InvitationOutcome | None:
    if command.same_person:
        return InvitationOutcome.SELF_INVITATION
    return InvitationOutcome.RING if command.ring else None


def qualify(account: InvitationAccount | None, command: Qualify) -> InvitationDecision:
    """The first order that is as the programme asks earns both their rewards; what these are stays
    with the invitation, whatever the programme says later."""
    if account is None:
        return InvitationDecision(InvitationOutcome.NOT_INVITED, None)
    if account.state is not InvitationState.ACCEPTED:
        again = account.order == command.order
        known = InvitationOutcome.APPLIED if again else InvitationOutcome.ALREADY_QUALIFIED
        return InvitationDecision(known, account)
    terms, now_ms = command.terms, max(command.now_ms, account.entries[-1].at_ms)
    if refusal := _refused(command):
        return InvitationDecision(refusal, account)
    if now_ms >= account.accepted_ms + terms.qualify_days * _DAY_MS:
        return InvitationDecision(InvitationOutcome.TOO_LATE, account)
    if command.net < max(terms.minimum_minor_units, 1):
        return InvitationDecision(InvitationOutcome.BELOW_MINIMUM, account)
    facts = (
        ("inviter_points", str(terms.inviter.points)),
        ("inviter_offer", terms.inviter.offer),
        ("newcomer_points", str(terms.newcomer.points)),
        ("newcomer_offer", terms.newcomer.offer),
        ("minimum", str(max(terms.minimum_minor_units, 1))),
        ("capped", "yes" if command.capped else ""),
    )
    entry = note(
        "invite_qualify",
        account.claimer,
        command.request,
        now_ms,
        origin=account.owner,
        order=command.order,
        discount=command.net,
        until_ms=now_ms + terms.return_days * _DAY_MS,
        facts=tuple(fact for fact in facts if fact[1] not in ("", "0")),
    )
    after = fold(account, journal.seal(account.key.t, account, account.key.a, entry))
    return InvitationDecision(InvitationOutcome.APPLIED, after)


def left(account: InvitationAccount | None, command: Left) -> InvitationDecision:
    """After a return: the rewards are taken back if too little is left of the order, in time."""
    if account is None or not account.order or account.order != command.order:
        return InvitationDecision(InvitationOutcome.NOT_INVITED, account)
    if account.state is InvitationState.REVERSED:
        return InvitationDecision(InvitationOutcome.APPLIED, account)
    now_ms = max(command.now_ms, account.entries[-1].at_ms)
    if command.left >= account.minimum or now_ms >= account.return_until_ms:
        return InvitationDecision(InvitationOutcome.KEPT, account)
    entry = note(
        "invite_reverse",
        account.claimer,
        command.request,
        now_ms,
        origin=account.owner,
        order=command.order,
        discount=command.left,
    )
    after = fold(account, journal.seal(account.key.t, account, account.key.a, entry))
    return InvitationDecision(InvitationOutcome.APPLIED, after)


def fold(account: InvitationAccount, entry: Entry) -> InvitationAccount:
    """The state after one more sealed entry. Raises ValueError for one that cannot follow."""
    after = replace(account, v=entry.number, hash=entry.hash, entries=(*account.entries, entry))
    if entry.kind == "invite_qualify" and account.state is InvitationState.ACCEPTED:
        return replace(
            after,
            state=InvitationState.QUALIFIED,
            order=entry.order,
            net=entry.discount,
            qualified_ms=entry.at_ms,
            return_until_ms=entry.until_ms,
            minimum=int(entry.fact("minimum")),
            inviter_reward=_reward(entry, "inviter"),
            newcomer_reward=_reward(entry, "newcomer"),
            capped=bool(entry.fact("capped")),
        )
    if entry.kind == "invite_reverse" and account.state is InvitationState.QUALIFIED:
        return replace(after, state=InvitationState.REVERSED)
    raise ValueError(f"{entry.kind} cannot follow")


def fault(account: InvitationAccount) -> str | None:
    """What is wrong with a stored invitation: chain, steps or state; None for nothing."""
    if broken := journal.chain_fault(account.key.t, account):
        return broken
    if account.entries[0].kind != "invite_accept":
        return "entries are not those of an invitation"
    folded = _begin(account.key, account.entries[0])
    for entry in account.entries[1:]:
        folded = fold(folded, entry)
    return journal.fold_fault(account, folded)


_DAY_MS = 86_400_000


def _reward(entry: Entry, side: str) -> Reward:
    return Reward(int(entry.fact(f"{side}_points") or 0), entry.fact(f"{side}_offer"))


def _begin(key: AccountKey, entry: Entry) -> InvitationAccount:
    return InvitationAccount(
        key=key,
        v=1,
        state=InvitationState.ACCEPTED,
        owner=entry.origin,
        claimer=entry.owner,
        inviter_account=entry.coupon,
        accepted_ms=entry.at_ms,
        hash=entry.hash,
        entries=(entry,),
    )
