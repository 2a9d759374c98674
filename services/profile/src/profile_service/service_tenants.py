"""Tenants: created once, read often, and moved through virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from profile_service.domain import Tenant, same_tenant

_KNOWN_MAX = 10_000
_LIST_PAGE = 1000


class CreateOutcome(StrEnum):
    """What became of a tenant's creation."""

    CREATED = "created"
    REPEATED = "repeated"
    DIFFERS = "differs"


class ClockOutcome(StrEnum):
    """What became of a clock's step."""

    SET = "set"
    NOT_VIRTUAL = "not_virtual"
    BACKWARDS = "backwards"


class Tenants(Protocol):
    """Where tenants are kept."""

    async def insert(self, tenant: Tenant) -> bool: ...

    async def get(self, tenant_id: str) -> Tenant | None: ...

    async def page(self, after_id: str, limit: int) -> list[Tenant]: ...

    async def advance(self, tenant_id: str, now_ms: int, horizon_ms: int) -> Tenant | None: ...


class StoreDirectory:
    """The tenant directory that other services have by gRPC, over this service's own store."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants
        self._known: dict[str, TenantInfo] = {}

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant's unchanging facts. Raises RpcFailure TENANT_NOT_FOUND."""
        info = self._known.get(tenant_id)
        if info is None:
            info = _to_info(await self.tenant(tenant_id))
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[tenant_id] = info
        return info

    async def list_ids(self) -> list[str]:
        """Every tenant's id."""
        ids: list[str] = []
        while page := await self._tenants.page(ids[-1] if ids else "", _LIST_PAGE):
            ids.extend(tenant.tenant_id for tenant in page)
        return ids

    async def tenant(self, tenant_id: str) -> Tenant:
        """The tenant with its clock as it stands. Raises RpcFailure TENANT_NOT_FOUND."""
        tenant = await self._tenants.get(tenant_id)
        if tenant is None:
            raise RpcFailure(Code.TENANT_NOT_FOUND, "there is no such tenant")
        return tenant

    async def reading(self, tenant_id: str) -> Reading:
        """A virtual tenant's clock."""
        tenant = await self.tenant(tenant_id)
        return Reading(tenant.now_ms, tenant.horizon_ms)


def _to_info(tenant: Tenant) -> TenantInfo:
    return TenantInfo(
        tenant.tenant_id,
        tenant.time_zone,
        tenant.currency_code,
        tenant.language,
        tenant.virtual,
    )


class TenantService:
    """Creates tenants and moves their clocks."""

    def __init__(
        self,
        tenants: Tenants,
        directory: StoreDirectory,
        flush: Callable[[str], Awaitable[int]],
    ) -> None:
        """flush replays what a tenant's open intents name and answers how many there were."""
        self._tenants = tenants
        self._directory = directory
        self._flush = flush

    async def create(self, tenant: Tenant) -> tuple[Tenant, CreateOutcome]:
        """Inserts a tenant; the same again is REPEATED and answers the stored one."""
        if await self._tenants.insert(tenant):
            return tenant, CreateOutcome.CREATED
        stored = await self._directory.tenant(tenant.tenant_id)
        outcome = CreateOutcome.REPEATED if same_tenant(stored, tenant) else CreateOutcome.DIFFERS
        return stored, outcome

    async def get(self, tenant_id: str) -> Tenant:
        """The tenant with its clock. Raises RpcFailure TENANT_NOT_FOUND."""
        return await self._directory.tenant(tenant_id)

    async def page(self, after_id: str, limit: int) -> list[Tenant]:
        """Tenants with greater ids, in their order."""
        return await self._tenants.page(after_id, limit)

    async def set_clock(
        self, tenant_id: str, now_ms: int, horizon_ms: int
    ) -> tuple[ClockOutcome, int]:
        """Moves a virtual clock and replays what was left open; answers how many intents."""
        tenant = await self._directory.tenant(tenant_id)
        if not tenant.virtual:
            return ClockOutcome.NOT_VIRTUAL, 0
        if (tenant.now_ms, tenant.horizon_ms) != (now_ms, horizon_ms):
            moved = await self._tenants.advance(tenant_id, now_ms, horizon_ms)
            if moved is None:
                return ClockOutcome.BACKWARDS, 0
        return ClockOutcome.SET, await self._flush(tenant_id)


def zone_exists(name: str) -> bool:
    """Whether a name is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
