"""The steps that a message takes: each a pure function of message, input and time.

Posted, woken when its time has come, handed over under a lease, acknowledged or taken back.
"""

from __future__ import annotations

import hashlib

import msgspec

from offers_service.messages import (
    PROGRESS,
    AcknowledgeOutcome,
    Content,
    Fail,
    Feedback,
    Lease,
    Message,
    MessageKey,
    MessageState,
    News,
    Reason,
    Request,
    RequeueOutcome,
    Send,
    Suppress,
    Verdict,
    Wait,
    Word,
)
from offers_service.send_times import Timing

ATTEMPTS_MAX = 8
# Enough to answer any retry; the oldest are forgotten.
REQUESTS_MAX = 64
LIFETIME_DEFAULT_MS = 7 * 24 * 3600 * 1000
_BACKOFF_FIRST_MS = 30_000
_BACKOFF_MAX_MS = 6 * 3600 * 1000
_EVENT_TYPES = {
    MessageState.SENT: "message_sent",
    MessageState.OPENED: "message_opened",
    MessageState.CLICKED: "message_clicked",
}
_MAY_FAIL = {MessageState.PENDING, MessageState.LEASED, MessageState.SENT}


def post(
    key: MessageKey, content: Content, now_ms: int, template_version: int = 0
) -> Message | None:
    """A new message; None when it would expire before it may be sent."""
    first_ms = max(content.not_before_ms, now_ms)
    expires_at_ms = content.expires_at_ms or first_ms + LIFETIME_DEFAULT_MS
    if expires_at_ms <= first_ms:
        return None
    return Message(
        key=key,
        v=1,
        state=MessageState.PENDING,
        content=content,
        posted_at_ms=now_ms,
        expires_at_ms=expires_at_ms,
        wake_ms=first_ms,
        template_version=template_version,
    )


def backoff_ms(message_id: str, attempt: int) -> int:
    """How long to wait after the attempt, 1 for the first: doubling from 30 s to at most 6 h.

    Between half and all of that, by a hash of id and attempt: repeating the decision gives the
    same time, and messages that failed together do not come back together.
    """
    full_ms = min(_BACKOFF_FIRST_MS << max(attempt, 1) - 1, _BACKOFF_MAX_MS)
    digest = hashlib.blake2b(f"{message_id}\0{attempt}".encode(), digest_size=8).digest()
    half_ms = full_ms // 2
    return half_ms + (int.from_bytes(digest, "big") * (full_ms - half_ms) >> 64)


def wake(message: Message, verdict: Verdict, now_ms: int) -> Message:
    """What becomes of a pending message whose time has come, by the verdict at now_ms."""
    if now_ms >= message.expires_at_ms:
        return _expire(message)
    if isinstance(verdict, Suppress):
        return _end(message, MessageState.SUPPRESSED, verdict.reason)
    if isinstance(verdict, Fail):
        return _end(message, MessageState.DEAD, verdict.reason)
    if isinstance(verdict, Wait):
        until_ms = min(verdict.until_ms, message.expires_at_ms)
        return _change(message, wake_ms=until_ms, ready_ms=None)
    ready_ms = now_ms if message.ready_ms is None else message.ready_ms
    return _change(message, wake_ms=message.expires_at_ms, ready_ms=ready_ms)


def time_it(message: Message, timing: Timing) -> Message:
    """With the hour that was chosen for it; its first look decides."""
    return _change(message, timing=timing)


def hand_over(message: Message, verdict: Verdict, lease: Lease, now_ms: int) -> Message:
    """What becomes of a ready message that a holder could take now: LEASED, if it may be sent."""
    if not isinstance(verdict, Send) or now_ms >= message.expires_at_ms:
        return wake(message, verdict, now_ms)
    return _change(
        message,
        state=MessageState.LEASED,
        lease=lease,
        attempts=message.attempts + 1,
        handed_at_ms=now_ms,
        wake_ms=None,
        ready_ms=None,
    )


def pass_on(message: Message, lease: Lease) -> Message:
    """A leased message under another lease: its holder came back, and this is no new attempt."""
    return _change(message, lease=lease)


def lapse(message: Message, wall_ms: int, now_ms: int) -> Message | None:
    """A leased message whose holder did not answer in time; None while there is time left."""
    if message.lease is None or message.lease.until_ms > wall_ms:
        return None
    return _retry(message, now_ms)


def acknowledge(message: Message, word: Word, now_ms: int) -> tuple[Message, AcknowledgeOutcome]:
    """Applies a sender's word; the message is the same where nothing changed.

    That it was sent, opened or clicked is a fact: it counts also when the lease has ended, or the
    message was given up since. A failure counts only while the message is with a sender.
    """
    known = _known(message, word.request_id)
    if known is not None:
        same = known == word.asked
        outcome = AcknowledgeOutcome.APPLIED if same else AcknowledgeOutcome.REQUEST_CONFLICT
        return message, outcome
    if message.handed_at_ms is None:
        outcome = AcknowledgeOutcome.ENDED if message.ended else AcknowledgeOutcome.NOT_HANDED_OVER
        return message, outcome
    if word.feedback in (Feedback.FAILED_PERMANENTLY, Feedback.FAILED_TEMPORARILY):
        return _fail(message, word, now_ms)
    return _advance(message, word, now_ms)


def requeue(
    message: Message, request_id: str, expires_at_ms: int, now_ms: int
) -> tuple[Message, RequeueOutcome]:
    """Gives a dead letter another chance, with the newest version of its template.

    expires_at_ms 0 leaves the end as it was.
    """
    asked = f"REQUEUE/{expires_at_ms}"
    known = _known(message, request_id)
    if known is not None:
        same = known == asked
        return message, RequeueOutcome.APPLIED if same else RequeueOutcome.REQUEST_CONFLICT
    if message.state is not MessageState.DEAD:
        return message, RequeueOutcome.NOT_DEAD
    end_ms = expires_at_ms or message.expires_at_ms
    if end_ms <= now_ms:
        return message, RequeueOutcome.EXPIRES_TOO_SOON
    again = _change(
        message,
        state=MessageState.PENDING,
        reason=None,
        attempts=0,
        round=message.round + 1,
        expires_at_ms=end_ms,
        wake_ms=now_ms,
        template_version=0,
        requests=_noted(message, Request(request_id, asked)),
    )
    return again, RequeueOutcome.APPLIED


def told(message: Message, count: int) -> Message:
    """Without the first `count` pieces of news: profile knows them."""
    return _change(message, news=message.news[count:])


def _advance(message: Message, word: Word, now_ms: int) -> tuple[Message, AcknowledgeOutcome]:
    target = MessageState(word.feedback.value)
    if target.value in message.reached:
        return message, AcknowledgeOutcome.ALREADY_KNOWN
    at_ms = word.occurred_at_ms
    if at_ms is None or not (message.handed_at_ms or 0) <= at_ms <= now_ms:
        at_ms = now_ms
    reached, news = dict(message.reached), list(message.news)
    for state in PROGRESS[: PROGRESS.index(target) + 1]:
        if state.value not in reached:
            reached[state.value] = at_ms
            if state in _EVENT_TYPES:
                news.append(News(_EVENT_TYPES[state], at_ms))
    advanced = _change(
        message,
        state=next(state for state in reversed(PROGRESS) if state.value in reached),
        reached=reached,
        news=tuple(news),
        reason=None,
        lease=None,
        wake_ms=None,
        ready_ms=None,
        requests=_noted(message, Request(word.request_id, word.asked)),
    )
    return advanced, AcknowledgeOutcome.APPLIED


def _fail(message: Message, word: Word, now_ms: int) -> tuple[Message, AcknowledgeOutcome]:
    """A carrier may also return what it took; what is waiting for another attempt waits on."""
    permanent = word.feedback is Feedback.FAILED_PERMANENTLY
    counts = _MAY_FAIL if permanent else {MessageState.LEASED}
    if message.state not in counts:
        waits = message.state is MessageState.PENDING
        return message, AcknowledgeOutcome.ALREADY_KNOWN if waits else AcknowledgeOutcome.ENDED
    if permanent:
        failed = _end(message, MessageState.DEAD, Reason.FAILED_PERMANENTLY)
    else:
        failed = _retry(message, now_ms)
    noted = _noted(message, Request(word.request_id, word.asked))
    return msgspec.structs.replace(failed, requests=noted), AcknowledgeOutcome.APPLIED


def _retry(message: Message, now_ms: int) -> Message:
    if message.attempts >= ATTEMPTS_MAX:
        return _end(message, MessageState.DEAD, Reason.ATTEMPTS_EXHAUSTED)
    again_ms = now_ms + backoff_ms(f"{message.message_id}/{message.round}", message.attempts)
    return _change(
        message,
        state=MessageState.PENDING,
        lease=None,
        wake_ms=min(again_ms, message.expires_at_ms),
        ready_ms=None,
    )


def _expire(message: Message) -> Message:
    """Nobody tried: it was never sent. Somebody did: it could not be sent."""
    untried = message.handed_at_ms is None
    state = MessageState.SUPPRESSED if untried else MessageState.DEAD
    return _end(message, state, Reason.EXPIRED)


def _end(message: Message, state: MessageState, reason: Reason) -> Message:
    return _change(message, state=state, reason=reason, lease=None, wake_ms=None, ready_ms=None)


def _known(message: Message, request_id: str) -> str | None:
    return next((one.asked for one in message.requests if one.id == request_id), None)


def _noted(message: Message, request: Request) -> tuple[Request, ...]:
    return (*message.requests, request)[-REQUESTS_MAX:]


def _change(message: Message, **changes: object) -> Message:
    return msgspec.structs.replace(message, v=message.v + 1, **changes)
