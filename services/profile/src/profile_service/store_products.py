"""Products: collection `products`, {_id: {t, p}, version, revision, name, category, price, stock,
launch_time, created_ms, updated_ms, pending, pending_ms, launch, requests}.

The document is the lock: every write is an insert, or a replacement under the revision that was
read. What a change sets off stands in it as pending until the list of news has it, so a change and
its news are one write. pending_ms is the wall time since which some waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import ReplaceOne

from profile_service.products import (
    Answered,
    Details,
    Launch,
    News,
    NewsKind,
    Product,
    UpsertOutcome,
)
from profile_service.store import PRODUCTS, database_errors, insert_new

_LAST = "\uffff"
_SWEEP_MAX = 200


class ProductStore:
    """Reads, and saves what was decided."""

    def __init__(self, database: Any) -> None:
        self._products = database[PRODUCTS]

    async def get_many(self, tenant_id: str, product_ids: Sequence[str]) -> dict[str, Product]:
        """Those that exist, by id."""
        keys = [_key(tenant_id, one) for one in dict.fromkeys(product_ids)]
        with database_errors():
            found = await self._products.find({"_id": {"$in": keys}}).to_list(None)
        return {one["_id"]["p"]: _from_document(one) for one in found}

    async def page(self, tenant_id: str, after_id: str, limit: int, category: str) -> list[Product]:
        """Products with greater ids, in their order; of one category, or of all."""
        if category:
            condition: dict[str, Any] = {
                "_id.t": tenant_id,
                "category": category,
                "_id.p": {"$gt": after_id},
            }
            order = "_id.p"
        else:
            condition = {"_id": {"$gt": _key(tenant_id, after_id), "$lt": _key(tenant_id, _LAST)}}
            order = "_id"
        with database_errors():
            found = await self._products.find(condition).sort(order, 1).limit(limit).to_list(None)
        return [_from_document(one) for one in found]

    async def insert(self, products: Sequence[Product], wall_ms: int) -> set[str]:
        """Inserts new products; answers the ids of those that nobody had inserted before."""
        documents = [_to_document(one, wall_ms) for one in products]
        taken = await insert_new(self._products, documents) if documents else set()
        return {one.product_id for at, one in enumerate(products) if at not in taken}

    async def replace(self, products: Sequence[Product], wall_ms: int) -> set[str]:
        """Saves products whose stored revision is still the one before; answers whose it was.

        One write for all. Where it did not change all of them, those are ours that hold the answer
        which we have just put into them.
        """
        if not products:
            return set()
        writes = [
            ReplaceOne(
                {"_id": _key(one.tenant_id, one.product_id), "revision": one.revision - 1},
                _to_document(one, wall_ms),
            )
            for one in products
        ]
        with database_errors():
            result = await self._products.bulk_write(writes, ordered=False)
        if result.matched_count == len(products):
            return {one.product_id for one in products}
        stored = await self.get_many(products[0].tenant_id, [one.product_id for one in products])
        return {
            one.product_id
            for one in products
            if one.requests and one.requests[-1] in stored[one.product_id].requests
        }

    async def replace_one(self, product: Product, wall_ms: int) -> bool:
        """Saves one whose stored revision is still the one before."""
        condition = {
            "_id": _key(product.tenant_id, product.product_id),
            "revision": product.revision - 1,
        }
        with database_errors():
            result = await self._products.replace_one(condition, _to_document(product, wall_ms))
        return bool(result.matched_count)

    async def pending(self, before_ms: int, tenant_id: str = "") -> list[Product]:
        """Products with news that wait since before an instant, of one tenant or of all."""
        condition: dict[str, Any] = {"pending_ms": {"$lte": before_ms}}
        if tenant_id:
            condition["_id.t"] = tenant_id
        with database_errors():
            cursor = self._products.find(condition).sort("pending_ms", 1).limit(_SWEEP_MAX)
            return [_from_document(one) for one in await cursor.to_list(None)]

    async def launching(self, tenant_id: str, now_ms: int) -> list[Product]:
        """Products of a tenant whose launch has come."""
        condition = {"_id.t": tenant_id, "launch.at_ms": {"$gt": 0, "$lte": now_ms}}
        with database_errors():
            cursor = self._products.find(condition).limit(_SWEEP_MAX)
            return [_from_document(one) for one in await cursor.to_list(None)]

    async def tenants_with_launches(self) -> list[str]:
        """Tenants of whom some product is to be launched."""
        with database_errors():
            found = await self._products.distinct("_id.t", {"launch.at_ms": {"$gt": 0}})
        return sorted(found)

    async def any_of(self, tenant_id: str) -> bool:
        """Whether a tenant has products."""
        return bool(await self.page(tenant_id, "", 1, ""))

    async def of_category(self, tenant_id: str, category: str, limit: int) -> list[str]:
        """Ids of a category's products, in their order."""
        condition = {"_id.t": tenant_id, "category": category}
        with database_errors():
            query = self._products.find(condition, {"_id": 1}).sort("_id.p", 1).limit(limit)
            found = await query.to_list(None)
        return [one["_id"]["p"] for one in found]


def _key(tenant_id: str, product_id: str) -> dict[str, str]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "p": product_id}


def news_document(news: News) -> dict[str, Any]:
    """News as it is kept, in a product or in the list."""
    return {
        "v": news.version,
        "k": news.kind.value,
        "at_ms": news.at_ms,
        "related": news.related,
        "old": news.old_price,
        "new": news.new_price,
    }


def news_from(found: dict[str, Any]) -> News:
    """The same, read back."""
    return News(
        NewsKind(found["k"]),
        found["v"],
        found["at_ms"],
        found["related"],
        found["old"],
        found["new"],
    )


def _to_document(product: Product, wall_ms: int) -> dict[str, Any]:
    details = product.details
    document: dict[str, Any] = {
        "_id": _key(product.tenant_id, product.product_id),
        "version": product.version,
        "revision": product.revision,
        "name": details.name,
        "category": details.category,
        "price": details.price,
        "stock": details.stock,
        "launch_time": details.launch_time,
        "created_ms": product.created_ms,
        "updated_ms": product.updated_ms,
        "pending": [news_document(one) for one in product.pending],
        "requests": [
            [one.key, one.fingerprint, one.outcome.value, one.version, [*map(str, one.news)]]
            for one in product.requests
        ],
    }
    if product.pending:
        document["pending_ms"] = wall_ms
    if product.launch is not None:
        document["launch"] = {"at_ms": product.launch.at_ms, "related": product.launch.related}
    return document


def _from_document(found: dict[str, Any]) -> Product:
    launch = found.get("launch")
    return Product(
        found["_id"]["t"],
        found["_id"]["p"],
        found["version"],
        found["revision"],
        Details(
            found["name"],
            found["category"],
            found["price"],
            found["stock"],
            found["launch_time"],
        ),
        found["created_ms"],
        found["updated_ms"],
        tuple(news_from(one) for one in found["pending"]),
        Launch(launch["at_ms"], launch["related"]) if launch else None,
        tuple(
            Answered(key, fingerprint, UpsertOutcome(outcome), version, (*map(NewsKind, news),))
            for key, fingerprint, outcome, version, news in found["requests"]
        ),
    )
