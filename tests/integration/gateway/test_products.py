"""Products end to end: GraphQL, the news of a lower price, and the campaign that it triggers."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dangol.offers.v1 import campaign_service_pb2 as campaigns_pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, connect

UPSERTED = "... on UpsertProductsSuccess { results { productId outcome version news } }"


def _id(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


async def _upsert(frontend: Any, *products: dict[str, Any], **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await frontend.change(
        "upsertProducts", UPSERTED, requestId=str(uuid.uuid4()), products=list(products), **options
    )
    return answer


def _won(amount: int) -> dict[str, Any]:
    return {"currencyCode": "KRW", "minorUnits": amount}


async def _do(frontend: Any, member: str, kind: str, product: str, **fields: Any) -> None:
    ago = datetime.now(UTC) - timedelta(minutes=5)
    items = [{"productId": product, "category": "shoes"}]
    changes = {"type": kind, "items": items, "amount": None, "occurredAt": ago.isoformat()}
    answer = await frontend.buy(member, **{**changes, **fields})
    assert ["RECORDED"] == [one["outcome"] for one in answer["results"]]


async def _campaign(frontend: Any, product: str) -> str:
    """A running campaign that gives a coupon when the product gets cheaper; its id."""
    offer, campaign_id = _id("offer"), _id("cheaper")
    created = await frontend.change(
        "createOffer",
        "",
        requestId=str(uuid.uuid4()),
        offerId=offer,
        benefit={"percentBasisPoints": 500},
        validForSeconds=864_000,
    )
    assert "CreateOfferSuccess" == created["__typename"]
    trigger = trigger_pb.ProductTrigger(news="PRODUCT_NEWS_PRICE_DROPPED", product_ids=[product])
    campaign = campaigns_pb.Campaign(
        campaign_id=campaign_id,
        product=trigger,
        variants=[campaigns_pb.Variant(variant_id="five", weight=1, offer_id=offer)],
        conversion_window_seconds=86_400,
    )
    async with connect(frontend.stack.targets["offers"]) as channel:
        stub: Any = CampaignServiceStub(channel)
        for method, request in (
            (
                stub.CreateCampaign,
                campaigns_pb.CreateCampaignRequest(request_id=str(uuid.uuid4()), campaign=campaign),
            ),
            (
                stub.LaunchCampaign,
                campaigns_pb.LaunchCampaignRequest(
                    request_id=str(uuid.uuid4()), campaign_id=campaign_id
                ),
            ),
        ):
            await call(method, request, token=frontend.token(), timeout_seconds=60)
    return campaign_id


@pytest.mark.timeout(180)
async def test_a_lower_price_becomes_a_coupon_of_whoever_carted_the_product(frontend: Any) -> None:
    """Profile tells, segmentation sees the event, the campaign issues; buyers get nothing."""
    product, fan, buyer = _id("sneaker"), _id("fan"), _id("buyer")
    await _upsert(frontend, {"id": product, "category": "shoes", "price": _won(90_000)})
    await frontend.settle()
    await _do(frontend, fan, "cart_add", product)
    await _do(frontend, buyer, "cart_add", product)
    await _do(frontend, buyer, "purchase", product)
    campaign = await _campaign(frontend, product)
    answer = await _upsert(frontend, {"id": product, "price": _won(70_000)})
    assert [
        {"productId": product, "outcome": "CHANGED", "version": 2, "news": ["PRICE_DROPPED"]}
    ] == (answer["results"])
    wallet = "query($id: ID!, $campaign: ID!) { customer(id: $id) { "
    wallet += "wallet(campaignId: $campaign) { nodes { id } } "
    wallet += 'timeline(types: ["price_dropped"]) { nodes { items { productId } } } } }'

    async def of(member: str) -> tuple[int, int]:
        """(coupons of the campaign, price drops heard of)."""
        found = await frontend.ask(wallet, id=await frontend.customer_id(member), campaign=campaign)
        customer = found["customer"]
        return len(customer["wallet"]["nodes"]), len(customer["timeline"]["nodes"])

    while await of(fan) != (1, 1):
        await asyncio.sleep(0.2)
    assert (0, 0) == await of(buyer)


async def test_products_with_their_facts_and_feedback_are_read_in_one_query(frontend: Any) -> None:
    """A shop's page of a product; a customer sees the product and no figures."""
    product, member = _id("kettle"), _id("critic")
    await _upsert(frontend, {"id": product, "name": "Kettle", "category": _id("c"), "stock": 3})
    await _do(frontend, member, "product_view", product)
    await _do(frontend, member, "purchase", product)
    await _do(frontend, member, "review", product, rating=2, properties=[
        {"name": "text", "text": "It leaks."}
    ])  # fmt: skip
    await _do(frontend, member, "return", product, properties=[{"name": "reason", "text": "leak"}])
    query = """query($id: ID!, $customer: ID!) {
        product(id: $id) { name stock price { minorUnits } facts {
            orderCount meanRating ratings returnReasons { reason count } } boughtTogether { lift } }
        productFeedback(productId: $id, kind: REVIEW) { nodes { rating text customerId } }
        customer(id: $customer) {
            recentlyViewed { productId viewCount product { name } }
            unbought: recentlyViewed(withoutBought: true) { productId } } }"""
    customer_id = await frontend.customer_id(member)
    found = await frontend.ask(query, id=product, customer=customer_id)
    assert {
        "product": {
            "name": "Kettle",
            "stock": 3,
            "price": None,
            "facts": {
                "orderCount": 1,
                "meanRating": 2.0,
                "ratings": [0, 1, 0, 0, 0],
                "returnReasons": [{"reason": "leak", "count": 1}],
            },
            "boughtTogether": [],
        },
        "productFeedback": {
            "nodes": [{"rating": 2, "text": "It leaks.", "customerId": customer_id}]
        },
        "customer": {
            "recentlyViewed": [
                {"productId": product, "viewCount": 1, "product": {"name": "Kettle"}}
            ],
            "unbought": [],
        },
    } == found
    own = frontend.token(Role.CUSTOMER, customer_id)
    seen = await frontend.run(
        "query($id: ID!) { product(id: $id) { name facts { orderCount } } }", own, id=product
    )
    assert {"product": {"name": "Kettle", "facts": None}} == seen["data"]
    assert ["ROLE_NOT_ALLOWED"] == [one["extensions"]["code"] for one in seen["errors"]]


async def test_the_catalogue_is_a_connection_and_mistakes_are_refusals(frontend: Any) -> None:
    """Pages by cursor over one category; a wrong request says which field and changes nothing."""
    category = _id("hats")
    ids = [f"{category}-{number}" for number in range(3)]
    wrong = await frontend.change(
        "upsertProducts",
        UPSERTED,
        requestId=str(uuid.uuid4()),
        products=[
            {"id": ids[0]},
            {"id": ids[1], "price": {"currencyCode": "USD", "minorUnits": 1}},
        ],
    )
    assert ("UpsertProductsRefused", "CURRENCY_MISMATCH") == (wrong["__typename"], wrong["code"])
    assert "upserts[1].product.price.currency_code" == wrong["field"]
    created = await _upsert(frontend, *({"id": one, "category": category} for one in ids))
    assert ["CREATED"] * 3 == [one["outcome"] for one in created["results"]]
    stale = await _upsert(frontend, {"id": ids[0], "name": "Hat", "expectedVersion": 9})
    assert ["VERSION_CONFLICT"] == [one["outcome"] for one in stale["results"]]
    query = """query($category: String!, $after: String) {
        products(first: 2, after: $after, category: $category) {
            nodes { id name } pageInfo { hasNextPage endCursor } } }"""
    first = (await frontend.ask(query, category=category))["products"]
    after = first["pageInfo"]["endCursor"]
    second = (await frontend.ask(query, category=category, after=after))["products"]
    assert ids == [one["id"] for page in (first, second) for one in page["nodes"]]
    assert (True, False) == tuple(page["pageInfo"]["hasNextPage"] for page in (first, second))
    nothing = await frontend.ask(
        '{ product(id: "of-nothing") { id } weakProducts { nodes { excess } } }'
    )
    assert {"product": None, "weakProducts": {"nodes": []}} == nothing
