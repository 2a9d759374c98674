"""Faults put into a copy of the service, each by an exact replacement in its source."""

from __future__ import annotations

from pathlib import Path

import segmentation_service

from tests.integration.planted import Mutation

SOURCE = Path(segmentation_service.__file__).parent


# Caught by duels of the pure engine with the oracle.
ENGINE = (
    Mutation(
        "an event stays in its window a millisecond too long",
        "engine_leaves.py",
        "        end_ms = times[until - least] + window_ms\n",
        "        end_ms = times[until - least] + window_ms + 1\n",
    ),
    Mutation(
        "since comes to hold a millisecond early",
        "engine_leaves.py",
        "        begin_ms = newest_ms + length_ms\n",
        "        begin_ms = newest_ms + length_ms - 1\n",
    ),
    Mutation(
        "an offset window ends as if it began now",
        "engine_leaves.py",
        "            end_ms = times[entered - least] + older_ms\n            if end_ms > now_ms:",
        "            end_ms = times[entered - least] + older_ms - newer_ms\n"
        "            if end_ms > now_ms:",
    ),
    Mutation(
        "the next flip is not the earliest",
        "engine_leaves.py",
        "                    if flip_ms < end_ms:",
        "                    if flip_ms > end_ms or end_ms == NEVER:",
    ),
    Mutation(
        "an answer from before the question answers it",
        "engine_leaves.py",
        "            if asked_ms > answered_ms and asked_ms",
        "            if answered_ms == NONE_MS and asked_ms",
    ),
    Mutation(
        "an answer at the same instant does not answer",
        "engine_leaves.py",
        "            if asked_ms > answered_ms and asked_ms",
        "            if asked_ms >= answered_ms and asked_ms",
    ),
    Mutation(
        "a member's deadline is dropped",
        "engine.py",
        "        state.flips[index] = 0 if flip_ms == NEVER else flip_ms\n",
        "        state.flips[index] = 0 if holds or flip_ms == NEVER else flip_ms\n",
    ),
    Mutation(
        "the stint's number does not grow",
        "engine.py",
        "            stint = state.past.pop(segment_id, (0, 0))[0] + 1\n",
        "            stint = max(state.past.pop(segment_id, (0, 0))[0], 1)\n",
    ),
    Mutation(
        "entered_at is the arrival of the news",
        "engine.py",
        "changed_at_ms(self.ruleset, state, rule, holds, from_ms) if late else state.now_ms",
        "state.now_ms",
    ),
    Mutation(
        "a duplicate counts",
        "engine.py",
        "    if updates is None or one.key in recent:\n",
        "    if updates is None:\n",
    ),
    Mutation(
        "deadlines before an event do not fire",
        "engine.py",
        "            self.fire(from_ms - 1)\n",
        "",
    ),
    Mutation(
        "an overtaken profile is taken over",
        "engine.py",
        "    if one.snapshot.version < state.profile_version:\n",
        "    if one.snapshot.version < 0:\n",
    ),
    Mutation(
        "a late event is put at the end",
        "features_update.py",
        "            insort(times, at_ms)\n",
        "            times.append(at_ms)\n",
    ),
    Mutation(
        "one time too few is kept",
        "features_update.py",
        "    index, forever, horizon_ms = feature.index, feature.forever, feature.horizon_ms\n"
        "    most = max(feature.forever, feature.recent)\n\n"
        "    def update(state: State, _event: Any",
        "    index, forever, horizon_ms = feature.index, feature.forever, feature.horizon_ms\n"
        "    most = max(feature.forever, feature.recent) - 1\n\n"
        "    def update(state: State, _event: Any",
    ),
    Mutation(
        "what an inner segment reads does not touch the outer one",
        "engine_compile.py",
        "            return self.segment(rule.segment_id)\n",
        "            return Compiled(self.segment(rule.segment_id).part)\n",
    ),
    Mutation(
        "numbers go through floats",
        "engine_predicates.py",
        "            return int(Decimal(value.number).scaleb(9))\n",
        "            return int(float(value.number) * 10**9)\n",
    ),
)

# Caught by the machine on real stores.
SERVICE = (
    Mutation(
        "the one merged into is not replayed",
        "service_replay.py",
        "            waiting = [name for name in dict.fromkeys(result.merged_into)"
        " if name not in done]\n",
        "            waiting = []\n",
    ),
    Mutation(
        "a merge leaves no tombstone",
        "decisions.py",
        "    if history.merged_into:\n        return decide_removal(",
        "    if history.merged_into is None:\n        return decide_removal(",
    ),
    Mutation(
        "a deadline is not written",
        "decisions.py",
        "        deadline_ms=state.deadline_ms if state is not None else None,\n",
        "        deadline_ms=None,\n",
    ),
    Mutation(
        "a replay numbers stints anew",
        "reconcile.py",
        "        stint = last.stint if last else 0\n",
        "        stint = 0\n",
    ),
    Mutation(
        "a new segment's history is told as news",
        "reconcile.py",
        "    base_ms = max(terms.live_since_ms, last.at_ms if last else terms.live_since_ms)\n",
        "    base_ms = last.at_ms if last else 0\n",
    ),
    Mutation(
        "a state is believed under other rules",
        "service_replay.py",
        "    return stored is not None and stored.rules_version == rules.version\n",
        "    return stored is not None\n",
    ),
)
