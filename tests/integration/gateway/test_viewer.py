"""`me`: all that a page needs in one query, and what is left of it when a service is down."""

import uuid
from typing import Any

import pytest
from dangol_service_kit.auth import Role

from tests.integration.gateway.in_process import Calls, gateway

NOBODY = "127.0.0.1:1"
PAGE = """query($cart: CartInput!) {
  me {
    role
    greeting { text language ruleId }
    tier { id displayName }
    points { available missing { amount } nextTier { displayName } }
    segments { segmentId }
    recentlyViewed { productId viewCount }
    coupons { nodes { id offer { id } } }
    savings(cart: $cart) {
      total { amount }
      best { couponId discount { amount } }
      coupons { couponId verdict discountAlone { amount } }
    }
    offers(first: 100) { nodes { id } }
    giftsWaiting { token gift { id state } }
  }
}"""
CART = {
    "currencyCode": "KRW",
    "lines": [{"lineId": "1", "productId": "shoes", "unitPriceMinorUnits": 50000}],
}


def _id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
async def mina(frontend: Any) -> tuple[str, str, str]:
    """A customer, her coupon, and the gift that waits for her."""
    name = uuid.uuid4().hex[:8]
    await frontend.create_segment(f"buyers-{name}", "count(purchase) >= 1")
    await frontend.settle()
    await frontend.buy(f"mina-{name}")
    await frontend.buy(f"nuri-{name}")
    look = {"type": "product_view", "amount": None}
    await frontend.buy(f"mina-{name}", **look, items=[{"productId": "hat"}])
    mina = await frontend.customer_id(f"mina-{name}")
    nuri = await frontend.customer_id(f"nuri-{name}")
    await frontend.change(
        "updateCustomer", "", requestId=_id(), customerId=mina, version=1, displayName="미나"
    )
    offer = f"ten-{name}"
    ended = {"validFrom": "2020-01-01T00:00:00Z", "validUntil": "2020-02-01T00:00:00Z"}
    percent = {"percentBasisPoints": 1000}
    for offer_id, more in ((offer, {"validForDays": 30, "giftable": True}), (f"old-{name}", ended)):
        made = await frontend.change(
            "createOffer", "", requestId=_id(), offerId=offer_id, benefit=percent, **more
        )
        assert made["__typename"] == "CreateOfferSuccess", made
    issued = [
        await frontend.change(
            "issueCoupon",
            "... on IssueCouponSuccess { coupon { id } }",
            requestId=_id(),
            offerId=offer,
            customerId=customer_id,
        )
        for customer_id in (mina, nuri)
    ]
    hers, his = [one["coupon"]["id"] for one in issued]
    gift = await frontend.change(
        "offerGift",
        "... on OfferGiftSuccess { gift { id } }",
        requestId=_id(),
        couponId=his,
        giverCustomerId=nuri,
        recipientCustomerId=mina,
    )
    return mina, hers, gift["gift"]["id"]


async def _programme(frontend: Any) -> None:
    """Points and one tier, once for the shop; and no greetings of its own, which others write."""
    version = (await frontend.ask("{ greetingRules { version } }"))["greetingRules"]["version"]
    await frontend.change("setGreetings", "", requestId=_id(), greetings=[], version=version)
    known = await frontend.ask("{ pointsProgram { version } }")
    if known["pointsProgram"] is None:
        names = [{"language": "ko", "text": "골드"}, {"language": "en", "text": "Gold"}]
        won = {"currencyCode": "KRW", "minorUnits": 100}
        threshold = {"currencyCode": "KRW", "minorUnits": 100_000}
        tier = {"tierId": "gold", "displayNames": names, "threshold": threshold}
        await frontend.change(
            "setPointsProgram", "", requestId=_id(), points=1, perAmount=won, tiers=[tier]
        )


async def test_one_query_gives_a_page_all_that_it_needs(
    frontend: Any, mina: tuple[str, str, str]
) -> None:
    """With the customer's own token: greeting, tier, segments, coupons, savings, offers, gifts."""
    customer, coupon, gift = mina
    await _programme(frontend)
    paid = {"currencyCode": "KRW", "minorUnits": 200_000}
    earned = await frontend.change(
        "earnPoints",
        "... on EarnPointsSuccess { points available }",
        requestId=_id(),
        customerId=customer,
        orderId="order-1",
        netAmount=paid,
    )
    assert earned == {"__typename": "EarnPointsSuccess", "points": 2000, "available": 2000}
    token = frontend.token(Role.CUSTOMER, customer)
    me = (await frontend.ask(PAGE, token, cart=CART))["me"]
    assert me["greeting"] == {
        "text": "골드 회원 미나 님, 다시 뵈어 반가워요.",
        "language": "ko",
        "ruleId": "ready:tier",
    }
    assert me["tier"] == {"id": "gold", "displayName": "골드"}
    assert me["points"] == {"available": 2000, "missing": None, "nextTier": None}
    assert any(one["segmentId"].startswith("buyers-") for one in me["segments"])
    assert me["recentlyViewed"] == [{"productId": "hat", "viewCount": 1}]
    assert [coupon] == [node["id"] for node in me["coupons"]["nodes"]]
    assert me["savings"] == {
        "total": {"amount": "45000"},
        "best": [{"couponId": coupon, "discount": {"amount": "5000"}}],
        "coupons": [
            {"couponId": coupon, "verdict": "APPLIES", "discountAlone": {"amount": "5000"}}
        ],
    }
    shown = {node["id"] for node in me["offers"]["nodes"]}
    assert me["coupons"]["nodes"][0]["offer"]["id"] in shown
    assert not any(offer.startswith("old-") for offer in shown)
    assert [(gift, "OFFERED")] == [
        (one["gift"]["id"], one["gift"]["state"]) for one in me["giftsWaiting"]
    ]


async def test_a_guest_is_greeted_and_shown_offers(frontend: Any) -> None:
    """What is about a customer is null, and no error."""
    answer = await frontend.ask(PAGE, frontend.token(Role.VISITOR), cart=CART)
    me = answer["me"]
    assert me["greeting"]["ruleId"] in {"ready:guest", "regulars"}
    assert me["offers"]["nodes"] is not None
    own = ("tier", "points", "segments", "recentlyViewed", "coupons", "giftsWaiting")
    assert [None] * 6 == [me[name] for name in own]


@pytest.mark.parametrize(
    ("down", "lost"),
    [
        ("segmentation", {"segments"}),
        ("profile", {"recentlyViewed"}),
        ("offers", {"greeting", "tier", "points", "coupons", "savings", "offers", "giftsWaiting"}),
    ],
)
async def test_a_service_that_is_down_takes_only_its_own_away(
    frontend: Any, mina: tuple[str, str, str], down: str, lost: set[str]
) -> None:
    """The fields that need it are null, each with an error at its place; the others answer."""
    await _programme(frontend)
    token = frontend.token(Role.CUSTOMER, mina[0])
    async with gateway(frontend.stack, Calls(), **{down: NOBODY}) as ask:
        answer = await ask(token, PAGE, cart=CART)
    failed = {(error["path"][1], error["extensions"]["code"]) for error in answer["errors"]}
    assert failed == {(name, "UNAVAILABLE") for name in lost}
    me = answer["data"]["me"]
    assert {name for name in lost if me[name] is not None} == set()
    kept = {"segments", "coupons", "greeting", "offers", "points", "recentlyViewed"} - lost
    assert {name for name in kept if me[name] is None} == set()


async def test_a_shop_writes_its_own_greetings(frontend: Any, mina: tuple[str, str, str]) -> None:
    """By segment, in the customer's language; a text that cannot be read is refused."""
    customer = mina[0]
    segments = await frontend.ask(
        "query($id: ID!) { customer(id: $id) { segments { segmentId } } }", id=customer
    )
    ids = [one["segmentId"] for one in segments["customer"]["segments"]]
    rule = {
        "greetingId": "regulars",
        "texts": [{"language": "ko", "text": "{{ customer_name }} 님, 또 오셨네요!"}],
        "segmentIds": ids,
    }
    wrong = {**rule, "texts": [{"language": "ko", "text": "{{ age }} 님"}]}
    refused = await frontend.change("setGreetings", "", requestId=_id(), greetings=[wrong])
    assert (refused["code"], refused["field"]) == ("FIELD_INVALID", 'greetings[0].texts["ko"]')
    known = await frontend.ask("{ greetingRules { version } }")
    version = known["greetingRules"]["version"]
    selection = "... on SetGreetingsSuccess { greetings { version rules { id segmentIds } } }"
    written = await frontend.change(
        "setGreetings", selection, requestId=_id(), greetings=[rule], version=version
    )
    assert written["greetings"]["version"] == version + 1
    token = frontend.token(Role.CUSTOMER, customer)
    said = await frontend.ask("{ me { greeting { text ruleId } } }", token)
    assert said["me"]["greeting"] == {"text": "미나 님, 또 오셨네요!", "ruleId": "regulars"}
