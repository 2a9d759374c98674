"""How an event changes the features. Each update says whether the feature changed."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable
from typing import Any

from segmentation_service import features as kinds
from segmentation_service.engine_predicates import (
    Predicate,
    compile_predicate,
    number_readers,
    text_readers,
)
from segmentation_service.engine_state import State
from segmentation_service.features import GRACE_MS, MAX_KEYS, NONE_MS

Update = Callable[[State, Any, int], bool]
INT64_MAX = (1 << 63) - 1


def empty(feature: kinds.Feature) -> Any:
    """A feature before the first event."""
    if isinstance(feature, kinds.Pairs):
        return [[], []]
    return {} if isinstance(feature, kinds.Newest | kinds.Open) else []


def packed(value: int) -> int | str:
    """A number as a state holds it: MessagePack has 64 bits, beyond them it stands as text."""
    return value if -INT64_MAX <= value <= INT64_MAX else str(value)


def compile_updates(feature: kinds.Feature, exponent: int) -> list[tuple[str, Update]]:
    """The feature's updates, each with the event type that calls for it."""
    if isinstance(feature, kinds.Open):
        pairs = ((feature.asked, 0), (feature.answer, 1))
        return [
            (events.event, guarded(update_open(feature, side), events.where, exponent))
            for events, side in pairs
        ]
    if isinstance(feature, kinds.Times):
        update = update_times(feature)
    elif isinstance(feature, kinds.First):
        update = update_first(feature)
    elif isinstance(feature, kinds.Pairs):
        update = update_pairs(feature)
    elif isinstance(feature, kinds.Totals):
        update = update_totals(feature)
    else:
        update = update_newest(feature)
    return [(feature.events.event, guarded(update, feature.events.where, exponent))]


def guarded(update: Update, where: Any, exponent: int) -> Update:
    """The update for those events only that satisfy the where clause."""
    if where is None:
        return update
    matches: Predicate = compile_predicate(where, exponent)
    return lambda state, event, at_ms: matches(event) and update(state, event, at_ms)


def update_times(feature: kinds.Times) -> Update:
    """Keeps the time of the event."""
    index, forever, horizon_ms = feature.index, feature.forever, feature.horizon_ms
    most = max(feature.forever, feature.recent)

    def update(state: State, _event: Any, at_ms: int) -> bool:
        times = state.features[index]
        if not times or times[-1] <= at_ms:
            times.append(at_ms)
        else:
            insort(times, at_ms)
        count = len(times)
        if count > most:
            del times[0]
            count -= 1
        if count > forever:
            edge_ms = state.now_ms - horizon_ms - GRACE_MS
            if times[0] <= edge_ms:
                del times[: min(bisect_right(times, edge_ms), count - forever)]
        return True

    return update


def update_first(feature: kinds.First) -> Update:
    """Keeps the oldest time."""
    index = feature.index

    def update(state: State, _event: Any, at_ms: int) -> bool:
        times = state.features[index]
        if not times:
            times.append(at_ms)
        elif at_ms < times[0]:
            times[0] = at_ms
        else:
            return False
        return True

    return update


def update_pairs(feature: kinds.Pairs) -> Update:
    """Keeps the event's values."""
    index, horizon_ms = feature.index, feature.horizon_ms
    read = pair_readers(feature.property, feature.kind == "texts")

    def update(state: State, event: Any, at_ms: int) -> bool:
        found = read(event)
        if not found:
            return False
        times, values = state.features[index]
        at = bisect_right(times, at_ms)
        times[at:at] = [at_ms] * len(found)
        values[at:at] = found
        edge = bisect_right(times, state.now_ms - horizon_ms - GRACE_MS)
        if edge:
            del times[:edge], values[:edge]
        return True

    return update


def pair_readers(name: str, texts: bool) -> Callable[[Any], list[Any]]:
    """The event's values as a state holds them."""
    if texts:
        read = text_readers(name)
        return lambda event: list(read(event))
    numbers = number_readers(name)
    return lambda event: [packed(value) for value in numbers(event)]


def update_totals(feature: kinds.Totals) -> Update:
    """Adds the event's values to the totals."""
    index = feature.index
    read = number_readers(feature.property)

    def update(state: State, event: Any, at_ms: int) -> bool:
        found = read(event)
        if not found:
            return False
        old = state.features[index]
        total, count = sum(found), len(found)
        least, greatest, newest_ms = min(found), max(found), at_ms
        if old:
            total, count = total + int(old[0]), count + old[1]
            least, greatest = min(least, int(old[2])), max(greatest, int(old[3]))
            newest_ms = max(newest_ms, old[4])
        old[:] = (packed(total), count, packed(least), packed(greatest), newest_ms)
        return True

    return update


def update_newest(feature: kinds.Newest) -> Update:
    """Keeps the newest time of each value."""
    index, forever, horizon_ms = feature.index, feature.forever, feature.horizon_ms
    most = max(feature.forever, feature.recent)
    read = text_readers(feature.property)

    def update(state: State, event: Any, at_ms: int) -> bool:
        found = read(event)
        newest = state.features[index]
        for value in found:
            if at_ms > newest.get(value, NONE_MS):
                newest[value] = at_ms
        edge_ms = state.now_ms - horizon_ms - GRACE_MS
        while len(newest) > forever:
            oldest = min(newest, key=newest.__getitem__)
            if len(newest) <= most and newest[oldest] > edge_ms:
                break
            del newest[oldest]
        return bool(found)

    return update


def update_open(feature: kinds.Open, side: int) -> Update:
    """Keeps the newest time of each key as asked (side 0) or answered (side 1)."""
    index, horizon_ms = feature.index, feature.horizon_ms
    read = text_readers(feature.key)

    def update(state: State, event: Any, at_ms: int) -> bool:
        found = read(event)
        keys = state.features[index]
        for key in found:
            pair = keys.setdefault(key, [NONE_MS, NONE_MS])
            pair[side] = max(pair[side], at_ms)
        edge_ms = state.now_ms - horizon_ms - GRACE_MS
        for key in [key for key, pair in keys.items() if max(pair) <= edge_ms]:
            del keys[key]
        while len(keys) > MAX_KEYS:
            # At equal times by the key itself, so that the order of arrival is no matter.
            del keys[min(keys, key=lambda key: (max(keys[key]), str(key)))]
        return bool(found)

    return update
