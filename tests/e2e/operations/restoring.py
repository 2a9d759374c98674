"""MongoDB is set back to a backup: what is rebuilt, what clients repeat, and what stays once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.profile.v1.customer_service_pb2 import GetCustomerRequest
from dangol.profile.v1.event_service_pb2 import RECORD_OUTCOME_RECORDED, RecordEventsRequest
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_cli.__main__ import main
from dangol_cli.epochs import begin_epoch
from dangol_dev.client import request_id
from dangol_dev.stack import AUDIENCE, ISSUER, Stack
from dangol_service_kit.errors import Code, RpcFailure

from tests.e2e.rolling.judging import books
from tests.e2e.rolling.shop import BUYERS, ORDER_WON, Shop, event

BEFORE = [f"before-{number}" for number in range(4)]
AFTER = [f"after-{number}" for number in range(2)]
APPLIED = coupons.COUPON_OUTCOME_APPLIED


async def _buy(shop: Shop, member: str) -> Any:
    """A purchase, the same whenever it is sent."""
    request = RecordEventsRequest(events=[event(member, "purchase", 0)])
    answer = await shop.call(shop.events.RecordEvents, request)
    return answer.results[0].outcome


async def _customer(shop: Shop, member: str) -> str:
    request = GetCustomerRequest(identifier=event(member, "purchase", 0).customer)
    return str((await shop.call(shop.customers.GetCustomer, request)).customer.customer_id)


async def _wallet(shop: Shop, customer_id: str) -> list[Any]:
    request = coupons.ListWalletRequest(customer_id=customer_id)
    return list((await shop.call(shop.coupons.ListWallet, request)).coupons)


async def _coupon(shop: Shop, member: str) -> Any:
    """The one coupon of a buyer, once it is there."""
    customer_id = await _customer(shop, member)
    async with asyncio.timeout(60):
        while not (found := await _wallet(shop, customer_id)):
            await asyncio.sleep(0.1)
    assert 1 == len(found)
    return found[0]


async def _redeem(shop: Shop, coupon: Any, order_id: str) -> tuple[int, int]:
    """Holds and redeems for an order, as a till that repeats its requests does."""
    hold = coupons.HoldCouponRequest(
        request_id=request_id(order_id, "hold"),
        coupon_id=coupon.coupon_id,
        customer_id=coupon.customer_id,
        order_id=order_id,
    )
    hold.order_amount.currency_code, hold.order_amount.minor_units = "KRW", ORDER_WON
    held = await shop.call(shop.coupons.HoldCoupon, hold)
    redeem = coupons.RedeemCouponRequest(
        request_id=request_id(order_id, "redeem"), coupon_id=coupon.coupon_id, order_id=order_id
    )
    redeemed = await shop.call(shop.coupons.RedeemCoupon, redeem)
    return held.outcome, redeemed.outcome


async def _buyers(shop: Shop) -> set[str]:
    request = segments.ListMembersRequest(segment_id=BUYERS, page_size=100)
    answer = await shop.call(shop.segments.ListMembers, request)
    return {member.customer_id for member in answer.members}


async def _begin_epoch(stack: Stack, capsys: pytest.CaptureFixture[str]) -> int:
    """`dangol epoch begin`; answers the epoch once every partition is whole under it."""
    command = ["epoch", "begin", "--segmentation-target", stack.targets["segmentation"]]
    command += ["--platform-key-file", str(stack.keys / "platform.pem")]
    command += ["--auth-issuer", ISSUER, "--auth-audience", AUDIENCE]
    await asyncio.to_thread(main, command)
    sentence = capsys.readouterr().out
    assert sentence.endswith("begins: Redis is being rebuilt from history\n")
    epoch = int(sentence.split()[1])
    async with redis.asyncio.Redis.from_url(stack.redis_url) as client, asyncio.timeout(90):
        while not all([await _is_whole(client, partition, epoch) for partition in range(64)]):
            await asyncio.sleep(0.1)
    return epoch


async def _is_whole(client: Any, partition: int, epoch_min: int) -> bool:
    found = await client.hmget(f"dangol:{{{partition:02d}}}:meta", "epoch", "ready")
    return int(found[0] or 0) >= epoch_min and found[1] == b"1"


async def go_back_and_on(
    stack: Stack, shop: Shop, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Buys, takes a backup, buys on, restores it, and sends all of it again; judges what is there
    after each. Nobody needs the gateway, which stays down afterwards."""
    for member in BEFORE:
        await _buy(shop, member)
    kept = {member: await _coupon(shop, member) for member in BEFORE}
    assert (APPLIED, APPLIED) == await _redeem(shop, kept[BEFORE[0]], "order-0")
    await stack.back_up(folder / "backup")

    for member in AFTER:
        await _buy(shop, member)
    lost = {member: await _coupon(shop, member) for member in AFTER}
    assert (APPLIED, APPLIED) == await _redeem(shop, kept[BEFORE[1]], "order-1")
    assert (APPLIED, APPLIED) == await _redeem(shop, lost[AFTER[0]], "order-2")

    await stack.restore(folder / "backup", without=["gateway"])
    with pytest.raises(RpcFailure) as refused:
        await begin_epoch(stack.targets["segmentation"], shop.token())
    assert Code.ROLE_NOT_ALLOWED == refused.value.code
    epoch = await _begin_epoch(stack, capsys)
    known = {one.customer_id for one in kept.values()}
    assert epoch > 1_000
    assert known == await _buyers(shop)
    # What was redeemed after the backup is not known any more; what was before is.
    states = {member: (await _coupon(shop, member)).state for member in BEFORE}
    redeemed, available = coupons.COUPON_STATE_REDEEMED, coupons.COUPON_STATE_AVAILABLE
    assert dict(zip(BEFORE, [redeemed, *[available] * 3], strict=True)) == states

    # The clients send again what they sent since the backup, and a little more.
    sent_again = [await _buy(shop, member) for member in AFTER]
    assert [RECORD_OUTCOME_RECORDED] * len(AFTER) == sent_again
    granted = {member: await _coupon(shop, member) for member in AFTER}
    for _ in range(2):
        assert (APPLIED, APPLIED) == await _redeem(shop, kept[BEFORE[0]], "order-0")
        assert (APPLIED, APPLIED) == await _redeem(shop, kept[BEFORE[1]], "order-1")
        assert (APPLIED, APPLIED) == await _redeem(shop, granted[AFTER[0]], "order-2")
    again = await _redeem(shop, kept[BEFORE[1]], "order-3")
    wallets = [await _wallet(shop, await _customer(shop, one)) for one in (*BEFORE, *AFTER)]
    found = await books(shop)
    assert APPLIED not in again
    # The same coupons under the same codes, whoever kept a picture of one.
    assert [(one.coupon_id, one.code) for one in lost.values()] == [
        (one.coupon_id, one.code) for one in granted.values()
    ]
    assert [1] * len(wallets) == [len(wallet) for wallet in wallets]
    assert (len(wallets), 0, 0) == found
