"""Offers and coupons."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import offer_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.nodes import Node
from gateway_service.types_common import (
    Int64,
    LocalizedText,
    Money,
    money_of,
    optional_money,
    to_texts,
)

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


@strawberry.enum(description="Which goods count towards an offer's minimum, at list price.")
class MinimumBasis(Enum):
    """Values are those of the contract."""

    SCOPE = 1
    CART = 2


@strawberry.enum(description="What becomes of a coupon when its order is cancelled or returned.")
class RestorePolicy(Enum):
    """Values are those of the contract."""

    RESTORE = 1
    RESTORE_IF_VALID = 2
    KEEP_REDEEMED = 3


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


@strawberry.type(description="Which goods an offer is about; all where nothing is listed.")
class OfferScope:
    """A line is in scope if its product or its category is listed and neither is excluded."""

    product_ids: list[str] = strawberry.field(description="These products.")
    categories: list[str] = strawberry.field(description="And these categories.")
    excluded_product_ids: list[str] = strawberry.field(description="But not these products.")
    excluded_categories: list[str] = strawberry.field(description="Nor these categories.")


@strawberry.type(description="What a customer can be offered. An active offer never changes.")
class Offer(Node):
    """Coupons are issued from it."""

    message: strawberry.Private[pb.Offer]

    id: strawberry.ID = strawberry.field(description="The offer's name in links.")
    benefit: Benefit = strawberry.field(description="What it gives.")
    minimum_order: Money | None = strawberry.field(description="The least order it applies to.")
    valid_for_seconds: Int64 | None = strawberry.field(
        description="How long a coupon is good from its issue."
    )
    valid_until: dt.datetime | None = strawberry.field(description="When the offer ends.")
    valid_from: dt.datetime | None = strawberry.field(
        description="Coupons may be issued before, and are good from then on."
    )
    valid_for_days: int | None = strawberry.field(
        description="A coupon is good through the day that comes so many days after its issue."
    )
    maximum_discount: Money | None = strawberry.field(
        description="The most that a share or free shipping takes off."
    )
    scope: OfferScope | None = strawberry.field(description="Which goods; null for all.")
    minimum_basis: MinimumBasis = strawberry.field(
        description="Which goods count towards the least order."
    )
    stacking_group: str | None = strawberry.field(
        description="By which other offers name it; null for that of its kind of benefit."
    )
    stackable_with: list[str] = strawberry.field(
        description="Groups whose coupons may be used in the same order; none: only alone."
    )
    restore_policy: RestorePolicy = strawberry.field(
        description="What becomes of a coupon when its order comes back."
    )
    restore_grace_seconds: Int64 | None = strawberry.field(
        description="For how long a restored coupon is good at least; a week if null."
    )
    per_customer_limit: int | None = strawberry.field(
        description="How many are ever issued to one customer; null for any number."
    )
    giftable: bool = strawberry.field(description="Whether a holder may give the coupon away.")
    gift_times_max: int | None = strawberry.field(
        description="How often a coupon may change hands; null for any number of times."
    )
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
class Coupon(Node):
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
    reversed: bool = strawberry.field(
        description="Whether its order came back and the coupon stayed used all the same."
    )
    points: Int64 | None = strawberry.field(
        description="What the order that holds or used it earns; for offers of points."
    )

    @resolver("What it is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)

    @resolver("Who owns it.")
    async def owner(self, info: AppInfo) -> LazyCustomer | None:
        """The customer; null when erased."""
        from gateway_service.types_customers import load_customer  # noqa: PLC0415

        return await load_customer(info, self.customer_id)


def to_offer(message: pb.Offer) -> Offer:
    """An offer as frontends see it."""
    return Offer(
        message=message,
        id=strawberry.ID(message.offer_id),
        benefit=_to_benefit(message),
        minimum_order=optional_money(message, "minimum_order"),
        valid_for_seconds=Int64(message.valid_for_seconds) if message.valid_for_seconds else None,
        valid_until=convert.to_datetime(message, "valid_until"),
        valid_from=convert.to_datetime(message, "valid_from"),
        valid_for_days=message.valid_for_days or None,
        maximum_discount=optional_money(message, "maximum_discount"),
        scope=_to_scope(message.scope) if message.HasField("scope") else None,
        minimum_basis=convert.to_enum(MinimumBasis, message.minimum_basis) or MinimumBasis.SCOPE,
        stacking_group=message.stacking_group or None,
        stackable_with=list(message.stackable_with),
        restore_policy=convert.to_enum(RestorePolicy, message.restore_policy)
        or RestorePolicy.RESTORE_IF_VALID,
        restore_grace_seconds=Int64(message.restore_grace_seconds) or None,
        per_customer_limit=message.per_customer_limit or None,
        giftable=message.giftable,
        gift_times_max=message.gift_times_max or None,
        created_at=convert.to_datetime(message, "create_time"),
    )


def _to_scope(message: pb.Scope) -> OfferScope:
    return OfferScope(
        product_ids=list(message.product_ids),
        categories=list(message.categories),
        excluded_product_ids=list(message.excluded_product_ids),
        excluded_categories=list(message.excluded_categories),
    )


def _to_benefit(message: pb.Offer) -> AnyBenefit:
    match message.WhichOneof("benefit"):
        case "fixed_amount":
            return AmountOff(amount=money_of(message.fixed_amount))
        case "free_shipping":
            return FreeShipping(maximum=optional_money(message, "maximum_discount"))
        case "gift_item":
            item = message.gift_item
            return GiftItem(product_id=item.product_id, quantity=item.quantity)
        case "points":
            given = message.points
            per_amount = optional_money(given, "per_amount")
            return PointsReward(points=Int64(given.points), per_amount=per_amount)
    return PercentOff(basis_points=message.percent_basis_points)


def to_coupon(message: coupons_pb.Coupon) -> Coupon:
    """A coupon as frontends see it."""
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
        redeemed_amount=optional_money(message, "redeemed_amount"),
        reversed=message.reversed,
        points=Int64(message.points) or None,
    )


def to_id(text: str) -> strawberry.ID | None:
    """An id, or None for none."""
    return strawberry.ID(text) if text else None


async def load_offer(info: AppInfo, offer_id: str) -> Offer | None:
    """One offer, loaded once a request. Raises RpcFailure."""
    message = await info.context.loaders.offers.load(offer_id) if offer_id else None
    return to_offer(message) if message else None
