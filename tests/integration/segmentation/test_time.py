"""Changes that no event causes."""

from __future__ import annotations

import pytest
from dangol.events.v1.membership_pb2 import CHANGE_CAUSE_TIME
from dangol_service_kit.errors import Code, RpcFailure
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import (
    DAY_MS,
    SHOP,
    START_MS,
    FakeProfile,
    keyed,
    wall_ms,
)
from tests.integration.segmentation.harness import Tenant, eventually, run_replica, told

RECENT = "count(visit, 1s) >= 1"


async def test_a_deadline_fires_by_itself(shop: Tenant) -> None:
    """One second after a visit the customer leaves, at exactly that instant, cause TIME."""
    await shop.define("recent", RECENT)
    now_ms = wall_ms()
    await shop.send("ann", keyed("visit", now_ms))

    async def left() -> bool:
        return [] == await shop.members("recent") and 2 == len(await shop.announced())

    await eventually(left)
    last = (await shop.announced())[-1]
    assert [("ann", "recent", 1, "left", now_ms + 1000)] == told([last])
    assert CHANGE_CAUSE_TIME == last.cause


async def test_a_deadline_survives_a_restart(
    profile: FakeProfile, settings: SegmentationConfig
) -> None:
    """A deadline that passes while no replica runs fires when one is back, at its own instant."""
    async with run_replica(settings) as replica:
        shop = Tenant(profile, replica, SHOP)
        await shop.define("recent", RECENT)
        now_ms = wall_ms()
        await shop.send("ann", keyed("visit", now_ms))
    async with run_replica(settings) as replica:
        shop = Tenant(profile, replica, SHOP)

        async def left() -> bool:
            return 2 == len(await shop.announced())

        await eventually(left)
        expected = [
            ("ann", "recent", 1, "entered", now_ms),
            ("ann", "recent", 1, "left", now_ms + 1000),
        ]
        assert expected == told(await shop.announced())


async def test_a_step_of_virtual_time_fires_in_order(lab: Tenant) -> None:
    """All deadlines up to the new time fire, each at its own instant, and are announced."""
    await lab.advance(START_MS)
    await lab.define("recent", "count(visit, 7d) >= 1")
    await lab.define("gone", "since(visit) >= 30d")
    await lab.send("ann", keyed("visit", START_MS + 5))
    step = await lab.advance(START_MS + 40 * DAY_MS)
    assert 1 == step.fired_deadlines
    expected = [
        ("ann", "recent", 1, "entered", START_MS + 5),
        ("ann", "recent", 1, "left", START_MS + 5 + 7 * DAY_MS),
        ("ann", "gone", 1, "entered", START_MS + 5 + 30 * DAY_MS),
    ]
    announced = await lab.announced()
    assert expected == told(announced)
    assert [announced[-1].sequence] == [position.sequence for position in step.positions]


async def test_a_step_may_be_repeated_but_not_taken_back(lab: Tenant) -> None:
    """The same step again fires nothing; an earlier one is refused."""
    await lab.advance(START_MS)
    await lab.define("gone", "since(visit) >= 1d")
    await lab.send("ann", keyed("visit", START_MS))
    first = await lab.advance(START_MS + DAY_MS)
    second = await lab.advance(START_MS + DAY_MS)
    assert [1, 0] == [first.fired_deadlines, second.fired_deadlines]
    assert first.positions == second.positions
    with pytest.raises(RpcFailure) as raised:
        await lab.advance(START_MS)
    assert Code.CLOCK_BACKWARDS == raised.value.code


async def test_a_wall_tenants_clock_cannot_be_moved(shop: Tenant) -> None:
    """Only tenants under virtual time have a clock to move."""
    with pytest.raises(RpcFailure) as raised:
        await shop.advance(START_MS)
    assert Code.CLOCK_NOT_VIRTUAL == raised.value.code


async def test_virtual_deadlines_wait_for_their_clock(lab: Tenant) -> None:
    """What is long due by wall time does not fire before the tenant's clock gets there."""
    await lab.advance(START_MS)
    await lab.define("recent", "count(visit, 7d) >= 1")
    await lab.send("ann", keyed("visit", START_MS + 5))
    step = await lab.advance(START_MS + DAY_MS)
    assert 0 == step.fired_deadlines
    assert ["ann"] == await lab.members("recent")


async def test_replicas_share_deadlines_and_one_may_end(
    profile: FakeProfile, settings: SegmentationConfig
) -> None:
    """Forty deadlines under two replicas, one of which ends midway, fire once each."""
    async with run_replica(settings) as staying:
        shop = Tenant(profile, staying, SHOP)
        await shop.define("recent", RECENT)
        async with run_replica(settings):
            now_ms = wall_ms()
            for number in range(40):
                await shop.send(f"c{number:02d}", keyed("visit", now_ms + 10 * number))
            await shop.announced(45)
        changes = told(await shop.announced(80))
        left = [change for change in changes if change[3] == "left"]
        expected = [(f"c{n:02d}", "recent", 1, "left", now_ms + 10 * n + 1000) for n in range(40)]
        assert expected == sorted(left)
        assert 80 == len(changes)
