"""Claiming a gift: by a member, or by somebody who becomes one in the claim.

Every step is repeated by a retry: the sign-up under a request id that follows from the claim's, the
place on the claimer's day by its cause, the claim by its own request id. Nobody is signed up for a
gift that is closed already; who signs up and then finds somebody else was faster stays a member.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from offers_service import gifts
from offers_service.codes import Secrets
from offers_service.coupon_account import CouponAccount
from offers_service.gift_account import RECIPIENT_ARM, REFERRAL, GiftAccount
from offers_service.gift_days import Side
from offers_service.gifts import ClaimGift, Facts, GiftDecision, GiftOutcome
from offers_service.journal import Request
from offers_service.service_followers import GiftFollower
from offers_service.service_gift_arms import Arms
from offers_service.service_gift_days import DayLimits
from offers_service.service_gifts import NOT_FOUND, GiftDesk, People, Person
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.store_accounts import AccountStore, admit
from offers_service.store_offers import OfferStore

Identifiers = Sequence[tuple[str, str]]
_NAMESPACE = uuid.UUID("0b5a6a51-9a3c-5d0e-8d4b-2f6f2c7b9b10")
_SIGN_UP = "sign-up"
_NEWCOMER, _KNOWN = b"newcomer", b"known"
_REFERRALS_MAX = 20


class SignUps(Protocol):
    """What a claim by a newcomer asks of profile. Raises RpcFailure."""

    async def any_member(self, tenant_id: str, identifiers: Identifiers) -> bool:
        """Whether one of the identifiers is a member's."""
        ...

    async def sign_up(
        self, tenant_id: str, request_id: str, identifiers: Identifiers
    ) -> Person | None:
        """The member whom the identifiers name from now on; None where they conflict."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """claimer: a customer's id, or empty where identifiers, as (namespace, value), sign up."""

    token: str
    request: Request
    now_ms: int
    claimer: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """customer_id: who signed up, whatever became of the claim; else empty."""

    decision: GiftDecision
    customer_id: str = ""


class _Claimer(msgspec.Struct, frozen=True):
    """newcomer: became a member by this claim."""

    person: Person
    newcomer: bool = False


class ClaimDesk:
    """The coupon's account decides; the gift's account follows before the answer goes out."""

    def __init__(
        self,
        *,
        desk: GiftDesk,
        accounts: AccountStore,
        group: Group,
        offers: OfferStore,
        follower: GiftFollower,
        people: People,
        sign_ups: SignUps,
        lineage: Lineage,
        limits: DayLimits,
        arms: Arms,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._desk = desk
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._follower = follower
        self._people = people
        self._sign_ups = sign_ups
        self._lineage = lineage
        self._limits = limits
        self._arms = arms
        self._secrets_of = secrets_of

    async def claim(self, tenant_id: str, claim: Claim) -> Claimed:
        """Gives the coupon to a member other than the giver, for whom it may be meant."""
        found = await self._desk.find(tenant_id, claim.token)
        if found is None:
            return Claimed(NOT_FOUND)
        gift, coupon = found
        secrets = self._secrets_of(tenant_id)
        if answer := gifts.answered_claim(coupon, claim.request, gift.key.a, claim.now_ms, secrets):
            return await self._again(tenant_id, gift, answer, claim)
        claimer = await self._claimer(tenant_id, claim)
        if isinstance(claimer, GiftOutcome):
            return Claimed(GiftDecision(claimer, None, None, None))
        decided = await self._claim(tenant_id, gift, coupon, claim, claimer)
        return Claimed(decided, claimer.person.customer_id if claim.identifiers else "")

    async def _again(
        self, tenant_id: str, gift: GiftAccount, answer: GiftDecision, claim: Claim
    ) -> Claimed:
        """A repeat, or a gift that is closed. The first try may have stopped before the gift
        followed, or after it had signed somebody up: then it is told who."""
        if answer.outcome is GiftOutcome.APPLIED and answer.account is not None:
            await self._follower.follow(answer.account, gift.key.a)
        name = _sign_up_id(tenant_id, claim.request)
        if claim.identifiers and await self._offers.remembered(tenant_id, _SIGN_UP, name):
            person = await self._sign_ups.sign_up(tenant_id, name, claim.identifiers)
            return Claimed(answer, person.customer_id if person else "")
        return Claimed(answer)

    async def _claimer(self, tenant_id: str, claim: Claim) -> _Claimer | GiftOutcome:
        if not claim.identifiers:
            person = await self._people.find(tenant_id, claim.claimer)
            known = person is not None and person.member
            return _Claimer(person) if person and known else GiftOutcome.NOT_A_MEMBER
        name = _sign_up_id(tenant_id, claim.request)
        member = await self._sign_ups.any_member(tenant_id, claim.identifiers)
        # Only the first try can tell: whoever signed up in it is a member from then on.
        first, _ = await self._offers.remember(
            tenant_id, _SIGN_UP, name, _KNOWN if member else _NEWCOMER, claim.now_ms
        )
        person = await self._sign_ups.sign_up(tenant_id, name, claim.identifiers)
        if person is None:
            return GiftOutcome.SIGN_UP_CONFLICT
        return _Claimer(person, first == _NEWCOMER)

    async def _claim(
        self,
        tenant_id: str,
        gift: GiftAccount,
        coupon: CouponAccount,
        claim: Claim,
        claimer: _Claimer,
    ) -> GiftDecision:
        person, now_ms = claimer.person, claim.now_ms
        same = self._desk.is_same_person
        command = ClaimGift(
            request=claim.request,
            gift_id=gift.key.a,
            claimer=person.customer_id,
            now_ms=now_ms,
            same_person=await same(tenant_id, gift.owner, person),
            meant=not gift.recipient or await same(tenant_id, gift.recipient, person),
            facts=await self._facts(tenant_id, gift, claimer),
        )
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any) -> GiftDecision:
            return gifts.claim_gift(account, command, secrets)

        preview = decide(coupon)
        if preview.outcome is not GiftOutcome.APPLIED:
            return preview
        place = await self._limits.take(
            tenant_id,
            Side.RECIPIENT,
            person.customer_id,
            request=claim.request,
            coupon_id=coupon.key.a,
            now_ms=now_ms,
        )
        if place is None:
            return GiftDecision(GiftOutcome.RECIPIENT_DAY_LIMIT_REACHED, None, None, None)
        decided = await self._group.submit(coupon.key, decide)
        if decided.outcome is not GiftOutcome.APPLIED:
            await self._limits.free(place)
        elif decided.account is not None:
            await self._follower.follow(decided.account, gift.key.a)
        return decided

    async def _facts(self, tenant_id: str, gift: GiftAccount, claimer: _Claimer) -> Facts:
        """What the journal notes of a claim: the claimer's arms, and whom the giver brought."""
        customer_id = claimer.person.customer_id
        arms = await self._arms.facts(tenant_id, customer_id, gift.campaign, RECIPIENT_ARM)
        if not claimer.newcomer:
            return arms
        ids = [gift.owner, *await self._lineage.sources(tenant_id, gift.owner)]
        brought = await self._accounts.gifts_by(
            tenant_id, "claimer", ids, after="", limit=_REFERRALS_MAX
        )
        generations = [one.referral for one in brought if one.referral]
        return ((REFERRAL, str(min(generations, default=0) + 1)), *arms)


def _sign_up_id(tenant_id: str, request: Request) -> str:
    """The id of the request to profile that a claim makes."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant_id}/{request.actor}/{request.request_id}"))
