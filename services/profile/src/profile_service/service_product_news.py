"""Telling customers news of products: a job with progress, which any replica carries on.

1. A change and its news are one write, to the product (service_products.py). A launch that has come
   is put there by a sweep.
2. What is pending goes to the list of news, by an insert whose key is the change.
3. Whoever leases the news walks over the identifiers under which the product was wanted, page by
   page: who waits for it is decided of each customer, and the events go the way of all events.
   Progress is saved behind each page.

A replica that dies leaves a page half told. Another tells the page again: the event's id follows
from the change, and its customer is named by Dangol's id, so who has it already has a duplicate.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.logs import describe, get_logger

from profile_service import encoding, product_news, products
from profile_service.domain import CUSTOMER
from profile_service.product_news import Telling, Touch
from profile_service.products import NewsKind, Product
from profile_service.records import Identity
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_sweeps import sweep_until
from profile_service.store import StoreUnavailableError
from profile_service.store_product_events import ProductEventStore
from profile_service.store_product_insight import ProductInsightStore
from profile_service.store_product_news import ProductNewsStore
from profile_service.store_products import ProductStore

LOOK_SECONDS: Final = 1.0
LEASE_MS: Final = 30_000
PAGE: Final = 200
_ATTEMPTS_MAX: Final = 20
_FLUSH_MAX: Final = 1_000

_log = get_logger()


class NewsTeller:
    """Several may run: they share the news that wait."""

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        recorder: Recorder,
        catalogue: ProductStore,
        news: ProductNewsStore,
        events: ProductEventStore,
        insight: ProductInsightStore,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._recorder = recorder
        self._catalogue = catalogue
        self._news = news
        self._events = events
        self._insight = insight
        self._wall_ms = wall_ms

    async def run(self, stop: asyncio.Event) -> None:
        """Sweeps until told to stop; outages are waited out."""
        await sweep_until(stop, self.sweep, LOOK_SECONDS, "product_news_interrupted")

    async def sweep(self, tenant_id: str = "") -> bool:
        """Tells the news that waits longest, of one tenant or of all; False when none waits."""
        tenants = [tenant_id] if tenant_id else await self._catalogue.tenants_with_launches()
        for one in tenants:
            await self._launch(one)
        await self.list_news(await self._catalogue.pending(self._wall_ms(), tenant_id))
        now_ms = self._wall_ms()
        telling = await self._news.lease(now_ms, now_ms + LEASE_MS, tenant_id)
        if telling is not None:
            await self._tell(telling)
        return telling is not None

    def flushing(self, flush: Callable[[str], Awaitable[int]]) -> Callable[[str], Awaitable[int]]:
        """`flush` after all news of the tenant were told: what a step of a virtual clock does."""

        selling: set[str] = set()

        async def flush_all(tenant_id: str) -> int:
            # A year of steps should not ask three times each for what is not there.
            if tenant_id not in selling and not await self._catalogue.any_of(tenant_id):
                return await flush(tenant_id)
            selling.add(tenant_id)
            count = 0
            while count < _FLUSH_MAX and await self.sweep(tenant_id):
                count += 1
            return count + await flush(tenant_id)

        return flush_all

    async def list_news(self, pending: Sequence[Product]) -> None:
        """Puts what these products have pending on the list of news. What fails is left to a
        sweep."""
        try:
            tellings = [
                Telling(one.tenant_id, one.product_id, one.details.category, news)
                for one in pending
                for news in one.pending
            ]
            await self._news.add(tellings, self._wall_ms())
            await asyncio.gather(*(self._strike(one) for one in pending))
        except StoreUnavailableError as error:
            _log.warning("product_news_left", **describe(error))

    async def _strike(self, listed: Product) -> None:
        product: Product | None = listed
        for _ in range(_ATTEMPTS_MAX):
            if product is None or not set(product.pending) & set(listed.pending):
                return
            changed = products.listed(product, listed.pending)
            if await self._catalogue.replace_one(changed, self._wall_ms()):
                return
            found = await self._catalogue.get_many(listed.tenant_id, [listed.product_id])
            product = found.get(listed.product_id)

    async def _launch(self, tenant_id: str) -> None:
        now_ms = (await self._clock.read(tenant_id)).now_ms
        for product in await self._catalogue.launching(tenant_id, now_ms):
            # Whoever is faster has done the same.
            await self._catalogue.replace_one(products.launch_now(product, now_ms), self._wall_ms())

    async def _tell(self, telling: Telling) -> None:
        """Everybody who waits for it, page by page, until done or until another takes over."""
        held: Telling | None = telling
        if not telling.related_begun:
            held = await self._walk(telling, self._wanting(telling))
            if held is None:
                return
            held = replace(held, after=b"", related_begun=True)
            if not held.news.related:
                await self._news.save(replace(held, done=True), 0)
                return
            held = await self._save(held)
        if held is not None:
            held = await self._walk(held, self._related(held))
        if held is not None:
            await self._news.save(replace(held, done=True), 0)

    async def _walk(self, telling: Telling, hashes: AsyncIterator[bytes]) -> Telling | None:
        """Tells whoever has these identifiers; None when another took over."""
        held: Telling | None = telling
        page: list[bytes] = []
        async for one in hashes:
            page.append(one)
            if len(page) == PAGE:
                await self._tell_page(telling, page)
                held = await self._save(replace(held or telling, after=page[-1]))
                if held is None:
                    return None
                page = []
        await self._tell_page(telling, page)
        return held

    async def _save(self, telling: Telling) -> Telling | None:
        return await self._news.save(telling, self._wall_ms() + LEASE_MS)

    def _wanting(self, telling: Telling) -> AsyncIterator[bytes]:
        return self._events.wanting(
            telling.tenant_id,
            telling.product_id,
            telling.news.at_ms - product_news.WANTED_MS,
            telling.after,
            product_news.AUDIENCE_MAX,
        )

    async def _related(self, telling: Telling) -> AsyncIterator[bytes]:
        """Identifiers of those who bought what goes with the product."""
        others = await self._partners(telling)
        if not others:
            return
        buyers = self._events.buyers(
            telling.tenant_id,
            others,
            telling.news.at_ms - product_news.WANTED_MS,
            telling.after,
            product_news.RELATED_MAX,
        )
        async for one in buyers:
            yield one

    async def _partners(self, telling: Telling) -> list[str]:
        """What is bought with the product more than by chance; of a new one, its category."""
        tenant_id, product_id = telling.tenant_id, telling.product_id
        refresh = await self._insight.last(tenant_id)
        found: list[str] = []
        if refresh is not None:
            rows = await self._insight.rows(tenant_id, refresh, [product_id])
            known = rows[product_id].partners if product_id in rows else ()
            found = [name for name, _, lift in known if lift > 1][: product_news.PARTNERS_MAX]
        if not found and telling.news.kind is NewsKind.LAUNCHED and telling.category:
            limit = product_news.CATEGORY_PRODUCTS_MAX
            alike = await self._catalogue.of_category(tenant_id, telling.category, limit + 1)
            found = [one for one in alike if one != product_id][:limit]
        return found

    async def _tell_page(self, telling: Telling, hashes: Sequence[bytes]) -> None:
        tenant_id = telling.tenant_id
        # An identifier of nobody is one whose owner was erased.
        identities = await self._registry.find(hashes)
        owners = sorted({one.customer_id for one in identities.values()})
        owned = await self._registry.owned(tenant_id, owners)
        touches = await self._touches(telling, owned)
        reasons = product_news.reasons(telling, touches)
        told = await self._told(telling, {one: owned[one] for one in reasons})
        events = [
            product_news.to_event(telling, customer_id, reason)
            for customer_id, reason in reasons.items()
            if customer_id not in told
        ]
        if events:
            await self._recorder.record(tenant_id, events)

    async def _touches(
        self, telling: Telling, owned: Mapping[str, Sequence[Identity]]
    ) -> dict[str, list[Touch]]:
        """What each customer did with the product, under whichever identifier."""
        owner_of = {one.identifier_hash: name for name, some in owned.items() for one in some}
        touches: dict[str, list[Touch]] = {name: [] for name in owned}
        found = await self._events.touches(telling.tenant_id, telling.product_id, list(owner_of))
        for one in found:
            touches[owner_of[one.identifier_hash]].append(one)
        return touches

    async def _told(self, telling: Telling, owned: Mapping[str, Sequence[Identity]]) -> set[str]:
        """Who was told before, also as a customer who was merged into this one since."""
        event_id = product_news.event_id_of(telling)
        keys = {
            encoding.event_key(one.identifier_hash, event_id): name
            for name, some in owned.items()
            for one in some
            if one.namespace == CUSTOMER
        }
        return {keys[one] for one in await self._events.known(list(keys))}
