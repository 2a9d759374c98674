"""Products, what became of them, and what a customer looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum

import strawberry
from dangol.profile.v1 import product_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, Money, money_of

PAIRS_DEFAULT = 10


@strawberry.enum(description="A change that customers wait for.")
class ProductNewsKind(Enum):
    """Values are those of the contract."""

    PRICE_DROPPED = 1
    RESTOCKED = 2
    LAUNCHED = 3


@strawberry.enum(description="What a customer said or did about a product.")
class FeedbackKind(Enum):
    """Values are those of the contract."""

    REVIEW = 1
    RETURN = 2
    TICKET = 3


@strawberry.enum(description="Which pairs come first.")
class PairOrder(Enum):
    """Values are those of the contract."""

    COUNT = 1
    LIFT = 2


@strawberry.type(description="A reason, and how often it was given.")
class ProductReason:
    """Most frequent first."""

    reason: str = strawberry.field(
        description="A code; other for words of a customer's own, unknown for none."
    )
    count: Int64 = strawberry.field(description="How often.")


@strawberry.type(description="What became of a product, from its events as they are now.")
class ProductFacts:
    """Counted when asked for."""

    order_count: Int64 = strawberry.field(description="Purchases that it was in.")
    return_count: Int64 = strawberry.field(description="Returns that it was in.")
    review_count: Int64 = strawberry.field(description="Reviews with stars.")
    mean_rating: float | None = strawberry.field(description="Of its reviews; null without any.")
    ratings: list[Int64] = strawberry.field(description="Reviews with 1 to 5 stars, in this order.")
    return_reasons: list[ProductReason] = strawberry.field(
        description="Of the newest 2,000 returns."
    )
    complaint_count: Int64 = strawberry.field(description="Tickets about it.")
    complaint_reasons: list[ProductReason] = strawberry.field(
        description="Of the newest 2,000 tickets."
    )
    view_count: Int64 = strawberry.field(description="How often it was looked at.")
    cart_count: Int64 = strawberry.field(description="How often it was put into a cart.")
    wish_count: Int64 = strawberry.field(description="How often it was wished for.")
    missed_count: Int64 = strawberry.field(
        description="How often it was out of stock for somebody."
    )


@strawberry.type(description="Two products in the same purchases, as of the last refresh.")
class ProductPair:
    """Of one product and a partner."""

    product_id: strawberry.ID = strawberry.field(description="One of the two.")
    other_product_id: strawberry.ID = strawberry.field(description="The other.")
    count: Int64 = strawberry.field(description="Purchases with both.")
    support: float = strawberry.field(description="Their share of all purchases.")
    confidence: float = strawberry.field(
        description="Of the purchases with the one, the share that has the other too."
    )
    lift: float = strawberry.field(
        description="How many times more often than if the two had nothing to do with each other."
    )


@strawberry.type(description="Something that is sold.")
class Product:
    """As the catalogue has it."""

    id: strawberry.ID = strawberry.field(description="The tenant's own id.")
    version: Int64 = strawberry.field(description="Send it back when changing.")
    name: str | None = strawberry.field(description="What it is called.")
    category: str | None = strawberry.field(description="What kind of thing it is.")
    price: Money | None = strawberry.field(description="In the tenant's currency.")
    stock: Int64 | None = strawberry.field(description="Pieces to sell; null when not counted.")
    launch_at: dt.datetime | None = strawberry.field(description="When it can be bought first.")
    updated_at: dt.datetime | None = strawberry.field(description="When it was changed last.")

    @resolver("What became of it.")
    async def facts(self, info: AppInfo) -> ProductFacts | None:
        """Batched with those of other products."""
        return to_facts(await info.context.loaders.product_facts.load(self.id))

    @resolver("What is bought with it.")
    async def bought_together(
        self, info: AppInfo, limit: int | None = None, order: PairOrder | None = None
    ) -> list[ProductPair] | None:
        """Its partners."""
        return await load_pairs(info.context, self.id, limit, order)


@strawberry.type(description="A review, return or ticket about a product.")
class ProductFeedback:
    """One event."""

    kind: FeedbackKind | None = strawberry.field(description="Which of the three.")
    customer_id: strawberry.ID = strawberry.field(description="Whose it is.")
    at: dt.datetime | None = strawberry.field(description="When.")
    rating: int | None = strawberry.field(description="Stars, 1 to 5.")
    reason: str | None = strawberry.field(description="As it was sent.")
    text: str | None = strawberry.field(description="As it was sent.")
    order_id: str | None = strawberry.field(description="The order.")
    store_id: str | None = strawberry.field(description="The store.")


@strawberry.type(description="A product that is surely returned much or rated ill.")
class WeakProduct:
    """Measured by lower bounds, so that few events alone make no product weak."""

    product_id: strawberry.ID = strawberry.field(description="Which.")
    order_count: Int64 = strawberry.field(description="Purchases that it was in.")
    return_count: Int64 = strawberry.field(description="Returns that it was in.")
    return_share_at_least: float = strawberry.field(
        description="The lower end of Wilson's 95 % interval of the share that is returned."
    )
    review_count: Int64 = strawberry.field(description="Reviews with stars.")
    ill_review_count: Int64 = strawberry.field(description="Reviews with one or two stars.")
    ill_share_at_least: float = strawberry.field(description="The same bound of their share.")
    mean_rating: float | None = strawberry.field(description="Null without reviews.")
    complaint_count: Int64 = strawberry.field(description="Tickets about it.")
    excess: float = strawberry.field(
        description="By how much the worse of the two bounds lies above the share of all products."
    )


@strawberry.type(description="A product that a customer looked at.")
class ViewedProduct:
    """By the newest look."""

    product_id: strawberry.ID = strawberry.field(description="Which.")
    at: dt.datetime | None = strawberry.field(description="When last.")
    view_count: Int64 = strawberry.field(description="Of the newest 1,000 views.")
    product: Product | None = strawberry.field(description="Null when the catalogue lacks it.")


def to_product(message: pb.Product) -> Product:
    """A product as frontends see one."""
    return Product(
        id=strawberry.ID(message.product_id),
        version=Int64(message.version),
        name=message.name or None,
        category=message.category or None,
        price=money_of(message.price) if message.HasField("price") else None,
        stock=Int64(message.stock) if message.HasField("stock") else None,
        launch_at=convert.to_datetime(message, "launch_time"),
        updated_at=convert.to_datetime(message, "update_time"),
    )


def to_facts(message: pb.ProductFacts) -> ProductFacts:
    """Facts as frontends see them."""
    return ProductFacts(
        order_count=Int64(message.order_count),
        return_count=Int64(message.return_count),
        review_count=Int64(message.review_count),
        mean_rating=message.mean_rating if message.review_count else None,
        ratings=[Int64(one) for one in message.ratings],
        return_reasons=_to_reasons(message.return_reasons),
        complaint_count=Int64(message.complaint_count),
        complaint_reasons=_to_reasons(message.complaint_reasons),
        view_count=Int64(message.view_count),
        cart_count=Int64(message.cart_count),
        wish_count=Int64(message.wish_count),
        missed_count=Int64(message.missed_count),
    )


def _to_reasons(messages: Iterable[pb.ReasonCount]) -> list[ProductReason]:
    return [ProductReason(reason=one.reason, count=Int64(one.count)) for one in messages]


def to_feedback(message: pb.ProductFeedback) -> ProductFeedback:
    """One review, return or ticket."""
    return ProductFeedback(
        kind=convert.to_enum(FeedbackKind, message.kind),
        customer_id=strawberry.ID(message.customer_id),
        at=convert.to_datetime(message, "feedback_time"),
        rating=message.rating or None,
        reason=message.reason or None,
        text=message.text or None,
        order_id=message.order_id or None,
        store_id=message.store_id or None,
    )


def to_weak(message: pb.WeakProduct) -> WeakProduct:
    """A weak product."""
    return WeakProduct(
        product_id=strawberry.ID(message.product_id),
        order_count=Int64(message.order_count),
        return_count=Int64(message.return_count),
        return_share_at_least=message.return_share_at_least,
        review_count=Int64(message.review_count),
        ill_review_count=Int64(message.ill_review_count),
        ill_share_at_least=message.ill_share_at_least,
        mean_rating=message.mean_rating if message.review_count else None,
        complaint_count=Int64(message.complaint_count),
        excess=message.excess,
    )


async def load_pairs(
    context: Context, product_id: str, limit: int | None, order: PairOrder | None
) -> list[ProductPair]:
    """Pairs of one product, or of all for an empty id. Raises RpcFailure."""
    request = pb.ListBoughtTogetherRequest(
        product_id=product_id,
        limit=PAIRS_DEFAULT if limit is None else limit,
        order=f"PAIR_ORDER_{order.name}" if order else None,
    )
    answer = await context.call(context.clients.products.ListBoughtTogether, request)
    return [
        ProductPair(
            product_id=strawberry.ID(one.product_id),
            other_product_id=strawberry.ID(one.other_product_id),
            count=Int64(one.count),
            support=one.support,
            confidence=one.confidence,
            lift=one.lift,
        )
        for one in answer.pairs
    ]


async def load_recently_viewed(
    context: Context, customer_id: str, limit: int | None, without_bought: bool
) -> list[ViewedProduct]:
    """What a customer looked at, newest first. Raises RpcFailure."""
    request = pb.ListRecentlyViewedRequest(
        customer_id=customer_id, limit=limit or 0, without_bought=without_bought
    )
    answer = await context.call(context.clients.products.ListRecentlyViewed, request)
    return [
        ViewedProduct(
            product_id=strawberry.ID(one.product_id),
            at=convert.to_datetime(one, "view_time"),
            view_count=Int64(one.view_count),
            product=to_product(one.product) if one.HasField("product") else None,
        )
        for one in answer.products
    ]
