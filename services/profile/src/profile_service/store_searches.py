"""Staff's searches: `searches`, {_id: random, t, by, s: store, k: kinds, c: shown, at}; and how
many there were: `search_counts`, {_id: {t, by, w: window, at: its begin}, n, end}.

An entry is inserted and never changed; it goes after two years.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
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

_ATTEMPTS_MAX = 3


class SearchStore:
    """Look-ups by keyed hash, their log, and their number."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._identifiers = database[IDENTIFIERS]
        self._searches = database[SEARCHES]
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
        document = {
            "t": tenant_id,
            "by": entry.caller,
            "s": entry.store_id,
            "k": list(entry.kinds),
            "c": list(entry.customer_ids),
            "at": datetime.fromtimestamp(entry.at_ms / 1000, UTC),
        }
        with database_errors():
            await self._searches.insert_one(document)

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[SearchEntry], str]:
        """Entries newest first, beyond `before`, and the position of the last while more follow."""
        condition: dict[str, Any] = {"t": tenant_id}
        if customer_id:
            condition["c"] = customer_id
        if before:
            condition["_id"] = {"$lt": ObjectId(before)}
        with database_errors():
            query = self._searches.find(condition).sort("_id", -1).limit(limit + 1)
            found = await query.to_list(None)
        last = str(found[limit - 1]["_id"]) if len(found) > limit else ""
        return [_from_document(one) for one in found[:limit]], last


def _from_document(found: dict[str, Any]) -> SearchEntry:
    at_ms = round(found["at"].replace(tzinfo=UTC).timestamp() * 1000)
    return SearchEntry(at_ms, found["by"], found["s"], tuple(found["k"]), tuple(found["c"]))
