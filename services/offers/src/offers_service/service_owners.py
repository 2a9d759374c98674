"""After a refusal: whether the coupon is the customer's after all, by a merge heard of too late."""

from __future__ import annotations

from msgspec.structs import replace

from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Hold
from offers_service.service_gifts import People
from offers_service.service_ledger import CouponLedger
from offers_service.service_merges import MergeFollower
from offers_service.store_accounts import AccountStore
from offers_service.store_merges import Merge

_NOT_THEIRS = (CouponOutcome.NOT_OWNER, CouponOutcome.NOT_FOUND)


class Owners:
    """Asks profile, which knows of a merge first. Raises RpcFailure."""

    def __init__(
        self,
        accounts: AccountStore,
        ledger: CouponLedger,
        people: People,
        merges: MergeFollower,
    ) -> None:
        self._accounts = accounts
        self._ledger = ledger
        self._people = people
        self._merges = merges

    async def owner_of(self, tenant_id: str, coupon_id: str, customer_id: str) -> str | None:
        """The id under which the person whom customer_id names owns the coupon, after it was moved
        there; None when it is somebody else's, or customer_id is that id already."""
        account = await self._accounts.get(AccountKey(tenant_id, coupon_id))
        if not isinstance(account, CouponAccount):
            return None
        person = await self._people.find(tenant_id, customer_id)
        if person is None:
            return None
        if account.owner == person.customer_id:
            return person.customer_id if customer_id != person.customer_id else None
        owner = await self._people.find(tenant_id, account.owner)
        if owner is None or owner.customer_id != person.customer_id:
            return None
        at_ms = account.entries[-1].at_ms
        merge = Merge(tenant_id, account.owner, person.customer_id, at_ms)
        await self._merges.follow([merge])
        return person.customer_id

    async def hold(self, tenant_id: str, coupon_id: str, command: Hold) -> Decision:
        """The hold; by the id that merging left, where the coupon is the customer's after all."""
        decided = await self._ledger.hold(tenant_id, coupon_id, command)
        if decided.outcome not in _NOT_THEIRS:
            return decided
        owner = await self.owner_of(tenant_id, coupon_id, command.customer)
        if owner is None:
            return decided
        only_owner = owner if command.only_owner else ""
        mended = replace(command, customer=owner, only_owner=only_owner)
        return await self._ledger.hold(tenant_id, coupon_id, mended)
