"""Endpoints that messages are posted to: what they are, how posts are signed, when to stop. Pure.

Signing is that of Standard Webhooks (version 1 of its specification): HMAC-SHA256 over
"id.timestamp.body", base64, behind "v1,"; several signatures stand beside each other while a secret
is being replaced.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from offers_service.messages import Purpose

ENDPOINTS_MAX = 20
KEEP_DEFAULT_MS = 24 * 3600 * 1000
# Standard Webhooks advises to give up on an endpoint after days, not after a number of posts.
FAILING_MAX_MS = 5 * 24 * 3600 * 1000
_FAILURES_BEFORE_PAUSE = 5
_PAUSE_FIRST_MS, _PAUSE_MAX_MS = 1_000, 300_000
_SECRETS_MAX = 4
_REQUESTS_MAX = 20
_GONE = 410
_TYPES = {
    "message.advertising": Purpose.ADVERTISING,
    "message.transactional": Purpose.TRANSACTIONAL,
}
# Where IPv6 carries an IPv4 address that is reached through it.
_CARRIERS = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")

Violation = tuple[str, str]


class WebhookState(StrEnum):
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    GONE = "GONE"
    FAILING = "FAILING"


class WebhookOutcome(StrEnum):
    """What came of a request about an endpoint."""

    APPLIED = "APPLIED"
    NOT_FOUND = "NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"
    TOO_MANY = "TOO_MANY"


class EndpointKey(msgspec.Struct, frozen=True):
    """tenant and endpoint; the order of the fields is the order in MongoDB's _id."""

    t: str
    e: str


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an admin sets. No event_types or channels: all."""

    url: str
    event_types: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    contacts: bool = False
    display_name: str = ""

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """Of the messages that it gets; none means all."""
        return tuple(_TYPES[name] for name in self.event_types)


class Secret(msgspec.Struct, frozen=True, omit_defaults=True):
    """The secret itself is kept nowhere: it follows from the tenant's key and this.

    ends_ms 0: it is the present one.
    """

    number: int
    salt: str
    ends_ms: int = 0


class Endpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """Times are of the wall. requests: (id, what was asked, the secret's number it made)."""

    key: EndpointKey = msgspec.field(name="_id")
    v: int
    target: Target
    secrets: tuple[Secret, ...]
    state: WebhookState = WebhookState.ENABLED
    failures: int = 0
    failing_since_ms: int = 0
    paused_until_ms: int = 0
    requests: tuple[tuple[str, str, int], ...] = ()

    @property
    def endpoint_id(self) -> str:
        """we_..."""
        return self.key.e


def endpoint_id(tenant_id: str, request_id: str) -> str:
    """The endpoint that a request makes."""
    digest = hashlib.blake2b(f"webhook\0{tenant_id}\0{request_id}".encode(), digest_size=15)
    return "we_" + base64.b32encode(digest.digest()).decode().lower()


def event_type(purpose: Purpose) -> str:
    """message.advertising or message.transactional."""
    return f"message.{purpose.lower()}"


def violations(target: Target, *, private: bool) -> list[Violation]:
    """(field, what to do). private: for development, where anything may be called."""
    field = "endpoint.url"
    try:
        parts = urlsplit(target.url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return [(field, "write an address: https://shop.example/messages")]
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        return [(field, "use https://")]
    if not host or not target.url.isascii() or set(target.url) & set(" \t\r\n\\"):
        return [(field, "write an address: https://shop.example/messages")]
    if parts.username is not None or parts.fragment:
        return [(field, "leave out user, password and what comes after #")]
    if not private and _is_address(host) and not is_public(host):
        return [(field, "use a public address")]
    return []


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also when IPv6 carries it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour
        if carried is None and any(found in network for network in _CARRIERS):
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
        if found.teredo is not None:
            return False
    return found.is_global and not found.is_multicast


def create(key: EndpointKey, target: Target, request_id: str, asked: str, salt: str) -> Endpoint:
    """A new endpoint with its first secret."""
    return Endpoint(key, 1, target, (Secret(1, salt),), requests=((request_id, asked, 1),))


def known(endpoint: Endpoint, request_id: str, asked: str) -> tuple[WebhookOutcome, int] | None:
    """What a request that changed it before is answered, and the number of the secret it made."""
    for name, before, number in endpoint.requests:
        if name == request_id:
            same = before == asked
            return WebhookOutcome.APPLIED if same else WebhookOutcome.REQUEST_CONFLICT, number
    return None


def update(
    endpoint: Endpoint, target: Target, request: tuple[str, str], *, version: int, disabled: bool
) -> tuple[WebhookOutcome, Endpoint]:
    """With another target, and enabled anew unless it is to be disabled."""
    repeated = known(endpoint, *request)
    if repeated is not None:
        return repeated[0], endpoint
    if version != endpoint.v:
        return WebhookOutcome.VERSION_CONFLICT, endpoint
    return WebhookOutcome.APPLIED, _change(
        endpoint,
        target=target,
        state=WebhookState.DISABLED if disabled else WebhookState.ENABLED,
        failures=0,
        failing_since_ms=0,
        paused_until_ms=0,
        requests=_noted(endpoint, request, 0),
    )


def rotate(
    endpoint: Endpoint, request: tuple[str, str], salt: str, keep_ms: int, now_ms: int
) -> tuple[WebhookOutcome, Endpoint, int]:
    """With another secret, whose number comes last; those before sign until keep_ms are over."""
    repeated = known(endpoint, *request)
    if repeated is not None:
        return repeated[0], endpoint, repeated[1]
    number = endpoint.secrets[-1].number + 1
    kept = tuple(
        msgspec.structs.replace(one, ends_ms=min(one.ends_ms or now_ms + keep_ms, now_ms + keep_ms))
        for one in valid(endpoint.secrets, now_ms)
    )
    after = _change(
        endpoint,
        secrets=(*kept, Secret(number, salt))[-_SECRETS_MAX:],
        requests=_noted(endpoint, request, number),
    )
    return WebhookOutcome.APPLIED, after, number


def valid(secrets: Iterable[Secret], now_ms: int) -> list[Secret]:
    """Those that sign now, the present one last."""
    return [one for one in secrets if not one.ends_ms or one.ends_ms > now_ms]


def secret_key(tenant_key: bytes, endpoint_id: str, secret: Secret) -> bytes:
    """The 32 bytes that sign."""
    text = f"{endpoint_id}\0{secret.number}\0{secret.salt}".encode()
    return hmac.digest(tenant_key, text, "sha256")


def show(key: bytes) -> str:
    """A secret as receivers write it."""
    return "whsec_" + base64.b64encode(key).decode()


def headers(keys: Sequence[bytes], webhook_id: str, at_seconds: int, body: bytes) -> dict[str, str]:
    """The three headers of a post, signed by each of the keys."""
    content = f"{webhook_id}.{at_seconds}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(at_seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def after_posts(endpoint: Endpoint, statuses: Sequence[int], now_ms: int) -> Endpoint:
    """What posts that ended say of their endpoint; a status of 0 is no answer at all.

    Any success shows that it works. Without one it is left alone for longer and longer, from a
    second to five minutes (between half and all of that, by a hash, so that endpoints that failed
    together do not come back together); after five days, or at 410 Gone, for good.
    """
    if endpoint.state is not WebhookState.ENABLED or not statuses:
        return endpoint
    if _GONE in statuses:
        return _change(endpoint, state=WebhookState.GONE)
    if any(is_success(status) for status in statuses):
        calm = not endpoint.failures
        return (
            endpoint
            if calm
            else _change(endpoint, failures=0, failing_since_ms=0, paused_until_ms=0)
        )
    failures = endpoint.failures + len(statuses)
    since_ms = endpoint.failing_since_ms or now_ms
    if now_ms - since_ms >= FAILING_MAX_MS:
        return _change(endpoint, state=WebhookState.FAILING, failures=failures)
    return _change(
        endpoint,
        failures=failures,
        failing_since_ms=since_ms,
        paused_until_ms=now_ms + _pause_ms(endpoint.endpoint_id, failures),
    )


def is_success(status: int) -> bool:
    """Anything but 2xx is a failure, a redirection too: nobody follows it."""
    return 200 <= status < 300


def _pause_ms(name: str, failures: int) -> int:
    over = failures - _FAILURES_BEFORE_PAUSE
    if over < 0:
        return 0
    full_ms = min(_PAUSE_FIRST_MS << min(over, 20), _PAUSE_MAX_MS)
    digest = hashlib.blake2b(f"{name}\0{failures}".encode(), digest_size=8).digest()
    half_ms = full_ms // 2
    return half_ms + (int.from_bytes(digest, "big") * (full_ms - half_ms) >> 64)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _noted(
    endpoint: Endpoint, request: tuple[str, str], number: int
) -> tuple[tuple[str, str, int], ...]:
    return (*endpoint.requests, (*request, number))[-_REQUESTS_MAX:]


def _change(endpoint: Endpoint, **changes: object) -> Endpoint:
    return msgspec.structs.replace(endpoint, v=endpoint.v + 1, **changes)
