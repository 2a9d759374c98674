"""Scores and shares: by quantile, fair to equals, whatever the order of customers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_service import scores
from profile_service.buyers import Buyers

AMOUNTS = st.lists(st.integers(0, 1_000), min_size=1, max_size=40)


def test_ten_different_customers_are_two_a_score() -> None:
    """The best two have a 5, the worst two a 1."""
    values = np.arange(10.0)
    assert [1, 1, 2, 2, 3, 3, 4, 4, 5, 5] == list(scores.score(values, high_is_good=True))
    assert [5, 5, 4, 4, 3, 3, 2, 2, 1, 1] == list(scores.score(values, high_is_good=False))


@given(AMOUNTS)
def test_equals_have_equal_scores(amounts: list[int]) -> None:
    """And more is never worse."""
    values = np.array(amounts, dtype=np.float64)
    found = scores.score(values, high_is_good=True)
    assert set(found) <= {1, 2, 3, 4, 5}
    for one, mine in zip(values, found, strict=True):
        for other, theirs in zip(values, found, strict=True):
            assert one != other or mine == theirs
            assert one <= other or mine >= theirs


def test_rfm_has_recency_first() -> None:
    """Bought yesterday, often and much: 5, 5, 5; long ago, once and little: 1, 1, 1."""
    five = np.arange(5.0)
    buyers = Buyers(list("abcde"), five, 10 - five[::-1], np.full(5, 10.0), five, five)
    assert [[one] * 3 for one in (1, 2, 3, 4, 5)] == scores.rfm(buyers).tolist()


def test_the_top_fifth_s_share() -> None:
    """Two of ten brought 80 of 100; of equals the top fifth brings a fifth."""
    assert 0.8 == scores.top_share(np.array([40.0, 40.0] + [2.5] * 8))
    assert 0.2 == pytest.approx(scores.top_share(np.full(7, 3.0)))
    assert 0.0 == scores.top_share(np.zeros(3))


@given(AMOUNTS)
def test_whoever_is_in_the_top_brought_at_least_as_much(amounts: list[int]) -> None:
    """Ranks follow revenue, and the best one's is 0."""
    values = np.array(amounts, dtype=np.float64)
    rank = scores.revenue_rank(values)
    assert 0.0 == rank[int(values.argmax())]
    assert [float(np.mean(values > one)) for one in values] == pytest.approx(list(rank))
