"""How many members a segment had, day by day."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from typing import Protocol

from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from segmentation_service import sizes
from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.segments import SegmentSet
from segmentation_service.sizes import Bucket, DatesError, Size
from segmentation_service.store_redis_client import StoreUnavailableError


class SizeStore(Protocol):
    """Segments and what was announced of them."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...

    async def count_members_at(self, tenant_id: str, segment_id: str, at_ms: int) -> int:
        """How many had entered a segment before an instant and not left it before."""
        ...

    async def count_changes(
        self, tenant_id: str, segment_id: str, from_ms: int, until_ms: int, bucket_ms: int
    ) -> list[Bucket]:
        """Changes that took effect in between, by multiples of bucket_ms."""
        ...


class Drain(Protocol):
    """Announces what waits in the outboxes."""

    async def drain(self, partitions: Collection[int]) -> Mapping[int, int]:
        """Announces all that was put there before the call."""
        ...


class Directory(Protocol):
    """What is known of tenants."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant; RpcFailure TENANT_NOT_FOUND when there is none."""
        ...


class Clock(Protocol):
    """What time it is for a tenant."""

    async def read(self, tenant_id: str) -> Reading:
        """The tenant's time now."""
        ...


class SizeService:
    """Counts announcements, so that it answers also while state is being rebuilt."""

    def __init__(
        self, store: SizeStore, drainer: Drain, directory: Directory, clock: Clock
    ) -> None:
        self._store = store
        self._drainer = drainer
        self._directory = directory
        self._clock = clock

    async def list_sizes(
        self, tenant_id: str, segment_id: str, first_date: str, last_date: str
    ) -> list[Size] | None:
        """Sizes of days in the tenant's zone; None when there is no such segment.

        Raises RpcFailure FIELD_INVALID naming the date at fault.
        """
        if (await self._store.load_segments(tenant_id)).find(segment_id) is None:
            return None
        zone = (await self._directory.get(tenant_id)).time_zone
        now_ms = (await self._clock.read(tenant_id)).now_ms
        try:
            days = sizes.choose_days(first_date, last_date, now_ms, zone)
        except DatesError as error:
            raise RpcFailure(Code.FIELD_INVALID, error.message, field=error.field) from None
        # What was answered to somebody already shall be counted; without Redis, what is known is.
        with contextlib.suppress(StoreUnavailableError):
            await self._drainer.drain(ALL_PARTITIONS)
        bounds = sizes.bounds_ms(days, zone)
        buckets = await self._store.count_changes(
            tenant_id, segment_id, bounds[0], bounds[-1], sizes.bucket_ms(bounds)
        )
        before = await self._store.count_members_at(tenant_id, segment_id, bounds[0])
        return sizes.fold(days, bounds, before, buckets)
