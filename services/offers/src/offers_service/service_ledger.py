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
from offers_service.codes import Secrets
from offers_service.commit import ContendedError, Decided
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState, lapse
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Hold, NeedsOffer, NeedsRoom, NeedsTurns, Room, Settle
from offers_service.ledger import (
    ORDER_COUPONS_MAX,
    CampaignFigures,
)
from offers_service.offers import Offer
from offers_service.service_followers import GiftFollower
from offers_service.service_group import Group
from offers_service.service_issuing import CouponIssuer
from offers_service.service_lineage import Ancestry, NoMerges
from offers_service.service_settlement import BudgetedGroup
from offers_service.store_accounts import AccountStore, AnyAccount, admit
from offers_service.store_audit import AuditStore
from offers_service.store_offers import OfferStore
from offers_service.turns import Turns, turns

_DUE_PAGE = 500
# How often a hold reads what its campaign's budget has left while others take it.
_ROOMS_MAX = 20

D = TypeVar("D", bound=Decided[AnyAccount])
_Step = Decision | NeedsOffer | NeedsRoom | NeedsTurns
OfferOf = Callable[[str], Offer | None]


class _Lapsed(msgspec.Struct, frozen=True):
    before: CouponAccount | None
    account: CouponAccount | None


class CouponLedger:
    """One per process; the tenant comes first everywhere. Times are Unix milliseconds.

    issue and issue_many are CouponIssuer's. budgets: with it `group`, or campaigns have none.
    """

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        offers: OfferStore,
        audit: AuditStore,
        follower: GiftFollower,
        secrets_of: Callable[[str], Secrets],
        ancestry: Ancestry | None = None,
        budgets: BudgetedGroup | None = None,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._offers = offers
        self._audit = audit
        self._follower = follower
        self._secrets_of = secrets_of
        self._ancestry: Ancestry = ancestry or NoMerges()
        self._budgets = budgets
        issuer = CouponIssuer(
            accounts=accounts,
            group=group,
            offers=offers,
            secrets_of=secrets_of,
            ancestry=self._ancestry,
            budgets=budgets.desk if budgets else None,
        )
        self._issuer = issuer
        self.issue = issuer.issue
        self.issue_many = issuer.issue_many

    async def hold(self, tenant_id: str, coupon_id: str, command: Hold) -> Decision:
        """Sets a coupon aside for an order."""
        admit(command)
        secrets = self._secrets_of(tenant_id)

        def decide(account: Any, offer_of: OfferOf) -> _Step:
            return coupons.hold(account, command, secrets, offer_of, room_of)

        budgets = self._budgets
        room_of = budgets.known_rooms(tenant_id) if budgets else _no_rooms
        for tries in range(_ROOMS_MAX):
            decided = await self._offer_step(tenant_id, coupon_id, decide)
            if isinstance(decided, Decision):
                return decided
            if isinstance(decided, NeedsTurns) or budgets is None:
                raise LookupError("a hold does not depend on turns, and a budget has to be known")
            room_of = await budgets.read_rooms(decided.account, tries)
        raise ContendedError

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
        if not isinstance(decided, Decision):
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
        return total + await self._issuer.finish_due(tenant_id, now_ms)

    async def settled(self) -> None:
        """Waits for what is being written beside the answers."""
        await self._issuer.settled()

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
    ) -> Decision | NeedsRoom | NeedsTurns:
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


def _no_rooms(_campaign_id: str) -> Room | None:
    return None
