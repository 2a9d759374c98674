"""What coupons do to a cart."""

from __future__ import annotations

from enum import Enum

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, Money, money_of, optional_money, to_money
from gateway_service.types_offers import GiftItem, Offer, load_offer, to_id


@strawberry.enum(
    description="Whether a coupon is part of the best combination for a cart, and if not, why."
)
class CouponVerdict(Enum):
    """Values are those of the contract."""

    APPLIES = 1
    BELOW_MINIMUM = 2
    OUT_OF_SCOPE = 3
    NOT_STACKABLE = 4
    EXPIRED = 5
    NOT_YET_VALID = 6
    HELD_BY_OTHER_ORDER = 7
    WRONG_CURRENCY = 8
    NOT_OWNER = 9
    ALREADY_REDEEMED = 10
    IN_ESCROW = 11
    REVOKED = 12
    NO_EFFECT = 13
    UNKNOWN_CODE = 14
    TOO_MANY_TRIES = 15


@strawberry.type(description="One coupon, judged for a cart.")
class CouponEvaluation:
    """From the wallet, or by a code that was typed in."""

    coupon_id: strawberry.ID | None = strawberry.field(description="Null for an unknown code.")
    offer_id: strawberry.ID | None = strawberry.field(description="What it is good for.")
    code: str | None = strawberry.field(description="As it was sent, for coupons by code.")
    verdict: CouponVerdict | None = strawberry.field(description="Whether it applies.")
    discount_alone: Money | None = strawberry.field(
        description="What it would take off if it were the only one."
    )
    missing: Money | None = strawberry.field(description="What is missing for the minimum.")
    conflicting_coupon_ids: list[strawberry.ID] = strawberry.field(
        description="Coupons of the best combination with which it cannot be used."
    )

    @resolver("What it is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id or "")


@strawberry.type(description="What one line of the cart gets of a discount.")
class LineDiscount:
    """By the line's name."""

    line_id: str = strawberry.field(description="Which line.")
    discount: Money = strawberry.field(description="What it gets.")


@strawberry.type(description="One coupon's part in the best combination.")
class AppliedCoupon:
    """In the order in which the coupons are to be held."""

    coupon_id: strawberry.ID = strawberry.field(description="Which coupon.")
    offer_id: strawberry.ID = strawberry.field(description="What it is good for.")
    discount: Money = strawberry.field(description="What it takes off.")
    line_discounts: list[LineDiscount] = strawberry.field(
        description="By line; none for free shipping."
    )
    gift_item: GiftItem | None = strawberry.field(description="What comes with the order.")
    points: Int64 | None = strawberry.field(description="What the order earns by it.")

    @resolver("What it is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)


@strawberry.type(description="What coupons do to a cart. Nothing is held.")
class CartEvaluation:
    """As of now."""

    coupons: list[CouponEvaluation] = strawberry.field(
        description="The wallet's coupons in order of id, then the codes as they were sent."
    )
    best: list[AppliedCoupon] = strawberry.field(
        description="The best combination, in the order in which to hold its coupons."
    )
    goods: Money = strawberry.field(description="The lines before any coupon.")
    shipping: Money = strawberry.field(description="Shipping before any coupon.")
    discount: Money = strawberry.field(description="What the best combination takes off.")
    total: Money = strawberry.field(description="Goods and shipping less the discount.")
    exact: bool = strawberry.field(
        description="No combination is worth more; false when there were too many to try them all."
    )
    wallet_truncated: bool = strawberry.field(
        description="The wallet has more coupons than the 500 that were looked at."
    )


async def evaluate(context: Context, request: pb.EvaluateCartRequest) -> CartEvaluation:
    """Asks offers. Raises RpcFailure."""
    answer = await context.call(context.clients.coupons.EvaluateCart, request)
    currency = request.cart.currency_code
    return CartEvaluation(
        coupons=[to_evaluation(one) for one in answer.coupons],
        best=[_to_applied(one, currency) for one in answer.best],
        goods=money_of(answer.goods_amount),
        shipping=money_of(answer.shipping_amount),
        discount=money_of(answer.discount),
        total=money_of(answer.total_amount),
        exact=answer.exact,
        wallet_truncated=answer.wallet_truncated,
    )


def to_evaluation(message: pb.CouponEvaluation) -> CouponEvaluation:
    """A judged coupon as frontends see it."""
    return CouponEvaluation(
        coupon_id=to_id(message.coupon_id),
        offer_id=to_id(message.offer_id),
        code=message.code or None,
        verdict=convert.to_enum(CouponVerdict, message.verdict),
        discount_alone=optional_money(message, "discount_alone"),
        missing=optional_money(message, "missing_amount"),
        conflicting_coupon_ids=[strawberry.ID(one) for one in message.conflicting_coupon_ids],
    )


def _to_applied(message: pb.AppliedCoupon, currency: str) -> AppliedCoupon:
    item = message.gift_item if message.HasField("gift_item") else None
    return AppliedCoupon(
        coupon_id=strawberry.ID(message.coupon_id),
        offer_id=strawberry.ID(message.offer_id),
        discount=money_of(message.discount),
        line_discounts=[
            LineDiscount(
                line_id=line.line_id, discount=to_money(line.discount_minor_units, currency)
            )
            for line in message.line_discounts
        ],
        gift_item=GiftItem(product_id=item.product_id, quantity=item.quantity) if item else None,
        points=Int64(message.points) or None,
    )
