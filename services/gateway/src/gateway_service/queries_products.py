"""What can be asked of products."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.profile.v1 import product_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.types_products import (
    FeedbackKind,
    PairOrder,
    Product,
    ProductFeedback,
    ProductPair,
    WeakProduct,
    load_pairs,
    to_feedback,
    to_product,
    to_weak,
)


@strawberry.type
class ProductQueries:
    """The part of Query about products."""

    @resolver("The catalogue in order of id, optionally one category of it.")
    async def products(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        category: str | None = None,
    ) -> Connection[Product] | None:
        """A page of products."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.Product]:
            request = pb.ListProductsRequest(
                page_size=page_size, page_token=page_token, category=category or ""
            )
            answer = await context.call(context.clients.products.ListProducts, request)
            return Page(answer.products, answer.next_page_token)

        return await connect(first, after, load, to_product)

    @resolver("One product; null when there is none.")
    async def product(self, info: AppInfo, id: strawberry.ID) -> Product | None:
        """By its id."""
        context = info.context
        request = pb.GetProductRequest(product_id=id)
        try:
            answer = await context.call(context.clients.products.GetProduct, request)
        except RpcFailure as failure:
            if failure.code is not Code.PRODUCT_NOT_FOUND:
                raise
            return None
        return to_product(answer.product)

    @resolver("What is bought together, of all products, as of the last refresh.")
    async def bought_together(
        self,
        info: AppInfo,
        limit: Annotated[int | None, argument("1 to 100; 10 if absent.")] = None,
        order: Annotated[PairOrder | None, argument("COUNT if absent.")] = None,
    ) -> list[ProductPair] | None:
        """The first pairs."""
        return await load_pairs(info.context, "", limit, order)

    @resolver("Products that are surely returned much or rated ill, worst first.")
    async def weak_products(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[WeakProduct] | None:
        """A page of weak products."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.WeakProduct]:
            request = pb.ListWeakProductsRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.products.ListWeakProducts, request)
            return Page(answer.products, answer.next_page_token)

        return await connect(first, after, load, to_weak)

    @resolver("What customers said and did about a product, newest first.")
    async def product_feedback(
        self,
        info: AppInfo,
        product_id: strawberry.ID,
        *,
        first: int | None = None,
        after: str | None = None,
        kind: Annotated[FeedbackKind | None, argument("Only of this kind.")] = None,
        rating_max: Annotated[int | None, argument("Only reviews with at most so many stars.")] = (
            None
        ),
    ) -> Connection[ProductFeedback] | None:
        """A page of reviews, returns and tickets."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.ProductFeedback]:
            request = pb.ListProductFeedbackRequest(
                product_id=product_id,
                kind=f"FEEDBACK_KIND_{kind.name}" if kind else None,
                rating_max=rating_max or 0,
                page_size=page_size,
                page_token=page_token,
            )
            answer = await context.call(context.clients.products.ListProductFeedback, request)
            return Page(answer.feedback, answer.next_page_token)

        return await connect(first, after, load, to_feedback)
