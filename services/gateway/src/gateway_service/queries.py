"""What can be asked. Every field is nullable: one service down leaves the others' answers."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol_service_kit.auth import Role

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.inputs import IdentifierInput
from gateway_service.missing import or_none
from gateway_service.queries_campaigns import CampaignQueries
from gateway_service.queries_offers import OfferQueries
from gateway_service.queries_segments import SegmentQueries
from gateway_service.types_customers import (
    Customer,
    load_customer,
    load_timeline,
    to_customer,
)
from gateway_service.types_events import Event
from gateway_service.types_ledger import Ledger


@strawberry.enum(description="What moves a tenant's clock.")
class ClockMode(Enum):
    """Values are those of the contract."""

    WALL = 1
    VIRTUAL = 2


@strawberry.type(description="A retailer on the platform.")
class Tenant:
    """The caller's own."""

    id: strawberry.ID = strawberry.field(description="The tenant's id.")
    display_name: str = strawberry.field(description="Its name.")
    time_zone: str = strawberry.field(description="IANA name, for example Asia/Seoul.")
    currency_code: str = strawberry.field(description="ISO 4217.")
    language: str = strawberry.field(description="BCP 47.")
    clock_mode: ClockMode | None = strawberry.field(description="What moves its clock.")
    clock_now: dt.datetime | None = strawberry.field(description="Virtual clocks: the time now.")
    clock_horizon: dt.datetime | None = strawberry.field(
        description="Virtual clocks: events later than this are refused."
    )


@strawberry.type(description="Who is asking.")
class Viewer:
    """Read from the token."""

    tenant_id: strawberry.ID = strawberry.field(description="The tenant acted for.")
    role: str = strawberry.field(description="What the caller may do.")
    subject: str = strawberry.field(description="Whom the token names.")
    stores: list[str] = strawberry.field(description="The stores that staff are limited to.")

    @resolver("The caller's tenant.")
    async def tenant(self, info: AppInfo) -> Tenant | None:
        """As it is now, its clock included."""
        message = await info.context.tenants.fresh(info.context)
        return Tenant(
            id=strawberry.ID(message.tenant_id),
            display_name=message.display_name,
            time_zone=message.time_zone,
            currency_code=message.currency_code,
            language=message.language,
            clock_mode=convert.to_enum(ClockMode, message.clock_mode),
            clock_now=convert.to_datetime(message, "clock_now"),
            clock_horizon=convert.to_datetime(message, "clock_horizon"),
        )

    @resolver("The caller as a customer; null for everyone else.")
    async def customer(self, info: AppInfo) -> Customer | None:
        """For the role customer."""
        if self.role != Role.CUSTOMER:
            return None
        return await load_customer(info.context, self.subject)


@strawberry.type(description="What can be asked.")
class Query(SegmentQueries, OfferQueries, CampaignQueries):
    """Resolvers call one service each."""

    @resolver("Who is asking, and for which tenant.")
    async def me(self, info: AppInfo) -> Viewer:
        """From the token alone."""
        caller = info.context.caller
        return Viewer(
            tenant_id=strawberry.ID(caller.tenant_id),
            role=caller.role.value,
            subject=caller.subject,
            stores=list(caller.stores),
        )

    @resolver("One customer; null when there is none.")
    async def customer(self, info: AppInfo, id: strawberry.ID) -> Customer | None:
        """By Dangol's id."""
        return await load_customer(info.context, id)

    @resolver("One customer by an identifier, such as a member number.")
    async def customer_by_identifier(
        self, info: AppInfo, identifier: IdentifierInput
    ) -> Customer | None:
        """By any linked name."""
        context = info.context
        request = customers_pb.GetCustomerRequest(identifier=identifier.to_proto())
        answer = await or_none(context.call(context.clients.customers.GetCustomer, request))
        return to_customer(answer.customer) if answer else None

    @resolver("Customers, optionally those with one tag.")
    async def customers(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        tag: str | None = None,
    ) -> Connection[Customer] | None:
        """A page of customers."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[customers_pb.Customer]:
            request = customers_pb.ListCustomersRequest(
                page_size=page_size, page_token=page_token, tag=tag or ""
            )
            answer = await context.call(context.clients.customers.ListCustomers, request)
            return Page(answer.customers, answer.next_page_token, answer.total_size)

        return await connect(first, after, load, to_customer)

    @resolver("What happened to one customer, newest first.")
    async def timeline(
        self,
        info: AppInfo,
        customer_id: strawberry.ID,
        first: int | None = None,
        after: str | None = None,
        types: list[str] | None = None,
    ) -> Connection[Event] | None:
        """A page of events."""
        return await load_timeline(info.context, customer_id, first, after, types)

    @resolver("The journal of coupons, for auditors.")
    def ledger(self) -> Ledger:
        """Its fields ask."""
        return Ledger()
