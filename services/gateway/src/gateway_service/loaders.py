"""Loaders of one request: what many fields ask for one by one goes out as one call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from dangol.offers.v1 import campaign_service_pb2 as campaigns_pb
from dangol.offers.v1 import offer_service_pb2 as offers_pb
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import facts_service_pb2 as facts_pb
from dangol.segmentation.v1 import segment_service_pb2 as segments_pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import RpcFailure
from grpc import StatusCode
from strawberry.dataloader import DataLoader

from gateway_service.clients import Clients

_BATCH_MAX = 500
_FACTS_MAX = 100
_CALL_SECONDS = 10.0
# Services answer these one at a time; a page of results names few different ones.
_CONCURRENT_MAX = 16

T = TypeVar("T")

Memberships = list[segments_pb.Membership]
Sizes = list[segments_pb.SegmentSize]


class SizeKey(NamedTuple):
    """Days of one segment; dates in ISO 8601, empty for the last 30 days."""

    segment_id: str
    first_date: str
    last_date: str


class Loaders:
    """Customers, memberships, segments, offers and campaigns by id; None for what is not there.

    remember keeps what was loaded for the rest of the request.
    """

    def __init__(self, clients: Clients, token: str, *, remember: bool) -> None:
        self._clients = clients
        self._token = token
        self._slots = asyncio.Semaphore(_CONCURRENT_MAX)
        self.customers: DataLoader[str, customers_pb.Customer | None] = DataLoader(
            self._load_customers, max_batch_size=_BATCH_MAX, cache=remember
        )
        self.facts: DataLoader[str, facts_pb.Facts | None] = DataLoader(
            self._load_facts, max_batch_size=_FACTS_MAX, cache=remember
        )
        self.memberships: DataLoader[str, Memberships] = DataLoader(
            self._load_memberships, max_batch_size=_BATCH_MAX, cache=remember
        )
        self.segments: DataLoader[str, segments_pb.Segment | None] = DataLoader(
            _each(self._load_segment), cache=remember
        )
        self.sizes: DataLoader[SizeKey, Sizes] = DataLoader(self._load_all_sizes, cache=remember)
        self.offers: DataLoader[str, offers_pb.Offer | None] = DataLoader(
            _each(self._load_offer), cache=remember
        )
        self.campaigns: DataLoader[str, campaigns_pb.Campaign | None] = DataLoader(
            _each(self._load_campaign), cache=remember
        )

    async def _load_customers(self, ids: list[str]) -> list[customers_pb.Customer | None]:
        response = await call(
            self._clients.customers.BatchGetCustomers,
            customers_pb.BatchGetCustomersRequest(customer_ids=ids),
            token=self._token,
            timeout_seconds=_CALL_SECONDS,
        )
        found = {customer.customer_id: customer for customer in response.customers}
        return [found.get(customer_id) for customer_id in ids]

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
        response = await call(
            self._clients.segments.ListMemberships,
            segments_pb.ListMembershipsRequest(customer_ids=ids),
            token=self._token,
            timeout_seconds=_CALL_SECONDS,
        )
        found = {entry.customer_id: list(entry.memberships) for entry in response.customers}
        return [found.get(customer_id, []) for customer_id in ids]

    async def _load_segment(self, segment_id: str) -> segments_pb.Segment:
        request = segments_pb.GetSegmentRequest(segment_id=segment_id)
        method = self._clients.segments.GetSegment
        async with self._slots:
            answer = await call(method, request, token=self._token, timeout_seconds=_CALL_SECONDS)
        return answer.segment

    async def _load_all_sizes(self, keys: list[SizeKey]) -> list[Sizes | BaseException]:
        loaded = await asyncio.gather(*map(self._load_sizes, keys), return_exceptions=True)
        return list(loaded)

    async def _load_sizes(self, key: SizeKey) -> Sizes:
        request = segments_pb.ListSegmentSizesRequest(
            segment_id=key.segment_id, first_date=key.first_date, last_date=key.last_date
        )
        method = self._clients.segments.ListSegmentSizes
        async with self._slots:
            answer = await call(method, request, token=self._token, timeout_seconds=_CALL_SECONDS)
        return list(answer.sizes)

    async def _load_offer(self, offer_id: str) -> offers_pb.Offer:
        request = offers_pb.GetOfferRequest(offer_id=offer_id)
        method = self._clients.offers.GetOffer
        async with self._slots:
            answer = await call(method, request, token=self._token, timeout_seconds=_CALL_SECONDS)
        return answer.offer

    async def _load_campaign(self, campaign_id: str) -> campaigns_pb.Campaign:
        request = campaigns_pb.GetCampaignRequest(campaign_id=campaign_id)
        method = self._clients.campaigns.GetCampaign
        async with self._slots:
            answer = await call(method, request, token=self._token, timeout_seconds=_CALL_SECONDS)
        return answer.campaign


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
