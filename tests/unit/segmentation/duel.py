"""A duel: one customer in the engine and in the oracle, compared after every step."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import tree
from segmentation_service.engine import (
    EventInput,
    Input,
    ProfileInput,
    Ruleset,
    SegmentRule,
    State,
    StepResult,
    compile_ruleset,
    decode_state,
    encode_state,
    new_state,
    replay,
    step,
)

from tests.unit.segmentation.announcer import Announcer
from tests.unit.segmentation.histories import make_person, make_rule_of, make_step
from tests.unit.segmentation.oracle import Change, Oracle
from tests.unit.segmentation.strategies import BASE_MS, Offset

EXPONENT = 2


def changes_of(result: StepResult) -> list[Change]:
    """Transitions in the oracle's form, in order."""
    return sorted((one.at_ms, one.segment_id, one.stint, one.entered) for one in result.transitions)


class Duel:
    """One customer in the engine and in the oracle."""

    def __init__(self, trees: Sequence[tree.Rule], profile: ProfileSnapshot) -> None:
        by_id = {f"s{index}": rule for index, rule in enumerate(trees)}
        by_id["inside"] = tree.And((tree.InSegment("s0"), tree.Not(tree.InSegment("s1"))))
        self.ruleset: Ruleset = compile_ruleset(
            [SegmentRule(name, rule) for name, rule in by_id.items()], "Asia/Seoul", EXPONENT
        )
        self.announcer = Announcer(Oracle(by_id, EXPONENT, profile), BASE_MS)
        self.state: State = new_state(profile, BASE_MS)
        self.version = 1
        self.count = 0
        self.received_ms = BASE_MS
        self.begun = False
        self.replays = 0

    def at_ms(self, offset: Offset) -> int:
        """The instant that an offset means."""
        origin, length_ms = offset
        now_ms = self.announcer.now_ms if self.begun else BASE_MS
        if origin == "deadline":
            return (self.state.deadline_ms or now_ms) + length_ms
        return now_ms + length_ms

    def inputs(self, kind: str, content: Any) -> list[Input]:
        """A step's inputs, with absolute times."""
        if kind in ("profile", "overtaken"):
            self.version += kind == "profile"
            snapshot = ProfileSnapshot()
            snapshot.CopyFrom(content)
            snapshot.version = self.version - (kind == "overtaken")
            return [ProfileInput(snapshot, self.at_ms(("now", 0)))]
        found: list[Input] = []
        times_ms = [self.at_ms(offset) for offset, _ in content]
        self.received_ms = max(self.received_ms, self.at_ms(("now", 0)), *times_ms)
        for at_ms, (_, event) in zip(times_ms, content, strict=True):
            self.count += 1
            key = self.count.to_bytes(16, "big")
            found.append(EventInput(key, at_ms, self.received_ms, event))
        return found

    def play(self, kind: str, content: Any) -> None:
        """One step in both, and the comparison."""
        inputs = [] if kind == "time" else self.inputs(kind, content)
        advance_to_ms = self.at_ms(content) if kind == "time" else None
        receive = self.announcer.receive if self.begun else self.announcer.begin
        self.begun = True
        expected = receive(inputs)
        if advance_to_ms is not None:
            expected += self.announcer.advance(advance_to_ms)
        result = step(self.ruleset, decode_state(encode_state(self.state)), inputs, advance_to_ms)
        if result.needs_replay:
            self.replays += 1
            self.state = self.replayed()
        else:
            assert sorted(expected) == changes_of(result)
            self.state = result.state
        self.compare()
        self.repeat(inputs)

    def repeat(self, inputs: Sequence[Input]) -> None:
        """The same inputs again: nothing happens."""
        again = step(self.ruleset, decode_state(encode_state(self.state)), inputs)
        assert (False, []) == (again.needs_replay, changes_of(again))
        assert self.state.features == again.state.features

    def replayed(self) -> State:
        """From scratch, with the stints that were announced."""
        state = self.from_scratch().state
        last = self.announcer.last.values()
        state.memberships = {name: (stint, at) for at, name, stint, entered in last if entered}
        state.past = {name: (stint, at) for at, name, stint, entered in last if not entered}
        state.profile_ms = self.announcer.profile_ms
        state.now_ms = self.announcer.now_ms
        return state

    def from_scratch(self) -> StepResult:
        """A replay, checked against the oracle's timeline."""
        announcer, oracle = self.announcer, self.announcer.oracle
        log = sorted(oracle.log, key=lambda one: one.at_ms)
        result = replay(self.ruleset, oracle.profile, announcer.start_ms, log, announcer.now_ms)
        start_ms = min([announcer.start_ms, *(one.at_ms for one in log)])
        expected = [
            change
            for segment_id in oracle.rules
            for change in oracle.timeline(segment_id, start_ms, announcer.now_ms)
        ]
        assert sorted(expected) == changes_of(result)
        return result

    def compare(self) -> None:
        """Memberships, entered_at and every next flip."""
        announcer, oracle = self.announcer, self.announcer.oracle
        members = {name: (c[2], c[0]) for name, c in announcer.last.items() if c[3]}
        assert members == self.state.memberships
        assert announcer.now_ms == self.state.now_ms
        flips = [oracle.next_flip(rule, announcer.now_ms) for rule in oracle.rules.values()]
        assert flips == self.state.flips
        assert min(filter(None, flips), default=None) == self.state.deadline_ms


def fight(
    trees: Sequence[tree.Rule], profile: ProfileSnapshot, history: Sequence[tuple[str, Any]]
) -> Duel:
    """A whole history."""
    duel = Duel(trees, profile)
    for kind, content in history:
        duel.play(kind, content)
    duel.from_scratch()
    return duel


def fight_by_seed(seed: int, length: int) -> Duel:
    """Four rules and a history from a seed."""
    random = Random(seed)
    trees = [make_rule_of(random, ()) for _ in range(4)]
    profile = make_person(random, BASE_MS)
    return fight(trees, profile, [make_step(random) for _ in range(length)])
