"""Offers, coupons and gifts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import gift_service_pb2 as gifts_pb
from dangol.offers.v1 import offer_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, LocalizedText, Money, money_of, to_texts

if TYPE_CHECKING:
    from gateway_service.types_customers import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("gateway_service.types_customers")]


@strawberry.enum(description="Where a coupon is in its life.")
class CouponState(Enum):
    """Values are those of the contract."""

    AVAILABLE = 1
    HELD = 2
    REDEEMED = 3
    ESCROWED = 4
    EXPIRED = 5
    REVOKED = 6


@strawberry.enum(description="What became of a gift.")
class GiftState(Enum):
    """Values are those of the contract."""

    OFFERED = 1
    CLAIMED = 2
    CANCELLED = 3
    EXPIRED = 4
    DECLINED = 5


@strawberry.type(description="A share of the order is taken off.")
class PercentOff:
    """A benefit."""

    basis_points: int = strawberry.field(description="Hundredths of a percent.")

    @resolver("In percent: 12.5 for 1,250 basis points.")
    def percent(self) -> Decimal:
        """The percentage."""
        return Decimal(self.basis_points).scaleb(-2)


@strawberry.type(description="A fixed amount is taken off.")
class AmountOff:
    """A benefit."""

    amount: Money = strawberry.field(description="What is taken off.")


@strawberry.type(description="The order's shipping is taken off.")
class FreeShipping:
    """A benefit."""

    maximum: Money | None = strawberry.field(description="The most that is taken off.")


@strawberry.type(description="A product comes with the order, at no charge.")
class GiftItem:
    """A benefit."""

    product_id: str = strawberry.field(description="Which product.")
    quantity: int = strawberry.field(description="How many of it.")


@strawberry.type(description="The order earns points.")
class PointsReward:
    """A benefit."""

    points: Int64 = strawberry.field(description="How many.")
    per_amount: Money | None = strawberry.field(
        description="They count once for each full amount of this; null: once for the order."
    )


AnyBenefit = PercentOff | AmountOff | FreeShipping | GiftItem | PointsReward
Benefit = Annotated[AnyBenefit, strawberry.union("Benefit", description="What an offer gives.")]


@strawberry.type(description="What a customer can be offered. An active offer never changes.")
class Offer:
    """Coupons are issued from it."""

    message: strawberry.Private[pb.Offer]

    id: strawberry.ID = strawberry.field(description="The offer's name in links.")
    benefit: Benefit = strawberry.field(description="What it gives.")
    minimum_order: Money | None = strawberry.field(description="The least order it applies to.")
    valid_for_seconds: Int64 | None = strawberry.field(
        description="How long a coupon is good from its issue."
    )
    valid_until: dt.datetime | None = strawberry.field(description="When the offer ends.")
    giftable: bool = strawberry.field(description="Whether a holder may give the coupon away.")
    created_at: dt.datetime | None = strawberry.field(description="When it was created.")

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))


@strawberry.type(description="A coupon in a customer's hands; an account with its own journal.")
class Coupon:
    """Steps on it are mutations."""

    id: strawberry.ID = strawberry.field(description="The coupon, and its account in the ledger.")
    offer_id: strawberry.ID = strawberry.field(description="What it is good for.")
    campaign_id: strawberry.ID | None = strawberry.field(description="Why it was issued.")
    customer_id: strawberry.ID = strawberry.field(description="Who owns it.")
    state: CouponState | None = strawberry.field(description="Where it is in its life.")
    code: str | None = strawberry.field(description="What the till scans; for those who may see.")
    issued_at: dt.datetime | None = strawberry.field(description="When it was issued.")
    valid_until: dt.datetime | None = strawberry.field(description="When it ends.")
    order_id: str | None = strawberry.field(description="The order that holds or used it.")
    hold_expires_at: dt.datetime | None = strawberry.field(description="When the hold ends.")
    gift_id: strawberry.ID | None = strawberry.field(description="The gift it is in.")
    generation: int = strawberry.field(description="Through how many hands it went: 0 at first.")
    version: Int64 = strawberry.field(description="Grows with every step.")
    redeemed_amount: Money | None = strawberry.field(description="The discount that was given.")

    @resolver("What it is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)

    @resolver("Who owns it.")
    async def owner(self, info: AppInfo) -> LazyCustomer | None:
        """The customer; null when erased."""
        from gateway_service.types_customers import load_customer  # noqa: PLC0415

        return await load_customer(info.context, self.customer_id)


@strawberry.type(description="A coupon on its way from one customer to another.")
class Gift:
    """While it is open the coupon is in escrow: nobody can use it."""

    id: strawberry.ID = strawberry.field(description="The gift.")
    coupon_id: strawberry.ID = strawberry.field(description="What is given.")
    offer_id: strawberry.ID = strawberry.field(description="What the coupon is good for.")
    giver_customer_id: strawberry.ID | None = strawberry.field(description="Who gives.")
    claimer_customer_id: strawberry.ID | None = strawberry.field(description="Who took it.")
    state: GiftState | None = strawberry.field(description="What became of it.")
    offered_at: dt.datetime | None = strawberry.field(description="When it was offered.")
    expires_at: dt.datetime | None = strawberry.field(description="When it goes back.")
    closed_at: dt.datetime | None = strawberry.field(description="When it was decided.")

    @resolver("What the coupon is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)


def to_offer(message: pb.Offer) -> Offer:
    """An offer as frontends see it."""
    has_minimum = message.HasField("minimum_order")
    return Offer(
        message=message,
        id=strawberry.ID(message.offer_id),
        benefit=_to_benefit(message),
        minimum_order=money_of(message.minimum_order) if has_minimum else None,
        valid_for_seconds=Int64(message.valid_for_seconds) if message.valid_for_seconds else None,
        valid_until=convert.to_datetime(message, "valid_until"),
        giftable=message.giftable,
        created_at=convert.to_datetime(message, "create_time"),
    )


def _to_benefit(message: pb.Offer) -> AnyBenefit:
    match message.WhichOneof("benefit"):
        case "fixed_amount":
            return AmountOff(amount=money_of(message.fixed_amount))
        case "free_shipping":
            capped = message.HasField("maximum_discount")
            return FreeShipping(maximum=money_of(message.maximum_discount) if capped else None)
        case "gift_item":
            item = message.gift_item
            return GiftItem(product_id=item.product_id, quantity=item.quantity)
        case "points":
            given = message.points
            per = money_of(given.per_amount) if given.HasField("per_amount") else None
            return PointsReward(points=Int64(given.points), per_amount=per)
    return PercentOff(basis_points=message.percent_basis_points)


def to_coupon(message: coupons_pb.Coupon) -> Coupon:
    """A coupon as frontends see it."""
    redeemed = message.HasField("redeemed_amount")
    return Coupon(
        id=strawberry.ID(message.coupon_id),
        offer_id=strawberry.ID(message.offer_id),
        campaign_id=to_id(message.campaign_id),
        customer_id=strawberry.ID(message.customer_id),
        state=convert.to_enum(CouponState, message.state),
        code=message.code or None,
        issued_at=convert.to_datetime(message, "issue_time"),
        valid_until=convert.to_datetime(message, "valid_until"),
        order_id=message.order_id or None,
        hold_expires_at=convert.to_datetime(message, "hold_expire_time"),
        gift_id=to_id(message.gift_id),
        generation=message.generation,
        version=Int64(message.version),
        redeemed_amount=money_of(message.redeemed_amount) if redeemed else None,
    )


def to_gift(message: gifts_pb.Gift) -> Gift:
    """A gift as frontends see it."""
    return Gift(
        id=strawberry.ID(message.gift_id),
        coupon_id=strawberry.ID(message.coupon_id),
        offer_id=strawberry.ID(message.offer_id),
        giver_customer_id=to_id(message.giver_customer_id),
        claimer_customer_id=to_id(message.claimer_customer_id),
        state=convert.to_enum(GiftState, message.state),
        offered_at=convert.to_datetime(message, "offer_time"),
        expires_at=convert.to_datetime(message, "expire_time"),
        closed_at=convert.to_datetime(message, "close_time"),
    )


def to_id(text: str) -> strawberry.ID | None:
    """An id, or None for none."""
    return strawberry.ID(text) if text else None


async def load_offer(info: AppInfo, offer_id: str) -> Offer | None:
    """One offer, loaded once a request. Raises RpcFailure."""
    message = await info.context.loaders.offers.load(offer_id) if offer_id else None
    return to_offer(message) if message else None
