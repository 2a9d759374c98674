"""Whether campaigns worked: figures by arm, and effects with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as pb

from gateway_service.fields import resolver
from gateway_service.types_common import Int64, Money, to_money


@strawberry.type(description="An estimate with its 95 % interval.")
class Interval:
    """Lower and upper bound around an estimate."""

    estimate: float = strawberry.field(description="The most likely value.")
    lower: float = strawberry.field(description="The lower bound.")
    upper: float = strawberry.field(description="The upper bound.")


@strawberry.type(description="An amount with its 95 % interval, rounded to the smallest unit.")
class MoneyInterval:
    """What one customer won back cost."""

    estimate: Money = strawberry.field(description="The most likely value.")
    lower: Money = strawberry.field(description="The lower bound.")
    upper: Money | None = strawberry.field(
        description="The upper bound; null where no cost is too high, since nobody may have been "
        "won back."
    )


@strawberry.type(description="How often something happened for one reason.")
class ReasonCount:
    """One line of several."""

    reason: str = strawberry.field(description="Why, for example FREQUENCY_CAPPED.")
    count: Int64 = strawberry.field(description="How often.")


@strawberry.type(description="Messages of a group by how far they got.")
class MessageFigures:
    """One that was opened was delivered and sent as well."""

    posted_count: Int64 = strawberry.field(description="Put into the outbox.")
    sent_count: Int64 = strawberry.field(description="Given to a carrier.")
    delivered_count: Int64 = strawberry.field(description="Arrived.")
    opened_count: Int64 = strawberry.field(description="Opened.")
    clicked_count: Int64 = strawberry.field(description="Clicked.")
    suppressed: list[ReasonCount] = strawberry.field(description="Never sent, by reason.")
    dead: list[ReasonCount] = strawberry.field(description="Given up, by reason.")


@strawberry.type(description="What one group of a campaign did.")
class ArmFigures:
    """Figures of control, of all treated, or of one variant."""

    arm: str = strawberry.field(description="control, treated, or a variant's id.")
    triggered_count: Int64 = strawberry.field(description="Customers in it.")
    measured_count: Int64 = strawberry.field(
        description="Of those, whose conversion window has ended; lift compares only these."
    )
    converted_count: Int64 = strawberry.field(description="Of those, who bought in the window.")
    revenue: Money = strawberry.field(description="What they bought in the window.")
    enrolment_count: Int64 = strawberry.field(
        description="Triggers, each stay of a customer in the segment by itself."
    )
    acted_count: Int64 = strawberry.field(description="Of these, those that were acted on.")
    suppressed: list[ReasonCount] = strawberry.field(description="And those that were not.")
    issued_count: Int64 = strawberry.field(description="Coupons issued.")
    redeemed_count: Int64 = strawberry.field(description="Coupons used.")
    task_count: Int64 = strawberry.field(description="Tasks made for staff.")
    messages: MessageFigures = strawberry.field(description="Messages, by how far they got.")
    cost: Money = strawberry.field(description="Discounts given.")

    @resolver("The share who bought in the window; null when empty.")
    def conversion_rate(self) -> float | None:
        """Converted by triggered."""
        return self.converted_count / self.triggered_count if self.triggered_count else None


@strawberry.type(description="The difference of a group to control, with 95 % intervals.")
class ArmEffect:
    """Of all treated, or of one variant."""

    arm: str = strawberry.field(description="treated, or a variant's id.")
    conversion_lift: Interval | None = strawberry.field(
        description="In the share of customers who bought."
    )
    revenue_lift: Interval | None = strawberry.field(
        description="In revenue of a customer, in the currency's smallest unit."
    )


@strawberry.type(description="Who got a coupon of the campaign as a gift.")
class GiftFigures:
    """By their own arm; their purchases count for a conversion window after the claim."""

    recipient_arm: str = strawberry.field(description="control, treated, holdout, or none.")
    recipient_count: Int64 = strawberry.field(description="Recipients.")
    converted_count: Int64 = strawberry.field(description="Of these, who bought.")
    revenue: Money = strawberry.field(description="What they bought.")
    new_member_count: Int64 = strawberry.field(description="Became members by the claim.")
    new_member_converted_count: Int64 = strawberry.field(description="Of these, who bought.")
    new_member_revenue: Money = strawberry.field(description="What these bought.")


@strawberry.type(description="The same figures for the triggers of one segment.")
class SegmentFigures:
    """For campaigns whose triggers come from several segments."""

    segment_id: strawberry.ID = strawberry.field(description="Which segment.")
    arms: list[ArmFigures] = strawberry.field(description="Control, treated, each variant.")


@strawberry.type
class Comparable:
    """What a comparison of groups is worth."""

    sample_ratio_p_value: float = strawberry.field(
        description="Small values say that the groups do not have the sizes asked for."
    )
    sample_ratio_mismatch: bool = strawberry.field(
        description="Whether that says that the groups cannot be compared."
    )
    minimum_detectable_effect: float = strawberry.field(
        description="The smallest difference this size finds with 80 % power at 5 %."
    )
    minimum_detectable_revenue: Money | None = strawberry.field(
        description="The same for revenue of a customer, rounded; null for tiny groups."
    )


@strawberry.type(description="The effect of a campaign against its control group.")
class CampaignReport(Comparable):
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
    coupons_issued: Int64 = strawberry.field(description="All coupons issued.")
    coupons_redeemed: Int64 = strawberry.field(description="Of those, used.")
    coupons_gifted: Int64 = strawberry.field(description="Of those, given on.")
    effects: list[ArmEffect] = strawberry.field(description="All treated, then each variant.")
    cost_interval: MoneyInterval | None = strawberry.field(
        description="What a customer won back cost; null when nobody was."
    )
    gifts: list[GiftFigures] = strawberry.field(
        description="Recipients of gifts, by their own arm."
    )
    conversion_lift_without_recipients: Interval | None = strawberry.field(
        description="Lift without those of control who got a coupon of it as a gift."
    )
    segments: list[SegmentFigures] = strawberry.field(
        description="By segment, where triggers come from several."
    )


@strawberry.type(description="The effect of all campaigns together, against who is held out.")
class HoldoutReport(Comparable):
    """Customers by their first trigger in any campaign."""

    holdout: ArmFigures = strawberry.field(description="Whom no campaign acts on.")
    reached: ArmFigures = strawberry.field(description="The others.")
    conversion_lift: Interval | None = strawberry.field(description="Reached minus held out.")
    revenue_lift: Interval | None = strawberry.field(
        description="In revenue of a customer, in the currency's smallest unit."
    )
    incremental_customers: float = strawberry.field(description="Won back by all campaigns.")
    cost_interval: MoneyInterval | None = strawberry.field(
        description="What a customer won back cost; null when nobody was."
    )
    campaign_count: Int64 = strawberry.field(description="Campaigns that were looked at.")


def to_report(answer: pb.ReportCampaignResponse, currency: str) -> CampaignReport:
    """A report as frontends see it."""
    without = "conversion_lift_without_recipients"
    return CampaignReport(
        arms=[to_arm(arm, currency) for arm in answer.arms],
        conversion_lift=to_interval(answer, "conversion_lift"),
        incremental_customers=answer.incremental_customers,
        cost_per_incremental_customer=_rounded(answer, "cost_per_incremental_customer", currency),
        **_worth(answer, currency),
        coupons_issued=Int64(answer.coupons_issued),
        coupons_redeemed=Int64(answer.coupons_redeemed),
        coupons_gifted=Int64(answer.coupons_gifted),
        effects=[
            ArmEffect(
                arm=effect.arm,
                conversion_lift=to_interval(effect, "conversion_lift"),
                revenue_lift=to_interval(effect, "revenue_lift"),
            )
            for effect in answer.effects
        ],
        cost_interval=_to_cost(answer, currency),
        gifts=[_to_gift_figures(figures, currency) for figures in answer.gifts],
        conversion_lift_without_recipients=to_interval(answer, without),
        segments=[
            SegmentFigures(
                segment_id=strawberry.ID(one.segment_id),
                arms=[to_arm(arm, currency) for arm in one.arms],
            )
            for one in answer.segments
        ],
    )


def to_holdout_report(answer: pb.ReportHoldoutResponse, currency: str) -> HoldoutReport:
    """The report over all campaigns as frontends see it."""
    return HoldoutReport(
        holdout=to_arm(answer.holdout, currency),
        reached=to_arm(answer.reached, currency),
        conversion_lift=to_interval(answer, "conversion_lift"),
        revenue_lift=to_interval(answer, "revenue_lift"),
        incremental_customers=answer.incremental_customers,
        cost_interval=_to_cost(answer, currency),
        **_worth(answer, currency),
        campaign_count=Int64(answer.campaign_count),
    )


def _worth(
    answer: pb.ReportCampaignResponse | pb.ReportHoldoutResponse, currency: str
) -> dict[str, Any]:
    """The fields of Comparable."""
    return {
        "sample_ratio_p_value": answer.sample_ratio_p_value,
        "sample_ratio_mismatch": answer.sample_ratio_mismatch,
        "minimum_detectable_effect": answer.minimum_detectable_effect,
        "minimum_detectable_revenue": _rounded(answer, "minimum_detectable_revenue", currency),
    }


def to_interval(
    message: pb.ReportCampaignResponse | pb.ReportHoldoutResponse | pb.ArmEffect, field: str
) -> Interval | None:
    """The interval in `field` of a message; None when it is not set."""
    if not message.HasField(field):
        return None
    found: pb.Interval = getattr(message, field)
    return Interval(estimate=found.estimate, lower=found.lower, upper=found.upper)


def to_arm(arm: pb.ArmFigures, currency: str) -> ArmFigures:
    """One group's figures as frontends see them."""
    return ArmFigures(
        arm=arm.arm,
        triggered_count=Int64(arm.triggered_count),
        measured_count=Int64(arm.measured_count),
        converted_count=Int64(arm.converted_count),
        revenue=to_money(arm.revenue_minor_units, currency),
        enrolment_count=Int64(arm.enrolment_count),
        acted_count=Int64(arm.acted_count),
        suppressed=to_reasons(arm.suppressed_counts),
        issued_count=Int64(arm.issued_count),
        redeemed_count=Int64(arm.redeemed_count),
        task_count=Int64(arm.task_count),
        messages=_to_messages(arm.messages),
        cost=to_money(arm.cost_minor_units, currency),
    )


def to_reasons(counts: Mapping[str, int]) -> list[ReasonCount]:
    """Counts in order of reason."""
    return [ReasonCount(reason=key, count=Int64(counts[key])) for key in sorted(counts)]


def _to_messages(message: pb.MessageFigures) -> MessageFigures:
    return MessageFigures(
        posted_count=Int64(message.posted_count),
        sent_count=Int64(message.sent_count),
        delivered_count=Int64(message.delivered_count),
        opened_count=Int64(message.opened_count),
        clicked_count=Int64(message.clicked_count),
        suppressed=to_reasons(message.suppressed_counts),
        dead=to_reasons(message.dead_counts),
    )


def _to_gift_figures(message: pb.GiftFigures, currency: str) -> GiftFigures:
    return GiftFigures(
        recipient_arm=message.recipient_arm,
        recipient_count=Int64(message.recipient_count),
        converted_count=Int64(message.converted_count),
        revenue=to_money(message.revenue_minor_units, currency),
        new_member_count=Int64(message.new_member_count),
        new_member_converted_count=Int64(message.new_member_converted_count),
        new_member_revenue=to_money(message.new_member_revenue_minor_units, currency),
    )


def _to_cost(
    answer: pb.ReportCampaignResponse | pb.ReportHoldoutResponse, currency: str
) -> MoneyInterval | None:
    if not answer.HasField("cost_interval"):
        return None
    cost = answer.cost_interval
    return MoneyInterval(
        estimate=to_money(round(cost.estimate), currency),
        lower=to_money(round(cost.lower), currency),
        upper=to_money(round(cost.upper), currency) if cost.HasField("upper") else None,
    )


def _rounded(
    answer: pb.ReportCampaignResponse | pb.ReportHoldoutResponse, field: str, currency: str
) -> Money | None:
    if not answer.HasField(field):
        return None
    return to_money(round(getattr(answer, field)), currency)
