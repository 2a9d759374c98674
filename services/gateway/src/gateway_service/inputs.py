"""What clients send. Every write carries a request id and may be sent twice."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.events.v1 import event_pb2
from dangol.profile.v1 import customer_service_pb2 as customers_pb

from gateway_service import convert
from gateway_service.types_common import (
    Int64,
    MoneyInput,
    PropertyInput,
    from_properties,
)
from gateway_service.types_customers import Gender
from gateway_service.types_events import Channel
from gateway_service.types_records import LunarDateInput, PreferenceInput

REQUEST_ID = "Your UUID for this request. Sent again with the same content it answers the same."


@strawberry.input(description="One of the names by which a customer is known.")
class IdentifierInput:
    """A namespace and a value."""

    namespace: str = strawberry.field(
        description="member, device, email, phone, pos_card, customer or partner.<name>."
    )
    value: str = strawberry.field(description="The name, as the source system writes it.")

    def to_proto(self) -> event_pb2.CustomerRef:
        """The message."""
        return event_pb2.CustomerRef(namespace=self.namespace, value=self.value)


@strawberry.input(description="One line of an order, cart or return.")
class EventItemInput:
    """Amounts are in the event's currency."""

    product_id: str = strawberry.field(description="The product.")
    category: str | None = strawberry.field(default=None, description="The product's category.")
    quantity: Int64 = strawberry.field(default=Int64(1), description="How many.")
    unit_price_minor_units: Int64 = strawberry.field(
        default=Int64(0), description="The price of one, in the currency's smallest unit."
    )
    amount_minor_units: Int64 = strawberry.field(
        default=Int64(0), description="What the line comes to, in the currency's smallest unit."
    )


@strawberry.input(description="Something that a customer did.")
class EventInput:
    """Judged by itself: one bad event does not reject the others."""

    event_id: strawberry.ID = strawberry.field(
        description="Your UUID for this event; sent again it is a duplicate and harmless."
    )
    customer: IdentifierInput = strawberry.field(description="Who, by any identifier.")
    type: str = strawberry.field(description="For example visit, cart_add or purchase.")
    occurred_at: dt.datetime = strawberry.field(description="When it happened.")
    channel: Channel | None = strawberry.field(default=None, description="Where it happened.")
    store_id: str | None = strawberry.field(default=None, description="The store.")
    session_id: str | None = strawberry.field(default=None, description="The visit.")
    cart_id: str | None = strawberry.field(default=None, description="The cart.")
    order_id: str | None = strawberry.field(default=None, description="The order.")
    items: list[EventItemInput] | None = strawberry.field(default=None, description="Its lines.")
    amount: MoneyInput | None = strawberry.field(default=None, description="What it came to.")
    rating: int | None = strawberry.field(default=None, description="Stars, 1 to 5.")
    properties: list[PropertyInput] | None = strawberry.field(
        default=None, description="Values of the tenant's own."
    )

    def to_proto(self) -> event_pb2.Event:
        """The message."""
        return event_pb2.Event(
            event_id=str(self.event_id),
            customer=self.customer.to_proto(),
            type=self.type,
            occurred_at=convert.to_timestamp(self.occurred_at),
            channel=f"CHANNEL_{self.channel.name}" if self.channel else None,
            store_id=self.store_id or "",
            session_id=self.session_id or "",
            cart_id=self.cart_id or "",
            order_id=self.order_id or "",
            items=[
                event_pb2.Item(
                    product_id=item.product_id,
                    category=item.category or "",
                    quantity=item.quantity,
                    unit_price_minor_units=item.unit_price_minor_units,
                    amount_minor_units=item.amount_minor_units,
                )
                for item in self.items or ()
            ],
            amount=self.amount.to_proto() if self.amount else None,
            rating=self.rating or 0,
            properties=from_properties(self.properties),
        )


@strawberry.input(description="Events to record.")
class TrackInput:
    """At most 1,000 of them."""

    events: list[EventInput] = strawberry.field(description="At most 1,000.")


@strawberry.input(description="Identifiers that belong to one customer.")
class IdentifyInput:
    """Links, creates, or merges a visitor into a member."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    identifiers: list[IdentifierInput] = strawberry.field(description="1 to 10 of them.")
    display_name: str | None = strawberry.field(
        default=None, description="Set if the customer is created by this call."
    )


@strawberry.input(description="A change of a customer's attributes; what is left out stays.")
class UpdateCustomerInput:
    """null clears an attribute."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Who.")
    version: Int64 = strawberry.field(description="The version that was read.")
    display_name: str | None = strawberry.field(default=strawberry.UNSET, description="The name.")
    gender: Gender | None = strawberry.field(default=strawberry.UNSET, description="As stated.")
    birth_date: dt.date | None = strawberry.field(
        default=strawberry.UNSET, description="As stated."
    )
    age_band: str | None = strawberry.field(
        default=strawberry.UNSET, description="For example 25-34."
    )
    tier: str | None = strawberry.field(default=strawberry.UNSET, description="The loyalty tier.")
    region: str | None = strawberry.field(default=strawberry.UNSET, description="The region.")
    language: str | None = strawberry.field(default=strawberry.UNSET, description="BCP 47.")
    tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="All tags, replacing those there were."
    )
    fields: list[PropertyInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All own fields, replacing those there were."
    )
    lunar_birth_date: LunarDateInput | None = strawberry.field(
        default=strawberry.UNSET, description="By the lunar calendar, instead of birthDate."
    )
    preferences: list[PreferenceInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All preferences, replacing those there were."
    )


@strawberry.input(description="One decision of a customer.")
class ConsentInput:
    """At most one of each purpose and channel in a request."""

    channel: str = strawberry.field(
        description="email, sms, push, kakao, phone, mail, or the tenant's own."
    )
    granted: bool = strawberry.field(description="False withdraws.")
    source: str = strawberry.field(description="Where: the form, page, store or call.")
    purpose: str = strawberry.field(
        default="marketing",
        description="marketing, marketing_night (21:00 to 08:00), profiling, or the tenant's own.",
    )
    decided_at: dt.datetime | None = strawberry.field(
        default=None, description="When the customer said so: now if absent, never in the future."
    )
    notice: str | None = strawberry.field(
        default=None, description="Which text was shown: the notice's name and version."
    )

    def to_proto(self) -> customers_pb.ConsentEntry:
        """The message."""
        return customers_pb.ConsentEntry(
            purpose=self.purpose,
            channel=self.channel,
            granted=self.granted,
            decide_time=convert.to_timestamp(self.decided_at) if self.decided_at else None,
            source=self.source,
            notice=self.notice or "",
        )


@strawberry.input(description="What a customer allowed or withdrew.")
class SetConsentInput:
    """Written into the log at once."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Who.")
    entries: list[ConsentInput] = strawberry.field(description="1 to 20 decisions.")


@strawberry.input(description="A step of a virtual clock.")
class AdvanceClockInput:
    """Only for tenants under virtual time."""

    now: dt.datetime = strawberry.field(description="The new time; never before the present one.")
    horizon: dt.datetime | None = strawberry.field(
        default=None, description="Events may be sent up to this time; `now` if absent."
    )
