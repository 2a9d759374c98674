"""How customers bring customers: how far gifts and invitations spread."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import growth_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import Context
from gateway_service.types_common import Int64, Money, money_of

_REPORT_SECONDS = 60.0


@strawberry.type(description="People who were brought, and what they bought in the window so far.")
class SpreadPeople:
    """After their first claim, or after signing up."""

    customer_count: Int64 = strawberry.field(description="How many.")
    ordering_customer_count: Int64 = strawberry.field(description="Of these, who ordered.")
    order_count: Int64 = strawberry.field(description="Their orders.")
    revenue: Money = strawberry.field(description="What those came to.")


@strawberry.type(description="Recipients by their arm in the gift's campaign.")
class SpreadArm:
    """What gifts did to those who were in it themselves is spill-over."""

    arm: str = strawberry.field(description="control, treated, holdout, or none.")
    members: SpreadPeople = strawberry.field(description="Who were members before.")
    new_members: SpreadPeople = strawberry.field(description="Who became members by claiming.")


@strawberry.type(description="One generation of people who brought people.")
class SpreadGeneration:
    """From those whom nobody brought to those who came last."""

    generation: int = strawberry.field(
        description="0 for givers whom no gift brought; 1 for whom they brought, and so on."
    )
    people: SpreadPeople = strawberry.field(
        description="All of it; what they bought counts from generation 1 on."
    )
    giver_count: Int64 = strawberry.field(description="Those of them who gave.")
    sent_count: Int64 = strawberry.field(description="What they sent.")
    claimed_count: Int64 = strawberry.field(description="Of that, what was claimed.")
    new_member_count: Int64 = strawberry.field(description="Whom they brought.")
    k_factor: float = strawberry.field(
        description="New members for each of its people: above 1 the next one is larger."
    )


@strawberry.type(description="Somebody who brought people.")
class SpreadGiver:
    """Of the twenty with most descendants."""

    customer_id: strawberry.ID = strawberry.field(description="Who.")
    generation: int = strawberry.field(description="Their own.")
    sent_count: Int64 = strawberry.field(description="What they sent.")
    new_member_count: Int64 = strawberry.field(description="Whom they brought.")
    descendant_count: Int64 = strawberry.field(
        description="Also those whom these brought, and so on."
    )


@strawberry.type(description="How far gifts of coupons spread.")
class SpreadReport:
    """Computed from the journal when it is asked for."""

    sent_count: Int64 = strawberry.field(description="Gifts offered.")
    opened_count: Int64 = strawberry.field(
        description="Opened by somebody else than the giver while they were open."
    )
    opened_by_customers_count: Int64 = strawberry.field(
        description="Of these by a customer who had signed in; others may be link previews."
    )
    claimed_count: Int64 = strawberry.field(description="Claimed.")
    cancelled_count: Int64 = strawberry.field(description="Taken back.")
    declined_count: Int64 = strawberry.field(description="Sent back.")
    expired_count: Int64 = strawberry.field(description="Nobody claimed them in time.")
    open_count: Int64 = strawberry.field(description="Still open.")
    self_claimed_count: Int64 = strawberry.field(
        description="Claimed by whom profile has merged with the giver since."
    )
    giver_count: Int64 = strawberry.field(description="Customers who gave.")
    members: SpreadPeople = strawberry.field(description="Recipients who were members before.")
    new_members: SpreadPeople = strawberry.field(description="Who became members by claiming.")
    arms: list[SpreadArm] = strawberry.field(description="Both of these by arm.")
    generations: list[SpreadGeneration] = strawberry.field(
        description="From 0 to the deepest that anybody was brought."
    )
    k_factor: float = strawberry.field(description="New members for each giver.")
    top_givers: list[SpreadGiver] = strawberry.field(description="The 20 with most descendants.")


async def report_spread(context: Context, request: pb.ReportSpreadRequest) -> SpreadReport:
    """Asks offers. Raises RpcFailure."""
    method = context.clients.growth.ReportSpread
    answer = await context.call(method, request, timeout_seconds=_REPORT_SECONDS)
    return SpreadReport(
        sent_count=Int64(answer.sent_count),
        opened_count=Int64(answer.opened_count),
        opened_by_customers_count=Int64(answer.opened_by_customers_count),
        claimed_count=Int64(answer.claimed_count),
        cancelled_count=Int64(answer.cancelled_count),
        declined_count=Int64(answer.declined_count),
        expired_count=Int64(answer.expired_count),
        open_count=Int64(answer.open_count),
        self_claimed_count=Int64(answer.self_claimed_count),
        giver_count=Int64(answer.giver_count),
        members=to_people(answer.members),
        new_members=to_people(answer.new_members),
        arms=[
            SpreadArm(
                arm=one.arm,
                members=to_people(one.members),
                new_members=to_people(one.new_members),
            )
            for one in answer.arms
        ],
        generations=[to_generation(one) for one in answer.generations],
        k_factor=answer.k_factor,
        top_givers=[to_giver(one) for one in answer.top_givers],
    )


def spread_request(
    campaign_id: str | None,
    offer_id: str | None,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    window_seconds: int | None,
) -> pb.ReportSpreadRequest:
    """What to ask for; what is left out does not narrow it."""
    return pb.ReportSpreadRequest(
        campaign_id=campaign_id or "",
        offer_id=offer_id or "",
        from_time=convert.optional_timestamp(starts_at),
        until_time=convert.optional_timestamp(ends_at),
        conversion_window_seconds=window_seconds or 0,
    )


def to_people(message: pb.SpreadPeople) -> SpreadPeople:
    """People as frontends see them."""
    return SpreadPeople(
        customer_count=Int64(message.customer_count),
        ordering_customer_count=Int64(message.ordering_customer_count),
        order_count=Int64(message.order_count),
        revenue=money_of(message.revenue),
    )


def to_generation(message: pb.SpreadGeneration) -> SpreadGeneration:
    """A generation as frontends see it."""
    return SpreadGeneration(
        generation=message.generation,
        people=to_people(message.people),
        giver_count=Int64(message.giver_count),
        sent_count=Int64(message.sent_count),
        claimed_count=Int64(message.claimed_count),
        new_member_count=Int64(message.new_member_count),
        k_factor=message.k_factor,
    )


def to_giver(message: pb.SpreadGiver) -> SpreadGiver:
    """A giver as frontends see one."""
    return SpreadGiver(
        customer_id=strawberry.ID(message.customer_id),
        generation=message.generation,
        sent_count=Int64(message.sent_count),
        new_member_count=Int64(message.new_member_count),
        descendant_count=Int64(message.descendant_count),
    )
