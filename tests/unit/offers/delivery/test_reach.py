"""Caps on messages, as pure functions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import reach
from offers_service.messages import Content, Purpose
from offers_service.reach import Cap, Reach, ReachKey

DAY_MS = 24 * 3_600_000
NOW_MS = 1_700_000_000_000
EMPTY = Reach(ReachKey("shop", "ann"))


def message(channel: str = "push", purpose: Purpose = Purpose.ADVERTISING) -> Content:
    """A message to ann."""
    return Content("ann", channel, purpose, "hello")


def taken(found: Reach | None) -> Reach:
    """One that there was room for."""
    assert found is not None
    return found


def test_a_cap_counts_its_channel_and_purpose_alone() -> None:
    """One a day of push advertising, two a day of anything."""
    caps = [Cap(DAY_MS, 1, "push", Purpose.ADVERTISING), Cap(DAY_MS, 2)]
    first = taken(reach.take(EMPTY, "m1", message(), caps, NOW_MS))
    assert reach.take(first, "m2", message(), caps, NOW_MS + 1) is None
    sms = taken(reach.take(first, "m3", message("sms"), caps, NOW_MS + 2))
    transactional = message("push", Purpose.TRANSACTIONAL)
    assert reach.take(sms, "m4", transactional, caps, NOW_MS + 3) is None
    assert first is reach.take(first, "m1", message(), caps, NOW_MS + 4)
    # A window is over to the millisecond.
    assert reach.take(first, "m2", message(), caps, NOW_MS + DAY_MS - 1) is None
    assert reach.take(first, "m2", message(), caps, NOW_MS + DAY_MS)
    again = reach.release(first, {"m1"})
    assert reach.take(again, "m2", message(), caps, NOW_MS + 1)
    assert EMPTY is reach.take(EMPTY, "m1", message(), [Cap(DAY_MS, 1, "sms")], NOW_MS)


@given(
    st.lists(st.tuples(st.integers(0, 3 * DAY_MS), st.sampled_from(["push", "sms"])), max_size=60),
    st.integers(1, 4),
    st.integers(1, 6),
)
@settings(max_examples=200, deadline=None)
def test_no_window_ever_holds_more_than_its_cap(
    posts: list[tuple[int, str]], a_day: int, in_two: int
) -> None:
    """Whatever comes when, on whichever channel."""
    caps = [Cap(DAY_MS, a_day, "push"), Cap(2 * DAY_MS, in_two)]
    found, sent = EMPTY, []
    for number, (after_ms, channel) in enumerate(sorted(posts)):
        now_ms = NOW_MS + after_ms
        answer = reach.take(found, f"m{number}", message(channel), caps, now_ms)
        if answer is not None:
            found = answer
            sent.append((now_ms, channel))
    for start_ms, _ in sent:
        within = [one for one in sent if start_ms <= one[0] < start_ms + DAY_MS]
        assert sum(channel == "push" for _, channel in within) <= a_day
        assert sum(start_ms <= at_ms < start_ms + 2 * DAY_MS for at_ms, _ in sent) <= in_two


def test_slots_of_who_was_merged_into_the_customer_count_alike() -> None:
    """Two a day: one was taken by each id, so none is left; a message that has one keeps it."""
    caps = [Cap(DAY_MS, 2)]
    visitor = Reach(ReachKey("shop", "visitor"))
    earlier = taken(reach.take(visitor, "m1", message(), caps, NOW_MS)).slots
    mine = taken(reach.take(EMPTY, "m2", message(), caps, NOW_MS + 1, inherited=earlier))
    assert reach.take(mine, "m3", message(), caps, NOW_MS + 2, inherited=earlier) is None
    assert mine is reach.take(mine, "m1", message(), caps, NOW_MS + 3, inherited=earlier)
    later = reach.take(mine, "m3", message(), caps, NOW_MS + DAY_MS, inherited=earlier)
    assert ["m2", "m3"] == [slot.message for slot in taken(later).slots]
