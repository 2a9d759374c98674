"""Use cases of the coupon ledger: load, decide, save.

Outcomes are values. Raises OutcomeUnknownError or ContendedError (commit.py) when the
database does not answer, JournalFullError (journal.py) for an account of too many steps, and
UnstorableError (store_accounts.py) for a request that BSON cannot hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from offers_service import coupons
from offers_service.codes import Secrets, coupon_ids, direct_coupon_id
from offers_service.commit import Decided, GroupCommit
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState, lapse
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Hold, Issue, NeedsOffer, NeedsTurns, Settle
from offers_service.journal import Request
from offers_service.ledger import (
    ORDER_COUPONS_MAX,
    CampaignFigures,
    Issued,
    IssuedMany,
    Origin,
)
from offers_service.offers import Offer, ended
from offers_service.service_followers import GiftFollower
from offers_service.service_limits import (
    MergedAwayError,
    issue_limited,
    issue_list_limited,
)
from offers_service.service_lineage import Ancestry, NoMerges, People
from offers_service.service_merged_issue import (
    MergedList,
    given_under,
    issue_to_merged,
    split,
)
from offers_service.store_accounts import AccountStore, AnyAccount, admit, issue_documents
from offers_service.store_audit import AuditStore
from offers_service.store_offers import OfferStore
from offers_service.turns import Turns, turns

_CHUNK = 1_000
_CHUNKS_AT_ONCE = 3
_DUE_PAGE = 500

D = TypeVar("D", bound=Decided[AnyAccount])
_Step = Decision | NeedsOffer | NeedsTurns
OfferOf = Callable[[str], Offer | None]


class _Lapsed(msgspec.Struct, frozen=True):
    before: CouponAccount | None
    account: CouponAccount | None


class CouponLedger:
    """One per process; the tenant comes first everywhere. Times are Unix milliseconds."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: GroupCommit[AnyAccount],
        offers: OfferStore,
        audit: AuditStore,
        follower: GiftFollower,
        secrets_of: Callable[[str], Secrets],
        ancestry: Ancestry | None = None,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._audit = audit
        self._follower = follower
        self._secrets_of = secrets_of
        self._ancestry: Ancestry = ancestry or NoMerges()

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
        )
        admit(command)
        if offer.per_customer_limit:
            return await self._issue_limited(tenant_id, command, secrets, people)

        def decide(account: Any) -> Decision:
            return coupons.issue(account, command, secrets)

        decided = await self._group.submit(command.key, decide)
        if decided.coupon is None:
            return Issued(decided.outcome)
        return Issued(decided.outcome, coupon_id, decided.coupon)

    async def _issue_limited(
        self, tenant_id: str, command: Issue, secrets: Secrets, people: People
    ) -> Issued:
        """Places are the customer's, so a direct request's id has to be remembered elsewhere."""
        asked = command.request
        if command.repeat_applies:
            first, _ = await self._offers.remember(
                tenant_id, asked.actor, asked.request_id, asked.print, command.now_ms
            )
            if first != asked.print:
                return Issued(CouponOutcome.REQUEST_CONFLICT)
        try:
            earlier = people.earlier(command.owner)
            decided = await issue_limited(self._group, command, secrets, earlier)
        except MergedAwayError:
            people = await self._ancestry.people(tenant_id, [command.owner])
            command = replace(command, owner=people.root(command.owner))
            earlier = people.earlier(command.owner)
            decided = await issue_limited(self._group, command, secrets, earlier)
        if decided.coupon is None:
            return Issued(decided.outcome)
        return Issued(decided.outcome, decided.coupon.key.a, decided.coupon)

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
            )
            if offer.per_customer_limit:
                # Not this call but the list is the cause: a later call of it finds its coupons.
                limited.append(replace(sample, request=Request(cause, actor, content)))
            else:
                documents.append((sample, coupon_ids(campaign_id, offer_id, cause)))
        new, full = await self._insert_chunks(documents, plain, secrets), 0
        listed = MergedList(merged, people)
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

    async def hold(self, tenant_id: str, coupon_id: str, command: Hold) -> Decision:
        """Sets a coupon aside for an order."""
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any, offer_of: OfferOf) -> _Step:
            return coupons.hold(account, command, secrets, offer_of)

        decided = await self._offer_step(tenant_id, coupon_id, decide)
        if isinstance(decided, NeedsTurns):
            raise LookupError("a hold does not depend on turns")
        return decided

    async def redeem(self, tenant_id: str, coupon_id: str, command: Settle) -> Decision:
        """Uses a coupon up for the order that holds it."""
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any, offer_of: OfferOf) -> _Step:
            return coupons.redeem(account, command, secrets, offer_of)

        decided = await self._offer_step(tenant_id, coupon_id, decide)
        if isinstance(decided, NeedsTurns):
            known = await self._turns(tenant_id, decided.account.owner, command)
            command = replace(command, turns=known)
            decided = await self._offer_step(tenant_id, coupon_id, decide)
        if isinstance(decided, NeedsTurns):
            raise LookupError("the turns of an order's coupons are missing")
        return decided

    async def _turns(self, tenant_id: str, owner: str, command: Settle) -> Turns:
        found = await self._accounts.owned(
            tenant_id,
            owner,
            "coupon",
            after="",
            limit=ORDER_COUPONS_MAX,
            narrowed={"order": command.order},
        )
        of_order = [account for account in found if isinstance(account, CouponAccount)]
        current = [lapse(account, command.now_ms) for account in of_order]
        return turns([account for account in current if account.order == command.order])

    async def release(self, tenant_id: str, coupon_id: str, command: Settle) -> Decision:
        """Gives a coupon back from the order that holds it."""
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any) -> Decision:
            return coupons.release(account, command, secrets)

        return await self._coupon_step(tenant_id, coupon_id, decide)

    async def get(self, tenant_id: str, coupon_id: str) -> CouponAccount | None:
        """One coupon by id."""
        account = await self._accounts.get(AccountKey(tenant_id, coupon_id))
        return account if isinstance(account, CouponAccount) else None

    async def find(self, tenant_id: str, code: str) -> CouponAccount | None:
        """One coupon by the code that the till scanned."""
        lookup = self._secrets_of(tenant_id).lookup_of_code(code)
        account = await self._accounts.find(tenant_id, lookup) if lookup else None
        return account if isinstance(account, CouponAccount) else None

    async def wallet(
        self, tenant_id: str, owner: str, *, campaign: str, offer: str, after: str, limit: int
    ) -> list[CouponAccount]:
        """Coupons of one customer in order of id, beyond the id `after`."""
        owner = (await self._ancestry.people(tenant_id, [owner])).root(owner)
        wanted = {"campaign": campaign, "offer": offer}
        narrowed = {field: value for field, value in wanted.items() if value}
        found = await self._accounts.owned(
            tenant_id, owner, "coupon", after=after, limit=limit, narrowed=narrowed
        )
        return [account for account in found if isinstance(account, CouponAccount)]

    async def expire_due(self, tenant_id: str, now_ms: int) -> int:
        """Releases overdue holds and returns expired gifts, each at its own instant, oldest
        first; idempotent. Answers how many coupons came back."""
        total = 0
        while page := await self._accounts.due(tenant_id, now_ms, _DUE_PAGE):
            ends = [self._expire(tenant_id, coupon_id, now_ms, key.a) for key, coupon_id in page]
            ended_counts = await asyncio.gather(*ends)
            total += sum(came_back for came_back, _ in ended_counts)
            if len(page) < _DUE_PAGE or not any(moved for _, moved in ended_counts):
                break
        return total

    async def next_due_ms(self, tenant_id: str) -> int | None:
        """The earliest instant at which expire_due has something to do; None for nothing."""
        return await self._accounts.next_due_ms(tenant_id)

    async def campaign_figures(self, tenant_id: str, campaign_id: str) -> Sequence[CampaignFigures]:
        """Coupons issued, redeemed and gifted of one campaign, by offer in order of its id."""
        return await self._audit.of_campaign(tenant_id, campaign_id)

    async def _expire(
        self, tenant_id: str, coupon_id: str, now_ms: int, due_id: str
    ) -> tuple[int, bool]:
        """Ends what is overdue on a coupon, then lets its gift follow: (came back, moved)."""

        def decide(account: Any) -> _Lapsed:
            return _Lapsed(account, lapse(account, now_ms) if account else None)

        lapsed: _Lapsed = await self._group.submit(AccountKey(tenant_id, coupon_id), decide)
        if lapsed.before is None or lapsed.account is None:
            return 0, False
        came_back = lapsed.account is not lapsed.before
        gift_id = due_id
        if due_id == coupon_id:
            escrowed = lapsed.before.state is CouponState.ESCROWED
            gift_id = lapsed.before.gift if came_back and escrowed else ""
        followed = await self._follower.follow(lapsed.account, gift_id) if gift_id else False
        return int(came_back), came_back or followed

    async def _coupon_step(
        self, tenant_id: str, coupon_id: str, decide: Callable[[Any], D]
    ) -> D | Decision:
        if not coupon_id.startswith("c_"):
            return Decision(CouponOutcome.NOT_FOUND, None, None)
        step = partial(coupons.of_coupon, decide)
        return await self._group.submit(AccountKey(tenant_id, coupon_id), step)

    async def _offer_step(
        self,
        tenant_id: str,
        coupon_id: str,
        decide: Callable[[Any, OfferOf], _Step],
    ) -> Decision | NeedsTurns:
        """A step that may need the coupon's offer: it is fetched when it is not at hand."""
        offer_of: OfferOf = self._offers.known(tenant_id)
        for _ in range(2):
            step = partial(_with_offers, decide, offer_of)
            decided = await self._coupon_step(tenant_id, coupon_id, step)
            if not isinstance(decided, NeedsOffer):
                return decided
            offer = await self._offers.get(tenant_id, decided.offer_id)
            offer_of = {decided.offer_id: offer}.get
        raise LookupError("the offer of a coupon is missing")


def _with_offers(decide: Callable[[Any, OfferOf], _Step], offer_of: OfferOf, account: Any) -> _Step:
    return decide(account, offer_of)
