"""Endpoints in MongoDB: collection `webhook_endpoints`, _id {t: tenant, e: endpoint}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.store_accounts import outages
from offers_service.webhooks import ENDPOINTS_MAX, Endpoint, EndpointKey, WebhookState

_NAME = "webhook_endpoints"
_ALL_MAX = 5_000


class WebhookStore:
    """Each change replaces the version that was read. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._endpoints = database.get_collection(
            _NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its indexes; harmless to repeat."""
        await create_collections(self._database, [_NAME])
        await self._endpoints.create_index([("_id.t", ASCENDING), ("_id.e", ASCENDING)])
        await self._endpoints.create_index([("state", ASCENDING), ("paused_until_ms", ASCENDING)])

    async def add(self, endpoint: Endpoint) -> bool:
        """Inserts a new one; False when there is one of that id."""
        with outages():
            try:
                await self._endpoints.insert_one(msgspec.to_builtins(endpoint))
            except DuplicateKeyError:
                return False
        return True

    async def read(self, key: EndpointKey) -> Endpoint | None:
        """One endpoint."""
        with outages():
            found = await self._endpoints.find_one({"_id": msgspec.to_builtins(key)})
        return None if found is None else _decode(found)

    async def save(self, before: Endpoint, after: Endpoint) -> bool:
        """Writes what followed from `before`; False when that has changed since."""
        condition = {"_id": msgspec.to_builtins(before.key), "v": before.v}
        with outages():
            result = await self._endpoints.replace_one(condition, msgspec.to_builtins(after))
        return bool(result.matched_count)

    async def delete(self, key: EndpointKey) -> None:
        """Removes one; harmless where there is none."""
        with outages():
            await self._endpoints.delete_one({"_id": msgspec.to_builtins(key)})

    async def of_tenant(self, tenant_id: str) -> list[Endpoint]:
        """All of a tenant's, in order of id."""
        query = self._endpoints.find({"_id.t": tenant_id}).sort("_id.e", ASCENDING)
        with outages():
            return [_decode(one) for one in await query.limit(2 * ENDPOINTS_MAX).to_list(None)]

    async def awake(self, wall_ms: int) -> list[Endpoint]:
        """Every tenant's enabled endpoints that are not paused."""
        query = {
            "state": {"$in": [None, WebhookState.ENABLED.value]},
            "$or": [
                {"paused_until_ms": {"$exists": False}},
                {"paused_until_ms": {"$lte": wall_ms}},
            ],
        }
        with outages():
            found = await self._endpoints.find(query).limit(_ALL_MAX).to_list(None)
        return [_decode(one) for one in found]


def _decode(document: Mapping[str, Any]) -> Endpoint:
    endpoint: Endpoint = msgspec.convert(document, Endpoint)
    return endpoint
