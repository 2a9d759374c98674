"""What time it is for a tenant: the wall's, or the tenant's own."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from dangol_service_kit.tenants import TenantInfo

# Clocks of shops and phones run ahead; a day covers time zone mistakes too.
AHEAD_MAX_MS = 24 * 3600 * 1000


def wall_ms(wall_ns: Callable[[], int] = time.time_ns) -> int:
    """UTC milliseconds, from whole nanoseconds: seconds as a float can read one too few."""
    return wall_ns() // 1_000_000


class Reading(NamedTuple):
    """now_ms and the latest time that an event may carry, both UTC milliseconds."""

    now_ms: int
    horizon_ms: int


class Directory(Protocol):
    """The part of a tenant directory that the clock needs."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant; RpcFailure TENANT_NOT_FOUND when there is none."""
        ...


class Clock:
    """Reads a tenant's clock; virtual ones from the service's own store, each time."""

    def __init__(
        self,
        directory: Directory,
        virtual_reading: Callable[[str], Awaitable[Reading]],
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._directory = directory
        self._virtual_reading = virtual_reading
        self._wall_ms = wall_ms

    async def read(self, tenant_id: str) -> Reading:
        """The tenant's time now. Raises RpcFailure TENANT_NOT_FOUND."""
        info = await self._directory.get(tenant_id)
        if info.virtual:
            return await self._virtual_reading(tenant_id)
        now_ms = self._wall_ms()
        return Reading(now_ms, now_ms + AHEAD_MAX_MS)
