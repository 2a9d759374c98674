"""Use cases of gifts: offer, look, claim, cancel, list. Raises as ledger.py does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from offers_service import gifts
from offers_service.codes import Secrets
from offers_service.commit import GroupCommit
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.coupons import NeedsOffer
from offers_service.gift_account import Gift, GiftAccount, GiftState, stored, tell
from offers_service.gifts import CancelGift, ClaimGift, GiftDecision, GiftOutcome, OfferGift
from offers_service.journal import Request
from offers_service.service_followers import GiftFollower
from offers_service.store_accounts import AccountStore, AnyAccount, admit
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


_NOT_FOUND = GiftDecision(GiftOutcome.NOT_FOUND, None, None, None)


class GiftDesk:
    """The coupon's account decides; the gift's account follows before the answer goes out."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: GroupCommit[AnyAccount],
        offers: OfferStore,
        follower: GiftFollower,
        people: People,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._follower = follower
        self._people = people
        self._secrets_of = secrets_of

    async def offer(self, tenant_id: str, coupon_id: str, command: OfferGift) -> GiftDecision:
        """Puts a coupon into escrow; the gift's token is Secrets.token of its id."""
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any) -> GiftDecision | NeedsOffer:
            return gifts.offer_gift(account, command, secrets, offer_of)

        if not coupon_id.startswith("c_"):
            return _NOT_FOUND
        offer_of = self._offers.known(tenant_id)
        key = AccountKey(tenant_id, coupon_id)
        decided = await self._group.submit(key, decide)
        if isinstance(decided, NeedsOffer):
            offer = await self._offers.get(tenant_id, decided.offer_id)
            offer_of = {decided.offer_id: offer}.get
            decided = await self._group.submit(key, decide)
        if isinstance(decided, NeedsOffer):
            raise LookupError("the offer of a coupon is missing")
        return await self._followed(decided)

    async def look(self, tenant_id: str, token: str, now_ms: int) -> Gift | None:
        """The gift of a token, without touching it."""
        found = await self._find(tenant_id, token)
        if found is None:
            return None
        account, coupon = found
        return tell(coupon, account.key.a, now_ms)

    async def claim(
        self, tenant_id: str, token: str, request: Request, claimer: str, now_ms: int
    ) -> GiftDecision:
        """Gives the coupon to a member other than the giver."""
        found = await self._find(tenant_id, token)
        if found is None:
            return _NOT_FOUND
        account = found[0]
        person = await self._people.find(tenant_id, claimer)
        if person is None or not person.member:
            return GiftDecision(GiftOutcome.NOT_A_MEMBER, None, None, None)
        giver = await self._people.find(tenant_id, account.owner)
        command = ClaimGift(
            request=request,
            gift_id=account.key.a,
            claimer=person.customer_id,
            now_ms=now_ms,
            same_person=giver is not None and giver.customer_id == person.customer_id,
        )
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(coupon: Any) -> GiftDecision:
            return gifts.claim_gift(coupon, command, secrets)

        key = AccountKey(tenant_id, account.coupon)
        return await self._followed(await self._group.submit(key, decide))

    async def cancel(self, tenant_id: str, command: CancelGift) -> GiftDecision:
        """Takes an open gift back to its giver."""
        admit(command)
        account = await self._accounts.get(AccountKey(tenant_id, command.gift_id))
        if not isinstance(account, GiftAccount):
            return _NOT_FOUND
        secrets = self._secrets_of(tenant_id)

        def decide(coupon: Any) -> GiftDecision:
            return gifts.cancel_gift(coupon, command, secrets)

        key = AccountKey(tenant_id, account.coupon)
        return await self._followed(await self._group.submit(key, decide))

    async def given(
        self, tenant_id: str, giver: str, *, after: str, limit: int, now_ms: int
    ) -> list[Gift]:
        """Gifts of one giver in order of id, beyond the id `after`.

        Open ones are told by their coupons, which may be ahead.
        """
        found = await self._accounts.owned(tenant_id, giver, "gift", after=after, limit=limit)
        accounts = [account for account in found if isinstance(account, GiftAccount)]
        asked = [a.coupon for a in accounts if a.state is GiftState.OFFERED]
        keys = [AccountKey(tenant_id, coupon_id) for coupon_id in asked]
        coupons = await self._accounts.load(keys) if keys else {}
        told = []
        for account in accounts:
            coupon = coupons.get(AccountKey(tenant_id, account.coupon))
            led = isinstance(coupon, CouponAccount) and tell(coupon, account.key.a, now_ms)
            told.append(led or stored(account))
        return told

    async def _find(self, tenant_id: str, token: str) -> tuple[GiftAccount, CouponAccount] | None:
        lookup = self._secrets_of(tenant_id).lookup_of_token(token)
        account = await self._accounts.find(tenant_id, lookup) if lookup else None
        if not isinstance(account, GiftAccount):
            return None
        coupon = await self._accounts.get(AccountKey(tenant_id, account.coupon))
        return (account, coupon) if isinstance(coupon, CouponAccount) else None

    async def _followed(self, decided: GiftDecision) -> GiftDecision:
        """A repeat follows as well: the first try may have stopped before."""
        if decided.outcome is GiftOutcome.APPLIED and decided.account and decided.gift:
            await self._follower.follow(decided.account, decided.gift.gift_id)
        return decided
