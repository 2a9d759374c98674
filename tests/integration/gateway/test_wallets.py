"""What is told of coupons and campaigns while it happens."""

import asyncio
import uuid
from contextlib import aclosing
from typing import Any

from dangol_service_kit.auth import Role

from tests.integration.gateway.sse import Event, events_of

_MINE = """subscription($from: String) { myCoupons(resumeToken: $from) {
  kind couponId resumeToken coupon { state orderId code version } } }"""
_PROGRESS = """subscription($id: ID!) { campaignProgress(campaignId: $id) {
  campaign { id state displayName } report { couponsIssued } } }"""


def _told(event: Event) -> Any:
    assert "errors" not in event.answer, event.answer
    return event.answer["data"]["myCoupons"]


def _brief(event: Event) -> tuple[str, str | None]:
    told = _told(event)
    return told["kind"], told["coupon"] and told["coupon"]["state"]


async def _member(frontend: Any, name: str) -> str:
    await frontend.buy(name)
    found: str = await frontend.customer_id(name)
    return found


async def _issue(frontend: Any, customer_id: str) -> str:
    await frontend.change(
        "createOffer",
        "... on CreateOfferSuccess { offer { id } }",
        requestId=str(uuid.uuid4()),
        offerId="told-of",
        benefit={"percentBasisPoints": 1000},
        validForSeconds=864000,
        giftable=True,
    )
    issued = await frontend.change(
        "issueCoupon",
        "... on IssueCouponSuccess { coupon { id } }",
        requestId=str(uuid.uuid4()),
        offerId="told-of",
        customerId=customer_id,
    )
    coupon_id: str = issued["coupon"]["id"]
    return coupon_id


async def _begin(frontend: Any, events: Any, customer_id: str) -> tuple[Event, list[str]]:
    """The first event of a customer, for whom coupons are issued until one is told of; and all."""
    waiting = asyncio.ensure_future(anext(events))
    issued = []
    while not waiting.done():
        issued.append(await _issue(frontend, customer_id))
        await asyncio.wait({waiting}, timeout=0.5)
    return await waiting, issued


async def _until(events: Any, coupon_id: str, count: int) -> list[Event]:
    """The next so many events of one coupon."""
    found: list[Event] = []
    while len(found) < count:
        event = await anext(events)
        if _told(event)["couponId"] == coupon_id:
            found.append(event)
    return found


async def _hold(frontend: Any, coupon_id: str, customer_id: str, order_id: str) -> None:
    await frontend.change(
        "holdCoupon",
        "... on HoldCouponSuccess { coupon { state } }",
        requestId=str(uuid.uuid4()),
        couponId=coupon_id,
        customerId=customer_id,
        orderId=order_id,
        orderAmount={"currencyCode": "KRW", "minorUnits": 50000},
    )


async def test_her_coupons_are_told_to_their_owner_and_to_nobody_else(frontend: Any) -> None:
    """Each step once, in order, as the coupon was right after it; and again after a token."""
    wanda, walt = await _member(frontend, "wanda"), await _member(frontend, "walt")
    hers = events_of(frontend, _MINE, token=frontend.token(Role.CUSTOMER, wanda))
    his = events_of(frontend, _MINE, token=frontend.token(Role.CUSTOMER, walt))
    async with aclosing(hers), aclosing(his):
        first, issued = await _begin(frontend, hers, wanda)
        assert _brief(first) == ("CHANGED", "AVAILABLE")
        assert _told(first)["coupon"]["code"]
        coupon_id = issued[-1]
        _, his_issued = await _begin(frontend, his, walt)
        await _hold(frontend, coupon_id, wanda, "w-1")
        await frontend.change(
            "redeemCoupon",
            "... on RedeemCouponSuccess { coupon { state } }",
            requestId=str(uuid.uuid4()),
            couponId=coupon_id,
            orderId="w-1",
        )
        steps = 3 if _told(first)["couponId"] != coupon_id else 2
        told = ([first] if steps == 2 else []) + await _until(hers, coupon_id, steps)
        assert [_brief(event)[1] for event in told] == ["AVAILABLE", "HELD", "REDEEMED"]
        assert [_told(event)["coupon"]["version"] for event in told] == [1, 2, 3]
        last = await _issue(frontend, walt)
        found = {_told(await anext(his))["couponId"]}
        while last not in found:
            found.add(_told(await anext(his))["couponId"])
        assert found <= {*his_issued, last}
    again = events_of(
        frontend, _MINE, token=frontend.token(Role.CUSTOMER, wanda), after=told[0]["id"]
    )
    async with aclosing(again):
        repeated = await _until(again, coupon_id, 2)
    assert [event["data"] for event in repeated] == [event["data"] for event in told[1:]]


async def test_a_gift_leaves_one_wallet_for_another(frontend: Any) -> None:
    """The giver is told that it left and no more of it; whoever claimed it has it, code and all."""
    gina, hugo = await _member(frontend, "gina"), await _member(frontend, "hugo")
    hers = events_of(frontend, _MINE, token=frontend.token(Role.CUSTOMER, gina))
    his = events_of(frontend, _MINE, token=frontend.token(Role.CUSTOMER, hugo))
    async with aclosing(hers), aclosing(his):
        _, issued = await _begin(frontend, hers, gina)
        await _begin(frontend, his, hugo)
        coupon_id = await _issue(frontend, gina)
        offered = await frontend.change(
            "offerGift",
            "... on OfferGiftSuccess { token }",
            requestId=str(uuid.uuid4()),
            couponId=coupon_id,
            giverCustomerId=gina,
        )
        await frontend.change(
            "claimGift",
            "... on ClaimGiftSuccess { coupon { id } }",
            requestId=str(uuid.uuid4()),
            token=offered["token"],
            claimerCustomerId=hugo,
        )
        given = await _until(hers, coupon_id, 3)
        taken = await _until(his, coupon_id, 1)
    assert coupon_id not in issued
    assert [_brief(event) for event in given] == [
        ("CHANGED", "AVAILABLE"),
        ("CHANGED", "ESCROWED"),
        ("LEFT", None),
    ]
    assert _brief(taken[0]) == ("CHANGED", "AVAILABLE")
    assert _told(taken[0])["coupon"]["code"]


async def test_a_token_of_nothing_is_refused(frontend: Any) -> None:
    """As an event with a code: the wallet is to be read, and watched anew."""
    ines = await _member(frontend, "ines")
    token = frontend.token(Role.CUSTOMER, ines)
    for after in ("of-nothing", "1-99999999999", "1-1-p_1"):
        events = [event async for event in events_of(frontend, _MINE, token=token, after=after)]
        assert [event["event"] for event in events] == ["next", "complete"]
        [error] = events[0].answer["errors"]
        assert error["extensions"]["code"] == "RESUME_TOKEN_INVALID"


async def test_a_campaign_s_progress_is_told_at_once_and_when_it_changes(frontend: Any) -> None:
    """As a state: the present one first."""
    await _issue(frontend, await _member(frontend, "jan"))
    await frontend.create_segment("told-campaign", "count(purchase) >= 100")
    await frontend.change(
        "createCampaign",
        "... on CampaignSuccess { campaign { id } }",
        requestId=str(uuid.uuid4()),
        campaignId="told-campaign",
        segmentTrigger={"segmentId": "told-campaign", "kind": "ENTERED"},
        variants=[{"variantId": "a", "weight": 1, "offerId": "told-of"}],
        conversionWindowSeconds=86400,
    )
    async with aclosing(events_of(frontend, _PROGRESS, id="told-campaign")) as events:
        states = [(await anext(events)).answer["data"]["campaignProgress"]]
        await frontend.change(
            "launchCampaign",
            "... on CampaignSuccess { campaign { id } }",
            requestId=str(uuid.uuid4()),
            campaignId="told-campaign",
        )
        states.append((await anext(events)).answer["data"]["campaignProgress"])
    assert [one["campaign"]["state"] for one in states] == ["DRAFT", "RUNNING"]
    assert [one["report"]["couponsIssued"] for one in states] == [0, 0]
