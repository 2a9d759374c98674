"""Lower bounds, weak products, and pairs: against published values, a hand's count, DuckDB."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pytest
from dangol_dev.grocer.data import GrocerData, data_directory, load
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.product_figures import (
    Row,
    Shares,
    Tallies,
    Tally,
    least_count,
    overall,
    pairs_of,
    partners,
    reason_counts,
    weakness,
    wilson_lower,
)


@pytest.mark.parametrize(
    ("hits", "trials", "expected"),
    [
        # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3 (score).
        (81, 263, 0.2553),
        (15, 148, 0.0624),
        (0, 20, 0.0),
        (1, 29, 0.0061),
        (0, 0, 0.0),
    ],
)
def test_the_lower_bound_is_wilsons_as_published(hits: int, trials: int, expected: float) -> None:
    """The score interval's lower ends in the paper that compares seven methods."""
    assert expected == pytest.approx(wilson_lower(hits, trials), abs=0.00005)


def test_a_product_is_weak_by_evidence_and_not_by_chance() -> None:
    """One return of one order says little; thirty of a hundred, where one in ten is usual, do."""
    shares = Shares(0.1, 0.2)
    assert weakness(Tally(orders=1, returns=1), shares).excess == pytest.approx(
        0.2065 - 0.1, abs=1e-4
    )
    assert weakness(Tally(orders=2, returns=1), shares).excess < 0
    assert weakness(Tally(orders=100, returns=30), shares).excess == pytest.approx(0.1189, abs=1e-4)
    assert weakness(Tally(reviews=50, ill=30), shares).excess > 0.2
    assert weakness(Tally(orders=1_000, returns=100), shares).excess < 0


def test_events_are_counted_by_product_and_type() -> None:
    """Reviews without stars are none; an event counts for each of its products."""
    tallies = Tallies()
    for row in (
        Row("purchase", ["a", "b"], 0),
        Row("purchase", ["a"], 0),
        Row("return", ["a"], 0),
        Row("review", ["a"], 1),
        Row("review", ["a"], 4),
        Row("review", ["b"], 0),
        Row("ticket", ["b"], 0),
    ):
        tallies.add(row)
    assert {"a": Tally(2, 1, 2, 1, 5, 0), "b": Tally(1, 0, 0, 0, 0, 1)} == tallies.by_product
    assert Shares(1 / 3, 1 / 2) == overall(tallies.by_product.values())
    assert 2.5 == tallies.by_product["a"].mean_rating


@settings(max_examples=40)
@given(st.lists(st.sets(st.integers(0, 9), min_size=1, max_size=6), max_size=60))
def test_pairs_equal_a_count_by_hand(baskets: list[set[int]]) -> None:
    """Every pair in three baskets or more, with its lift, and no other."""
    tallies = Tallies()
    for basket in baskets:
        tallies.add(Row("purchase", [f"p{one}" for one in sorted(basket)], 0))
    counted = Counter(
        pair
        for basket in baskets
        for pair in itertools.combinations(sorted(f"p{one}" for one in basket), 2)
    )
    single = Counter(f"p{one}" for basket in baskets for one in basket)
    expected = {
        pair: (count, count * len(baskets) / (single[pair[0]] * single[pair[1]]))
        for pair, count in counted.items()
        if count >= 3
    }
    found = pairs_of(tallies.baskets, list(tallies.numbers))
    assert expected == {
        (one.product_id, one.other_product_id): (one.orders, _near(one.lift)) for one in found
    }
    for product_id, some in partners(found).items():
        assert all(product_id != name for name, _, _ in some)


def test_reasons_are_codes_and_words_of_a_customers_own_stay_out() -> None:
    """Free text may name somebody: it counts as other."""
    given_ones = ["size", "size", "", "my son Jun was ill", "Size", "too_big"]
    expected = [("other", 2), ("size", 2), ("too_big", 1), ("unknown", 1)]
    assert expected == reason_counts(given_ones)


def test_pairs_of_some_of_the_grocers_households_equal_duckdbs() -> None:
    """A year of 120 households: the twenty most frequent pairs, and the first twenty by lift."""
    assert 0 < _compare(load(120), least=3)


@pytest.mark.deep
def test_pairs_of_the_grocers_whole_year_equal_duckdbs() -> None:
    """The same for all 155,848 baskets of 2,469 households."""
    assert 155_848 == _compare(load(), least=16)


def _compare(data: GrocerData, least: int) -> int:
    """How many baskets were looked at; pairs in `least` of them count."""
    names, numbers = np.unique(data.lines.product, return_inverse=True)
    starts = data.baskets.line_start.tolist()
    baskets = [np.unique(numbers[start:end]) for start, end in itertools.pairwise(starts)]
    assert least == least_count(len(baskets))
    found = pairs_of(baskets, [str(one) for one in names.tolist()])
    by_lift = sorted(found, key=lambda one: (-one.lift, one.product_id, one.other_product_id))
    for order, pairs in (("orders", found), ("lift", by_lift)):
        assert _by_duckdb(data.households, least, order) == [
            (one.product_id, one.other_product_id, one.orders, _near(one.lift))
            for one in pairs[:20]
        ]
    return len(baskets)


def _near(value: float) -> Any:
    """Equal but for rounding."""
    return pytest.approx(value)


def _by_duckdb(
    households: Sequence[int], least: int, order: str
) -> list[tuple[str, str, int, float]]:
    """The first twenty pairs in at least so many baskets, joined from the file's rows."""
    query = f"""
        with lines as (
            select distinct basket_id, cast(cast(product_id as bigint) as text) p
            from '{data_directory()}/transactions.parquet'
            where household_id in (select unnest($1::bigint[]))),
        single as (select p, count(*) n from lines group by p having count(*) >= {least}),
        kept as (select basket_id, p from lines semi join single using (p)),
        pairs as (
            select one.p a, other.p b, count(*) orders
            from kept one join kept other on one.basket_id = other.basket_id and one.p < other.p
            group by one.p, other.p having count(*) >= {least})
        select a, b, orders, orders * (select count(distinct basket_id) from lines)
            / (x.n * y.n) lift
        from pairs join single x on x.p = a join single y on y.p = b
        order by {order} desc, a, b limit 20
    """
    with duckdb.connect() as connection:
        return connection.execute(query, [list(households)]).fetchall()
