"""Cost to serve, profit and ranks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from profile_service.facts import CustomerFacts
from profile_service.profits import (
    Cost,
    CostRates,
    RatesOutcome,
    Standing,
    cost_to_serve,
    decide_rates,
    profit_of,
    profit_ranks,
    rank,
)

RATES = CostRates(
    version=3,
    return_minor_units=3_000,
    ticket_minute_minor_units=500,
    usual_ticket_minutes=10,
    message_minor_units=20,
    request_key=b"first",
    fingerprint=b"content",
)
FACTS = CustomerFacts(
    revenue=100_000,
    return_count=2,
    returned=10_000,
    cancelled=5_000,
    ticket_count=3,
    plain_ticket_count=2,
    ticket_minutes=Decimal("7.5"),
    message_count=4,
    redemption_count=1,
    discount=1_500,
)


def standing(name: str, profit: int) -> Standing:
    """One customer."""
    return Standing(name, 1, profit, profit, 0, profit)


def test_cost_to_serve_is_the_sum_of_its_kinds() -> None:
    """A ticket that says no minutes took the usual ones."""
    cost = cost_to_serve(FACTS, RATES)
    assert Cost(6_000, Decimal("27.5"), 13_750, 80, 1_500, 21_330) == cost


def test_discounts_are_not_taken_off_twice() -> None:
    """Where amounts of purchases are after coupons they are told and not counted."""
    cost = cost_to_serve(FACTS, replace(RATES, purchases_are_after_discounts=True))
    assert (1_500, 19_830) == (cost.discounts, cost.total)


def test_profit_is_of_what_was_kept_and_by_the_margin_if_known() -> None:
    """85,000 kept; at 30 % margin 25,500 of it."""
    assert 85_000 - 21_330 == profit_of(FACTS, RATES)
    assert 25_500 - 21_330 == profit_of(FACTS, replace(RATES, margin_basis_points=3_000))
    assert -21_330 == profit_of(FACTS, replace(RATES, margin_basis_points=0))


def test_ranking_is_by_profit_with_places_and_what_came_until_there() -> None:
    """Equals by id, so that every refresh lists them alike."""
    ranked = rank([standing("c", 5), standing("b", 9), standing("a", 5), standing("d", -4)])
    assert ["b", "a", "c", "d"] == [one.customer_id for one in ranked]
    assert [1, 2, 3, 4] == [one.place for one in ranked]
    assert [9, 14, 19, 15] == [one.cumulative_profit for one in ranked]
    ranks = profit_ranks(ranked)
    assert {"b": 0, "a": Decimal("0.25"), "c": Decimal("0.25"), "d": Decimal("0.75")} == ranks


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=30))
def test_a_rank_is_the_share_of_those_who_brought_more(profits: list[int]) -> None:
    """For every one of any number."""
    ranked = rank(standing(f"{number:02}", one) for number, one in enumerate(profits))
    ranks = profit_ranks(ranked)
    for one in ranked:
        better = sum(other > one.profit for other in profits)
        assert round(Decimal(better) / len(profits), 4) == ranks[one.customer_id]


def test_rates_change_over_the_version_that_was_read() -> None:
    """The same request again is answered as it was; the same id with other content is refused."""
    wanted = replace(RATES, version=3, message_minor_units=30, request_key=b"second")
    changed, outcome = decide_rates(RATES, wanted)
    assert (RatesOutcome.CHANGED, 4, 30) == (
        outcome,
        changed.version,
        changed.message_minor_units,
    )
    assert (changed, RatesOutcome.REPEATED) == decide_rates(changed, wanted)
    other = replace(wanted, fingerprint=b"other")
    assert (changed, RatesOutcome.REQUEST_CONFLICT) == decide_rates(changed, other)
    late = replace(wanted, request_key=b"third")
    assert (changed, RatesOutcome.VERSION_CONFLICT) == decide_rates(changed, late)
