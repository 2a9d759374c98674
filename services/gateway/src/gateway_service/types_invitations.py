"""Invitation codes: who brings whom, and what both get for it."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.offers.v1 import invitation_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, Money, optional_money
from gateway_service.types_growth import (
    SpreadGeneration,
    SpreadGiver,
    SpreadPeople,
    to_generation,
    to_giver,
    to_people,
)
from gateway_service.types_offers import Offer, load_offer, to_id

_REPORT_SECONDS = 60.0


@strawberry.enum(description="How far an invitation has come.")
class InvitationState(Enum):
    """Values are those of the contract."""

    ACCEPTED = 1
    QUALIFIED = 2
    REVERSED = 3


@strawberry.type(description="Points, or a coupon of an offer, or both; neither for nothing.")
class InvitationReward:
    """For one of the two sides."""

    points: Int64 = strawberry.field(description="How many points.")
    offer_id: strawberry.ID | None = strawberry.field(description="A coupon of this offer.")

    @resolver("A coupon of this offer.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id or "")


@strawberry.type(description="What inviter and newcomer get, and for what.")
class InvitationProgram:
    """The tenant's own."""

    version: Int64 = strawberry.field(description="Send it back when changing the programme.")
    inviter_reward: InvitationReward = strawberry.field(description="For who invited.")
    newcomer_reward: InvitationReward = strawberry.field(description="For who came.")
    minimum_order: Money | None = strawberry.field(
        description="Net amount of the order that qualifies; null for any order."
    )
    qualify_days: int = strawberry.field(
        description="Days after signing up within which the order has to be made."
    )
    return_days: int = strawberry.field(
        description="Days after the order within which a return takes the rewards back."
    )
    rewards_max: int = strawberry.field(
        description="For how many newcomers one inviter is rewarded."
    )


@strawberry.type(description="Somebody signed up with a member's code.")
class Invitation:
    """Rewarded by the first order that is as the programme asks."""

    id: strawberry.ID = strawberry.field(description="The invitation.")
    inviter_customer_id: strawberry.ID | None = strawberry.field(description="Who invited.")
    newcomer_customer_id: strawberry.ID | None = strawberry.field(description="Who came.")
    state: InvitationState | None = strawberry.field(description="How far it has come.")
    accepted_at: dt.datetime | None = strawberry.field(description="When the newcomer signed up.")
    qualified_at: dt.datetime | None = strawberry.field(description="When the order came.")
    return_until: dt.datetime | None = strawberry.field(
        description="Until when a return of the order takes the rewards back."
    )
    inviter_reward: InvitationReward = strawberry.field(description="For who invited.")
    newcomer_reward: InvitationReward = strawberry.field(description="For who came.")
    capped: bool = strawberry.field(
        description="The inviter had as many rewards as the programme gives, and got none."
    )


@strawberry.type(description="Who brings whom by codes, and what those who came have bought.")
class InvitationReport:
    """Computed when it is asked for."""

    accepted_count: Int64 = strawberry.field(description="Newcomers.")
    qualified_count: Int64 = strawberry.field(
        description="Whose order qualified, whether it came back since or not."
    )
    reversed_count: Int64 = strawberry.field(description="Whose order came back.")
    capped_count: Int64 = strawberry.field(
        description="Qualified, but the inviter had as many rewards as the programme gives."
    )
    reward_points: Int64 = strawberry.field(description="Points that stand as rewards to both.")
    inviter_count: Int64 = strawberry.field(description="Members who invited.")
    newcomers: SpreadPeople = strawberry.field(description="Who came and what they bought.")
    generations: list[SpreadGeneration] = strawberry.field(
        description="By how they were brought; sent and claimed count accepted invitations."
    )
    k_factor: float = strawberry.field(description="Newcomers for each inviter.")
    top_inviters: list[SpreadGiver] = strawberry.field(description="Those with most descendants.")


def to_invitation_program(message: pb.InvitationProgram) -> InvitationProgram:
    """A programme as frontends see it."""
    return InvitationProgram(
        version=Int64(message.version),
        inviter_reward=_to_reward(message.inviter_reward),
        newcomer_reward=_to_reward(message.newcomer_reward),
        minimum_order=optional_money(message, "minimum_order"),
        qualify_days=message.qualify_days,
        return_days=message.return_days,
        rewards_max=message.rewards_max,
    )


def _to_reward(message: pb.InvitationReward) -> InvitationReward:
    return InvitationReward(points=Int64(message.points), offer_id=to_id(message.offer_id))


def to_invitation(message: pb.Invitation) -> Invitation:
    """An invitation as frontends see it."""
    return Invitation(
        id=strawberry.ID(message.invitation_id),
        inviter_customer_id=to_id(message.inviter_customer_id),
        newcomer_customer_id=to_id(message.newcomer_customer_id),
        state=convert.to_enum(InvitationState, message.state),
        accepted_at=convert.to_datetime(message, "accept_time"),
        qualified_at=convert.to_datetime(message, "qualify_time"),
        return_until=convert.to_datetime(message, "return_until_time"),
        inviter_reward=_to_reward(message.inviter_reward),
        newcomer_reward=_to_reward(message.newcomer_reward),
        capped=message.capped,
    )


async def load_invitation_program(context: Context) -> InvitationProgram | None:
    """The tenant's programme; None while there is none. Raises RpcFailure."""
    method = context.clients.invitations.GetInvitationProgram
    answer = await context.call(method, pb.GetInvitationProgramRequest())
    return to_invitation_program(answer.program) if answer.HasField("program") else None


async def load_invitation_code(context: Context, customer_id: str) -> str | None:
    """A member's code; None for who has none. Raises RpcFailure."""
    method = context.clients.invitations.GetInvitationCode
    answer = await context.call(method, pb.GetInvitationCodeRequest(customer_id=customer_id))
    return answer.code or None


async def load_invitations(
    context: Context, customer_id: str, first: int | None, after: str | None
) -> Connection[Invitation]:
    """A page of whom one customer invited. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.Invitation]:
        request = pb.ListInvitationsRequest(
            inviter_customer_id=customer_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.invitations.ListInvitations, request)
        return Page(answer.invitations, answer.next_page_token)

    return await connect(first, after, load, to_invitation)


async def report_invitations(
    context: Context,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    window_seconds: int | None,
) -> InvitationReport:
    """Asks offers. Raises RpcFailure."""
    request = pb.ReportInvitationsRequest(
        from_time=convert.optional_timestamp(starts_at),
        until_time=convert.optional_timestamp(ends_at),
        conversion_window_seconds=window_seconds or 0,
    )
    method = context.clients.invitations.ReportInvitations
    answer = await context.call(method, request, timeout_seconds=_REPORT_SECONDS)
    return InvitationReport(
        accepted_count=Int64(answer.accepted_count),
        qualified_count=Int64(answer.qualified_count),
        reversed_count=Int64(answer.reversed_count),
        capped_count=Int64(answer.capped_count),
        reward_points=Int64(answer.reward_points),
        inviter_count=Int64(answer.inviter_count),
        newcomers=to_people(answer.newcomers),
        generations=[to_generation(one) for one in answer.generations],
        k_factor=answer.k_factor,
        top_inviters=[to_giver(one) for one in answer.top_inviters],
    )
