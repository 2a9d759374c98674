"""Every operation of docs/frontend.md runs as it is printed, in the order of the page."""

import re
import uuid
from pathlib import Path
from typing import Any

from dangol_service_kit.auth import Role
from graphql import FieldNode, OperationDefinitionNode, parse

from tests.integration.gateway.conftest import Frontend

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "frontend.md"
BLOCKS = re.compile(r"^```graphql.*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CART = {
    "currencyCode": "KRW",
    "lines": [{"lineId": "1", "productId": "shoes", "unitPriceMinorUnits": 50_000}],
}


def _id() -> str:
    return str(uuid.uuid4())


class Reader:
    """Somebody who follows the page: each operation is taken out of it by name, once."""

    def __init__(self, frontend: Frontend) -> None:
        self._frontend = frontend
        self.left = {_name(text): text for text in BLOCKS.findall(GUIDE.read_text())}

    async def run(self, name: str, bearer: str, /, **variables: Any) -> dict[str, Any]:
        """What the next operation answers; it has to be this one, and no refusal."""
        assert name == next(iter(self.left))
        data = await self._frontend.ask(self.left.pop(name), bearer, **variables)
        (answer,) = data.values()
        assert "message" not in answer, answer
        result: dict[str, Any] = answer
        return result


def _name(text: str) -> str:
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert isinstance(operation.selection_set.selections[0], FieldNode)
    return operation.name.value


async def _coupon(frontend: Frontend, customer_id: str, offer_id: str) -> str:
    issued = await frontend.change(
        "issueCoupon",
        "... on IssueCouponSuccess { coupon { id } }",
        requestId=_id(),
        offerId=offer_id,
        customerId=customer_id,
    )
    coupon_id: str = issued["coupon"]["id"]
    return coupon_id


async def test_the_guide_works_from_top_to_bottom(frontend: Frontend) -> None:
    """Sign in, track, personalise, check out with a coupon, give one and claim it."""
    name = uuid.uuid4().hex[:8]
    offer_id = f"guide-{name}"
    made = await frontend.change(
        "createOffer",
        "",
        requestId=_id(),
        offerId=offer_id,
        benefit={"percentBasisPoints": 1000},
        validForDays=30,
        giftable=True,
    )
    assert "CreateOfferSuccess" == made["__typename"]
    guide = Reader(frontend)
    partner = frontend.token(Role.PARTNER)
    member = {"namespace": "member", "value": f"guide-{name}"}
    signed_in = await guide.run(
        "SignIn", partner, input={"requestId": _id(), "identifiers": [member]}
    )
    mina = signed_in["customer"]["id"]
    coupons = {await _coupon(frontend, mina, offer_id) for _ in range(2)}
    token = frontend.token(Role.CUSTOMER, mina)
    await _look(guide, token, mina)
    left = await _check_out(guide, partner, token, mina, coupons)
    await _give(frontend, guide, token, mina, left)
    assert {} == guide.left


async def _look(guide: Reader, token: str, customer_id: str) -> None:
    event = {
        "eventId": _id(),
        "customer": {"namespace": "customer", "value": customer_id},
        "type": "product_view",
        "occurredAt": "2026-01-01T09:00:00Z",
        "channel": "WEB",
        "items": [{"productId": "shoes"}],
    }
    tracked = await guide.run("Track", token, input={"events": [event]})
    assert ["RECORDED"] == [one["outcome"] for one in tracked["results"]]
    page = await guide.run("Page", token)
    assert page["greeting"]["text"]
    assert ["shoes"] == [one["productId"] for one in page["customer"]["recentlyViewed"]]
    assert ["AVAILABLE"] * 2 == [one["state"] for one in page["coupons"]["nodes"]]


async def _check_out(
    guide: Reader, partner: str, token: str, customer_id: str, coupons: set[str]
) -> str:
    """Uses one of two coupons up; answers the other one."""
    savings = (await guide.run("Savings", token, cart=CART))["savings"]
    assert {"minorUnits": 45_000, "currencyCode": "KRW"} == savings["total"]
    (best,) = savings["best"]
    used: str = best["couponId"]
    step = {"couponId": used, "orderId": f"order-{_id()}", "cart": CART}
    held = await guide.run(
        "Hold", token, input={"requestId": _id(), "customerId": customer_id, **step}
    )
    assert ("HELD", {"minorUnits": 5_000}) == (held["coupon"]["state"], held["discount"])
    redeemed = await guide.run("Redeem", partner, input={"requestId": _id(), **step})
    assert {"id": used, "state": "REDEEMED", "redeemedAmount": {"minorUnits": 5_000}} == redeemed[
        "coupon"
    ]
    (other,) = coupons - {used}
    return other


async def _give(frontend: Frontend, guide: Reader, token: str, giver: str, coupon_id: str) -> None:
    given = {"requestId": _id(), "couponId": coupon_id, "giverCustomerId": giver}
    link = (await guide.run("Give", token, input=given))["token"]
    name = f"friend-{uuid.uuid4().hex[:8]}"
    await frontend.buy(name)
    friend = await frontend.customer_id(name)
    theirs = frontend.token(Role.CUSTOMER, friend)
    assert "OFFERED" == (await guide.run("Gift", theirs, link=link))["state"]
    claim = {"requestId": _id(), "token": link, "claimerCustomerId": friend}
    claimed = await guide.run("Claim", theirs, input=claim)
    assert ("CLAIMED", "AVAILABLE") == (claimed["gift"]["state"], claimed["coupon"]["state"])
