"""Staff's searches: `searches`, a log (store_shown) with s: store and k: kinds; and how many there
were: `search_counts`, {_id: {t, by, w: window, at: its begin}, n, end}.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from profile_service.sealing import Vault
from profile_service.search import NUMBERS_MAX, SearchEntry, SearchKind
from profile_service.store import (
    IDENTIFIERS,
    SEARCH_COUNTS,
    SEARCHES,
    StoreUnavailableError,
    database_errors,
)
from profile_service.store_shown import ShownLog, shown_ms

_ATTEMPTS_MAX = 3


class SearchStore:
    """Look-ups by keyed hash, their log, and their number."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._identifiers = database[IDENTIFIERS]
        self._log = ShownLog(database[SEARCHES])
        self._counts = database[SEARCH_COUNTS]
        self._vault = vault

    def keys(self, tenant_id: str, wanted: Sequence[tuple[SearchKind, str]]) -> list[bytes]:
        """The keyed hashes of what is looked for."""
        return [self._vault.search_key(tenant_id, kind.value, text) for kind, text in wanted]

    async def by_phone(self, tenant_id: str, digits: str) -> list[str]:
        """Customers with a number that ends so, in order of id, a bounded number of them."""
        key = self._vault.search_key(tenant_id, SearchKind.PHONE.value, digits)
        with database_errors():
            cursor = self._identifiers.find({"t": tenant_id, "l4": key}, {"c": 1}).sort("c", 1)
            found = await cursor.limit(NUMBERS_MAX).to_list(None)
        return [*dict.fromkeys(one["c"] for one in found)]

    async def count(
        self, tenant_id: str, caller: str, window: str, began_ms: int, length_ms: int
    ) -> int:
        """Counts one more search of a caller in a window; how many there are with it."""
        key = {"t": tenant_id, "by": caller, "w": window, "at": began_ms}
        end = datetime.fromtimestamp((began_ms + length_ms) / 1000, UTC)
        for _ in range(_ATTEMPTS_MAX):
            # Who inserts it a moment too late counts in the other's document.
            with database_errors(), suppress(DuplicateKeyError):
                return int((await self._count_once(key, end))["n"])
        raise StoreUnavailableError("a count that is always being inserted")

    async def _count_once(self, key: dict[str, Any], end: datetime) -> dict[str, Any]:
        found: dict[str, Any] = await self._counts.find_one_and_update(
            {"_id": key},
            {"$inc": {"n": 1}, "$setOnInsert": {"end": end}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return found

    async def write(self, tenant_id: str, entry: SearchEntry) -> None:
        """Writes an entry. Raises StoreUnavailableError: then nothing may be shown."""
        await self._log.write(
            tenant_id,
            entry.caller,
            entry.customer_ids,
            entry.at_ms,
            s=entry.store_id,
            k=list(entry.kinds),
        )

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[SearchEntry], str]:
        """Entries newest first, beyond `before`, and the position of the last while more follow."""
        found, last = await self._log.page(tenant_id, customer_id, before, limit)
        return [_from_document(one) for one in found], last


def _from_document(found: dict[str, Any]) -> SearchEntry:
    kinds, customer_ids = tuple(found["k"]), tuple(found["c"])
    return SearchEntry(shown_ms(found), found["by"], found["s"], kinds, customer_ids)
