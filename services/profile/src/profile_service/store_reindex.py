"""Customers and numbers that an older release wrote, which filters and searches do not find.

`reindexed`, {_id: "done", at}: when the first pass over all of them ended.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from profile_service.domain import Customer
from profile_service.sealing import Vault
from profile_service.search import SearchKind, last_four
from profile_service.store import CUSTOMERS, IDENTIFIERS, REINDEXED, database_errors, long_read
from profile_service.store_customers import CustomerStore
from profile_service.store_identifiers import open_value

_DONE = "done"


class ReindexStore:
    """Finds what lacks its terms or hashes, in order of id, and adds them."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._customers = database[CUSTOMERS]
        self._identifiers = database[IDENTIFIERS]
        self._marks = database[REINDEXED]
        self._store = CustomerStore(database, vault)
        self._vault = vault

    async def done_ms(self) -> int | None:
        """When the first pass ended, in wall time; None before."""
        with database_errors():
            found = await self._marks.find_one({"_id": _DONE})
        return round(found["at"].replace(tzinfo=UTC).timestamp() * 1000) if found else None

    async def mark_done(self, now_ms: int) -> None:
        """Keeps the end of the first pass."""
        at = datetime.fromtimestamp(now_ms / 1000, UTC)
        with database_errors():
            await self._marks.update_one({"_id": _DONE}, {"$setOnInsert": {"at": at}}, upsert=True)

    async def customers(self, after: dict[str, str] | None, limit: int) -> list[dict[str, str]]:
        """Keys of customers without terms, beyond a key."""
        condition: dict[str, Any] = {"terms": {"$exists": False}}
        if after is not None:
            condition["_id"] = {"$gt": after}
        with long_read():
            cursor = self._customers.find(condition, {"_id": 1}).sort("_id", 1).limit(limit)
            return [one["_id"] async for one in cursor]

    async def renew(self, key: dict[str, str]) -> None:
        """Saves a customer as it is, with what it is found by; who changes meanwhile has it."""
        found: Customer | None = await self._store.get(key["t"], key["c"])
        if found is not None:
            await self._store.replace(found, found.version)

    async def numbers(self, after: bytes, limit: int) -> bytes | None:
        """Adds the hash of the last digits to a page of numbers without; where the page ends."""
        condition = {"_id": {"$gt": after}, "ns": "phone", "l4": {"$exists": False}}
        with long_read():
            cursor = self._identifiers.find(condition).sort("_id", 1).limit(limit)
            found = await cursor.to_list(None)
        for one in found:
            digits = last_four(open_value(self._vault, one["t"], one))
            if digits:
                key = self._vault.search_key(one["t"], SearchKind.PHONE.value, digits)
                # An erasure takes v away; what comes after it brings its own hash.
                same = {"_id": one["_id"], "v": one["v"]}
                with database_errors():
                    await self._identifiers.update_one(same, {"$set": {"l4": key}})
        return found[-1]["_id"] if found else None
