"""What campaigns come to, for dashboards: once a day, by one replica, as their reports say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol_service_kit.metrics import Metrics
from offers_service.__main__ import build_delivery, build_ledger
from offers_service.service_base import Base, build_base
from offers_service.service_kpis import KpiParts
from offers_service.service_outcomes import EVERY_MS
from offers_service.store_campaign_documents import key_of

from tests.integration.offers.campaigns.service.conftest import VIRTUAL
from tests.integration.offers.campaigns.service.test_reports import (
    DAY_MS,
    START_MS,
    arms,
    hold_out,
    report,
    request_id,
    trigger,
)

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World


class Replica:
    """Another process's rounds over the same database, with a wall clock of its own."""

    def __init__(self, world: World) -> None:
        self.base: Base = build_base(world.config)
        self.now_ms = START_MS
        parts = build_ledger(self.base)
        delivery = build_delivery(self.base, parts.lineage)
        self.kpis = KpiParts(self.base, parts, delivery, wall_ms=lambda: self.now_ms)
        self.metrics = Metrics("offers", "127.0.0.1:0")
        self.gauges = self.kpis.observe(self.metrics)

    async def told(self) -> dict[str, float]:
        """What it tells of campaigns, by name and label."""
        await self.gauges.look()
        _, text = self.metrics.expose()
        line = r'^(dangol_offers_campaign_\w+)\{\w+="(\w+)"\} (\S+)$'
        found = re.findall(line, text.decode(), re.MULTILINE)
        return {f"{name} {label}": float(value) for name, label, value in found}

    async def close(self) -> None:
        """Ends what it opened."""
        await self.metrics.stop()
        await self.base.redis.aclose()
        await self.base.profile.close()
        await self.base.segmentation.close()
        self.base.mongodb.close()


async def _use_one(world: World) -> None:
    """An order uses one of the coupons, of 5,000 won."""
    given = next(each for each in await world.enrolments() if each.coupon_id)
    hold = coupon_pb.HoldCouponRequest(
        request_id=request_id(),
        coupon_id=given.coupon_id,
        customer_id=given.customer_id,
        order_id="order-1",
        order_amount=Money(currency_code="KRW", minor_units=20_000),
    )
    await world.coupons("HoldCoupon", hold)
    redeem = coupon_pb.RedeemCouponRequest(
        request_id=request_id(), coupon_id=given.coupon_id, order_id="order-1"
    )
    await world.coupons("RedeemCoupon", redeem)


async def _try_it_in_a_sandbox(world: World) -> None:
    """The same campaign, beside the shop."""
    campaign = await world.database.campaigns.find_one({"t": VIRTUAL})
    sandbox_id = f"{VIRTUAL}--1"
    copy = {**campaign, "_id": key_of(sandbox_id, "win-back"), "t": sandbox_id}
    await world.database.campaigns.insert_one(copy)
    world.profile.tenant_ids.append(sandbox_id)


async def test_what_a_campaign_comes_to_is_told_as_its_report_says(world: World) -> None:
    """Nothing before a window has ended; then the report's own figures, until all have ended. The
    same campaign in a sandbox counts for nothing."""
    await world.advance(START_MS)
    await hold_out(world, 0)
    await world.launch(world.draft(control_basis_points=5000))
    await trigger(world, 30)
    await world.advance(START_MS + 1000)
    members = await arms(world)
    treated, control = members["five"], members["control"]
    buyers = [*treated[: len(treated) // 2], control[0]]
    world.profile.purchases = [(one, START_MS + DAY_MS, 10_000) for one in buyers]
    await _use_one(world)
    await _try_it_in_a_sandbox(world)
    here, there = Replica(world), Replica(world)
    try:
        await here.kpis.prepare()
        assert (1, 0) == (await here.kpis.rounds.sweep(), await there.kpis.rounds.sweep())
        assert 0 == (await there.told())["dangol_offers_campaign_customers treated"]
        await world.advance(START_MS + 8 * DAY_MS)
        assert 0 == await here.kpis.rounds.sweep()
        here.now_ms = there.now_ms = START_MS + EVERY_MS
        assert (1, 0) == (await there.kpis.rounds.sweep(), await here.kpis.rounds.sweep())
        found = await report(world)
        revenue = 10_000 * (len(treated) // 2) - len(treated) * 10_000 / len(control)
        assert {
            "dangol_offers_campaign_customers treated": float(len(treated)),
            "dangol_offers_campaign_customers control": float(len(control)),
            "dangol_offers_campaign_converted treated": float(len(treated) // 2),
            "dangol_offers_campaign_converted control": 1.0,
            "dangol_offers_campaign_won_back KRW": pytest.approx(found.incremental_customers),
            "dangol_offers_campaign_revenue KRW": pytest.approx(revenue),
            "dangol_offers_campaign_cost KRW": 5_000.0,
        } == await here.told()
        await world.campaigns(
            "EndCampaign",
            pb.EndCampaignRequest(request_id=request_id(), campaign_id="win-back"),
        )
        await world.advance(START_MS + 20 * DAY_MS)
        counts = []
        for days in (2, 3, 4):
            here.now_ms = START_MS + days * EVERY_MS
            counts.append(await here.kpis.rounds.sweep())
        assert [1, 0, 0] == counts
        assert len(treated) == (await here.told())["dangol_offers_campaign_customers treated"]
    finally:
        await here.close()
        await there.close()
