"""News on their way: collection `product_news`, {_id: {t, p, v, k}, category, at_ms, related, old,
new, after, related_begun, revision, open_ms, done}.

Inserted once for each change, and carried on by whichever replica holds the lease: open_ms is the
wall time from which another may take it. Progress is saved under the revision that was read, so of
two replicas at work one stops. No customer is named: after is the keyed hash of an identifier, and
goes when all are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pymongo import ReturnDocument

from profile_service.product_news import Telling
from profile_service.store import PRODUCT_NEWS, database_errors, insert_new
from profile_service.store_products import news_document, news_from


class ProductNewsStore:
    """The list of news and how far each is."""

    def __init__(self, database: Any) -> None:
        self._news = database[PRODUCT_NEWS]

    async def add(self, tellings: Sequence[Telling], wall_ms: int) -> None:
        """Puts news on the list; what is there already stays as it is."""
        if tellings:
            await insert_new(self._news, [_to_document(one, wall_ms) for one in tellings])

    async def lease(self, now_ms: int, until_ms: int, tenant_id: str = "") -> Telling | None:
        """Takes the news that waits longest, for nobody else until then; None when none waits."""
        condition: dict[str, Any] = {"open_ms": {"$lte": now_ms}}
        if tenant_id:
            condition["_id.t"] = tenant_id
        change = {"$set": {"open_ms": until_ms}, "$inc": {"revision": 1}}
        with database_errors():
            found = await self._news.find_one_and_update(
                condition,
                change,
                sort=[("open_ms", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _from_document(found)

    async def save(self, telling: Telling, until_ms: int) -> Telling | None:
        """Saves progress and keeps the lease, or ends it when all is done; None when somebody
        else has taken over."""
        change: dict[str, Any] = {
            "$set": {"related_begun": telling.related_begun, "done": telling.done},
            "$inc": {"revision": 1},
        }
        if telling.done:
            change["$unset"] = {"open_ms": "", "after": ""}
        else:
            change["$set"] |= {"after": telling.after, "open_ms": until_ms}
        condition = {"_id": _key(telling), "revision": telling.revision}
        with database_errors():
            result = await self._news.update_one(condition, change)
        return replace(telling, revision=telling.revision + 1) if result.matched_count else None

    async def page(
        self, tenant_id: str, product_id: str, before: tuple[int, int] | None, limit: int
    ) -> list[Telling]:
        """News of a product, newest first, beyond a position (time, version)."""
        condition: dict[str, Any] = {"_id.t": tenant_id, "_id.p": product_id}
        if before is not None:
            at_ms, version = before
            condition["$or"] = [
                {"at_ms": {"$lt": at_ms}},
                {"at_ms": at_ms, "_id.v": {"$lt": version}},
            ]
        with database_errors():
            cursor = self._news.find(condition).sort([("at_ms", -1), ("_id.v", -1)]).limit(limit)
            return [_from_document(one) for one in await cursor.to_list(None)]


def _key(telling: Telling) -> dict[str, Any]:
    news = telling.news
    return {
        "t": telling.tenant_id,
        "p": telling.product_id,
        "v": news.version,
        "k": news.kind.value,
    }


def _to_document(telling: Telling, wall_ms: int) -> dict[str, Any]:
    content = news_document(telling.news)
    return {
        "_id": _key(telling),
        "category": telling.category,
        **{name: one for name, one in content.items() if name not in ("v", "k")},
        "after": telling.after,
        "related_begun": telling.related_begun,
        "revision": telling.revision,
        "open_ms": wall_ms,
        "done": False,
    }


def _from_document(found: dict[str, Any]) -> Telling:
    key = found["_id"]
    return Telling(
        key["t"],
        key["p"],
        found["category"],
        news_from({**found, "v": key["v"], "k": key["k"]}),
        found.get("after", b""),
        found["related_begun"],
        found["revision"],
        found["done"],
    )
