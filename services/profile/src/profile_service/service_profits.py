"""Who brings most: the list, how it is made anew, and the rates by which it is reckoned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np
from dangol_service_kit.clock import Clock, wall_ms

from profile_service.domain import PURCHASE
from profile_service.facts import (
    CANCEL,
    MESSAGE,
    REDEEMED,
    RETURN,
    REVERSED,
    TICKET,
    CustomerFacts,
)
from profile_service.profits import (
    CostRates,
    RatesOutcome,
    Standing,
    Totals,
    cost_to_serve,
    decide_rates,
    profit_of,
    profit_ranks,
    rank,
)
from profile_service.scores import top_share
from profile_service.sealing import Vault
from profile_service.service_facts import Opener
from profile_service.service_registry import Registry
from profile_service.store_facts import FactsStore, TypeSums
from profile_service.store_profits import ProfitStore

_CHUNK: Final = 500
_ATTEMPTS_MAX: Final = 20


class Page(NamedTuple):
    """totals is None where there is no such list; last_place is set while more follow."""

    totals: Totals | None
    rows: list[Standing]
    last_place: int = 0


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A list made anew. ranks: for each customer the share of those who brought more."""

    totals: Totals
    ranks: Mapping[str, Decimal]


class ProfitService:
    """Reads for clients; refresh is for the job, may be repeated, and run twice at once."""

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        vault: Vault,
        facts: FactsStore,
        profits: ProfitStore,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._vault = vault
        self._facts = facts
        self._profits = profits
        self._wall_ms = wall_ms

    async def rates(self, tenant_id: str) -> CostRates:
        """The tenant's rates; all zero before the first."""
        return await self._profits.rates(tenant_id)

    async def set_rates(self, tenant_id: str, wanted: CostRates) -> tuple[CostRates, RatesOutcome]:
        """Load, decide, save; whoever loses a race decides again."""
        current = await self._profits.rates(tenant_id)
        for _ in range(_ATTEMPTS_MAX):
            changed, outcome = decide_rates(current, wanted)
            if outcome is not RatesOutcome.CHANGED:
                return current, outcome
            if await self._profits.save_rates(tenant_id, changed):
                return changed, outcome
            current = await self._profits.rates(tenant_id)
        return current, RatesOutcome.VERSION_CONFLICT

    async def page(self, tenant_id: str, refresh: int | None, after_place: int, limit: int) -> Page:
        """Rows behind a place, of one refresh or of the newest, without those who were erased or
        merged away since."""
        totals = await self._profits.totals(tenant_id, refresh)
        if totals is None:
            return Page(None, [])
        rows = await self._profits.page(tenant_id, totals.refresh, after_place, limit + 1)
        shown = rows[:limit]
        living = await self._living(tenant_id, [one.customer_id for one in shown])
        last_place = shown[-1].place if len(rows) > limit else 0
        return Page(totals, [one for one in shown if one.customer_id in living], last_place)

    async def refresh(self, tenant_id: str) -> Refreshed:
        """Makes the list anew, as of the tenant's present. Raises RpcFailure TENANT_NOT_FOUND,
        StoreUnavailableError; the former list then stays."""
        refresh = self._wall_ms()
        now_ms = (await self._clock.read(tenant_id)).now_ms
        rates = await self._profits.rates(tenant_id)
        ranked = rank(await self._standings(tenant_id, now_ms, rates))
        for start in range(0, len(ranked), _CHUNK):
            rows = ranked[start : start + _CHUNK]
            # Between this look and the write lies less than erasures wait for writers.
            living = await self._living(tenant_id, [one.customer_id for one in rows])
            await self._profits.add(
                tenant_id, refresh, [one for one in rows if one.customer_id in living]
            )
        revenue = np.array([one.revenue for one in ranked], dtype=np.float64)
        totals = Totals(
            refresh=refresh,
            at_ms=now_ms,
            customer_count=len(ranked),
            revenue=sum(one.revenue for one in ranked),
            profit=ranked[-1].cumulative_profit if ranked else 0,
            top_fifth_share=top_share(revenue),
            margin_known=rates.margin_basis_points is not None,
        )
        await self._profits.publish(tenant_id, totals)
        return Refreshed(totals, profit_ranks(ranked))

    async def _standings(self, tenant_id: str, now_ms: int, rates: CostRates) -> list[Standing]:
        standings: list[Standing] = []
        chunk: list[TypeSums] = []
        async for one in self._facts.sums(tenant_id, now_ms):
            chunk.append(one)
            if len(chunk) == _CHUNK:
                standings += await self._reckon(tenant_id, chunk, now_ms, rates)
                chunk = []
        return standings + await self._reckon(tenant_id, chunk, now_ms, rates)

    async def _reckon(
        self, tenant_id: str, chunk: Sequence[TypeSums], now_ms: int, rates: CostRates
    ) -> list[Standing]:
        asking = [one.customer_id for one in chunk if one.counts.get(TICKET)]
        tickets = await self._tickets(tenant_id, asking, now_ms) if asking else {}
        none = (0, Decimal(0))
        return [_reckon(one, *tickets.get(one.customer_id, none), rates) for one in chunk]

    async def _tickets(
        self, tenant_id: str, customer_ids: Sequence[str], until_ms: int
    ) -> dict[str, tuple[int, Decimal]]:
        """Of each customer: tickets that say no minutes, and the minutes of the others."""
        owned = await self._registry.owned(tenant_id, customer_ids)
        owners = {one.identifier_hash: one for some in owned.values() for one in some}
        opener = Opener(self._vault, tenant_id, owners)
        found: dict[str, tuple[int, Decimal]] = {}
        async for row in self._facts.rows(list(owners), [TICKET]):
            if row.at_ms >= until_ms:
                continue
            name = owners[row.identifier_hash].customer_id
            plain, minutes = found.get(name, (0, Decimal(0)))
            said = opener.minutes(row)
            found[name] = (plain + 1, minutes) if said is None else (plain, minutes + said)
        return found

    async def _living(self, tenant_id: str, customer_ids: Sequence[str]) -> set[str]:
        found = await self._registry.get_many(tenant_id, customer_ids)
        return {asked for asked, one in found.items() if one.customer_id == asked}


def _reckon(sums: TypeSums, plain_tickets: int, minutes: Decimal, rates: CostRates) -> Standing:
    counts, amounts = sums.counts, sums.amounts
    facts = CustomerFacts(
        order_count=counts.get(PURCHASE, 0),
        revenue=amounts.get(PURCHASE, 0),
        return_count=counts.get(RETURN, 0),
        returned=amounts.get(RETURN, 0),
        cancel_count=counts.get(CANCEL, 0),
        cancelled=amounts.get(CANCEL, 0),
        ticket_count=counts.get(TICKET, 0),
        plain_ticket_count=plain_tickets,
        ticket_minutes=minutes,
        message_count=counts.get(MESSAGE, 0),
        redemption_count=counts.get(REDEEMED, 0),
        discount=amounts.get(REDEEMED, 0) - amounts.get(REVERSED, 0),
    )
    return Standing(
        sums.customer_id,
        facts.order_count,
        facts.revenue,
        facts.net_revenue,
        cost_to_serve(facts, rates).total,
        profit_of(facts, rates),
    )
