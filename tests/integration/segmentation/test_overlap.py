"""How many members segments have in common."""

from __future__ import annotations

from typing import Any

import pytest
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.segmentation.fake_profile import keyed, wall_ms
from tests.integration.segmentation.harness import Tenant


async def overlap(tenant: Tenant, *segment_ids: str) -> Any:
    """GetSegmentOverlap."""
    request = pb.GetSegmentOverlapRequest(segment_ids=segment_ids)
    return await tenant.ask(tenant.replica.segments.GetSegmentOverlap, request)


async def test_every_pair_is_counted_once(shop: Tenant, lab: Tenant) -> None:
    """Whoever is in both counts, over all partitions, in the order asked for."""
    rules = {"two": 2, "three": 3, "five": 5, "never": 7}
    for name, times in rules.items():
        await shop.define(name, f"count(visit) >= {times}" if times < 7 else "count(order_x) >= 1")
    await lab.define("two", "count(visit) >= 2")
    now_ms = wall_ms()
    for number in range(60):
        visits = [keyed("visit", now_ms - place) for place in range(number % 6)]
        await shop.send(f"c{number}", *visits)
        await lab.send(f"c{number}", *visits)
    answer = await overlap(shop, "five", "two", "never", "three")
    assert [10, 40, 0, 30] == list(answer.member_counts)
    assert [
        ("five", "two", 10),
        ("five", "never", 0),
        ("five", "three", 10),
        ("two", "never", 0),
        ("two", "three", 30),
        ("never", "three", 0),
    ] == [(p.first_segment_id, p.second_segment_id, p.member_count) for p in answer.pairs]


async def test_an_unknown_segment_is_not_found(shop: Tenant, lab: Tenant) -> None:
    """One that does not exist, and one of another tenant."""
    await shop.define("seen", "count(visit) >= 1")
    await lab.define("other", "count(visit) >= 1")
    with pytest.raises(RpcFailure) as raised:
        await overlap(shop, "seen", "other")
    assert Code.SEGMENT_NOT_FOUND == raised.value.code


@pytest.mark.parametrize("segment_ids", [["seen"], ["seen", "seen"]])
async def test_it_takes_two_segments(shop: Tenant, segment_ids: list[str]) -> None:
    """One alone, or the same one twice, is refused by name."""
    await shop.define("seen", "count(visit) >= 1")
    with pytest.raises(RpcFailure) as raised:
        await overlap(shop, *segment_ids)
    assert (Code.FIELD_INVALID, "segment_ids") == (raised.value.code, raised.value.field)
