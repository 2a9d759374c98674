"""A ring of keys in a file, as an operator keeps it."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from dangol_service_kit.key_ring import RingKey, format_line


class RingFile:
    """Keys come and go while the service runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keys: dict[int, RingKey] = {}
        self._write()

    def add(self, version: int, ahead_seconds: float = 0.0) -> None:
        """A new version, in use from a moment ahead on."""
        active_ms = int((time.time() + ahead_seconds) * 1000)
        self.keys[version] = RingKey(version, active_ms, secrets.token_bytes(32))
        self._write()

    def destroy(self, version: int) -> None:
        """A version that nobody can open anything with any more."""
        del self.keys[version]
        self._write()

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(format_line(key) + "\n" for key in self.keys.values()))
        fresh.replace(self.path)
