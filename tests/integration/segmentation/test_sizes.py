"""A segment's size day by day."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.segmentation.fake_profile import DAY_MS, START_MS, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant

SEOUL = timezone(timedelta(hours=9))
# Virtual time begins at 2024-01-01 00:00 UTC, which is nine in the morning of that day in Seoul.
MIDNIGHT_MS = START_MS + 15 * 3600 * 1000


async def sizes(tenant: Tenant, segment_id: str, **dates: str) -> list[Any]:
    """ListSegmentSizes as (date, members, entered, exited)."""
    request = pb.ListSegmentSizesRequest(segment_id=segment_id, **dates)
    answer = await tenant.ask(tenant.replica.segments.ListSegmentSizes, request)
    return [(one.date, one.member_count, one.entered, one.exited) for one in answer.sizes]


async def test_changes_count_on_the_day_they_took_effect(lab: Tenant) -> None:
    """By the tenant's midnight to the millisecond, whenever they were announced."""
    await lab.advance(START_MS)
    await lab.define("recent", "count(visit, 2d) >= 1")
    await lab.send("ann", keyed("visit", MIDNIGHT_MS - 1))
    await lab.send("bob", keyed("visit", MIDNIGHT_MS))
    await lab.advance(MIDNIGHT_MS + 3 * DAY_MS)
    assert [
        ("2023-12-31", 0, 0, 0),
        ("2024-01-01", 1, 1, 0),
        ("2024-01-02", 2, 1, 0),
        ("2024-01-03", 1, 0, 1),
        ("2024-01-04", 0, 0, 1),
        ("2024-01-05", 0, 0, 0),
    ] == await sizes(lab, "recent", first_date="2023-12-31")


async def test_a_late_event_changes_the_days_that_it_belongs_to(lab: Tenant) -> None:
    """The past is what the announcements say now, not what was counted then."""
    await lab.advance(START_MS)
    await lab.define("two", "count(visit) >= 2")
    await lab.send("ann", keyed("visit", START_MS + DAY_MS))
    await lab.advance(START_MS + 5 * DAY_MS)
    assert [0] * 3 == [one[1] for one in await sizes(lab, "two", first_date="2024-01-04")]
    await lab.send("ann", keyed("visit", START_MS + 4 * DAY_MS))
    assert [
        ("2024-01-04", 0, 0, 0),
        ("2024-01-05", 1, 1, 0),
        ("2024-01-06", 1, 0, 0),
    ] == await sizes(lab, "two", first_date="2024-01-04")


async def test_today_is_what_the_segment_has_now(shop: Tenant) -> None:
    """Found in history, edited away, merged away: the sum of it all is the member count."""
    now_ms = wall_ms()
    segment = await shop.define("buyers", "count(purchase) >= 1")
    for number in range(6):
        events = [keyed("purchase", now_ms - 40 * DAY_MS) for _ in range(number)]
        await shop.send(f"c{number}", *events)
    await shop.edit(segment, "count(purchase) >= 3")
    await shop.live("buyers")
    shop.profile.merge(shop.tenant_id, "c5", "c4")
    await shop.replay("c5", "c4")
    days = await sizes(shop, "buyers")
    assert 30 == len(days)
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(SEOUL).date()
    assert today.isoformat() == days[-1][0]
    counted = (await shop.segment("buyers")).member_count
    assert (2, 2) == (counted, days[-1][1])


async def test_a_segment_that_comes_again_goes_on(lab: Tenant) -> None:
    """The members of its first life left when it was deleted."""
    await lab.advance(START_MS)
    await lab.define("seen", "count(visit) >= 1")
    await lab.send("ann", keyed("visit", START_MS))
    await lab.advance(START_MS + DAY_MS)
    request = pb.DeleteSegmentRequest(request_id=str(uuid.uuid4()), segment_id="seen")
    await lab.ask(lab.replica.segments.DeleteSegment, request)
    with pytest.raises(RpcFailure) as raised:
        await sizes(lab, "seen")
    assert Code.SEGMENT_NOT_FOUND == raised.value.code
    await lab.advance(START_MS + 2 * DAY_MS)
    await lab.define("seen", "count(visit, 30d) >= 2")
    assert [("2024-01-01", 1), ("2024-01-02", 0), ("2024-01-03", 0)] == [
        one[:2] for one in await sizes(lab, "seen", first_date="2024-01-01")
    ]


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"first_date": "yesterday"}, "first_date"),
        ({"last_date": "20240101"}, "last_date"),
        ({"last_date": "2999-01-01"}, "last_date"),
        ({"first_date": "2024-01-02", "last_date": "2024-01-01"}, "first_date"),
        ({"first_date": "2020-01-01", "last_date": "2024-01-01"}, "first_date"),
    ],
)
async def test_dates_that_make_no_sense_are_refused(
    shop: Tenant, dates: dict[str, str], field: str
) -> None:
    """By the name of the field."""
    await shop.define("seen", "count(visit) >= 1")
    with pytest.raises(RpcFailure) as raised:
        await sizes(shop, "seen", **dates)
    assert (Code.FIELD_INVALID, field) == (raised.value.code, raised.value.field)
