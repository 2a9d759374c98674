"""Days of the Korean lunar calendar, and on which solar days they fall. Pure.

The tables are the Korea Astronomy and Space Science Institute's, by the library
`korean-lunar-calendar` (MIT); they end with lunar 18 November 2050. The Chinese calendar is a day
off in some years, so its libraries will not do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from korean_lunar_calendar import KoreanLunarCalendar

MONTH_DAYS_MAX: Final = 30
_TEXT: Final = re.compile(r"L(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|30)(\+?)")


class LunarDay(NamedTuple):
    """A day of every lunar year. leap: of the leap month that follows the month of that number."""

    month: int
    day: int
    leap: bool = False


def to_text(lunar: LunarDay) -> str:
    """L08-15, or L04-08+ for a leap month; nothing else that is a birthday begins with L."""
    return f"L{lunar.month:02}-{lunar.day:02}{'+' if lunar.leap else ''}"


def from_text(text: str) -> LunarDay | None:
    """The day that `to_text` wrote; None for anything else."""
    found = _TEXT.fullmatch(text)
    return LunarDay(int(found[1]), int(found[2]), bool(found[3])) if found else None


@lru_cache(maxsize=16_384)
def solar_date(year: int, lunar: LunarDay) -> date | None:
    """The solar day of one exact lunar day; None when that year has no such day."""
    calendar = KoreanLunarCalendar()
    if not calendar.setLunarDate(year, lunar.month, lunar.day, lunar.leap):
        return None
    return date(calendar.solarYear, calendar.solarMonth, calendar.solarDay)


def observed(year: int, lunar: LunarDay) -> date | None:
    """The solar day on which a lunar birthday is kept in a lunar year; None beyond the tables.

    A leap month's is kept in the ordinary month of years without that leap month, and the 30th on
    the 29th where the month ends then.
    """
    plain = lunar._replace(leap=False)
    shorter = [one._replace(day=29) for one in (lunar, plain)] if lunar.day == 30 else []
    leap = [lunar, *shorter[:1]] if lunar.leap else []
    for candidate in (*leap, plain, *shorter[1:]):
        found = solar_date(year, candidate)
        if found is not None:
            return found
    return None


def observed_between(first_year: int, last_year: int, lunar: LunarDay) -> Iterator[date]:
    """The solar days of lunar years, in order. One solar year may have none, one or two."""
    for year in range(first_year, last_year + 1):
        day = observed(year, lunar)
        if day is not None:
            yield day
