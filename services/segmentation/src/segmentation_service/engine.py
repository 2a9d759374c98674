"""The engine: which segments a customer is in, and when that changes next. Pure: no I/O, no clock.

    ruleset = compile_ruleset(segments, "Asia/Seoul", currency_exponent=0)
    result = step(ruleset, new_state(snapshot, created_ms), inputs, advance_to_ms=None)

A rule's truth is a function of the instant: at n it sees the events at or before n. The engine
announces the changes of that function as far as it knows the log: in order of time at the exact
instants, and for late events as of now, with the instant at which the rule came to hold.
Inputs of one instant are taken together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from segmentation_service.engine_ruleset import CompiledRule, Ruleset, begin, compile_ruleset
from segmentation_service.engine_state import (
    Cause,
    EventInput,
    Input,
    ProfileInput,
    SegmentRule,
    State,
    StepResult,
    Transition,
    decode_state,
    encode_state,
    inputs_in_order,
    new_state,
    read_profile,
)
from segmentation_service.explain import Explained, explain
from segmentation_service.features import ALWAYS, NEVER

if TYPE_CHECKING:
    from dangol.profile.v1.event_service_pb2 import ProfileSnapshot

__all__ = [
    "Cause",
    "EventInput",
    "Explained",
    "Input",
    "ProfileInput",
    "Ruleset",
    "SegmentRule",
    "State",
    "StepResult",
    "Transition",
    "compile_ruleset",
    "decode_state",
    "encode_state",
    "explain",
    "new_state",
    "replay",
    "step",
]

RECENT_MAX = 2_000


class _NeedsReplayError(Exception):
    """The kept state can't say since when a rule holds."""


def step(
    ruleset: Ruleset, state: State, inputs: Sequence[Input], advance_to_ms: int | None = None
) -> StepResult:
    """Applies inputs in order of time, firing deadlines on the way, then those up to advance_to_ms.

    Takes over `state` (it is changed): use the one returned. An event whose key is among the
    recent ones is skipped. needs_replay: the kept state can't answer, or it has the layout
    of another ruleset.
    """
    fresh = not state.signature
    if not fresh and state.signature != ruleset.signature:
        return StepResult(state, [], needs_replay=True)
    run = _Run(ruleset, state)
    ordered = inputs_in_order(inputs)
    try:
        position = run.begin(ordered) if fresh else 0
        while position < len(ordered):
            position = run.take_group(ordered, position)
    except _NeedsReplayError:
        return StepResult(state, [], needs_replay=True)
    # Before time goes on: a look in vain would leave the state at an instant without a change.
    run.sharpen()
    if advance_to_ms is not None:
        run.fire(advance_to_ms)
    forget_keys(state.recent, forgotten_ms(ruleset, ordered, advance_to_ms))
    return StepResult(state, run.transitions)


def replay(
    ruleset: Ruleset,
    snapshot: ProfileSnapshot,
    created_ms: int,
    events: Iterable[EventInput],
    as_of_ms: int,
    *,
    wall_ms: int | None = None,
) -> StepResult:
    """The state as of as_of_ms and every transition from scratch, with stints from 1.

    wall_ms: the wall clock, by which it is known which events may still be told again; None when
    nothing will be told of this state.
    """
    result = step(ruleset, new_state(snapshot, created_ms), list(events), as_of_ms)
    recent = result.state.recent
    newest_ms = max(recent.values(), default=as_of_ms)
    # A clock that was set back gives what comes now an earlier time than what came before.
    before_ms = min(newest_ms, newest_ms if wall_ms is None else wall_ms) - ruleset.recent_ms
    result.state.recent = {key: at_ms for key, at_ms in recent.items() if at_ms >= before_ms}
    return result


class _Run:
    """One call of `step`: the state on its way and the transitions found so far.

    While more inputs are to come (`passing`), flips may be too early: a rule is then looked at
    once more for nothing. Those in `blurred` are found exactly at the end.
    """

    __slots__ = ("blurred", "passing", "ruleset", "state", "transitions")

    def __init__(self, ruleset: Ruleset, state: State) -> None:
        self.ruleset = ruleset
        self.state = state
        self.transitions: list[Transition] = []
        self.passing = False
        self.blurred: set[int] = set()

    def begin(self, inputs: Sequence[Input]) -> int:
        """Evaluates the rules for the first time, after what happened in the first instant."""
        begin(self.ruleset, self.state, inputs[0].at_ms if inputs else None)
        position, touched, cause = self.apply_until_now(inputs, 0)
        for index in self.ruleset.indexes(touched | self.ruleset.first):
            self.settle(index, cause, self.state.now_ms)
        return position

    def take_group(self, inputs: Sequence[Input], position: int) -> int:
        """Takes the inputs of the next instant, or all late ones; returns the position after."""
        state = self.state
        from_ms = inputs[position].at_ms
        if from_ms > state.now_ms:
            self.fire(from_ms - 1)
            state.now_ms = from_ms
        position, touched, cause = self.apply_until_now(inputs, position)
        self.passing = position < len(inputs)
        if state.now_ms in state.flips:
            self.settle_due(touched)
        if touched:
            for index in self.ruleset.indexes(touched):
                self.settle(index, cause, from_ms)
        return position

    def apply_until_now(self, inputs: Sequence[Input], position: int) -> tuple[int, int, Cause]:
        """Applies the inputs up to now; returns the position after, the rules touched, why."""
        now_ms, touched, cause = self.state.now_ms, 0, Cause.PROFILE
        while position < len(inputs) and inputs[position].at_ms <= now_ms:
            one = inputs[position]
            if isinstance(one, EventInput):
                mask = apply_event(self.ruleset, self.state, one)
                if mask:
                    cause = Cause.EVENT
            else:
                mask = apply_profile(self.ruleset, self.state, one)
            touched |= mask
            position += 1
        return position, touched, cause

    def fire(self, until_ms: int) -> None:
        """Fires the deadlines up to until_ms in order, each at its own instant."""
        state = self.state
        deadline_ms = state.deadline_ms
        while deadline_ms is not None and deadline_ms <= until_ms:
            state.now_ms = deadline_ms
            self.settle_due(0)
            deadline_ms = state.deadline_ms

    def settle_due(self, touched: int) -> None:
        """Settles the rules that flip now and that no input touched."""
        now_ms = self.state.now_ms
        for index, flip_ms in enumerate(self.state.flips):
            if flip_ms == now_ms and not touched >> index & 1:
                self.settle(index, Cause.TIME, now_ms)
                if self.state.flips[index] == now_ms:
                    raise AssertionError("a flip that is not in the future would fire for ever")

    def settle(self, index: int, cause: Cause, from_ms: int) -> None:
        """Evaluates a rule as of now, keeps its next flip, and records the change if any.

        from_ms is the time of the oldest input taken: before now when it came late.
        """
        state, rule = self.state, self.ruleset.rules[index]
        if self.passing:
            holds, flip_ms = rule.near(state, state.now_ms)
            self.blurred.add(index)
        else:
            holds, flip_ms = rule.part(state, state.now_ms)
            self.blurred.discard(index)
        state.flips[index] = 0 if flip_ms == NEVER else flip_ms
        if holds != (rule.segment_id in state.memberships):
            late = from_ms < state.now_ms
            at_ms = (
                changed_at_ms(self.ruleset, state, rule, holds, from_ms) if late else state.now_ms
            )
            self.record(rule.segment_id, holds, at_ms, cause)

    def sharpen(self) -> None:
        """Finds the flips that were only looked for nearby; from now on each is exact."""
        state = self.state
        for index in self.blurred:
            _, flip_ms = self.ruleset.rules[index].part(state, state.now_ms)
            state.flips[index] = flip_ms if flip_ms != NEVER else 0

    def record(self, segment_id: str, entered: bool, at_ms: int, cause: Cause) -> None:
        """Begins or ends a stint."""
        state = self.state
        if entered:
            stint = state.past.pop(segment_id, (0, 0))[0] + 1
            state.memberships[segment_id] = (stint, at_ms)
        else:
            stint = state.memberships.pop(segment_id)[0]
            state.past[segment_id] = (stint, at_ms)
        self.transitions.append(Transition(segment_id, stint, entered, at_ms, cause))


def apply_event(ruleset: Ruleset, state: State, one: EventInput) -> int:
    """Puts the event into the features; returns the mask of the rules that it touches."""
    updates = ruleset.updates.get(one.event.type)
    recent = state.recent
    if updates is None or one.key in recent:
        return 0
    recent[one.key] = one.received_ms
    at_ms, event, touched = one.at_ms, one.event, 0
    state.start_ms = min(state.start_ms, at_ms)
    for update, mask in updates:
        if update(state, event, at_ms):
            touched |= mask
    return touched


def forgotten_ms(ruleset: Ruleset, inputs: Sequence[Input], advance_to_ms: int | None) -> int:
    """Before when the keys of events received are forgotten; never those of this very step."""
    received = [one.received_ms for one in inputs if isinstance(one, EventInput)]
    if received:
        return min(received) - ruleset.recent_ms
    if advance_to_ms is None or ruleset.virtual:
        return ALWAYS
    return advance_to_ms - ruleset.recent_ms


def forget_keys(recent: dict[bytes, int], before_ms: int) -> None:
    """Drops the keys of events received before an instant, and the oldest beyond the bound."""
    while recent:
        oldest = next(iter(recent))
        if recent[oldest] >= before_ms and len(recent) <= RECENT_MAX:
            break
        del recent[oldest]


def apply_profile(ruleset: Ruleset, state: State, one: ProfileInput) -> int:
    """Takes over a snapshot unless a newer one is known; returns the mask of the rules touched."""
    if one.snapshot.version < state.profile_version:
        return 0
    state.profile_version = one.snapshot.version
    attributes, old = ruleset.attributes, state.profile
    found = {
        name: value for name, value in read_profile(one.snapshot).items() if name in attributes
    }
    touched = 0
    for name, mask in attributes.items():
        if old.get(name) != found.get(name):
            touched |= mask
    if touched:
        state.profile, state.profile_ms = found, state.now_ms
    return touched


def changed_at_ms(
    ruleset: Ruleset, state: State, rule: CompiledRule, holds: bool, from_ms: int
) -> int:
    """Since when the rule has its present answer, after late events from from_ms on.

    Not before what was last announced of this segment, nor, for a rule that reads the profile,
    before the profile's last change: what it was earlier is not known.
    """
    announced = state.memberships.get(rule.segment_id) or state.past.get(rule.segment_id)
    at_ms = max(from_ms, state.start_ms, announced[1] if announced else from_ms)
    if rule.compiled.attributes:
        at_ms = max(at_ms, state.profile_ms)
    if at_ms >= state.now_ms:
        return state.now_ms
    if not all(knows(state, at_ms) for knows in rule.compiled.knows):
        raise _NeedsReplayError
    instants = events_between(ruleset, state, rule, at_ms)
    since_ms = at_ms
    value, flip_ms = rule.part(state, at_ms)
    while True:
        while instants and instants[-1] <= at_ms:
            instants.pop()
        at_ms = min(flip_ms, instants[-1]) if instants else flip_ms
        if at_ms > state.now_ms:
            break
        before = value
        value, flip_ms = rule.part(state, at_ms)
        if value != before:
            since_ms = at_ms
    if value != holds:
        raise _NeedsReplayError
    return since_ms


def events_between(ruleset: Ruleset, state: State, rule: CompiledRule, from_ms: int) -> list[int]:
    """When the rule's features changed after from_ms, the newest first."""
    found: set[int] = set()
    for index in rule.compiled.features:
        instants = ruleset.features[index].instants(state.features[index])
        found.update(at_ms for at_ms in instants if at_ms > from_ms)
    return sorted(found, reverse=True)
