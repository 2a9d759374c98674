"""Two replicas of offers move one sandbox's clock: one at a time, and one is enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
from dangol_dev.stack import Replica, Stack
from dangol_service_kit.client import connect
from dangol_service_kit.errors import RpcFailure

from tests.integration.gateway.sandboxes import DAY_MS, MINUTE_MS, START_MS, Partner, new_id

pytestmark = pytest.mark.timeout(240)
TIMES_MS = [START_MS + number * MINUTE_MS for number in range(12)]
STEP = timedelta(days=1, hours=1)


@pytest.fixture(scope="module")
async def second(stack: Stack) -> AsyncIterator[Replica]:
    """Another process of offers."""
    replica = stack.replica("offers")
    await replica.start()
    yield replica
    await replica.process.stop()


@pytest.fixture
async def sides(stack: Stack, second: Replica) -> AsyncIterator[tuple[Partner, Partner]]:
    """The admin of one sandbox, once at each replica; carts were left at TIMES_MS."""
    async with AsyncExitStack() as opened:
        channels = {
            name: await opened.enter_async_context(connect(target))
            for name, target in stack.targets.items()
        }
        other = await opened.enter_async_context(connect(second.target))
        shop = Partner(stack, channels, "shop")
        one = shop.at((await shop.create()).sandbox_id)
        await one.left_in_cart()
        await one.leave_carts(TIMES_MS)
        yield one, Partner(stack, channels | {"offers": other}, one.tenant_id)
        await one.end()


async def _all_happened_once(sandbox: Partner) -> None:
    """Each a member at 30 minutes sharp, with one coupon from a day later."""
    members = await sandbox.members("left-in-cart")
    assert [at_ms + 30 * MINUTE_MS for at_ms in TIMES_MS] == sorted(members.values())
    for customer_id, entered_ms in members.items():
        (coupon,) = await sandbox.wallet(customer_id)
        assert entered_ms + DAY_MS == coupon.issue_time.ToMilliseconds()


async def test_steps_at_two_replicas_follow_each_other(sides: tuple[Partner, Partner]) -> None:
    """Two requests at each, and each also sent to the other: four steps, each taken once."""
    request_ids = [new_id() for _ in range(4)]
    answers = await asyncio.gather(
        *(
            side.advance(STEP / 4, request_id=request_id)
            for request_id in request_ids
            for side in sides
        )
    )
    ends = [answer.now.ToMilliseconds() for answer in answers]
    assert ends[::2] == ends[1::2]
    quarter_ms = STEP // timedelta(milliseconds=4)
    assert [START_MS + number * quarter_ms for number in range(1, 5)] == sorted(ends[::2])
    await _all_happened_once(sides[0])


async def test_a_step_whose_replica_stops_is_taken_on_by_another(
    sides: tuple[Partner, Partner], second: Replica
) -> None:
    """Frozen on its way, past its lease; the other comes to the end of the same request, and the
    first, which wakes up and goes on, changes nothing."""
    one, other = sides
    request_id = new_id()
    frozen = asyncio.create_task(other.advance(STEP, request_id=request_id))
    await one.on_its_way(START_MS + 31 * MINUTE_MS)
    second.process.pause()
    try:
        moved = await one.advance(STEP, request_id=request_id)
    finally:
        second.process.resume()
    assert START_MS + STEP // timedelta(milliseconds=1) == moved.now.ToMilliseconds()
    with suppress(RpcFailure):
        assert moved.now == (await frozen).now
    again = await other.advance(STEP, request_id=request_id)
    assert moved.now == again.now
    await _all_happened_once(one)
