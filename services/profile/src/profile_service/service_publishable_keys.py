"""Publishable keys: made, listed, revoked and asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.keys import TenantKeys

from profile_service.publishable_keys import PublishableKey, id_of, make_key, same_key, sells_to

KEYS_MAX = 200
_PURPOSE = "publishable-key"


class Keys(Protocol):
    """Where keys are kept."""

    async def insert(self, key: PublishableKey) -> bool: ...

    async def get(self, tenant_id: str, key_id: str) -> PublishableKey | None: ...

    async def newest(self, tenant_id: str, limit: int) -> list[PublishableKey]: ...

    async def revoke(self, tenant_id: str, key_id: str, now_ms: int) -> PublishableKey | None: ...


class PublishableKeyService:
    """secrets: from which keys are derived, so that a repeated request gets the same one."""

    def __init__(
        self, keys: Keys, secrets: TenantKeys, wall_ms: Callable[[], int] = wall_ms
    ) -> None:
        self._keys = keys
        self._secrets = secrets
        self._wall_ms = wall_ms

    async def create(
        self, tenant_id: str, request: str, display_name: str, origins: tuple[str, ...]
    ) -> tuple[str, PublishableKey] | None:
        """The key and what is kept of it; None where the request made another key before."""
        text = make_key(tenant_id, self._secrets.derive(tenant_id, _PURPOSE), request)
        made = PublishableKey(tenant_id, id_of(text), display_name, origins, self._wall_ms())
        if await self._keys.insert(made):
            return text, made
        stored = await self._keys.get(tenant_id, made.key_id)
        return (text, stored) if stored is not None and same_key(stored, made) else None

    async def newest(self, tenant_id: str) -> list[PublishableKey]:
        """The tenant's keys, newest first, at most KEYS_MAX."""
        return await self._keys.newest(tenant_id, KEYS_MAX)

    async def revoke(self, tenant_id: str, key_id: str) -> PublishableKey | None:
        """The key, revoked now or before; None when there is none."""
        revoked = await self._keys.revoke(tenant_id, key_id, self._wall_ms())
        return revoked or await self._keys.get(tenant_id, key_id)

    async def sells(self, tenant_id: str, text: str, origin: str) -> bool:
        """Whether a page of `origin` gets tokens of the tenant for this key."""
        return sells_to(await self._keys.get(tenant_id, id_of(text)), origin)
