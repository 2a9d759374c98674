"""The right of access: everything about one customer over all services, in one JSON document."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import points_service_pb2 as points
from dangol.offers.v1.points_service_pb2_grpc import PointsServiceStub
from dangol_service_kit.auth import Role

from tests.e2e.platform.privacy.canaries import Planted, found
from tests.e2e.platform.privacy.shop import SHOP, Shop
from tests.e2e.platform.privacy.test_erasure import issue

pytestmark = pytest.mark.timeout(180)


async def _earn(shop: Shop, customer_id: str) -> None:
    """Points for an order that makes her gold."""

    def won(amount: int) -> Money:
        return Money(currency_code="KRW", minor_units=amount)

    stub: Any = PointsServiceStub(shop.connection.offers)
    program = points.PointsProgram(points=10, per_amount=won(1_000))
    program.tiers.add(
        tier_id="gold", display_names={"ko": "골드", "en": "Gold"}, threshold=won(10_000)
    )
    await shop.admin.call(
        stub.SetPointsProgram,
        points.SetPointsProgramRequest(request_id=str(uuid.uuid4()), program=program),
    )
    earned = await shop.admin.call(
        stub.EarnPoints,
        points.EarnPointsRequest(
            request_id=str(uuid.uuid4()),
            customer_id=customer_id,
            order_id="order-of-kim",
            net_amount=won(20_000),
        ),
    )
    assert points.POINTS_OUTCOME_APPLIED == earned.outcome, earned


async def _get(shop: Shop, customer_id: str, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    url = shop.stack.urls["graphql"].replace("/graphql", f"/customers/{customer_id}/export")
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        return await client.get(url, headers=headers)


def _sections(document: Any) -> dict[str, int]:
    names = [piece["section"] for piece in document]
    return {name: names.count(name) for name in names}


async def test_an_export_has_every_canary_and_nobody_elses(
    shop: Shop, planted: list[Planted]
) -> None:
    """From record, identifiers, consents, events, segments and offers; for the customer herself."""
    kim = planted[0]
    await issue(shop, kim.customer_id)
    await _earn(shop, kim.customer_id)
    token = shop.stack.token(SHOP, Role.CUSTOMER, kim.customer_id)
    answer = await _get(shop, kim.customer_id, token)
    assert (200, "application/json") == (answer.status_code, answer.headers["content-type"])
    assert "no-store" == answer.headers["cache-control"]
    document = json.loads(answer.text)
    text = json.dumps(document, ensure_ascii=False).encode()
    hers = set(kim.canaries.values())
    assert hers == found(hers, [text])
    others = {value for one in planted[1:] for value in one.canaries.values()}
    assert set() == found(others, [text])
    sections = _sections(document)
    # Identifiers with the one of Dangol's own. A search under each that was sent; the coupon's
    # issue becomes an event too, a moment later.
    assert sections["event"] >= 6
    expected = {"customer": 1, "identifier": 7, "consent": 1, "membership": 1}
    assert expected == {name: count for name, count in sections.items() if name in expected}
    assert sections["accounts"] >= 2
    held = [str(piece["data"]) for piece in document if piece["section"] == "accounts"]
    # Her points, and the tier that her orders came to.
    assert 1 == sum("gold" in one and "order-of-kim" in one for one in held), held
    assert b"development-admin" not in text


async def test_who_may_not_export_learns_nothing(shop: Shop, planted: list[Planted]) -> None:
    """No credential, another role, another customer, another tenant, nobody."""
    kim, lee = planted[0].customer_id, planted[1].customer_id
    asked = [
        (kim, None, 401, "TOKEN_MISSING"),
        (kim, shop.stack.token(SHOP, Role.MARKETER), 403, "ROLE_NOT_ALLOWED"),
        (kim, shop.stack.token(SHOP, Role.CUSTOMER, lee), 404, "CUSTOMER_NOT_FOUND"),
        (kim, shop.stack.token("another", Role.ADMIN), 404, "CUSTOMER_NOT_FOUND"),
        ("u_nobody", shop.stack.token(SHOP, Role.ADMIN), 404, "CUSTOMER_NOT_FOUND"),
    ]
    for customer_id, token, status, code in asked:
        answer = await _get(shop, customer_id, token)
        told = answer.json()["errors"][0]["extensions"]["code"]
        assert (status, code) == (answer.status_code, told)
