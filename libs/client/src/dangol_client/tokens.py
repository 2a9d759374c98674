"""Tokens: one that is given, or those of a provider, asked again before one runs out."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable

# Asks for a token: that of your identity provider, or a file that is renewed.
TokenProvider = Callable[[], str]
AsyncTokenProvider = Callable[[], str | Awaitable[str]]

# A token is replaced that long before its end, or at half of its life if that is later.
_AHEAD_SECONDS = 30.0


@dataclass(frozen=True)
class Held:
    """A token, and the time (seconds since 1970) from which another one is asked for."""

    text: str
    renew_at: float


def renew_at(token: str) -> float:
    """When to replace a token: from what it says of itself, unverified; never if it says nothing.

    The service decides whether a token is good; this only spares a call that would be refused.
    """
    try:
        _, claims, _ = token.split(".")
        padded = claims + "=" * (-len(claims) % 4)
        said = json.loads(base64.urlsafe_b64decode(padded))
        ends_at = float(said["exp"])
        life_seconds = ends_at - float(said.get("iat", ends_at - 2 * _AHEAD_SECONDS))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        return float("inf")
    return ends_at - min(_AHEAD_SECONDS, life_seconds / 2)


def metadata(token: str) -> tuple[tuple[str, str], ...]:
    """What a call carries."""
    return (("authorization", f"Bearer {token}"),)


class BlockingTokens:
    """The current token, shared by threads; a provider is asked by one of them at a time."""

    def __init__(self, source: str | TokenProvider) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._held: Held | None = None

    def get(self) -> str:
        """The token to send now."""
        if isinstance(self._source, str):
            return self._source
        with self._lock:
            if self._held is None or time.time() >= self._held.renew_at:
                text = self._source()
                self._held = Held(text, renew_at(text))
            return self._held.text

    def drop(self, text: str) -> bool:
        """A service refused this one: whether another can be had."""
        with self._lock:
            if self._held is not None and self._held.text == text:
                self._held = None
        return not isinstance(self._source, str)


class AsyncTokens:
    """The current token, shared by tasks; a provider is asked by one of them at a time."""

    def __init__(self, source: str | AsyncTokenProvider) -> None:
        self._source = source
        self._lock = asyncio.Lock()
        self._held: Held | None = None

    async def get(self) -> str:
        """The token to send now."""
        if isinstance(self._source, str):
            return self._source
        async with self._lock:
            if self._held is None or time.time() >= self._held.renew_at:
                given = self._source()
                text = await given if isawaitable(given) else given
                self._held = Held(text, renew_at(text))
            return self._held.text

    def drop(self, text: str) -> bool:
        """A service refused this one: whether another can be had."""
        if self._held is not None and self._held.text == text:
            self._held = None
        return not isinstance(self._source, str)
