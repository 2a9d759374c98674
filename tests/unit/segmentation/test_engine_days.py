"""Days of the calendar and consent in rules: birthdays, anniversaries, what is allowed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.rules import parse
from segmentation_service.engine import (
    ProfileInput,
    SegmentRule,
    compile_ruleset,
    new_state,
    replay,
    step,
)

from tests.unit.segmentation.customer import DAY, T0, Customer


def ms(text: str, zone: str = "UTC") -> int:
    """An instant from local time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def known(since: str, zone: str = "UTC", **attributes: object) -> ProfileSnapshot:
    """A profile known since a local time."""
    snapshot = ProfileSnapshot(version=1, **attributes)  # type: ignore[arg-type]
    snapshot.create_time.FromMilliseconds(ms(since, zone))
    return snapshot


def changes(rule: str, snapshot: ProfileSnapshot, zone: str, until: str) -> list[tuple[str, bool]]:
    """Each change as (local time, entered), from creation on."""
    ruleset = compile_ruleset([SegmentRule("a", parse(rule))], zone)
    created_ms = snapshot.create_time.ToMilliseconds()
    found = replay(ruleset, snapshot, created_ms, [], ms(until, zone)).transitions
    return [
        (
            datetime.fromtimestamp(one.at_ms / 1000, UTC)
            .astimezone(ZoneInfo(zone))
            .strftime("%Y-%m-%d %H:%M"),
            one.entered,
        )
        for one in found
    ]


DAYS = [
    # Chuseok of four years, as published.
    (
        "birthday within 0d",
        known("2020-01-01", "Asia/Seoul", birthday="L08-15"),
        "Asia/Seoul",
        "2023-12-31",
        [
            ("2020-10-01 00:00", True),
            ("2020-10-02 00:00", False),
            ("2021-09-21 00:00", True),
            ("2021-09-22 00:00", False),
            ("2022-09-10 00:00", True),
            ("2022-09-11 00:00", False),
            ("2023-09-29 00:00", True),
            ("2023-09-30 00:00", False),
        ],
    ),
    # The eleventh month's end: two such days in 2018 and 2019 each have none or one of their own.
    (
        "birthday within 0d",
        known("2019-01-01", "Asia/Seoul", birthday="L11-25"),
        "Asia/Seoul",
        "2021-02-01",
        [
            ("2019-12-21 00:00", True),
            ("2019-12-22 00:00", False),
            ("2021-01-08 00:00", True),
            ("2021-01-09 00:00", False),
        ],
    ),
    # Known late in the evening of the 15th in Seoul, which is the 15th in UTC as well.
    (
        "anniversary within 7d",
        known("2023-05-15T23:30", "Asia/Seoul"),
        "Asia/Seoul",
        "2025-12-31",
        [
            ("2024-05-08 00:00", True),
            ("2024-05-16 00:00", False),
            ("2025-05-08 00:00", True),
            ("2025-05-16 00:00", False),
        ],
    ),
    # The same instant is still the 14th in New York.
    (
        "anniversary within 0d",
        known("2023-05-15T03:30"),
        "America/New_York",
        "2024-12-31",
        [("2024-05-14 00:00", True), ("2024-05-15 00:00", False)],
    ),
    # The 29th of February comes round on the 28th, and on itself in leap years.
    (
        "anniversary within 0d",
        known("2024-02-29T12:00"),
        "UTC",
        "2028-12-31",
        [
            ("2025-02-28 00:00", True),
            ("2025-03-01 00:00", False),
            ("2026-02-28 00:00", True),
            ("2026-03-01 00:00", False),
            ("2027-02-28 00:00", True),
            ("2027-03-01 00:00", False),
            ("2028-02-29 00:00", True),
            ("2028-03-01 00:00", False),
        ],
    ),
    # The first one is a year away, however far ahead the rule looks.
    (
        "anniversary within 180d",
        known("2023-01-01T00:00"),
        "UTC",
        "2024-06-30",
        [("2023-07-05 00:00", True), ("2024-01-02 00:00", False)],
    ),
    # Across the end of a year.
    (
        "birthday within 7d",
        known("2023-06-01T00:00", birthday="01-03"),
        "Asia/Seoul",
        "2024-06-30",
        [("2023-12-27 00:00", True), ("2024-01-04 00:00", False)],
    ),
    # Santiago skips midnight when its summer begins: the day begins at one o'clock.
    (
        "birthday within 0d",
        known("2023-06-01T00:00", birthday="09-03"),
        "America/Santiago",
        "2024-06-30",
        [("2023-09-03 01:00", True), ("2023-09-04 00:00", False)],
    ),
    (
        "birthday within 0d",
        known("2025-01-01T00:00", birthday="02-29"),
        "UTC",
        "2025-12-31",
        [("2025-02-28 00:00", True), ("2025-03-01 00:00", False)],
    ),
    ("birthday within 180d", known("2025-01-01T00:00", birthday="13-45"), "UTC", "2027-01-01", []),
    ("birthday within 180d", known("2025-01-01T00:00"), "UTC", "2027-01-01", []),
]


@pytest.mark.parametrize(("rule", "snapshot", "zone", "until", "expected"), DAYS)
def test_days_begin_and_end_at_the_tenants_midnight(
    rule: str, snapshot: ProfileSnapshot, zone: str, until: str, expected: list[tuple[str, bool]]
) -> None:
    """In whatever zone, in leap years and when clocks are put forward."""
    assert expected == changes(rule, snapshot, zone, until)


def test_a_customer_of_unknown_origin_has_no_anniversary() -> None:
    """What does not exist makes a condition false."""
    one = Customer("anniversary within 180d")
    one.take()
    one.waits(700 * DAY)
    assert set() == one.segments()


def test_an_earlier_origin_learned_later_moves_the_anniversary() -> None:
    """As after a merge, whose customer is known since the earlier of the two days."""
    ruleset = compile_ruleset([SegmentRule("a", parse("anniversary within 7d"))], "UTC")
    state = new_state(known("2023-05-15T00:00"), ms("2023-05-15T00:00"))
    state = step(ruleset, state, [], ms("2023-06-01T00:00")).state
    assert ms("2024-05-08T00:00") == state.deadline_ms
    earlier = known("2023-03-10T00:00")
    earlier.version = 2
    state = step(ruleset, state, [ProfileInput(earlier, ms("2023-06-02T00:00"))]).state
    assert ms("2024-03-03T00:00") == state.deadline_ms


def test_consent_enters_and_leaves_as_it_is_given_and_withdrawn() -> None:
    """Of its purpose and channel alone."""
    one = Customer("consent.email", "not consent.marketing_night.sms")
    one.take()
    assert {"b"} == one.segments()
    assert [(1, "a", True)] == one.becomes(1, consents=["marketing.email"])
    assert [] == one.becomes(2, consents=["marketing.email", "marketing.sms"])
    assert [(3, "b", False)] == one.becomes(3, consents=["marketing.email", "marketing_night.sms"])
    assert [(4, "a", False), (4, "b", True)] == one.becomes(4, consents=["profiling.email"])


def test_only_rules_that_read_a_consent_are_touched_by_it() -> None:
    """Cost grows with the rules touched."""
    one = Customer("consent.email", "consent.sms", "count(a) = 0")
    assert {"consent:marketing.email": 0b001, "consent:marketing.sms": 0b010} == (
        one.ruleset.attributes
    )
    assert T0 == one.state.now_ms
