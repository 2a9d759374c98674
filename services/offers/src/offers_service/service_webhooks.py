"""Endpoints and what is posted to them: load, decide, save."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

import msgspec
from dangol_service_kit.clock import Reading, wall_ms

from offers_service import webhooks as rules
from offers_service.commit import ContendedError
from offers_service.messages import Feedback, Word
from offers_service.service_delivery import DeliveryDesk
from offers_service.service_dispatch import Dispatcher, Handing, Take
from offers_service.store_webhooks import WebhookStore
from offers_service.webhooks import (
    ENDPOINTS_MAX,
    Endpoint,
    EndpointKey,
    Target,
    WebhookOutcome,
)

PURPOSE = "webhook-secret"
AT_ONCE = 8
# Longer than a post may take, so that nobody else takes the message meanwhile.
_LEASE_MS = 45_000
_TRIES_MAX = 20
_SALT_BYTES = 16


class Keys(Protocol):
    """dangol_service_kit.keys.TenantKeys."""

    def derive(self, tenant_id: str, purpose: str) -> bytes: ...


class Poster(Protocol):
    """clients_webhooks.WebhookClient."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Awaitable[int]: ...


class TenantClock(Protocol):
    """dangol_service_kit.clock.Clock."""

    def read(self, tenant_id: str) -> Awaitable[Reading]: ...


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """endpoint: as it stands, where there is one. secret: for who made it."""

    outcome: WebhookOutcome
    endpoint: Endpoint | None = None
    secret: str = ""


class WebhookDesk:
    """What admins do with endpoints."""

    def __init__(
        self,
        store: WebhookStore,
        keys: Keys,
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._keys = keys
        self._wall_ms = wall_ms

    async def create(self, tenant_id: str, target: Target, request_id: str) -> WebhookAnswer:
        """A new one with its secret; a repeat shows the same. Raises OutcomeUnknownError."""
        key = EndpointKey(tenant_id, rules.endpoint_id(tenant_id, request_id))
        asked = _asked(target)
        found = await self._store.read(key)
        if found is None and len(await self._store.of_tenant(tenant_id)) >= ENDPOINTS_MAX:
            return WebhookAnswer(WebhookOutcome.TOO_MANY)
        made = rules.create(key, target, request_id, asked, secrets.token_hex(_SALT_BYTES))
        if found is None and await self._store.add(made):
            return self._answer(made, 1)
        found = await self._store.read(key)
        repeated = None if found is None else rules.known(found, request_id, asked)
        if found is None or repeated is None:
            # It was deleted, or has seen so many changes that this request is forgotten.
            return WebhookAnswer(WebhookOutcome.REQUEST_CONFLICT)
        outcome, number = repeated
        if outcome is not WebhookOutcome.APPLIED:
            return WebhookAnswer(outcome)
        return self._answer(found, number)

    async def update(
        self,
        tenant_id: str,
        key_id: str,
        target: Target,
        request_id: str,
        *,
        version: int,
        disabled: bool,
    ) -> WebhookAnswer:
        """Another target. Raises OutcomeUnknownError, ContendedError."""
        asked = f"{_asked(target)}/{version}/{disabled}"
        for _ in range(_TRIES_MAX):
            before = await self._store.read(EndpointKey(tenant_id, key_id))
            if before is None:
                return WebhookAnswer(WebhookOutcome.NOT_FOUND)
            outcome, after = rules.update(
                before, target, (request_id, asked), version=version, disabled=disabled
            )
            if after is before or await self._store.save(before, after):
                return WebhookAnswer(outcome, after)
        raise ContendedError

    async def rotate(
        self, tenant_id: str, key_id: str, request_id: str, keep_ms: int
    ) -> WebhookAnswer:
        """Another secret. Raises OutcomeUnknownError, ContendedError."""
        for _ in range(_TRIES_MAX):
            before = await self._store.read(EndpointKey(tenant_id, key_id))
            if before is None:
                return WebhookAnswer(WebhookOutcome.NOT_FOUND)
            salt = secrets.token_hex(_SALT_BYTES)
            request = (request_id, f"ROTATE/{keep_ms}")
            outcome, after, number = rules.rotate(before, request, salt, keep_ms, self._wall_ms())
            if after is before or await self._store.save(before, after):
                if outcome is not WebhookOutcome.APPLIED:
                    return WebhookAnswer(outcome)
                return self._answer(after, number)
        raise ContendedError

    async def delete(self, tenant_id: str, key_id: str) -> None:
        """Removes one; harmless where there is none."""
        await self._store.delete(EndpointKey(tenant_id, key_id))

    async def read(self, tenant_id: str, key_id: str) -> Endpoint | None:
        """One endpoint."""
        return await self._store.read(EndpointKey(tenant_id, key_id))

    async def of_tenant(self, tenant_id: str) -> list[Endpoint]:
        """All of a tenant's, in order of id."""
        return await self._store.of_tenant(tenant_id)

    def _answer(self, endpoint: Endpoint, number: int) -> WebhookAnswer:
        tenant_key = self._keys.derive(endpoint.key.t, PURPOSE)
        shown = [
            rules.show(rules.secret_key(tenant_key, endpoint.endpoint_id, one))
            for one in endpoint.secrets
            if one.number == number
        ]
        return WebhookAnswer(WebhookOutcome.APPLIED, endpoint, "".join(shown))


class WebhookPump:
    """Takes what is ready for an endpoint and posts it; a success means that it was sent.

    A failure is a failed attempt of the message, with the backoff and the end that the outbox gives
    to every message. Whoever dies between post and word leaves a lease that ends: the message is
    posted again under the same webhook-id.
    """

    def __init__(
        self,
        *,
        store: WebhookStore,
        dispatcher: Dispatcher,
        desk: DeliveryDesk,
        poster: Poster,
        keys: Keys,
        clock: TenantClock,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._desk = desk
        self._poster = poster
        self._keys = keys
        self._clock = clock
        self._wall_ms = wall_ms
        self._holder = "h_" + secrets.token_hex(12)
        self.posted = 0
        self.failed = 0

    async def awake(self) -> list[Endpoint]:
        """Endpoints that may be posted to now, of every tenant."""
        return await self._store.awake(self._wall_ms())

    async def take(self, endpoint: Endpoint) -> list[Handing]:
        """Messages for it, leased to this process."""
        recipient = f"webhook:{endpoint.endpoint_id}" if endpoint.target.contacts else ""
        wanted = Take(
            holder=f"{self._holder}/{endpoint.endpoint_id}",
            channels=endpoint.target.channels,
            purposes=endpoint.target.purposes,
            first_number=1,
            limit=AT_ONCE,
            lease_ms=_LEASE_MS,
            recipient=recipient,
        )
        return await self._dispatcher.take(endpoint.key.t, wanted)

    async def post(self, endpoint: Endpoint, handing: Handing) -> int:
        """Posts one message and says what became of it; answers the status, 0 for no answer."""
        message = handing.message
        at_ms = self._wall_ms()
        body = to_body(handing, at_ms)
        tenant_key = self._keys.derive(endpoint.key.t, PURPOSE)
        signing = [
            rules.secret_key(tenant_key, endpoint.endpoint_id, one)
            for one in rules.valid(endpoint.secrets, at_ms)
        ]
        headers = rules.headers(signing, message.message_id, at_ms // 1000, body)
        headers |= {"content-type": "application/json", "user-agent": "Dangol-Webhooks/1"}
        status = await self._poster.post(endpoint.target.url, headers, body)
        sent = rules.is_success(status)
        self.posted += 1
        self.failed += not sent
        feedback = Feedback.SENT if sent else Feedback.FAILED_TEMPORARILY
        cause = f"{endpoint.endpoint_id}/{message.message_id}/{message.round}/{message.attempts}"
        word = Word(str(uuid5(NAMESPACE_URL, cause)), feedback)
        now_ms = (await self._clock.read(endpoint.key.t)).now_ms
        await self._desk.acknowledge(endpoint.key.t, [(message.message_id, word)], now_ms)
        return status

    async def record(self, endpoint: Endpoint, statuses: Sequence[int]) -> None:
        """Notes with the endpoint how its posts ended."""
        for _ in range(_TRIES_MAX):
            before = await self._store.read(endpoint.key)
            if before is None:
                return
            after = rules.after_posts(before, statuses, self._wall_ms())
            if after is before or await self._store.save(before, after):
                return
        raise ContendedError


def to_body(handing: Handing, at_ms: int) -> bytes:
    """What is posted, as JSON: type, timestamp, data."""
    message, rendered, addresses = handing
    content = message.content
    data = {
        "message_id": message.message_id,
        "customer_id": content.customer,
        "channel": content.channel,
        "purpose": content.purpose.lower(),
        "template_id": content.template,
        "template_version": rendered.template_version,
        "campaign_id": content.campaign,
        "variant_id": content.variant,
        "attempt": message.attempts,
        "expire_time": _iso(message.expires_at_ms),
        "language": rendered.language,
        "format": rendered.size.format,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "addresses": list(addresses),
    }
    event_type = rules.event_type(content.purpose)
    return msgspec.json.encode({"type": event_type, "timestamp": _iso(at_ms), "data": data})


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def _asked(target: Target) -> str:
    return msgspec.json.encode(target).decode()
