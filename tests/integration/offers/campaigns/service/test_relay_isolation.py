"""What cannot be passed on waits by itself: the other accounts, followers and tenants go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dangol.events.v1 import event_pb2
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import offer_service_pb2 as offer_pb
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol_service_kit.errors import RpcFailure

from tests.integration.offers.campaigns.service.test_relay import hold, issue, request_id

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
WALL = "corner"


def _won(minor_units: int) -> event_pb2.Money:
    return event_pb2.Money(currency_code="KRW", minor_units=minor_units)


async def _points_offer(world: World) -> None:
    """5 points for each 100 won, when a coupon is used."""
    reward = offer_pb.PointsReward(points=5, per_amount=_won(100))
    offer = offer_pb.Offer(offer_id="points", points=reward)
    request = offer_pb.CreateOfferRequest(request_id=request_id(), offer=offer)
    await world.ask(OfferServiceStub, "CreateOffer", request)


async def _use(world: World, customer_id: str, order_id: str) -> str:
    """Issues a coupon of points, holds and redeems it; answers its id."""
    issued = await world.coupons(
        "IssueCoupon",
        pb.IssueCouponRequest(request_id=request_id(), offer_id="points", customer_id=customer_id),
    )
    coupon_id: str = issued.coupon.coupon_id
    request = pb.HoldCouponRequest(
        request_id=request_id(),
        coupon_id=coupon_id,
        order_id=order_id,
        customer_id=customer_id,
        order_amount=_won(20_000),
    )
    await world.coupons("HoldCoupon", request)
    redeem = pb.RedeemCouponRequest(request_id=request_id(), coupon_id=coupon_id, order_id=order_id)
    # The points' part of the answer fails where their account is damaged.
    try:
        await world.coupons("RedeemCoupon", redeem)
    except RpcFailure:
        assert "p_c-1" == f"p_{customer_id}"
    return coupon_id


async def _grants(world: World, customer_id: str) -> int:
    found = await world.database.accounts.find_one({"_id.a": f"p_{customer_id}"})
    return len(found["entries"]) if found else 0


async def _parked(world: World) -> list[dict[str, Any]]:
    return [one async for one in world.database.relay_parked.find({})]


async def _position(world: World) -> Any:
    state = await world.database.relay_state.find_one({"_id": "accounts"})
    return state["token"] if state else None


async def test_a_damaged_account_backs_off_alone_and_is_made_good(world: World) -> None:
    """The points of one customer cannot be read. Other customers are paid, all events are told,
    the position moves on over a restart; once mended the customer is paid, once."""
    await world.advance(START_MS)
    await _points_offer(world)
    sound_coupon = await _use(world, "c-1", "o-1")
    key = {"_id.a": "p_c-1"}
    sound = await world.database.accounts.find_one(key)
    damage = {"lots": "damaged", "state": 17, "hash": b""}
    await world.database.accounts.update_one(key, {"$set": damage})
    damaged = await _use(world, "c-1", "o-2")

    async def waits() -> bool:
        return bool(await _parked(world))

    await world.eventually(waits)
    before = await _position(world)
    await _use(world, "c-2", "o-3")
    await world.stop()
    await world.start()
    await _use(world, "c-3", "o-4")

    async def told() -> bool:
        return 4 == world.profile.types()["coupon_redeemed"]

    await world.eventually(told)
    assert (1, 1) == (await _grants(world, "c-2"), await _grants(world, "c-3"))
    # The position that was saved may lie before the coupon whose points were paid already.
    parked = {(one["_id"]["l"], one["_id"]["a"]) for one in await _parked(world)}
    assert ("points_of_coupons", damaged) in parked
    assert parked <= {("points_of_coupons", one) for one in (sound_coupon, damaged)}

    async def moved() -> bool:
        return bool(before != await _position(world))

    await world.eventually(moved)
    await world.database.accounts.replace_one(key, sound)

    async def mended() -> bool:
        return not await _parked(world)

    await world.eventually(mended)
    assert 2 == await _grants(world, "c-1")


async def test_a_tenant_that_profile_refuses_holds_up_no_other(world: World) -> None:
    """Its events arrive later, those of an account in their order; the other tenant's at once."""
    await world.advance(START_MS)
    await world.offer("five-off")
    await world.offer("five-off", tenant_id=WALL)
    world.profile.refused = {"shop"}
    coupon_id = await issue(world)
    await world.coupons(
        "IssueCoupon",
        pb.IssueCouponRequest(request_id=request_id(), offer_id="five-off", customer_id="w-1"),
        tenant_id=WALL,
    )

    async def other_told() -> bool:
        return world.profile.types() == {"coupon_issued": 1}

    await world.eventually(other_told)

    async def waits() -> bool:
        return len(await _parked(world)) == 1

    await world.eventually(waits)
    await hold(world, coupon_id)
    world.profile.refused = set()
    redeem = pb.RedeemCouponRequest(request_id=request_id(), coupon_id=coupon_id, order_id="o-1")
    await world.coupons("RedeemCoupon", redeem)
    # The clock moves on only when everything of its tenant has got through.
    await world.advance(START_MS + 1000)
    theirs = [
        event.type
        for event in world.profile.events.values()
        if event.properties["coupon_id"].text == coupon_id
    ]
    assert ["coupon_issued", "coupon_held", "coupon_redeemed"] == theirs
    assert [] == await _parked(world)
