"""Facts follow from the events alone, in whatever order they came."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_service.facts import (
    FAVOURITES_MAX,
    CustomerFacts,
    Favourite,
    Happened,
    Line,
    Tally,
    VisitedStore,
    days_in,
    median_gap,
)

DAY_MS = 86_400_000
# The noon of a Monday in Seoul.
NOON_MS = 1_700_449_200_000
SEOUL = days_in("Asia/Seoul")


def bought(day: float, amount: int, *lines: Line, store: str = "") -> Happened:
    """A purchase so many days after the noon."""
    return Happened(NOON_MS + int(day * DAY_MS), "purchase", amount, store, lines)


def facts_of(*events: Happened) -> CustomerFacts:
    """What they come to."""
    tally = Tally(SEOUL)
    for one in events:
        tally.add(one)
    times = [one.at_ms for one in events]
    return tally.facts(min(times, default=None), max(times, default=None))


def test_nothing_happened() -> None:
    """No times, no cycle, and nothing to divide by."""
    facts = facts_of()
    assert CustomerFacts() == facts
    assert (None, 0.0) == (facts.cycle_days, facts.orders_per_month(NOON_MS))


def test_orders_revenue_returns_and_cancels() -> None:
    """What was kept is what was bought without what came back and what was called off."""
    facts = facts_of(
        bought(0, 500),
        bought(3, 700),
        Happened(NOON_MS + 4 * DAY_MS, "return", 200),
        Happened(NOON_MS + 5 * DAY_MS, "cancel", 50),
    )
    assert (2, 1_200) == (facts.order_count, facts.revenue)
    assert (1, 200, 1, 50) == (
        facts.return_count,
        facts.returned,
        facts.cancel_count,
        facts.cancelled,
    )
    assert 950 == facts.net_revenue
    assert (NOON_MS, NOON_MS + 3 * DAY_MS) == (facts.first_purchase_ms, facts.last_purchase_ms)
    assert NOON_MS + 5 * DAY_MS == facts.last_seen_ms


@pytest.mark.parametrize(
    ("days", "median"),
    [
        ((), None),
        ((4,), None),
        ((4, 4.2), None),
        ((0, 7), 7.0),
        ((0, 7, 9), 4.5),
        ((0, 1, 3, 33), 2.0),
        ((33, 0, 3, 1, 3.1), 2.0),
    ],
)
def test_the_cycle_is_the_median_gap_between_days(
    days: tuple[float, ...], median: float | None
) -> None:
    """Twice on a day is one day; an even number of gaps has the mean of the middle two."""
    assert median == facts_of(*(bought(day, 1) for day in days)).cycle_days


def test_a_day_is_one_of_the_tenant_s_zone() -> None:
    """23:30 and 00:30 in Seoul are two days, though one of UTC."""
    facts = facts_of(bought(11.5 / 24, 1), bought(12.5 / 24, 1))
    assert (date(2023, 11, 20), date(2023, 11, 21)) == facts.days
    assert 1.0 == facts.cycle_days


def test_gaps_over_a_change_of_clocks_are_whole_days() -> None:
    """In New York the day of the change has 25 hours."""
    day_of = days_in("America/New_York")
    noon_ms = 1_699_027_200_000
    days = [day_of(noon_ms + hours * 3_600_000) for hours in (0, 24, 49, 73)]
    assert 1.0 == median_gap(days)


def test_favourites_are_by_amount_then_orders_then_name() -> None:
    """A product twice in one order is one order; a line without category counts for none."""
    facts = facts_of(
        bought(0, 0, Line("p1", "shoes", 1, 300), Line("p1", "shoes", 2, 100)),
        bought(1, 0, Line("p2", "hats", 1, 200), Line("p3", "", 9, 900)),
        bought(2, 0, Line("p2", "hats", 1, 200)),
        bought(3, 0, Line("p4", "bags", 1, 400)),
    )
    assert (
        Favourite("hats", 2, 2, 400),
        Favourite("bags", 1, 1, 400),
        Favourite("shoes", 1, 3, 400),
    ) == facts.categories
    assert ("p3", "p2", "p1", "p4") == tuple(one.name for one in facts.products)


def test_only_the_best_few_favourites_are_kept() -> None:
    """Five of seven."""
    lines = (Line(f"p{number}", "all", 1, number) for number in range(7))
    found = facts_of(bought(0, 21, *lines)).products
    assert FAVOURITES_MAX == len(found)
    assert ["p6", "p5", "p4", "p3", "p2"] == [one.name for one in found]


def test_stores_are_where_she_was_bought_or_brought_back() -> None:
    """Not those that a message was sent from, nor the web's none."""
    facts = facts_of(
        bought(0, 1, store="b"),
        bought(1, 1, store="a"),
        Happened(NOON_MS + 2 * DAY_MS, "store_visit", 0, "b"),
        Happened(NOON_MS + 3 * DAY_MS, "message_sent", 0, "c"),
        bought(4, 1),
    )
    assert (
        VisitedStore("b", 2, NOON_MS + 2 * DAY_MS),
        VisitedStore("a", 1, NOON_MS + DAY_MS),
    ) == facts.stores
    assert 2 == facts.store_count


def test_tickets_messages_and_discounts() -> None:
    """A reversed coupon gives its discount back."""
    facts = facts_of(
        Happened(NOON_MS, "ticket", 0, minutes=Decimal("7.5")),
        Happened(NOON_MS, "ticket", 0),
        Happened(NOON_MS, "message_sent", 0),
        Happened(NOON_MS, "coupon_redeemed", 500),
        Happened(NOON_MS, "coupon_redeemed", 300),
        Happened(NOON_MS, "coupon_reversed", 300),
    )
    assert (2, 1, Decimal("7.5")) == (
        facts.ticket_count,
        facts.plain_ticket_count,
        facts.ticket_minutes,
    )
    assert (1, 2, 500) == (facts.message_count, facts.redemption_count, facts.discount)


def test_orders_a_month_count_from_the_first_purchase_and_at_least_one_month() -> None:
    """Six orders in 73.05 days (2.4 months), and in a week."""
    facts = facts_of(*(bought(day, 1) for day in range(6)))
    assert 2.5 == pytest.approx(facts.orders_per_month(NOON_MS + int(73.05 * DAY_MS)))
    assert 6.0 == facts.orders_per_month(NOON_MS + 7 * DAY_MS)


LINES = st.builds(
    Line,
    st.sampled_from("xyz"),
    st.sampled_from(("", "c", "d")),
    st.integers(0, 3),
    st.integers(0, 9),
)
EVENTS = st.lists(
    st.builds(
        Happened,
        st.integers(0, 40).map(lambda day: NOON_MS + day * DAY_MS // 2),
        st.sampled_from(("purchase", "return", "cancel", "ticket", "coupon_redeemed")),
        st.integers(0, 9),
        st.sampled_from(("", "a", "b")),
        st.lists(LINES, max_size=3).map(tuple),
        st.none(),
    ),
    max_size=12,
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(events: list[Happened], random: object) -> None:
    """Late events take their place."""
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert facts_of(*events) == facts_of(*shuffled)
