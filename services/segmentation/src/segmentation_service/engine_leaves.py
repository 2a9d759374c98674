"""The parts of compiled rules. Each is a function of (state, now_ms) -> (holds, flip_ms).

flip_ms is the first instant after now_ms at which the answer differs, if nothing else happens;
NEVER when there is none. It is exact, also for compound parts. Asked about an instant in the past,
a part sees only what had happened by then, and flip_ms is exact up to the next event.

A near part answers the same and says sooner, but not later, when to look again: enough on the way
through a history, and it costs one look at each leaf.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from segmentation_service.engine_state import State
from segmentation_service.features import MAX_KEYS, NEVER, NONE_MS, count_until

Part = Callable[[State, int], tuple[bool, int]]
FALSE = (False, NEVER)
TRUE = (True, NEVER)


def always(_state: State, _now_ms: int) -> tuple[bool, int]:
    """Holds whatever happened."""
    return TRUE


def negated(part: Part) -> Part:
    """not."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        value, flip_ms = part(state, now_ms)
        return not value, flip_ms

    return holds


def all_of(parts: tuple[Part, ...]) -> Part:
    """and. While false, it cannot hold before every false part has flipped: look again there."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        at_ms = now_ms
        while True:
            end_ms, next_ms = NEVER, at_ms
            for part in parts:
                value, flip_ms = part(state, at_ms)
                if value:
                    if flip_ms < end_ms:  # noqa: PLR1730 - min() costs a call
                        end_ms = flip_ms
                elif flip_ms == NEVER:
                    return FALSE
                elif flip_ms > next_ms:
                    next_ms = flip_ms
            if next_ms == at_ms:
                return (True, end_ms) if at_ms == now_ms else (False, at_ms)
            at_ms = next_ms

    return holds


def any_of(parts: tuple[Part, ...]) -> Part:
    """or. While true, it cannot cease before every true part has flipped: look again there."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        at_ms = now_ms
        while True:
            begin_ms, next_ms = NEVER, at_ms
            for part in parts:
                value, flip_ms = part(state, at_ms)
                if not value:
                    if flip_ms < begin_ms:  # noqa: PLR1730 - min() costs a call
                        begin_ms = flip_ms
                elif flip_ms == NEVER:
                    return TRUE
                elif flip_ms > next_ms:
                    next_ms = flip_ms
            if next_ms == at_ms:
                return (False, begin_ms) if at_ms == now_ms else (True, at_ms)
            at_ms = next_ms

    return holds


def near_all_of(parts: tuple[Part, ...]) -> Part:
    """and, of near parts: the answer stays until one that holds, or all that do not, may flip."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        end_ms, begin_ms = NEVER, now_ms
        for part in parts:
            value, look_ms = part(state, now_ms)
            if value:
                end_ms = min(end_ms, look_ms)
            else:
                begin_ms = max(begin_ms, look_ms)
        return (False, begin_ms) if begin_ms > now_ms else (True, end_ms)

    return holds


def near_any_of(parts: tuple[Part, ...]) -> Part:
    """or, of near parts."""
    return negated(near_all_of(tuple(negated(part) for part in parts)))


def count_at_least(index: int, least: int) -> Part:
    """count(e) >= least, over all time."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        return TRUE if count_until(state.features[index], now_ms) >= least else FALSE

    return holds


def count_at_least_within(index: int, least: int, window_ms: int) -> Part:
    """count(e, w) >= least: until the least-th newest leaves the window, at t + w."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        times = state.features[index]
        until = len(times)
        if until and times[-1] > now_ms:
            until = count_until(times, now_ms)
        if until < least:
            return FALSE
        end_ms = times[until - least] + window_ms
        return (True, end_ms) if end_ms > now_ms else FALSE

    return holds


def count_at_least_between(index: int, least: int, older_ms: int, newer_ms: int) -> Part:
    """count(e, from older to newer) >= least: while the least-th newest that entered is inside."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        times = state.features[index]
        size = len(times)
        entered = bisect_right(times, now_ms - newer_ms)
        if entered >= least:
            end_ms = times[entered - least] + older_ms
            if end_ms > now_ms:
                # Who enters before that, or at that very instant, keeps it true for longer.
                while entered < size and times[entered] + newer_ms <= end_ms:
                    entered += 1
                    end_ms = times[entered - least] + older_ms
                return True, end_ms
        for at in range(max(entered, least - 1), size):
            begin_ms = times[at] + newer_ms
            if times[at + 1 - least] + older_ms > begin_ms:
                return False, begin_ms
        return FALSE

    return holds


def newest_until(times: list[int], now_ms: int) -> int | None:
    """The newest time at or before now_ms."""
    if not times:
        return None
    if times[-1] <= now_ms:
        return times[-1]
    until = count_until(times, now_ms)
    return times[until - 1] if until else None


def elapsed(index: int, length_ms: int) -> Part:
    """since(e) >= length: from last + length on. False without an e."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        newest_ms = newest_until(state.features[index], now_ms)
        if newest_ms is None:
            return FALSE
        begin_ms = newest_ms + length_ms
        return TRUE if begin_ms <= now_ms else (False, begin_ms)

    return holds


def not_elapsed(index: int, length_ms: int) -> Part:
    """since(e) < length: until last + length. False without an e."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        newest_ms = newest_until(state.features[index], now_ms)
        if newest_ms is None:
            return FALSE
        end_ms = newest_ms + length_ms
        return FALSE if end_ms <= now_ms else (True, end_ms)

    return holds


def instants_compare(left: int, right: int, compare: Callable[[Any, Any], bool]) -> Part:
    """last(a) > last(b) and its like: false when either is missing; time alone changes nothing."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        left_ms = newest_until(state.features[left], now_ms)
        right_ms = newest_until(state.features[right], now_ms)
        if left_ms is None or right_ms is None:
            return FALSE
        return TRUE if compare(left_ms, right_ms) else FALSE

    return holds


def distinct_at_least(index: int, least: int) -> Part:
    """distinct(e.p) >= least, over all time."""

    def holds(state: State, _now_ms: int) -> tuple[bool, int]:
        return TRUE if len(state.features[index]) >= least else FALSE

    return holds


def distinct_at_least_within(index: int, least: int, window_ms: int) -> Part:
    """distinct(e.p, w) >= least: until the value that is least-th newest leaves the window."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        newest = state.features[index]
        if len(newest) < least:
            return FALSE
        end_ms = sorted(newest.values())[-least] + window_ms
        return (True, end_ms) if end_ms > now_ms else FALSE

    return holds


def unanswered(index: int, after_ms: int, until_ms: int) -> Part:
    """Some key's newest asked event has no answer at or after it: from t + after till t + until."""

    def holds(state: State, now_ms: int) -> tuple[bool, int]:
        spans = [
            (asked_ms + after_ms, asked_ms + until_ms)
            for asked_ms, answered_ms in state.features[index].values()
            if asked_ms > answered_ms and asked_ms + until_ms > now_ms >= asked_ms
        ]
        end_ms, next_ms = now_ms, NEVER
        for begin_ms, close_ms in sorted(spans):
            if begin_ms <= end_ms:
                end_ms = max(end_ms, close_ms)
            elif begin_ms < next_ms:
                next_ms = begin_ms
        return (True, end_ms) if end_ms > now_ms else (False, next_ms)

    return holds


def unanswered_is_known(index: int, grace_ms: int) -> Callable[[State, int], bool]:
    """Only the newest events of a key are kept: the past is known if none came after it."""

    def knows(state: State, from_ms: int) -> bool:
        keys = state.features[index]
        newest_ms = max((max(pair) for pair in keys.values()), default=NONE_MS)
        return newest_ms <= from_ms and len(keys) < MAX_KEYS and from_ms >= state.now_ms - grace_ms

    return knows
