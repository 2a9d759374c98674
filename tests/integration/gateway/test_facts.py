"""Facts, profits and filtered timelines over GraphQL."""

from __future__ import annotations

import uuid
from typing import Any

from dangol_service_kit.auth import Role

FACTS = """
    orderCount revenue { minorUnits currencyCode } purchaseCycleDays
    favouriteCategories { name orderCount amount { minorUnits } }
    stores { id eventCount } costToServe { total { minorUnits } } profit { minorUnits }
"""


def _bought(day: int, category: str, won: int, **changes: Any) -> dict[str, Any]:
    return {
        "occurredAt": f"2026-01-{day:02}T03:00:00Z",
        "amount": {"currencyCode": "KRW", "minorUnits": won},
        "items": [
            {
                "productId": f"p-{category}",
                "category": category,
                "quantity": 1,
                "unitPriceMinorUnits": won,
                "amountMinorUnits": won,
            }
        ],
        **changes,
    }


async def test_facts_are_a_field_of_a_customer_and_a_question(frontend: Any) -> None:
    """The same both ways; customers learn nothing of what they cost."""
    member = f"ann-{uuid.uuid4()}"
    await frontend.buy(member, **_bought(1, "shoes", 30_000, channel="STORE", storeId="gangnam"))
    await frontend.buy(member, **_bought(8, "hats", 20_000))
    customer_id = await frontend.customer_id(member)
    query = f"""query($id: ID!) {{ customerFacts(customerId: $id) {{ {FACTS} }}
        customer(id: $id) {{ facts {{ {FACTS} }} }} nobody: customerFacts(customerId: "u_x") {{
        orderCount }} }}"""
    data = await frontend.ask(query, id=customer_id)
    found = data["customerFacts"]
    assert found == data["customer"]["facts"]
    assert data["nobody"] is None
    assert (2, {"minorUnits": 50_000, "currencyCode": "KRW"}, 7.0) == (
        found["orderCount"],
        found["revenue"],
        found["purchaseCycleDays"],
    )
    assert ["shoes", "hats"] == [one["name"] for one in found["favouriteCategories"]]
    assert [{"id": "gangnam", "eventCount": 1}] == found["stores"]
    assert 50_000 == found["profit"]["minorUnits"]
    token = frontend.token(Role.CUSTOMER, customer_id)
    own = (await frontend.ask(query, token, id=customer_id))["customerFacts"]
    assert (2, None, None) == (own["orderCount"], own["costToServe"], own["profit"])


async def test_a_timeline_is_narrowed_and_turned_round(frontend: Any) -> None:
    """By channel, store and time, page by page; a short page says that there is more."""
    member = f"ben-{uuid.uuid4()}"
    for day in range(1, 7):
        place = {"channel": "STORE", "storeId": f"s{day % 2}"} if day > 2 else {"channel": "WEB"}
        await frontend.buy(member, **_bought(day, "shoes", 100 * day, **place))
    customer_id = await frontend.customer_id(member)
    query = """query($id: ID!, $only: TimelineFilter, $order: TimelineOrder, $after: String) {
        timeline(customerId: $id, first: 2, after: $after, only: $only, order: $order) {
            nodes { amount { minorUnits } } pageInfo { hasNextPage endCursor } } }"""

    async def walk(**variables: Any) -> list[int]:
        amounts: list[int] = []
        after = None
        while True:
            data = await frontend.ask(query, id=customer_id, after=after, **variables)
            page = data["timeline"]
            amounts += [one["amount"]["minorUnits"] for one in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return amounts

    assert [600, 500, 400, 300, 200, 100] == await walk()
    assert [100, 200, 300, 400, 500, 600] == await walk(order="OLDEST_FIRST")
    assert [600, 500, 400, 300] == await walk(only={"channels": ["STORE"]})
    assert [300, 500] == await walk(only={"storeIds": ["s1"]}, order="OLDEST_FIRST")
    span = {"startTime": "2026-01-02T00:00:00Z", "endTime": "2026-01-04T03:00:00Z"}
    assert [300, 200] == await walk(only=span)
    refused = await frontend.run(
        query, id=customer_id, only={**span, "endTime": "2026-01-01T00:00:00Z"}
    )
    assert "FIELD_INVALID" == refused["errors"][0]["extensions"]["code"]


async def test_rates_are_set_and_the_list_is_empty_before_the_job_ran(frontend: Any) -> None:
    """A lost update is a refusal with its code; the list says that there is none yet."""
    read = "{ costRates { version messageMinorUnits marginBasisPoints } }"
    version = (await frontend.ask(read))["costRates"]["version"]
    selection = "... on SetCostRatesSuccess { rates { version messageMinorUnits } }"

    async def change() -> dict[str, Any]:
        answer: dict[str, Any] = await frontend.change(
            "setCostRates",
            selection,
            requestId=str(uuid.uuid4()),
            version=version,
            messageMinorUnits=20,
        )
        return answer

    assert {"version": version + 1, "messageMinorUnits": 20} == (await change())["rates"]
    assert "VERSION_CONFLICT" == (await change())["code"]
    listing = """{ profitability { refreshedAt customerCount totalProfit { minorUnits }
        customers(first: 5) { totalCount nodes { customerId rank } } } }"""
    found = (await frontend.ask(listing))["profitability"]
    assert (None, 0, None, []) == (
        found["refreshedAt"],
        found["customerCount"],
        found["totalProfit"],
        found["customers"]["nodes"],
    )
