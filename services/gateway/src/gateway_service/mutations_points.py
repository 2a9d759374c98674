"""Steps on points, and the programme that they follow."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry
from dangol.offers.v1 import points_service_pb2 as pb

from gateway_service import convert
from gateway_service import inputs_points as inputs
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.outcomes import decided
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import Int64, Money, optional_money, proto_of
from gateway_service.types_points import (
    PointsEarned,
    PointsGift,
    PointsProgram,
    to_points_gift,
    to_program,
)


@strawberry.type(description="The points stayed as they were.")
class PointsRefused(Refused):
    """The code is the outcome, for example NOT_ENOUGH_POINTS."""


@strawberry.type(description="The gift of points stayed as it was.")
class PointsGiftRefused(Refused):
    """The code is the outcome, for example SELF_GIFT."""


@strawberry.type(description="The programme was written.")
class SetPointsProgramSuccess:
    """Written."""

    program: PointsProgram = strawberry.field(description="As it is now.")


@strawberry.type(description="The order has its points.")
class EarnPointsSuccess:
    """Earned."""

    points: Int64 = strawberry.field(description="All that the order earned.")
    earned: list[PointsEarned] = strawberry.field(description="By rule.")
    repaid: Int64 = strawberry.field(description="Of these, what paid for points owed.")
    available: Int64 = strawberry.field(description="What the customer can spend now.")


@strawberry.type(description="The order's points were taken back.")
class TakeBackPointsSuccess:
    """Taken back."""

    points: Int64 = strawberry.field(description="How many were taken back.")
    owed: Int64 = strawberry.field(description="Of these, what was spent already and is owed now.")
    available: Int64 = strawberry.field(description="What the customer can spend now.")


@strawberry.type(description="The points are set aside for the order.")
class HoldPointsSuccess:
    """Held."""

    worth: Money | None = strawberry.field(description="What they take off the order.")
    hold_expires_at: dt.datetime | None = strawberry.field(description="When the hold ends.")
    available: Int64 = strawberry.field(description="What the customer can spend now.")


@strawberry.type(description="The points are spent.")
class SpendPointsSuccess:
    """Spent."""

    points: Int64 = strawberry.field(description="How many.")
    worth: Money | None = strawberry.field(description="What they took off the order.")
    available: Int64 = strawberry.field(description="What the customer can spend now.")


@strawberry.type(description="The points are free again.")
class ReleasePointsSuccess:
    """Released."""

    points: Int64 = strawberry.field(description="How many.")
    available: Int64 = strawberry.field(description="What the customer can spend now.")


@strawberry.type(description="The points came back.")
class RefundPointsSuccess:
    """Refunded."""

    points: Int64 = strawberry.field(description="How many.")
    repaid: Int64 = strawberry.field(description="Of these, what paid for points owed.")
    available: Int64 = strawberry.field(description="What the customer can spend now.")


@strawberry.type(description="The points are in escrow, waiting to be claimed.")
class OfferPointsGiftSuccess:
    """Offered."""

    gift: PointsGift = strawberry.field(description="As it is now.")
    token: str = strawberry.field(description="For the link; whoever has it may claim.")


@strawberry.type(description="The gift of points was decided.")
class PointsGiftSuccess:
    """Claimed, or taken back."""

    gift: PointsGift = strawberry.field(description="As it is now.")


SetPointsProgramResult = Annotated[
    SetPointsProgramSuccess | PointsRefused, strawberry.union("SetPointsProgramResult")
]
EarnPointsResult = Annotated[
    EarnPointsSuccess | PointsRefused, strawberry.union("EarnPointsResult")
]
TakeBackPointsResult = Annotated[
    TakeBackPointsSuccess | PointsRefused, strawberry.union("TakeBackPointsResult")
]
HoldPointsResult = Annotated[
    HoldPointsSuccess | PointsRefused, strawberry.union("HoldPointsResult")
]
SpendPointsResult = Annotated[
    SpendPointsSuccess | PointsRefused, strawberry.union("SpendPointsResult")
]
ReleasePointsResult = Annotated[
    ReleasePointsSuccess | PointsRefused, strawberry.union("ReleasePointsResult")
]
RefundPointsResult = Annotated[
    RefundPointsSuccess | PointsRefused, strawberry.union("RefundPointsResult")
]
OfferPointsGiftResult = Annotated[
    OfferPointsGiftSuccess | PointsGiftRefused, strawberry.union("OfferPointsGiftResult")
]
PointsGiftResult = Annotated[
    PointsGiftSuccess | PointsGiftRefused, strawberry.union("PointsGiftResult")
]


@strawberry.type
class PointsMutations:
    """The part of Mutation that moves points."""

    @mutation("Sets how customers earn and spend points, and what tiers there are.")
    async def set_points_program(
        self, info: AppInfo, input: inputs.SetPointsProgramInput
    ) -> SetPointsProgramResult:
        """Offers' SetPointsProgram."""
        method = info.context.clients.points.SetPointsProgram
        answer = await or_refused(info.context.call(method, input.to_proto()), PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return SetPointsProgramSuccess(program=to_program(answer.program))

    @mutation("Gives a paid order its points, once.")
    async def earn_points(self, info: AppInfo, input: inputs.EarnPointsInput) -> EarnPointsResult:
        """Offers' EarnPoints."""
        request = pb.EarnPointsRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            net_amount=input.net_amount.to_proto(),
            campaign_id=str(input.campaign_id or ""),
        )
        call = info.context.call(info.context.clients.points.EarnPoints, request)
        answer = await decided(call, pb.PointsOutcome, PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return EarnPointsSuccess(
            points=Int64(answer.points_earned),
            earned=[_to_earned(one) for one in answer.earned],
            repaid=Int64(answer.points_repaid),
            available=Int64(answer.available_points),
        )

    @mutation("Takes the points of an order back that came back, whole or in part.")
    async def take_back_points(
        self, info: AppInfo, input: inputs.TakeBackPointsInput
    ) -> TakeBackPointsResult:
        """Offers' TakeBackPoints."""
        request = pb.TakeBackPointsRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            returned_amount=proto_of(input.returned_amount),
        )
        call = info.context.call(info.context.clients.points.TakeBackPoints, request)
        answer = await decided(call, pb.PointsOutcome, PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return TakeBackPointsSuccess(
            points=Int64(answer.points_taken),
            owed=Int64(answer.points_owed),
            available=Int64(answer.available_points),
        )

    @mutation("Sets points aside for an order at checkout.")
    async def hold_points(self, info: AppInfo, input: inputs.HoldPointsInput) -> HoldPointsResult:
        """Offers' HoldPoints."""
        request = pb.HoldPointsRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            points=input.points,
            hold_seconds=input.hold_seconds or 0,
        )
        call = info.context.call(info.context.clients.points.HoldPoints, request)
        answer = await decided(call, pb.PointsOutcome, PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return HoldPointsSuccess(
            worth=optional_money(answer, "worth"),
            hold_expires_at=convert.to_datetime(answer, "hold_expire_time"),
            available=Int64(answer.available_points),
        )

    @mutation("Spends what an order holds.")
    async def spend_points(self, info: AppInfo, input: inputs.PointsStepInput) -> SpendPointsResult:
        """Offers' SpendPoints."""
        request = pb.SpendPointsRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
        )
        call = info.context.call(info.context.clients.points.SpendPoints, request)
        answer = await decided(call, pb.PointsOutcome, PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return SpendPointsSuccess(
            points=Int64(answer.points_spent),
            worth=optional_money(answer, "worth"),
            available=Int64(answer.available_points),
        )

    @mutation("Gives back the points that an order holds.")
    async def release_points(
        self, info: AppInfo, input: inputs.PointsStepInput
    ) -> ReleasePointsResult:
        """Offers' ReleasePoints."""
        request = pb.ReleasePointsRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
        )
        call = info.context.call(info.context.clients.points.ReleasePoints, request)
        answer = await decided(call, pb.PointsOutcome, PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return ReleasePointsSuccess(
            points=Int64(answer.points_released), available=Int64(answer.available_points)
        )

    @mutation("Brings spent points of an order back.")
    async def refund_points(
        self, info: AppInfo, input: inputs.RefundPointsInput
    ) -> RefundPointsResult:
        """Offers' RefundPoints."""
        request = pb.RefundPointsRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            points=input.points or 0,
        )
        call = info.context.call(info.context.clients.points.RefundPoints, request)
        answer = await decided(call, pb.PointsOutcome, PointsRefused)
        if isinstance(answer, PointsRefused):
            return answer
        return RefundPointsSuccess(
            points=Int64(answer.points_refunded),
            repaid=Int64(answer.points_repaid),
            available=Int64(answer.available_points),
        )

    @mutation("Offers points as a gift and answers its link's token.")
    async def offer_points_gift(
        self, info: AppInfo, input: inputs.OfferPointsGiftInput
    ) -> OfferPointsGiftResult:
        """Offers' OfferPointsGift."""
        request = pb.OfferPointsGiftRequest(
            request_id=str(input.request_id),
            giver_customer_id=str(input.giver_customer_id),
            points=input.points,
            open_seconds=input.open_seconds or 0,
        )
        call = info.context.call(info.context.clients.points.OfferPointsGift, request)
        answer = await decided(call, pb.PointsGiftOutcome, PointsGiftRefused)
        if isinstance(answer, PointsGiftRefused):
            return answer
        return OfferPointsGiftSuccess(gift=to_points_gift(answer.gift), token=answer.token)

    @mutation("Takes a gift of points.")
    async def claim_points_gift(
        self, info: AppInfo, input: inputs.ClaimPointsGiftInput
    ) -> PointsGiftResult:
        """Offers' ClaimPointsGift."""
        request = pb.ClaimPointsGiftRequest(
            request_id=str(input.request_id),
            token=input.token,
            claimer_customer_id=str(input.claimer_customer_id),
        )
        call = info.context.call(info.context.clients.points.ClaimPointsGift, request)
        answer = await decided(call, pb.PointsGiftOutcome, PointsGiftRefused)
        if isinstance(answer, PointsGiftRefused):
            return answer
        return PointsGiftSuccess(gift=to_points_gift(answer.gift))

    @mutation("Takes a gift of points back that nobody has claimed.")
    async def cancel_points_gift(
        self, info: AppInfo, input: inputs.CancelPointsGiftInput
    ) -> PointsGiftResult:
        """Offers' CancelPointsGift."""
        request = pb.CancelPointsGiftRequest(
            request_id=str(input.request_id),
            gift_id=str(input.gift_id),
            giver_customer_id=str(input.giver_customer_id),
        )
        call = info.context.call(info.context.clients.points.CancelPointsGift, request)
        answer = await decided(call, pb.PointsGiftOutcome, PointsGiftRefused)
        if isinstance(answer, PointsGiftRefused):
            return answer
        return PointsGiftSuccess(gift=to_points_gift(answer.gift))


def _to_earned(message: pb.PointsEarned) -> PointsEarned:
    return PointsEarned(
        rule_id=strawberry.ID(message.rule_id),
        points=Int64(message.points),
        expires_at=convert.to_datetime(message, "expire_time"),
    )
