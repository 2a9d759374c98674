"""Figures of shops over time: their windows, their periods, and what comes of the sums. Pure.

docs/insight.md defines every figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY_MS: Final = 24 * 3600 * 1000
PERIODS_MAX: Final = 100
FIGURES_MAX: Final = 20_000
TOTALS_DAYS: Final = 30


class Scope(StrEnum):
    """Of what the figures are."""

    STORE = "STORE"
    REGION = "REGION"
    TENANT = "TENANT"


class Unit(StrEnum):
    """How long a period is. Weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class Windows:
    """In days of 24 hours; risk_after is less than lost_after."""

    lost_after_days: int = 90
    risk_after_days: int = 60
    value_days: int = 365

    @property
    def wrong(self) -> tuple[str, str] | None:
        """(field, what to do) when the windows contradict each other."""
        if self.risk_after_days >= self.lost_after_days:
            return "risk_after_days", f"send fewer than lost_after_days, {self.lost_after_days}"
        return None


class Period(NamedTuple):
    """One period: its first day, and its instants in UTC milliseconds, the end exclusive."""

    first_day: date
    start_ms: int
    end_ms: int


class Sums(NamedTuple):
    """What the database adds up of one scope and period. risk and risk_value are changes of what
    is at risk, since before the first period in the first; amounts in minor units."""

    scope_id: str
    start_ms: int
    order_count: int
    revenue: int
    active_count: int
    new_count: int
    won_back_count: int
    lost_count: int
    risk: int
    risk_value: int


class Figures(NamedTuple):
    """One scope's period; revenue in minor units, at risk as of its end."""

    scope_id: str
    first_day: date
    order_count: int
    revenue: int
    active_count: int
    new_count: int
    returning_count: int
    won_back_count: int
    lost_count: int
    at_risk_count: int
    revenue_at_risk: int


class Totals(NamedTuple):
    """What a tenant's figures come to: at risk now, the others in the last TOTALS_DAYS."""

    at_risk_count: int
    revenue_at_risk: int
    lost_count: int
    won_back_count: int
    new_count: int


def to_totals(figures: Sequence[Figures], today: date) -> Totals:
    """From the tenant's figures by day. Who is lost, won back or new is so on one day alone, as
    long as TOTALS_DAYS are fewer than lost_after_days. A day that is left out has nobody at risk.
    """
    last = figures[-1] if figures and figures[-1].first_day == today else None
    return Totals(
        at_risk_count=last.at_risk_count if last else 0,
        revenue_at_risk=last.revenue_at_risk if last else 0,
        lost_count=sum(one.lost_count for one in figures),
        won_back_count=sum(one.won_back_count for one in figures),
        new_count=sum(one.new_count for one in figures),
    )


def periods_of(unit: Unit, first: date, last: date, zone: ZoneInfo) -> list[Period]:
    """The periods from the one that holds `first` to the one that holds `last`, at most one more
    than PERIODS_MAX."""
    found: list[Period] = []
    day = _begin(unit, first)
    while day <= last and len(found) <= PERIODS_MAX:
        following = _next(unit, day)
        found.append(Period(day, _midnight_ms(day, zone), _midnight_ms(following, zone)))
        day = following
    return found


def _begin(unit: Unit, day: date) -> date:
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit is Unit.MONTH else day


def _next(unit: Unit, day: date) -> date:
    if unit is Unit.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if unit is Unit.WEEK else 1)


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)


def to_figures(sums: Iterable[Sums], periods: Sequence[Period], now_ms: int) -> list[Figures]:
    """The figures of each scope in order of period; those in which nothing happened are left out.

    sums are in order of scope. What is at risk is carried from period to period.
    """
    figures = []
    for scope_id, some in groupby(sums, key=lambda one: one.scope_id):
        by_start = {one.start_ms: one for one in some}
        at_risk = value = 0
        for period in periods:
            if period.start_ms > now_ms:
                break
            nothing = Sums(scope_id, period.start_ms, 0, 0, 0, 0, 0, 0, 0, 0)
            one = by_start.get(period.start_ms, nothing)
            at_risk, value = at_risk + one.risk, value + one.risk_value
            returning = one.active_count - one.new_count - one.won_back_count
            found = Figures(
                *(scope_id, period.first_day, one.order_count, one.revenue, one.active_count),
                *(one.new_count, returning, one.won_back_count, one.lost_count, at_risk, value),
            )
            if any(found[2:]):
                figures.append(found)
    return figures
