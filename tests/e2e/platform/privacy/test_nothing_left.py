"""After an erasure every collection is walked: nothing stays but what is stated."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import bson
import pytest
from dangol.offers.v1 import gift_service_pb2 as gifts
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import privacy_service_pb2 as privacy
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from pymongo import AsyncMongoClient

from tests.e2e.platform.privacy.canaries import Planted, canary, found, plant
from tests.e2e.platform.privacy.shop import Shop
from tests.e2e.platform.privacy.test_erasure import issue
from tests.integration.profile.harness import eventually

pytestmark = pytest.mark.timeout(180)

PAGE = Path(__file__).parents[4] / "docs" / "privacy.md"
# Of MongoDB itself; what its oplog keeps, and for how long, is stated by itself.
NOT_OURS = {"admin", "config", "local"}


def stated() -> set[str]:
    """The collections that docs/privacy.md says an erased customer's id stays in."""
    section = PAGE.read_text().partition("Where the id alone stays")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)`", section, re.MULTILINE))


async def walk(mongodb_uri: str) -> dict[str, list[bytes]]:
    """Every document of every collection of every service, by database.collection."""
    client: AsyncMongoClient[Any] = AsyncMongoClient(
        mongodb_uri, document_class=bson.raw_bson.RawBSONDocument
    )
    documents: dict[str, list[bytes]] = defaultdict(list)
    try:
        for database in set(await client.list_database_names()) - NOT_OURS:
            for name in await client[database].list_collection_names():
                async for one in client[database][name].find():
                    documents[f"{database}.{name}"].append(one.raw)
    finally:
        await client.close()
    return documents


def holding(values: set[str], documents: dict[str, list[bytes]]) -> set[str]:
    """The collections in which any of these values stands."""
    return {name for name, raw in documents.items() if found(values, raw)}


async def _visitor_of(shop: Shop, kim: Planted) -> str:
    """A visitor who turns out to be her: an id that was merged into hers."""
    device = canary("device")
    request = customers.IdentifyCustomerRequest(request_id=str(uuid.uuid4()))
    request.identifiers.add(namespace="device", value=device)
    visitor = await shop.admin.call(shop.admin.customers.IdentifyCustomer, request)
    kim.canaries["visitor_device"] = device
    request.request_id = str(uuid.uuid4())
    request.identifiers.add(namespace="member", value=kim.canaries["member"])
    await shop.admin.call(shop.admin.customers.IdentifyCustomer, request)
    visitor_id: str = visitor.customer.customer_id
    return visitor_id


async def test_no_collection_keeps_her_words_nor_her_ids_but_where_it_is_stated(
    shop: Shop, planted: list[Planted]
) -> None:
    """Ids of hers and of a visitor who was she, with a coupon, a gift and a place in a segment."""
    kim = await plant(shop, 8)
    ids = {kim.customer_id, await _visitor_of(shop, kim)}
    await issue(shop, kim.customer_id)
    given = await issue(shop, kim.customer_id)
    offer = gifts.OfferGiftRequest(
        request_id=str(uuid.uuid4()), coupon_id=given, giver_customer_id=kim.customer_id
    )
    await shop.admin.call(shop.admin.gifts.OfferGift, offer)
    words = {*kim.canaries.values(), kim.control, *kim.event_ids}
    before = await walk(shop.stack.mongodb_uri)
    # What she wrote is sealed already; her tag and her ids show that this finds what is there.
    assert {"dangol_profile.customers"} == holding({kim.control}, before)
    held = holding(ids, before)
    assert {"dangol_profile.identifiers", "dangol_offers.accounts"} <= held
    stub = PrivacyServiceStub(shop.connection.profile)
    await shop.admin.call(
        stub.EraseCustomer,
        privacy.EraseCustomerRequest(
            request_id=str(uuid.uuid4()), customer_id=kim.customer_id, reason="withdrawal"
        ),
    )

    async def complete() -> bool:
        request = privacy.GetErasureRequest(customer_id=kim.customer_id)
        answer = await shop.admin.call(stub.GetErasure, request)
        return bool(answer.erasure.HasField("complete_time"))

    await eventually(complete)
    after = await walk(shop.stack.mongodb_uri)
    assert set() == holding(words, after)
    left = holding(ids, after)
    assert left <= stated(), left - stated()
    assert "dangol_profile.identifiers" not in left
    others = {one.control for one in planted}
    assert others == found(others, after["dangol_profile.customers"])
