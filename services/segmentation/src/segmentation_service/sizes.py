"""A segment's size day by day, from the instants of its announcements. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS_MAX = 731
_DAYS_DEFAULT = 30
_QUARTER_MS = 15 * 60 * 1000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST_YEAR = 1970


class Size(NamedTuple):
    """One day: who came, who went, and how many there were at its end, or now if it is today."""

    day: date
    member_count: int
    entered: int
    exited: int


class Bucket(NamedTuple):
    """Changes of a stretch of time that begins at start_ms."""

    start_ms: int
    entered: int
    exited: int


class DatesError(ValueError):
    """Dates that cannot be answered: the field at fault and what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def choose_days(first: str, last: str, now_ms: int, time_zone: str) -> list[date]:
    """The days from first to last, both included; empty ones: the last 30, until today.

    Raises DatesError.
    """
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(time_zone)).date()
    last_day = _read("last_date", last) if last else today
    if last_day > today:
        raise DatesError("last_date", f"must not be after today, {today} in {time_zone}")
    default = max(last_day - timedelta(_DAYS_DEFAULT - 1), date(_FIRST_YEAR, 1, 1))
    first_day = _read("first_date", first) if first else default
    count = (last_day - first_day).days + 1
    if count < 1:
        raise DatesError("first_date", "must not be after last_date")
    if count > DAYS_MAX:
        raise DatesError("first_date", f"ask for at most {DAYS_MAX} days at once")
    return [first_day + timedelta(number) for number in range(count)]


def bounds_ms(days: Sequence[date], time_zone: str) -> list[int]:
    """When each day begins, and when the last one ends. Days of 23 or 25 hours are no matter."""
    zone = ZoneInfo(time_zone)
    starts = [*days, days[-1] + timedelta(1)]
    # Of a midnight that a change of the clock leaves out, this is the instant of the change.
    return [_begins(day, zone) for day in starts]


def bucket_ms(bounds: Sequence[int]) -> int:
    """The length of the longest buckets that no day's beginning cuts: mostly 15 minutes."""
    return math.gcd(_QUARTER_MS, *bounds)


def fold(
    days: Sequence[date], bounds: Sequence[int], before: int, buckets: Iterable[Bucket]
) -> list[Size]:
    """Sizes of the days; `before` members were there when the first began."""
    changes = [[0, 0] for _ in days]
    at = 0
    for bucket in sorted(buckets):
        while bucket.start_ms >= bounds[at + 1]:
            at += 1
        changes[at][0] += bucket.entered
        changes[at][1] += bucket.exited
    sizes = []
    count = before
    for day, (entered, exited) in zip(days, changes, strict=True):
        count += entered - exited
        sizes.append(Size(day, count, entered, exited))
    return sizes


def _read(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year < _FIRST_YEAR:
        raise DatesError(field, "write a date from 1970 on, like 2026-01-31")
    return day


def _begins(day: date, zone: ZoneInfo) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int(midnight.astimezone(UTC).timestamp()) * 1000
