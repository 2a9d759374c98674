"""Creating offers."""

from __future__ import annotations

import strawberry

from gateway_service import results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs_offers import CreateOfferInput
from gateway_service.types_offers import to_offer


@strawberry.type
class OfferMutations:
    """The part of Mutation that creates offers."""

    @mutation("Creates an offer.")
    async def create_offer(
        self, info: AppInfo, input: CreateOfferInput
    ) -> results.CreateOfferResult:
        """Offers' CreateOffer."""
        method = info.context.clients.offers.CreateOffer
        answer = await results.or_refused(
            info.context.call(method, input.to_proto()), results.OfferRefused
        )
        if isinstance(answer, results.OfferRefused):
            return answer
        return results.CreateOfferSuccess(offer=to_offer(answer.offer))
