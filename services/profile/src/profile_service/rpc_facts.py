"""FactsService over gRPC."""

from __future__ import annotations

from typing import Final

from dangol.events.v1.event_pb2 import Money
from dangol.profile.v1 import facts_service_pb2 as pb
from dangol.profile.v1.facts_service_pb2_grpc import FactsServiceServicer
from dangol_service_kit.auth import Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.facts import CustomerFacts, Favourite
from profile_service.profits import (
    CostRates,
    RatesOutcome,
    Standing,
    Totals,
    cost_to_serve,
    profit_of,
)
from profile_service.rpc import Context, customer_not_found, idempotency, may_see, outages, reader
from profile_service.rpc_pages import from_token, invalid, to_token
from profile_service.sealing import Vault
from profile_service.service_facts import FactsService, FactsView
from profile_service.service_profits import ProfitService

SERVICE_NAME: Final = "dangol.profile.v1.FactsService"
_PAGE_DEFAULT: Final = 100


class FactsRpc(FactsServiceServicer):
    """Whoever reads customers reads their facts, customers their own; what is earned is for the
    back office."""

    def __init__(self, facts: FactsService, profits: ProfitService, vault: Vault) -> None:
        self._facts = facts
        self._profits = profits
        self._vault = vault

    async def GetFacts(  # noqa: N802
        self, request: pb.GetFactsRequest, _context: Context
    ) -> pb.GetFactsResponse:
        """Errors: CUSTOMER_NOT_FOUND."""
        found = await self._get([request.customer_id])
        if not found:
            raise customer_not_found()
        return pb.GetFactsResponse(facts=found[0])

    async def BatchGetFacts(  # noqa: N802
        self, request: pb.BatchGetFactsRequest, _context: Context
    ) -> pb.BatchGetFactsResponse:
        """Ids that do not exist, or that the caller may not see, are left out."""
        return pb.BatchGetFactsResponse(facts=await self._get(list(request.customer_ids)))

    async def _get(self, customer_ids: list[str]) -> list[pb.Facts]:
        caller = reader()
        wanted = [one for one in customer_ids if may_see(caller, one)]
        if not wanted:
            return []
        with outages():
            views = await self._facts.get_many(caller.tenant_id, wanted)
            rates = await self._profits.rates(caller.tenant_id)
            currency = await self._facts.currency(caller.tenant_id)
        seen = [one for one in views if may_see(caller, one.customer_id)]
        hidden = caller.role is Role.CUSTOMER
        return [_to_message(one, rates, currency, own=hidden) for one in seen]

    async def ListMostProfitable(  # noqa: N802
        self, request: pb.ListMostProfitableRequest, _context: Context
    ) -> pb.ListMostProfitableResponse:
        """Errors: PAGE_TOKEN_INVALID, also for a refresh that is gone."""
        caller = require(Role.ADMIN, Role.MARKETER, Role.SERVICE)
        refresh, after_place = _position(request.page_token)
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            page = await self._profits.page(caller.tenant_id, refresh, after_place, size)
            currency = await self._facts.currency(caller.tenant_id)
        if page.totals is None:
            if refresh is not None:
                raise invalid()
            return pb.ListMostProfitableResponse()
        return _to_list(page.totals, page.rows, page.last_place, currency)

    async def GetCostRates(  # noqa: N802
        self, _request: pb.GetCostRatesRequest, _context: Context
    ) -> pb.GetCostRatesResponse:
        """Version 0 before they were ever set."""
        caller = require(Role.ADMIN, Role.MARKETER, Role.SERVICE)
        with outages():
            rates = await self._profits.rates(caller.tenant_id)
        return pb.GetCostRatesResponse(rates=_to_rates(rates))

    async def SetCostRates(  # noqa: N802
        self, request: pb.SetCostRatesRequest, _context: Context
    ) -> pb.SetCostRatesResponse:
        """Errors: VERSION_CONFLICT, REQUEST_CONFLICT."""
        caller = require(Role.ADMIN)
        key, fingerprint = idempotency(self._vault, caller, "cost_rates", request)
        sent = request.rates
        wanted = CostRates(
            version=sent.version,
            return_minor_units=sent.return_minor_units,
            ticket_minute_minor_units=sent.ticket_minute_minor_units,
            usual_ticket_minutes=sent.usual_ticket_minutes,
            message_minor_units=sent.message_minor_units,
            margin_basis_points=(
                sent.margin_basis_points if sent.HasField("margin_basis_points") else None
            ),
            purchases_are_after_discounts=sent.purchases_are_after_discounts,
            request_key=key,
            fingerprint=fingerprint,
        )
        with outages():
            rates, outcome = await self._profits.set_rates(caller.tenant_id, wanted)
        if outcome is RatesOutcome.VERSION_CONFLICT:
            raise RpcFailure(
                Code.VERSION_CONFLICT,
                "the rates changed since they were read: read them again",
                field="rates.version",
                metadata={"version": str(rates.version)},
            )
        if outcome is RatesOutcome.REQUEST_CONFLICT:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        return pb.SetCostRatesResponse(rates=_to_rates(rates))


def _position(page_token: str) -> tuple[int | None, int]:
    parts = from_token("profits", page_token, 2)
    if parts is None:
        return None, 0
    if not all(one.isdecimal() and len(one) <= 18 for one in parts):
        raise invalid()
    return int(parts[0]), int(parts[1])


def _to_message(view: FactsView, rates: CostRates, currency: str, *, own: bool) -> pb.Facts:
    """The facts in the tenant's currency; what serving cost is not told to customers themselves."""
    facts = view.facts
    message = pb.Facts(
        customer_id=view.customer_id,
        order_count=facts.order_count,
        revenue=_money(facts.revenue, currency),
        return_count=facts.return_count,
        returned=_money(facts.returned, currency),
        cancel_count=facts.cancel_count,
        cancelled=_money(facts.cancelled, currency),
        net_revenue=_money(facts.net_revenue, currency),
        purchase_day_count=len(facts.days),
        purchase_cycle_days=facts.cycle_days,
        orders_per_month=facts.orders_per_month(view.now_ms),
        favourite_categories=[_to_favourite(one, currency) for one in facts.categories],
        favourite_products=[_to_favourite(one, currency) for one in facts.products],
        store_count=facts.store_count,
    )
    for name, at_ms in (
        ("first_seen", facts.first_seen_ms),
        ("last_seen", facts.last_seen_ms),
        ("first_purchase", facts.first_purchase_ms),
        ("last_purchase", facts.last_purchase_ms),
    ):
        if at_ms is not None:
            getattr(message, name).FromMilliseconds(at_ms)
    for store in facts.stores:
        added = message.stores.add(store_id=store.store_id, event_count=store.event_count)
        added.last_time.FromMilliseconds(store.last_ms)
    if not own:
        _add_profit(message, facts, rates, currency)
        if view.revenue_share is not None:
            message.revenue_share = view.revenue_share
    return message


def _add_profit(message: pb.Facts, facts: CustomerFacts, rates: CostRates, currency: str) -> None:
    cost = cost_to_serve(facts, rates)
    message.cost_to_serve.CopyFrom(
        pb.CostToServe(
            total=_money(cost.total, currency),
            return_count=facts.return_count,
            returns=_money(cost.returns, currency),
            ticket_count=facts.ticket_count,
            ticket_minutes=format(cost.minutes, "f"),
            tickets=_money(cost.tickets, currency),
            message_count=facts.message_count,
            messages=_money(cost.messages, currency),
            redemption_count=facts.redemption_count,
            discounts=_money(cost.discounts, currency),
        )
    )
    message.profit.CopyFrom(_money(profit_of(facts, rates), currency))
    message.margin_known = rates.margin_basis_points is not None


def _to_favourite(one: Favourite, currency: str) -> pb.Favourite:
    return pb.Favourite(
        name=one.name,
        order_count=one.order_count,
        quantity=one.quantity,
        amount=_money(one.amount, currency),
    )


def _to_list(
    totals: Totals, rows: list[Standing], last_place: int, currency: str
) -> pb.ListMostProfitableResponse:
    response = pb.ListMostProfitableResponse(
        customer_count=totals.customer_count,
        total_revenue=_money(totals.revenue, currency),
        total_profit=_money(totals.profit, currency),
        top_fifth_revenue_share=totals.top_fifth_share,
        margin_known=totals.margin_known,
    )
    response.refresh_time.FromMilliseconds(totals.at_ms)
    for one in rows:
        added = response.customers.add(
            customer_id=one.customer_id,
            rank=one.place,
            order_count=one.order_count,
            revenue=_money(one.revenue, currency),
            net_revenue=_money(one.net_revenue, currency),
            cost_to_serve=_money(one.cost, currency),
            profit=_money(one.profit, currency),
        )
        if totals.profit > 0:
            added.cumulative_profit_share = one.cumulative_profit / totals.profit
    if last_place:
        response.next_page_token = to_token("profits", str(totals.refresh), str(last_place))
    return response


def _to_rates(rates: CostRates) -> pb.CostRates:
    return pb.CostRates(
        version=rates.version,
        return_minor_units=rates.return_minor_units,
        ticket_minute_minor_units=rates.ticket_minute_minor_units,
        usual_ticket_minutes=rates.usual_ticket_minutes,
        message_minor_units=rates.message_minor_units,
        margin_basis_points=rates.margin_basis_points,
        purchases_are_after_discounts=rates.purchases_are_after_discounts,
    )


def _money(minor_units: int, currency: str) -> Money:
    return Money(currency_code=currency, minor_units=minor_units)
