"""How much may be taken: bursts, refills, debts and leases."""

from dangol_service_kit.gcra import Quota, take
from hypothesis import given, settings
from hypothesis import strategies as st

TEN = Quota(10.0, 5)
SECOND = 1_000_000


def test_a_burst_is_granted_and_then_one_unit_each_interval() -> None:
    """Ten a second come back one by one, every tenth of a second."""
    at, granted = 0.0, []
    for now in (0, 0, 0, 0, 0, 0, 100_000, 100_000, 250_000):
        taken = take(TEN, at, now, 1, 1)
        at = taken.whole_at_us
        granted.append(taken.granted)
    assert [1, 1, 1, 1, 1, 0, 1, 0, 1] == granted


def test_a_refusal_says_when_to_try_again() -> None:
    """And at that instant it is granted."""
    empty = take(TEN, 0.0, SECOND, 5, 5)
    refused = take(TEN, empty.whole_at_us, SECOND, 3, 3)
    assert (0, 300_000) == (refused.granted, refused.wait_us)
    assert 3 == take(TEN, empty.whole_at_us, SECOND + refused.wait_us, 3, 3).granted


def test_more_than_a_burst_waits_for_all_of_it_and_leaves_a_debt() -> None:
    """A batch is not cheaper for being large, and not refused for ever."""
    taken = take(TEN, 0.0, SECOND, 20, 20)
    assert 20 == taken.granted
    assert 1_600_000 == take(TEN, taken.whole_at_us, SECOND, 1, 1).wait_us


def test_a_lease_takes_what_there_is_beyond_the_need() -> None:
    """Never less than needed, never more than wanted."""
    first = take(TEN, 0.0, SECOND, 1, 4)
    second = take(TEN, first.whole_at_us, SECOND, 1, 4)
    assert (4, 1) == (first.granted, second.granted)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 400_000), st.integers(1, 5), st.integers(0, 5)), max_size=40)
)
def test_no_history_takes_more_than_the_quota(steps: list[tuple[int, int, int]]) -> None:
    """In any time, at most the burst and what came back meanwhile."""
    at, now, history = 0.0, SECOND, []
    for wait, needed, more in steps:
        now += wait
        taken = take(TEN, at, now, needed, needed + more)
        at = taken.whole_at_us
        history.append((now, taken.granted))
    for place, (began, _) in enumerate(history):
        total = 0
        for until, granted in history[place:]:
            total += granted
            assert total <= TEN.burst + (until - began) / TEN.interval_us + 1e-3
