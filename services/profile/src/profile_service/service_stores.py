"""Stores: written one by one, listed for whoever may see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from dangol_service_kit.clock import wall_ms

from profile_service.store import StoreUnavailableError
from profile_service.store_stores import StoreQuery, StoreStore
from profile_service.stores import (
    Store,
    Upsert,
    UpsertOutcome,
    decide_archive,
    decide_upsert,
)

_ATTEMPTS_MAX: Final = 20
_WRITES_AT_ONCE_MAX: Final = 16


class StoreService:
    """Each change is decided on what was read, and saved over it."""

    def __init__(self, stores: StoreStore, wall_ms: Callable[[], int] = wall_ms) -> None:
        self._stores = stores
        self._wall_ms = wall_ms

    async def upsert(self, upserts: Sequence[Upsert]) -> list[tuple[Store | None, UpsertOutcome]]:
        """The stores as they are after, in order, and what came of each; ids are distinct.

        Raises StoreUnavailableError: then some may be written; the same request again is answered
        as it would have been.
        """
        tenant_id = upserts[0].tenant_id
        known = await self._stores.get_many(tenant_id, [one.store_id for one in upserts])
        room = asyncio.Semaphore(_WRITES_AT_ONCE_MAX)

        async def write(upsert: Upsert) -> tuple[Store | None, UpsertOutcome]:
            async with room:
                return await self._upsert(known.get(upsert.store_id), upsert)

        return list(await asyncio.gather(*(write(one) for one in upserts)))

    async def _upsert(
        self, known: Store | None, upsert: Upsert
    ) -> tuple[Store | None, UpsertOutcome]:
        for _ in range(_ATTEMPTS_MAX):
            after, outcome = decide_upsert(known, upsert, self._wall_ms())
            if after is None:
                return known, outcome
            if await self._stores.save(known, after):
                return after, outcome
            known = await self.get(upsert.tenant_id, upsert.store_id)
        raise StoreUnavailableError("a store changes too often")

    async def archive(
        self, tenant_id: str, store_id: str, key: bytes, fingerprint: bytes, *, archive: bool
    ) -> tuple[Store | None, UpsertOutcome]:
        """The store archived, or brought back; None when there is no such store."""
        for _ in range(_ATTEMPTS_MAX):
            known = await self.get(tenant_id, store_id)
            if known is None:
                return None, UpsertOutcome.UNCHANGED
            after, outcome = decide_archive(
                known, key, fingerprint, self._wall_ms(), archive=archive
            )
            if after is None:
                return known, outcome
            if await self._stores.save(known, after):
                return after, outcome
        raise StoreUnavailableError("a store changes too often")

    async def get(self, tenant_id: str, store_id: str) -> Store | None:
        """The store, or None."""
        return (await self._stores.get_many(tenant_id, [store_id])).get(store_id)

    async def page(
        self, tenant_id: str, query: StoreQuery, after_id: str, limit: int
    ) -> list[Store]:
        """Stores in order of id, behind a position."""
        return await self._stores.page(tenant_id, query, after_id, limit)
