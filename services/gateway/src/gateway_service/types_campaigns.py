"""Campaigns, who was enrolled, and whether it worked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, LocalizedText, Money, to_money, to_texts
from gateway_service.types_customers import Customer, load_customer
from gateway_service.types_offers import Offer, load_offer, to_id
from gateway_service.types_segments import ChangeKind, Segment, to_segment

_REPORT_SECONDS = 60.0


@strawberry.enum(description="Whether a campaign acts.")
class CampaignState(Enum):
    """Values are those of the contract."""

    DRAFT = 1
    RUNNING = 2
    PAUSED = 3


@strawberry.type(description="Acts when a customer enters or leaves a segment.")
class SegmentTrigger:
    """A trigger."""

    segment_id: strawberry.ID = strawberry.field(description="Which segment.")
    kind: ChangeKind | None = strawberry.field(description="On which change.")
    delay_seconds: Int64 = strawberry.field(
        description="How long it waits, and then only acts if the membership still stands."
    )

    @resolver("Which segment.")
    async def segment(self, info: AppInfo) -> Segment | None:
        """The segment; null when deleted since."""
        message = await info.context.loaders.segments.load(self.segment_id)
        return to_segment(message) if message else None


@strawberry.type(description="Coupons go to a list of customers that the tenant brings.")
class ListTrigger:
    """A trigger."""

    by_list: bool = strawberry.field(description="Always true.")


Trigger = Annotated[
    SegmentTrigger | ListTrigger, strawberry.union("Trigger", description="What starts it.")
]


@strawberry.type(description="One of the offers that a campaign compares.")
class Variant:
    """An arm of the experiment."""

    id: strawberry.ID = strawberry.field(description="The variant's name in reports.")
    weight: int = strawberry.field(description="Its share against the other weights.")
    offer_id: strawberry.ID = strawberry.field(description="What its customers get.")

    @resolver("What its customers get.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)


@strawberry.type(description="A customer whom the campaign was triggered for.")
class Enrolment:
    """Recorded for the control group too."""

    id: strawberry.ID = strawberry.field(description="One for each stay in the segment.")
    customer_id: strawberry.ID = strawberry.field(description="Who.")
    segment_id: strawberry.ID | None = strawberry.field(description="By which segment.")
    stint: Int64 = strawberry.field(description="By which stay in it.")
    control: bool = strawberry.field(description="Whether in the group that gets nothing.")
    variant_id: strawberry.ID | None = strawberry.field(description="Which variant.")
    triggered_at: dt.datetime = strawberry.field(description="When.")
    coupon_id: strawberry.ID | None = strawberry.field(description="What was issued.")

    @resolver("Who.")
    async def customer(self, info: AppInfo) -> Customer | None:
        """The customer; null when erased."""
        return await load_customer(info.context, self.customer_id)


@strawberry.type(description="An estimate with its 95 % interval.")
class Interval:
    """Lower and upper bound around an estimate."""

    estimate: float = strawberry.field(description="The most likely value.")
    lower: float = strawberry.field(description="The lower bound.")
    upper: float = strawberry.field(description="The upper bound.")


@strawberry.type(description="What one group of a campaign did.")
class ArmFigures:
    """Figures of control, of all treated, or of one variant."""

    arm: str = strawberry.field(description="control, treated, or a variant's id.")
    triggered_count: Int64 = strawberry.field(description="Customers in it.")
    converted_count: Int64 = strawberry.field(description="Of those, who bought in the window.")
    revenue: Money = strawberry.field(description="What they bought in the window.")
    issued_count: Int64 = strawberry.field(description="Coupons issued.")
    redeemed_count: Int64 = strawberry.field(description="Coupons used.")
    cost: Money = strawberry.field(description="Discounts given.")

    @resolver("The share who bought in the window; null when empty.")
    def conversion_rate(self) -> float | None:
        """Converted by triggered."""
        return self.converted_count / self.triggered_count if self.triggered_count else None


@strawberry.type(description="The effect of a campaign against its control group.")
class CampaignReport:
    """Computed from the journal and from what customers bought."""

    arms: list[ArmFigures] = strawberry.field(
        description="Control, all treated, then each variant."
    )
    conversion_lift: Interval | None = strawberry.field(
        description="Treated minus control, as a share of customers; null without control."
    )
    incremental_customers: float = strawberry.field(
        description="Customers won back beyond what control predicts."
    )
    cost_per_incremental_customer: Money | None = strawberry.field(
        description="Discounts divided by those, rounded; null when nobody was won back."
    )
    sample_ratio_p_value: float = strawberry.field(
        description="Small values say that the groups do not have the sizes asked for."
    )
    minimum_detectable_effect: float = strawberry.field(
        description="The smallest difference this size finds with 80 % power at 5 %."
    )
    coupons_issued: Int64 = strawberry.field(description="All coupons issued.")
    coupons_redeemed: Int64 = strawberry.field(description="Of those, used.")
    coupons_gifted: Int64 = strawberry.field(description="Of those, given on.")


@strawberry.type(description="Who is offered what, when, and whether it worked.")
class Campaign:
    """With a control group that gets nothing."""

    message: strawberry.Private[pb.Campaign]

    id: strawberry.ID = strawberry.field(description="The campaign's name in links.")
    trigger: Trigger = strawberry.field(description="What starts it.")
    control_basis_points: int = strawberry.field(
        description="Hundredths of a percent of triggered customers who get nothing."
    )
    variants: list[Variant] = strawberry.field(description="What the others get.")
    conversion_window_seconds: Int64 = strawberry.field(
        description="A purchase within this time after the trigger counts as conversion."
    )
    state: CampaignState | None = strawberry.field(description="Whether it acts.")
    created_at: dt.datetime | None = strawberry.field(description="When it was created.")
    launched_at: dt.datetime | None = strawberry.field(description="When it was launched.")

    @resolver("The control group's share in percent.")
    def control_percent(self) -> Decimal:
        """The percentage."""
        return Decimal(self.control_basis_points).scaleb(-2)

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))

    @resolver("Whether it worked.")
    async def report(self, info: AppInfo) -> CampaignReport | None:
        """Asks offers for the report."""
        context = info.context
        request = pb.ReportCampaignRequest(campaign_id=self.id)
        method = context.clients.campaigns.ReportCampaign
        answer = await context.call(method, request, timeout_seconds=_REPORT_SECONDS)
        return to_report(answer, await context.currency_code())

    @resolver("Whom it was triggered for, in order of time.")
    async def enrolments(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Enrolment] | None:
        """A page of enrolments."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.Enrolment]:
            request = pb.ListEnrolmentsRequest(
                campaign_id=self.id, page_size=page_size, page_token=page_token
            )
            answer = await context.call(context.clients.campaigns.ListEnrolments, request)
            return Page(answer.enrolments, answer.next_page_token)

        return await connect(first, after, load, to_enrolment)


def to_campaign(message: pb.Campaign) -> Campaign:
    """A campaign as frontends see it."""
    trigger: SegmentTrigger | ListTrigger = ListTrigger(by_list=True)
    if message.WhichOneof("trigger") == "segment":
        trigger = SegmentTrigger(
            segment_id=strawberry.ID(message.segment.segment_id),
            kind=convert.to_enum(ChangeKind, message.segment.kind),
            delay_seconds=Int64(message.segment.delay_seconds),
        )
    variants = [
        Variant(
            id=strawberry.ID(variant.variant_id),
            weight=variant.weight,
            offer_id=strawberry.ID(variant.offer_id),
        )
        for variant in message.variants
    ]
    return Campaign(
        message=message,
        id=strawberry.ID(message.campaign_id),
        trigger=trigger,
        control_basis_points=message.control_basis_points,
        variants=variants,
        conversion_window_seconds=Int64(message.conversion_window_seconds),
        state=convert.to_enum(CampaignState, message.state),
        created_at=convert.to_datetime(message, "create_time"),
        launched_at=convert.to_datetime(message, "launch_time"),
    )


def to_enrolment(message: pb.Enrolment) -> Enrolment:
    """An enrolment as frontends see it."""
    return Enrolment(
        id=strawberry.ID(message.enrolment_id),
        customer_id=strawberry.ID(message.customer_id),
        segment_id=to_id(message.segment_id),
        stint=Int64(message.stint),
        control=message.control,
        variant_id=to_id(message.variant_id),
        triggered_at=convert.to_required_datetime(message, "triggered_at"),
        coupon_id=to_id(message.coupon_id),
    )


def to_report(answer: pb.ReportCampaignResponse, currency: str) -> CampaignReport:
    """A report as frontends see it."""
    lift = answer.conversion_lift if answer.HasField("conversion_lift") else None
    has_cost = answer.HasField("cost_per_incremental_customer")
    return CampaignReport(
        arms=[_to_arm(arm, currency) for arm in answer.arms],
        conversion_lift=Interval(estimate=lift.estimate, lower=lift.lower, upper=lift.upper)
        if lift
        else None,
        incremental_customers=answer.incremental_customers,
        cost_per_incremental_customer=to_money(
            round(answer.cost_per_incremental_customer), currency
        )
        if has_cost
        else None,
        sample_ratio_p_value=answer.sample_ratio_p_value,
        minimum_detectable_effect=answer.minimum_detectable_effect,
        coupons_issued=Int64(answer.coupons_issued),
        coupons_redeemed=Int64(answer.coupons_redeemed),
        coupons_gifted=Int64(answer.coupons_gifted),
    )


def _to_arm(arm: pb.ArmFigures, currency: str) -> ArmFigures:
    return ArmFigures(
        arm=arm.arm,
        triggered_count=Int64(arm.triggered_count),
        converted_count=Int64(arm.converted_count),
        revenue=to_money(arm.revenue_minor_units, currency),
        issued_count=Int64(arm.issued_count),
        redeemed_count=Int64(arm.redeemed_count),
        cost=to_money(arm.cost_minor_units, currency),
    )
