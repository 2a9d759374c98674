"""Versions of the keys that seal personal data, and where they come from.

Version 1 is derived from the master key and always there. Further versions are random keys that
an operator adds and, once nothing is sealed with them any more, destroys: that is what makes
what was erased unreadable in old backups too. A ring is text, one key a line:

    2 2026-12-01T00:00:00Z <base64 of 32 bytes>

The time is when the version comes into use. It lies far enough ahead for every process to have
read the line before: a process opens what is sealed with any version it has, and seals with the
newest whose time has come, so all change over at once and nobody meets a key it does not have.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dangol_service_kit.keys import KEY_BYTES, TenantKeys

DERIVED_VERSION: Final = 1
VERSION_MAX: Final = 254
_PURPOSE: Final = "sealing"


class KeyMissingError(Exception):
    """A version that is not in the ring: not here yet, or destroyed."""


@dataclass(frozen=True, slots=True)
class RingKey:
    """One version, in use from active_ms on."""

    version: int
    active_ms: int
    key: bytes


class KeySource(Protocol):
    """Where a ring is kept. A cloud's key service fits here: read decrypts what it guards."""

    async def read(self) -> Sequence[RingKey]:
        """Every version there is. Raises OSError or ValueError."""
        ...


class FileSource:
    """A ring in a file, read anew each time, so that keys come and go without a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def read(self) -> Sequence[RingKey]:
        """The file's lines. Raises OSError or ValueError."""
        return parse_ring(self._path.read_text(encoding="utf-8"))


class TextSource:
    """A ring given whole, in an environment variable: lines may be parted by commas."""

    def __init__(self, text: str) -> None:
        self._keys = parse_ring(text)

    async def read(self) -> Sequence[RingKey]:
        """The same keys each time."""
        return self._keys


class KeyRing:
    """The versions that this process has, by tenant."""

    def __init__(self, derived: TenantKeys, ring: Sequence[RingKey] = ()) -> None:
        self._derived = derived
        self._ring: dict[int, tuple[int, TenantKeys]] = {}
        self.replace(ring)

    def replace(self, ring: Sequence[RingKey]) -> None:
        """Takes the versions of a ring in the place of those known, besides the derived one."""
        held = {version: keys for version, (_, keys) in self._ring.items()}
        fresh: dict[int, tuple[int, TenantKeys]] = {}
        for one in ring:
            known = held.get(one.version)
            keys = known if known is not None and known.of(one.key) else TenantKeys(one.key)
            fresh[one.version] = (one.active_ms, keys)
        self._ring = fresh

    def active(self, now_ms: int) -> int:
        """The version to seal with: the greatest whose time has come."""
        if not self._ring:
            return DERIVED_VERSION
        come = [version for version, (active_ms, _) in self._ring.items() if active_ms <= now_ms]
        return max(come, default=DERIVED_VERSION)

    def active_since_ms(self, version: int) -> int:
        """When a version came into use; 0 for the derived one and for those not here."""
        return self._ring[version][0] if version in self._ring else 0

    def versions(self) -> list[int]:
        """Every version that this process can open with, in order."""
        return sorted({DERIVED_VERSION, *self._ring})

    def tenant_cipher(self, tenant_id: str, version: int) -> AESGCM:
        """AES-256-GCM under the tenant's key of a version. Raises KeyMissingError."""
        if version == DERIVED_VERSION:
            return self._derived.cipher(tenant_id, _PURPOSE)
        held = self._ring.get(version)
        if held is None:
            raise KeyMissingError(f"there is no version {version} in the ring")
        return held[1].cipher(tenant_id, _PURPOSE, version)


def source_of(path: Path | None, text: str | None) -> KeySource | None:
    """The source that a process was told of; None for none. Raises ValueError for both."""
    if path is not None and text is not None:
        raise ValueError("name the ring's file or give its text, not both")
    if path is not None:
        return FileSource(path)
    return None if text is None else TextSource(text)


def parse_ring(text: str) -> list[RingKey]:
    """The keys of a ring, in order of version. Raises ValueError that names the line at fault.

    Empty lines and those that begin with # are passed over. No message quotes a key.
    """
    found: dict[int, RingKey] = {}
    for number, line in enumerate(text.replace(",", "\n").splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        one = _parse_line(stripped, number)
        if one.version in found:
            raise ValueError(f"line {number} of the ring repeats version {one.version}")
        found[one.version] = one
    return [found[version] for version in sorted(found)]


def format_line(key: RingKey) -> str:
    """A key as a line of a ring."""
    at = datetime.fromtimestamp(key.active_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{key.version} {at} {base64.b64encode(key.key).decode()}"


def _parse_line(line: str, number: int) -> RingKey:
    parts = line.split()
    if len(parts) != 3:
        raise ValueError(f"line {number} of the ring must be: version, time, base64")
    if not parts[0].isdecimal() or not DERIVED_VERSION < int(parts[0]) <= VERSION_MAX:
        raise ValueError(f"line {number} of the ring: the version is a number from 2 to 254")
    try:
        at = datetime.fromisoformat(parts[1])
    except ValueError:
        raise ValueError(f"line {number} of the ring: write the time as ISO 8601") from None
    if at.tzinfo is None:
        raise ValueError(f"line {number} of the ring: the time needs a zone, for example Z")
    try:
        key = base64.b64decode(parts[2], validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"line {number} of the ring: the key is base64 of {KEY_BYTES} bytes")
    return RingKey(int(parts[0]), int(at.timestamp() * 1000), key)
