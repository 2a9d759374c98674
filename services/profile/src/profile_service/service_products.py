"""Upserts and reads of products: load, decide, save, many at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from dangol_service_kit.clock import Clock, wall_ms

from profile_service.products import Answered, Product, Upsert, decide_upsert
from profile_service.store import StoreUnavailableError
from profile_service.store_products import ProductStore

_ATTEMPTS_MAX = 20


class ProductService:
    """Every product is decided by itself; what a change sets off is saved with the change."""

    def __init__(
        self,
        clock: Clock,
        products: ProductStore,
        list_news: Callable[[Sequence[Product]], Awaitable[None]],
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        """list_news takes what products have pending to the list of news. If it fails, a sweep does
        it later."""
        self._clock = clock
        self._products = products
        self._list_news = list_news
        self._wall_ms = wall_ms

    async def upsert(self, tenant_id: str, upserts: Sequence[Upsert]) -> list[Answered]:
        """In the order asked for. Raises RpcFailure TENANT_NOT_FOUND, StoreUnavailableError; what
        was saved then is answered alike when the same request comes again."""
        now_ms = (await self._clock.read(tenant_id)).now_ms
        answers: dict[str, Answered] = {}
        remaining = list(upserts)
        for _ in range(_ATTEMPTS_MAX):
            if not remaining:
                return [answers[one.product_id] for one in upserts]
            remaining = await self._round(tenant_id, remaining, answers, now_ms)
        if remaining:
            raise StoreUnavailableError("products change too often")
        return [answers[one.product_id] for one in upserts]

    async def _round(
        self,
        tenant_id: str,
        upserts: Sequence[Upsert],
        answers: dict[str, Answered],
        now_ms: int,
    ) -> list[Upsert]:
        """Decides and saves; answers those that somebody else was faster with."""
        found = await self._products.get_many(tenant_id, [one.product_id for one in upserts])
        fresh: list[Product] = []
        changed: list[Product] = []
        decided: dict[str, Answered] = {}
        for upsert in upserts:
            before = found.get(upsert.product_id)
            after, answer = decide_upsert(before, upsert, now_ms)
            decided[upsert.product_id] = answer
            if after is not None and after is not before:
                (changed if before else fresh).append(after)
        saved = await self._products.insert(fresh, self._wall_ms())
        saved |= await self._products.replace(changed, self._wall_ms())
        written = [*fresh, *changed]
        lost = {one.product_id for one in written} - saved
        for upsert in upserts:
            if upsert.product_id not in lost:
                answers[upsert.product_id] = decided[upsert.product_id]
        await self._list_news([one for one in written if one.product_id in saved and one.pending])
        return [one for one in upserts if one.product_id in lost]

    async def get_many(self, tenant_id: str, product_ids: Sequence[str]) -> list[Product]:
        """Those that exist, in the order asked for."""
        found = await self._products.get_many(tenant_id, product_ids)
        return [found[one] for one in dict.fromkeys(product_ids) if one in found]

    async def page(
        self, tenant_id: str, after_id: str, limit: int, category: str
    ) -> tuple[list[Product], str]:
        """Products in order of id, and the last one's id while more follow."""
        found = await self._products.page(tenant_id, after_id, limit + 1, category)
        return found[:limit], found[limit - 1].product_id if len(found) > limit else ""
