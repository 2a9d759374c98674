"""The coupon ledger: issuing a list, and redeeming one by one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from dangol.events.v1.event_pb2 import CustomerRef, Money
from dangol.offers.v1 import campaign_service_pb2 as campaigns
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol_dev.client import gather_bounded

from bench.context import Bench, Call, at_rate, echo, new_id
from bench.figures import Figure, percentile
from bench.store_bare import bare_insert_seconds

ISSUE_COUNT = 100_000
REDEMPTION_COUNT = 500
REDEMPTIONS_A_SECOND = 50


async def list_campaign(bench: Bench) -> None:
    """A running campaign by list, whose offer is ten percent."""
    offer = offers.Offer(offer_id="ten-percent", percent_basis_points=1000, giftable=True)
    offer.valid_for_seconds = 30 * 86_400
    await bench.admin.call(
        bench.admin.offers.CreateOffer,
        offers.CreateOfferRequest(request_id=new_id(), offer=offer),
    )
    campaign = campaigns.Campaign(
        campaign_id="list", list=campaigns.ListTrigger(), conversion_window_seconds=86_400
    )
    await bench.admin.call(
        bench.admin.campaigns.CreateCampaign,
        campaigns.CreateCampaignRequest(request_id=new_id(), campaign=campaign),
    )
    await bench.admin.call(
        bench.admin.campaigns.LaunchCampaign,
        campaigns.LaunchCampaignRequest(request_id=new_id(), campaign_id="list"),
    )


async def issue_list(bench: Bench, customer_ids: list[str]) -> coupons.BatchIssueCouponsResponse:
    """A coupon for each of them, in one call."""
    request = coupons.BatchIssueCouponsRequest(
        request_id=new_id(),
        campaign_id="list",
        offer_ids=["ten-percent"],
        customer_ids=customer_ids,
    )
    return await bench.admin.call(bench.admin.coupons.BatchIssueCoupons, request, 120)


async def issue_figures(bench: Bench) -> AsyncIterator[Figure]:
    """100,000 coupons in one call, durable when it answers."""
    await list_campaign(bench)
    await issue_list(bench, ["warm-up"])
    customer_ids = [f"customer-{number}" for number in range(ISSUE_COUNT)]
    started = time.perf_counter()
    response = await issue_list(bench, customer_ids)
    seconds = time.perf_counter() - started
    if response.issued_count != ISSUE_COUNT:
        raise RuntimeError(f"{response.issued_count} coupons issued, not {ISSUE_COUNT}")
    uri, source = bench.stack.mongodb_uri, ("dangol_offers", "accounts")
    ceiling = await bare_insert_seconds(uri, source, 1_000, limit=ISSUE_COUNT)
    yield Figure(
        "issue 100,000 coupons, one call", seconds, "s", "bare insert_many", ceiling, "<= 5"
    )


async def _held_coupons(bench: Bench) -> list[str]:
    async def identify(number: int) -> str:
        request = customers.IdentifyCustomerRequest(
            request_id=new_id(),
            identifiers=[CustomerRef(namespace="member", value=f"redeemer-{number}")],
        )
        response = await bench.admin.call(bench.admin.customers.IdentifyCustomer, request)
        return response.customer.customer_id

    customer_ids = await gather_bounded(identify, range(REDEMPTION_COUNT))
    await issue_list(bench, customer_ids)

    async def hold(customer_id: str) -> str:
        wallet = await bench.admin.call(
            bench.admin.coupons.ListWallet, coupons.ListWalletRequest(customer_id=customer_id)
        )
        coupon_id = wallet.coupons[0].coupon_id
        request = coupons.HoldCouponRequest(
            request_id=new_id(),
            coupon_id=coupon_id,
            customer_id=customer_id,
            order_id=f"order-{coupon_id}",
            order_amount=Money(currency_code="KRW", minor_units=50_000),
        )
        held = await bench.admin.call(bench.admin.coupons.HoldCoupon, request)
        if held.outcome != coupons.COUPON_OUTCOME_APPLIED:
            raise RuntimeError(f"hold refused: {coupons.CouponOutcome.Name(held.outcome)}")
        return coupon_id

    return await gather_bounded(hold, customer_ids)


async def redemption_figures(bench: Bench) -> AsyncIterator[Figure]:
    """One redemption over gRPC at 50 a second, p50 and p95, beside a bare echo."""
    await list_campaign(bench)
    coupon_ids = await _held_coupons(bench)

    def redeem(coupon_id: str) -> Call:
        async def call() -> None:
            request = coupons.RedeemCouponRequest(
                request_id=new_id(), coupon_id=coupon_id, order_id=f"order-{coupon_id}"
            )
            response = await bench.admin.call(bench.admin.coupons.RedeemCoupon, request)
            if response.outcome != coupons.COUPON_OUTCOME_APPLIED:
                name = coupons.CouponOutcome.Name(response.outcome)
                raise RuntimeError(f"redemption refused: {name}")

        return call

    times_ms = await at_rate([redeem(coupon_id) for coupon_id in coupon_ids], REDEMPTIONS_A_SECOND)
    async with echo(bench.directory) as call:
        echo_ms = await at_rate([call] * REDEMPTION_COUNT, REDEMPTIONS_A_SECOND)
    for share, goal in ((0.5, ""), (0.95, "<= 12")):
        yield Figure(
            f"one redemption over gRPC, 50/s, p{share * 100:.0f}",
            percentile(times_ms, share),
            "ms",
            "bare gRPC echo",
            percentile(echo_ms, share),
            goal,
        )
