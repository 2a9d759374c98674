"""From what history says to what is still to be announced. Pure.

What was announced is the truth. Where history agrees with it, every later transition is
announced as it happened; where it does not, only the difference as of now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from segmentation_service.announcements import Announced, News
from segmentation_service.engine import Transition

# History that came in behind the present: nothing of it is announced as if it happened now.
IMPORTED: Final = "BACKFILL"


class Terms(NamedTuple):
    """How a segment is reconciled.

    live_since_ms: transitions up to then are history, never announced by themselves. cause and
    notify: how a difference is announced; cause "" leaves that to the replay's occasion.
    """

    live_since_ms: int
    cause: str = ""
    notify: bool = True


class Occasion(NamedTuple):
    """Why customers are replayed: the cause and notify flag of differences, and until when."""

    cause: str
    notify: bool
    as_of_ms: int

    @property
    def imported(self) -> bool:
        """Whether it is because of what happened long ago and came in only now."""
        return self.cause == IMPORTED


class Reconciled(NamedTuple):
    """News in order of time, and the stints as they stand after it.

    memberships: segment -> (stint, entered_at_ms); past: segment -> (last stint, exited_at_ms).
    """

    news: list[News]
    memberships: dict[str, tuple[int, int]]
    past: dict[str, tuple[int, int]]


def reconcile(
    transitions: Sequence[Transition],
    announced: Mapping[str, Announced],
    terms: Mapping[str, Terms],
    occasion: Occasion,
) -> Reconciled:
    """One customer: transitions from scratch against what was announced.

    Segments announced but no longer in `terms` were deleted: they are left, quietly.
    """
    by_segment: dict[str, list[Transition]] = {}
    for transition in transitions:
        by_segment.setdefault(transition.segment_id, []).append(transition)
    result = Reconciled([], {}, {})
    for segment_id in sorted({*by_segment, *announced}):
        segment_terms = terms.get(segment_id)
        last = announced.get(segment_id)
        if segment_terms is None:
            news = _leave(segment_id, last, Occasion("RULE", False, occasion.as_of_ms))
        else:
            history = by_segment.get(segment_id, [])
            news = _catch_up(segment_id, history, last, segment_terms, occasion)
        _keep(result, segment_id, last, news)
    result.news.sort(key=lambda one: one.at_ms)
    return result


def leave_all(announced: Mapping[str, Announced], occasion: Occasion) -> list[News]:
    """One customer who is no more: every membership ends."""
    return [
        news
        for segment_id, last in sorted(announced.items())
        for news in _leave(segment_id, last, occasion)
    ]


def _catch_up(
    segment_id: str,
    history: Sequence[Transition],
    last: Announced | None,
    terms: Terms,
    occasion: Occasion,
) -> list[News]:
    member = last is not None and last.entered
    base_ms = max(terms.live_since_ms, last.at_ms if last else terms.live_since_ms)
    if occasion.imported:
        base_ms = max(base_ms, occasion.as_of_ms)
    earlier = [transition for transition in history if transition.at_ms <= base_ms]
    if _holds(earlier) == member:
        later = history[len(earlier) :]
        stint = last.stint if last else 0
        news = []
        for transition in later:
            stint += transition.entered
            news.append(
                News(
                    segment_id,
                    stint,
                    transition.entered,
                    transition.at_ms,
                    transition.cause.value,
                    True,
                )
            )
        return news
    if _holds(history) == member:
        return []
    at_ms = history[-1].at_ms if history else occasion.as_of_ms
    return [
        News(
            segment_id,
            (last.stint if last else 0) + (not member),
            not member,
            max(at_ms, last.at_ms) if last else at_ms,
            terms.cause or occasion.cause,
            terms.notify if terms.cause and not occasion.imported else occasion.notify,
        )
    ]


def _holds(history: Sequence[Transition]) -> bool:
    return bool(history) and history[-1].entered


def _leave(segment_id: str, last: Announced | None, occasion: Occasion) -> list[News]:
    if last is None or not last.entered:
        return []
    at_ms = max(occasion.as_of_ms, last.at_ms)
    return [News(segment_id, last.stint, False, at_ms, occasion.cause, occasion.notify)]


def _keep(
    result: Reconciled, segment_id: str, last: Announced | None, news: Iterable[News]
) -> None:
    for one in news:
        result.news.append(one)
        last = Announced(one.stint, one.entered, one.at_ms)
    if last is not None:
        stints = result.memberships if last.entered else result.past
        stints[segment_id] = (last.stint, last.at_ms)
