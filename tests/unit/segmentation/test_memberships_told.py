"""What dashboards hear of segments."""

from dangol.events.v1.membership_pb2 import (
    CHANGE_CAUSE_BACKFILL,
    CHANGE_CAUSE_EVENT,
    CHANGE_KIND_ENTERED,
    CHANGE_KIND_EXITED,
    MembershipChange,
)
from dangol_service_kit.metrics import Metrics
from segmentation_service.service_metrics import OWN, READY, Memberships

ENTERED, EXITED, EVENT = CHANGE_KIND_ENTERED, CHANGE_KIND_EXITED, CHANGE_CAUSE_EVENT


async def test_who_enters_and_leaves_is_counted_by_ready_segment() -> None:
    """A tenant's own segments are one; what was found later, or in a sandbox, is not news."""
    ready = min(READY)
    metrics = Metrics("segmentation", "127.0.0.1:0")
    counted = Memberships(metrics)
    changes = [
        ("shop", ready, ENTERED, EVENT),
        ("shop", "our-regulars", ENTERED, EVENT),
        ("shop", "our-friends", EXITED, EVENT),
        ("shop", ready, ENTERED, CHANGE_CAUSE_BACKFILL),
        ("shop--1", ready, ENTERED, EVENT),
    ]
    counted.changed(
        MembershipChange(tenant_id=tenant, segment_id=segment, kind=kind, cause=cause)
        for tenant, segment, kind, cause in changes
    )
    await metrics.stop()
    assert {ready: 1, OWN: 1} == {name: n for name, n in counted.entered.items() if n}
    assert {OWN: 1} == {name: n for name, n in counted.left.items() if n}
