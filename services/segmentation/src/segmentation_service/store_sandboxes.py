"""Where a tenant's data is in this service's stores, and how it is deleted from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dangol_service_kit.tenant_data import WHOLE, Named, Place, delete_tenant

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.store_redis import RedisStore, due_key, rules_key
from segmentation_service.store_redis_client import ScriptClient

# Definitions first: from them everything else could be made anew.
PLACES: Final[Mapping[str, Place]] = {
    "rulesets": WHOLE,
    "progress": WHOLE,
    "rebuilds": WHOLE,
    "clocks": WHOLE,
    "announcements": Named("t"),
}
# What replicas agree on, whoever's data it is about; a lease runs out by itself.
WITHOUT_TENANTS: Final = frozenset({"partitions", "store", "leases"})


class SandboxData:
    """All of a tenant's documents and keys."""

    def __init__(self, database: Any, redis: RedisStore, client: ScriptClient) -> None:
        self._database = database
        self._redis = redis
        self._client = client

    async def delete(self, tenant_id: str) -> int:
        """How many documents and keys that were. Raises StoreUnavailableError."""
        count = await delete_tenant(self._database, PLACES, tenant_id)
        commands: list[tuple[Any, ...]] = []
        for partition in ALL_PARTITIONS:
            commands.append(("HDEL", rules_key(partition), tenant_id))
            commands.append(("UNLINK", due_key(partition, tenant_id)))
        count += sum(int(reply) for reply in await self._client.execute(commands))
        # States and member indexes have names of their own, which only a walk finds.
        pattern = f"dangol:{{??}}:[sm]:{tenant_id}:*"
        for url in await self._redis.masters():
            async with self._redis.session(url) as session:
                count += await session.unlink(pattern)
        return count
