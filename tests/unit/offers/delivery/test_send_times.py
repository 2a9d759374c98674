"""The hour at which a customer is best written to, against habits that the test planted."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import send_times
from offers_service.messages import Content, Message, MessageKey, MessageState, Purpose
from offers_service.send_times import Pattern, Timing
from offers_service.sending import Recipient, best_time

SEOUL = ZoneInfo("Asia/Seoul")
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
# A Thursday at 10:30 in Seoul.
NOW = datetime(2026, 11, 26, 10, 30, tzinfo=SEOUL)
NOW_MS = round(NOW.timestamp() * 1000)
NOBODY = Pattern()


def at(days_ago: int, hour: int, minute: int = 0) -> int:
    """A time by Seoul's clock."""
    day = NOW.replace(hour=hour, minute=minute) - timedelta(days=days_ago)
    return round(day.timestamp() * 1000)


def choose(acts: list[int], wait_ms: int = DAY_MS, tenant: Pattern = NOBODY) -> Timing:
    """The choice now."""
    return send_times.choose(acts, tenant, SEOUL, now_ms=NOW_MS, until_ms=NOW_MS + wait_ms)


def hour_of(timing: Timing) -> int:
    """By Seoul's clock."""
    return datetime.fromtimestamp(timing.at_ms / 1000, SEOUL).hour


def test_habits_that_were_planted_are_found() -> None:
    """300 customers with an hour of their own, three acts of ten at any other: with 30 acts at
    least 95 of 100 are met within an hour, and more acts do no worse than fewer."""
    found = {}
    for count in (5, 30):
        source = random.Random(7)
        hits = 0
        for _ in range(300):
            habit = source.randrange(24)
            acts = [
                at(
                    source.randrange(1, 60),
                    habit if source.random() < 0.7 else source.randrange(24),
                    source.randrange(60),
                )
                for _ in range(count)
            ]
            away = abs(hour_of(choose(acts)) - habit) % 24
            hits += min(away, 24 - away) <= 1
        found[count] = hits / 300
    assert found[30] >= 0.95
    assert 0.6 <= found[5] <= found[30]


def test_who_comes_on_saturdays_is_written_to_on_saturday() -> None:
    """If the message may wait so long; else at the same hour of the day."""
    acts = [at(5 + 7 * week, 15, 20) for week in range(12)]
    patient = datetime.fromtimestamp(choose(acts, 6 * DAY_MS).at_ms / 1000, SEOUL)
    assert (5, 15) == (patient.weekday(), patient.hour)
    assert 15 == hour_of(choose(acts))


def test_nothing_known_changes_nothing() -> None:
    """At once, every hour being as good as the next: a 168th of the week."""
    assert Timing(NOW_MS, 5952, 5952, 0, 0) == choose([], 7 * DAY_MS)
    # Nor does a habit of this very hour, or one beyond what the message may wait.
    assert NOW_MS == choose([at(day, 10) for day in range(1, 30)]).at_ms
    assert NOW_MS == choose([at(day, 20) for day in range(1, 30)], 2 * HOUR_MS).at_ms


def test_a_stranger_follows_the_tenant_s_customers_a_regular_the_own_habit() -> None:
    """And the fewer acts there are the more the tenant's hours count."""
    evening = [0.0] * 168
    for day in range(7):
        evening[day * 24 + 19] = 500.0
    tenant = Pattern(tuple(evening))
    assert 19 == hour_of(choose([], tenant=tenant))
    assert 19 == hour_of(choose([at(3, 13)], tenant=tenant))
    assert 13 == hour_of(choose([at(day, 13) for day in range(1, 40)], tenant=tenant))


def test_a_habit_that_changed_is_forgotten() -> None:
    """Twice as many acts, but half a year ago, weigh less than the new ones."""
    old = [at(180 + day, 13) for day in range(60)]
    new = [at(day, 20) for day in range(1, 31)]
    assert 20 == hour_of(choose(old + new))
    assert 13 == hour_of(choose(old))


@given(st.lists(st.integers(0, 400 * DAY_MS), max_size=50), st.integers(0, 8 * DAY_MS))
@settings(max_examples=100, deadline=None)
def test_shares_add_up_and_the_choice_stays_within_its_bounds(
    ages_ms: list[int], wait_ms: int
) -> None:
    """Whatever was seen."""
    acts = [NOW_MS - age for age in ages_ms]
    shares = send_times.shares(send_times.week_of(acts, SEOUL, NOW_MS), NOBODY)
    assert pytest.approx(1.0) == sum(shares)
    assert min(shares) > 0
    assert NOW_MS <= choose(acts, wait_ms).at_ms <= NOW_MS + wait_ms


def test_advertising_does_not_choose_the_night_without_leave() -> None:
    """The best hour of the day is taken instead."""
    acts = [at(day, 23) for day in range(1, 40)] + [at(day, 12) for day in range(1, 20)]
    found = {}
    for night in (False, True):
        consents = {"marketing.push"} | ({"marketing_night.push"} if night else set())
        recipient = Recipient("ann", SEOUL, "ko", frozenset(consents))
        content = Content("ann", "push", Purpose.ADVERTISING, "t", best_wait_ms=DAY_MS)
        message = Message(
            key=MessageKey("shop", "m1"),
            v=1,
            state=MessageState.PENDING,
            content=content,
            posted_at_ms=NOW_MS,
            expires_at_ms=NOW_MS + 7 * DAY_MS,
        )
        found[night] = hour_of(best_time(message, recipient, acts, NOBODY, NOW_MS))
    assert {False: 12, True: 23} == found
