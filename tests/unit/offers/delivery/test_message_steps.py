"""The steps of a message, as pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import message_steps as steps
from offers_service.messages import (
    AcknowledgeOutcome,
    Content,
    Feedback,
    Lease,
    Message,
    MessageKey,
    MessageState,
    Purpose,
    Reason,
    RequeueOutcome,
    Send,
    Suppress,
    Wait,
    Word,
)

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
KEY = MessageKey("shop", "m1")
CONTENT = Content("ann", "push", Purpose.ADVERTISING, "hello")
LEASE = Lease("w_1", 1, 60_000)


def posted(**changed: int) -> Message:
    """A message posted now."""
    content = Content("ann", "push", Purpose.ADVERTISING, "hello", **changed)  # type: ignore[arg-type]
    message = steps.post(KEY, content, NOW_MS)
    assert message is not None
    return message


def leased() -> Message:
    """One that somebody has."""
    return steps.hand_over(steps.wake(posted(), Send(), NOW_MS), Send(), LEASE, NOW_MS)


def word(feedback: str, request_id: str = "r1", occurred_at_ms: int | None = None) -> Word:
    """A sender's word."""
    return Word(request_id, Feedback(feedback), occurred_at_ms)


def test_a_message_waits_for_its_time_and_lives_a_week() -> None:
    """From the time at which it may be sent first."""
    message = posted(not_before_ms=NOW_MS + HOUR_MS)
    week_ms = 7 * 24 * HOUR_MS
    assert (NOW_MS + HOUR_MS, NOW_MS + HOUR_MS + week_ms) == (
        message.wake_ms,
        message.expires_at_ms,
    )


def test_waking_follows_the_verdict() -> None:
    """Ready, later, or never; later at most until its moment passes."""
    message = posted(expires_at_ms=NOW_MS + HOUR_MS)
    ready = steps.wake(message, Send(), NOW_MS)
    assert (NOW_MS, NOW_MS + HOUR_MS) == (ready.ready_ms, ready.wake_ms)
    later = steps.wake(ready, Wait(NOW_MS + 2 * HOUR_MS), NOW_MS)
    assert (None, NOW_MS + HOUR_MS) == (later.ready_ms, later.wake_ms)
    never = steps.wake(message, Suppress(Reason.NO_CONSENT), NOW_MS)
    assert (MessageState.SUPPRESSED, Reason.NO_CONSENT, None) == (
        never.state,
        never.reason,
        never.wake_ms,
    )


def test_whose_moment_passed_untried_is_suppressed_and_tried_is_dead() -> None:
    """Nobody tried to send the one; the other could not be sent."""
    message = posted(expires_at_ms=NOW_MS + HOUR_MS)
    untried = steps.wake(message, Send(), NOW_MS + HOUR_MS)
    assert (MessageState.SUPPRESSED, Reason.EXPIRED) == (untried.state, untried.reason)
    failed, _ = steps.acknowledge(leased(), word("FAILED_TEMPORARILY"), NOW_MS)
    tried = steps.wake(failed, Send(), failed.expires_at_ms)
    assert (MessageState.DEAD, Reason.EXPIRED) == (tried.state, tried.reason)


def test_a_message_that_may_not_be_sent_any_more_is_not_handed_over() -> None:
    """The verdict at the moment of handing over counts, not the one before."""
    ready = steps.wake(posted(), Send(), NOW_MS)
    after = steps.hand_over(ready, Suppress(Reason.NO_CONSENT), LEASE, NOW_MS + 1)
    assert (MessageState.SUPPRESSED, None, 0) == (after.state, after.lease, after.attempts)


def test_attempts_end() -> None:
    """After eight attempts without an answer it is a dead letter."""
    message, now_ms = posted(), NOW_MS
    for attempt in range(1, steps.ATTEMPTS_MAX + 1):
        message = steps.wake(message, Send(), now_ms)
        message = steps.hand_over(message, Send(), Lease("w", 1, 10), now_ms)
        assert attempt == message.attempts
        assert steps.lapse(message, 9, now_ms) is None
        lapsed = steps.lapse(message, 10, now_ms)
        assert lapsed is not None
        message, now_ms = lapsed, lapsed.wake_ms or now_ms
    assert (MessageState.DEAD, Reason.ATTEMPTS_EXHAUSTED) == (message.state, message.reason)


def test_backing_off_doubles_within_bounds_and_is_the_same_every_time() -> None:
    """Between half and all of 30 s, 60 s, 120 s ... 6 h; spread by the id."""
    for attempt in range(1, 40):
        full_ms = min(30_000 * 2 ** (attempt - 1), 6 * HOUR_MS)
        waits = {steps.backoff_ms(f"m{number}", attempt) for number in range(50)}
        assert all(full_ms // 2 <= wait <= full_ms for wait in waits)
        assert len(waits) > 40
        assert steps.backoff_ms("m1", attempt) == steps.backoff_ms("m1", attempt)


def test_a_later_word_implies_the_earlier_ones() -> None:
    """Clicked means sent, delivered and opened, and profile hears of all that it knows."""
    clicked, outcome = steps.acknowledge(leased(), word("CLICKED"), NOW_MS + 5)
    assert (AcknowledgeOutcome.APPLIED, MessageState.CLICKED) == (outcome, clicked.state)
    assert {"SENT", "DELIVERED", "OPENED", "CLICKED"} == set(clicked.reached)
    assert ["message_sent", "message_opened", "message_clicked"] == [
        news.type for news in clicked.news
    ]
    back, outcome = steps.acknowledge(clicked, word("OPENED", "r2"), NOW_MS + 9)
    assert (AcknowledgeOutcome.ALREADY_KNOWN, clicked) == (outcome, back)


def test_a_senders_time_counts_only_where_it_can_be_true() -> None:
    """Not before the handing over, and not in the future."""
    for said_ms, kept_ms in ((NOW_MS + 3, NOW_MS + 3), (NOW_MS - 1, NOW_MS + 5), (NOW_MS + 6,) * 2):
        sent, _ = steps.acknowledge(leased(), word("SENT", "r1", said_ms), NOW_MS + 5)
        expected = kept_ms if kept_ms <= NOW_MS + 5 else NOW_MS + 5
        assert {"SENT": expected} == sent.reached


def test_a_fact_counts_also_when_the_message_was_given_up() -> None:
    """It was sent, whatever we believed."""
    dead, _ = steps.acknowledge(leased(), word("FAILED_PERMANENTLY"), NOW_MS)
    sent, outcome = steps.acknowledge(dead, word("SENT", "r2"), NOW_MS)
    assert (AcknowledgeOutcome.APPLIED, MessageState.SENT, None) == (
        outcome,
        sent.state,
        sent.reason,
    )


def test_a_carrier_may_return_what_it_took() -> None:
    """A bounce after the sending ends it; that it was sent remains."""
    sent, _ = steps.acknowledge(leased(), word("SENT"), NOW_MS)
    bounced, outcome = steps.acknowledge(sent, word("FAILED_PERMANENTLY", "r2"), NOW_MS)
    assert (AcknowledgeOutcome.APPLIED, MessageState.DEAD) == (outcome, bounced.state)
    assert {"SENT": NOW_MS} == bounced.reached


def test_nothing_counts_of_what_was_never_handed_over() -> None:
    """A word on a message that waits is a mistake."""
    _, outcome = steps.acknowledge(posted(), word("SENT"), NOW_MS)
    assert AcknowledgeOutcome.NOT_HANDED_OVER == outcome
    suppressed = steps.wake(posted(), Suppress(Reason.NO_CONSENT), NOW_MS)
    assert AcknowledgeOutcome.ENDED == steps.acknowledge(suppressed, word("SENT"), NOW_MS)[1]


def test_a_dead_letter_starts_anew_with_all_its_attempts() -> None:
    """Where its moment has passed it needs a new end."""
    dead, _ = steps.acknowledge(leased(), word("FAILED_PERMANENTLY"), NOW_MS)
    late_ms = dead.expires_at_ms
    assert RequeueOutcome.EXPIRES_TOO_SOON == steps.requeue(dead, "r2", 0, late_ms)[1]
    again, outcome = steps.requeue(dead, "r2", late_ms + HOUR_MS, late_ms)
    assert (RequeueOutcome.APPLIED, MessageState.PENDING, 0, late_ms) == (
        outcome,
        again.state,
        again.attempts,
        again.wake_ms,
    )
    assert RequeueOutcome.REQUEST_CONFLICT == steps.requeue(again, "r2", 1, late_ms)[1]


_WORDS = st.lists(st.tuples(st.sampled_from(list(Feedback)), st.integers(0, 5)), max_size=12)


@settings(max_examples=300, deadline=None)
@given(_WORDS)
def test_words_in_any_order_never_take_progress_back(words: list[tuple[Feedback, int]]) -> None:
    """What was reached stays reached, each event is told once, and repeats change nothing."""
    message = leased()
    for number, (feedback, request) in enumerate(words):
        said = Word(f"r{request}", feedback)
        after, outcome = steps.acknowledge(message, said, NOW_MS + number)
        assert message.reached.items() <= after.reached.items()
        types = [news.type for news in after.news]
        assert sorted(set(types)) == sorted(types)
        changed = after != message
        assert not changed or outcome is AcknowledgeOutcome.APPLIED
        again, repeated = steps.acknowledge(after, said, NOW_MS + number)
        assert again == after
        assert outcome is not AcknowledgeOutcome.APPLIED or repeated is outcome
        message = after


@pytest.mark.parametrize("state", list(MessageState))
def test_only_waiting_messages_have_a_time_and_only_leased_ones_a_lease(
    state: MessageState,
) -> None:
    """So that indexes hold only what has to be looked at."""
    ended = steps.wake(posted(), Suppress(Reason.NO_CONSENT), NOW_MS)
    dead, _ = steps.acknowledge(leased(), word("FAILED_PERMANENTLY"), NOW_MS)
    progress = {
        one: steps.acknowledge(leased(), word(one), NOW_MS)[0]
        for one in ("SENT", "DELIVERED", "OPENED", "CLICKED")
    }
    others = {"PENDING": posted(), "LEASED": leased(), "SUPPRESSED": ended, "DEAD": dead}
    one = (others | progress)[state.value]
    assert state is one.state
    assert (state is MessageState.PENDING) == (one.wake_ms is not None)
    assert (state is MessageState.LEASED) == (one.lease is not None)
