"""Keeping the catalogue. What is wrong with a request is a refusal, and changes nothing."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry
from dangol.profile.v1 import product_service_pb2 as pb
from google.protobuf.field_mask_pb2 import FieldMask

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import Int64, MoneyInput
from gateway_service.types_products import ProductNewsKind

_FIELDS = ("name", "category", "price", "stock", "launch_at")
_PATHS = {"launch_at": "launch_time"}


@strawberry.input(description="A product to create or to change.")
class ProductInput:
    """What is absent stays as it is; null clears."""

    id: strawberry.ID = strawberry.field(description="The tenant's own id.")
    expected_version: Int64 | None = strawberry.field(
        default=None, description="The version that was read; absent to write whatever stands."
    )
    name: str | None = strawberry.field(default=strawberry.UNSET, description="At most 200.")
    category: str | None = strawberry.field(default=strawberry.UNSET, description="At most 128.")
    price: MoneyInput | None = strawberry.field(
        default=strawberry.UNSET, description="In the tenant's currency."
    )
    stock: Int64 | None = strawberry.field(
        default=strawberry.UNSET, description="Pieces to sell; null when not counted."
    )
    launch_at: dt.datetime | None = strawberry.field(
        default=strawberry.UNSET, description="A time ahead is told when it comes."
    )

    def to_proto(self) -> pb.ProductUpsert:
        """The message, with a mask of what was given."""
        given = [name for name in _FIELDS if getattr(self, name) is not strawberry.UNSET]
        product = pb.Product(
            product_id=str(self.id),
            name=self.name or "",
            category=self.category or "",
            price=self.price.to_proto() if self.price else None,
            launch_time=convert.to_timestamp(self.launch_at) if self.launch_at else None,
        )
        if isinstance(self.stock, int):
            product.stock = self.stock
        return pb.ProductUpsert(
            product=product,
            update_mask=FieldMask(paths=[_PATHS.get(name, name) for name in given]),
            expected_version=self.expected_version or 0,
        )


@strawberry.input(description="Products to create or to change.")
class UpsertProductsInput:
    """At most 500, each once."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    products: list[ProductInput] = strawberry.field(description="Each by itself.")
    quiet_news: list[ProductNewsKind] | None = strawberry.field(
        default=None, description="News that this shall not set off, as when prices are put right."
    )
    without_related_buyers: bool = strawberry.field(
        default=False, description="Tell those alone who wanted the product."
    )


@strawberry.enum(description="What became of one product's upsert.")
class UpsertOutcome(Enum):
    """Values are those of the contract."""

    CREATED = 1
    CHANGED = 2
    UNCHANGED = 3
    VERSION_CONFLICT = 4
    REQUEST_CONFLICT = 5


@strawberry.type(description="What became of one product's upsert.")
class UpsertResult:
    """In the order of the input."""

    product_id: strawberry.ID = strawberry.field(description="Which.")
    outcome: UpsertOutcome | None = strawberry.field(description="What became of it.")
    version: Int64 = strawberry.field(description="After it, or as it stands for conflicts.")
    news: list[ProductNewsKind] = strawberry.field(
        description="What it sets off, now or at the launch."
    )


@strawberry.type(description="The products were decided one by one.")
class UpsertProductsSuccess:
    """Conflicts included."""

    results: list[UpsertResult] = strawberry.field(description="In the order of the input.")


@strawberry.type(description="Nothing was changed: something is wrong with the request.")
class UpsertProductsRefused(Refused):
    """The whole batch."""


UpsertProductsResult = Annotated[
    UpsertProductsSuccess | UpsertProductsRefused, strawberry.union("UpsertProductsResult")
]


@strawberry.type
class ProductMutations:
    """The part of Mutation about products."""

    @mutation("Creates and changes products; customers who wait for a change hear of it.")
    async def upsert_products(
        self, info: AppInfo, input: UpsertProductsInput
    ) -> UpsertProductsResult:
        """Profile's UpsertProducts."""
        context = info.context
        request = pb.UpsertProductsRequest(
            request_id=str(input.request_id),
            upserts=[one.to_proto() for one in input.products],
            quiet_news=[f"PRODUCT_NEWS_KIND_{one.name}" for one in input.quiet_news or ()],
            without_related_buyers=input.without_related_buyers,
        )
        answer = await or_refused(
            context.call(context.clients.products.UpsertProducts, request), UpsertProductsRefused
        )
        if isinstance(answer, UpsertProductsRefused):
            return answer
        return UpsertProductsSuccess(results=[_to_result(one) for one in answer.results])


def _to_result(message: pb.UpsertResult) -> UpsertResult:
    news = (convert.to_enum(ProductNewsKind, one) for one in message.news)
    return UpsertResult(
        product_id=strawberry.ID(message.product_id),
        outcome=convert.to_enum(UpsertOutcome, message.outcome),
        version=Int64(message.version),
        news=[one for one in news if one is not None],
    )
