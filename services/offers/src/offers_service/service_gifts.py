"""Use cases of gifts: offer, look, cancel, decline, list. Raises as ledger.py does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from offers_service import gift_account, gifts
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState
from offers_service.coupons import NeedsOffer
from offers_service.gift_account import (
    GIVER_ARM,
    Gift,
    GiftAccount,
    GiftState,
    Opener,
    stored,
    tell,
)
from offers_service.gift_days import Side
from offers_service.gifts import (
    CancelGift,
    DeclineGift,
    GiftDecision,
    GiftOutcome,
    OfferGift,
)
from offers_service.journal import Request
from offers_service.service_followers import GiftFollower
from offers_service.service_gift_arms import Arms
from offers_service.service_gift_days import DayLimits
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.store_accounts import AccountStore, admit
from offers_service.store_offers import OfferStore


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as profile knows one: merged identifiers have the same customer_id."""

    customer_id: str
    member: bool


class People(Protocol):
    """What gifts ask of profile."""

    async def find(self, tenant_id: str, customer_id: str) -> Person | None:
        """The customer; None for nobody."""
        ...


class OwnerSearch(Protocol):
    """Owners: asked after a refusal, for merges that were heard of too late."""

    async def owner_of(self, tenant_id: str, coupon_id: str, customer_id: str) -> str | None:
        """The id under which the person owns the coupon; None when there is nothing to mend."""
        ...


NOT_FOUND = GiftDecision(GiftOutcome.NOT_FOUND, None, None, None)
_NOT_THEIRS = (GiftOutcome.NOT_OWNER, GiftOutcome.NOT_FOUND)


class _Seen(msgspec.Struct, frozen=True):
    account: GiftAccount | None


class GiftDesk:
    """The coupon's account decides; the gift's account follows before the answer goes out."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        offers: OfferStore,
        follower: GiftFollower,
        people: People,
        lineage: Lineage,
        limits: DayLimits,
        arms: Arms,
        owners: OwnerSearch,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._follower = follower
        self._people = people
        self._lineage = lineage
        self._limits = limits
        self._arms = arms
        self._owners = owners
        self._secrets_of = secrets_of

    async def offer(self, tenant_id: str, coupon_id: str, command: OfferGift) -> GiftDecision:
        """Puts a coupon into escrow; the gift's token is Secrets.token of its id."""
        admit(command)
        coupon = await self._coupon(tenant_id, coupon_id)
        if coupon is None:
            return NOT_FOUND
        # Before anything is written: most refusals, and repeats, need no place on the giver's day.
        first = await self._decide_offer(tenant_id, coupon, command)
        if first.outcome in _NOT_THEIRS:
            owner = await self._owners.owner_of(tenant_id, coupon_id, command.giver)
            if owner is not None:
                only_owner = owner if command.only_owner else ""
                mended = replace(command, giver=owner, only_owner=only_owner)
                return await self.offer(tenant_id, coupon_id, mended)
        # While a budget is asked nobody knows yet who gets the coupon: the group waits for that.
        if first.account is coupon and coupon.state is not CouponState.HOLDING:
            return await self._followed(first)
        if refusal := await self._wrong_recipient(tenant_id, command):
            return GiftDecision(refusal, None, None, None)
        return await self._offer(tenant_id, coupon, command)

    async def _wrong_recipient(self, tenant_id: str, command: OfferGift) -> GiftOutcome | None:
        if not command.recipient:
            return None
        person = await self._people.find(tenant_id, command.recipient)
        if person is None:
            return GiftOutcome.RECIPIENT_NOT_FOUND
        own = await self.is_same_person(tenant_id, command.giver, person)
        return GiftOutcome.SELF_GIFT if own else None

    async def _offer(
        self, tenant_id: str, coupon: CouponAccount, command: OfferGift
    ) -> GiftDecision:
        facts = await self._arms.facts(tenant_id, command.giver, coupon.campaign, GIVER_ARM)
        command = replace(command, facts=facts)
        place = await self._limits.take(
            tenant_id,
            Side.GIVER,
            command.giver,
            request=command.request,
            coupon_id=coupon.key.a,
            now_ms=command.now_ms,
        )
        if place is None:
            return GiftDecision(GiftOutcome.GIVER_DAY_LIMIT_REACHED, None, None, None)
        secrets, offer_of = self._secrets_of(tenant_id), self._offers.known(tenant_id)

        def decide(account: Any) -> GiftDecision | NeedsOffer:
            return gifts.offer_gift(account, command, secrets, offer_of)

        decided = await self._group.submit(coupon.key, decide)
        if isinstance(decided, NeedsOffer):
            raise LookupError("the offer of a coupon is missing")
        if decided.outcome is not GiftOutcome.APPLIED:
            await self._limits.free(place)
        return await self._followed(decided)

    async def _decide_offer(
        self, tenant_id: str, coupon: CouponAccount, command: OfferGift
    ) -> GiftDecision:
        offer = await self._offers.get(tenant_id, coupon.offer)
        decided = gifts.offer_gift(coupon, command, self._secrets_of(tenant_id), lambda _: offer)
        if isinstance(decided, NeedsOffer):
            raise LookupError("the offer of a coupon is missing")
        return decided

    async def look(
        self, tenant_id: str, token: str, now_ms: int, viewer: str, opener: Opener | None
    ) -> Gift | None:
        """The gift of a token, which this does not touch but for noting, once, that somebody else
        than the giver has opened it: `opener`, and which customer that is, if one signed in."""
        found = await self.find(tenant_id, token)
        if found is None:
            return None
        account, coupon = found
        gift = tell(coupon, account.key.a, now_ms)
        is_open = gift is not None and gift.state is GiftState.OFFERED
        if is_open and opener is not None and opener not in account.opened:
            await self._note_opened(tenant_id, account, viewer, opener, now_ms)
        return gift

    async def _note_opened(
        self, tenant_id: str, gift: GiftAccount, viewer: str, opener: Opener, now_ms: int
    ) -> None:
        if opener is Opener.CUSTOMER:
            roots = await self._lineage.roots(tenant_id, [viewer, gift.owner])
            if roots[viewer] == roots[gift.owner]:
                return

        def decide(account: Any) -> _Seen:
            return _Seen(gift_account.see(account, opener, now_ms) if account else None)

        await self._group.submit(gift.key, decide)

    async def cancel(self, tenant_id: str, command: CancelGift) -> GiftDecision:
        """Takes an open gift back to its giver."""
        admit(command)
        account = await self._accounts.get(AccountKey(tenant_id, command.gift_id))
        if not isinstance(account, GiftAccount):
            return NOT_FOUND
        secrets = self._secrets_of(tenant_id)

        def decide(coupon: Any) -> GiftDecision:
            return gifts.cancel_gift(coupon, command, secrets)

        key = AccountKey(tenant_id, account.coupon)
        decided = await self._group.submit(key, decide)
        if decided.outcome is GiftOutcome.NOT_OWNER:
            owner = await self._owners.owner_of(tenant_id, account.coupon, command.giver)
            if owner is not None:
                return await self.cancel(tenant_id, replace(command, giver=owner))
        return await self._followed(decided)

    async def decline(
        self, tenant_id: str, token: str, request: Request, customer_id: str, now_ms: int
    ) -> GiftDecision:
        """Sends an open gift back that is meant for this customer."""
        found = await self.find(tenant_id, token)
        if found is None:
            return NOT_FOUND
        account = found[0]
        meant = bool(account.recipient)
        if meant and account.recipient != customer_id:
            person = await self._people.find(tenant_id, customer_id)
            meant = person is not None and await self.is_same_person(
                tenant_id, account.recipient, person
            )
        command = DeclineGift(request, account.key.a, now_ms, meant)
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(coupon: Any) -> GiftDecision:
            return gifts.decline_gift(coupon, command, secrets)

        key = AccountKey(tenant_id, account.coupon)
        return await self._followed(await self._group.submit(key, decide))

    async def is_same_person(self, tenant_id: str, customer_id: str, person: Person) -> bool:
        """Whether profile knows the customer under the same id as the person."""
        if customer_id == person.customer_id:
            return True
        other = await self._people.find(tenant_id, customer_id)
        return other is not None and other.customer_id == person.customer_id

    async def given(
        self, tenant_id: str, giver: str, *, after: str, limit: int, now_ms: int
    ) -> list[Gift]:
        """Gifts of one giver in order of id, beyond the id `after`."""
        return await self._list(tenant_id, "owner", giver, after=after, limit=limit, now_ms=now_ms)

    async def received(
        self, tenant_id: str, recipient: str, *, after: str, limit: int, now_ms: int
    ) -> list[Gift]:
        """Gifts meant for one customer in order of id, beyond the id `after`."""
        return await self._list(
            tenant_id, "recipient", recipient, after=after, limit=limit, now_ms=now_ms
        )

    async def referrals(self, tenant_id: str, referrer: str, after: str, limit: int) -> list[Gift]:
        """Gifts of one customer by which somebody became a member, in order of id."""
        ids = [referrer, *await self._lineage.sources(tenant_id, referrer)]
        found = await self._accounts.gifts_by(
            tenant_id, "owner", ids, after=after, limit=limit, narrowed={"referral": {"$gt": 0}}
        )
        return [stored(account) for account in found]

    async def _list(
        self,
        tenant_id: str,
        field: str,
        customer_id: str,
        *,
        after: str,
        limit: int,
        now_ms: int,
    ) -> list[Gift]:
        """Open ones are told by their coupons, which may be ahead."""
        ids = [customer_id, *await self._lineage.sources(tenant_id, customer_id)]
        accounts = await self._accounts.gifts_by(tenant_id, field, ids, after=after, limit=limit)
        asked = [a.coupon for a in accounts if a.state is GiftState.OFFERED]
        keys = [AccountKey(tenant_id, coupon_id) for coupon_id in asked]
        coupons = await self._accounts.load(keys) if keys else {}
        told = []
        for account in accounts:
            coupon = coupons.get(AccountKey(tenant_id, account.coupon))
            led = isinstance(coupon, CouponAccount) and tell(coupon, account.key.a, now_ms)
            told.append(led or stored(account))
        return told

    async def find(self, tenant_id: str, token: str) -> tuple[GiftAccount, CouponAccount] | None:
        """A token's gift and its coupon; None for a token that is none."""
        lookup = self._secrets_of(tenant_id).lookup_of_token(token)
        account = await self._accounts.find(tenant_id, lookup) if lookup else None
        if not isinstance(account, GiftAccount):
            return None
        coupon = await self._coupon(tenant_id, account.coupon)
        return (account, coupon) if coupon else None

    async def _coupon(self, tenant_id: str, coupon_id: str) -> CouponAccount | None:
        if not coupon_id.startswith("c_"):
            return None
        account = await self._accounts.get(AccountKey(tenant_id, coupon_id))
        return account if isinstance(account, CouponAccount) else None

    async def _followed(self, decided: GiftDecision) -> GiftDecision:
        """A repeat follows as well: the first try may have stopped before."""
        if decided.outcome is GiftOutcome.APPLIED and decided.account and decided.gift:
            await self._follower.follow(decided.account, decided.gift.gift_id)
        return decided
