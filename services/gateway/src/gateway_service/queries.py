"""What can be asked. Every field is nullable: one service down leaves the others' answers."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as campaigns_pb
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import gift_service_pb2 as gifts_pb
from dangol.offers.v1 import offer_service_pb2 as offers_pb
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure
from grpc import StatusCode

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import argument, resolver
from gateway_service.inputs import IdentifierInput
from gateway_service.queries_records import RecordQueries
from gateway_service.queries_segments import SegmentQueries
from gateway_service.types_campaigns import Campaign, to_campaign
from gateway_service.types_customers import (
    Customer,
    load_customer,
    load_timeline,
    load_wallet,
    to_customer,
)
from gateway_service.types_events import Event
from gateway_service.types_ledger import Ledger
from gateway_service.types_offers import (
    Coupon,
    Gift,
    Offer,
    load_offer,
    to_coupon,
    to_gift,
    to_offer,
)


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
class Query(SegmentQueries, RecordQueries):
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
        try:
            answer = await context.call(context.clients.customers.GetCustomer, request)
        except RpcFailure as failure:
            _raise_unless_missing(failure)
            return None
        return to_customer(answer.customer)

    @resolver("Customers, optionally those with one tag or for whom a filter holds.")
    async def customers(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        *,
        tag: str | None = None,
        filter: Annotated[
            str | None, argument("A rule of docs/rules.md that speaks of attributes alone.")
        ] = None,
    ) -> Connection[Customer] | None:
        """A page of customers."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[customers_pb.Customer]:
            request = customers_pb.ListCustomersRequest(
                page_size=page_size, page_token=page_token, tag=tag or "", filter=filter or ""
            )
            answer = await context.call(context.clients.customers.ListCustomers, request)
            total = None if answer.total_is_more else answer.total_size
            return Page(answer.customers, answer.next_page_token, total)

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

    @resolver("One coupon; null when there is none.")
    async def coupon(self, info: AppInfo, id: strawberry.ID) -> Coupon | None:
        """By its id."""
        return await _load_coupon(info.context, coupons_pb.GetCouponRequest(coupon_id=id))

    @resolver("One coupon by what the till scanned; null when there is none.")
    async def coupon_by_code(self, info: AppInfo, code: str) -> Coupon | None:
        """By its code."""
        return await _load_coupon(info.context, coupons_pb.GetCouponRequest(code=code))

    @resolver("One customer's coupons.")
    async def wallet(
        self,
        info: AppInfo,
        customer_id: strawberry.ID,
        *,
        first: int | None = None,
        after: str | None = None,
        campaign_id: strawberry.ID | None = None,
        offer_id: strawberry.ID | None = None,
    ) -> Connection[Coupon] | None:
        """A page of coupons."""
        return await load_wallet(
            info.context, customer_id, first, after, campaign_id=campaign_id, offer_id=offer_id
        )

    @resolver("All offers.")
    async def offers(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Offer] | None:
        """A page of offers."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[offers_pb.Offer]:
            request = offers_pb.ListOffersRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.offers.ListOffers, request)
            return Page(answer.offers, answer.next_page_token)

        return await connect(first, after, load, to_offer)

    @resolver("One offer; null when there is none.")
    async def offer(self, info: AppInfo, id: strawberry.ID) -> Offer | None:
        """By its id."""
        return await load_offer(info, id)

    @resolver("All campaigns.")
    async def campaigns(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Campaign] | None:
        """A page of campaigns."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[campaigns_pb.Campaign]:
            request = campaigns_pb.ListCampaignsRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.campaigns.ListCampaigns, request)
            return Page(answer.campaigns, answer.next_page_token)

        return await connect(first, after, load, to_campaign)

    @resolver("One campaign; null when there is none.")
    async def campaign(self, info: AppInfo, id: strawberry.ID) -> Campaign | None:
        """By its id."""
        message = await info.context.loaders.campaigns.load(id)
        return to_campaign(message) if message else None

    @resolver("A gift by the token of its link; null when there is none. Never claims it.")
    async def gift(self, info: AppInfo, token: str) -> Gift | None:
        """Looks, and changes nothing."""
        context = info.context
        request = gifts_pb.GetGiftRequest(token=token)
        try:
            answer = await context.call(context.clients.gifts.GetGift, request)
        except RpcFailure as failure:
            _raise_unless_missing(failure)
            return None
        return to_gift(answer.gift) if answer.HasField("gift") else None

    @resolver("The journal of coupons, for auditors.")
    def ledger(self) -> Ledger:
        """Its fields ask."""
        return Ledger()


async def _load_coupon(context: Context, request: coupons_pb.GetCouponRequest) -> Coupon | None:
    try:
        answer = await context.call(context.clients.coupons.GetCoupon, request)
    except RpcFailure as failure:
        _raise_unless_missing(failure)
        return None
    return to_coupon(answer.coupon)


def _raise_unless_missing(failure: RpcFailure) -> None:
    if failure.code.status is not StatusCode.NOT_FOUND:
        raise failure
