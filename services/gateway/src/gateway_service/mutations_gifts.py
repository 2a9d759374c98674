"""Steps on gifts of coupons."""

from __future__ import annotations

import strawberry
from dangol.offers.v1 import gift_service_pb2 as pb

from gateway_service import inputs_coupons as inputs
from gateway_service import results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.outcomes import decided
from gateway_service.types_gifts import to_gift
from gateway_service.types_offers import to_coupon, to_id


@strawberry.type
class GiftMutations:
    """The part of Mutation that moves gifts."""

    @mutation("Offers a coupon as a gift and answers its link's token.")
    async def offer_gift(
        self, info: AppInfo, input: inputs.OfferGiftInput
    ) -> results.OfferGiftResult:
        """Offers' OfferGift."""
        request = pb.OfferGiftRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            giver_customer_id=str(input.giver_customer_id),
            open_seconds=input.open_seconds or 0,
            recipient_customer_id=str(input.recipient_customer_id or ""),
        )
        call = info.context.call(info.context.clients.gifts.OfferGift, request)
        answer = await decided(call, pb.GiftOutcome, results.GiftRefused)
        if isinstance(answer, results.GiftRefused):
            return answer
        return results.OfferGiftSuccess(gift=to_gift(answer.gift), token=answer.token)

    @mutation("Takes a gift; its coupon changes hands.")
    async def claim_gift(
        self, info: AppInfo, input: inputs.ClaimGiftInput
    ) -> results.ClaimGiftResult:
        """Offers' ClaimGift."""
        call = info.context.call(info.context.clients.gifts.ClaimGift, input.to_proto())
        answer = await decided(call, pb.GiftOutcome, results.GiftRefused)
        if isinstance(answer, results.GiftRefused):
            return answer
        coupon = to_coupon(answer.coupon) if answer.HasField("coupon") else None
        return results.ClaimGiftSuccess(
            gift=to_gift(answer.gift), coupon=coupon, customer_id=to_id(answer.customer_id)
        )

    @mutation("Sends a gift back, by the person for whom it is meant.")
    async def decline_gift(
        self, info: AppInfo, input: inputs.DeclineGiftInput
    ) -> results.DeclineGiftResult:
        """Offers' DeclineGift."""
        request = pb.DeclineGiftRequest(
            request_id=str(input.request_id),
            token=input.token,
            recipient_customer_id=str(input.recipient_customer_id),
        )
        call = info.context.call(info.context.clients.gifts.DeclineGift, request)
        answer = await decided(call, pb.GiftOutcome, results.GiftRefused)
        if isinstance(answer, results.GiftRefused):
            return answer
        return results.DeclineGiftSuccess(gift=to_gift(answer.gift))

    @mutation("Takes a gift back that nobody has claimed.")
    async def cancel_gift(
        self, info: AppInfo, input: inputs.CancelGiftInput
    ) -> results.CancelGiftResult:
        """Offers' CancelGift."""
        request = pb.CancelGiftRequest(
            request_id=str(input.request_id),
            gift_id=str(input.gift_id),
            giver_customer_id=str(input.giver_customer_id),
        )
        call = info.context.call(info.context.clients.gifts.CancelGift, request)
        answer = await decided(call, pb.GiftOutcome, results.GiftRefused)
        if isinstance(answer, results.GiftRefused):
            return answer
        return results.CancelGiftSuccess(gift=to_gift(answer.gift))
