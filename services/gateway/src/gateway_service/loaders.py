"""Loaders of one request: what many fields ask for one by one goes out as one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from dangol.offers.v1 import campaign_service_pb2 as campaigns_pb
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import offer_service_pb2 as offers_pb
from dangol.offers.v1 import points_service_pb2 as points_pb
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import facts_service_pb2 as facts_pb
from dangol.profile.v1 import product_service_pb2 as products_pb
from dangol.segmentation.v1 import segment_service_pb2 as segments_pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import RpcFailure
from grpc import StatusCode
from grpc.aio import UnaryUnaryMultiCallable
from strawberry.dataloader import DataLoader

from gateway_service.clients import Clients

_BATCH_MAX = 500
_FACTS_MAX = 100
_PRODUCTS_MAX = 50
# The most that these batch calls take at once.
_SMALL_BATCH_MAX = 100
_CALL_SECONDS = 10.0
# Services answer these one at a time; a page of results names few different ones.
_CONCURRENT_MAX = 16

T = TypeVar("T")
Request = TypeVar("Request")
Response = TypeVar("Response")

Memberships = list[segments_pb.Membership]
Sizes = list[segments_pb.SegmentSize]


class SizeKey(NamedTuple):
    """Days of one segment; dates in ISO 8601, empty for the last 30 days."""

    segment_id: str
    first_date: str
    last_date: str


class WalletKey(NamedTuple):
    """The first page of one customer's coupons."""

    customer_id: str
    page_size: int


class MaskedKey(NamedTuple):
    """One customer or segment, and what is wanted of it, by the names of the contract."""

    id: str
    mask: frozenset[str]


class Loaders:
    """Customers, memberships, segments, wallets, points, offers and campaigns by id; None for what
    is not there.

    Each is made when it is first asked for: most requests ask for one or none. remember keeps what
    was loaded for the rest of the request.
    """

    def __init__(self, clients: Clients, token: str, *, remember: bool) -> None:
        self._clients = clients
        self._token = token
        self._remember = remember

    @cached_property
    def customers(self) -> DataLoader[MaskedKey, customers_pb.Customer | None]:
        """Customers by id and mask."""
        return DataLoader(self._load_customers, max_batch_size=_BATCH_MAX, cache=self._remember)

    @cached_property
    def facts(self) -> DataLoader[str, facts_pb.Facts | None]:
        """Facts of customers by id."""
        return DataLoader(self._load_facts, max_batch_size=_FACTS_MAX, cache=self._remember)

    @cached_property
    def memberships(self) -> DataLoader[str, Memberships]:
        """Memberships by customer."""
        return DataLoader(self._load_memberships, max_batch_size=_BATCH_MAX, cache=self._remember)

    @cached_property
    def segments(self) -> DataLoader[MaskedKey, segments_pb.Segment | None]:
        """Segments by id and mask."""
        return DataLoader(
            self._load_segments, max_batch_size=_SMALL_BATCH_MAX, cache=self._remember
        )

    @cached_property
    def sizes(self) -> DataLoader[SizeKey, Sizes]:
        """Sizes of segments by day."""
        return DataLoader(self._load_all_sizes, cache=self._remember)

    @cached_property
    def offers(self) -> DataLoader[str, offers_pb.Offer | None]:
        """Offers by id."""
        return DataLoader(self._load_offers, max_batch_size=_BATCH_MAX, cache=self._remember)

    @cached_property
    def wallets(self) -> DataLoader[WalletKey, coupons_pb.Wallet]:
        """First pages of customers' coupons."""
        return DataLoader(self._load_wallets, max_batch_size=_SMALL_BATCH_MAX, cache=self._remember)

    @cached_property
    def points(self) -> DataLoader[str, points_pb.PointsBalance | None]:
        """Points by customer; None where the shop has no programme."""
        return DataLoader(self._load_points, max_batch_size=_SMALL_BATCH_MAX, cache=self._remember)

    @cached_property
    def campaigns(self) -> DataLoader[str, campaigns_pb.Campaign | None]:
        """Campaigns by id."""
        return DataLoader(_each(self._load_campaign), cache=self._remember)

    @cached_property
    def product_facts(self) -> DataLoader[str, products_pb.ProductFacts]:
        """Facts of products by id."""
        return DataLoader(
            self._load_product_facts, max_batch_size=_PRODUCTS_MAX, cache=self._remember
        )

    @cached_property
    def _programs(self) -> DataLoader[str, points_pb.PointsProgram | None]:
        return DataLoader(_each(self._load_program), cache=self._remember)

    @cached_property
    def _slots(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(_CONCURRENT_MAX)

    async def program(self) -> points_pb.PointsProgram | None:
        """The tenant's points programme; None while there is none. Raises RpcFailure."""
        return await self._programs.load("")

    async def _call(
        self, method: UnaryUnaryMultiCallable[Request, Response], request: Request
    ) -> Response:
        return await call(method, request, token=self._token, timeout_seconds=_CALL_SECONDS)

    async def _load_customers(self, keys: list[MaskedKey]) -> list[customers_pb.Customer | None]:
        return await _by_mask(keys, self._load_masked_customers)

    async def _load_masked_customers(
        self, ids: list[str], mask: frozenset[str]
    ) -> dict[str, customers_pb.Customer]:
        request = customers_pb.BatchGetCustomersRequest(customer_ids=dict.fromkeys(ids))
        request.read_mask.paths.extend(sorted(mask))
        response = await self._call(self._clients.customers.BatchGetCustomers, request)
        return {customer.customer_id: customer for customer in response.customers}

    async def _load_facts(self, ids: list[str]) -> list[facts_pb.Facts | None]:
        response = await call(
            self._clients.facts.BatchGetFacts,
            facts_pb.BatchGetFactsRequest(customer_ids=ids),
            token=self._token,
            timeout_seconds=_CALL_SECONDS,
        )
        found = {facts.customer_id: facts for facts in response.facts}
        return [found.get(customer_id) for customer_id in ids]

    async def _load_memberships(self, ids: list[str]) -> list[Memberships]:
        request = segments_pb.ListMembershipsRequest(customer_ids=ids)
        response = await self._call(self._clients.segments.ListMemberships, request)
        found = {entry.customer_id: list(entry.memberships) for entry in response.customers}
        return [found.get(customer_id, []) for customer_id in ids]

    async def _load_segments(self, keys: list[MaskedKey]) -> list[segments_pb.Segment | None]:
        return await _by_mask(keys, self._load_masked_segments)

    async def _load_masked_segments(
        self, ids: list[str], mask: frozenset[str]
    ) -> dict[str, segments_pb.Segment]:
        request = segments_pb.BatchGetSegmentsRequest(segment_ids=dict.fromkeys(ids))
        request.read_mask.paths.extend(sorted(mask))
        response = await self._call(self._clients.segments.BatchGetSegments, request)
        return {segment.segment_id: segment for segment in response.segments}

    async def _load_all_sizes(self, keys: list[SizeKey]) -> list[Sizes | BaseException]:
        loaded = await asyncio.gather(*map(self._load_sizes, keys), return_exceptions=True)
        return list(loaded)

    async def _load_sizes(self, key: SizeKey) -> Sizes:
        request = segments_pb.ListSegmentSizesRequest(
            segment_id=key.segment_id, first_date=key.first_date, last_date=key.last_date
        )
        async with self._slots:
            answer = await self._call(self._clients.segments.ListSegmentSizes, request)
        return list(answer.sizes)

    async def _load_offers(self, ids: list[str]) -> list[offers_pb.Offer | None]:
        request = offers_pb.BatchGetOffersRequest(offer_ids=dict.fromkeys(ids))
        response = await self._call(self._clients.offers.BatchGetOffers, request)
        found = {offer.offer_id: offer for offer in response.offers}
        return [found.get(offer_id) for offer_id in ids]

    async def _load_wallets(self, keys: list[WalletKey]) -> list[coupons_pb.Wallet]:
        """One call for each page size: fields of one query mostly ask for the same."""
        found: dict[WalletKey, coupons_pb.Wallet] = {}
        for page_size in {key.page_size for key in keys}:
            ids = [key.customer_id for key in keys if key.page_size == page_size]
            request = coupons_pb.BatchListWalletsRequest(
                customer_ids=dict.fromkeys(ids), page_size=page_size
            )
            response = await self._call(self._clients.coupons.BatchListWallets, request)
            found |= {WalletKey(one.customer_id, page_size): one for one in response.wallets}
        return [found[key] for key in keys]

    async def _load_points(self, ids: list[str]) -> list[points_pb.PointsBalance | None]:
        if await self.program() is None:
            return [None for _ in ids]
        request = points_pb.BatchGetPointsRequest(customer_ids=dict.fromkeys(ids))
        response = await self._call(self._clients.points.BatchGetPoints, request)
        found = {one.customer_id: one.balance for one in response.customers}
        return [found.get(customer_id) for customer_id in ids]

    async def _load_program(self, _key: str) -> points_pb.PointsProgram | None:
        request = points_pb.GetPointsProgramRequest()
        answer = await self._call(self._clients.points.GetPointsProgram, request)
        return answer.program if answer.HasField("program") else None

    async def _load_campaign(self, campaign_id: str) -> campaigns_pb.Campaign:
        request = campaigns_pb.GetCampaignRequest(campaign_id=campaign_id)
        async with self._slots:
            answer = await self._call(self._clients.campaigns.GetCampaign, request)
        return answer.campaign

    async def _load_product_facts(self, ids: list[str]) -> list[products_pb.ProductFacts]:
        wanted = list(dict.fromkeys(ids))
        request = products_pb.GetProductFactsRequest(product_ids=wanted)
        method = self._clients.products.GetProductFacts
        answer = await call(method, request, token=self._token, timeout_seconds=_CALL_SECONDS)
        found = {one.product_id: one for one in answer.facts}
        return [found[one] for one in ids]


async def _by_mask(
    keys: Sequence[MaskedKey],
    load: Callable[[list[str], frozenset[str]], Awaitable[Mapping[str, T]]],
) -> list[T | None]:
    """One call for each mask, so that of nothing more is read than the query selects: fields of one
    query mostly ask for the same."""
    masks = {key.mask for key in keys}
    loaded = await asyncio.gather(
        *(load([key.id for key in keys if key.mask == mask], mask) for mask in masks)
    )
    found = dict(zip(masks, loaded, strict=True))
    return [found[key.mask].get(key.id) for key in keys]


def _each(
    load: Callable[[str], Awaitable[T]],
) -> Callable[[list[str]], Awaitable[list[T | BaseException | None]]]:
    async def load_one(key: str) -> T | BaseException | None:
        try:
            return await load(key)
        except RpcFailure as failure:
            return None if failure.code.status is StatusCode.NOT_FOUND else failure

    async def load_all(keys: list[str]) -> list[T | BaseException | None]:
        return list(await asyncio.gather(*(load_one(key) for key in keys)))

    return load_all
