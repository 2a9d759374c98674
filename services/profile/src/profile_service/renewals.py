"""When consent to advertising has to be confirmed again. Pure.

Whoever sends advertising by consent has to tell each recipient every two years that the consent
stands and how to withdraw it (Korea: 정보통신망법 제50조 제8항,
같은 법 시행령 제62조의3). Silence leaves the consent as it is; so a
confirmation is an entry of its own in the log, and neither grants nor renews what was withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from profile_service.consents import Decision

RENEWAL_YEARS: Final = 2
# What of them is advertising. A tenant's own purposes are its own affair.
RENEWED_PURPOSES: Final = frozenset({"marketing", "marketing_night"})


@dataclass(frozen=True, slots=True)
class DueConsent:
    """A consent that has to be confirmed. since_ms: granted or last confirmed; times are UTC."""

    customer_id: str
    name: str
    since_ms: int
    due_ms: int


def since_ms(decision: Decision) -> int:
    """From when the two years run."""
    return max(decision.decided_ms, decision.confirmed_ms)


def oldest_ms(consents: Mapping[str, Decision]) -> int:
    """From when they run for the consent that falls due first; 0 for nothing to confirm."""
    running = [since_ms(one) for name, one in consents.items() if _runs(name, one)]
    return min(running, default=0)


def due_ms(from_ms: int, zone: ZoneInfo) -> int:
    """The beginning of the day, in the tenant's zone, two years after the day of the consent.

    Of a 29 February that is 28 February: rather early than late.
    """
    return _midnight_ms(_later(_day(from_ms, zone)), zone)


def started_before_ms(until_ms: int, zone: ZoneInfo) -> int:
    """What began before this instant is due at until_ms or earlier."""
    last_day = _day(until_ms, zone)
    day = _years(last_day, -RENEWAL_YEARS)
    if _later(day + timedelta(days=1)) <= last_day:
        day += timedelta(days=1)
    return _midnight_ms(day + timedelta(days=1), zone)


def due_of(
    customer_id: str, consents: Mapping[str, Decision], until_ms: int, zone: ZoneInfo
) -> list[DueConsent]:
    """The consents of a customer that are due by then, in order of name."""
    due = [
        DueConsent(customer_id, name, since_ms(one), due_ms(since_ms(one), zone))
        for name, one in sorted(consents.items())
        if _runs(name, one)
    ]
    return [one for one in due if one.due_ms <= until_ms]


def _runs(name: str, decision: Decision) -> bool:
    return decision.granted and name.partition(".")[0] in RENEWED_PURPOSES


def _later(day: date) -> date:
    return _years(day, RENEWAL_YEARS)


def _years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _day(at_ms: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)
