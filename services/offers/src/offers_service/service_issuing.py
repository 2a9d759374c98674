"""Use cases of issuing coupons: one, or a list of them.

Raises what CouponLedger raises (service_ledger.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from offers_service import coupons
from offers_service.budget_account import Measure, stripes_of
from offers_service.budgets import Fund
from offers_service.codes import Secrets, coupon_ids, direct_coupon_id
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Issue
from offers_service.journal import Request
from offers_service.ledger import Issued, IssuedMany, Origin
from offers_service.offers import ended
from offers_service.service_budgets import BudgetDesk
from offers_service.service_counted_issues import CountedIssues, Listing
from offers_service.service_group import Group
from offers_service.service_limits import MergedAwayError, issue_limited, issue_list_limited
from offers_service.service_lineage import Ancestry
from offers_service.service_merged_issue import MergedList, given_under, issue_to_merged, split
from offers_service.store_accounts import AccountStore, admit, issue_documents
from offers_service.store_offers import OfferStore

_CHUNK = 1_000
_CHUNKS_AT_ONCE = 3


class CouponIssuer:
    """One per process; the tenant comes first everywhere. Times are Unix milliseconds."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        offers: OfferStore,
        secrets_of: Callable[[str], Secrets],
        ancestry: Ancestry,
        budgets: BudgetDesk | None,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._secrets_of = secrets_of
        self._ancestry = ancestry
        self._budgets = budgets
        self._counted: CountedIssues | None = None
        if budgets is not None:
            self._counted = CountedIssues(
                accounts=accounts,
                offers=offers,
                desk=budgets,
                perform=self._perform,
                secrets_of=secrets_of,
            )

    async def issue(
        self,
        tenant_id: str,
        *,
        offer_id: str,
        customer_id: str,
        campaign_id: str,
        cause: str,
        actor: str,
        now_ms: int,
        origin: Origin = Origin.CAMPAIGN,
    ) -> Issued:
        """Issues one coupon. The same (campaign, offer, customer, cause) again is
        ALREADY_ISSUED; a direct issue, whose cause is the request's id, answers as before.

        actor is "campaign:<id>" or "<role>:<subject>".
        """
        offer = await self._offers.get(tenant_id, offer_id)
        if offer is None:
            return Issued(CouponOutcome.NOT_FOUND)
        direct = origin is Origin.DIRECT
        people = await self._ancestry.people(tenant_id, [customer_id])
        if direct:
            coupon_id = direct_coupon_id(actor, cause)
        else:
            of_cause = coupon_ids(campaign_id, offer_id, cause)
            others = people.others(customer_id)
            given = await given_under(self._accounts, tenant_id, of_cause, others)
            if given is not None:
                return Issued(CouponOutcome.ALREADY_ISSUED, given.key.a, given)
            coupon_id = of_cause(customer_id)
        secrets = self._secrets_of(tenant_id)
        command = Issue(
            key=AccountKey(tenant_id, coupon_id),
            owner=people.root(customer_id),
            campaign=campaign_id,
            offer=offer,
            origin=origin.value,
            request=Request(
                cause, actor, secrets.print("issue", offer_id, customer_id, campaign_id)
            ),
            now_ms=now_ms,
            repeat_applies=direct,
            budget=await self._stripes(tenant_id, campaign_id),
        )
        admit(command)
        decided = await self._give(command)
        if decided.coupon is None:
            return Issued(decided.outcome)
        return Issued(decided.outcome, decided.coupon.key.a, decided.coupon)

    async def _give(self, command: Issue) -> Decision:
        """One coupon, if the campaign's budget pays for it."""
        if self._counted is None or ended(command.offer, command.now_ms):
            return await self._perform(command)
        return await self._counted.give(command)

    async def _perform(self, command: Issue) -> Decision:
        """One coupon, whatever the budget says."""
        if command.offer.per_customer_limit:
            return await self._issue_limited(command)
        secrets = self._secrets_of(command.key.t)

        def decide(account: Any) -> Decision:
            return coupons.issue(account, command, secrets)

        return await self._group.submit(command.key, decide)

    async def _issue_limited(self, command: Issue) -> Decision:
        """Places are the customer's, so a direct request's id has to be remembered elsewhere."""
        asked, tenant_id = command.request, command.key.t
        secrets = self._secrets_of(tenant_id)
        people = await self._ancestry.people(tenant_id, [command.owner])
        if command.repeat_applies:
            first, _ = await self._offers.remember(
                tenant_id, asked.actor, asked.request_id, asked.print, command.now_ms
            )
            if first != asked.print:
                return Decision(CouponOutcome.REQUEST_CONFLICT, None, None)
        try:
            earlier = people.earlier(command.owner)
            return await issue_limited(self._group, command, secrets, earlier)
        except MergedAwayError:
            people = await self._ancestry.people(tenant_id, [command.owner])
            command = replace(command, owner=people.root(command.owner))
            earlier = people.earlier(command.owner)
            return await issue_limited(self._group, command, secrets, earlier)

    async def issue_many(
        self,
        tenant_id: str,
        *,
        offer_ids: Sequence[str],
        customer_ids: Sequence[str],
        campaign_id: str,
        actor: str,
        now_ms: int,
        request_id: str = "",
        cause: str = "list",
        origin: Origin = Origin.LIST,
    ) -> IssuedMany:
        """Issues every offer to every customer, at most 100,000 coupons; one each, however
        often it is repeated, so a call that was cut short can simply be made again."""
        secrets = self._secrets_of(tenant_id)
        content = secrets.print("issue-many", campaign_id, cause, *offer_ids, "", *customer_ids)
        if request_id:
            first, first_ms = await self._offers.remember(
                tenant_id, actor, request_id, content, now_ms
            )
            if first != content:
                return IssuedMany(CouponOutcome.REQUEST_CONFLICT)
            now_ms = first_ms
        documents: list[tuple[Issue, Callable[[str], str]]] = []
        limited: list[Issue] = []
        people = await self._ancestry.people(tenant_id, customer_ids)
        plain, merged = split(people, customer_ids)
        request = Request(request_id or cause, actor, content)
        stripes = await self._stripes(tenant_id, campaign_id)
        for offer_id in offer_ids:
            offer = await self._offers.get(tenant_id, offer_id)
            if offer is None:
                return IssuedMany(CouponOutcome.NOT_FOUND, offer_id=offer_id)
            if ended(offer, now_ms):
                return IssuedMany(CouponOutcome.OFFER_ENDED, offer_id=offer_id)
            sample = Issue(
                key=AccountKey(tenant_id, "c_"),
                owner=customer_ids[0],
                campaign=campaign_id,
                offer=offer,
                origin=origin.value,
                request=request,
                now_ms=now_ms,
                budget=stripes,
            )
            if offer.per_customer_limit:
                # Not this call but the list is the cause: a later call of it finds its coupons.
                limited.append(replace(sample, request=Request(cause, actor, content)))
            else:
                documents.append((sample, coupon_ids(campaign_id, offer_id, cause)))
        listed = MergedList(merged, people)
        fund = await self._counting(tenant_id, campaign_id)
        if fund is not None and self._counted is not None:
            listing = Listing(fund, cause, plain, listed)
            return await self._counted.give_list(listing, [one for one, _ in documents], limited)
        new, full = await self._insert_chunks(documents, plain, secrets), 0
        new += await issue_to_merged(self._accounts, self._group, listed, documents, secrets)
        owners = [*plain, *[people.root(one) for one in merged]]
        for sample in limited:
            issued, refused = await issue_list_limited(self._group, sample, owners, secrets, people)
            new, full = new + issued, full + refused
        wanted = len(offer_ids) * len(customer_ids)
        return IssuedMany(CouponOutcome.APPLIED, new, wanted - new - full, "", full)

    async def _insert_chunks(
        self,
        samples: Sequence[tuple[Issue, Callable[[str], str]]],
        customer_ids: Sequence[str],
        secrets: Secrets,
    ) -> int:
        """Inserts chunk by chunk, a few at once; answers how many coupons were new."""
        starts = range(0, len(customer_ids), _CHUNK)
        chunks = iter([(sample, start) for sample in samples for start in starts])

        async def work() -> int:
            new = 0
            for (command, coupon_id), start in chunks:
                owners = customer_ids[start : start + _CHUNK]
                sample = coupons.issue(None, command, secrets).account
                if sample is not None:
                    made = issue_documents(sample, secrets, coupon_id, owners)
                    new += await self._accounts.insert_many(made)
            return new

        return sum(await asyncio.gather(*[work() for _ in range(_CHUNKS_AT_ONCE)]))

    async def _counting(self, tenant_id: str, campaign_id: str) -> Fund | None:
        """The campaign's budget of coupons; None for none."""
        if self._budgets is None:
            return None
        fund = await self._budgets.fund(tenant_id, campaign_id, Measure.COUPONS)
        return fund if fund.limit else None

    async def finish_due(self, tenant_id: str, now_ms: int) -> int:
        """Issues what was paid for and left in the middle; how many lines that were."""
        return await self._counted.finish_due(tenant_id, now_ms) if self._counted else 0

    async def settled(self) -> None:
        """Waits for what is being written beside the answers."""
        if self._counted is not None:
            await self._counted.settled()

    async def _stripes(self, tenant_id: str, campaign_id: str) -> int:
        """How many stripes the campaign's budget of money has; 0 for none."""
        if self._budgets is None or not campaign_id:
            return 0
        money = (await self._budgets.terms(tenant_id, campaign_id)).money
        return stripes_of(money) if money else 0
