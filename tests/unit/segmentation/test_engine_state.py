"""States: late and repeated events, what is kept, what only a replay can tell."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules.rules import RuleError, parse
from segmentation_service.engine import (
    EventInput,
    ProfileInput,
    SegmentRule,
    compile_ruleset,
    decode_state,
    encode_state,
    new_state,
    replay,
    step,
)

from tests.unit.segmentation.customer import DAY, HOUR, MINUTE, T0, Customer, make_event, seen


def test_a_late_event_takes_its_place() -> None:
    """It leaves the window by its own time, not by its arrival."""
    one = Customer("count(a, 1d) >= 2")
    one.does("a", 10 * HOUR)
    assert [(10 * HOUR, "a", True)] == one.does("a", 5 * HOUR)
    assert [(29 * HOUR, "a", False)] == one.waits(2 * DAY)


def test_a_late_event_tells_since_when_the_rule_held() -> None:
    """entered_at is the instant at which the rule came to hold, not that of the news."""
    one = Customer("count(b) >= 1 and count(a) >= 1")
    one.does("a", 0)
    one.does("a", HOUR)
    assert [(30 * MINUTE, "a", True)] == one.does("b", 30 * MINUTE)
    assert (1, T0 + 30 * MINUTE) == one.state.memberships["a"]


def test_a_late_event_may_reveal_a_flip_between() -> None:
    """The cart was filled and not bought: it has been so since half an hour after the filling."""
    one = Customer("unanswered(cart_add, purchase by cart_id, 30m, 7d)", "count(visit) >= 1")
    one.does("visit", 2 * HOUR)
    assert [(90 * MINUTE, "a", True)] == one.does("cart_add", HOUR, cart_id="c")


def test_a_late_event_ends_a_stint_when_it_happened() -> None:
    """The exit carries the late event's own time."""
    one = Customer("count(purchase) = 0", "count(visit) >= 2")
    one.does("visit", 0)
    one.does("visit", 3 * HOUR)
    assert [(HOUR, "a", False)] == one.does("purchase", HOUR)


def test_late_news_is_not_dated_before_what_was_announced() -> None:
    """She was announced to have entered at one hour: she leaves no earlier than that."""
    one = Customer("since(login) >= 1h", "count(visit) >= 1")
    one.does("login", 0)
    one.does("visit", 90 * MINUTE)
    assert {"a", "b"} == one.segments()
    assert [(HOUR, "a", False)] == one.does("login", 50 * MINUTE)


def test_a_late_event_that_left_its_window_changes_nothing() -> None:
    """It is older than anything the rule looks at."""
    one = Customer("count(a, 1d) >= 1", "count(b) >= 1")
    one.does("b", 10 * DAY)
    assert [] == one.does("a", 8 * DAY)
    assert [[], [T0 + 10 * DAY]] == one.state.features


def test_what_the_state_forgot_needs_a_replay() -> None:
    """Two views of a session are one value with its newest time: the past is in the log only."""
    one = Customer("distinct(visit.session_id, 1d) >= 2")
    one.does("visit", 0, session_id="x")
    one.does("visit", 10 * HOUR, session_id="x")
    result = one.take(one.input("visit", 5 * HOUR, session_id="y"))
    assert (True, []) == (result.needs_replay, result.transitions)
    assert [(5 * HOUR, "a", True)] == seen(one.replayed(10 * HOUR))


def test_a_state_of_other_rules_needs_a_replay() -> None:
    """A raised threshold, a new feature, another currency: the layout is another."""
    one = Customer("count(a) >= 1")
    one.does("a", 0)
    for segment in (
        SegmentRule("a", parse("count(a) >= 9")),
        SegmentRule("b", parse("count(a) >= 1")),
    ):
        other = compile_ruleset([segment], "Asia/Seoul", 0)
        assert step(other, one.state, []).needs_replay
    assert step(compile_ruleset(one.ruleset.segments, "Asia/Seoul", 2), one.state, []).needs_replay


def test_an_event_counts_once() -> None:
    """In the same delta, in the next, and after a replay that contained it."""
    one = Customer("count(a) >= 2")
    event = one.input("a", 0)
    assert [] == seen(one.take(event, event))
    assert [] == seen(one.take(event))
    one.log = [event]
    one.state = one.replayed(HOUR).state
    assert [] == seen(one.take(event))


def test_keys_are_forgotten_ten_minutes_after_their_arrival() -> None:
    """By the time of arrival, not of the event."""
    one = Customer("count(a) >= 1")
    old = EventInput(b"old", T0 - DAY, T0, make_event("a"))
    one.take(old)
    one.take(EventInput(b"new", T0, T0 + 10 * MINUTE, make_event("a")))
    assert {b"old", b"new"} == set(one.state.recent)
    one.take(EventInput(b"newer", T0, T0 + 10 * MINUTE + 1, make_event("a")))
    assert {b"new", b"newer"} == set(one.state.recent)
    one.waits(DAY)
    assert {} == one.state.recent


def test_keys_outlast_a_virtual_clock_that_runs_ahead() -> None:
    """A replay took the event in, a month went by, then its delta comes: it counts once."""
    rules = [SegmentRule("twice", parse("count(a) >= 2"))]
    ruleset = compile_ruleset(rules, "Asia/Seoul")
    ruleset.virtual = True
    arrival_ms = T0 + 900 * DAY
    first = EventInput(b"first", T0, arrival_ms, make_event("a"))
    later = EventInput(b"later", T0 + 30 * DAY, arrival_ms + 1, make_event("b"))
    state = replay(ruleset, ProfileSnapshot(), T0, [first, later], T0 + 30 * DAY).state
    state = step(ruleset, state, [], T0 + 901 * DAY).state
    result = step(ruleset, state, [first])
    assert [] == result.transitions
    assert not result.needs_replay


def test_keys_outlast_a_clock_that_was_set_back() -> None:
    """What came after profile's clock was set back by an hour is still known after a replay."""
    ruleset = compile_ruleset([SegmentRule("thrice", parse("count(a) >= 3"))], "Asia/Seoul")
    before = EventInput(b"before", T0, T0 + 60 * MINUTE, make_event("a"))
    after = EventInput(b"after", T0, T0, make_event("a"))
    state = replay(ruleset, ProfileSnapshot(), T0, [before, after], T0, wall_ms=T0).state
    assert {b"before", b"after"} == set(state.recent)
    assert [] == step(ruleset, state, [after]).transitions


def test_only_rules_that_mention_the_event_are_evaluated() -> None:
    """Cost grows with the rules touched, not with the rules present."""
    asked: list[str] = []
    rules = [SegmentRule(f"s{index}", parse(f"count(e{index}) >= 1")) for index in range(50)]
    ruleset = compile_ruleset(rules, "Asia/Seoul")

    def counting(rule: Any) -> Any:
        def part(state: Any, now_ms: int) -> tuple[bool, int]:
            asked.append(rule.segment_id)
            return rule.part(state, now_ms)  # type: ignore[no-any-return]

        return msgspec.structs.replace(rule, part=part)

    ruleset.rules = tuple(counting(rule) for rule in ruleset.rules)
    state = step(ruleset, new_state(ProfileSnapshot(), T0), []).state
    asked.clear()
    step(ruleset, state, [EventInput(b"k", T0 + 5, T0 + 5, make_event("e7"))])
    assert ["s7"] == asked


def test_an_event_that_no_rule_mentions_leaves_no_trace() -> None:
    """Not even its key."""
    one = Customer("count(a) >= 1")
    one.take()
    before = encode_state(one.state)
    one.take(one.input("b", 0))
    assert before == encode_state(one.state)


def test_rules_share_features() -> None:
    """Six rules over the same purchases keep their times once, the newest few."""
    one = Customer(
        "count(purchase, 30d) >= 2",
        "count(purchase, 90d) = 0",
        "since(purchase) >= 30d",
        "count(purchase) >= 1 and last(purchase) > first(purchase)",
        'not in segment("a") and count(purchase, 1d) >= 3',
    )
    for day in range(100):
        one.does("purchase", day * DAY)
    newest = [T0 + day * DAY for day in range(96, 100)]
    assert [newest, [T0]] == one.state.features


def test_old_times_are_dropped_but_for_the_one_that_counts() -> None:
    """`since` needs one time for ever; a window needs none from before it."""
    one = Customer("count(a, 1d) >= 5", "since(a) >= 9d")
    for day in (0, 1, 10):
        one.does("a", day * DAY)
    assert [[T0 + 10 * DAY]] == one.state.features


def test_a_state_survives_its_encoding() -> None:
    """decode(encode(state)) == state, with text, hashes, numbers of any size and flags."""
    one = Customer(
        "distinct(a.session_id, 1d) >= 3 or sum(a.properties.n, 1d) >= 1",
        'profile.member or profile.tier = "gold"',
        "unanswered(a, b by cart_id, 1h, 2h)",
        profile=ProfileSnapshot(member=True, tier="x"),
    )
    one.does("a", 0, session_id="short", cart_id="c", properties={"n": "#999999999999999999"})
    one.does("a", 1, session_id="a text too long to be kept as it is", cart_id="d")
    assert one.state == decode_state(encode_state(one.state))


def test_bytes_that_are_no_state_are_refused() -> None:
    """They raise a decoding error."""
    with pytest.raises(msgspec.DecodeError):
        decode_state(b"\xc1 nonsense")


def test_steps_one_by_one_equal_a_replay() -> None:
    """The same states and transitions, whatever the grouping of events in time."""
    one = Customer(
        "count(a, 1d) >= 2 and count(b, 12h) = 0",
        "sum(a.amount, 2d) >= 30",
        "distinct(a.session_id, 1d) >= 2",
        "unanswered(a, b by session_id, 1h, 9h)",
    )
    changes = []
    for number in range(60):
        name = "ab"[number % 7 == 3]
        session_id = "xyz"[number % 3]
        changes += one.does(
            name, number * number * 7 * MINUTE, session_id=session_id, amount=number
        )
    until_ms = one.state.now_ms - T0
    replayed = one.replayed(until_ms)
    assert changes == seen(replayed)
    assert one.state == replayed.state


def test_a_replay_stands_where_something_last_happened() -> None:
    """A rule that was looked at in vain moves nothing: what comes after is not late."""
    both = "count(a, from 3h to 1h) >= 1 and count(b, from 20h to 10h) >= 1"
    one = Customer(both, "count(c) >= 1")
    for event_type, at_ms in (("a", 0), ("b", 1), ("c", MINUTE)):
        one.does(event_type, at_ms)
    one.waits(11 * HOUR)
    replayed = one.replayed(11 * HOUR).state
    assert T0 + MINUTE == one.state.now_ms == replayed.now_ms
    assert one.state.flips == replayed.flips


def test_stints_are_numbered_on() -> None:
    """Each stay in a segment has the next number, and a replay begins at 1 again."""
    one = Customer("count(a, 1h) >= 1")
    for day in range(3):
        one.does("a", day * DAY)
    assert (3, T0 + 2 * DAY) == one.state.memberships["a"]
    assert 3 == one.state.last_stint("a")
    one.waits(5 * DAY)
    assert (3, 0) == (one.state.last_stint("a"), one.state.last_stint("unknown"))
    stints = [change.stint for change in one.replayed(5 * DAY).transitions]
    assert [1, 1, 2, 2, 3, 3] == stints


def test_a_profile_change_and_an_event_of_one_instant_are_one_decision() -> None:
    """Nothing is announced that held only between the two."""
    one = Customer('profile.tier = "gold" and count(a) = 0')
    one.take()
    profile = ProfileInput(ProfileSnapshot(version=1, tier="gold"), T0 + 5)
    assert [] == seen(one.take(profile, one.input("a", 5)))


def test_an_empty_ruleset_does_nothing() -> None:
    """A tenant without segments costs next to nothing."""
    ruleset = compile_ruleset([], "Asia/Seoul")
    event = EventInput(b"k", T0, T0, make_event("a"))
    result = replay(ruleset, ProfileSnapshot(), T0, [event], T0 + DAY)
    assert ([], None, frozenset()) == (
        result.transitions,
        result.state.deadline_ms,
        ruleset.event_types,
    )


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (['in segment("b")', 'in segment("a")'], "a -> b -> a"),
        (['not in segment("a")'], "a -> a"),
        (['in segment("x")'], "unknown segment x"),
    ],
)
def test_segments_in_a_circle_are_refused(rules: list[str], message: str) -> None:
    """Also through others, and with unknown ones."""
    with pytest.raises(RuleError, match=message):
        Customer(*rules)


def test_events_of_one_instant_mean_the_same_in_any_order() -> None:
    """Equal times are ordered by event id, and no answer depends on the order of arrival."""
    rules = ("unanswered(a, b by cart_id, 1h, 2h)", "count(a, 1h) >= 2", "last(a) > last(b)")
    answers = []
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        one = Customer(*rules)
        events = [one.input(name, 5, cart_id="c") for name in "aab"]
        one.take(*(events[index] for index in order))
        answers.append((one.segments(), one.state.flips, one.state.features))
    assert answers[:1] * 3 == answers


def test_the_newest_64_keys_are_followed() -> None:
    """Of 65 carts the oldest is let go; at equal times the key decides, not the arrival."""
    rule = "unanswered(a, b by cart_id, 1h, 2h)"
    one = Customer(rule)
    for number in range(65):
        one.does("a", number, cart_id=f"{number:02d}")
    assert [f"{number:02d}" for number in range(1, 65)] == sorted(one.state.features[0])
    forward, backward = Customer(rule), Customer(rule)
    for number in range(65):
        forward.does("a", 0, cart_id=f"{number:02d}")
        backward.does("a", 0, cart_id=f"{64 - number:02d}")
    assert forward.state.features == backward.state.features
    assert "00" not in forward.state.features[0]
