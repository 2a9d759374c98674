"""Steps on coupons. The contract's outcomes become refusals with their names."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service import inputs_coupons as inputs
from gateway_service import results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.outcomes import message_of, name_of
from gateway_service.types_common import Int64, optional_money
from gateway_service.types_offers import to_coupon

# A hundred thousand coupons take seconds.
_BATCH_SECONDS = 60.0

Answer = TypeVar(
    "Answer",
    pb.IssueCouponResponse,
    pb.HoldCouponResponse,
    pb.RedeemCouponResponse,
    pb.ReleaseCouponResponse,
    pb.ReverseRedemptionResponse,
    pb.RevokeCouponResponse,
)


@strawberry.type
class CouponMutations:
    """The part of Mutation that moves coupons."""

    @mutation("Issues a coupon to a customer.")
    async def issue_coupon(
        self, info: AppInfo, input: inputs.IssueCouponInput
    ) -> results.IssueCouponResult:
        """Offers' IssueCoupon."""
        request = pb.IssueCouponRequest(
            request_id=str(input.request_id),
            offer_id=str(input.offer_id),
            customer_id=str(input.customer_id),
            campaign_id=str(input.campaign_id or ""),
        )
        answer = await _stepped(
            info.context.call(info.context.clients.coupons.IssueCoupon, request)
        )
        if isinstance(answer, results.CouponRefused):
            return answer
        return results.IssueCouponSuccess(coupon=to_coupon(answer.coupon))

    @mutation("Issues every offer given to every customer given, for one campaign.")
    async def issue_coupons(
        self, info: AppInfo, input: inputs.IssueCouponsInput
    ) -> results.IssueCouponsResult:
        """Offers' BatchIssueCoupons."""
        request = pb.BatchIssueCouponsRequest(
            request_id=str(input.request_id),
            campaign_id=str(input.campaign_id),
            offer_ids=[str(offer_id) for offer_id in input.offer_ids],
            customer_ids=[str(customer_id) for customer_id in input.customer_ids],
        )
        method = info.context.clients.coupons.BatchIssueCoupons
        answer = await results.or_refused(
            info.context.call(method, request, timeout_seconds=_BATCH_SECONDS),
            results.CouponRefused,
        )
        if isinstance(answer, results.CouponRefused):
            return answer
        return results.IssueCouponsSuccess(
            issued_count=Int64(answer.issued_count),
            already_issued_count=Int64(answer.already_issued_count),
            limit_reached_count=Int64(answer.limit_reached_count),
            budget_exhausted_count=Int64(answer.budget_exhausted_count),
        )

    @mutation("Sets a coupon aside for one order.")
    async def hold_coupon(
        self, info: AppInfo, input: inputs.HoldCouponInput
    ) -> results.HoldCouponResult:
        """Offers' HoldCoupon."""
        method = info.context.clients.coupons.HoldCoupon
        answer = await _stepped(info.context.call(method, input.to_proto()))
        if isinstance(answer, results.CouponRefused):
            return answer
        discount = optional_money(answer, "discount")
        return results.HoldCouponSuccess(coupon=to_coupon(answer.coupon), discount=discount)

    @mutation("Uses a held coupon up.")
    async def redeem_coupon(
        self, info: AppInfo, input: inputs.CouponStepInput
    ) -> results.RedeemCouponResult:
        """Offers' RedeemCoupon."""
        request = pb.RedeemCouponRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            order_id=input.order_id,
            cart=input.cart.to_proto() if input.cart else None,
            combined_coupon_ids=[str(one) for one in input.combined_coupon_ids or ()],
        )
        method = info.context.clients.coupons.RedeemCoupon
        answer = await _stepped(info.context.call(method, request))
        if isinstance(answer, results.CouponRefused):
            return answer
        return results.RedeemCouponSuccess(coupon=to_coupon(answer.coupon))

    @mutation("Gives a held coupon back to its owner.")
    async def release_coupon(
        self, info: AppInfo, input: inputs.CouponStepInput
    ) -> results.ReleaseCouponResult:
        """Offers' ReleaseCoupon."""
        if input.cart is not None or input.combined_coupon_ids:
            text = "leave it out: a release depends on no cart"
            raise RpcFailure(Code.FIELD_INVALID, text, field="input.cart")
        request = pb.ReleaseCouponRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            order_id=input.order_id,
        )
        method = info.context.clients.coupons.ReleaseCoupon
        answer = await _stepped(info.context.call(method, request))
        if isinstance(answer, results.CouponRefused):
            return answer
        return results.ReleaseCouponSuccess(coupon=to_coupon(answer.coupon))

    @mutation("Takes a discount back when an order is cancelled or goods of it come back.")
    async def reverse_coupon(
        self, info: AppInfo, input: inputs.ReverseCouponInput
    ) -> results.ReverseCouponResult:
        """Offers' ReverseRedemption."""
        request = pb.ReverseRedemptionRequest(
            request_id=str(input.request_id),
            coupon_id=str(input.coupon_id),
            order_id=input.order_id,
            returned_lines=[
                pb.ReturnedLine(line_id=line.line_id, quantity=line.quantity)
                for line in input.returned_lines or ()
            ],
        )
        method = info.context.clients.coupons.ReverseRedemption
        answer = await _stepped(info.context.call(method, request))
        if isinstance(answer, results.CouponRefused):
            return answer
        return results.ReverseCouponSuccess(
            coupon=to_coupon(answer.coupon),
            discount_reversed=optional_money(answer, "discount_reversed"),
            discount_kept=optional_money(answer, "discount_kept"),
            refund=optional_money(answer, "refund"),
            points_reversed=Int64(answer.points_reversed),
        )

    @mutation("Ends a coupon that has not been used.")
    async def revoke_coupon(
        self, info: AppInfo, input: inputs.RevokeCouponInput
    ) -> results.RevokeCouponResult:
        """Offers' RevokeCoupon."""
        request = pb.RevokeCouponRequest(
            request_id=str(input.request_id), coupon_id=str(input.coupon_id)
        )
        method = info.context.clients.coupons.RevokeCoupon
        answer = await _stepped(info.context.call(method, request))
        if isinstance(answer, results.CouponRefused):
            return answer
        return results.RevokeCouponSuccess(coupon=to_coupon(answer.coupon))


async def _stepped(call: Awaitable[Answer]) -> Answer | results.CouponRefused:
    """The answer where it was applied, else why not, with the coupon for those who may see it."""
    answer = await results.or_refused(call, results.CouponRefused)
    if isinstance(answer, results.CouponRefused):
        return answer
    if answer.outcome == pb.COUPON_OUTCOME_APPLIED:
        return answer
    name = name_of(pb.CouponOutcome, answer.outcome)
    coupon = to_coupon(answer.coupon) if answer.HasField("coupon") else None
    return results.CouponRefused(code=name, message=message_of(name), field=None, coupon=coupon)
