"""Tenants and their virtual clocks: collection `tenants`, {_id: tenant id, ..., now_ms, ...}."""

from __future__ import annotations

from typing import Any

from pymongo import ReturnDocument

from profile_service.domain import Tenant
from profile_service.store import TENANTS, database_errors, insert_new


class TenantStore:
    """One document a tenant holds its clock too, so that a tenant never lacks one."""

    def __init__(self, database: Any) -> None:
        self._tenants = database[TENANTS]

    async def insert(self, tenant: Tenant) -> bool:
        """False when the id is taken."""
        return not await insert_new(self._tenants, [_to_document(tenant)])

    async def get(self, tenant_id: str) -> Tenant | None:
        """The tenant as it stands now, clock included."""
        with database_errors():
            found = await self._tenants.find_one({"_id": tenant_id})
        return None if found is None else _from_document(found)

    async def delete(self, tenant_id: str) -> int:
        """Ends a sandbox: from now on there is no such tenant. How many there were."""
        with database_errors():
            result = await self._tenants.delete_one({"_id": tenant_id, "virtual": True})
        return int(result.deleted_count)

    async def page(self, after_id: str, limit: int) -> list[Tenant]:
        """Tenants with greater ids, in their order."""
        with database_errors():
            cursor = self._tenants.find({"_id": {"$gt": after_id}}).sort("_id", 1).limit(limit)
            return [_from_document(found) async for found in cursor]

    async def advance(self, tenant_id: str, now_ms: int, horizon_ms: int) -> Tenant | None:
        """Moves the clock unless that would be backwards; None when it would."""
        with database_errors():
            found = await self._tenants.find_one_and_update(
                {"_id": tenant_id, "virtual": True, "now_ms": {"$lte": now_ms}},
                {"$set": {"now_ms": now_ms, "horizon_ms": horizon_ms}},
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _from_document(found)


def _to_document(tenant: Tenant) -> dict[str, Any]:
    return {
        "_id": tenant.tenant_id,
        "display_name": tenant.display_name,
        "time_zone": tenant.time_zone,
        "currency_code": tenant.currency_code,
        "language": tenant.language,
        "virtual": tenant.virtual,
        "created_ms": tenant.created_ms,
        "first_now_ms": tenant.first_now_ms,
        "first_horizon_ms": tenant.first_horizon_ms,
        "now_ms": tenant.now_ms,
        "horizon_ms": tenant.horizon_ms,
    }


def _from_document(found: dict[str, Any]) -> Tenant:
    tenant_id = found.pop("_id")
    return Tenant(tenant_id=tenant_id, **found)
