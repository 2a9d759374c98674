"""The use case of the spread's report; reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from offers_service import spread
from offers_service.report_figures import Bought
from offers_service.reports import Purchases, Window
from offers_service.service_lineage import Lineage
from offers_service.spread import Spread
from offers_service.store_gift_spread import GiftSpreadStore


class SpreadQuery(NamedTuple):
    """Which gifts, by when they were offered; 0 and "" for no bound."""

    campaign: str
    offer: str
    from_ms: int
    until_ms: int
    window_ms: int


class SpreadReport(NamedTuple):
    """What became of the gifts, and what people bought after their first claim, so far."""

    spread: Spread
    bought: Mapping[str, Bought]


class SpreadReporter:
    """Raises RpcFailure without profile, OutcomeUnknownError without the database."""

    def __init__(self, gifts: GiftSpreadStore, lineage: Lineage, purchases: Purchases) -> None:
        self._gifts = gifts
        self._lineage = lineage
        self._purchases = purchases

    async def report(self, tenant_id: str, query: SpreadQuery, now_ms: int) -> SpreadReport:
        """The figures as of now_ms."""
        gifts = await self._gifts.gifts(
            tenant_id,
            campaign=query.campaign,
            offer=query.offer,
            from_ms=query.from_ms,
            until_ms=query.until_ms,
        )
        ids = {one for gift in gifts for one in (gift.giver, gift.claimer) if one}
        people = await self._lineage.people(tenant_id, sorted(ids))
        # Counting a large tenant's gifts must not stop other calls.
        traced = await asyncio.to_thread(spread.trace, gifts, people.roots, now_ms)
        firsts = list(traced.firsts.values())
        windows = [
            Window(one.person, one.claimed_at_ms, one.claimed_at_ms + query.window_ms)
            for one in firsts
        ]
        measured = await self._purchases.measure(tenant_id, windows)
        bought = {one.person: each for one, each in zip(firsts, measured, strict=True)}
        return SpreadReport(traced, bought)
