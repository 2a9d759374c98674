"""Which partitions have to be made whole, and how."""

from __future__ import annotations

import pytest
from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.service_recovery import plan
from segmentation_service.store_coordination import PartitionRecord, Repair
from segmentation_service.store_redis_session import Meta

MINUTE_MS = 60_000


@pytest.mark.parametrize(
    ("record", "meta", "same_redis", "outage_ms", "expected"),
    [
        (PartitionRecord(3, None), Meta(3, True), True, 0, None),
        # Redis was emptied, or is not the one that MongoDB knows.
        (PartitionRecord(3, None), Meta(0, False), True, 0, Repair.REBUILD),
        (PartitionRecord(3, None), Meta(2, True), False, 0, Repair.REBUILD),
        (PartitionRecord(3, None), Meta(4, True), True, 0, Repair.REBUILD),
        # Redis was restarted: its last second may be lost.
        (PartitionRecord(3, None), Meta(3, True), False, MINUTE_MS, Repair.REPLAY),
        # So long ago that profile has forgotten whom it touched then.
        (PartitionRecord(3, None), Meta(3, True), False, 60 * MINUTE_MS, Repair.REBUILD),
        # A repair that did not come to its end is begun again.
        (PartitionRecord(3, Repair.REPLAY), Meta(3, False), True, 0, Repair.REPLAY),
        (PartitionRecord(3, Repair.REBUILD), Meta(3, False), True, 0, Repair.REBUILD),
        # Repaired, but not yet opened.
        (PartitionRecord(3, None), Meta(3, False), True, 0, None),
    ],
)
def test_the_plan_follows_from_what_redis_and_mongodb_say(
    record: PartitionRecord,
    meta: Meta,
    same_redis: bool,
    outage_ms: int,
    expected: Repair | None,
) -> None:
    """One partition is as described, the others are whole unless Redis is another one."""
    records = dict.fromkeys(ALL_PARTITIONS, PartitionRecord(1, None))
    metas = [Meta(1, True) for _ in ALL_PARTITIONS]
    records[5], metas[5] = record, meta
    assert expected == plan(records, metas, same_redis, outage_ms).get(5)
