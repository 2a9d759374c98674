"""Who is asking, and all that a page needs for them in one query.

Every field asks for itself, so a service that is down takes only its own away.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import offer_service_pb2 as offers_pb
from dangol_service_kit.auth import Role

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.inputs_coupons import CartInput
from gateway_service.types_carts import CartEvaluation, evaluate
from gateway_service.types_customer_offers import load_wallet
from gateway_service.types_customers import Customer, load_customer
from gateway_service.types_gifts import GiftState, ReceivedGift, load_received
from gateway_service.types_greetings import Greeting, greet
from gateway_service.types_offers import Coupon, Offer, to_offer
from gateway_service.types_points import PointsBalance, Tier, load_points, load_tier
from gateway_service.types_products import ViewedProduct, load_recently_viewed
from gateway_service.types_segments import Membership, to_membership

_GIFTS_MAX = 100


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


@strawberry.type(description="Who is asking, and what a page needs about them.")
class Viewer:
    """Read from the token. What is about a customer is null for everyone else."""

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
        return await load_customer(info, self._customer_id())

    @resolver("What to say to whoever opens the page: by tier, segment, birthday and time of day.")
    async def greeting(
        self,
        info: AppInfo,
        language: Annotated[
            str | None, argument("For guests, and customers whose language is not known.")
        ] = None,
    ) -> Greeting | None:
        """A guest's for everyone but customers; null for who belongs to no tenant."""
        if self.role == Role.OPERATOR:
            return None
        return await greet(info.context, self._customer_id(), language)

    @resolver("The customer's tier, with its name; null for none.")
    async def tier(self, info: AppInfo) -> Tier | None:
        """From the points programme."""
        balance = await load_points(info.context, self._customer_id())
        return await load_tier(info.context, balance.tier_id if balance else None)

    @resolver("The customer's points, and what is missing for the next tier.")
    async def points(self, info: AppInfo) -> PointsBalance | None:
        """Null where the shop has no programme."""
        return await load_points(info.context, self._customer_id())

    @resolver("The segments that the customer is in now, for pages that differ by segment.")
    async def segments(self, info: AppInfo) -> list[Membership] | None:
        """Present memberships."""
        customer_id = self._customer_id()
        if not customer_id:
            return None
        memberships = await info.context.loaders.memberships.load(customer_id)
        return [to_membership(message) for message in memberships]

    @resolver("Products that the customer looked at, newest first.")
    async def recently_viewed(
        self,
        info: AppInfo,
        limit: Annotated[int | None, argument("1 to 100; 20 if absent.")] = None,
        without_bought: Annotated[bool, argument("Without those bought since.")] = False,
    ) -> list[ViewedProduct] | None:
        """By whichever identifier."""
        customer_id = self._customer_id()
        if not customer_id:
            return None
        return await load_recently_viewed(info.context, customer_id, limit, without_bought)

    @resolver("The customer's coupons.")
    async def coupons(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Coupon] | None:
        """A page of coupons."""
        customer_id = self._customer_id()
        if not customer_id:
            return None
        return await load_wallet(
            info.context, customer_id, first, after, campaign_id=None, offer_id=None
        )

    @resolver("What the customer's coupons, and codes that were typed in, would save on a cart.")
    async def savings(
        self,
        info: AppInfo,
        cart: CartInput,
        codes: Annotated[list[str] | None, argument("Typed in, besides the wallet.")] = None,
        order_id: Annotated[
            str | None, argument("Coupons that this order holds count as free.")
        ] = None,
    ) -> CartEvaluation | None:
        """Holds nothing."""
        customer_id = self._customer_id()
        if not customer_id:
            return None
        request = coupons_pb.EvaluateCartRequest(
            customer_id=customer_id,
            cart=cart.to_proto(),
            order_id=order_id or "",
            codes=codes or (),
        )
        return await evaluate(info.context, request)

    @resolver("Offers to show: those that have begun and not ended.")
    async def offers(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Offer] | None:
        """A page of offers; null for who belongs to no tenant."""
        context = info.context
        if self.role == Role.OPERATOR:
            return None

        async def load(page_size: int, page_token: str) -> Page[offers_pb.Offer]:
            request = offers_pb.ListOffersRequest(
                page_size=page_size, page_token=page_token, current_only=True
            )
            answer = await context.call(context.clients.offers.ListOffers, request)
            return Page(answer.offers, answer.next_page_token)

        return await connect(first, after, load, to_offer)

    @resolver("Gifts that wait for the customer to claim or to decline.")
    async def gifts_waiting(self, info: AppInfo) -> list[ReceivedGift] | None:
        """At most a hundred are looked at."""
        customer_id = self._customer_id()
        if not customer_id:
            return None
        received = await load_received(info.context, customer_id, _GIFTS_MAX, None)
        return [one for one in received.nodes() if one.gift.state is GiftState.OFFERED]

    def _customer_id(self) -> str:
        """Empty for everyone but customers."""
        return self.subject if self.role == Role.CUSTOMER else ""
