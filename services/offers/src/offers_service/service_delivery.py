"""The outbox and what senders say of it: load, decide, save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from offers_service import message_steps as rules
from offers_service.commit import ContendedError
from offers_service.messages import (
    AcknowledgeOutcome,
    Content,
    Message,
    MessageKey,
    MessageState,
    PostOutcome,
    RequeueOutcome,
    Word,
)
from offers_service.service_messaging import Wording
from offers_service.store_messages import Counts, MessageStore, Wanted
from offers_service.templates import Violation

_TRIES_MAX = 20
Outcome = TypeVar("Outcome", AcknowledgeOutcome, RequeueOutcome)


@dataclass(frozen=True, slots=True)
class Posting:
    """A message to post. message_id follows from its cause, so that posting again finds it."""

    message_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What came of a word; state None where there is no such message."""

    outcome: AcknowledgeOutcome
    state: MessageState | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of a message that was checked first. problems: (field, what to do)."""

    outcome: PostOutcome
    problems: tuple[Violation, ...] = ()


class Outbox:
    """Where everybody puts messages; what becomes of them is the dispatcher's and the senders'."""

    def __init__(self, store: MessageStore, wording: Wording) -> None:
        self._store = store
        self._wording = wording

    async def submit(self, tenant_id: str, posting: Posting, now_ms: int) -> Submitted:
        """Puts one message in if its template can say what it is to say; else says what to mend.

        A repeat is answered as the first time, whatever became of the template since. Raises
        OutcomeUnknownError: then submit it again.
        """
        if not await self._store.load(tenant_id, [posting.message_id]):
            refusal = (await self._wording.check(tenant_id, posting.content)).refusal
            if refusal is not None:
                return Submitted(PostOutcome(refusal.reason.value), refusal.problems)
        return Submitted(await self.post(tenant_id, posting, now_ms))

    async def post(self, tenant_id: str, posting: Posting, now_ms: int) -> PostOutcome:
        """Puts one message in, once for its id. Raises OutcomeUnknownError: then post it again.

        One whose template does not fit is put in too, and becomes a dead letter that is requeued
        once the template is mended: nothing is lost.
        """
        return (await self.post_many(tenant_id, [posting], now_ms))[0]

    async def post_many(
        self, tenant_id: str, postings: Sequence[Posting], now_ms: int
    ) -> list[PostOutcome]:
        """The same for several with one write; outcomes in their order.

        A repeat need not come with the same now_ms: what was posted first stays.
        """
        made: dict[str, Message] = {}
        for one in postings:
            key = MessageKey(tenant_id, one.message_id)
            version = (await self._wording.check(tenant_id, one.content)).version
            message = rules.post(key, one.content, now_ms, version)
            if message is not None:
                made.setdefault(one.message_id, message)
        known = await self._store.add(list(made.values()))
        stored = await self._store.load(tenant_id, [key.m for key in known]) if known else {}
        fresh = {message_id for message_id in made if message_id not in stored}
        return [_outcome(one, made, stored, fresh) for one in postings]


def _outcome(
    posting: Posting, made: dict[str, Message], stored: dict[str, Message], fresh: set[str]
) -> PostOutcome:
    first = stored.get(posting.message_id) or made.get(posting.message_id)
    if first is None:
        return PostOutcome.EXPIRES_TOO_SOON
    if first.content != posting.content:
        return PostOutcome.CONFLICT
    if posting.message_id in fresh:
        # The same message twice in one call is posted once.
        fresh.discard(posting.message_id)
        return PostOutcome.POSTED
    return PostOutcome.ALREADY_POSTED


class DeliveryDesk:
    """What senders and shops ask about messages."""

    def __init__(self, store: MessageStore) -> None:
        self._store = store

    async def acknowledge(
        self, tenant_id: str, words: Sequence[tuple[str, Word]], now_ms: int
    ) -> list[Acknowledged]:
        """Applies (message id, word) in order. Raises OutcomeUnknownError, ContendedError."""
        answers: list[Acknowledged | None] = [None] * len(words)
        open_words = list(range(len(words)))
        for _ in range(_TRIES_MAX):
            open_words = await self._acknowledge_once(tenant_id, words, open_words, answers, now_ms)
            if not open_words:
                return [answer for answer in answers if answer is not None]
        raise ContendedError

    async def _acknowledge_once(
        self,
        tenant_id: str,
        words: Sequence[tuple[str, Word]],
        places: Sequence[int],
        answers: list[Acknowledged | None],
        now_ms: int,
    ) -> list[int]:
        """Answers what it can; what it answers itself are the places to try again."""
        before = await self._store.load(tenant_id, {words[place][0] for place in places})
        after = dict(before)
        for place in places:
            message_id, word = words[place]
            message = after.get(message_id)
            if message is None:
                answers[place] = Acknowledged(AcknowledgeOutcome.NOT_FOUND)
                continue
            changed, outcome = rules.acknowledge(message, word, now_ms)
            after[message_id] = changed
            answers[place] = Acknowledged(outcome, changed.state)
        lost = await self._save(before, after)
        return [place for place in places if words[place][0] in lost]

    async def _save(self, before: dict[str, Message], after: dict[str, Message]) -> set[str]:
        """Several words on one message are one change of it."""
        changes = [
            (message, after[message_id])
            for message_id, message in before.items()
            if after[message_id] is not message
        ]
        return {key.m for key in await self._store.save(changes)}

    async def requeue(
        self, tenant_id: str, message_id: str, request_id: str, expires_at_ms: int, now_ms: int
    ) -> tuple[RequeueOutcome, Message | None]:
        """Gives a dead letter another chance. Raises OutcomeUnknownError, ContendedError."""
        return await self._step(
            tenant_id,
            message_id,
            lambda message: rules.requeue(message, request_id, expires_at_ms, now_ms),
        )

    async def _step(
        self,
        tenant_id: str,
        message_id: str,
        decide: Callable[[Message], tuple[Message, RequeueOutcome]],
    ) -> tuple[RequeueOutcome, Message | None]:
        for _ in range(_TRIES_MAX):
            message = await self.get(tenant_id, message_id)
            if message is None:
                return RequeueOutcome.NOT_FOUND, None
            after, outcome = decide(message)
            if after is message or not await self._store.save([(message, after)]):
                return outcome, after
        raise ContendedError

    async def get(self, tenant_id: str, message_id: str) -> Message | None:
        """One message."""
        return (await self._store.load(tenant_id, [message_id])).get(message_id)

    async def page(
        self, tenant_id: str, wanted: Wanted, before: tuple[int, str] | None, limit: int
    ) -> list[Message]:
        """Newest first, beyond the position of the page before."""
        return await self._store.page(tenant_id, wanted, before, limit)

    async def counts(self, tenant_id: str, campaign_id: str) -> dict[str, Counts]:
        """By variant, how many messages of the campaign got how far."""
        return await self._store.counts(tenant_id, campaign_id)
