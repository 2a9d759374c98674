"""A shop in which every list has something: at least three of most things."""

import asyncio
from typing import Any

from dangol_service_kit.auth import Role

from tests.integration.gateway.areas import coupon, done, korean, member, new_id, offer, won

THREE = ("a", "b", "c")


async def fill(shop: Any) -> dict[str, Any]:
    """What arguments of the schema's lists stand for, by "field.argument" or the argument alone."""
    segment = f"buyers-{new_id()[:8]}"
    await shop.create_segment(segment, "count(purchase) >= 1")
    for name in THREE:
        await shop.create_segment(f"none-{name}", "count(purchase) >= 100")
    await shop.settle()
    name = new_id()
    await shop.buy(name)
    customer = await shop.customer_id(name)
    others = [await member(shop) for _ in THREE]
    await _catalogue(shop, name)
    campaign = await _campaigns(shop, [customer, *others])
    await _gifts(shop, customer, others)
    await _growth(shop, customer)
    for channel in ("email", "sms", "push"):
        entry = {"channel": channel, "granted": True, "source": "sign-up form"}
        await done(shop, "setConsent", customerId=customer, entries=[entry])
    return {
        **{"customerId": customer, "customer.id": customer, "campaign.id": campaign},
        **{"segment.id": segment, "productId": "product-a", "staffId": "jun"},
        "messages.customerId": customer,
    }


async def _catalogue(shop: Any, reviewer: str) -> None:
    """Products with feedback, stores, surveys."""
    products = [{"id": f"product-{name}", "category": "shoes"} for name in THREE]
    await done(shop, "upsertProducts", products=products)
    await done(shop, "upsertStores", stores=[{"storeId": f"store-{name}"} for name in THREE])
    for name in THREE:
        question = {"questionId": "stars", "kind": "RATING", "texts": korean("별점은?")}
        await done(
            shop,
            "defineSurvey",
            surveyId=f"survey-{name}",
            titles=korean("설문"),
            questions=[question],
        )
    for _ in THREE:
        items = [{"productId": "product-a", "category": "shoes"}]
        review: dict[str, Any] = {"type": "review", "items": items, "rating": 2, "amount": None}
        text = [{"name": "text", "text": "It leaks."}]
        await shop.buy(reviewer, **review, properties=text)


async def _campaigns(shop: Any, customers: list[str]) -> str:
    """Three, each with a coupon, a task and a message for each customer; the last one's id."""
    texts = [{"channel": "push", "language": "ko", "text": "안녕하세요"}]
    for name in THREE:
        template: dict[str, Any] = {
            "templateId": f"template-{name}",
            "displayName": name,
            "texts": texts,
        }
        await done(shop, "createMessageTemplate", **template)
    offer_id = await offer(shop)
    message = {"channel": "push", "templateId": "template-a", "transactional": True}
    task = {"titles": korean("전화하기"), "dueSeconds": 3600, "storeId": "store-a"}
    variant = {"variantId": "all", "offerId": offer_id, "task": task, "message": message}
    for name in THREE:
        given: dict[str, Any] = {"campaignId": f"campaign-{name}", "conversionWindowSeconds": 86400}
        await done(shop, "createCampaign", **given, variants=[variant])
        await done(shop, "launchCampaign", campaignId=f"campaign-{name}")
        enrol: dict[str, Any] = {"campaignId": f"campaign-{name}", "customerIds": customers}
        await done(shop, "enrolCustomers", **enrol)
    query = """{ campaigns { nodes { id enrolments { nodes { outcome } } } } }"""
    outcomes: list[str] = []
    async with asyncio.timeout(60):
        while outcomes != ["ISSUED"] * len(THREE) * len(customers):
            await asyncio.sleep(0.05)
            found = (await shop.ask(query))["campaigns"]["nodes"]
            outcomes = [one["outcome"] for of in found for one in of["enrolments"]["nodes"]]
    return "campaign-c"


async def _gifts(shop: Any, customer: str, others: list[str]) -> None:
    """Three that the customer gave, with which newcomers came, and three that wait for them."""
    giftable = await offer(shop, giftable=True)
    selection = "... on OfferGiftSuccess { token }"
    for other in others:
        mine = await coupon(shop, giftable, customer)
        theirs = await coupon(shop, giftable, other)
        given = await done(shop, "offerGift", selection, couponId=mine, giverCustomerId=customer)
        newcomer = [{"namespace": "member", "value": f"new-{new_id()}"}]
        await done(shop, "claimGift", token=given["token"], signUp=newcomer)
        meant: dict[str, Any] = {
            "couponId": theirs,
            "giverCustomerId": other,
            "recipientCustomerId": customer,
        }
        await done(shop, "offerGift", selection, **meant)


async def _growth(shop: Any, customer: str) -> None:
    """Points given away, invitations that were accepted, discounts of staff."""
    program: dict[str, Any] = {
        "points": 1,
        "perAmount": won(100),
        "giftDailyPoints": 1000,
        "giftDailyCount": 10,
    }
    await done(shop, "setPointsProgram", **program)
    order: dict[str, Any] = {"orderId": "o1", "netAmount": won(100_000)}
    await done(shop, "earnPoints", customerId=customer, **order)
    fixed = await offer(shop, benefit={"fixedAmount": won(1000)})
    limits: dict[str, Any] = {"onceMax": won(5000), "dayMax": won(9000), "monthMax": won(50_000)}
    reward: dict[str, Any] = {
        "inviterReward": {"offerId": fixed},
        "newcomerReward": {"offerId": fixed},
    }
    await done(shop, "setInvitationProgram", **reward, minimumOrder=won(10_000))
    await done(shop, "setStaffAllowance", offerId=fixed, **limits)
    own = shop.token(Role.CUSTOMER, customer)
    query = "query($id: ID!) { customer(id: $id) { invitationCode } }"
    code = (await shop.ask(query, own, id=customer))["customer"]["invitationCode"]
    give = """mutation($input: GiveStaffDiscountInput!) { giveStaffDiscount(input: $input) {
      __typename } }"""
    for _ in THREE:
        await done(shop, "offerPointsGift", giverCustomerId=customer, points=10)
        newcomer = [{"namespace": "member", "value": f"new-{new_id()}"}]
        await done(shop, "acceptInvitation", code=code, identifiers=newcomer)
        wanted = {"requestId": new_id(), "amount": won(1000)}
        answer = await shop.ask(give, shop.token(Role.STAFF, "jun"), input=wanted)
        assert answer["giveStaffDiscount"]["__typename"] == "GiveStaffDiscountSuccess"
