"""Asks FactsService, and describes what is to happen."""

from __future__ import annotations

import uuid
from typing import Any

from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import facts_service_pb2 as pb
from dangol.profile.v1.facts_service_pb2_grpc import FactsServiceStub
from dangol_service_kit.auth import Role

from tests.integration.profile.harness import OCCURRED_SECONDS, Client, Platform, event

DAY = 86_400


class Facts:
    """Calls as an admin unless another client is given."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.stub: Any = FactsServiceStub(platform.channel)
        self.admin = platform.client(Role.ADMIN)

    async def get(self, customer_id: str, client: Client | None = None) -> pb.Facts:
        """GetFacts."""
        request = pb.GetFactsRequest(customer_id=customer_id)
        answer = await (client or self.admin).call(self.stub.GetFacts, request)
        facts: pb.Facts = answer.facts
        return facts

    async def batch(self, *customer_ids: str, client: Client | None = None) -> list[pb.Facts]:
        """BatchGetFacts."""
        request = pb.BatchGetFactsRequest(customer_ids=customer_ids)
        answer = await (client or self.admin).call(self.stub.BatchGetFacts, request)
        return list(answer.facts)

    async def best(
        self, client: Client | None = None, **options: Any
    ) -> pb.ListMostProfitableResponse:
        """ListMostProfitable."""
        request = pb.ListMostProfitableRequest(**options)
        answer: pb.ListMostProfitableResponse = await (client or self.admin).call(
            self.stub.ListMostProfitable, request
        )
        return answer

    async def set_rates(
        self, *, request_id: str = "", client: Client | None = None, **rates: Any
    ) -> pb.CostRates:
        """SetCostRates with a fresh request id unless one is given."""
        request = pb.SetCostRatesRequest(
            request_id=request_id or str(uuid.uuid4()), rates=pb.CostRates(**rates)
        )
        answer = await (client or self.admin).call(self.stub.SetCostRates, request)
        changed: pb.CostRates = answer.rates
        return changed


def bought(
    name: tuple[str, str], day: float, *lines: tuple[str, str, int, int], **fields: Any
) -> Event:
    """A purchase so many days after OCCURRED_SECONDS; lines are (product, category, quantity,
    amount)."""
    amount = fields.pop("amount", sum(line[3] for line in lines))
    made = event(
        *name, "purchase", at_seconds=OCCURRED_SECONDS + int(day * DAY), amount=amount, **fields
    )
    for product, category, quantity, line_amount in lines:
        made.items.add(
            product_id=product,
            category=category,
            quantity=quantity,
            amount_minor_units=line_amount,
        )
    return made


def happened(name: tuple[str, str], day: float, kind: str, **fields: Any) -> Event:
    """Anything else."""
    return event(*name, kind, at_seconds=OCCURRED_SECONDS + int(day * DAY), **fields)
