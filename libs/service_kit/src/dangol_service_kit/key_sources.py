"""Where the public keys come from that tokens are verified with: a file, and a URL if one is named.

The file is the operator's, and says which roles and tenants each key may sign for. What the URL
answers is an identity provider's: it may add keys for the roles of one tenant, never replace one of
the file, and never sign for services or operators.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from dangol_service_kit import logs

_BYTES_MAX = 1024 * 1024
_TIMEOUT_SECONDS = 5.0
# Unknown keys may be asked for by anybody: whatever they send, keys are read no more often.
REFRESH_SECONDS = 10.0
# By then a key that was taken away is trusted no more.
STALE_SECONDS = 300.0

_log = logs.get_logger()


class KeySource(Protocol):
    """Where keys are read anew."""

    async def read(self) -> dict[str, Mapping[str, Any]]:
        """JWKs by kid. Raises OSError or ValueError; what was known then stays."""
        ...


class FileAndUrl:
    """The JWKS file, and the JWKS that a URL answers if there is one."""

    def __init__(self, path: Path, url: str | None = None) -> None:
        """Raises ValueError for a URL of another kind."""
        if url is not None and not url.startswith(("https://", "http://")):
            raise ValueError("the JWKS URL must begin with https:// or http://")
        self._path = path
        self._url = url
        # Neither a proxy nor another host than the one named is asked for keys.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayingHere())

    def read_file(self) -> dict[str, Mapping[str, Any]]:
        """The keys of the file alone. Raises OSError or ValueError."""
        return _by_kid(self._path.read_text("utf-8"))

    async def read(self) -> dict[str, Mapping[str, Any]]:
        """The keys of both."""
        keys = self.read_file()
        if self._url is None:
            return keys
        text = await asyncio.to_thread(self._fetch, self._url)
        return {kid: _as_guest(key) for kid, key in _by_kid(text).items()} | keys

    def _fetch(self, url: str) -> str:
        with self._opener.open(url, timeout=_TIMEOUT_SECONDS) as answer:
            data: bytes = answer.read(_BYTES_MAX + 1)
        if len(data) > _BYTES_MAX:
            raise ValueError("the JWKS is too large")
        return data.decode("utf-8")


class Refresher:
    """Reads keys anew: once at a time, and at most once in REFRESH_SECONDS."""

    def __init__(
        self,
        source: KeySource,
        take: Callable[[Mapping[str, Mapping[str, Any]]], None],
        monotonic_seconds: Callable[[], float],
        read_at: float | None,
    ) -> None:
        """read_at: when keys were last read whole; None for never."""
        self._source = source
        self._take = take
        self._monotonic_seconds = monotonic_seconds
        self._asked_at: float | None = None
        self._read_at = read_at
        self._reading: asyncio.Task[None] | None = None

    @property
    def was_read(self) -> bool:
        """Whether all keys were read at least once."""
        return self._read_at is not None

    def refresh(self) -> Awaitable[None] | None:
        """The reading in progress, or a new one; None while it is too early for another."""
        if self._reading is None and self._is_due(self._asked_at, REFRESH_SECONDS):
            self._asked_at = self._monotonic_seconds()
            self._reading = asyncio.create_task(self._read())
        # Whoever waits may give up without ending it for the others.
        return asyncio.shield(self._reading) if self._reading is not None else None

    def refresh_stale(self) -> None:
        """Begins to read keys that were read long ago."""
        if self._is_due(self._read_at, STALE_SECONDS):
            self.refresh()

    def _is_due(self, at: float | None, seconds: float) -> bool:
        return at is None or self._monotonic_seconds() >= at + seconds

    async def _read(self) -> None:
        try:
            self._take(await self._source.read())
            self._read_at = self._monotonic_seconds()
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("keys_not_read", **logs.describe(error))
        finally:
            self._reading = None


class _StayingHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirection: HTTPError is an OSError."""

    def redirect_request(self, *_: Any) -> None:
        """Nowhere else."""
        return


def _by_kid(text: str) -> dict[str, Mapping[str, Any]]:
    try:
        entries = json.loads(text)["keys"]
        return {str(entry["kid"]): entry for entry in entries}
    except (KeyError, TypeError):
        raise ValueError("a JWKS needs keys, and each key a kid") from None


def _as_guest(key: Mapping[str, Any]) -> Mapping[str, Any]:
    """A key without what only the operator may say of one; it signs what is usual."""
    plain = {name: value for name, value in key.items() if not name.startswith("dangol_")}
    return {**plain, "dangol_guest": True}
