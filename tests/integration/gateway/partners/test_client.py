"""The client of libs/client against the running platform, over lines that break."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from dangol.offers.v1 import code_service_pb2 as codes
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import gift_service_pb2 as gifts
from dangol.profile.v1 import event_service_pb2 as recording
from dangol_client import (
    Addresses,
    AsyncDangol,
    Cart,
    Code,
    Dangol,
    DeadlineError,
    ForbiddenError,
    InvalidError,
    Money,
    NotFoundError,
    Timing,
    UnauthenticatedError,
    UnavailableError,
    call,
    event,
    flows,
    ref,
)
from dangol_dev.processes import free_port
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role

from tests.integration.gateway.partners.conftest import CART, Shop, addresses, journal
from tests.integration.gateway.partners.wire import Wire

WAIT_SECONDS = 60.0


@pytest.fixture
async def till(stack: Stack, shop: Shop, wire: Wire) -> AsyncIterator[AsyncDangol]:
    """A partner who reaches offers over the line."""
    reached = Addresses(profile=stack.targets["profile"], offers=wire.address)
    timing = Timing(deadline_seconds=WAIT_SECONDS, attempt_seconds=WAIT_SECONDS)
    async with AsyncDangol(reached, shop.token(), tls=None, timing=timing) as client:
        yield client


async def test_a_redemption_whose_answer_died_with_its_service_is_one(
    stack: Stack, shop: Shop, till: AsyncDangol, wire: Wire
) -> None:
    """It was written; the service is killed before the till hears of it, and started again."""
    customer_id = await shop.customer()
    coupon_id = await shop.coupon(customer_id)
    held = await till.hold(coupon_id, customer_id=customer_id, order_id="1", cart=CART)
    assert 5_000 == held.discount.minor_units
    before = await journal(shop, coupon_id)
    wire.mute()
    redeeming = asyncio.create_task(till.send(flows.redeem(coupon_id, order_id="1", cart=CART)))
    async with asyncio.timeout(WAIT_SECONDS):
        await wire.lost.wait()
        while "REDEEMED" != await shop.state(coupon_id):
            await asyncio.sleep(0.02)
    stack.kill("offers")
    wire.cut()
    await stack.restart("offers")
    redeemed = await redeeming
    assert (coupons.COUPON_OUTCOME_APPLIED, 5_000) == (
        redeemed.outcome,
        redeemed.coupon.redeemed_amount.minor_units,
    )
    assert 1 == len(await journal(shop, coupon_id)) - len(before)


async def test_an_attempt_without_an_answer_is_followed_by_another(
    shop: Shop, till: AsyncDangol, wire: Wire
) -> None:
    """Within the deadline; a deadline that passes says what it was about."""
    customer_id = await shop.customer()
    coupon_id = await shop.coupon(customer_id)
    wallet = await till.wallet(customer_id)
    assert [coupon_id] == [one.coupon_id for one in wallet.coupons]
    wire.mute()
    step = flows.hold(coupon_id, customer_id=customer_id, order_id="1", cart=CART)
    with pytest.raises(DeadlineError) as raised:
        await till.within(0.3).send(step)
    assert (Code.DEADLINE_EXCEEDED, step.request_id) == (raised.value.code, raised.value.request_id)
    # The same call later: the answer to what was done then.
    wire.cut()
    held = await till.send(step)
    assert coupons.COUPON_OUTCOME_APPLIED == held.outcome
    assert 2 == len(await journal(shop, coupon_id))


async def test_what_was_begun_can_be_taken_back(shop: Shop, till: AsyncDangol) -> None:
    """A hold, a gift; codes are looked up by the till, and nobody claims one that is none."""
    customer_id = await shop.customer()
    coupon_id = await shop.coupon(customer_id)
    amount = Money(currency_code="KRW", minor_units=20_000)
    step = {"customer_id": customer_id, "order_id": "1", "order_amount": amount}
    held = await till.hold(coupon_id, **step)  # type: ignore[arg-type]
    released = await till.release(coupon_id, order_id="1")
    assert [coupons.COUPON_OUTCOME_APPLIED] * 2 == [held.outcome, released.outcome]
    assert coupon_id == (await till.coupon(code=held.coupon.code)).coupon.coupon_id
    given = await till.offer_gift(coupon_id, giver_customer_id=customer_id)
    assert gifts.GIFT_STATE_OFFERED == (await till.gift(given.token)).gift.state
    back = await till.cancel_gift(given.gift.gift_id, giver_customer_id=customer_id)
    claimed = await till.claim_gift(given.token, claimer_customer_id=await shop.customer())
    assert (gifts.GIFT_OUTCOME_APPLIED, gifts.GIFT_OUTCOME_CANCELLED) == (
        back.outcome,
        claimed.outcome,
    )
    unknown = await till.claim_code("NONE", customer_id=customer_id)
    assert codes.CODE_OUTCOME_NOT_FOUND == unknown.outcome
    assert "AVAILABLE" == await shop.state(coupon_id)


async def test_segments_are_asked_for_by_customer(shop: Shop) -> None:
    """In the order of the request, also of who is in none."""
    customers = [await shop.customer() for _ in range(2)]
    found = await shop.admin.memberships(*customers)
    assert customers == [one.customer_id for one in found.customers]


async def test_a_service_that_is_not_there_is_unavailable_after_the_deadline(shop: Shop) -> None:
    """And a call that finds it in time does not fail."""
    nowhere = Addresses(offers=f"127.0.0.1:{free_port()}")
    async with AsyncDangol(nowhere, shop.token(), tls=None) as client:
        with pytest.raises(UnavailableError) as raised:
            await client.within(0.5).wallet("nobody")
    assert Code.UNAVAILABLE is raised.value.code


async def test_errors_tell_code_field_and_fix(stack: Stack, shop: Shop, till: AsyncDangol) -> None:
    """A field at fault, a role that may not, and what does not exist."""
    with pytest.raises(InvalidError) as invalid:
        await till.evaluate_cart(Cart(currency_code="won", lines=CART.lines))
    assert (Code.FIELD_INVALID, "cart.currency_code") == (invalid.value.code, invalid.value.field)
    assert "[A-Z]{3}" in invalid.value.fix
    with pytest.raises(ForbiddenError) as forbidden:
        await till.send(
            call(
                "dangol.offers.v1.CouponService/RevokeCoupon",
                coupons.RevokeCouponRequest(coupon_id="c"),
                coupons.RevokeCouponResponse,
            )
        )
    assert Code.ROLE_NOT_ALLOWED is forbidden.value.code
    with pytest.raises(NotFoundError) as missing:
        await till.customer(ref("member", uuid.uuid4().hex))
    assert Code.CUSTOMER_NOT_FOUND is missing.value.code
    another = stack.token("another", Role.PARTNER)
    async with AsyncDangol(addresses(stack), another, tls=None) as stranger:
        with pytest.raises(NotFoundError):
            await stranger.coupon(coupon_id=await shop.coupon(await shop.customer()))


async def test_a_token_that_is_refused_is_replaced_and_the_call_goes_on(
    stack: Stack, shop: Shop
) -> None:
    """An expired one and one that is no token; where there is no other, the refusal stands."""
    good = shop.token()
    for bad in (shop.token(ttl_seconds=-3_600), "not.a.token"):
        given = iter([bad, good])
        async with AsyncDangol(addresses(stack), given.__next__, tls=None) as client:
            assert [] == list((await client.wallet("nobody")).coupons)
            assert [] == list((await client.wallet("nobody")).coupons)
        assert [] == list(given)
        async with AsyncDangol(addresses(stack), bad, tls=None) as client:
            with pytest.raises(UnauthenticatedError):
                await client.wallet("nobody")


def _checked_out(dangol: Dangol, shop_coupon: str, customer_id: str) -> str:
    """A till without an event loop: tracks, checks out, takes the goods back; the outcomes."""
    tracked = dangol.track(event("store_visit", ref("customer", customer_id), store_id="1"))
    best = dangol.evaluate_cart(CART, customer_id=customer_id).best
    step = {"order_id": "2", "cart": CART}
    held = dangol.hold(shop_coupon, customer_id=customer_id, **step)  # type: ignore[arg-type]
    redeemed = dangol.redeem(shop_coupon, **step)  # type: ignore[arg-type]
    back = dangol.reverse(shop_coupon, order_id="2")
    assert [shop_coupon] == [one.coupon_id for one in best]
    outcomes = [one.outcome for one in (held, redeemed, back)]
    names = [coupons.CouponOutcome.Name(one).removeprefix("COUPON_OUTCOME_") for one in outcomes]
    recorded = recording.RecordOutcome.Name(tracked.results[0].outcome)
    return " ".join([recorded.removeprefix("RECORD_OUTCOME_"), *names])


async def test_the_blocking_form_does_the_same_and_threads_share_it(
    stack: Stack, shop: Shop
) -> None:
    """Two tills at once over one client, whose token is asked for once; errors are the same."""
    customers = [await shop.customer() for _ in range(2)]
    owned = [await shop.coupon(one) for one in customers]
    given = iter([shop.token()])
    with Dangol(addresses(stack), given.__next__, tls=None) as dangol:
        tills = [
            asyncio.to_thread(_checked_out, dangol, coupon_id, customer_id)
            for coupon_id, customer_id in zip(owned, customers, strict=True)
        ]
        assert ["RECORDED APPLIED APPLIED APPLIED"] * 2 == await asyncio.gather(*tills)
        with pytest.raises(InvalidError) as raised:
            await asyncio.to_thread(dangol.evaluate_cart, Cart(currency_code="won"))
    assert raised.value.field in ("cart.currency_code", "cart.lines")
