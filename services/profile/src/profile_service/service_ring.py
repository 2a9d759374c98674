"""The vault of a process, and keeping its keys up to date while it runs."""

from __future__ import annotations

import asyncio
from typing import Final

from dangol_service_kit import keys
from dangol_service_kit.key_ring import KeyRing, KeySource, source_of
from dangol_service_kit.logs import describe, get_logger

from profile_service.config import ProfileConfig
from profile_service.sealing import Vault

LOOK_SECONDS: Final = 2.0

_log = get_logger()


class RingWatch:
    """Looks for new versions of the tenants' keys, and lets go of those that were destroyed."""

    def __init__(self, ring: KeyRing, source: KeySource | None) -> None:
        self.ring = ring
        self._source = source

    async def look(self) -> None:
        """Reads the ring once. Raises OSError or ValueError."""
        if self._source is not None:
            self.ring.replace(await self._source.read())

    async def run(self, stop: asyncio.Event, look_seconds: float = LOOK_SECONDS) -> None:
        """Looks until told to stop; what cannot be read leaves the keys as they are."""
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), look_seconds)
            except TimeoutError:
                try:
                    await self.look()
                except (OSError, ValueError) as error:
                    _log.error("ring_not_read", **describe(error))


async def open_vault(settings: ProfileConfig) -> tuple[Vault, RingWatch]:
    """The keys as they are now. Raises OSError or ValueError when they cannot be read."""
    derived = keys.from_file(settings.master_key_file)
    ring = KeyRing(derived)
    watch = RingWatch(ring, source_of(settings.sealing_keys_path, settings.sealing_keys))
    await watch.look()
    return Vault(derived, ring=ring), watch
