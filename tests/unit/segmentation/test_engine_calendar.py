"""Birthdays and anniversaries in zones whose midnights move or do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.rules import parse

from tests.unit.segmentation.customer import DAY, HOUR, T0, Customer
from tests.unit.segmentation.oracle import Oracle

# In Havana and Cairo clocks are set forward at midnight, in Santiago at midnight back to eleven.
ZONES = ("Asia/Seoul", "America/New_York", "America/Havana", "Africa/Cairo", "America/Santiago")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "rule", ["birthday within 0d", "birthday within 3d", "birthday within 40d"]
)
def test_birthdays_equal_the_oracles_in_every_zone(zone: str, rule: str) -> None:
    """Every change over three years, for birthdays around the days on which clocks are set."""
    for birthday in ("02-29", "03-10", "03-12", "04-26", "09-08", "10-31", "11-05", "01-01"):
        profile = ProfileSnapshot(birthday=birthday)
        one = Customer(rule, time_zone=zone, profile=profile)
        oracle = Oracle({"a": parse(rule)}, 0, profile, zone=zone)
        expected = oracle.timeline("a", T0, T0 + 1100 * DAY)
        found = one.waits(1100 * DAY)
        assert [(at_ms - T0, "a", entered) for at_ms, _, _, entered in expected] == found


@pytest.mark.parametrize("zone", ZONES)
def test_anniversaries_equal_the_oracles_in_every_zone(zone: str) -> None:
    """The day she became known comes round each year, for the first time after one."""
    profile = ProfileSnapshot()
    profile.create_time.FromMilliseconds(T0)
    rule = "anniversary within 2d"
    one = Customer(rule, time_zone=zone, profile=profile)
    oracle = Oracle({"a": parse(rule)}, 0, profile, zone=zone)
    expected = oracle.timeline("a", T0, T0 + 1500 * DAY)
    assert 8 == len(expected)
    assert [(at_ms - T0, "a", entered) for at_ms, _, _, entered in expected] == one.waits(
        1500 * DAY
    )


def test_a_day_without_midnight_begins_an_hour_later() -> None:
    """In Havana the 10th of March 2024 begins at one o'clock; the birthday does, too."""
    one = Customer(
        "birthday within 0d", time_zone="America/Havana", profile=ProfileSnapshot(birthday="03-10")
    )
    begin, end = one.waits(365 * DAY)
    midnight = int(datetime(2024, 3, 10, 5, tzinfo=UTC).timestamp() * 1000) - T0
    assert [midnight, midnight + 23 * HOUR] == [begin[0], end[0]]


def test_the_29th_of_february_comes_round_on_the_28th() -> None:
    """Who became known on a leap day has her anniversary on the 28th in common years."""
    profile = ProfileSnapshot()
    leap_day = int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp() * 1000)
    profile.create_time.FromMilliseconds(leap_day)
    one = Customer("anniversary within 0d", time_zone="UTC", profile=profile)
    begin, end = one.waits(500 * DAY)
    common = int(datetime(2025, 2, 28, tzinfo=UTC).timestamp() * 1000) - T0
    assert [common, common + DAY] == [begin[0], end[0]]
