"""Messages on a stream to a partner that sends them, bounded by what it has not answered yet.

A stream is a holder of leases. Whoever comes back with its token gets at once what was on its way
after it; what it had kept stays with it until the lease ends.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dangol_service_kit.errors import Code, RpcFailure

from offers_service.service_dispatch import BATCH, Dispatcher, Handing, Take
from offers_service.store_messages import MessageStore

STREAMS_PER_TENANT_MAX = 32
_IDLE_SECONDS = 0.25
_MAC_BYTES = 12
_HOLDER_BYTES = 12
_PURPOSE = "watch-token"


class Keys(Protocol):
    """dangol_service_kit.keys.TenantKeys."""

    def derive(self, tenant_id: str, purpose: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who watches, and how; an empty resume_token begins anew."""

    tenant_id: str
    role: str
    subject: str
    channels: Sequence[str]
    in_flight_max: int
    lease_ms: int
    resume_token: str = ""
    contacts: bool = False

    @property
    def recipient(self) -> str:
        """Who is told addresses; empty for nobody."""
        return f"{self.role}:{self.subject}" if self.contacts else ""


@dataclass(frozen=True, slots=True)
class Handed:
    """A leased message, and the token with which the stream goes on after it."""

    handing: Handing
    resume_token: str


class MessageWatch:
    """Streams of one process; what bounds a stream is counted in the store, across processes."""

    def __init__(
        self,
        store: MessageStore,
        dispatcher: Dispatcher,
        keys: Keys,
        *,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._keys = keys
        self._idle_seconds = idle_seconds
        self._streams: Counter[str] = Counter()

    async def stream(self, watcher: Watcher) -> AsyncIterator[Handed]:
        """Hands over what falls due until cancelled.

        Raises RpcFailure RESUME_TOKEN_INVALID, TOO_MANY_REQUESTS, UNAVAILABLE.
        """
        with self._counted(watcher.tenant_id):
            holder, kept = "w_" + secrets.token_hex(_HOLDER_BYTES), 0
            if watcher.resume_token:
                holder, kept = self._read_token(watcher)
            held = await self._store.held(watcher.tenant_id, holder)
            number = max([kept, *(one.lease.number for one in held if one.lease)])
            again = [one for one in held if one.lease and one.lease.number > kept]
            for handing in await self._dispatcher.take_again(
                watcher.tenant_id, again, watcher.lease_ms, watcher.recipient
            ):
                yield self._handed(watcher, handing)
            while True:
                room = watcher.in_flight_max - await self._store.held_count(
                    watcher.tenant_id, holder
                )
                taken = await self._take(watcher, holder, number + 1, room) if room > 0 else []
                for handing in taken:
                    lease = handing.message.lease
                    number = max(number, lease.number if lease else 0)
                    yield self._handed(watcher, handing)
                if not taken:
                    await asyncio.sleep(self._idle_seconds)

    async def _take(
        self, watcher: Watcher, holder: str, first_number: int, room: int
    ) -> list[Handing]:
        wanted = Take(
            holder=holder,
            channels=watcher.channels,
            first_number=first_number,
            limit=min(room, BATCH),
            lease_ms=watcher.lease_ms,
            recipient=watcher.recipient,
        )
        return await self._dispatcher.take(watcher.tenant_id, wanted)

    @contextlib.contextmanager
    def _counted(self, tenant_id: str) -> Iterator[None]:
        if self._streams[tenant_id] >= STREAMS_PER_TENANT_MAX:
            message = f"at most {STREAMS_PER_TENANT_MAX} streams at once: let fewer watch"
            raise RpcFailure(Code.TOO_MANY_REQUESTS, message)
        self._streams[tenant_id] += 1
        try:
            yield
        finally:
            self._streams[tenant_id] -= 1

    def _handed(self, watcher: Watcher, handing: Handing) -> Handed:
        lease = handing.message.lease
        if lease is None:
            raise AssertionError("only leased messages are handed over")
        plain = f"{lease.holder}\0{lease.number}".encode()
        token = base64.urlsafe_b64encode(self._mac(watcher, plain) + plain)
        return Handed(handing, token.rstrip(b"=").decode())

    def _read_token(self, watcher: Watcher) -> tuple[str, int]:
        """Holder and number. Tokens of another tenant or caller do not fit."""
        text = watcher.resume_token.encode()
        try:
            data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            data = b""
        mac, plain = data[:_MAC_BYTES], data[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(watcher, plain)):
            message = "send the token of a message of this stream, or none to begin anew"
            raise RpcFailure(Code.RESUME_TOKEN_INVALID, message, field="resume_token")
        holder, _, number = plain.decode().partition("\0")
        return holder, int(number)

    def _mac(self, watcher: Watcher, plain: bytes) -> bytes:
        key = self._keys.derive(watcher.tenant_id, _PURPOSE)
        content = watcher.subject.encode() + b"\0" + plain
        return hashlib.blake2b(content, key=key, digest_size=_MAC_BYTES).digest()
