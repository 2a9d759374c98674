"""The promotion calendar against published dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service import calendars
from offers_service.calendars import CalendarEntry, CalendarKind, Occurrence
from offers_service.triggers import DateTrigger, OccasionKind

SEOUL = "Asia/Seoul"
DAY_MS = 86_400_000
# The day itself of Seollal (lunar 1 January) and Chuseok (lunar 15 August), as the Korea Astronomy
# and Space Science Institute's calendars (월력요항) and its lunar tables give them. In 2027 and
# 2028 the Chinese new year comes a day before Seollal.
LUNAR_DAYS = [
    ("seollal", "2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-07 2028-01-27"),
    ("chuseok", "2022-09-10 2023-09-29 2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03"),
    ("buddhas-birthday", "2023-05-27 2024-05-15 2025-05-05 2026-05-24 2027-05-13 2028-05-02"),
]
# All days off of a year, as the government published them for 2024 to 2026, with their substitute
# and temporary holidays. 2026 has labour day and constitution day by the Act as amended that year.
YEARS = {
    2024: "01-01 02-09 02-10 02-11 02-12 03-01 04-10 05-05 05-06 05-15 06-06 08-15 09-16 09-17"
    " 09-18 10-01 10-03 10-09 12-25",
    2025: "01-01 01-27 01-28 01-29 01-30 03-01 03-03 05-05 05-06 06-03 06-06 08-15 10-03 10-05"
    " 10-06 10-07 10-08 10-09 12-25",
    2026: "01-01 02-16 02-17 02-18 03-01 03-02 05-01 05-05 05-24 05-25 06-03 06-06 07-17 08-15"
    " 08-17 09-24 09-25 09-26 10-03 10-05 10-09 12-25",
}
SUBSTITUTES = [
    ("2024-02-12", "seollal-off"),
    ("2024-05-06", "childrens-day-off"),
    ("2025-03-03", "independence-movement-day-off"),
    ("2025-05-06", "buddhas-birthday-off"),
    ("2025-10-08", "chuseok-off"),
    ("2026-05-25", "buddhas-birthday-off"),
    ("2027-02-09", "seollal-off"),
    ("2028-10-05", "chuseok-off"),
]


def at(text: str, zone: str = SEOUL) -> int:
    """A local time as UTC milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def following(
    trigger: DateTrigger, after: str, zone: str = SEOUL, entry: CalendarEntry | None = None
) -> Occurrence | None:
    """The next occurrence after a local time."""
    return calendars.next_occurrence(trigger, at(after, zone), zone, lambda _: entry)


@pytest.mark.parametrize(("holiday_id", "days"), LUNAR_DAYS)
def test_lunar_holidays_fall_on_their_published_days(holiday_id: str, days: str) -> None:
    """Seven years of Seollal and Chuseok, six of Buddha's birthday."""
    for day in map(date.fromisoformat, days.split()):
        found = calendars.holidays_of(SEOUL, day.year)
        assert [day] == [entry.first for entry in found if entry.entry_id == holiday_id]


@pytest.mark.parametrize("year", YEARS)
def test_the_days_off_of_a_year_are_those_published(year: int) -> None:
    """No more and no fewer, substitute and temporary holidays and elections included."""
    found = {entry.first.strftime("%m-%d") for entry in calendars.holidays_of(SEOUL, year)}
    assert set(YEARS[year].split()) == found


@pytest.mark.parametrize(("day", "holiday_id"), SUBSTITUTES)
def test_substitute_holidays_are_told_apart(day: str, holiday_id: str) -> None:
    """They say what they stand for, and are no holidays of their own kind."""
    wanted = date.fromisoformat(day)
    found = calendars.holidays_between(SEOUL, wanted, wanted)
    assert holiday_id in {entry.entry_id for entry in found}
    assert {CalendarKind.SUBSTITUTE_HOLIDAY} == {entry.kind for entry in found}


def test_holidays_have_both_names() -> None:
    """Korean and English."""
    [entry] = calendars.holidays_between(SEOUL, date(2026, 9, 25), date(2026, 9, 25))
    assert {"ko": "추석", "en": "Chuseok"} == dict(entry.names)


def test_a_country_without_known_holidays_has_none() -> None:
    """Rather than another country's."""
    assert () == calendars.holidays_of("Europe/Berlin", 2026)


def test_a_greeting_three_days_before_chuseok() -> None:
    """At ten in the morning of Seoul, once a year on another day."""
    trigger = DateTrigger("vip", OccasionKind.HOLIDAY, "chuseok", -3, 600)
    first = following(trigger, "2026-01-01T00:00")
    assert Occurrence(date(2026, 9, 22), at("2026-09-22T10:00")) == first
    assert first is not None
    assert 20260922 == first.number
    assert following(trigger, "2026-09-22T10:01") == Occurrence(
        date(2027, 9, 12), at("2027-09-12T10:00")
    )


def test_an_offset_may_lead_into_another_year() -> None:
    """Twenty days before New Year's Day of the year after."""
    trigger = DateTrigger("vip", OccasionKind.YEARLY, "01-01", -20)
    found = following(trigger, "2026-12-01T00:00")
    assert found is not None
    assert date(2026, 12, 12) == found.day


def test_a_date_comes_once() -> None:
    """At its very instant still, a millisecond later no more."""
    trigger = DateTrigger("vip", OccasionKind.DATE, "2026-11-11")
    due_ms = at("2026-11-11T00:00")
    assert Occurrence(date(2026, 11, 11), due_ms) == following(trigger, "2026-11-11T00:00")
    after = calendars.next_occurrence(trigger, due_ms + 1, SEOUL, lambda _: None)
    assert None is after


def test_the_29th_of_february_falls_on_the_28th_in_other_years() -> None:
    """Nobody is left out for three years."""
    trigger = DateTrigger("vip", OccasionKind.YEARLY, "02-29")
    days = [following(trigger, f"{year}-01-01T00:00") for year in (2027, 2028)]
    assert [date(2027, 2, 28), date(2028, 2, 29)] == [found.day for found in days if found]


def test_an_entry_of_the_tenants_own() -> None:
    """Its first day counts; without the entry there is no day."""
    trigger = DateTrigger("vip", OccasionKind.ENTRY, "spring-sale", 1)
    entry = CalendarEntry("spring-sale", CalendarKind.SALE, (), date(2026, 4, 1), date(2026, 4, 14))
    found = following(trigger, "2026-03-01T00:00", entry=entry)
    assert found is not None
    assert date(2026, 4, 2) == found.day
    assert None is following(trigger, "2026-03-01T00:00")


def test_a_time_that_a_change_of_clocks_skips_or_repeats() -> None:
    """New York skips 02:30 on 8 March 2026 and has 01:30 twice on 1 November."""
    zone = ZoneInfo("America/New_York")
    skipped = calendars.instant_ms(date(2026, 3, 8), 150, zone)
    assert datetime(2026, 3, 8, 7, 30, tzinfo=UTC).timestamp() * 1000 == skipped
    twice = calendars.instant_ms(date(2026, 11, 1), 90, zone)
    assert datetime(2026, 11, 1, 5, 30, tzinfo=UTC).timestamp() * 1000 == twice


@given(
    st.sampled_from(["chuseok", "seollal", "seollal-eve", "christmas-day"]),
    st.integers(-60, 60),
    st.integers(0, 1439),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
)
def test_a_yearly_occasion_always_comes_again(
    holiday_id: str, offset_days: int, minute: int, after: datetime
) -> None:
    """At or after the time asked for, within 400 days, and never twice at once."""
    trigger = DateTrigger("vip", OccasionKind.HOLIDAY, holiday_id, offset_days, minute)
    after_ms = int(after.replace(tzinfo=UTC).timestamp() * 1000)
    first = calendars.next_occurrence(trigger, after_ms, SEOUL, lambda _: None)
    assert first is not None
    assert 0 <= first.due_ms - after_ms <= 400 * DAY_MS
    second = calendars.next_occurrence(trigger, first.due_ms + 1, SEOUL, lambda _: None)
    assert second is not None
    assert second.due_ms > first.due_ms
