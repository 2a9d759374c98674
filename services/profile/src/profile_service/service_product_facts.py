"""What became of products: facts, feedback, weak ones, pairs, and what a customer looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import uuid4

from dangol.events.v1.event_pb2 import Event
from dangol_service_kit.clock import Clock, wall_ms

from profile_service import encoding, product_figures
from profile_service.domain import PURCHASE
from profile_service.product_figures import (
    RETURN,
    REVIEW,
    TICKET,
    Pair,
    Tallies,
    overall,
    pairs_of,
    reason_counts,
    weakness,
)
from profile_service.product_news import CART_ADD, OUT_OF_STOCK, VIEW, WISHLIST
from profile_service.records import StoredEvent
from profile_service.sealing import Vault
from profile_service.service_registry import Registry
from profile_service.store_product_events import ProductEventStore, Seen
from profile_service.store_product_insight import (
    ProductInsightStore,
    ProductRow,
    Refresh,
    name_of,
)

REASONS_OF_MAX: Final = 2_000
VIEWS_MAX: Final = 1_000
PAIRS_KEPT: Final = 100
_PRODUCTS_AT_ONCE: Final = 8
_TYPES: Final = (PURCHASE, RETURN, REVIEW, TICKET, VIEW, CART_ADD, WISHLIST, OUT_OF_STOCK)


@dataclass(frozen=True, slots=True)
class Facts:
    """counts by event type; ratings with 1 to 5 stars; reasons most frequent first."""

    product_id: str
    counts: dict[str, int]
    ratings: tuple[int, int, int, int, int]
    return_reasons: list[tuple[str, int]]
    complaint_reasons: list[tuple[str, int]]


class Feedback(NamedTuple):
    """One event about a product, opened, and whose it is."""

    event: Event
    customer_id: str
    at_ms: int


class Viewed(NamedTuple):
    """A product that a customer looked at; at_ms is the last time."""

    product_id: str
    at_ms: int
    views: int


class ProductFactService:
    """Reads the events by product, and what the last refresh made of all of them."""

    def __init__(
        self,
        registry: Registry,
        vault: Vault,
        events: ProductEventStore,
        insight: ProductInsightStore,
    ) -> None:
        self._registry = registry
        self._vault = vault
        self._events = events
        self._insight = insight
        self._room = asyncio.Semaphore(_PRODUCTS_AT_ONCE)

    async def facts(self, tenant_id: str, product_ids: Sequence[str]) -> list[Facts]:
        """In the order asked for; of products without events everything is 0."""
        return list(await asyncio.gather(*(self._facts(tenant_id, one) for one in product_ids)))

    async def _facts(self, tenant_id: str, product_id: str) -> Facts:
        async with self._room:
            counts: dict[str, int] = {}
            ratings = [0] * 5
            for event_type, stars, count in await self._events.counts(
                tenant_id, product_id, _TYPES
            ):
                counts[event_type] = counts.get(event_type, 0) + count
                if event_type == REVIEW and stars:
                    ratings[stars - 1] += count
            return Facts(
                product_id,
                counts,
                (ratings[0], ratings[1], ratings[2], ratings[3], ratings[4]),
                await self._reasons(tenant_id, product_id, RETURN, counts),
                await self._reasons(tenant_id, product_id, TICKET, counts),
            )

    async def _reasons(
        self, tenant_id: str, product_id: str, event_type: str, counts: dict[str, int]
    ) -> list[tuple[str, int]]:
        if not counts.get(event_type):
            return []
        stored = await self._events.newest(
            tenant_id, product_id, [event_type], limit=REASONS_OF_MAX
        )
        opened = await self._open(tenant_id, stored)
        return reason_counts(reason_of(one.event) for one in opened)

    async def feedback(
        self,
        tenant_id: str,
        product_id: str,
        types: Sequence[str],
        *,
        rating_max: int,
        before: tuple[int, bytes] | None,
        limit: int,
    ) -> tuple[list[Feedback], tuple[int, bytes] | None]:
        """Newest first, and the position of the last one while more follow."""
        stored = await self._events.newest(
            tenant_id,
            product_id,
            types,
            before=before,
            rating_max=rating_max,
            limit=limit + 1,
        )
        opened = await self._open(tenant_id, stored[:limit])
        if len(stored) <= limit:
            return opened, None
        last = stored[limit - 1]
        return opened, (last.at_ms, last.event_key)

    async def _open(self, tenant_id: str, stored: Sequence[StoredEvent]) -> list[Feedback]:
        """Without events whose owner is just being erased."""
        hashes = list({one.identifier_hash for one in stored})
        identities = await self._registry.find(hashes)
        keys = {
            name: self._vault.open_key(tenant_id, name, one.data_key)
            for name, one in identities.items()
        }
        return [
            Feedback(
                encoding.from_stored(one, keys[one.identifier_hash]),
                identities[one.identifier_hash].customer_id,
                one.at_ms,
            )
            for one in stored
            if one.identifier_hash in keys
        ]

    async def weak(
        self, tenant_id: str, after: tuple[float, str] | None, limit: int
    ) -> tuple[Refresh | None, list[ProductRow]]:
        """The last refresh, and weak products beyond a position; one more than the limit while more
        follow."""
        refresh = await self._insight.last(tenant_id)
        if refresh is None:
            return None, []
        return refresh, await self._insight.weak(tenant_id, refresh, after, limit + 1)

    async def together(
        self, tenant_id: str, product_id: str, by_lift: bool, limit: int
    ) -> tuple[Refresh | None, list[tuple[Pair, float]]]:
        """The last refresh, and (pair, confidence) of a product or of all."""
        refresh = await self._insight.last(tenant_id)
        if refresh is None:
            return None, []
        if product_id:
            rows = await self._insight.rows(tenant_id, refresh, [product_id])
            known = rows[product_id].partners if product_id in rows else ()
            pairs = [Pair(product_id, name, count, lift) for name, count, lift in known]
        else:
            pairs = [*(refresh.by_lift if by_lift else refresh.by_count)]
        pairs.sort(key=(_by_lift if by_lift else _by_count))
        return refresh, await self._with_confidence(tenant_id, refresh, pairs[:limit])

    async def _with_confidence(
        self, tenant_id: str, refresh: Refresh, pairs: Sequence[Pair]
    ) -> list[tuple[Pair, float]]:
        rows = await self._insight.rows(tenant_id, refresh, [one.product_id for one in pairs])
        return [
            (one, one.orders / rows[one.product_id].tally.orders)
            for one in pairs
            if one.product_id in rows
        ]

    async def viewed(
        self, tenant_id: str, customer_id: str, without_bought: bool, limit: int
    ) -> list[Viewed] | None:
        """Newest first, over all of the customer's identifiers; None for no such customer."""
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            return None
        owned = await self._registry.owned(tenant_id, [customer.customer_id])
        hashes = [one.identifier_hash for one in owned.get(customer.customer_id, [])]
        views = await self._events.viewed(hashes, VIEWS_MAX)
        bought: list[Seen] = []
        if without_bought and views:
            bought = await self._events.bought(hashes, views[-1].at_ms, VIEWS_MAX)
        return newest_views(views, bought)[:limit]


class ProductRefresher:
    """What all events say of all products, for the job that refreshes insight."""

    def __init__(
        self,
        clock: Clock,
        events: ProductEventStore,
        insight: ProductInsightStore,
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._events = events
        self._insight = insight
        self._wall_ms = wall_ms

    async def refresh(self, tenant_id: str) -> Refresh:
        """Reads, adds up, writes. May be repeated and run twice at once. Raises
        StoreUnavailableError, RpcFailure TENANT_NOT_FOUND."""
        now_ms = (await self._clock.read(tenant_id)).now_ms
        name = name_of(self._wall_ms(), uuid4().bytes[:8])
        tallies = Tallies()
        async for row in self._events.rows(tenant_id):
            tallies.add(row)
        # Millions of pairs for a large tenant: beside the loop, not in it.
        refresh, rows = await asyncio.to_thread(summarise, tallies, name, now_ms)
        await self._insight.write(tenant_id, refresh, rows)
        return refresh


def summarise(tallies: Tallies, name: bytes, at_ms: int) -> tuple[Refresh, list[ProductRow]]:
    """What a refresh writes."""
    shares = overall(tallies.by_product.values())
    pairs = pairs_of(tallies.baskets, list(tallies.numbers))
    around = product_figures.partners(pairs)
    rows = [
        ProductRow(one, tally, weakness(tally, shares), around.get(one, []))
        for one, tally in tallies.by_product.items()
    ]
    by_lift = sorted(pairs, key=_by_lift)[:PAIRS_KEPT]
    orders = len(tallies.baskets)
    return Refresh(name, at_ms, orders, shares, pairs[:PAIRS_KEPT], by_lift), rows


def newest_views(views: Sequence[Seen], bought: Sequence[Seen]) -> list[Viewed]:
    """Each product once, by its newest view; without those bought at that time or later."""
    last: dict[str, int] = {}
    counts: dict[str, int] = {}
    for one in views:
        for product_id in one.product_ids:
            last[product_id] = max(one.at_ms, last.get(product_id, 0))
            counts[product_id] = counts.get(product_id, 0) + 1
    for one in bought:
        for product_id in one.product_ids:
            if last.get(product_id, one.at_ms + 1) <= one.at_ms:
                del last[product_id]
    found = [Viewed(name, at_ms, counts[name]) for name, at_ms in last.items()]
    return sorted(found, key=lambda one: (-one.at_ms, one.product_id))


def reason_of(event: Event) -> str:
    """The property reason, or topic, which tickets have."""
    for name in ("reason", "topic"):
        if name in event.properties:
            return event.properties[name].text
    return ""


def _by_count(pair: Pair) -> tuple[float, str, str]:
    return (-pair.orders, pair.product_id, pair.other_product_id)


def _by_lift(pair: Pair) -> tuple[float, str, str]:
    return (-pair.lift, pair.product_id, pair.other_product_id)
