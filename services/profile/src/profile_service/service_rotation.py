"""Sealing data keys anew when a tenant's key has a new version, beside the service's work.

Nothing waits for it: a key opens under the version it lies under, and a customer who changes
meanwhile is saved only over the key that was read. Any replica goes on where another stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.key_ring import DERIVED_VERSION, KeyRing
from dangol_service_kit.logs import get_logger

from profile_service.rotation import Rotation, Step, advance, begin
from profile_service.sealing import SealBrokenError, Vault
from profile_service.service_sweeps import sweep_until
from profile_service.service_tenants import StoreDirectory
from profile_service.store_rotations import HeldKey, RotationStore

LOOK_SECONDS: Final = 2.0
_PAGE: Final = 200
_LEASE_MS: Final = 30_000

_log = get_logger()


class KeyRotator:
    """Goes through the data keys of every tenant whenever the version in use changes."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        rotations: RotationStore,
        vault: Vault,
        ring: KeyRing,
        settle_seconds: float,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        """settle_seconds: how long after a version came into use writers may hold an older one."""
        self._directory = directory
        self._rotations = rotations
        self._vault = vault
        self._ring = ring
        self._settle_ms = int(settle_seconds * 1000)
        self._wall_ms = wall_ms

    async def run(self, stop: asyncio.Event) -> None:
        """Looks for work until told to stop; outages are waited out."""
        await sweep_until(stop, lambda: self.sweep(stop), LOOK_SECONDS, "rotation_interrupted")

    async def sweep(self, stop: asyncio.Event) -> None:
        """Takes each tenant's rotation as far as it goes now."""
        version = self._vault.active_version()
        if version == DERIVED_VERSION:
            return
        done = await self._rotations.completed_ids(version)
        for tenant_id in await self._directory.list_ids():
            if stop.is_set():
                return
            if tenant_id in done:
                continue
            now_ms = self._wall_ms()
            leased = await self._rotations.lease(
                begin(tenant_id, version, now_ms), now_ms, _LEASE_MS
            )
            if leased is not None:
                await self._rotate(*leased, stop)

    async def _rotate(self, rotation: Rotation, holder: bytes, stop: asyncio.Event) -> None:
        settled_ms = self._ring.active_since_ms(rotation.version) + self._settle_ms
        while not rotation.completed_ms:
            # The last word before going: the lease ends, so that another goes on, or a newer
            # version's rotation takes over.
            leaving = stop.is_set() or self._vault.active_version() != rotation.version
            step = Step(0, 0, rotation.cursor) if leaving else await self._step(rotation)
            before, now_ms = rotation, self._wall_ms()
            rotation = advance(rotation, step, now_ms, settled_ms)
            begun_anew = rotation.pass_began_ms > before.pass_began_ms
            early = begun_anew and now_ms < settled_ms
            lease_ms = 0 if leaving or early else _LEASE_MS
            kept = await self._rotations.save(rotation, holder, now_ms, lease_ms)
            if not kept or not lease_ms:
                return
        _log.info(
            "rotation_complete",
            tenant=rotation.tenant_id,
            version=rotation.version,
            renewed=sum(rotation.renewed.values()),
            broken=rotation.broken,
        )

    async def _step(self, rotation: Rotation) -> Step:
        found = await self._rotations.other_keys(
            rotation.tenant_id, rotation.holder, rotation.version, rotation.cursor, _PAGE
        )
        changes: list[tuple[HeldKey, bytes]] = []
        for one in found:
            try:
                renewed = self._vault.renew(rotation.tenant_id, one.owner, one.sealed)
            except SealBrokenError:
                continue
            changes.append((one, renewed))
        await self._rotations.replace_keys(rotation.holder, changes)
        broken = len(found) - len(changes)
        last = found[-1].position if len(found) == _PAGE else None
        return Step(len(changes), broken, last)
