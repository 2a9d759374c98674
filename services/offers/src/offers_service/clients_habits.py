"""When customers were there: asked of profile for a customer, of the messages for a tenant."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from offers_service.send_times import ACT_TYPES, Pattern
from offers_service.store_messages import MessageStore

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub

# The newest ones: what is older has little weight left.
ACTS_MAX = 200
_AT_ONCE = 8
_TIMEOUT_SECONDS = 5.0
_KEPT_SECONDS = 3_600.0
_KEPT_MAX = 2_000


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class Habits:
    """Customers' acts are read each time; a tenant's pattern is kept for an hour."""

    def __init__(
        self,
        stub: CustomerServiceAsyncStub,
        token: Callable[[str], str],
        store: MessageStore,
        directory: Directory,
        *,
        monotonic_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stub = stub
        self._token = token
        self._store = store
        self._directory = directory
        self._monotonic_seconds = monotonic_seconds
        self._patterns: dict[str, tuple[Pattern, float]] = {}

    async def acts(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, list[int]]:
        """When each customer was there, newest first. Raises RpcFailure UNAVAILABLE."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def read(customer_id: str) -> tuple[str, list[int]]:
            async with limit:
                return customer_id, await self._acts_of(tenant_id, customer_id)

        return dict(await asyncio.gather(*[read(one) for one in sorted(set(customer_ids))]))

    async def pattern(self, tenant_id: str) -> Pattern:
        """At which hours the tenant's customers open messages and click."""
        known = self._patterns.get(tenant_id)
        if known is not None and known[1] > self._monotonic_seconds():
            return known[0]
        zone = (await self._directory.get(tenant_id)).time_zone
        found = Pattern(tuple(await self._store.opened_by_hour(tenant_id, zone)))
        if len(self._patterns) >= _KEPT_MAX:
            self._patterns.clear()
        self._patterns[tenant_id] = (found, self._monotonic_seconds() + _KEPT_SECONDS)
        return found

    async def _acts_of(self, tenant_id: str, customer_id: str) -> list[int]:
        request = pb.ListTimelineRequest(
            customer_id=customer_id, page_size=ACTS_MAX, types=ACT_TYPES
        )
        try:
            response = await call(
                self._stub.ListTimeline,
                request,
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except RpcFailure as failure:
            if failure.code is Code.CUSTOMER_NOT_FOUND:
                return []
            raise
        return [event.occurred_at.ToMilliseconds() for event in response.events]
