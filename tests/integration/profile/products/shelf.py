"""Calls of ProductService, short enough for tests."""

from __future__ import annotations

import uuid
from typing import Any

from dangol.events.v1.event_pb2 import Event, Money
from dangol.profile.v1 import product_service_pb2 as pb
from dangol.profile.v1.product_service_pb2_grpc import ProductServiceStub
from dangol_service_kit.auth import Role
from google.protobuf.field_mask_pb2 import FieldMask

from tests.integration.profile.harness import SHOP, Platform, event, eventually

DAY_SECONDS = 86_400


class Shelf:
    """ProductService as one caller."""

    def __init__(
        self,
        platform: Platform,
        role: Role = Role.PARTNER,
        tenant_id: str = SHOP,
        subject: str = "tester",
    ) -> None:
        self.platform = platform
        self.client = platform.client(role, tenant_id, subject)
        self.stub: Any = ProductServiceStub(platform.channel)

    def of(self, role: Role, tenant_id: str = SHOP, subject: str = "tester") -> Shelf:
        """The same as another caller."""
        return Shelf(self.platform, role, tenant_id, subject)

    async def upsert(
        self, *upserts: pb.ProductUpsert, request_id: str = "", **options: Any
    ) -> list[tuple[str, int, list[int]]]:
        """UpsertProducts; answers (outcome, version, news) of each."""
        request = pb.UpsertProductsRequest(
            request_id=request_id or str(uuid.uuid4()), upserts=upserts, **options
        )
        response = await self.client.call(self.stub.UpsertProducts, request)
        return [
            (
                pb.UpsertOutcome.Name(one.outcome).removeprefix("UPSERT_OUTCOME_"),
                one.version,
                list(one.news),
            )
            for one in response.results
        ]

    async def get(self, product_id: str) -> pb.Product:
        """GetProduct."""
        request = pb.GetProductRequest(product_id=product_id)
        product: pb.Product = (await self.client.call(self.stub.GetProduct, request)).product
        return product

    async def facts(self, product_id: str) -> pb.ProductFacts:
        """GetProductFacts of one."""
        request = pb.GetProductFactsRequest(product_ids=[product_id])
        answer = await self.client.call(self.stub.GetProductFacts, request)
        facts: pb.ProductFacts = answer.facts[0]
        return facts

    async def news(self, product_id: str) -> list[pb.ProductNews]:
        """ListProductNews, the newest."""
        request = pb.ListProductNewsRequest(product_id=product_id)
        answer = await self.client.call(self.stub.ListProductNews, request)
        return list(answer.news)

    async def told(self, product_id: str, count: int = 1) -> list[pb.ProductNews]:
        """The news of a product, when so many are told to everybody."""

        async def all_done() -> bool:
            news = await self.news(product_id)
            return len(news) == count and all(one.done for one in news)

        await eventually(all_done)
        return await self.news(product_id)

    async def do(self, member: str, event_type: str, *product_ids: str, **fields: Any) -> Event:
        """Records an event with these products; `namespace` is member unless given."""
        namespace = fields.pop("namespace", "member")
        properties = fields.pop("properties", {})
        made = event(namespace, member, event_type, **fields)
        for product_id in product_ids:
            made.items.add(product_id=product_id, category="shoes", quantity=1)
        for name, text in properties.items():
            made.properties[name].text = text
        response = await self.client.record(made)
        assert response.results[0].outcome == 1, response.results[0]
        return made

    async def heard(self, member: str, event_type: str, namespace: str = "member") -> list[Event]:
        """Events of a type that a customer has."""
        customer = await self.client.find(namespace, member)
        timeline = await self.client.timeline(customer.customer_id, types=[event_type])
        return list(timeline.events)


def upsert(
    product_id: str, *paths: str, expected_version: int = 0, price: int | None = None, **fields: Any
) -> pb.ProductUpsert:
    """An upsert; price in won, paths its mask."""
    product = pb.Product(product_id=product_id, **fields)
    if price is not None:
        product.price.CopyFrom(Money(currency_code="KRW", minor_units=price))
    return pb.ProductUpsert(
        product=product, update_mask=FieldMask(paths=paths), expected_version=expected_version
    )
