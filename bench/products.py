"""Products: what a customer looked at, facts of a product, and telling news of a lower price."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

from dangol.events.v1.event_pb2 import Event, Money
from dangol.profile.v1 import product_service_pb2 as pb
from dangol.profile.v1.customer_service_pb2 import GetCustomerRequest
from dangol.profile.v1.product_service_pb2_grpc import ProductServiceStub
from dangol_service_kit.client import call, connect

from bench import shop
from bench.context import Bench, echo, new_id, one_by_one
from bench.figures import Figure, percentile
from bench.ingest import drive

EVENT_COUNT = 40_000
CUSTOMER_COUNT = 8_000
WISHERS = 5_000
CALLS = 200
VIEWED_PRODUCTS = 10
_NEWS_BATCH = 200
_PRODUCT = "p7"
_WISHED = "wished-for"


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """One call after the other, with 40,000 events; then 5,000 who wait."""
    made = list(shop.events(EVENT_COUNT, CUSTOMER_COUNT))
    for number, one in enumerate(made):
        if one.type == "product_view":
            one.items.add(product_id=f"p{number % VIEWED_PRODUCTS}", quantity=1)
    viewers = list({one.customer.value for one in made if one.type == "product_view"})[:CALLS]
    namespace = made[0].customer.namespace
    await drive(bench, made)
    async with connect(bench.stack.targets["profile"]) as channel, echo(bench.directory) as bare:
        stub: Any = ProductServiceStub(channel)

        async def ask(method: Any, request: Any) -> Any:
            return await call(method, request, token=bench.token(), timeout_seconds=60)

        bare_ms = percentile(await one_by_one(bare, CALLS), 0.5)
        ids = itertools.cycle([await _customer_id(bench, namespace, one) for one in viewers])
        viewed_ms = await one_by_one(
            lambda: ask(
                stub.ListRecentlyViewed, pb.ListRecentlyViewedRequest(customer_id=next(ids))
            ),
            CALLS,
        )
        yield _time("recently viewed of a customer, p50", viewed_ms, bare_ms)
        facts_ms = await one_by_one(
            lambda: ask(stub.GetProductFacts, pb.GetProductFactsRequest(product_ids=[_PRODUCT])),
            CALLS,
        )
        yield _time("facts of a product with some 600 events, p50", facts_ms, bare_ms)
        yield await _news(bench, stub, ask)


def _time(name: str, times_ms: list[float], bare_ms: float) -> Figure:
    return Figure(name, percentile(times_ms, 0.5), "ms", "bare gRPC echo", bare_ms)


async def _customer_id(bench: Bench, namespace: str, value: str) -> str:
    request = GetCustomerRequest()
    request.identifier.namespace, request.identifier.value = namespace, value
    answer = await bench.admin.call(bench.admin.customers.GetCustomer, request)
    return answer.customer.customer_id


async def _news(bench: Bench, stub: Any, ask: Any) -> Figure:
    """Customers told a second, beside recording as many events in batches of the same size."""
    await drive(bench, [_event("wishlist", number) for number in range(WISHERS)])
    started = time.perf_counter()
    await drive(bench, [_event("message_sent", number) for number in range(WISHERS)], _NEWS_BATCH)
    ceiling = WISHERS / (time.perf_counter() - started)
    for price in (9_000, 8_000):
        product = pb.Product(
            product_id=_WISHED, price=Money(currency_code="KRW", minor_units=price)
        )
        upserts = [pb.ProductUpsert(product=product)]
        started = time.perf_counter()
        await ask(
            stub.UpsertProducts, pb.UpsertProductsRequest(request_id=new_id(), upserts=upserts)
        )
    request = pb.ListProductNewsRequest(product_id=_WISHED)
    news = (await ask(stub.ListProductNews, request)).news
    while not news[0].done:
        await asyncio.sleep(0.05)
        news = (await ask(stub.ListProductNews, request)).news
    rate = WISHERS / (time.perf_counter() - started)
    if news[0].told_count != WISHERS:
        raise RuntimeError(f"{news[0].told_count} were told, not {WISHERS}")
    return Figure("news of a lower price, told", rate, "customers/s", "recording alone", ceiling)


def _event(event_type: str, number: int) -> Event:
    event = Event(event_id=new_id(), type=event_type)
    event.customer.namespace, event.customer.value = "member", f"wisher-{number}"
    event.occurred_at.FromSeconds(int(time.time()) - 60)
    event.items.add(product_id=_WISHED, quantity=1)
    return event
