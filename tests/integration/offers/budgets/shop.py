"""Two replicas of the ledger over one database, and campaigns that have budgets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, TypeVar

from offers_service.budget_account import BudgetAccount, Measure
from offers_service.budgets import Terms
from offers_service.campaigns import Campaign, CampaignState
from offers_service.commit import ContendedError
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.coupons import Decision, Hold, Settle
from offers_service.journal import Request
from offers_service.ledger import Issued
from offers_service.offers import Offer, Restore
from offers_service.reversals import Reverse, Revoke
from offers_service.store_budgets import Standing
from offers_service.store_campaigns import CampaignStore
from offers_service.store_merges import MergeStore
from offers_service.store_offers import OfferStore

from tests.integration.offers.machine.faulty import FaultyAccounts
from tests.integration.offers.machine.replica import SECRETS, LedgerReplica

TENANT = "shop"
NOW_MS = 1_700_000_000_000
FACE = 100
T = TypeVar("T")
MINUTE_MS = 60_000


class BudgetShop:
    """A shop whose coupons take 100 won off, at a time that tests set."""

    def __init__(self, mongodb: Any, database: Any) -> None:
        self.database = database
        self.stores = [FaultyAccounts(database), FaultyAccounts(database)]
        self._mongodb = mongodb
        self.replicas = [self.start(0), self.start(1)]
        self.now_ms = NOW_MS
        self._numbers = count(1)

    def start(self, number: int) -> LedgerReplica:
        """A process anew, over its store."""
        return LedgerReplica(self._mongodb, self.database, self.stores[number])

    async def prepare(self) -> None:
        """Collections and indexes, and an offer of 100 won and one of half the order."""
        offers = OfferStore(self.database)
        for store in (self.stores[0], offers, MergeStore(self.database)):
            await store.prepare()
        terms: dict[str, Any] = {"currency": "KRW", "created_ms": NOW_MS, "giftable": True}
        restored = {**terms, "restore": Restore.RESTORE}
        fixed = Offer(offer_id="fixed", fixed_minor_units=FACE, **restored)
        half = Offer(offer_id="half", percent_basis_points=5_000, **restored)
        kept = Offer(
            offer_id="kept", fixed_minor_units=FACE, restore=Restore.KEEP_REDEEMED, **terms
        )
        single = Offer(offer_id="single", fixed_minor_units=FACE, per_customer_limit=1, **terms)
        for offer in (fixed, half, kept, single):
            await offers.insert(TENANT, offer)

    async def campaign(
        self, *, money: int = 0, coupons: int = 0, campaign_id: str = "spring"
    ) -> None:
        """A campaign with a budget."""
        campaign = Campaign(
            tenant_id=TENANT,
            campaign_id=campaign_id,
            display_names=(),
            trigger=None,
            control_basis_points=0,
            variants=(),
            conversion_window_ms=1,
            state=CampaignState.RUNNING,
            created_at_ms=NOW_MS,
            budget=Terms(coupons, money, "KRW" if money else ""),
        )
        assert await CampaignStore(self.database).create(campaign, campaign_id)

    async def issue(self, owners: Sequence[str], offer: str = "fixed", replica: int = 0) -> Any:
        """A coupon of the campaign for each, as a list."""
        return await self.replicas[replica].ledger.issue_many(
            TENANT,
            offer_ids=[offer],
            customer_ids=owners,
            campaign_id="spring",
            actor="admin:test",
            now_ms=self.now_ms,
        )

    async def give(
        self, owner: str, cause: str = "enrolment", *, offer: str = "fixed", replica: int = 0
    ) -> Issued:
        """A coupon of the campaign for one."""
        return await _answered(
            partial(
                self.replicas[replica].ledger.issue,
                TENANT,
                offer_id=offer,
                customer_id=owner,
                campaign_id="spring",
                cause=cause,
                actor="campaign:spring",
                now_ms=self.now_ms,
            )
        )

    async def coupons(self, owners: int, offer: str = "fixed") -> list[CouponAccount]:
        """So many customers, each with a coupon, in order of its id."""
        await self.issue([f"customer-{number}" for number in range(owners)], offer)
        found = self.database["accounts"].find({"kind": "coupon", "offer": offer}).sort("_id", 1)
        accounts = await self.stores[0].load(
            [AccountKey(TENANT, one["_id"]["a"]) async for one in found]
        )
        coupons = [one for one in accounts.values() if isinstance(one, CouponAccount)]
        return sorted(coupons, key=lambda one: one.key.a)

    def asked(self, request_id: str = "") -> Request:
        """A new request, or this one."""
        return Request(request_id or f"request-{next(self._numbers)}", "partner:till", b"p" * 16)

    async def hold(
        self,
        coupon: CouponAccount,
        request_id: str = "",
        *,
        order: str = "order-1",
        amount: int = 1_000,
        replica: int = 0,
    ) -> Decision:
        """Its owner holds it for a minute."""
        hold = Hold(
            request=self.asked(request_id),
            customer=coupon.owner,
            order=order,
            order_minor_units=amount,
            currency="KRW",
            hold_seconds=60,
            now_ms=self.now_ms,
        )
        ledger = self.replicas[replica].ledger
        return await _answered(partial(ledger.hold, TENANT, coupon.key.a, hold))

    async def redeem(
        self,
        coupon: CouponAccount,
        request_id: str = "",
        *,
        order: str = "order-1",
        replica: int = 0,
    ) -> Decision:
        """For the order."""
        settle = Settle(self.asked(request_id), order, self.now_ms)
        ledger = self.replicas[replica].ledger
        return await _answered(partial(ledger.redeem, TENANT, coupon.key.a, settle))

    async def release(
        self, coupon: CouponAccount, request_id: str = "", *, replica: int = 0
    ) -> Decision:
        """From the order."""
        settle = Settle(self.asked(request_id), "order-1", self.now_ms)
        return await self.replicas[replica].ledger.release(TENANT, coupon.key.a, settle)

    async def reverse(
        self, coupon: CouponAccount, request_id: str = "", *, replica: int = 0
    ) -> Decision:
        """All of the order comes back."""
        reverse = Reverse(self.asked(request_id), "order-1", (), self.now_ms)
        return await self.replicas[replica].reversals.reverse(TENANT, coupon.key.a, reverse)

    async def revoke(self, coupon: CouponAccount, *, replica: int = 0) -> Decision:
        """The shop ends it."""
        revoke = Revoke(self.asked(), self.now_ms)
        return await self.replicas[replica].reversals.revoke(TENANT, coupon.key.a, revoke)

    async def sweep(self, replica: int = 0) -> None:
        """What is overdue ends, and what was left in the middle."""
        await self.replicas[replica].ledger.expire_due(TENANT, self.now_ms)
        await self.replicas[replica].group.expire_due(TENANT, self.now_ms)

    async def use(self, measure: Measure = Measure.MONEY) -> tuple[int, int, int]:
        """What of the budget is held, spent and left."""
        uses = await self.replicas[0].group.desk.uses(TENANT, "spring")
        stripes: list[Standing] = uses[measure]
        held, spent = sum(one.held for one in stripes), sum(one.spent for one in stripes)
        return held, spent, sum(one.limit for one in stripes) - held - spent

    async def stored(self, coupon: CouponAccount) -> CouponAccount:
        """The coupon as it is."""
        account = await self.stores[0].get(coupon.key)
        assert isinstance(account, CouponAccount)
        return account

    async def stripes(self) -> list[BudgetAccount]:
        """The budget's accounts."""
        found = [one["_id"] async for one in self.database["accounts"].find({"kind": "budget"})]
        keys = [AccountKey(one["t"], one["a"]) for one in found]
        loaded = (await self.stores[0].load(keys)).values()
        return [one for one in loaded if isinstance(one, BudgetAccount)]

    async def check(self) -> None:
        """Coupons and budget agree, chains and books are right, and nothing is overspent."""
        for replica in self.replicas:
            await replica.group.settled()
        held = spent = 0
        async for one in self.database["accounts"].find({"kind": "coupon", "budget": {"$gt": 0}}):
            assert "holding" != one["state"]
            held += one.get("discount", 0) if one["state"] == "held" else 0
            spent += one.get("discount", 0) if one["state"] == "redeemed" else 0
        found_held, found_spent, left = await self.use()
        assert (held, spent) == (found_held, found_spent)
        assert left >= 0
        assert 0 == sum(stripe.lent for stripe in await self.stripes())
        auditor = self.replicas[0].auditor
        balance = await auditor.balance(TENANT)
        assert (0, 0) == (balance.difference, balance.disagreeing_count)
        verified = [progress async for progress in auditor.verify(TENANT)][-1]
        assert [] == verified.faults


async def _answered(step: Callable[[], Awaitable[T]]) -> T:
    """As a client does: again, while others took every turn at a hot budget."""
    while True:
        try:
            return await step()
        except ContendedError:
            await asyncio.sleep(0.01)


async def gather_names(decisions: Sequence[Any]) -> list[str]:
    """Outcomes, in order."""
    return [decided.outcome.value for decided in await asyncio.gather(*decisions)]


def token_of(gift_id: str) -> str:
    """What a recipient of the gift has."""
    return SECRETS.token(gift_id)
