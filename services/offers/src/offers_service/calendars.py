"""Days of the calendar: public holidays, and when a dated campaign acts. Pure.

Holidays come from the library `holidays` (MIT), which computes the Korean lunar days by the Korea
Astronomy and Space Science Institute's calendar and knows the Public Holidays Act with its
substitute holidays. Days of a year are computed once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

from offers_service.triggers import DateTrigger, OccasionKind

# Countries whose holidays have ids of ours, by time zone.
COUNTRIES = {"Asia/Seoul": "KR"}
DAYS_MAX = 800
# A yearly occasion comes within two years, also where an offset moves it.
_YEARS_AHEAD = 3
_IDS = {"Korean New Year": "seollal"}
_BEFORE, _AFTER = "The day preceding ", "The second day of "
_SUBSTITUTE = "Alternative holiday for "


class CalendarKind(StrEnum):
    HOLIDAY = "HOLIDAY"
    SUBSTITUTE_HOLIDAY = "SUBSTITUTE_HOLIDAY"
    SALE = "SALE"
    SEASON = "SEASON"
    CAMPAIGN = "CAMPAIGN"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """Both days included; names are (language, name) in order of language."""

    entry_id: str
    kind: CalendarKind
    names: tuple[tuple[str, str], ...]
    first: date
    last: date


class Occurrence(NamedTuple):
    """day is the local date on which a dated campaign acts, due_ms the instant."""

    day: date
    due_ms: int

    @property
    def number(self) -> int:
        """The date as a number such as 20260925: what a stint is to a segment's campaign."""
        return self.day.year * 10_000 + self.day.month * 100 + self.day.day


EntryOf = Callable[[str], CalendarEntry | None]


@lru_cache(maxsize=256)
def holidays_of(time_zone: str, year: int) -> tuple[CalendarEntry, ...]:
    """The year's public holidays in order of date; none for a country that is not known here."""
    country = COUNTRIES.get(time_zone)
    if country is None:
        return ()
    english = holidays.country_holidays(country, years=year, language="en_US")
    korean = holidays.country_holidays(country, years=year, language="ko")
    return tuple(
        _holiday(day, en, ko)
        for day in sorted(english)
        for en, ko in zip(english.get_list(day), korean.get_list(day), strict=True)
    )


def _holiday(day: date, english: str, korean: str) -> CalendarEntry:
    substitute = english.startswith(_SUBSTITUTE)
    kind = CalendarKind.SUBSTITUTE_HOLIDAY if substitute else CalendarKind.HOLIDAY
    return CalendarEntry(_id(english), kind, (("en", english), ("ko", korean)), day, day)


def _id(english: str) -> str:
    for prefix, form in ((_BEFORE, "{}-eve"), (_AFTER, "{}-second-day"), (_SUBSTITUTE, "{}-off")):
        if english.startswith(prefix):
            return form.format(_id(english.removeprefix(prefix)))
    slug = re.sub(r"[^a-z0-9]+", "-", english.lower().replace("'", "")).strip("-")
    return _IDS.get(english, slug)


def holidays_between(time_zone: str, first: date, last: date) -> list[CalendarEntry]:
    """Holidays from first to last, both included, in order of date."""
    years = range(first.year, last.year + 1)
    found = [entry for year in years for entry in holidays_of(time_zone, year)]
    return [entry for entry in found if first <= entry.first <= last]


def knows_holiday(time_zone: str, holiday_id: str, year: int) -> bool:
    """Whether there is such a holiday in the year or one of the two after it."""
    years = range(year, year + _YEARS_AHEAD)
    known = {entry.entry_id for each in years for entry in holidays_of(time_zone, each)}
    return holiday_id in known


def next_occurrence(
    trigger: DateTrigger, after_ms: int, time_zone: str, entry_of: EntryOf
) -> Occurrence | None:
    """The first occurrence at or after after_ms; None when none comes within two years."""
    zone = ZoneInfo(time_zone)
    year = datetime.fromtimestamp(after_ms / 1000, zone).year
    offset = timedelta(days=trigger.offset_days)
    # An offset may carry an occasion of one year into the next, or the one before.
    days = [day + offset for day in _days(trigger, year, time_zone, entry_of)]
    found = [Occurrence(day, instant_ms(day, trigger.minute_of_day, zone)) for day in sorted(days)]
    return next((each for each in found if each.due_ms >= after_ms), None)


def _days(trigger: DateTrigger, year: int, time_zone: str, entry_of: EntryOf) -> Iterable[date]:
    years = range(year - 1, year + _YEARS_AHEAD)
    match trigger.kind:
        case OccasionKind.DATE:
            return [date.fromisoformat(trigger.value)]
        case OccasionKind.YEARLY:
            return [_yearly(each, trigger.value) for each in years]
        case OccasionKind.HOLIDAY:
            entries = [entry for each in years for entry in holidays_of(time_zone, each)]
            return [entry.first for entry in entries if entry.entry_id == trigger.value]
        case OccasionKind.ENTRY:
            entry = entry_of(trigger.value)
            return [entry.first] if entry else []


def _yearly(year: int, month_and_day: str) -> date:
    month, day = (int(part) for part in month_and_day.split("-"))
    if (month, day) == (2, 29) and not _is_leap(year):
        return date(year, 2, 28)
    return date(year, month, day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def is_month_and_day(text: str) -> bool:
    """Whether the text is a day that some year has."""
    try:
        _yearly(2028, text)
    except ValueError:
        return False
    return True


def is_date(text: str) -> bool:
    """Whether the text is a date that exists."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def instant_ms(day: date, minute_of_day: int, zone: ZoneInfo) -> int:
    """UTC milliseconds of a local time. A time that a change of clocks skips is taken as it would
    have been without the change; one that comes twice is the first."""
    local = datetime.combine(day, time(minute_of_day // 60, minute_of_day % 60), zone)
    return int(local.timestamp() * 1000)
