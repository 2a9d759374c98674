"""Steps on coupons and gifts. The contract's outcomes become refusals with their names."""

from __future__ import annotations

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import gift_service_pb2 as gifts_pb

from gateway_service import inputs, results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.types_common import money_of
from gateway_service.types_offers import to_coupon, to_gift

_MESSAGES = {
    "NOT_FOUND": "there is no such coupon or gift",
    "NOT_OWNER": "it belongs to another customer",
    "ALREADY_REDEEMED": "it has been used already",
    "HELD_BY_OTHER_ORDER": "another order holds it",
    "NOT_HELD": "this order does not hold it",
    "EXPIRED": "its time has run out",
    "IN_ESCROW": "it is being given away",
    "BELOW_MINIMUM": "the order is below the offer's minimum",
    "WRONG_CURRENCY": "the amount is not in the tenant's currency",
    "REQUEST_CONFLICT": "the request id was used before with other content",
    "ALREADY_ISSUED": "this customer has it already",
    "OFFER_ENDED": "the offer has ended",
    "CUSTOMER_LIMIT_REACHED": "this customer has as many of it as the offer allows",
    "NOT_YET_VALID": "the offer has not begun",
    "NEEDS_CART": "what it is worth depends on the cart's lines or shipping",
    "REVOKED": "the shop has ended it",
    "COUPON_NOT_AVAILABLE": "the coupon is held, used or being given away",
    "COUPON_EXPIRED": "the coupon's time has run out",
    "NOT_GIFTABLE": "this offer's coupons cannot be given away",
    "ALREADY_CLAIMED": "someone has claimed it",
    "CANCELLED": "the giver has taken it back",
    "SELF_GIFT": "giver and claimer are the same customer",
    "NOT_A_MEMBER": "only members can claim",
    "DECLINED": "the person for whom it was meant does not want it",
    "NOT_RECIPIENT": "it is meant for somebody else",
    "REGIFT_LIMIT_REACHED": "the coupon has changed hands as often as its offer allows",
    "GIVER_DAY_LIMIT_REACHED": "the giver has given as many gifts today as anybody may",
    "RECIPIENT_DAY_LIMIT_REACHED": "the claimer has claimed as many gifts today as anybody may",
}


@strawberry.type
class CouponMutations:
    """The part of Mutation that moves coupons."""

    @mutation("Issues a coupon to a customer.")
    async def issue_coupon(
        self,
        info: AppInfo,
        input: inputs.IssueCouponInput,
    ) -> results.IssueCouponResult:
        """Offers' IssueCoupon."""
        context = info.context
        request = coupons_pb.IssueCouponRequest(
            request_id=str(input.request_id),
            offer_id=str(input.offer_id),
            customer_id=str(input.customer_id),
            campaign_id=str(input.campaign_id or ""),
        )
        answer = await results.or_refused(
            context.call(context.clients.coupons.IssueCoupon, request), results.CouponRefused
        )
        if isinstance(answer, results.CouponRefused):
            return answer
        if answer.outcome != coupons_pb.COUPON_OUTCOME_APPLIED:
            return _coupon_refused(answer)
        return results.IssueCouponSuccess(coupon=to_coupon(answer.coupon))

    @mutation("Sets a coupon aside for one order.")
    async def hold_coupon(
        self,
        info: AppInfo,
        input: inputs.HoldCouponInput,
    ) -> results.HoldCouponResult:
        """Offers' HoldCoupon."""
        context = info.context
        request = coupons_pb.HoldCouponRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            order_amount=input.order_amount.to_proto(),
            hold_seconds=input.hold_seconds or 0,
        )
        answer = await results.or_refused(
            context.call(context.clients.coupons.HoldCoupon, request), results.CouponRefused
        )
        if isinstance(answer, results.CouponRefused):
            return answer
        if answer.outcome != coupons_pb.COUPON_OUTCOME_APPLIED:
            return _coupon_refused(answer)
        discount = money_of(answer.discount) if answer.HasField("discount") else None
        return results.HoldCouponSuccess(coupon=to_coupon(answer.coupon), discount=discount)

    @mutation("Uses a held coupon up.")
    async def redeem_coupon(
        self,
        info: AppInfo,
        input: inputs.CouponStepInput,
    ) -> results.RedeemCouponResult:
        """Offers' RedeemCoupon."""
        context = info.context
        request = coupons_pb.RedeemCouponRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            order_id=input.order_id,
        )
        answer = await results.or_refused(
            context.call(context.clients.coupons.RedeemCoupon, request), results.CouponRefused
        )
        if isinstance(answer, results.CouponRefused):
            return answer
        if answer.outcome != coupons_pb.COUPON_OUTCOME_APPLIED:
            return _coupon_refused(answer)
        return results.RedeemCouponSuccess(coupon=to_coupon(answer.coupon))

    @mutation("Gives a held coupon back to its owner.")
    async def release_coupon(
        self,
        info: AppInfo,
        input: inputs.CouponStepInput,
    ) -> results.ReleaseCouponResult:
        """Offers' ReleaseCoupon."""
        context = info.context
        request = coupons_pb.ReleaseCouponRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            order_id=input.order_id,
        )
        answer = await results.or_refused(
            context.call(context.clients.coupons.ReleaseCoupon, request), results.CouponRefused
        )
        if isinstance(answer, results.CouponRefused):
            return answer
        if answer.outcome != coupons_pb.COUPON_OUTCOME_APPLIED:
            return _coupon_refused(answer)
        return results.ReleaseCouponSuccess(coupon=to_coupon(answer.coupon))

    @mutation("Offers a coupon as a gift and answers its link's token.")
    async def offer_gift(
        self,
        info: AppInfo,
        input: inputs.OfferGiftInput,
    ) -> results.OfferGiftResult:
        """Offers' OfferGift."""
        context = info.context
        request = gifts_pb.OfferGiftRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            giver_customer_id=str(input.giver_customer_id),
            open_seconds=input.open_seconds or 0,
        )
        answer = await results.or_refused(
            context.call(context.clients.gifts.OfferGift, request), results.GiftRefused
        )
        if isinstance(answer, results.GiftRefused):
            return answer
        if answer.outcome != gifts_pb.GIFT_OUTCOME_APPLIED:
            return _gift_refused(answer.outcome)
        return results.OfferGiftSuccess(gift=to_gift(answer.gift), token=answer.token)

    @mutation("Takes a gift; its coupon changes hands.")
    async def claim_gift(
        self,
        info: AppInfo,
        input: inputs.ClaimGiftInput,
    ) -> results.ClaimGiftResult:
        """Offers' ClaimGift."""
        context = info.context
        request = gifts_pb.ClaimGiftRequest(
            request_id=str(input.request_id),
            token=input.token,
            claimer_customer_id=str(input.claimer_customer_id),
        )
        answer = await results.or_refused(
            context.call(context.clients.gifts.ClaimGift, request), results.GiftRefused
        )
        if isinstance(answer, results.GiftRefused):
            return answer
        if answer.outcome != gifts_pb.GIFT_OUTCOME_APPLIED:
            return _gift_refused(answer.outcome)
        coupon = to_coupon(answer.coupon) if answer.HasField("coupon") else None
        return results.ClaimGiftSuccess(gift=to_gift(answer.gift), coupon=coupon)

    @mutation("Takes a gift back that nobody has claimed.")
    async def cancel_gift(
        self,
        info: AppInfo,
        input: inputs.CancelGiftInput,
    ) -> results.CancelGiftResult:
        """Offers' CancelGift."""
        context = info.context
        request = gifts_pb.CancelGiftRequest(
            request_id=str(input.request_id),
            gift_id=str(input.gift_id),
            giver_customer_id=str(input.giver_customer_id),
        )
        answer = await results.or_refused(
            context.call(context.clients.gifts.CancelGift, request), results.GiftRefused
        )
        if isinstance(answer, results.GiftRefused):
            return answer
        if answer.outcome != gifts_pb.GIFT_OUTCOME_APPLIED:
            return _gift_refused(answer.outcome)
        return results.CancelGiftSuccess(gift=to_gift(answer.gift))


def _coupon_refused(
    answer: coupons_pb.IssueCouponResponse
    | coupons_pb.HoldCouponResponse
    | coupons_pb.RedeemCouponResponse
    | coupons_pb.ReleaseCouponResponse,
) -> results.CouponRefused:
    name = coupons_pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_")
    coupon = to_coupon(answer.coupon) if answer.HasField("coupon") else None
    return results.CouponRefused(code=name, message=_message(name), field=None, coupon=coupon)


def _gift_refused(outcome: gifts_pb.GiftOutcome) -> results.GiftRefused:
    name = gifts_pb.GiftOutcome.Name(outcome).removeprefix("GIFT_OUTCOME_")
    return results.GiftRefused(code=name, message=_message(name), field=None)


def _message(name: str) -> str:
    return _MESSAGES.get(name, name.replace("_", " ").lower())
