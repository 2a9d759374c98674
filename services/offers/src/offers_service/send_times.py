"""At which hour of the week a customer is best written to, learned from when the customer was
there. Pure.

Acts (visits, log-ins, purchases, messages opened and clicked) are counted by the customer's own
clock in the 168 hours of a week. An act loses half its weight in 60 days, so that a habit that has
changed is forgotten; and it is spread over its neighbours (1/4, 1/2, 1/4, around midnight too), for
somebody who came at 20:59 is there at nine.

The estimated share of an hour is the mean of a posterior under a Dirichlet prior, counts and prior
over their sum, in two steps, each drawn to the next wider pattern by as many acts as that is
worth: an hour of the day to the tenant's hours by DAY_WORTH acts, an hour of the week to the
customer's own hour of the day by WEEK_WORTH. The tenant's own hours are drawn to a flat week. So of
a stranger the tenant's customers speak; and where nobody has been seen every hour is as good as
the next, and the message goes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

DAYS, HOURS = 7, 24
HOUR_MS = 3_600_000
HALF_LIFE_MS = 60 * 24 * HOUR_MS
ACT_TYPES = ("visit", "login", "purchase", "message_opened", "message_clicked")
DAY_WORTH, WEEK_WORTH, FLAT_WORTH = 12.0, 42.0, 168.0
# How much better an hour has to be than the present one to be worth waiting for.
GAIN_MIN = 1.5
WAIT_MAX_MS = 7 * 24 * HOUR_MS

Week = Sequence[float]


class Timing(msgspec.Struct, frozen=True, omit_defaults=True):
    """The hour that was chosen, and why: its share and that of the present hour, in millionths of
    the customer's week, and how many acts of the customer and of the tenant were known."""

    at_ms: int
    share: int
    share_now: int
    acts: int
    tenant_acts: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A tenant's week: acts by hour (Monday 00:00 first), by the tenant's clock."""

    counts: tuple[float, ...] = (0.0,) * (DAYS * HOURS)

    @property
    def total(self) -> float:
        """How many acts."""
        return sum(self.counts)


def week_of(acts_ms: Iterable[int], zone: ZoneInfo, now_ms: int) -> list[float]:
    """Acts by hour of the week, decayed and spread."""
    counts = [0.0] * (DAYS * HOURS)
    for at_ms in acts_ms:
        weight = 0.5 ** (max(now_ms - at_ms, 0) / HALF_LIFE_MS)
        hour = _hour_of_week(at_ms, zone)
        for near, part in ((hour - 1, 0.25), (hour, 0.5), (hour + 1, 0.25)):
            counts[near % (DAYS * HOURS)] += weight * part
    return counts


def shares(own: Week, tenant: Pattern) -> list[float]:
    """The estimated share of each hour of the week; they add up to 1."""
    total = tenant.total
    flat = FLAT_WORTH / (DAYS * HOURS)
    wide = [(count + flat) / (total + FLAT_WORTH) for count in tenant.counts]
    hours = [sum(wide[day * HOURS + hour] for day in range(DAYS)) for hour in range(HOURS)]
    days = [sum(wide[day * HOURS : (day + 1) * HOURS]) for day in range(DAYS)]
    seen = sum(own)
    by_hour = [
        (sum(own[day * HOURS + hour] for day in range(DAYS)) + DAY_WORTH * hours[hour])
        / (seen + DAY_WORTH)
        for hour in range(HOURS)
    ]
    return [
        (own[day * HOURS + hour] + WEEK_WORTH * by_hour[hour] * days[day]) / (seen + WEEK_WORTH)
        for day in range(DAYS)
        for hour in range(HOURS)
    ]


def choose(
    acts_ms: Sequence[int],
    tenant: Pattern,
    zone: ZoneInfo,
    *,
    now_ms: int,
    until_ms: int,
    allowed: Callable[[int], bool] = lambda _: True,
) -> Timing:
    """When to send, from now_ms to until_ms: now, or the start of the best hour that is allowed.

    Of equally good hours the earliest; only what is clearly better than now is waited for.
    """
    estimated = shares(week_of(acts_ms, zone, now_ms), tenant)
    share_now = estimated[_hour_of_week(now_ms, zone)]
    best_ms, best = now_ms, share_now * GAIN_MIN if allowed(now_ms) else 0.0
    for at_ms in _hour_starts(zone, now_ms, min(until_ms, now_ms + WAIT_MAX_MS)):
        share = estimated[_hour_of_week(at_ms, zone)]
        if share > best * (1 + 1e-9) and allowed(at_ms):
            best_ms, best = at_ms, share
    chosen = estimated[_hour_of_week(best_ms, zone)]
    return Timing(
        best_ms,
        round(chosen * 1e6),
        round(share_now * 1e6),
        len(acts_ms),
        round(tenant.total),
    )


def _hour_starts(zone: ZoneInfo, after_ms: int, until_ms: int) -> list[int]:
    """Starts of local hours after after_ms; some zones are off by half an hour."""
    local = _local(after_ms, zone)
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    first_ms = after_ms + HOUR_MS - round(into.total_seconds() * 1000)
    return list(range(first_ms, until_ms + 1, HOUR_MS))


def _hour_of_week(at_ms: int, zone: ZoneInfo) -> int:
    local = _local(at_ms, zone)
    return local.weekday() * HOURS + local.hour


def _local(at_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
