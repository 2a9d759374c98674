"""Stores: collection `stores`, {_id: {t, s}, names, region, zone, tz, v, n, ...}.

v counts changes of content, n every write; a change compares n.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from profile_service.store import STORES, database_errors, insert_new
from profile_service.stores import Store, StoreContent, StoreRequest, UpsertOutcome

# Greater than every id.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """Which stores of a tenant. only_ids limits to these; None for no limit."""

    region: str = ""
    zone: str = ""
    archived: bool = False
    only_ids: Sequence[str] | None = None


class StoreStore:
    """Inserts, replaces over what was read, and lists."""

    def __init__(self, database: Any) -> None:
        self._stores = database[STORES]

    async def get_many(self, tenant_id: str, store_ids: Iterable[str]) -> dict[str, Store]:
        """Those of the stores that exist, by id."""
        keys = [_key(tenant_id, store_id) for store_id in store_ids]
        with database_errors():
            found = await self._stores.find({"_id": {"$in": keys}}).to_list(None)
        return {one["_id"]["s"]: _from_document(one) for one in found}

    async def save(self, before: Store | None, after: Store) -> bool:
        """Saves over what was read, None for nothing; False when somebody else was faster."""
        document = _to_document(after)
        if before is None:
            return not await insert_new(self._stores, [document])
        condition = {"_id": document["_id"], "n": before.revision}
        with database_errors():
            result = await self._stores.replace_one(condition, document)
        return bool(result.matched_count)

    async def page(
        self, tenant_id: str, query: StoreQuery, after_id: str, limit: int
    ) -> list[Store]:
        """Stores with greater ids, in their order."""
        between = {"$gt": _key(tenant_id, after_id), "$lt": _key(tenant_id, _LAST)}
        conditions: list[dict[str, Any]] = [{"_id": between}]
        if query.only_ids is not None:
            keys = [_key(tenant_id, store_id) for store_id in query.only_ids]
            conditions.append({"_id": {"$in": keys}})
        for name in ("region", "zone"):
            if wanted := getattr(query, name):
                conditions.append({name: wanted})
        if not query.archived:
            conditions.append({"archived_ms": 0})
        with database_errors():
            cursor = self._stores.find({"$and": conditions}).sort("_id", 1).limit(limit)
            return [_from_document(found) async for found in cursor]


def _key(tenant_id: str, store_id: str) -> dict[str, str]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "s": store_id}


def _to_document(store: Store) -> dict[str, Any]:
    content = store.content
    return {
        "_id": _key(store.tenant_id, store.store_id),
        "names": [[language, name] for language, name in sorted(content.names.items())],
        "region": content.region,
        "zone": content.zone,
        "tz": content.time_zone,
        "v": store.version,
        "n": store.revision,
        "created_ms": store.created_ms,
        "updated_ms": store.updated_ms,
        "archived_ms": store.archived_ms,
        "requests": [
            {"k": one.key, "f": one.fingerprint, "o": one.outcome.value} for one in store.requests
        ],
    }


def _from_document(found: Mapping[str, Any]) -> Store:
    return Store(
        tenant_id=found["_id"]["t"],
        store_id=found["_id"]["s"],
        content=StoreContent(dict(found["names"]), found["region"], found["zone"], found["tz"]),
        version=found["v"],
        revision=found["n"],
        created_ms=found["created_ms"],
        updated_ms=found["updated_ms"],
        archived_ms=found["archived_ms"],
        requests=tuple(
            StoreRequest(one["k"], one["f"], UpsertOutcome(one["o"])) for one in found["requests"]
        ),
    )
