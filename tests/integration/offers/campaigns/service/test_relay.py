"""What happens to coupons reaches profile as events: each entry once in effect."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import gift_service_pb2 as gift_pb
from dangol.offers.v1.gift_service_pb2_grpc import GiftServiceStub

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000


@pytest.fixture
def database_name(new_database_name: str) -> str:
    """One without a past: a relay that lost its position reads the stream from long ago."""
    return new_database_name


def request_id() -> str:
    """A new one."""
    return str(uuid.uuid4())


async def issue(world: World, customer_id: str = "c-1") -> str:
    """A coupon of the offer five-off; answers its id."""
    response = await world.coupons(
        "IssueCoupon",
        pb.IssueCouponRequest(
            request_id=request_id(),
            offer_id="five-off",
            customer_id=customer_id,
            campaign_id="thanks",
        ),
    )
    coupon_id: str = response.coupon.coupon_id
    return coupon_id


async def hold(world: World, coupon_id: str, order_id: str = "o-1") -> None:
    """Sets the coupon aside for an order of 20,000 won."""
    request = pb.HoldCouponRequest(
        request_id=request_id(), coupon_id=coupon_id, customer_id="c-1", order_id=order_id
    )
    request.order_amount.currency_code, request.order_amount.minor_units = "KRW", 20_000
    await world.coupons("HoldCoupon", request)


async def redeem(world: World, coupon_id: str) -> None:
    """Uses it up for the order that holds it."""
    request = pb.RedeemCouponRequest(request_id=request_id(), coupon_id=coupon_id, order_id="o-1")
    await world.coupons("RedeemCoupon", request)


async def token_now(world: World) -> dict[str, Any]:
    """The relay's stored position."""
    state: dict[str, Any] = await world.database.relay_state.find_one({"_id": "accounts"})
    return state


async def test_every_entry_is_an_event_of_its_owner(world: World) -> None:
    """Issue, hold and redemption, with order, coupon, offer and campaign, at their own times."""
    await world.advance(START_MS)
    await world.offer("five-off")
    coupon_id = await issue(world)
    await hold(world, coupon_id)
    await redeem(world, coupon_id)
    answer = await world.advance(START_MS + 1000)
    assert {"coupon_issued": 1, "coupon_held": 1, "coupon_redeemed": 1} == world.profile.types()
    assert {1} == set(world.profile.received.values())
    redeemed = next(e for e in world.profile.events.values() if e.type == "coupon_redeemed")
    assert ("customer", "c-1") == (redeemed.customer.namespace, redeemed.customer.value)
    assert ("o-1", START_MS) == (redeemed.order_id, redeemed.occurred_at.ToMilliseconds())
    assert ("KRW", True) == (redeemed.amount.currency_code, redeemed.amount.minor_units > 0)
    facts = {name: value.text for name, value in redeemed.properties.items()}
    assert {"coupon_id": coupon_id, "offer_id": "five-off", "campaign_id": "thanks"} == facts
    assert answer.relayed_events <= 3


async def test_issues_to_lists_are_no_events_but_what_follows_is(world: World) -> None:
    """Of 200 listed coupons one is used: only that is told."""
    await world.advance(START_MS)
    await world.offer("five-off")
    request = pb.BatchIssueCouponsRequest(
        request_id=request_id(),
        campaign_id="mailing",
        offer_ids=["five-off"],
        customer_ids=[f"c-{number}" for number in range(200)],
    )
    await world.coupons("BatchIssueCoupons", request)
    wallet = await world.coupons("ListWallet", pb.ListWalletRequest(customer_id="c-1"))
    coupon_id = wallet.coupons[0].coupon_id
    await hold(world, coupon_id)
    await redeem(world, coupon_id)
    await world.advance(START_MS + 1000)
    assert {"coupon_held": 1, "coupon_redeemed": 1} == world.profile.types()


async def test_a_gift_is_told_to_its_giver_once(world: World) -> None:
    """Offered and cancelled; the gift's own account tells nothing a second time."""
    await world.advance(START_MS)
    await world.offer("five-off")
    coupon_id = await issue(world)
    offer = gift_pb.OfferGiftRequest(
        request_id=request_id(), coupon_id=coupon_id, giver_customer_id="c-1"
    )
    gift = (await world.ask(GiftServiceStub, "OfferGift", offer)).gift
    cancel = gift_pb.CancelGiftRequest(
        request_id=request_id(), gift_id=gift.gift_id, giver_customer_id="c-1"
    )
    await world.ask(GiftServiceStub, "CancelGift", cancel)
    await world.advance(START_MS + 1000)
    assert {"coupon_issued": 1, "gift_sent": 1, "gift_returned": 1} == world.profile.types()
    assert {"c-1"} == {event.customer.value for event in world.profile.events.values()}


async def test_a_profile_that_is_away_gets_the_events_later(world: World) -> None:
    """Nothing is dropped while it cannot be reached."""
    await world.advance(START_MS)
    await world.offer("five-off")
    world.profile.failing = True
    for number in range(5):
        await issue(world, f"c-{number}")
    assert {} == world.profile.types()
    world.profile.failing = False

    async def arrived() -> bool:
        return world.profile.types() == {"coupon_issued": 5}

    await world.eventually(arrived)


async def test_a_restart_goes_on_where_it_was(world: World) -> None:
    """Entries made before and after are events once, whatever was sent again."""
    await world.advance(START_MS)
    await world.offer("five-off")
    coupon_id = await issue(world)
    await world.advance(START_MS + 1000)
    await world.stop()
    await world.start()
    await hold(world, coupon_id)
    await world.advance(START_MS + 2000)
    assert {"coupon_issued": 1, "coupon_held": 1} == world.profile.types()


def _ancient(token: dict[str, Any]) -> dict[str, Any]:
    """A well-formed token from long before the oplog begins."""
    data = token["_data"]
    return {"_data": data[:2] + "3B9ACA00" + data[10:]}


@pytest.mark.parametrize("loss", ["ancient", "broken", "gone"])
async def test_a_lost_position_is_made_good_by_a_rescan(world: World, loss: str) -> None:
    """What happened meanwhile is sent; what was sent before is taken for a repetition."""
    await world.advance(START_MS)
    await world.offer("five-off")
    coupon_id = await issue(world)
    await world.advance(START_MS + 1000)
    await world.stop()
    state = await token_now(world)
    # What the service would have written while nobody relayed.
    world.profile.events.clear()
    if loss == "gone":
        await world.database.relay_state.delete_many({})
    else:
        lost = _ancient(state["token"]) if loss == "ancient" else {"_data": "8200"}
        await world.database.relay_state.update_one({}, {"$set": {"token": lost}})
    await world.start()

    async def rescanned() -> bool:
        return world.profile.types() == {"coupon_issued": 1}

    await world.eventually(rescanned)
    await hold(world, coupon_id)
    await world.advance(START_MS + 2000)
    assert {"coupon_issued": 1, "coupon_held": 1} == world.profile.types()


async def test_a_rescan_leaves_list_issues_out(world: World) -> None:
    """Also then only what was done with a listed coupon is told."""
    await world.advance(START_MS)
    await world.offer("five-off")
    request = pb.BatchIssueCouponsRequest(
        request_id=request_id(),
        campaign_id="mailing",
        offer_ids=["five-off"],
        customer_ids=["c-1", "c-2"],
    )
    await world.coupons("BatchIssueCoupons", request)
    wallet = await world.coupons("ListWallet", pb.ListWalletRequest(customer_id="c-1"))
    await hold(world, wallet.coupons[0].coupon_id)
    await world.advance(START_MS + 1000)
    await world.stop()
    world.profile.events.clear()
    await world.database.relay_state.delete_many({})
    await world.start()
    await world.advance(START_MS + 2000)
    assert {"coupon_held": 1} == world.profile.types()
