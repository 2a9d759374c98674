"""Sandboxes: collection `sandboxes`, {_id: tenant, v, last, opened, ended, requests, ended_ms}; and
where in this service's database a tenant's documents are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pymongo
from dangol_service_kit.tenant_data import LED, WHOLE, Named, Place, Prefixed, delete_tenant

from profile_service import store
from profile_service.sandboxes import Answered, Book, Ended, Slot
from profile_service.store import SANDBOXES, database_errors, insert_new

# Everything but events and identifiers, which are found by each other.
PLACES: Final[Mapping[str, Place]] = {
    store.CUSTOMERS: LED,
    store.REQUESTS: LED,
    store.INTENTS: Named("t"),
    store.CONSENTS: LED,
    store.KEY_ROTATIONS: WHOLE,
    store.ERASURES: LED,
    store.REVEALS: Named("t"),
    store.NOTICES: LED,
    store.FIELD_SCHEMAS: WHOLE,
    store.MERGES: LED,
    store.STORES: LED,
    store.SURVEYS: LED,
    store.SURVEY_RESPONSES: LED,
    store.PRODUCTS: LED,
    store.PRODUCT_NEWS: LED,
    store.PRODUCT_INSIGHT: LED,
    store.PRODUCT_REFRESHES: WHOLE,
    store.COST_RATES: WHOLE,
    store.STANDINGS: LED,
    store.STANDING_TOTALS: LED,
    store.SEARCHES: Named("t"),
    store.READINGS: Named("t"),
    store.SEARCH_COUNTS: LED,
    store.SHOP_TOTALS: WHOLE,
    store.PUBLISHABLE_KEYS: Prefixed(),
}
# One mark of the whole installation, and what outlives a sandbox: its tenant's book.
WITHOUT_TENANTS: Final = frozenset({store.REINDEXED, SANDBOXES})
_IDENTIFIERS_AT_ONCE: Final = 500
_DELETE_SECONDS: Final = 60


class SandboxStore:
    """One book a tenant; a change replaces the version that was read."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._books = database[SANDBOXES]

    async def get(self, tenant_id: str) -> Book:
        """The tenant's book; an empty one before its first sandbox."""
        with database_errors():
            found = await self._books.find_one({"_id": tenant_id})
        return Book(tenant_id) if found is None else _from_document(found)

    async def save(self, changed: Book) -> bool:
        """False when somebody else was first."""
        document = _to_document(changed)
        if changed.version == 1:
            return not await insert_new(self._books, [document])
        with database_errors():
            result = await self._books.replace_one(
                {"_id": changed.tenant_id, "v": changed.version - 1}, document
            )
        return bool(result.matched_count)

    async def with_ended(self, limit: int) -> list[Book]:
        """Books with sandboxes that ended and are still to be looked at, oldest first."""
        with database_errors():
            cursor = self._books.find({"ended_ms": {"$gt": 0}}).sort("ended_ms", 1).limit(limit)
            return [_from_document(found) async for found in cursor]

    async def erase(self, tenant_id: str) -> int:
        """Deletes all that this service holds of a tenant; how many documents that were."""
        with database_errors(), pymongo.timeout(_DELETE_SECONDS):
            count = await self._erase_events(tenant_id)
            return count + await delete_tenant(self._database, PLACES, tenant_id)

    async def _erase_events(self, tenant_id: str) -> int:
        """By the identifiers that they are kept under, which go last: what a crash leaves is
        found again."""
        events, identifiers = self._database[store.EVENTS], self._database[store.IDENTIFIERS]
        count = 0
        while True:
            cursor = identifiers.find({"t": tenant_id}, {"_id": 1}).limit(_IDENTIFIERS_AT_ONCE)
            hashes = [one["_id"] async for one in cursor]
            if not hashes:
                return count
            gone = await events.delete_many({"h": {"$in": hashes}})
            dropped = await identifiers.delete_many({"_id": {"$in": hashes}})
            count += int(gone.deleted_count) + int(dropped.deleted_count)


def _to_document(book: Book) -> dict[str, Any]:
    return {
        "_id": book.tenant_id,
        "v": book.version,
        "last": book.last_number,
        "opened": [_slot(one) for one in book.opened],
        "ended": [{"n": one.number, "at": one.ended_ms} for one in book.ended],
        "requests": [
            {"k": one.key, "f": one.fingerprint, **(_slot(one.slot) if one.slot else {})}
            for one in book.requests
        ],
        **({"ended_ms": min(one.ended_ms for one in book.ended)} if book.ended else {}),
    }


def _from_document(found: dict[str, Any]) -> Book:
    return Book(
        tenant_id=found["_id"],
        version=found["v"],
        last_number=found["last"],
        opened=tuple(_to_slot(one) for one in found["opened"]),
        ended=tuple(Ended(one["n"], one["at"]) for one in found["ended"]),
        requests=tuple(
            Answered(one["k"], one["f"], _to_slot(one) if "n" in one else None)
            for one in found["requests"]
        ),
    )


def _slot(slot: Slot) -> dict[str, Any]:
    return {"n": slot.number, "name": slot.display_name, "start": slot.start_ms}


def _to_slot(found: dict[str, Any]) -> Slot:
    return Slot(found["n"], found["name"], found["start"])
