"""Issuing under a budget that counts coupons: one, a list, and what was left in the middle."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from offers_service.budget_account import OPEN_MS, BudgetAccount, Measure, line_entry, stripes_of
from offers_service.budgets import Fund
from offers_service.codes import Secrets, coupon_ids
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Issue
from offers_service.journal import Entry, Request
from offers_service.ledger import IssuedMany, Origin
from offers_service.service_budgets import BudgetDesk
from offers_service.service_counted import Cause, IssueBudget, Paid
from offers_service.service_merged_issue import MergedList, given_under
from offers_service.service_orders import ORDER_PREFIX, IssueOrders, Part
from offers_service.store_accounts import AccountStore
from offers_service.store_offers import OfferStore

_CHUNK = 1_000
_CHUNKS_AT_ONCE = 3
_AT_ONCE = 256
_DUE_PAGE = 100

Perform = Callable[[Issue], Awaitable[Decision]]


@dataclass(frozen=True, slots=True)
class Listing:
    """Whom a list gives coupons, of which cause; plain: who was never merged."""

    fund: Fund
    cause: str
    plain: Sequence[str]
    merged: MergedList


class CountedIssues:
    """perform issues one coupon, whatever the budget says."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        offers: OfferStore,
        desk: BudgetDesk,
        perform: Perform,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._offers = offers
        self._desk = desk
        self._perform = perform
        self._budget = IssueBudget(desk)
        self._orders = IssueOrders(accounts, desk, self._budget, secrets_of)
        self.settled = self._budget.settled

    async def give(self, command: Issue) -> Decision:
        """One coupon, paid for by the budget of its campaign, if that has one."""
        fund = await self._desk.fund(command.key.t, command.campaign, Measure.COUPONS)
        if not fund.limit:
            return await self._perform(command)
        paid = await self._budget.pay(fund, _cause(command))
        if paid is None:
            return Decision(CouponOutcome.BUDGET_EXHAUSTED, None, None)
        if command.repeat_applies and paid.entry.print != command.request.print:
            return Decision(CouponOutcome.REQUEST_CONFLICT, None, None)
        return await self._finish(paid, command)

    async def _finish(self, paid: Paid, command: Issue) -> Decision:
        decided = await self._perform(replace(command, now_ms=paid.issue_ms))
        await self._budget.close(paid, given=decided.coupon is not None)
        return decided

    async def give_list(
        self, listing: Listing, samples: Sequence[Issue], limited: Sequence[Issue]
    ) -> IssuedMany:
        """A coupon of each sample for everybody on the list, and of `limited`, whose offers limit
        how many a customer gets, as far as the budget goes."""
        people, merged = listing.merged.people, listing.merged.customer_ids
        part = await self._give_chunks(listing, samples)
        outcomes: Counter[CouponOutcome] = Counter()
        for sample in samples:
            outcomes += await self._give_each(listing, sample, merged)
        owners = [*listing.plain, *[people.root(one) for one in merged]]
        for sample in limited:
            outcomes += await self._give_each(listing, sample, owners)
        wanted = (len(samples) + len(limited)) * (len(listing.plain) + len(merged))
        new = part.new + outcomes[CouponOutcome.APPLIED]
        full = outcomes[CouponOutcome.CUSTOMER_LIMIT_REACHED]
        exhausted = part.exhausted + outcomes[CouponOutcome.BUDGET_EXHAUSTED]
        already = wanted - new - full - exhausted
        return IssuedMany(CouponOutcome.APPLIED, new, already, "", full, exhausted)

    async def _give_chunks(self, listing: Listing, samples: Sequence[Issue]) -> Part:
        """To those who were never merged, a thousand at once; of all that, what came of it."""
        starts = range(0, len(listing.plain), _CHUNK)
        chunks = iter([(sample, start) for sample in samples for start in starts])
        parts = await asyncio.gather(*[self._work(listing, chunks) for _ in range(_CHUNKS_AT_ONCE)])
        return _sum(parts)

    async def _work(self, listing: Listing, chunks: Iterator[tuple[Issue, int]]) -> Part:
        parts = []
        for sample, start in chunks:
            owners = listing.plain[start : start + _CHUNK]
            parts.append(await self._orders.issue(listing.fund, sample, listing.cause, owners))
        return _sum(parts)

    async def _give_each(
        self, listing: Listing, sample: Issue, customer_ids: Sequence[str]
    ) -> Counter[CouponOutcome]:
        """One by one: their coupons' ids do not follow from the list alone."""
        outcomes: Counter[CouponOutcome] = Counter()
        for start in range(0, len(customer_ids), _AT_ONCE):
            some = customer_ids[start : start + _AT_ONCE]
            given = [self._give_listed(listing, sample, customer_id) for customer_id in some]
            outcomes.update(await asyncio.gather(*given))
        return outcomes

    async def _give_listed(
        self, listing: Listing, sample: Issue, customer_id: str
    ) -> CouponOutcome:
        fund, people = listing.fund, listing.merged.people
        coupon_id = coupon_ids(fund.campaign, sample.offer.offer_id, listing.cause)
        others = people.others(customer_id)
        if await given_under(self._accounts, fund.tenant, coupon_id, others) is not None:
            return CouponOutcome.ALREADY_ISSUED
        key = AccountKey(fund.tenant, coupon_id(customer_id))
        command = replace(sample, key=key, owner=people.root(customer_id))
        return (await self.give(command)).outcome

    async def finish_due(self, tenant_id: str, now_ms: int) -> int:
        """Ends lines that are open for long; how many there were."""
        due = await self._accounts.due(tenant_id, now_ms, _DUE_PAGE, kinds=("budget",))
        finished = 0
        for key, _ in due:
            account = await self._accounts.get(key)
            if isinstance(account, BudgetAccount):
                finished += await self._finish_lines(account, now_ms)
        await self.settled()
        return finished

    async def _finish_lines(self, account: BudgetAccount, now_ms: int) -> int:
        fund = await self._desk.fund(account.key.t, account.campaign, account.measure)
        stripe = next(one for one in range(fund.stripes) if fund.key(one) == account.key)
        overdue = [line.number for line in account.open if line.at_ms + OPEN_MS <= now_ms]
        for number in overdue:
            entry = await self._entry(account, number)
            if entry.order.startswith(ORDER_PREFIX):
                await self._finish_order(fund, entry)
            else:
                await self._finish_one(Paid(fund, stripe, entry))
        return len(overdue)

    async def _entry(self, account: BudgetAccount, number: int) -> Entry:
        if number > account.sealed:
            return account.entries[number - account.sealed - 1]
        entry = await self._accounts.pages.entry(account.key, number)
        if entry is None:
            raise LookupError("a page of a budget is missing")
        return entry

    async def _finish_one(self, paid: Paid) -> None:
        entry, fund = paid.entry, paid.fund
        request = Request(entry.order, entry.actor, entry.print)
        command = await self._command(fund, entry.offer, entry.origin, request)
        key = AccountKey(fund.tenant, entry.coupon)
        await self._finish(paid, replace(command, key=key, owner=entry.owner))

    async def _finish_order(self, fund: Fund, entry: Entry) -> None:
        order = await self._accounts.orders.get(fund.tenant, entry.order)
        if order is None:
            raise LookupError("an order of a list is missing")
        command = await self._command(fund, order.offer, order.origin, order.request)
        await self._orders.finish(fund, order, command)

    async def _command(self, fund: Fund, offer_id: str, origin: str, request: Request) -> Issue:
        offer = await self._offers.get(fund.tenant, offer_id)
        if offer is None:
            raise LookupError("the offer of a coupon is missing")
        money = (await self._desk.terms(fund.tenant, fund.campaign)).money
        return Issue(
            key=AccountKey(fund.tenant, ""),
            owner="",
            campaign=fund.campaign,
            offer=offer,
            origin=origin,
            request=request,
            now_ms=0,
            repeat_applies=origin == Origin.DIRECT,
            budget=stripes_of(money) if money else 0,
        )


def _cause(command: Issue) -> Cause:
    asked = command.request
    refers = replace(
        line_entry(asked, command.campaign, command.now_ms),
        owner=command.owner,
        offer=command.offer.offer_id,
        order=asked.request_id,
        coupon=command.key.a,
        origin=command.origin,
        until_ms=command.now_ms,
    )
    return Cause(command.key.a, asked, refers)


def _sum(parts: Sequence[Part]) -> Part:
    return Part(sum(part.new for part in parts), sum(part.exhausted for part in parts))
