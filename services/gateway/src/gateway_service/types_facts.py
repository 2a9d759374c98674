"""What customers' events come to, and who brings the most."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import strawberry
from dangol.profile.v1 import facts_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, Money, money_of


@strawberry.type(description="A category or a product, by what was bought of it.")
class Favourite:
    """The first one has the largest amount."""

    name: str = strawberry.field(description="The category, or the product's id.")
    order_count: Int64 = strawberry.field(description="Orders with a line of it.")
    quantity: Int64 = strawberry.field(description="How many.")
    amount: Money = strawberry.field(description="What its lines come to.")


@strawberry.type(description="A store in which a customer bought, returned or was seen.")
class VisitedStore:
    """The first one has the most."""

    id: strawberry.ID = strawberry.field(description="The store.")
    event_count: Int64 = strawberry.field(description="Purchases, returns and visits there.")
    last_at: dt.datetime = strawberry.field(description="The last of them.")


@strawberry.type(description="What it took to serve a customer, by the tenant's rates.")
class CostToServe:
    """Counts and amounts by kind."""

    total: Money = strawberry.field(description="All of it.")
    return_count: Int64 = strawberry.field(description="How many returns.")
    returns: Money = strawberry.field(description="What handling them cost.")
    ticket_count: Int64 = strawberry.field(description="How many tickets.")
    ticket_minutes: Decimal = strawberry.field(description="How long they took.")
    tickets: Money = strawberry.field(description="What they cost.")
    message_count: Int64 = strawberry.field(description="How many messages were sent.")
    messages: Money = strawberry.field(description="What they cost.")
    redemption_count: Int64 = strawberry.field(description="How many coupons were used.")
    discounts: Money = strawberry.field(description="What they took off.")


@strawberry.type(description="What a customer's events come to, over all channels.")
class CustomerFacts:
    """Added up when asked for."""

    first_seen_at: dt.datetime | None = strawberry.field(description="The first event.")
    last_seen_at: dt.datetime | None = strawberry.field(description="The last event.")
    first_purchase_at: dt.datetime | None = strawberry.field(description="The first purchase.")
    last_purchase_at: dt.datetime | None = strawberry.field(description="The last purchase.")
    order_count: Int64 = strawberry.field(description="How many purchases.")
    revenue: Money = strawberry.field(description="What they came to.")
    return_count: Int64 = strawberry.field(description="How many returns.")
    returned: Money = strawberry.field(description="What came back.")
    cancel_count: Int64 = strawberry.field(description="How many cancellations.")
    cancelled: Money = strawberry.field(description="What was called off.")
    net_revenue: Money = strawberry.field(
        description="Revenue without what came back and what was called off."
    )
    purchase_day_count: Int64 = strawberry.field(
        description="On how many days something was bought."
    )
    purchase_cycle_days: float | None = strawberry.field(
        description="Median number of days from one of these days to the next."
    )
    orders_per_month: float = strawberry.field(description="Since the first purchase.")
    favourite_categories: list[Favourite] = strawberry.field(description="At most five.")
    favourite_products: list[Favourite] = strawberry.field(description="At most five.")
    stores: list[VisitedStore] = strawberry.field(description="At most twenty.")
    store_count: Int64 = strawberry.field(description="In how many stores in all.")
    cost_to_serve: CostToServe | None = strawberry.field(
        description="Not told to customers themselves."
    )
    profit: Money | None = strawberry.field(
        description="Net revenue by the margin, without the cost to serve. Not told to customers."
    )
    margin_known: bool = strawberry.field(
        description="Whether the tenant's margin is part of the profit."
    )
    revenue_share: float | None = strawberry.field(
        description="The part of all revenue, as of the last refresh. Not told to customers."
    )


@strawberry.type(description="A customer in the list of the most profitable.")
class ProfitableCustomer:
    """As of one refresh."""

    customer_id: strawberry.ID = strawberry.field(description="Who.")
    rank: Int64 = strawberry.field(description="From 1.")
    order_count: Int64 = strawberry.field(description="How many purchases.")
    revenue: Money = strawberry.field(description="What they came to.")
    net_revenue: Money = strawberry.field(description="What of it was kept.")
    cost_to_serve: Money = strawberry.field(description="What serving cost.")
    profit: Money = strawberry.field(description="What was left.")
    cumulative_profit_share: float | None = strawberry.field(
        description="What part of all profit those down to this one brought."
    )


@strawberry.type(description="What things cost the tenant. Zero until set.")
class CostRates:
    """In minor units of the tenant's currency."""

    version: Int64 = strawberry.field(description="Send it back when setting them.")
    return_minor_units: Int64 = strawberry.field(description="One return.")
    ticket_minute_minor_units: Int64 = strawberry.field(description="A minute of a ticket.")
    usual_ticket_minutes: int = strawberry.field(description="Of tickets that tell no minutes.")
    message_minor_units: Int64 = strawberry.field(description="One message.")
    margin_basis_points: int | None = strawberry.field(
        description="What is left of net revenue after the cost of goods; null while unknown."
    )
    purchases_are_after_discounts: bool = strawberry.field(
        description="True where discounts are taken off the amounts of purchases already."
    )


@strawberry.type(description="Who brings the most, as of the last refresh.")
class Profitability:
    """Totals, and the list."""

    refreshed_at: dt.datetime | None = strawberry.field(
        description="When it was made; null when it never was."
    )
    customer_count: Int64 = strawberry.field(description="How many customers are in it.")
    total_revenue: Money | None = strawberry.field(description="Of all of them.")
    total_profit: Money | None = strawberry.field(description="Of all of them.")
    top_fifth_revenue_share: float = strawberry.field(
        description="What part of all revenue the best fifth brought."
    )
    margin_known: bool = strawberry.field(description="Whether profits know the margin.")

    @resolver("The most profitable first.")
    async def customers(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[ProfitableCustomer] | None:
        """A page of the list."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.ProfitableCustomer]:
            answer = await _list(context, page_size, page_token)
            return Page(answer.customers, answer.next_page_token, answer.customer_count)

        return await connect(first, after, load, _to_profitable)


async def load_facts(context: Context, customer_id: str) -> CustomerFacts | None:
    """One customer's, batched with others asked for now. Raises RpcFailure."""
    message = await context.loaders.facts.load(customer_id)
    return to_facts(message) if message else None


async def load_profitability(context: Context) -> Profitability:
    """The totals. Raises RpcFailure."""
    answer = await _list(context, 1, "")
    known = answer.HasField("refresh_time")
    return Profitability(
        refreshed_at=convert.to_datetime(answer, "refresh_time"),
        customer_count=Int64(answer.customer_count),
        total_revenue=money_of(answer.total_revenue) if known else None,
        total_profit=money_of(answer.total_profit) if known else None,
        top_fifth_revenue_share=answer.top_fifth_revenue_share,
        margin_known=answer.margin_known,
    )


async def _list(context: Context, size: int, token: str) -> pb.ListMostProfitableResponse:
    request = pb.ListMostProfitableRequest(page_size=size, page_token=token)
    return await context.call(context.clients.facts.ListMostProfitable, request)


def to_facts(message: pb.Facts) -> CustomerFacts:
    """Facts as frontends see them."""
    told = message.HasField("profit")
    return CustomerFacts(
        first_seen_at=convert.to_datetime(message, "first_seen"),
        last_seen_at=convert.to_datetime(message, "last_seen"),
        first_purchase_at=convert.to_datetime(message, "first_purchase"),
        last_purchase_at=convert.to_datetime(message, "last_purchase"),
        order_count=Int64(message.order_count),
        revenue=money_of(message.revenue),
        return_count=Int64(message.return_count),
        returned=money_of(message.returned),
        cancel_count=Int64(message.cancel_count),
        cancelled=money_of(message.cancelled),
        net_revenue=money_of(message.net_revenue),
        purchase_day_count=Int64(message.purchase_day_count),
        purchase_cycle_days=_number(message, "purchase_cycle_days"),
        orders_per_month=message.orders_per_month,
        favourite_categories=[_to_favourite(one) for one in message.favourite_categories],
        favourite_products=[_to_favourite(one) for one in message.favourite_products],
        stores=[_to_store(one) for one in message.stores],
        store_count=Int64(message.store_count),
        cost_to_serve=_to_cost(message.cost_to_serve) if told else None,
        profit=money_of(message.profit) if told else None,
        margin_known=message.margin_known,
        revenue_share=_number(message, "revenue_share"),
    )


def _number(message: pb.Facts | pb.ProfitableCustomer, field: str) -> float | None:
    return float(getattr(message, field)) if message.HasField(field) else None


def _to_favourite(message: pb.Favourite) -> Favourite:
    return Favourite(
        name=message.name,
        order_count=Int64(message.order_count),
        quantity=Int64(message.quantity),
        amount=money_of(message.amount),
    )


def _to_store(message: pb.VisitedStore) -> VisitedStore:
    return VisitedStore(
        id=strawberry.ID(message.store_id),
        event_count=Int64(message.event_count),
        last_at=convert.to_required_datetime(message, "last_time"),
    )


def _to_cost(message: pb.CostToServe) -> CostToServe:
    return CostToServe(
        total=money_of(message.total),
        return_count=Int64(message.return_count),
        returns=money_of(message.returns),
        ticket_count=Int64(message.ticket_count),
        ticket_minutes=Decimal(message.ticket_minutes or "0"),
        tickets=money_of(message.tickets),
        message_count=Int64(message.message_count),
        messages=money_of(message.messages),
        redemption_count=Int64(message.redemption_count),
        discounts=money_of(message.discounts),
    )


def _to_profitable(message: pb.ProfitableCustomer) -> ProfitableCustomer:
    return ProfitableCustomer(
        customer_id=strawberry.ID(message.customer_id),
        rank=Int64(message.rank),
        order_count=Int64(message.order_count),
        revenue=money_of(message.revenue),
        net_revenue=money_of(message.net_revenue),
        cost_to_serve=money_of(message.cost_to_serve),
        profit=money_of(message.profit),
        cumulative_profit_share=_number(message, "cumulative_profit_share"),
    )


def to_rates(message: pb.CostRates) -> CostRates:
    """Rates as frontends see them."""
    known = message.HasField("margin_basis_points")
    return CostRates(
        version=Int64(message.version),
        return_minor_units=Int64(message.return_minor_units),
        ticket_minute_minor_units=Int64(message.ticket_minute_minor_units),
        usual_ticket_minutes=message.usual_ticket_minutes,
        message_minor_units=Int64(message.message_minor_units),
        margin_basis_points=message.margin_basis_points if known else None,
        purchases_are_after_discounts=message.purchases_are_after_discounts,
    )
