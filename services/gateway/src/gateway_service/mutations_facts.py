"""What can be done about facts: the rates by which profits are reckoned."""

from __future__ import annotations

import uuid
from typing import Annotated

import strawberry
from dangol.profile.v1 import facts_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import Int64
from gateway_service.types_facts import CostRates, to_rates


@strawberry.input(description="What things cost the tenant; what is absent becomes zero.")
class SetCostRatesInput:
    """In minor units of the tenant's currency."""

    request_id: uuid.UUID = strawberry.field(description="A fresh UUID; the same for a repeat.")
    version: Int64 = strawberry.field(description="The version that was read.")
    return_minor_units: Int64 = strawberry.field(default=Int64(0), description="One return.")
    ticket_minute_minor_units: Int64 = strawberry.field(
        default=Int64(0), description="A minute of a ticket."
    )
    usual_ticket_minutes: int = strawberry.field(
        default=0, description="Of tickets that tell no minutes."
    )
    message_minor_units: Int64 = strawberry.field(default=Int64(0), description="One message.")
    margin_basis_points: int | None = strawberry.field(
        default=None, description="What is left after the cost of goods; null for unknown."
    )
    purchases_are_after_discounts: bool = strawberry.field(
        default=False,
        description="True where discounts are taken off the amounts of purchases already.",
    )


@strawberry.type(description="The rates stayed as they were.")
class CostRatesRefused(Refused):
    """Also when somebody else changed them."""


@strawberry.type(description="The rates were set.")
class SetCostRatesSuccess:
    """As they are now."""

    rates: CostRates = strawberry.field(description="The tenant's rates.")


SetCostRatesResult = Annotated[
    SetCostRatesSuccess | CostRatesRefused, strawberry.union("SetCostRatesResult")
]


@strawberry.type
class FactMutations:
    """The part of Mutation about facts."""

    @mutation("Sets what things cost the tenant.")
    async def set_cost_rates(self, info: AppInfo, input: SetCostRatesInput) -> SetCostRatesResult:
        """Profile's SetCostRates."""
        context = info.context
        rates = pb.CostRates(
            version=input.version,
            return_minor_units=input.return_minor_units,
            ticket_minute_minor_units=input.ticket_minute_minor_units,
            usual_ticket_minutes=input.usual_ticket_minutes,
            message_minor_units=input.message_minor_units,
            margin_basis_points=input.margin_basis_points,
            purchases_are_after_discounts=input.purchases_are_after_discounts,
        )
        request = pb.SetCostRatesRequest(request_id=str(input.request_id), rates=rates)
        answer = await or_refused(
            context.call(context.clients.facts.SetCostRates, request), CostRatesRefused
        )
        if isinstance(answer, CostRatesRefused):
            return answer
        return SetCostRatesSuccess(rates=to_rates(answer.rates))
