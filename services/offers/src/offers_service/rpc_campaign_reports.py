"""Reports on the wire."""

from __future__ import annotations

from dangol.offers.v1 import campaign_service_pb2 as pb

from offers_service.experiments import MISMATCH_P_VALUE, Cost, Lift
from offers_service.messages import MessageState
from offers_service.report_figures import ArmFigures, GiftFigures, Report
from offers_service.reports_holdout import HoldoutReport
from offers_service.rpc_campaign_messages import to_message


def write_report(report: Report) -> pb.ReportCampaignResponse:
    """The report of one campaign."""
    message = pb.ReportCampaignResponse(
        campaign=to_message(report.campaign),
        arms=[_arm(arm) for arm in report.arms.listed()],
        incremental_customers=report.incremental_customers,
        cost_per_incremental_customer=report.cost.estimate if report.cost else None,
        sample_ratio_p_value=report.sample_ratio_p_value,
        sample_ratio_mismatch=report.sample_ratio_p_value < MISMATCH_P_VALUE,
        minimum_detectable_effect=report.minimum_detectable_effect,
        minimum_detectable_revenue=report.minimum_detectable_revenue,
        coupons_issued=report.coupons_issued,
        coupons_redeemed=report.coupons_redeemed,
        coupons_gifted=report.coupons_gifted,
        conversion_lift=_interval(report.effects[0].conversion if report.effects else None),
        effects=[
            pb.ArmEffect(
                arm=each.arm,
                conversion_lift=_interval(each.conversion),
                revenue_lift=_interval(each.revenue),
            )
            for each in report.effects
        ],
        cost_interval=_cost(report.cost),
        gifts=[_gifts(each) for each in report.gifts],
        conversion_lift_without_recipients=_interval(report.lift_without_recipients),
    )
    if len(report.segments) > 1:
        for segment_id, arms in sorted(report.segments.items()):
            message.segments.add(segment_id=segment_id, arms=[_arm(arm) for arm in arms.listed()])
    return message


def write_holdout_report(report: HoldoutReport) -> pb.ReportHoldoutResponse:
    """The report over all campaigns."""
    effect = report.effect
    return pb.ReportHoldoutResponse(
        holdout=_arm(report.holdout),
        reached=_arm(report.reached),
        conversion_lift=_interval(effect.conversion if effect else None),
        revenue_lift=_interval(effect.revenue if effect else None),
        incremental_customers=report.incremental_customers,
        cost_interval=_cost(report.cost),
        sample_ratio_p_value=report.sample_ratio_p_value,
        sample_ratio_mismatch=report.sample_ratio_p_value < MISMATCH_P_VALUE,
        minimum_detectable_effect=report.minimum_detectable_effect,
        minimum_detectable_revenue=report.minimum_detectable_revenue,
        campaign_count=report.campaign_count,
    )


def _arm(arm: ArmFigures) -> pb.ArmFigures:
    message = pb.ArmFigures(
        arm=arm.arm,
        triggered_count=arm.triggered_count,
        measured_count=arm.measured_count,
        converted_count=arm.converted_count,
        revenue_minor_units=arm.revenue_minor_units,
        issued_count=arm.issued_count,
        redeemed_count=arm.redeemed_count,
        cost_minor_units=arm.cost_minor_units,
        enrolment_count=arm.enrolment_count,
        acted_count=arm.acted_count,
        suppressed_counts=dict(arm.suppressed),
        task_count=arm.task_count,
    )
    if arm.messages.posted:
        message.messages.CopyFrom(
            pb.MessageFigures(
                posted_count=arm.messages.posted,
                sent_count=arm.reached(MessageState.SENT),
                delivered_count=arm.reached(MessageState.DELIVERED),
                opened_count=arm.reached(MessageState.OPENED),
                clicked_count=arm.reached(MessageState.CLICKED),
                suppressed_counts=arm.messages.suppressed,
                dead_counts=arm.messages.dead,
            )
        )
    return message


def _interval(lift: Lift | None) -> pb.Interval | None:
    if lift is None:
        return None
    return pb.Interval(estimate=lift.estimate, lower=lift.lower, upper=lift.upper)


def _cost(cost: Cost | None) -> pb.CostInterval | None:
    if cost is None:
        return None
    return pb.CostInterval(estimate=cost.estimate, lower=cost.lower, upper=cost.upper)


def _gifts(gifts: GiftFigures) -> pb.GiftFigures:
    recipients, new_members = gifts.recipients, gifts.new_members
    return pb.GiftFigures(
        recipient_arm=gifts.arm,
        recipient_count=recipients.measured_count,
        converted_count=recipients.converted_count,
        revenue_minor_units=recipients.revenue_minor_units,
        new_member_count=new_members.measured_count,
        new_member_converted_count=new_members.converted_count,
        new_member_revenue_minor_units=new_members.revenue_minor_units,
    )
