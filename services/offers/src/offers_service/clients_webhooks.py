"""Posting to addresses that others chose: bounded, and only to the public internet.

The name is resolved here, what it resolved to is judged, and that very address is connected to, so
that a name which answers differently the second time leads nowhere else. Nothing is redirected.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import httpcore
from httpcore import AnyIOBackend, AsyncConnectionPool, AsyncNetworkBackend, AsyncNetworkStream

from offers_service import webhooks

NO_ANSWER = 0
_CONNECT_SECONDS = 5.0
_TOTAL_SECONDS = 15.0
_CONNECTIONS_MAX = 100
_IDLE_SECONDS = 5.0

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class PublicBackend(AsyncNetworkBackend):
    """Connects only where every address of a name is public."""

    def __init__(self, resolve: Resolve = resolve) -> None:
        self._resolve = resolve
        self._backend = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """To the first address of the name. Raises httpcore.ConnectError."""
        try:
            addresses = await asyncio.wait_for(self._resolve(host, port), timeout)
        except (OSError, UnicodeError, TimeoutError):
            raise httpcore.ConnectError("the name does not resolve") from None
        if not addresses or not all(webhooks.is_public(address) for address in addresses):
            raise httpcore.ConnectError("the name leads to a private network")
        return await self._backend.connect_tcp(
            addresses[0], port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        """As the backend beneath."""
        await self._backend.sleep(seconds)


class WebhookClient:
    """private: for development, where anything may be called."""

    def __init__(
        self,
        *,
        private: bool = False,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        total_seconds: float = _TOTAL_SECONDS,
    ) -> None:
        self._total_seconds = total_seconds
        self._pool = AsyncConnectionPool(
            ssl_context=tls,
            max_connections=_CONNECTIONS_MAX,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=AnyIOBackend() if private else PublicBackend(resolve),
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer; NO_ANSWER where none came in time. What it says is not read."""
        timeout = {"connect": _CONNECT_SECONDS, "read": self._total_seconds, "pool": 5.0}
        try:
            async with (
                asyncio.timeout(self._total_seconds),
                self._pool.stream(
                    "POST",
                    url,
                    headers=[(name, value) for name, value in headers.items()],
                    content=body,
                    extensions={"timeout": timeout},
                ) as response,
            ):
                return int(response.status)
        except (
            TimeoutError,
            OSError,
            ValueError,
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        ):
            return NO_ANSWER

    async def close(self) -> None:
        """Closes what is open."""
        await self._pool.aclose()
