"""What senders say of messages becomes events of their customers: messages -> profile.

The news stand in the message itself, written with the change that made them. They are removed after
profile has answered; an event's id follows from message and type, so repeating is harmless.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from dangol.events.v1 import event_pb2
from dangol_service_kit import logs
from dangol_service_kit.tenants import unless_ended

from offers_service import message_steps as rules
from offers_service.messages import Message, News
from offers_service.pauses import Pauses
from offers_service.store_messages import MessageStore

_NAMESPACE = uuid.UUID("0d6b9b6c-3b0c-5c7e-8a54-6f1e4c1f7a02")
_BATCH = 200
_IDLE_SECONDS = 0.5
_BACKOFF_SECONDS = 2.0

_log = logs.get_logger()


class Sender(Protocol):
    """relay.EventSender: answers whether changes of membership are pending."""

    def send(self, tenant_id: str, events: Sequence[event_pb2.Event]) -> Awaitable[bool]: ...


def to_event(message: Message, news: News) -> event_pb2.Event:
    """The event that a piece of news is to the message's customer."""
    content = message.content
    event = event_pb2.Event(
        event_id=str(uuid.uuid5(_NAMESPACE, f"{message.message_id}/{news.type}")),
        customer=event_pb2.CustomerRef(namespace="customer", value=content.customer),
        type=news.type,
    )
    event.occurred_at.FromMilliseconds(news.at_ms)
    facts = {
        "message_id": message.message_id,
        "channel": content.channel,
        "purpose": content.purpose.lower(),
        "template_id": content.template,
        "campaign_id": content.campaign,
        "variant_id": content.variant,
    }
    for name, value in facts.items():
        if value:
            event.properties[name].text = value
    return event


class MessageTeller:
    """Tells profile; `pending` gets the tenants some of whose changes are still to come."""

    def __init__(
        self,
        store: MessageStore,
        sender: Sender,
        pending: set[str],
        *,
        monotonic_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._sender = sender
        self._pending = pending
        self._monotonic_seconds = monotonic_seconds
        self._pauses = Pauses()
        self.failures = 0

    async def run(self) -> None:
        """Tells again and again, until cancelled."""
        while True:
            seconds = _IDLE_SECONDS
            try:
                if await self._tell_all():
                    continue
            except Exception as error:
                _log.warning("message_news_interrupted", **logs.describe(error))
                seconds = _BACKOFF_SECONDS
            await asyncio.sleep(seconds)

    async def flush(self, tenant_id: str) -> int:
        """Returns once profile knows everything that was news before; answers how much it was."""
        total = 0
        while True:
            count = await self._tell(tenant_id)
            if not count:
                return total
            total += count

    async def _tell_all(self) -> int:
        """Everybody's, but for tenants whose news have just failed: those wait by themselves."""
        now_seconds = self._monotonic_seconds()
        skipped = self._pauses.paused(now_seconds)
        messages = await self._store.untold(_BATCH, skipped=skipped)
        by_tenant = _by_tenant(messages)
        ended = await asyncio.gather(
            *[self._tell_tenant(*item) for item in by_tenant.items()], return_exceptions=True
        )
        for tenant_id, failure in zip(by_tenant, ended, strict=True):
            if failure is None:
                self._pauses.succeeded(tenant_id)
            elif isinstance(failure, Exception):
                self.failures += 1
                self._pauses.failed(tenant_id, now_seconds)
                _log.warning("message_news_failed", tenant=tenant_id, **logs.describe(failure))
            else:
                raise failure
        return sum(len(message.news) for message in messages)

    async def _tell(self, tenant_id: str) -> int:
        messages = await self._store.untold(_BATCH, tenant_id)
        for tenant, theirs in _by_tenant(messages).items():
            await self._tell_tenant(tenant, theirs)
        return sum(len(message.news) for message in messages)

    async def _tell_tenant(self, tenant_id: str, messages: Sequence[Message]) -> None:
        told = [(message, news) for message in messages for news in message.news]
        told.sort(key=lambda pair: pair[1].at_ms)
        with unless_ended(tenant_id):
            if await self._sender.send(tenant_id, [to_event(*pair) for pair in told]):
                self._pending.add(tenant_id)
        await self._store.save(
            [(message, rules.told(message, len(message.news))) for message in messages]
        )


def _by_tenant(messages: Sequence[Message]) -> dict[str, list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        found[message.key.t].append(message)
    return found
