"""The use case of suggesting coupons as gifts; reads only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from dangol.profile.v1 import customer_service_pb2 as pb

from offers_service import suggestions
from offers_service.gift_days import Side
from offers_service.offers import Offer
from offers_service.reports import Purchases, Window
from offers_service.sending import CONSENT
from offers_service.service_gift_days import DayLimits
from offers_service.service_ledger import CouponLedger
from offers_service.store_offers import OfferStore
from offers_service.suggestions import DAY_MS, HISTORY_DAYS, Suggestion, SuggestionOutcome

_COUPONS_MAX = 500


class Customers(Protocol):
    """clients_recipients.ProfileRecipients."""

    async def find(self, tenant_id: str, customer_ids: list[str]) -> Mapping[str, pb.Customer]: ...


class Suggested(NamedTuple):
    """channels: on which the customer may be told of it, having agreed to advertising there."""

    outcome: SuggestionOutcome
    suggestions: tuple[Suggestion, ...] = ()
    channels: tuple[str, ...] = ()


class Suggester:
    """Raises RpcFailure without profile, OutcomeUnknownError without the database."""

    def __init__(
        self,
        *,
        ledger: CouponLedger,
        offers: OfferStore,
        limits: DayLimits,
        purchases: Purchases,
        customers: Customers,
    ) -> None:
        self._ledger = ledger
        self._offers = offers
        self._limits = limits
        self._purchases = purchases
        self._customers = customers

    async def suggest(
        self, tenant_id: str, customer_id: str, within_ms: int, now_ms: int
    ) -> Suggested:
        """Of the first 500 coupons in the customer's wallet; only members give."""
        customer = (await self._customers.find(tenant_id, [customer_id])).get(customer_id)
        if customer is None or not customer.member:
            return Suggested(SuggestionOutcome.NOT_A_MEMBER)
        owner = customer.customer_id
        if await self._limits.full(tenant_id, Side.GIVER, owner, now_ms):
            return Suggested(SuggestionOutcome.DAY_LIMIT_REACHED)
        coupons = await self._ledger.wallet(
            tenant_id, owner, campaign="", offer="", after="", limit=_COUPONS_MAX
        )
        year = Window(owner, max(now_ms - HISTORY_DAYS * DAY_MS, 0), now_ms)
        [bought] = await self._purchases.measure(tenant_id, [year])
        found = suggestions.suggest(
            coupons,
            await self._terms(tenant_id, {one.offer for one in coupons}),
            order_count=bought.order_count,
            now_ms=now_ms,
            within_ms=within_ms,
        )
        outcome = SuggestionOutcome.SUGGESTED if found else SuggestionOutcome.NOTHING
        agreed = [one.partition(".") for one in sorted(customer.consents)]
        channels = [channel for purpose, _, channel in agreed if purpose == CONSENT]
        return Suggested(outcome, tuple(found), tuple(channels))

    async def _terms(self, tenant_id: str, offer_ids: set[str]) -> dict[str, Offer]:
        found = {}
        for offer_id in sorted(offer_ids):
            offer = await self._offers.get(tenant_id, offer_id)
            if offer is None:
                raise LookupError("the offer of a coupon is missing")
            found[offer_id] = offer
        return found
