"""The caller's tenant, kept for a minute: its currency and language are on every page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dangol.profile.v1 import tenant_service_pb2 as pb

if TYPE_CHECKING:
    from gateway_service.context import Context

_CACHE_SECONDS = 60.0
_CACHE_MAX = 10_000


class TenantCache:
    """Tenants by id. Clocks move, so ask profile itself (fresh) for those."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[pb.Tenant, float]] = {}

    async def get(self, context: Context) -> pb.Tenant:
        """The caller's tenant, up to a minute old. Raises RpcFailure."""
        known = self._known.get(context.caller.tenant_id)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        return await self.fresh(context)

    async def fresh(self, context: Context) -> pb.Tenant:
        """The caller's tenant as it is now. Raises RpcFailure."""
        response = await context.call(context.clients.tenants.GetTenant, pb.GetTenantRequest())
        if len(self._known) >= _CACHE_MAX:
            self._known.clear()
        until = time.monotonic() + _CACHE_SECONDS
        self._known[context.caller.tenant_id] = (response.tenant, until)
        return response.tenant
