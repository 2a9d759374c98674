"""What customers did."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.events.v1 import event_pb2

from gateway_service import convert
from gateway_service.types_common import Int64, Money, Property, money_of, to_money, to_properties


@strawberry.enum(description="Where something happened.")
class Channel(Enum):
    """Values are those of the contract."""

    WEB = 1
    APP = 2
    STORE = 3
    CALL = 4


@strawberry.type(description="One line of an order, cart or return.")
class EventItem:
    """Amounts are in the event's currency."""

    product_id: str = strawberry.field(description="The product.")
    category: str | None = strawberry.field(description="The product's category.")
    quantity: Int64 = strawberry.field(description="How many; 0 on a register's special lines.")
    unit_price: Money | None = strawberry.field(description="The price of one.")
    amount: Money | None = strawberry.field(description="What the line comes to.")


@strawberry.type(description="Something that a customer did, or that happened to one.")
class Event:
    """One entry of a timeline."""

    id: strawberry.ID = strawberry.field(description="The id under which it was sent.")
    type: str = strawberry.field(description="For example visit, cart_add or purchase.")
    occurred_at: dt.datetime = strawberry.field(description="When it happened.")
    channel: Channel | None = strawberry.field(description="Where it happened.")
    store_id: str | None = strawberry.field(description="The store, for what happened in one.")
    session_id: str | None = strawberry.field(description="The visit it was part of.")
    cart_id: str | None = strawberry.field(description="The cart it was about.")
    order_id: str | None = strawberry.field(description="The order it was about.")
    items: list[EventItem] = strawberry.field(description="The lines of an order or cart.")
    amount: Money | None = strawberry.field(description="What it came to.")
    rating: int | None = strawberry.field(description="Stars, 1 to 5.")
    properties: list[Property] = strawberry.field(description="Values of the tenant's own.")


def to_event(message: event_pb2.Event, tenant_currency: str) -> Event:
    """An event as frontends see it."""
    amount = money_of(message.amount) if message.HasField("amount") else None
    currency = amount.currency_code if amount else tenant_currency
    return Event(
        id=strawberry.ID(message.event_id),
        type=message.type,
        occurred_at=convert.to_required_datetime(message, "occurred_at"),
        channel=convert.to_enum(Channel, message.channel),
        store_id=message.store_id or None,
        session_id=message.session_id or None,
        cart_id=message.cart_id or None,
        order_id=message.order_id or None,
        items=[_to_item(item, currency) for item in message.items],
        amount=amount,
        rating=message.rating or None,
        properties=to_properties(dict(message.properties)),
    )


def _to_item(item: event_pb2.Item, currency: str) -> EventItem:
    return EventItem(
        product_id=item.product_id,
        category=item.category or None,
        quantity=Int64(item.quantity),
        unit_price=to_money(item.unit_price_minor_units, currency),
        amount=to_money(item.amount_minor_units, currency),
    )
