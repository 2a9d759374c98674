"""What a checkout does: carts, holds, points, codes, and orders that come back."""

from typing import Any

import pytest
from dangol_service_kit.auth import Role

from tests.integration.gateway.areas import coupon, done, member, new_id, offer, refused, won

CART = {
    "currencyCode": "KRW",
    "lines": [
        {"lineId": "1", "productId": "shoes", "category": "shoes", "unitPriceMinorUnits": 40000},
        {"lineId": "2", "productId": "socks", "quantity": 2, "unitPriceMinorUnits": 5000},
    ],
    "shippingMinorUnits": 3000,
}


async def test_every_kind_of_offer_is_created_and_read(frontend: Any) -> None:
    """Benefits, scope, stacking and what becomes of it when an order comes back."""
    benefits = [
        {"percentBasisPoints": 1250},
        {"fixedAmount": won(3000)},
        {"freeShipping": True},
        {"giftItem": {"productId": "mug", "quantity": 2}},
        {"points": {"points": 5, "perAmount": won(1000)}},
    ]
    query = """query($id: ID!) { offer(id: $id) {
      minimumBasis stackingGroup stackableWith restorePolicy perCustomerLimit giftTimesMax
      scope { categories excludedProductIds } validForDays
      benefit {
        ... on PercentOff { percent }
        ... on AmountOff { amount { amount } }
        ... on FreeShipping { maximum { amount } }
        ... on GiftItem { productId quantity }
        ... on PointsReward { points perAmount { amount } }
      } } }"""
    expected = [
        {"percent": "12.50"},
        {"amount": {"amount": "3000"}},
        {"maximum": None},
        {"productId": "mug", "quantity": 2},
        {"points": 5, "perAmount": {"amount": "1000"}},
    ]
    terms = {
        "minimumBasis": "CART",
        "stackingGroup": "spring",
        "stackableWith": ["*"],
        "restorePolicy": "KEEP_REDEEMED",
        "perCustomerLimit": 2,
        "giftTimesMax": 1,
    }
    scope = {"categories": ["shoes"], "excludedProductIds": ["laces"]}
    for benefit, shown in zip(benefits, expected, strict=True):
        offer_id = await offer(frontend, benefit=benefit, scope=scope, giftable=True, **terms)
        found = (await frontend.ask(query, id=offer_id))["offer"]
        assert found == {**terms, "scope": scope, "validForDays": 30, "benefit": shown}


async def test_a_cart_is_evaluated_held_redeemed_and_comes_back(frontend: Any) -> None:
    """By the customer until payment, then by the shop; half of it comes back, then the rest."""
    customer = await member(frontend)
    goods = {"stackableWith": ["*"]}
    ten = await coupon(frontend, await offer(frontend, **goods), customer)
    free = await offer(frontend, benefit={"freeShipping": True}, **goods)
    shipping = await coupon(frontend, free, customer)
    own = frontend.token(Role.CUSTOMER, customer)
    query = """query($cart: CartInput!, $id: ID!) { evaluateCart(cart: $cart, customerId: $id) {
      goods { amount } shipping { amount } discount { amount } total { amount } exact
      best { couponId discount { amount } lineDiscounts { lineId discount { amount } } }
      coupons { verdict missing { amount } } } }"""
    judged = (await frontend.ask(query, own, cart=CART, id=customer))["evaluateCart"]
    assert judged["discount"] == {"amount": "8000"}
    assert judged["total"] == {"amount": "45000"}
    assert {ten, shipping} == {one["couponId"] for one in judged["best"]}
    lines = {one["couponId"]: one["lineDiscounts"] for one in judged["best"]}
    assert lines[ten] == [
        {"lineId": "1", "discount": {"amount": "4000"}},
        {"lineId": "2", "discount": {"amount": "1000"}},
    ]
    hold = """mutation($input: HoldCouponInput!) { holdCoupon(input: $input) {
      __typename ... on HoldCouponSuccess { discount { amount } } } }"""
    order = [one["couponId"] for one in judged["best"]]
    for number, coupon_id in enumerate(order):
        given = {
            "requestId": new_id(),
            "couponId": coupon_id,
            "customerId": customer,
            "orderId": "order-1",
            "cart": CART,
            "combinedCouponIds": order[number + 1 :],
        }
        held = await frontend.ask(hold, own, input=given)
        assert held["holdCoupon"]["__typename"] == "HoldCouponSuccess"
    for coupon_id in order:
        others = [one for one in order if one != coupon_id]
        step = {"couponId": coupon_id, "orderId": "order-1", "cart": CART}
        await done(frontend, "redeemCoupon", combinedCouponIds=others, **step)
    selection = """... on ReverseCouponSuccess {
      discountReversed { amount } discountKept { amount } refund { amount } coupon { state } }"""
    back = {"couponId": ten, "orderId": "order-1"}
    part = await done(
        frontend,
        "reverseCoupon",
        selection,
        returnedLines=[{"lineId": "2", "quantity": 1}],
        **back,
    )
    assert part["discountReversed"] == {"amount": "500"}
    assert part["refund"] == {"amount": "4500"}
    whole = await done(frontend, "reverseCoupon", selection, **back)
    assert whole["coupon"] == {"state": "AVAILABLE"}
    assert await refused(frontend, "reverseCoupon", **back) == "NOT_REDEEMED"


async def test_a_coupon_is_revoked(frontend: Any) -> None:
    """Once it is, nobody can hold it."""
    customer = await member(frontend)
    ten = await coupon(frontend, await offer(frontend), customer)
    selection = "... on RevokeCouponSuccess { coupon { state } }"
    ended = await done(frontend, "revokeCoupon", selection, couponId=ten)
    assert ended["coupon"] == {"state": "REVOKED"}
    hold = {"couponId": ten, "customerId": customer, "orderId": "o", "orderAmount": won(1000)}
    assert await refused(frontend, "holdCoupon", **hold) == "REVOKED"


async def test_codes_are_made_with_progress_downloaded_and_claimed_once(frontend: Any) -> None:
    """The same request tells how far the batch is; its file comes once; each code works once."""
    customer = await member(frontend)
    offer_id = await offer(frontend)
    request = new_id()
    selection = "... on IssueCodesSuccess { batchId madeCount count done }"
    made: dict[str, Any] = {"done": False}
    while not made["done"]:
        made = await frontend.change(
            "issueCodes", selection, requestId=request, offerId=offer_id, count=300
        )
    assert (made["madeCount"], made["count"]) == (300, 300)
    path = f"/code-batches/{made['batchId']}/export"
    headers = {"authorization": f"Bearer {frontend.token(Role.MARKETER)}"}
    first = {"requestId": new_id()}
    answer = await frontend.http.post(path, json=first, headers=headers)
    again = await frontend.http.post(path, json=first, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.content == again.content
    other = await frontend.http.post(path, json={"requestId": new_id()}, headers=headers)
    assert other.status_code == 409
    assert other.json()["errors"][0]["extensions"]["code"] == "CODES_NOT_EXPORTABLE"
    header, *lines = answer.text.splitlines()
    codes = [line.split(",")[header.split(",").index("code")] for line in lines]
    assert len(set(codes)) == 300
    selection = "... on ClaimCodeSuccess { coupon { offerId state } }"
    claimed = await done(frontend, "claimCode", selection, code=codes[0], customerId=customer)
    assert claimed["coupon"] == {"offerId": offer_id, "state": "AVAILABLE"}
    assert await refused(frontend, "claimCode", code=codes[0], customerId=customer) == (
        "ALREADY_CLAIMED"
    )


@pytest.fixture
async def program(frontend: Any) -> None:
    """One point for each 100 won, a gold tier, and gifts of up to 10,000 points a day."""
    known = await frontend.ask("{ pointsProgram { version } }")
    version = (known["pointsProgram"] or {"version": 0})["version"]
    names = [{"language": "ko", "text": "골드"}, {"language": "en", "text": "Gold"}]
    tier = {"tierId": "gold", "displayNames": names, "threshold": won(100_000)}
    bonus = {"bonusId": "double", "basisPoints": 10000, "minimumOrder": won(500_000)}
    await done(
        frontend,
        "setPointsProgram",
        points=1,
        perAmount=won(100),
        version=version,
        giftDailyPoints=10_000,
        tiers=[tier],
        bonuses=[bonus],
    )


async def test_points_are_earned_held_spent_and_come_back(frontend: Any, program: None) -> None:  # noqa: ARG001
    """An order earns, another one pays with them, and both come back."""
    customer = await member(frontend)
    own = frontend.token(Role.CUSTOMER, customer)
    earn = {"customerId": customer, "orderId": "o1", "netAmount": won(500_000)}
    selection = "... on EarnPointsSuccess { points earned { ruleId points } }"
    earned = await done(frontend, "earnPoints", selection, **earn)
    assert earned["points"] == 10_000
    assert {"ruleId": "double", "points": 5000} in earned["earned"]
    assert await refused(frontend, "earnPoints", **earn) == "ALREADY_EARNED"
    hold = """mutation($input: HoldPointsInput!) { holdPoints(input: $input) {
      ... on HoldPointsSuccess { worth { amount } available } ... on Refused { code } } }"""
    wanted = {"requestId": new_id(), "customerId": customer, "orderId": "o2", "points": 4000}
    held = await frontend.ask(hold, own, input=wanted)
    assert held["holdPoints"] == {"worth": {"amount": "4000"}, "available": 6000}
    too_many = {**wanted, "requestId": new_id(), "orderId": "o3", "points": 99999}
    answer = await frontend.ask(hold, own, input=too_many)
    assert answer["holdPoints"] == {"code": "NOT_ENOUGH_POINTS"}
    step = {"customerId": customer, "orderId": "o2"}
    spent = await done(frontend, "spendPoints", "... on SpendPointsSuccess { points }", **step)
    assert spent["points"] == 4000
    assert await refused(frontend, "releasePoints", **step) == "ALREADY_SPENT"
    back = await done(frontend, "refundPoints", "... on RefundPointsSuccess { points }", **step)
    assert back["points"] == 4000
    taken = await done(
        frontend,
        "takeBackPoints",
        "... on TakeBackPointsSuccess { points owed available }",
        customerId=customer,
        orderId="o1",
    )
    assert (taken["points"], taken["available"]) == (10_000, 0)
    query = "query($id: ID!) { customer(id: $id) { points { available owed accountId } } }"
    left = (await frontend.ask(query, own, id=customer))["customer"]["points"]
    assert (left["available"], left["owed"]) == (0, 0)
    journal = await frontend.ask(
        """query($filter: LedgerFilterInput!) { ledger { journal(filter: $filter, first: 2) {
          nodes { accountId kind points } pageInfo { hasNextPage } } } }""",
        filter={"accountId": left["accountId"]},
    )
    assert journal["ledger"]["journal"]["pageInfo"] == {"hasNextPage": True}
    assert {left["accountId"]} == {
        entry["accountId"] for entry in journal["ledger"]["journal"]["nodes"]
    }


async def test_points_are_given(frontend: Any, program: None) -> None:  # noqa: ARG001
    """Offered, looked at by anybody with the link, claimed once; another one is taken back."""
    giver, claimer = await member(frontend), await member(frontend)
    earn: dict[str, Any] = {"customerId": giver, "orderId": "o1", "netAmount": won(100_000)}
    await done(frontend, "earnPoints", **earn)
    selection = "... on OfferPointsGiftSuccess { token gift { id state points } }"
    first, second = [
        await done(frontend, "offerPointsGift", selection, giverCustomerId=giver, points=points)
        for points in (300, 200)
    ]
    look = "query($link: String!) { pointsGift(token: $link) { state points } }"
    seen = await frontend.ask(look, frontend.token(Role.VISITOR), link=first["token"])
    assert seen["pointsGift"] == {"state": "OFFERED", "points": 300}
    claim = {"token": first["token"], "claimerCustomerId": claimer}
    selection = "... on PointsGiftSuccess { gift { state } }"
    claimed = await done(frontend, "claimPointsGift", selection, **claim)
    assert claimed["gift"] == {"state": "CLAIMED"}
    assert await refused(frontend, "claimPointsGift", **claim) == "ALREADY_CLAIMED"
    cancel = {"giftId": second["gift"]["id"], "giverCustomerId": giver}
    cancelled = await done(frontend, "cancelPointsGift", selection, **cancel)
    assert cancelled["gift"] == {"state": "CANCELLED"}
    query = """query($id: ID!) { customer(id: $id) {
      points { available } pointsGifts { nodes { points state } } } }"""
    hers = (await frontend.ask(query, id=giver))["customer"]
    assert hers["points"] == {"available": 700}
    gifts = [(one["points"], one["state"]) for one in hers["pointsGifts"]["nodes"]]
    assert sorted(gifts) == [(200, "CANCELLED"), (300, "CLAIMED")]
