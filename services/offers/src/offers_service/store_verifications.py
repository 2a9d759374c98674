"""When each tenant's journal was last verified: collection `verifications`, _id tenant.

{since_ms, at_ms, seconds, accounts, entries, faults, claimed_until_ms}. since_ms: when the tenant
was first seen here, from which a first verification is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dangol_service_kit.mongodb import create_collections
from pymongo import UpdateOne, WriteConcern
from pymongo.errors import DuplicateKeyError

from offers_service.store_accounts import outages

NAME = "verifications"


@dataclass(frozen=True, slots=True)
class Verified:
    """at_ms: wall time of its end, since_ms for a tenant whose journal never was verified."""

    tenant_id: str
    at_ms: int
    seconds: float = 0.0
    accounts: int = 0
    entries: int = 0
    faults: int = 0


class VerificationStore:
    """Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._found = database.get_collection(NAME, write_concern=WriteConcern("majority", j=True))

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def see(self, tenant_ids: Sequence[str], now_ms: int) -> None:
        """Notes tenants that were not seen before."""
        seen = [
            UpdateOne({"_id": one}, {"$setOnInsert": {"since_ms": now_ms}}, upsert=True)
            for one in tenant_ids
        ]
        if seen:
            with outages():
                await self._found.bulk_write(seen, ordered=False)

    async def list(self) -> list[Verified]:
        """The last verification of each tenant that was seen."""
        with outages():
            found = await self._found.find({}).to_list(None)
        return [
            Verified(
                one["_id"],
                one.get("at_ms") or one.get("since_ms", 0),
                one.get("seconds", 0.0),
                one.get("accounts", 0),
                one.get("entries", 0),
                one.get("faults", 0),
            )
            for one in found
        ]

    async def claim(self, tenant_id: str, before_ms: int, now_ms: int, until_ms: int) -> bool:
        """Whether the tenant's journal is ours to verify: none did since before_ms, or is at it."""
        query = {
            "_id": tenant_id,
            "since_ms": {"$lte": before_ms},
            "$and": [
                {"$or": [{"at_ms": {"$exists": False}}, {"at_ms": {"$lte": before_ms}}]},
                {
                    "$or": [
                        {"claimed_until_ms": {"$exists": False}},
                        {"claimed_until_ms": {"$lte": now_ms}},
                    ]
                },
            ],
        }
        with outages():
            result = await self._found.update_one(query, {"$set": {"claimed_until_ms": until_ms}})
        return bool(result.modified_count)

    async def save(self, verified: Verified) -> None:
        """Remembers a whole verification, unless a later one is remembered."""
        content = {
            "at_ms": verified.at_ms,
            "seconds": verified.seconds,
            "accounts": verified.accounts,
            "entries": verified.entries,
            "faults": verified.faults,
        }
        later = {"_id": verified.tenant_id, "at_ms": {"$not": {"$gt": verified.at_ms}}}
        change = {
            "$set": content,
            "$setOnInsert": {"since_ms": verified.at_ms},
            "$unset": {"claimed_until_ms": ""},
        }
        with outages():
            try:
                await self._found.update_one(later, change, upsert=True)
            except DuplicateKeyError:
                return
