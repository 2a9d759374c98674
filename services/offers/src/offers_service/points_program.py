"""A tenant's points programme: what orders earn, how long it lasts, and its tiers. Pure.

Points round down, in full steps: so many for each full amount. A bonus is a share of what the base
gives and rounds down by itself. What is earned ends with the month that lies the stated number of
months ahead, by the tenant's calendar, so that no one has more lots than months.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import msgspec

from offers_service.offers import BASIS_POINTS

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)
# Spend counts for the day of its order and the 364 after it, by the tenant's calendar.
ROLLING_DAYS = 365
BASE_RULE = "base"


class Bonus(msgspec.Struct, frozen=True, omit_defaults=True):
    """More points on an order: a share of the base's, while it runs; campaign: only for orders
    that name it. Times are Unix milliseconds, 0 for no end."""

    rule_id: str
    basis_points: int
    minimum_minor_units: int = 0
    from_ms: int = 0
    until_ms: int = 0
    campaign: str = ""


class Tier(msgspec.Struct, frozen=True, omit_defaults=True):
    """A standing that spend over the rolling year reaches; bonus_basis_points: more points on
    every order; offers: granted on each promotion into it."""

    tier_id: str
    threshold_minor_units: int
    display_names: dict[str, str] = {}
    bonus_basis_points: int = 0
    offers: tuple[str, ...] = ()


class Program(msgspec.Struct, frozen=True, omit_defaults=True):
    """The terms under which points are earned, spent, given and lost; version grows by one with
    each change. A point is worth worth_minor_units at the till. Tiers rise."""

    version: int
    currency: str
    time_zone: str
    points: int
    per_minor_units: int
    valid_for_months: int = 12
    worth_minor_units: int = 1
    spend_minimum_points: int = 0
    hold_seconds: int = 900
    restore_grace_days: int = 7
    gift_daily_points: int = 0
    gift_daily_count: int = 0
    bonuses: tuple[Bonus, ...] = ()
    tiers: tuple[Tier, ...] = ()

    def same_content(self, other: Program) -> bool:
        """Whether two programmes differ in nothing but their version."""
        return msgspec.structs.replace(other, version=self.version) == self


def default_program(currency: str, time_zone: str) -> Program:
    """What holds for points that are granted where the tenant has no programme: nothing earns."""
    return Program(0, currency, time_zone, points=0, per_minor_units=1)


class Earning(msgspec.Struct, frozen=True):
    """What one rule gives for an order, and the terms from which that follows."""

    rule_id: str
    points: int
    terms: bytes


def points_by(terms: bytes, net_minor_units: int) -> int:
    """The points for so much of an order: b"points/per/basis points"."""
    points, per, basis_points = (int(part) for part in terms.split(b"/"))
    return points * (net_minor_units // per) * basis_points // BASIS_POINTS


def earnings(
    program: Program, net_minor_units: int, campaign: str, tier_id: str, now_ms: int
) -> list[Earning]:
    """What an order earns, rule by rule; rules that give nothing are left out."""
    found = []
    for rule_id, basis_points in _shares(program, net_minor_units, campaign, tier_id, now_ms):
        terms = f"{program.points}/{program.per_minor_units}/{basis_points}".encode()
        points = points_by(terms, net_minor_units)
        if points:
            found.append(Earning(rule_id, points, terms))
    return found


def _shares(
    program: Program, net_minor_units: int, campaign: str, tier_id: str, now_ms: int
) -> Iterator[tuple[str, int]]:
    yield BASE_RULE, BASIS_POINTS
    for bonus in program.bonuses:
        runs = bonus.from_ms <= now_ms and (not bonus.until_ms or now_ms < bonus.until_ms)
        named = not bonus.campaign or bonus.campaign == campaign
        if runs and named and net_minor_units >= bonus.minimum_minor_units:
            yield bonus.rule_id, bonus.basis_points
    tier = tier_by_id(program, tier_id)
    if tier is not None and tier.bonus_basis_points:
        yield f"tier:{tier_id}", tier.bonus_basis_points


def tier_by_id(program: Program, tier_id: str) -> Tier | None:
    """The tier of that id; None for none."""
    return next((tier for tier in program.tiers if tier.tier_id == tier_id), None)


def tier_reached(program: Program, spent_minor_units: int) -> Tier | None:
    """The highest tier that so much spend reaches; None below the lowest."""
    reached = [tier for tier in program.tiers if tier.threshold_minor_units <= spent_minor_units]
    return reached[-1] if reached else None


def tier_ahead(program: Program, spent_minor_units: int) -> Tier | None:
    """The next tier above; None at the top."""
    ahead = (tier for tier in program.tiers if tier.threshold_minor_units > spent_minor_units)
    return next(ahead, None)


def lot_end_ms(program: Program, now_ms: int) -> int:
    """When points earned now end: the end of the month valid_for_months ahead."""
    return month_end_ms(now_ms, program.valid_for_months, program.time_zone)


def restored_lot_end_ms(program: Program, end_ms: int, now_ms: int) -> int:
    """When points that come back are good until: as before, or through the month in which the
    grace ends if that is later."""
    grace_ms = program.restore_grace_days * 86_400_000
    if end_ms >= now_ms + grace_ms:
        return end_ms
    return max(end_ms, month_end_ms(now_ms + grace_ms, 0, program.time_zone))


def month_end_ms(from_ms: int, months: int, time_zone: str) -> int:
    """The midnight that ends the month `months` after that of from_ms, as the zone has it."""
    zone = ZoneInfo(time_zone)
    day = _local(from_ms, zone).date()
    index = day.year * 12 + day.month + months
    midnight = dt.datetime(index // 12, index % 12 + 1, 1, tzinfo=zone)
    return (midnight - _EPOCH) // _MILLISECOND


def day_start_ms(at_ms: int, days: int, time_zone: str) -> int:
    """The midnight that begins the day `days` after that of at_ms, as the zone has it."""
    zone = ZoneInfo(time_zone)
    day = _local(at_ms, zone).date() + dt.timedelta(days=days)
    return (dt.datetime.combine(day, dt.time(), zone) - _EPOCH) // _MILLISECOND


def spend_end_ms(program: Program, at_ms: int) -> int:
    """Until when an order of that time counts towards tiers."""
    return day_start_ms(at_ms, ROLLING_DAYS, program.time_zone)


def faults(program: Program) -> Mapping[str, str]:
    """What is wrong with a programme beyond single fields: field -> what to do."""
    found = {}
    rule_ids = [bonus.rule_id for bonus in program.bonuses]
    if len(set(rule_ids)) < len(rule_ids) or BASE_RULE in rule_ids:
        found["program.bonuses"] = f"give each its own rule_id, other than {BASE_RULE}"
    tier_ids = [tier.tier_id for tier in program.tiers]
    if len(set(tier_ids)) < len(tier_ids):
        found["program.tiers"] = "give each its own tier_id"
    steps = [(tier.threshold_minor_units, tier.bonus_basis_points) for tier in program.tiers]
    if any(low[0] >= high[0] or low[1] > high[1] for low, high in itertools.pairwise(steps)):
        found["program.tiers"] = "let thresholds rise from tier to tier, and no bonus fall"
    if any(
        "ko" not in tier.display_names or "en" not in tier.display_names for tier in program.tiers
    ):
        found["program.tiers.display_names"] = "name every tier in ko and en"
    return found


def _local(at_ms: int, zone: ZoneInfo) -> dt.datetime:
    return (_EPOCH + at_ms * _MILLISECOND).astimezone(zone)
