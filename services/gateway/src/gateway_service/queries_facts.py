"""What can be asked of facts and profits."""

from __future__ import annotations

import strawberry
from dangol.profile.v1 import facts_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_facts import (
    CostRates,
    CustomerFacts,
    Profitability,
    load_facts,
    load_profitability,
    to_rates,
)


@strawberry.type
class FactQueries:
    """The part of Query about what customers' events come to."""

    @resolver("What one customer's events come to; null when there is no such customer.")
    async def customer_facts(
        self, info: AppInfo, customer_id: strawberry.ID
    ) -> CustomerFacts | None:
        """By Dangol's id."""
        return await load_facts(info.context, customer_id)

    @resolver("Who brings the most after what serving cost, as of the last refresh.")
    async def profitability(self, info: AppInfo) -> Profitability | None:
        """Totals; its list is asked for by pages."""
        return await load_profitability(info.context)

    @resolver("What things cost the tenant, by which profits are reckoned.")
    async def cost_rates(self, info: AppInfo) -> CostRates | None:
        """Zero until set."""
        context = info.context
        answer = await context.call(context.clients.facts.GetCostRates, pb.GetCostRatesRequest())
        return to_rates(answer.rates)
