"""Publishable keys: collection `publishable_keys`, {_id: "tenant/id", t, name, origins, at, off}.

A key's id is its hash, so that a copy of the database buys nobody a token.
"""

from __future__ import annotations

from typing import Any

from pymongo import ReturnDocument

from profile_service.publishable_keys import PublishableKey
from profile_service.store import PUBLISHABLE_KEYS, database_errors, insert_new


class PublishableKeyStore:
    """One document a key."""

    def __init__(self, database: Any) -> None:
        self._keys = database[PUBLISHABLE_KEYS]

    async def insert(self, key: PublishableKey) -> bool:
        """False when the key is there already."""
        document = {
            "_id": _id(key.tenant_id, key.key_id),
            "t": key.tenant_id,
            "name": key.display_name,
            "origins": list(key.origins),
            "at": key.created_ms,
            "off": None,
        }
        return not await insert_new(self._keys, [document])

    async def get(self, tenant_id: str, key_id: str) -> PublishableKey | None:
        """A key of the tenant."""
        with database_errors():
            found = await self._keys.find_one({"_id": _id(tenant_id, key_id)})
        return None if found is None else _from_document(found)

    async def newest(self, tenant_id: str, limit: int) -> list[PublishableKey]:
        """The tenant's keys, newest first."""
        with database_errors():
            cursor = self._keys.find({"t": tenant_id}).sort([("at", -1), ("_id", 1)]).limit(limit)
            return [_from_document(found) async for found in cursor]

    async def revoke(self, tenant_id: str, key_id: str, now_ms: int) -> PublishableKey | None:
        """Ends a key, once; None when it is there no more or never was."""
        with database_errors():
            found = await self._keys.find_one_and_update(
                {"_id": _id(tenant_id, key_id), "off": None},
                {"$set": {"off": now_ms}},
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _from_document(found)


def _id(tenant_id: str, key_id: str) -> str:
    return f"{tenant_id}/{key_id}"


def _from_document(found: dict[str, Any]) -> PublishableKey:
    key_id = found["_id"].partition("/")[2]
    origins = tuple(found["origins"])
    return PublishableKey(found["t"], key_id, found["name"], origins, found["at"], found["off"])
