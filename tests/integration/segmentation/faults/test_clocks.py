"""A replica whose machine's clock jumps by an hour."""

from __future__ import annotations

import time
from typing import Any

import pytest
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import SHOP, FakeProfile, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, run_replica, told

HOUR_NS = 3600 * 1_000_000_000


@pytest.mark.parametrize("jump_ns", [HOUR_NS, -HOUR_NS], ids=["ahead", "back"])
async def test_deadlines_do_not_follow_a_clock_that_jumps(
    profile: FakeProfile, settings: SegmentationConfig, jump_ns: int
) -> None:
    """What is due in a second fires then; what is due in half an hour waits."""
    ahead_ns = 0

    def read_ns() -> int:
        return time.time_ns() + ahead_ns

    async with run_replica(settings, wall_ns=read_ns) as replica:
        shop = Tenant(profile, replica, SHOP)
        await shop.define("recent", "count(visit, 1s) >= 1")
        await shop.define("gone", "since(visit) >= 30m")
        now_ms = wall_ms()
        await shop.send("ann", keyed("visit", now_ms))
        ahead_ns = jump_ns
        await shop.announced(2)
        await shop.send("bob", keyed("visit", now_ms))
        changes: list[Any] = await shop.announced(4)
    expected = {
        (name, "recent", 1, kind, at_ms)
        for name in ("ann", "bob")
        for kind, at_ms in (("entered", now_ms), ("left", now_ms + 1000))
    }
    assert expected == set(told(changes))
    assert [] == [c for c in changes if c.announced_at.ToMilliseconds() > wall_ms() + 1000]
