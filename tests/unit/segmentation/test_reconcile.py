"""What is announced when history meets what was announced."""

from __future__ import annotations

import pytest
from segmentation_service.announcements import Announced, News
from segmentation_service.engine import Cause, Transition
from segmentation_service.reconcile import Occasion, Terms, leave_all, reconcile

LIVE_MS = 100
NOW = Occasion("REBUILD", True, 1_000)
TERMS = {"vip": Terms(LIVE_MS)}
BACKFILLING = {"vip": Terms(LIVE_MS, "BACKFILL", False)}


def path(*times_ms: int) -> list[Transition]:
    """Entering and leaving by turns at these times."""
    return [
        Transition("vip", n // 2 + 1, n % 2 == 0, at_ms, Cause.EVENT)
        for n, at_ms in enumerate(times_ms)
    ]


def event(stint: int, entered: bool, at_ms: int) -> News:
    """A change announced as it happened."""
    return News("vip", stint, entered, at_ms, "EVENT", True)


@pytest.mark.parametrize(
    ("history", "announced", "news"),
    [
        # Nothing announced yet, all later than the segment: each as it happened.
        ((200, 300, 400), None, [event(1, True, 200), event(1, False, 300), event(2, True, 400)]),
        # Announced up to now: nothing new.
        ((200,), Announced(1, True, 200), []),
        ((200, 300), Announced(1, False, 300), []),
        # What followed the last announcement was lost: each as it happened.
        ((200, 300, 400), Announced(1, True, 200), [event(1, False, 300), event(2, True, 400)]),
        # Numbering goes on from what was announced, not from history.
        ((200, 300, 400), Announced(7, False, 350), [event(8, True, 400)]),
        # A stint before the segment was defined is not news.
        ((20, 30), None, []),
        # Neither is a stint that began and ended where history and announcements differ.
        ((), Announced(1, False, 300), []),
    ],
)
def test_later_transitions_are_announced_as_they_happened(
    history: tuple[int, ...], announced: Announced | None, news: list[News]
) -> None:
    """Where history agrees with what was announced last."""
    known = {"vip": announced} if announced else {}
    assert news == reconcile(path(*history), known, TERMS, NOW).news


@pytest.mark.parametrize(
    ("history", "announced", "news"),
    [
        # Announced as a member, but history says she never was, or left before.
        ((), Announced(2, True, 200), [News("vip", 2, False, 1_000, "REBUILD", True)]),
        ((110, 150), Announced(2, True, 200), [News("vip", 2, False, 200, "REBUILD", True)]),
        # Announced as gone, but history says she is in: a new stint.
        ((110,), Announced(2, False, 200), [News("vip", 3, True, 200, "REBUILD", True)]),
        # A member when the segment was defined.
        ((20,), None, [News("vip", 1, True, 20, "REBUILD", True)]),
        # Both say she is in now, whatever happened between: nothing.
        ((110, 150, 900), Announced(2, True, 200), []),
    ],
)
def test_where_they_differ_only_the_difference_is_announced(
    history: tuple[int, ...], announced: Announced | None, news: list[News]
) -> None:
    """As of now, never earlier than what was announced before."""
    known = {"vip": announced} if announced else {}
    assert news == reconcile(path(*history), known, TERMS, NOW).news


def test_a_backfill_announces_history_in_its_own_way_and_news_as_news() -> None:
    """Members from before the segment come with its cause and flag, later ones as they happened."""
    assert [News("vip", 1, True, 20, "BACKFILL", False)] == reconcile(
        path(20), {}, BACKFILLING, NOW
    ).news
    assert [event(1, True, 200)] == reconcile(path(200), {}, BACKFILLING, NOW).news


def test_stints_after_reconciling_are_those_announced() -> None:
    """State numbers its stints as announced, whatever history counted."""
    result = reconcile(path(200, 300, 400), {"vip": Announced(7, False, 350)}, TERMS, NOW)
    assert ({"vip": (8, 400)}, {}) == (result.memberships, result.past)
    result = reconcile(path(200, 300), {"vip": Announced(7, True, 250)}, TERMS, NOW)
    assert ({}, {"vip": (7, 300)}) == (result.memberships, result.past)


def test_a_deleted_segment_is_left_quietly() -> None:
    """What was announced of a segment that is no more ends without campaigns hearing of it."""
    result = reconcile([], {"old": Announced(1, True, 200)}, TERMS, NOW)
    assert [News("old", 1, False, 1_000, "RULE", False)] == result.news


def test_who_is_no_more_leaves_everything() -> None:
    """Only what is still held is left."""
    known = {"vip": Announced(3, True, 200), "old": Announced(1, False, 200)}
    merged = Occasion("MERGE", False, 1_000)
    assert [News("vip", 3, False, 1_000, "MERGE", False)] == leave_all(known, merged)


@pytest.mark.parametrize(
    ("history", "announced", "terms", "news"),
    [
        # Entered and left behind the segment's beginning: over, and so no news.
        ((200, 300), None, TERMS, []),
        # What holds now is told once, to no campaign.
        ((200, 300, 400), None, TERMS, [News("vip", 1, True, 400, "BACKFILL", False)]),
        (
            (200, 300),
            Announced(1, True, 200),
            TERMS,
            [News("vip", 1, False, 300, "BACKFILL", False)],
        ),
        ((200,), Announced(1, True, 200), TERMS, []),
        # Nor when the segment's own members were to be told of.
        (
            (50,),
            None,
            {"vip": Terms(LIVE_MS, "RULE", True)},
            [News("vip", 1, True, 50, "RULE", False)],
        ),
    ],
)
def test_imported_history_is_announced_as_it_stands_and_campaigns_do_not_act_on_it(
    history: tuple[int, ...],
    announced: Announced | None,
    terms: dict[str, Terms],
    news: list[News],
) -> None:
    """However late its events are behind the beginning of the segment."""
    known = {"vip": announced} if announced else {}
    imported = Occasion("BACKFILL", False, 1_000)
    assert news == reconcile(path(*history), known, terms, imported).news
