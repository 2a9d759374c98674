"""Compiled rulesets by tenant, as fresh as Redis demands."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from dangol_service_kit.tenants import TenantInfo

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.segments import SegmentSet
from segmentation_service.store_redis_client import StoreUnavailableError
from segmentation_service.tenant_rules import TenantRules, compile_rules

_CACHE_MAX = 1_000


class Directory(Protocol):
    """The part of a tenant directory that is needed here."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant; RpcFailure TENANT_NOT_FOUND when there is none."""
        ...


class SegmentStore(Protocol):
    """Where rulesets come from."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...


class RulesStore(Protocol):
    """Who is told which ruleset decisions have to rest on."""

    async def publish_rules(
        self, tenant_id: str, rules_version: int, partitions: Sequence[int] = ALL_PARTITIONS
    ) -> bool:
        """From now on no partition applies a decision that rests on an older one.

        False when some partition could not be told.
        """
        ...


class Rulesets:
    """Keeps compiled rulesets. Who is told RULES_CHANGED reloads."""

    def __init__(self, store: SegmentStore, rules_store: RulesStore, directory: Directory) -> None:
        self._store = store
        self._rules_store = rules_store
        self._directory = directory
        self._known: OrderedDict[str, TenantRules] = OrderedDict()
        self._loading = asyncio.Lock()

    async def get(self, tenant_id: str) -> TenantRules:
        """The ruleset as last seen. Raises RpcFailure TENANT_NOT_FOUND."""
        known = self._known.get(tenant_id)
        return known if known is not None else await self.reload(tenant_id)

    async def tenant(self, tenant_id: str) -> TenantInfo:
        """The tenant's zone, currency and language. Raises RpcFailure TENANT_NOT_FOUND."""
        return await self._directory.get(tenant_id)

    async def fresh(self, tenant_id: str) -> TenantRules:
        """The ruleset, read again while it has unfinished segments: their terms end silently."""
        known = await self.get(tenant_id)
        return await self.reload(tenant_id) if known.segments.has_work() else known

    async def check(self, segments: SegmentSet) -> None:
        """Raises RuleError when the segments do not fit together."""
        info = await self._directory.get(segments.tenant_id)
        compile_rules(
            segments,
            time_zone=info.time_zone,
            currency_code=info.currency_code,
            virtual=info.virtual,
        )

    async def reload(self, tenant_id: str, than: TenantRules | None = None) -> TenantRules:
        """The ruleset as it is now, newer than `than` if someone else reloaded meanwhile.

        Redis is told of it, should that have been missed; a partition that cannot be told now
        learns it from the next decision that rests on it.
        """
        async with self._loading:
            known = self._known.get(tenant_id)
            if than is not None and known is not None and known is not than:
                return known
            info = await self._directory.get(tenant_id)
            segments = await self._store.load_segments(tenant_id)
            if known is not None and known.segments.revision == segments.revision:
                loaded = known
            else:
                loaded = compile_rules(
                    segments,
                    time_zone=info.time_zone,
                    currency_code=info.currency_code,
                    virtual=info.virtual,
                )
            self._known[tenant_id] = loaded
            self._known.move_to_end(tenant_id)
            if len(self._known) > _CACHE_MAX:
                self._known.popitem(last=False)
        await self._rules_store.publish_rules(tenant_id, loaded.version)
        return loaded

    async def publish(
        self, tenant_id: str, partitions: Sequence[int] = ALL_PARTITIONS
    ) -> TenantRules:
        """The ruleset as it is now, once all these partitions know of it.

        What begins to read histories afterwards cannot be overtaken by an older ruleset. Raises
        StoreUnavailableError when some could not be told.
        """
        rules = await self.reload(tenant_id)
        if not await self._rules_store.publish_rules(tenant_id, rules.version, partitions):
            raise StoreUnavailableError
        return rules
