"""A page's cost in calls to services does not grow with the page."""

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from dangol.profile.v1 import customer_service_pb2 as customers_pb

from tests.integration.gateway.conftest import found_tenant
from tests.integration.gateway.in_process import Calls, gateway

PAGE = """query($first: Int!) {
  customers(first: $first) {
    nodes {
      id
      points { available tier { id } }
      segments { segment { id displayName } }
      wallet(first: 5) { nodes { id state owner { id } offer { id displayName } } }
    }
  }
}"""
CUSTOMERS = 50


@pytest.fixture(scope="module")
async def crowd(stack: Any) -> None:
    """A tenant of its own, for fifty customers."""
    await found_tenant(stack, "crowd", "북적이는 가게")


@pytest.fixture
async def shop(frontend: Any, crowd: None) -> Any:  # noqa: ARG001
    """Fifty customers in two segments, each with a coupon of each of two offers, and points."""
    shop = dataclasses.replace(frontend, tenant="crowd")
    for segment_id, rule in (("buyers", "count(purchase) >= 1"), ("all", "count(visit) = 0")):
        await shop.create_segment(segment_id, rule)
    events = [
        {
            "eventId": str(uuid.uuid4()),
            "customer": {"namespace": "member", "value": f"m{number}"},
            "type": "purchase",
            "occurredAt": "2026-01-01T00:00:00Z",
        }
        for number in range(CUSTOMERS)
    ]
    await shop.change("track", "", events=events)
    page = await shop.ask("{ customers(first: 100) { nodes { id } } }")
    ids = [node["id"] for node in page["customers"]["nodes"]]
    for offer in ("ten", "twenty"):
        percent = {"percentBasisPoints": 1000}
        given = {"offerId": offer, "benefit": percent, "validForSeconds": 86400}
        await shop.change("createOffer", "", requestId=str(uuid.uuid4()), **given)
    await shop.change(
        "createCampaign",
        "",
        requestId=str(uuid.uuid4()),
        campaignId="everybody",
        conversionWindowSeconds=3600,
    )
    issued = await shop.change(
        "issueCoupons",
        "... on IssueCouponsSuccess { issuedCount }",
        requestId=str(uuid.uuid4()),
        campaignId="everybody",
        offerIds=["ten", "twenty"],
        customerIds=ids,
    )
    assert issued["issuedCount"] == 2 * CUSTOMERS
    won = {"currencyCode": "KRW", "minorUnits": 100}
    await shop.change("setPointsProgram", "", requestId=str(uuid.uuid4()), points=1, perAmount=won)
    return shop


async def test_a_page_of_customers_makes_a_fixed_number_of_calls(shop: Any) -> None:
    """With their segments, points, coupons and offers: the same for 1, 10 and 50 of them."""
    calls = Calls()
    counts = {}
    async with gateway(shop.stack, calls) as ask:
        # The tenant's language is asked for once a minute.
        await ask(shop.token(), PAGE, first=1)
        for first in (1, 10, CUSTOMERS):
            calls.counts.clear()
            answer = await ask(shop.token(), PAGE, first=first)
            assert "errors" not in answer, answer["errors"]
            nodes = answer["data"]["customers"]["nodes"]
            assert [2] * first == [len(node["wallet"]["nodes"]) for node in nodes]
            assert [2] * first == [len(node["segments"]) for node in nodes]
            assert [0] * first == [node["points"]["available"] for node in nodes]
            counts[first] = dict(calls.counts)
    once = {
        "ListCustomers": 1,
        "BatchGetCustomers": 1,
        "ListMemberships": 1,
        "BatchGetSegments": 1,
        "BatchListWallets": 1,
        "BatchGetOffers": 1,
        "BatchGetPoints": 1,
        "GetPointsProgram": 1,
    }
    assert counts == {1: once, 10: once, CUSTOMERS: once}


_READS = (
    customers_pb.BatchGetCustomersRequest,
    customers_pb.GetCustomerRequest,
    customers_pb.ListCustomersRequest,
)


class Masks(grpc.aio.UnaryUnaryClientInterceptor):
    """Remembers what of customers was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        """Changes nothing."""
        if isinstance(request, _READS):
            self.asked.append(tuple(request.read_mask.paths))
        return await continuation(client_call_details, request)


SELECTIONS = """query($id: ID!) {
  customers(first: 3) {
    edges { node { id tier } }
    nodes { ...Named }
  }
  named: customer(id: $id) { nodeId wallet(first: 1) { nodes { id } } }
  again: customer(id: $id) { nodeId segments { stint } }
  shown: customer(id: $id) { displayName maskedFields }
}
fragment Named on Customer { displayName orderCount segments { stint } }"""
NODE = "query($id: ID!) { node(nodeId: $id) { id ... on Customer { member tags } } }"


async def test_of_customers_no_more_is_read_than_the_query_selects(frontend: Any) -> None:
    """The list names its fields; who is only named is read by id, those alike in one call."""
    await found_tenant(frontend.stack, "read-by-few", "한 사람 가게")
    frontend = dataclasses.replace(frontend, tenant="read-by-few")
    event = {
        "eventId": str(uuid.uuid4()),
        "customer": {"namespace": "member", "value": "looked-at"},
        "type": "purchase",
        "occurredAt": "2026-01-01T00:00:00Z",
    }
    await frontend.change("track", "", events=[event])
    page = await frontend.ask("{ customers(first: 1) { nodes { id } } }")
    masks = Masks()
    async with gateway(frontend.stack, masks) as ask:
        found = await ask(frontend.token(), SELECTIONS, id=page["customers"]["nodes"][0]["id"])
        assert "errors" not in found, found["errors"]
        assert 1 <= found["data"]["customers"]["nodes"][0]["orderCount"]
        node_id = found["data"]["named"]["nodeId"]
        one = await ask(frontend.token(), NODE, id=node_id)
        assert one["data"]["node"]["member"]
    personal = ("birth_date", "customer_id", "display_name", "lunar_birth_date", "note")
    assert [
        ("customer_id",),
        ("customer_id", "display_name", "order_count", "tier"),
        ("customer_id", "member", "tags"),
    ] == sorted(masks.asked)[1:]
    assert (*personal, "personal_fields", "postal_address") == sorted(masks.asked)[0]
