"""What clients send about offers."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import offer_service_pb2 as pb

from gateway_service import convert
from gateway_service.inputs import REQUEST_ID
from gateway_service.types_common import (
    Int64,
    LocalizedTextInput,
    MoneyInput,
    from_texts,
    proto_of,
)
from gateway_service.types_offers import MinimumBasis, RestorePolicy


@strawberry.input(description="A product that comes with the order, at no charge.")
class GiftItemInput:
    """A benefit."""

    product_id: str = strawberry.field(description="Which product.")
    quantity: int = strawberry.field(default=1, description="How many of it.")


@strawberry.input(description="Points that the order earns.")
class PointsRewardInput:
    """A benefit."""

    points: Int64 = strawberry.field(description="How many.")
    per_amount: MoneyInput | None = strawberry.field(
        default=None, description="Once for each full amount of this; once for the order if absent."
    )


@strawberry.input(description="Which goods an offer is about; all where nothing is listed.")
class OfferScopeInput:
    """A line is in scope if its product or its category is listed and neither is excluded."""

    product_ids: list[str] | None = strawberry.field(default=None, description="These products.")
    categories: list[str] | None = strawberry.field(default=None, description="These categories.")
    excluded_product_ids: list[str] | None = strawberry.field(
        default=None, description="But not these products."
    )
    excluded_categories: list[str] | None = strawberry.field(
        default=None, description="Nor these categories."
    )

    def to_proto(self) -> pb.Scope:
        """The message."""
        return pb.Scope(
            product_ids=self.product_ids or (),
            categories=self.categories or (),
            excluded_product_ids=self.excluded_product_ids or (),
            excluded_categories=self.excluded_categories or (),
        )


@strawberry.input(description="What an offer gives; set exactly one.", one_of=True)
class BenefitInput:
    """A share, an amount, shipping, a product or points."""

    percent_basis_points: int | None = strawberry.field(
        default=strawberry.UNSET, description="Hundredths of a percent: 1000 is 10 %."
    )
    fixed_amount: MoneyInput | None = strawberry.field(
        default=strawberry.UNSET, description="What is taken off."
    )
    free_shipping: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: the order's shipping is taken off."
    )
    gift_item: GiftItemInput | None = strawberry.field(
        default=strawberry.UNSET, description="A product that comes with the order."
    )
    points: PointsRewardInput | None = strawberry.field(
        default=strawberry.UNSET, description="Points that the order earns."
    )

    def write(self, offer: pb.Offer) -> None:
        """Puts the benefit into the message."""
        if self.fixed_amount:
            offer.fixed_amount.CopyFrom(self.fixed_amount.to_proto())
        elif self.percent_basis_points:
            offer.percent_basis_points = self.percent_basis_points
        elif self.free_shipping:
            offer.free_shipping.SetInParent()
        elif self.gift_item:
            item = self.gift_item
            offer.gift_item.product_id, offer.gift_item.quantity = item.product_id, item.quantity
        elif self.points:
            offer.points.points = self.points.points
            if self.points.per_amount:
                offer.points.per_amount.CopyFrom(self.points.per_amount.to_proto())


@strawberry.input(description="An offer to create. It cannot be changed later.")
class CreateOfferInput:
    """Active at once."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    offer_id: strawberry.ID = strawberry.field(description="For example ten-percent-off.")
    benefit: BenefitInput = strawberry.field(description="What it gives.")
    display_names: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="Names by language."
    )
    minimum_order: MoneyInput | None = strawberry.field(
        default=None, description="The least order it applies to."
    )
    valid_for_seconds: Int64 | None = strawberry.field(
        default=None, description="How long a coupon is good from its issue."
    )
    valid_until: dt.datetime | None = strawberry.field(
        default=None, description="When the offer ends."
    )
    giftable: bool = strawberry.field(
        default=False, description="Whether a holder may give the coupon away."
    )
    valid_from: dt.datetime | None = strawberry.field(
        default=None, description="Coupons may be issued before, and are good from then on."
    )
    valid_for_days: int | None = strawberry.field(
        default=None, description="Good through the day that comes so many days after the issue."
    )
    maximum_discount: MoneyInput | None = strawberry.field(
        default=None, description="The most that a share or free shipping takes off."
    )
    scope: OfferScopeInput | None = strawberry.field(
        default=None, description="Which goods; all if absent."
    )
    minimum_basis: MinimumBasis = strawberry.field(
        default=MinimumBasis.SCOPE, description="Which goods count towards the least order."
    )
    stacking_group: str | None = strawberry.field(
        default=None, description="By which other offers name it; of its benefit if absent."
    )
    stackable_with: list[str] | None = strawberry.field(
        default=None, description="Groups it goes together with, or *; none: only alone."
    )
    restore_policy: RestorePolicy = strawberry.field(
        default=RestorePolicy.RESTORE_IF_VALID,
        description="What becomes of a coupon when its order comes back.",
    )
    restore_grace_seconds: Int64 | None = strawberry.field(
        default=None, description="How long a restored coupon is good at least; a week if absent."
    )
    per_customer_limit: int | None = strawberry.field(
        default=None, description="How many are ever issued to one customer; any if absent."
    )
    gift_times_max: int | None = strawberry.field(
        default=None, description="How often a coupon may change hands; any number if absent."
    )

    def to_proto(self) -> pb.CreateOfferRequest:
        """The message."""
        offer = pb.Offer(
            offer_id=str(self.offer_id),
            display_names=from_texts(self.display_names),
            minimum_order=proto_of(self.minimum_order),
            valid_for_seconds=self.valid_for_seconds or 0,
            valid_until=convert.optional_timestamp(self.valid_until),
            giftable=self.giftable,
            valid_from=convert.optional_timestamp(self.valid_from),
            valid_for_days=self.valid_for_days or 0,
            maximum_discount=proto_of(self.maximum_discount),
            scope=self.scope.to_proto() if self.scope else None,
            minimum_basis=f"MINIMUM_BASIS_{self.minimum_basis.name}",
            stacking_group=self.stacking_group or "",
            stackable_with=self.stackable_with or (),
            restore_policy=f"RESTORE_POLICY_{self.restore_policy.name}",
            restore_grace_seconds=self.restore_grace_seconds or 0,
            per_customer_limit=self.per_customer_limit or 0,
            gift_times_max=self.gift_times_max or 0,
        )
        self.benefit.write(offer)
        return pb.CreateOfferRequest(request_id=str(self.request_id), offer=offer)
