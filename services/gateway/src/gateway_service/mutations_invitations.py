"""Invitation codes: what they give, and what happens with them."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.offers.v1 import invitation_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID, IdentifierInput
from gateway_service.outcomes import decided
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import Int64, MoneyInput, proto_of
from gateway_service.types_invitations import (
    Invitation,
    InvitationProgram,
    to_invitation,
    to_invitation_program,
)
from gateway_service.types_offers import to_id


@strawberry.input(description="Points, or a coupon of an offer, or both; neither for nothing.")
class InvitationRewardInput:
    """For one of the two sides."""

    points: Int64 = strawberry.field(default=Int64(0), description="How many points.")
    offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="A coupon of this offer."
    )

    def to_proto(self) -> pb.InvitationReward:
        """The message."""
        return pb.InvitationReward(points=self.points, offer_id=str(self.offer_id or ""))


@strawberry.input(description="The whole programme.")
class SetInvitationProgramInput:
    """All of it is written."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    inviter_reward: InvitationRewardInput = strawberry.field(description="For who invited.")
    newcomer_reward: InvitationRewardInput = strawberry.field(description="For who came.")
    version: Int64 = strawberry.field(
        default=Int64(0), description="The version that was read; 0 where there is none."
    )
    minimum_order: MoneyInput | None = strawberry.field(
        default=None, description="Net amount of the order that qualifies; any if absent."
    )
    qualify_days: int | None = strawberry.field(default=None, description="90 if absent.")
    return_days: int | None = strawberry.field(default=None, description="14 if absent.")
    rewards_max: int | None = strawberry.field(default=None, description="50 if absent.")


@strawberry.input(description="Somebody who was no member signs up with a code.")
class AcceptInvitationInput:
    """Only shops vouch for identifiers."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    code: str = strawberry.field(description="The inviter's.")
    identifiers: list[IdentifierInput] = strawberry.field(
        description="The new identifier of namespace member, and what else is known."
    )


@strawberry.input(description="An order of somebody who was invited, for shops without points.")
class ReportInvitedOrderInput:
    """The first one that is as the programme asks gives both their rewards."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose order.")
    order_id: str = strawberry.field(description="Which order.")
    net_amount: MoneyInput = strawberry.field(
        description="After discounts and points, without shipping."
    )


@strawberry.input(description="A return of such an order, for shops without points.")
class ReportInvitedReturnInput:
    """Takes the rewards back if too little is left of it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose order.")
    order_id: str = strawberry.field(description="Which order.")
    left_amount: MoneyInput = strawberry.field(
        description="What is left of the order's net amount after all that came back."
    )


@strawberry.type(description="The invitation, or the programme, stayed as it was.")
class InvitationRefused(Refused):
    """The code is the outcome, for example ALREADY_MEMBER."""


@strawberry.type(description="The programme was written.")
class SetInvitationProgramSuccess:
    """Written."""

    program: InvitationProgram = strawberry.field(description="As it is now.")


@strawberry.type(description="The invitation went a step on.")
class InvitationSuccess:
    """Accepted, qualified or taken back."""

    invitation: Invitation = strawberry.field(description="As it is now.")
    customer_id: strawberry.ID | None = strawberry.field(
        description="Who signed up, where this was a sign-up."
    )


SetInvitationProgramResult = Annotated[
    SetInvitationProgramSuccess | InvitationRefused,
    strawberry.union("SetInvitationProgramResult"),
]
InvitationResult = Annotated[
    InvitationSuccess | InvitationRefused, strawberry.union("InvitationResult")
]


@strawberry.type
class InvitationMutations:
    """The part of Mutation that is about invitations."""

    @mutation("Sets what inviters and newcomers get.")
    async def set_invitation_program(
        self, info: AppInfo, input: SetInvitationProgramInput
    ) -> SetInvitationProgramResult:
        """Offers' SetInvitationProgram."""
        program = pb.InvitationProgram(
            inviter_reward=input.inviter_reward.to_proto(),
            newcomer_reward=input.newcomer_reward.to_proto(),
            minimum_order=proto_of(input.minimum_order),
            qualify_days=input.qualify_days or 0,
            return_days=input.return_days or 0,
            rewards_max=input.rewards_max or 0,
        )
        request = pb.SetInvitationProgramRequest(
            request_id=str(input.request_id), program=program, expected_version=input.version
        )
        method = info.context.clients.invitations.SetInvitationProgram
        answer = await or_refused(info.context.call(method, request), InvitationRefused)
        if isinstance(answer, InvitationRefused):
            return answer
        return SetInvitationProgramSuccess(program=to_invitation_program(answer.program))

    @mutation("Signs somebody up with a member's code.")
    async def accept_invitation(
        self, info: AppInfo, input: AcceptInvitationInput
    ) -> InvitationResult:
        """Offers' AcceptInvitation."""
        request = pb.AcceptInvitationRequest(
            request_id=str(input.request_id),
            code=input.code,
            identifiers=[one.to_proto() for one in input.identifiers],
        )
        call = info.context.call(info.context.clients.invitations.AcceptInvitation, request)
        answer = await decided(call, pb.InvitationOutcome, InvitationRefused)
        if isinstance(answer, InvitationRefused):
            return answer
        return InvitationSuccess(
            invitation=to_invitation(answer.invitation), customer_id=to_id(answer.customer_id)
        )

    @mutation("Tells of an order of somebody who was invited. Shops with points need not.")
    async def report_invited_order(
        self, info: AppInfo, input: ReportInvitedOrderInput
    ) -> InvitationResult:
        """Offers' ReportInvitedOrder."""
        request = pb.ReportInvitedOrderRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            net_amount=input.net_amount.to_proto(),
        )
        call = info.context.call(info.context.clients.invitations.ReportInvitedOrder, request)
        answer = await decided(call, pb.InvitationOutcome, InvitationRefused)
        if isinstance(answer, InvitationRefused):
            return answer
        return InvitationSuccess(invitation=to_invitation(answer.invitation), customer_id=None)

    @mutation("Tells of a return of such an order. Shops with points need not.")
    async def report_invited_return(
        self, info: AppInfo, input: ReportInvitedReturnInput
    ) -> InvitationResult:
        """Offers' ReportInvitedReturn."""
        request = pb.ReportInvitedReturnRequest(
            request_id=str(input.request_id),
            customer_id=str(input.customer_id),
            order_id=input.order_id,
            left_amount=input.left_amount.to_proto(),
        )
        call = info.context.call(info.context.clients.invitations.ReportInvitedReturn, request)
        answer = await decided(call, pb.InvitationOutcome, InvitationRefused)
        if isinstance(answer, InvitationRefused):
            return answer
        return InvitationSuccess(invitation=to_invitation(answer.invitation), customer_id=None)
