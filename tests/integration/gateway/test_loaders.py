"""A page's cost in calls to services does not grow with the page."""

import dataclasses
import uuid
from typing import Any

import pytest

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
