"""Lists under a budget that counts coupons: an order of a thousand owners, then lines for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from offers_service import coupons
from offers_service.budget_account import line_entry
from offers_service.budgets import Fund
from offers_service.codes import Secrets, account_id, coupon_ids
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.coupons import Issue
from offers_service.service_budgets import BudgetDesk, Taking
from offers_service.service_counted import IssueBudget, Paid, first_stripes
from offers_service.store_accounts import AccountStore, issue_documents
from offers_service.store_orders import IssueOrder, OrderKey

ORDER_PREFIX = "o_"


class Part(NamedTuple):
    """What came of a part of a list: coupons that are new, and owners for whom nothing was left."""

    new: int = 0
    exhausted: int = 0


class IssueOrders:
    """One per process."""

    def __init__(
        self,
        accounts: AccountStore,
        desk: BudgetDesk,
        budget: IssueBudget,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._secrets_of = secrets_of
        self._accounts = accounts
        self._desk = desk
        self._budget = budget

    async def issue(self, fund: Fund, sample: Issue, cause: str, owners: Sequence[str]) -> Part:
        """A coupon like `sample` for each of these owners who has none of the cause, as far as the
        budget goes; the same again gives the same."""
        asked, tenant_id = sample.request, fund.tenant
        named = (fund.campaign, sample.offer.offer_id, asked.actor, asked.request_id)
        order_id = account_id(ORDER_PREFIX, *named, asked.print.hex(), owners[0])
        order = await self._accounts.orders.get(tenant_id, order_id)
        if order is None:
            coupon_id = coupon_ids(fund.campaign, sample.offer.offer_id, cause)
            found = await self._accounts.existing(tenant_id, [coupon_id(one) for one in owners])
            missing = tuple(one for one in owners if coupon_id(one) not in found)
            if not missing:
                return Part()
            if not await self._budget.has_room(fund):
                return Part(exhausted=len(missing))
            order = await self._accounts.orders.insert(
                IssueOrder(
                    key=OrderKey(tenant_id, order_id),
                    campaign=fund.campaign,
                    offer=sample.offer.offer_id,
                    cause=cause,
                    origin=sample.origin,
                    request=asked,
                    now_ms=sample.now_ms,
                    owners=missing,
                )
            )
        return await self.finish(fund, order, sample)

    async def finish(self, fund: Fund, order: IssueOrder, sample: Issue) -> Part:
        """Takes of the budget what it has for the order, issues to so many of its owners and closes
        the lines. Whoever does it again finds it done."""
        asked, order_id = order.request, order.key.o
        refers = replace(
            line_entry(asked, fund.campaign, order.now_ms),
            offer=order.offer,
            order=order_id,
            origin=order.origin,
        )
        lines = replace(asked, request_id=order_id)
        wanted = len(order.owners)
        taking = Taking(fund, lines, wanted, order.now_ms, refers=refers, partly=True)
        taken = await self._desk.take(taking, first_stripes(fund, order_id))
        owners = order.owners[: sum(line.amount for _, line in taken)]
        if not owners:
            return Part(exhausted=wanted)
        command = replace(sample, owner=owners[0], request=asked, now_ms=order.now_ms)
        secrets = self._secrets_of(fund.tenant)
        issued = coupons.issue(None, command, secrets).account
        new = given = 0
        if issued is not None:
            coupon_id = coupon_ids(fund.campaign, order.offer, order.cause)
            made = issue_documents(issued, secrets, coupon_id, owners)
            new = given = await self._accounts.insert_many(made)
            if new < len(owners):
                given = await self._given(order, coupon_id, owners)
        for stripe, line in taken:
            if line.entry is not None:
                spent = min(given, line.amount)
                await self._budget.settle(Paid(fund, stripe, line.entry), spent)
                given -= spent
        return Part(new, wanted - len(owners))

    async def _given(
        self, order: IssueOrder, coupon_id: Callable[[str], str], owners: Sequence[str]
    ) -> int:
        """How many of these owners have their coupon by this order, not by another list."""
        keys = [AccountKey(order.key.t, coupon_id(one)) for one in owners]
        found = (await self._accounts.load(keys)).values()
        asked = order.request
        firsts = [one.entries[0] for one in found if isinstance(one, CouponAccount)]
        return sum(
            (first.request, first.print) == (asked.request_id, asked.print) for first in firsts
        )
