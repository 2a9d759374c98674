"""ProductService over gRPC."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from dangol.profile.v1 import product_service_pb2 as pb
from dangol.profile.v1.product_service_pb2_grpc import ProductServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import rpc_product_messages as messages
from profile_service.rpc import Context, customer_not_found, may_see, outages, reader
from profile_service.rpc_pages import from_position, from_token, invalid, to_position, to_token
from profile_service.sealing import Vault
from profile_service.service_product_facts import ProductFactService
from profile_service.service_products import ProductService
from profile_service.service_tenants import StoreDirectory
from profile_service.store_product_events import ProductEventStore
from profile_service.store_product_news import ProductNewsStore

SERVICE_NAME = "dangol.profile.v1.ProductService"
_PAGE_DEFAULT: Final = 100
_LIMIT_DEFAULT: Final = 20
_NEWS_DEFAULT: Final = 20
_WRITERS: Final = (Role.ADMIN, Role.MARKETER, Role.PARTNER, Role.SERVICE)
_SHOP: Final = (*_WRITERS, Role.STAFF)


class Parts(NamedTuple):
    """What the service is put together of."""

    products: ProductService
    facts: ProductFactService
    news: ProductNewsStore
    events: ProductEventStore
    directory: StoreDirectory
    vault: Vault


class ProductRpc(ProductServiceServicer):
    """The catalogue is for all who may read; figures and feedback for those who run the shop."""

    def __init__(self, parts: Parts) -> None:
        self._products = parts.products
        self._facts = parts.facts
        self._news = parts.news
        self._events = parts.events
        self._directory = parts.directory
        self._vault = parts.vault

    async def UpsertProducts(  # noqa: N802
        self, request: pb.UpsertProductsRequest, _context: Context
    ) -> pb.UpsertProductsResponse:
        """Errors: FIELD_INVALID, CURRENCY_MISMATCH; then nothing was changed."""
        caller = _of_one_tenant(require(*_WRITERS))
        with outages():
            currency = await self._currency(caller)
            upserts = messages.to_upserts(request, caller, self._vault, currency)
            answers = await self._products.upsert(caller.tenant_id, upserts)
        response = pb.UpsertProductsResponse()
        for upsert, answer in zip(upserts, answers, strict=True):
            response.results.append(messages.to_result(upsert.product_id, answer))
        return response

    async def GetProduct(  # noqa: N802
        self, request: pb.GetProductRequest, _context: Context
    ) -> pb.GetProductResponse:
        """Errors: PRODUCT_NOT_FOUND."""
        caller = _of_one_tenant(reader())
        with outages():
            found = await self._products.get_many(caller.tenant_id, [request.product_id])
            if not found:
                raise RpcFailure(Code.PRODUCT_NOT_FOUND, "there is no such product")
            currency = await self._currency(caller)
            return pb.GetProductResponse(product=messages.to_message(found[0], currency))

    async def BatchGetProducts(  # noqa: N802
        self, request: pb.BatchGetProductsRequest, _context: Context
    ) -> pb.BatchGetProductsResponse:
        """Ids that do not exist are left out."""
        caller = _of_one_tenant(reader())
        with outages():
            found = await self._products.get_many(caller.tenant_id, request.product_ids)
            currency = await self._currency(caller)
        return pb.BatchGetProductsResponse(
            products=[messages.to_message(one, currency) for one in found]
        )

    async def ListProducts(  # noqa: N802
        self, request: pb.ListProductsRequest, _context: Context
    ) -> pb.ListProductsResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = _of_one_tenant(reader())
        parts = from_token("products", request.page_token, 1)
        limit = request.page_size or _PAGE_DEFAULT
        with outages():
            found, last = await self._products.page(
                caller.tenant_id, parts[0] if parts else "", limit, request.category
            )
            currency = await self._currency(caller)
        return pb.ListProductsResponse(
            products=[messages.to_message(one, currency) for one in found],
            next_page_token=to_token("products", last) if last else "",
        )

    async def ListProductNews(  # noqa: N802
        self, request: pb.ListProductNewsRequest, _context: Context
    ) -> pb.ListProductNewsResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = _of_one_tenant(require(*_SHOP))
        tenant_id, product_id = caller.tenant_id, request.product_id
        limit = request.page_size or _NEWS_DEFAULT
        before = _from_numbers("product-news", request.page_token)
        response = pb.ListProductNewsResponse()
        with outages():
            found = await self._news.page(tenant_id, product_id, before, limit + 1)
            currency = await self._currency(caller)
            for one in found[:limit]:
                told = await self._events.told_count(
                    tenant_id, product_id, one.news.kind, one.news.at_ms
                )
                response.news.append(messages.to_news(one, told, currency))
        if len(found) > limit:
            last = found[limit - 1].news
            response.next_page_token = to_token("product-news", str(last.at_ms), str(last.version))
        return response

    async def GetProductFacts(  # noqa: N802
        self, request: pb.GetProductFactsRequest, _context: Context
    ) -> pb.GetProductFactsResponse:
        """Of products without events everything is 0."""
        caller = _of_one_tenant(require(*_SHOP))
        with outages():
            found = await self._facts.facts(caller.tenant_id, request.product_ids)
        return pb.GetProductFactsResponse(facts=[messages.to_facts(one) for one in found])

    async def ListProductFeedback(  # noqa: N802
        self, request: pb.ListProductFeedbackRequest, _context: Context
    ) -> pb.ListProductFeedbackResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = _of_one_tenant(require(*_SHOP))
        with outages():
            found, last = await self._facts.feedback(
                caller.tenant_id,
                request.product_id,
                messages.FEEDBACK_TYPES[request.kind],
                rating_max=request.rating_max,
                before=from_position("product-feedback", request.page_token),
                limit=request.page_size or _PAGE_DEFAULT,
            )
        return pb.ListProductFeedbackResponse(
            feedback=[messages.to_feedback(one) for one in found],
            next_page_token=to_position("product-feedback", *last) if last else "",
        )

    async def ListWeakProducts(  # noqa: N802
        self, request: pb.ListWeakProductsRequest, _context: Context
    ) -> pb.ListWeakProductsResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = _of_one_tenant(require(*_SHOP))
        limit = request.page_size or _PAGE_DEFAULT
        after = _from_excess(request.page_token)
        with outages():
            refresh, found = await self._facts.weak(caller.tenant_id, after, limit)
        response = pb.ListWeakProductsResponse(
            products=[messages.to_weak(one) for one in found[:limit]]
        )
        if len(found) > limit:
            last = found[limit - 1]
            response.next_page_token = _to_excess(last.weakness.excess, last.product_id)
        if refresh is not None:
            response.refresh_time.FromMilliseconds(refresh.at_ms)
            response.return_share, response.ill_share = refresh.shares
        return response

    async def ListBoughtTogether(  # noqa: N802
        self, request: pb.ListBoughtTogetherRequest, _context: Context
    ) -> pb.ListBoughtTogetherResponse:
        """Customers may ask for one product's partners; the shop for all pairs."""
        caller = _of_one_tenant(reader() if request.product_id else require(*_SHOP))
        by_lift = request.order == pb.PAIR_ORDER_LIFT
        limit = request.limit or _LIMIT_DEFAULT
        with outages():
            refresh, found = await self._facts.together(
                caller.tenant_id, request.product_id, by_lift, limit
            )
        response = pb.ListBoughtTogetherResponse()
        if refresh is None:
            return response
        response.refresh_time.FromMilliseconds(refresh.at_ms)
        response.order_count = refresh.order_count
        for pair, confidence in found:
            response.pairs.add(
                product_id=pair.product_id,
                other_product_id=pair.other_product_id,
                count=pair.orders,
                support=pair.orders / refresh.order_count,
                confidence=confidence,
                lift=pair.lift,
            )
        return response

    async def ListRecentlyViewed(  # noqa: N802
        self, request: pb.ListRecentlyViewedRequest, _context: Context
    ) -> pb.ListRecentlyViewedResponse:
        """Errors: CUSTOMER_NOT_FOUND."""
        caller = _of_one_tenant(reader())
        if not may_see(caller, request.customer_id):
            raise customer_not_found()
        limit = request.limit or _LIMIT_DEFAULT
        with outages():
            found = await self._facts.viewed(
                caller.tenant_id, request.customer_id, request.without_bought, limit
            )
            if found is None:
                raise customer_not_found()
            ids = [one.product_id for one in found]
            products = await self._products.get_many(caller.tenant_id, ids)
            currency = await self._currency(caller)
        known = {one.product_id: messages.to_message(one, currency) for one in products}
        response = pb.ListRecentlyViewedResponse()
        for one in found:
            viewed = response.products.add(
                product_id=one.product_id, view_count=one.views, product=known.get(one.product_id)
            )
            viewed.view_time.FromMilliseconds(one.at_ms)
        return response

    async def _currency(self, caller: Caller) -> str:
        return (await self._directory.get(caller.tenant_id)).currency_code


def _of_one_tenant(caller: Caller) -> Caller:
    if caller.tenant_id == ALL_TENANTS:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, "use a token of the tenant")
    return caller


def _from_numbers(kind: str, token: str) -> tuple[int, int] | None:
    parts = from_token(kind, token, 2)
    if parts is None:
        return None
    try:
        first, second = int(parts[0]), int(parts[1])
    except ValueError:
        raise invalid() from None
    if not -(2**62) < first < 2**62 or not -(2**62) < second < 2**62:
        raise invalid()
    return first, second


def _to_excess(excess: float, product_id: str) -> str:
    return to_token("weak-products", struct.pack(">d", excess).hex(), product_id)


def _from_excess(token: str) -> tuple[float, str] | None:
    parts = from_token("weak-products", token, 2)
    if parts is None:
        return None
    try:
        (excess,) = struct.unpack(">d", bytes.fromhex(parts[0]))
    except (ValueError, struct.error):
        raise invalid() from None
    return excess, parts[1]
