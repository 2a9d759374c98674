"""What the last refresh found: collections `product_insight`, {_id: {t, r, p}, tally, excess, ...,
partners}, and `product_refreshes`, {_id: t, r, at_ms, ...}.

r names the refresh. Its documents are written beside those of the one before, and become what is
read when the tenant's document in product_refreshes names it: readers see one refresh or the other,
never a mixture. The older ones then go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from profile_service.product_figures import Pair, Shares, Tally, Weakness
from profile_service.store import (
    PRODUCT_INSIGHT,
    PRODUCT_REFRESHES,
    database_errors,
    insert_new,
    long_read,
)

_INSERT_BATCH = 1_000
_TIME_BYTES = 8
_LEFT_BEHIND_MS = 24 * 3600 * 1000

Partner = tuple[str, int, float]


@dataclass(frozen=True, slots=True)
class Refresh:
    """What is known of all products of a tenant together; at_ms by the tenant's clock, wall_ms by
    the wall's, which stands in the name too.

    Pairs are the most frequent ones and those of greatest lift.
    """

    name: bytes
    at_ms: int
    order_count: int
    shares: Shares
    by_count: Sequence[Pair] = ()
    by_lift: Sequence[Pair] = ()

    @property
    def wall_ms(self) -> int:
        """When it began."""
        return int.from_bytes(self.name[:_TIME_BYTES], "big")


def name_of(wall_ms: int, unique: bytes) -> bytes:
    """A refresh's name: its time, then what makes it unique. Names are in order of time."""
    return wall_ms.to_bytes(_TIME_BYTES, "big") + unique


class ProductRow(NamedTuple):
    """One product as of a refresh."""

    product_id: str
    tally: Tally
    weakness: Weakness
    partners: Sequence[Partner]


class ProductInsightStore:
    """Writes refreshes and reads the last one."""

    def __init__(self, database: Any) -> None:
        self._products = database[PRODUCT_INSIGHT]
        self._refreshes = database[PRODUCT_REFRESHES]

    async def write(self, tenant_id: str, refresh: Refresh, rows: Sequence[ProductRow]) -> None:
        """Writes a refresh, then makes it the one that is read."""
        for start in range(0, len(rows), _INSERT_BATCH):
            some = rows[start : start + _INSERT_BATCH]
            await insert_new(self._products, [_row_to(tenant_id, refresh, one) for one in some])
        document = {
            "_id": tenant_id,
            "r": refresh.name,
            "at_ms": refresh.at_ms,
            "orders": refresh.order_count,
            "shares": [*refresh.shares],
            "by_count": [[*one] for one in refresh.by_count],
            "by_lift": [[*one] for one in refresh.by_lift],
        }
        with database_errors():
            before = await self._refreshes.find_one_and_replace(
                {"_id": tenant_id}, document, upsert=True
            )
        # Another refresh may be under way, so only what was read until now goes, and what a crash
        # left behind long ago.
        gone = [{"_id.r": {"$lt": name_of(refresh.wall_ms - _LEFT_BEHIND_MS, b"")}}]
        if before is not None:
            gone.append({"_id.r": before["r"]})
        with long_read():
            await self._products.delete_many({"_id.t": tenant_id, "$or": gone})

    async def last(self, tenant_id: str) -> Refresh | None:
        """The last refresh; None before the first."""
        with database_errors():
            found = await self._refreshes.find_one({"_id": tenant_id})
        if found is None:
            return None
        return Refresh(
            found["r"],
            found["at_ms"],
            found["orders"],
            Shares(*found["shares"]),
            [Pair(*one) for one in found["by_count"]],
            [Pair(*one) for one in found["by_lift"]],
        )

    async def rows(
        self, tenant_id: str, refresh: Refresh, product_ids: Sequence[str]
    ) -> Mapping[str, ProductRow]:
        """These products as of a refresh; those that it did not see are left out."""
        keys = [_key(tenant_id, refresh, one) for one in product_ids]
        with database_errors():
            found = await self._products.find({"_id": {"$in": keys}}).to_list(None)
        return {one["_id"]["p"]: _row_from(one) for one in found}

    async def weak(
        self, tenant_id: str, refresh: Refresh, after: tuple[float, str] | None, limit: int
    ) -> list[ProductRow]:
        """Weak products beyond a position (excess, id), the worst first."""
        condition: dict[str, Any] = {
            "_id.t": tenant_id,
            "_id.r": refresh.name,
            "excess": {"$gt": 0},
        }
        if after is not None:
            excess, product_id = after
            condition["$or"] = [
                {"excess": {"$gt": 0, "$lt": excess}},
                {"excess": excess, "_id.p": {"$gt": product_id}},
            ]
        with database_errors():
            cursor = self._products.find(condition).sort([("excess", -1), ("_id.p", 1)])
            return [_row_from(one) for one in await cursor.limit(limit).to_list(None)]


def _key(tenant_id: str, refresh: Refresh, product_id: str) -> dict[str, Any]:
    return {"t": tenant_id, "r": refresh.name, "p": product_id}


def _row_to(tenant_id: str, refresh: Refresh, row: ProductRow) -> dict[str, Any]:
    tally = row.tally
    return {
        "_id": _key(tenant_id, refresh, row.product_id),
        "tally": [
            tally.orders,
            tally.returns,
            tally.reviews,
            tally.ill,
            tally.stars,
            tally.complaints,
        ],
        "return_share": row.weakness.return_share,
        "ill_share": row.weakness.ill_share,
        "excess": row.weakness.excess,
        "partners": [[*one] for one in row.partners],
    }


def _row_from(found: dict[str, Any]) -> ProductRow:
    return ProductRow(
        found["_id"]["p"],
        Tally(*found["tally"]),
        Weakness(found["return_share"], found["ill_share"], found["excess"]),
        [(product_id, count, lift) for product_id, count, lift in found["partners"]],
    )
