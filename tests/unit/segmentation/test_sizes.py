"""Days, and sizes folded from changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from segmentation_service.sizes import (
    Bucket,
    DatesError,
    Size,
    bounds_ms,
    bucket_ms,
    choose_days,
    fold,
)

HOUR_MS = 3_600_000
NOON_MS = int(datetime(2024, 7, 15, 12, tzinfo=ZoneInfo("UTC")).timestamp()) * 1000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2024, 3, 10), 23),
        ("America/New_York", date(2024, 11, 3), 25),
        ("Asia/Seoul", date(2024, 3, 10), 24),
        # Midnight itself is left out: the day begins at one.
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        # The day was left out altogether, on the other side of the date line.
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_days_are_as_long_as_they_are(zone: str, day: date, hours: int) -> None:
    """Also where clocks change."""
    start, end = bounds_ms([day], zone)
    assert hours * HOUR_MS == end - start


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Seoul"])
def test_no_bucket_lies_across_midnight(zone: str) -> None:
    """Every day begins with a bucket, and buckets are not needlessly short."""
    bounds = bounds_ms([date(2024, 1, 1) + timedelta(number) for number in range(366)], zone)
    length = bucket_ms(bounds)
    assert 15 * 60_000 == length
    assert {0} == {bound % length for bound in bounds}


def test_the_last_thirty_days_are_the_default() -> None:
    """Until today in the tenant's zone, which may be tomorrow elsewhere."""
    days = choose_days("", "", NOON_MS + 4 * HOUR_MS, "Asia/Seoul")
    assert (30, date(2024, 7, 16)) == (len(days), days[-1])
    days = choose_days("", "2024-03-01", NOON_MS, "Asia/Seoul")
    assert (date(2024, 2, 1), date(2024, 3, 1)) == (days[0], days[-1])
    assert 731 == len(choose_days("2022-07-16", "2024-07-15", NOON_MS, "UTC"))
    with pytest.raises(DatesError):
        choose_days("2022-07-15", "2024-07-15", NOON_MS, "UTC")


@given(
    st.lists(
        st.tuples(st.integers(0, 40 * 96 - 1), st.booleans()),
        max_size=60,
    )
)
def test_sizes_are_the_changes_added_up(changes: list[tuple[int, bool]]) -> None:
    """For every day: those before it, and those of each day by themselves."""
    zone = "America/New_York"
    days = [date(2024, 2, 20) + timedelta(number) for number in range(30)]
    bounds = bounds_ms(days, zone)
    length = bucket_ms(bounds)
    origin = bounds[0] - 5 * 96 * length
    before = 0
    buckets = []
    expected = [[0, 0] for _ in days]
    for place, entered in changes:
        at_ms = origin + place * length
        if at_ms < bounds[0]:
            before += 1 if entered else -1
        elif at_ms < bounds[-1]:
            buckets.append(Bucket(at_ms, int(entered), int(not entered)))
            day = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()
            expected[days.index(day)][not entered] += 1
    count, sizes = before, []
    for day, (entered_count, exited_count) in zip(days, expected, strict=True):
        count += entered_count - exited_count
        sizes.append(Size(day, count, entered_count, exited_count))
    assert sizes == fold(days, bounds, before, buckets)
