"""Use cases after the order: reversing a redemption, and ending a coupon that was not used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from offers_service import reversals
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, NeedsOffer, of_coupon
from offers_service.reversals import Reverse, Revoke
from offers_service.service_followers import GiftFollower
from offers_service.service_group import Group
from offers_service.store_accounts import admit
from offers_service.store_offers import OfferStore


class Reversals:
    """Raises what CouponLedger raises."""

    def __init__(
        self,
        *,
        group: Group,
        offers: OfferStore,
        follower: GiftFollower,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._group = group
        self._offers = offers
        self._follower = follower
        self._secrets_of = secrets_of

    async def reverse(self, tenant_id: str, coupon_id: str, command: Reverse) -> Decision:
        """Takes the discount of a redemption back, whole or in part."""
        if not coupon_id.startswith("c_"):
            return Decision(CouponOutcome.NOT_FOUND, None, None)
        admit(command)
        secrets, key = self._secrets_of(tenant_id), AccountKey(tenant_id, coupon_id)

        def decide(account: Any) -> Decision | NeedsOffer:
            return reversals.reverse(account, command, secrets, offer_of)

        offer_of = self._offers.known(tenant_id)
        step = partial(of_coupon, decide)
        decided = await self._group.submit(key, step)
        if isinstance(decided, NeedsOffer):
            offer_of = {decided.offer_id: await self._offers.get(tenant_id, decided.offer_id)}.get
            decided = await self._group.submit(key, step)
        if isinstance(decided, NeedsOffer):
            raise LookupError("the offer of a coupon is missing")
        return decided

    async def revoke(self, tenant_id: str, coupon_id: str, command: Revoke) -> Decision:
        """Ends a coupon that was not used; a gift that it was in follows before the answer."""
        if not coupon_id.startswith("c_"):
            return Decision(CouponOutcome.NOT_FOUND, None, None)
        admit(command)
        secrets, key = self._secrets_of(tenant_id), AccountKey(tenant_id, coupon_id)

        def decide(account: Any) -> Decision:
            return reversals.revoke(account, command, secrets)

        decided = await self._group.submit(key, partial(of_coupon, decide))
        account = decided.account
        if isinstance(account, CouponAccount) and account.state is CouponState.REVOKED:
            # Also on a repeat: whoever was killed in between left the gift behind.
            before = account.entries[-2]
            if before.gift:
                await self._follower.follow(account, before.gift)
        return decided
