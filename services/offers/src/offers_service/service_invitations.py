"""Use cases of invitation codes. Raises as service_ledger.py does, and RpcFailure without profile.

The newcomer's invitation leads. Before it qualifies, the inviter's account takes a place for it;
after each of its entries both rewards are brought to what it says. Every step is known by a cause,
so whoever finds it behind (a repeat, the relay) finishes it, once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from offers_service import invitations, inviters, points
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.invitation_terms import Reward, Terms
from offers_service.invitations import (
    Accept,
    InvitationAccount,
    InvitationDecision,
    InvitationOutcome,
    InvitationState,
    Left,
    Qualify,
    invitation_id,
)
from offers_service.inviters import InviterAccount, PlaceDecision, inviter_id
from offers_service.journal import Request
from offers_service.points import Grant, NeedsPast, Past, PointsDecision
from offers_service.points_account import owner_of
from offers_service.points_program import Program
from offers_service.reversals import Revoke
from offers_service.service_claims import Identifiers, SignUps
from offers_service.service_gifts import People
from offers_service.service_group import Group
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_points import PointsBook
from offers_service.service_reversals import Reversals
from offers_service.store_accounts import AccountStore, AnyAccount, admit
from offers_service.store_invitations import InvitationStore
from offers_service.store_merges import HOPS_MAX
from offers_service.store_offers import OfferStore

_NAMESPACE = uuid.UUID("3b7f5a40-0f0a-5f0d-9a39-6d0f6b1f6a3e")
_SIGN_UP = "invited"
_NEWCOMER, _KNOWN = b"newcomer", b"known"
_ACTOR = "system:invitation"


class Accepted(NamedTuple):
    """customer_id: who signed up, whatever became of the invitation; else empty."""

    outcome: InvitationOutcome
    account: InvitationAccount | None = None
    customer_id: str = ""


class _Opened(msgspec.Struct, frozen=True):
    account: InviterAccount | None


class Rewards:
    """Pays what invitations earned, and takes it back; harmless to repeat."""

    def __init__(
        self,
        *,
        group: Group,
        ledger: CouponLedger,
        reversals: Reversals,
        book: PointsBook,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._group = group
        self._ledger = ledger
        self._reversals = reversals
        self._book = book
        self._secrets_of = secrets_of

    async def settle(self, account: InvitationAccount) -> None:
        """Brings both rewards to what the invitation, as it is saved, says."""
        if account.state is InvitationState.ACCEPTED:
            return
        await self._settle_one(account, account.claimer, account.newcomer_reward, "newcomer")
        if account.capped:
            return
        await self._settle_one(account, account.owner, account.inviter_reward, "inviter")
        await self._note(account, inviters.pay)
        if account.state is InvitationState.REVERSED:
            await self._note(account, inviters.free)

    async def _note(
        self,
        account: InvitationAccount,
        step: Callable[[InviterAccount | None, str, int], PlaceDecision],
    ) -> None:
        at_ms = account.entries[-1].at_ms

        def decide(inviter: Any) -> PlaceDecision:
            return step(inviter, account.key.a, at_ms)

        await self._group.submit(AccountKey(account.key.t, account.inviter_account), decide)

    async def _settle_one(
        self, account: InvitationAccount, customer_id: str, reward: Reward, side: str
    ) -> None:
        """In order, so that whoever repeats it never takes back what was not paid."""
        reversed_ = account.state is InvitationState.REVERSED
        cause = f"{account.key.a}/{side}"
        if reward.points:
            await self._points(account, customer_id, reward.points, cause)
            if reversed_:
                await self._points(account, customer_id, -reward.points, cause)
        if reward.offer:
            issued = await self._ledger.issue(
                account.key.t,
                offer_id=reward.offer,
                customer_id=customer_id,
                campaign_id="",
                cause=cause,
                actor=_ACTOR,
                now_ms=account.qualified_ms,
            )
            if reversed_ and issued.coupon_id:
                request = Request(f"{cause}/back", _ACTOR, b"")
                command = Revoke(request, account.entries[-1].at_ms)
                await self._reversals.revoke(account.key.t, issued.coupon_id, command)

    async def _points(
        self, account: InvitationAccount, customer_id: str, amount: int, cause: str
    ) -> None:
        tenant_id, name = account.key.t, cause if amount > 0 else f"{cause}/back"
        at_ms = account.qualified_ms if amount > 0 else account.entries[-1].at_ms
        key = await self._book.key_of(tenant_id, customer_id, at_ms)
        print_ = self._secrets_of(tenant_id).print(name, amount)
        command = Grant(
            key=key,
            request=Request(name, _ACTOR, print_),
            owner=owner_of(key),
            points=abs(amount),
            now_ms=at_ms,
            origin="invitation",
            order=account.order,
            coupon=cause,
        )
        wanted = points.grant if amount > 0 else points.ungrant

        def decide(found: Any, program: Program, past: Past) -> PointsDecision | NeedsPast:
            return wanted(found, command, program, past)

        await self._book.step(key, await self._book.terms(tenant_id), decide)


class InvitationDesk:
    """Codes, sign-ups with them, and what orders and returns of newcomers mean."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        store: InvitationStore,
        offers: OfferStore,
        people: People,
        sign_ups: SignUps,
        lineage: Lineage,
        rewards: Rewards,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._group = group
        self.store = store
        self._offers = offers
        self._people = people
        self._sign_ups = sign_ups
        self._lineage = lineage
        self._rewards = rewards
        self._secrets_of = secrets_of

    async def code(self, tenant_id: str, customer_id: str, now_ms: int) -> str | InvitationOutcome:
        """A member's code, the same one for ever; NO_PROGRAM or NOT_A_MEMBER."""
        if await self.store.terms(tenant_id) is None:
            return InvitationOutcome.NO_PROGRAM
        person = await self._people.find(tenant_id, customer_id)
        if person is None or not person.member:
            return InvitationOutcome.NOT_A_MEMBER
        key = AccountKey(tenant_id, inviter_id(person.customer_id))
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any) -> _Opened:
            opened = inviters.open_code(account, key, person.customer_id, secrets, now_ms)
            return _Opened(opened)

        await self._group.submit(key, decide)
        return secrets.code(key.a, 0)

    async def accept(
        self, tenant_id: str, code: str, request: Request, identifiers: Identifiers, now_ms: int
    ) -> Accepted:
        """Somebody who was no member signs up with a code."""
        inviter = await self._inviter(tenant_id, code)
        if inviter is None:
            return Accepted(InvitationOutcome.NOT_FOUND)
        if await self.store.terms(tenant_id) is None:
            return Accepted(InvitationOutcome.NO_PROGRAM)
        name = str(uuid.uuid5(_NAMESPACE, f"{tenant_id}/{request.actor}/{request.request_id}"))
        member = await self._sign_ups.any_member(tenant_id, identifiers)
        # Only the first try can tell: whoever signed up in it is a member from then on.
        first, _ = await self._offers.remember(
            tenant_id, _SIGN_UP, name, _KNOWN if member else _NEWCOMER, now_ms
        )
        if first == _KNOWN:
            return Accepted(InvitationOutcome.ALREADY_MEMBER)
        person = await self._sign_ups.sign_up(tenant_id, name, identifiers)
        if person is None:
            return Accepted(InvitationOutcome.SIGN_UP_CONFLICT)
        newcomer = person.customer_id
        same, ring = await self._relation(tenant_id, inviter.owner, newcomer)
        command = Accept(
            key=AccountKey(tenant_id, invitation_id(newcomer)),
            request=request,
            inviter=inviter.owner,
            inviter_account=inviter.key.a,
            claimer=newcomer,
            now_ms=now_ms,
            same_person=same,
            ring=ring,
        )
        admit(command)

        def decide(account: Any) -> InvitationDecision:
            return invitations.accept(account, command)

        decided = await self._group.submit(command.key, decide)
        return Accepted(decided.outcome, decided.account, newcomer)

    async def ordered(
        self, tenant_id: str, customer_id: str, command: Qualify
    ) -> InvitationDecision:
        """An order of somebody who may have been invited. command.terms is filled in here."""
        invitation = await self._of_person(tenant_id, customer_id)
        if invitation is None:
            return InvitationDecision(InvitationOutcome.NOT_INVITED, None)
        terms = await self.store.terms(tenant_id)
        if terms is None:
            return InvitationDecision(InvitationOutcome.NO_PROGRAM, invitation)
        same, ring = await self._relation(tenant_id, invitation.owner, invitation.claimer)
        command = replace(command, terms=terms, same_person=same, ring=ring)
        admit(command)
        preview = invitations.qualify(invitation, command)
        if preview.outcome is InvitationOutcome.APPLIED and preview.account is not invitation:
            capped = not await self._take(tenant_id, invitation, terms, command.now_ms)
            command = replace(command, capped=capped)

            def decide(account: Any) -> InvitationDecision:
                return invitations.qualify(account, command)

            preview = await self._group.submit(invitation.key, decide)
        return await self._settled(preview)

    async def returned(self, tenant_id: str, customer_id: str, command: Left) -> InvitationDecision:
        """Something of an order came back."""
        invitation = await self._of_person(tenant_id, customer_id)
        if invitation is None:
            return InvitationDecision(InvitationOutcome.NOT_INVITED, None)
        admit(command)

        def decide(account: Any) -> InvitationDecision:
            return invitations.left(account, command)

        return await self._settled(await self._group.submit(invitation.key, decide))

    async def settle(self, key: AccountKey) -> None:
        """Finishes what an invitation says, for whoever was killed before."""
        account = await self._accounts.get(key)
        if isinstance(account, InvitationAccount):
            await self._rewards.settle(account)

    async def invited(
        self, tenant_id: str, inviter: str, *, after: str, limit: int
    ) -> list[InvitationAccount]:
        """Invitations of one member in order of id, beyond the id `after`."""
        found: list[AnyAccount] = []
        for owner in (inviter, *await self._lineage.sources(tenant_id, inviter)):
            found += await self._accounts.owned(
                tenant_id, owner, "invitation", after=after, limit=limit
            )
        listed = [one for one in found if isinstance(one, InvitationAccount)]
        return sorted(listed, key=lambda one: one.key.a)[:limit]

    async def _settled(self, decided: InvitationDecision) -> InvitationDecision:
        """A repeat settles as well: the first try may have stopped before."""
        if decided.outcome is InvitationOutcome.APPLIED and decided.account is not None:
            await self._rewards.settle(decided.account)
        return decided

    async def _inviter(self, tenant_id: str, code: str) -> InviterAccount | None:
        lookup = self._secrets_of(tenant_id).lookup_of_code(code)
        account = await self._accounts.find(tenant_id, lookup) if lookup else None
        return account if isinstance(account, InviterAccount) else None

    async def _of_person(self, tenant_id: str, customer_id: str) -> InvitationAccount | None:
        """The first invitation of a person: who signed up twice and was merged counts once."""
        people = await self._lineage.people(tenant_id, [customer_id])
        found = await self._invitations(tenant_id, [customer_id, *people.others(customer_id)])
        return min(found, key=lambda one: (one.accepted_ms, one.key.a), default=None)

    async def _invitations(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> list[InvitationAccount]:
        keys = [AccountKey(tenant_id, invitation_id(one)) for one in customer_ids]
        found = (await self._accounts.load(keys)).values()
        return [one for one in found if isinstance(one, InvitationAccount)]

    async def _relation(self, tenant_id: str, inviter: str, newcomer: str) -> tuple[bool, bool]:
        """Whether they are one person, and whether the newcomer brought the inviter, over however
        many others."""
        people = await self._lineage.people(tenant_id, [inviter, newcomer])
        root, above = people.root(newcomer), people.root(inviter)
        if root == above:
            return True, False
        for _ in range(HOPS_MAX):
            invitation = await self._of_person(tenant_id, above)
            if invitation is None:
                return False, False
            above = await self._lineage.root(tenant_id, invitation.owner)
            if above == root:
                return False, True
        return False, False

    async def _take(
        self, tenant_id: str, invitation: InvitationAccount, terms: Terms, now_ms: int
    ) -> bool:
        """A place with the inviter; places under other ids of the same person count as well."""
        people = await self._lineage.people(tenant_id, [invitation.owner])
        keys = [
            AccountKey(tenant_id, inviter_id(one))
            for one in (people.root(invitation.owner), *people.others(invitation.owner))
            if inviter_id(one) != invitation.inviter_account
        ]
        others = (await self._accounts.load(keys)).values() if keys else ()
        other_count = sum(one.rewarded_count for one in others if isinstance(one, InviterAccount))

        def decide(account: Any) -> PlaceDecision:
            limit = terms.rewards_max
            return inviters.take(account, invitation.key.a, limit, other_count, now_ms)

        key = AccountKey(tenant_id, invitation.inviter_account)
        return (await self._group.submit(key, decide)).holds
