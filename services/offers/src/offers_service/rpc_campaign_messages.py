"""Campaigns and enrolments between the wire and the domain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.events.v1 import membership_pb2
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb

from offers_service import triggers
from offers_service.campaigns import Campaign, CampaignState, Variant
from offers_service.message_action import MessageAction
from offers_service.rpc_budgets import read_terms, write_terms
from offers_service.store_enrolments import StoredEnrolment
from offers_service.tasks import TaskAction
from offers_service.triggers import (
    BirthdayTrigger,
    ChangeKind,
    CouponEndingTrigger,
    DateTrigger,
    EventTrigger,
    OccasionKind,
    ProductNews,
    ProductTrigger,
    SegmentTrigger,
    TierMove,
    TierTrigger,
    Trigger,
)

_KINDS = {
    membership_pb2.CHANGE_KIND_ENTERED: ChangeKind.ENTERED,
    membership_pb2.CHANGE_KIND_EXITED: ChangeKind.EXITED,
}
_KIND_VALUES = {kind: value for value, kind in _KINDS.items()}
_MOVES = {trigger_pb.TierMove.Value(f"TIER_MOVE_{move.name}"): move for move in TierMove}
_NEWS = {trigger_pb.ProductNews.Value(f"PRODUCT_NEWS_{news.name}"): news for news in ProductNews}
_OCCASIONS = {
    "date": OccasionKind.DATE,
    "yearly": OccasionKind.YEARLY,
    "holiday_id": OccasionKind.HOLIDAY,
    "entry_id": OccasionKind.ENTRY,
}
_OCCASION_FIELDS = {kind: field for field, kind in _OCCASIONS.items()}


def from_message(tenant_id: str, message: pb.Campaign, now_ms: int, currency: str = "") -> Campaign:
    """The campaign that a client wants made, as a draft. Raises RpcFailure for a budget of money
    that is not in the tenant's currency."""
    return Campaign(
        tenant_id=tenant_id,
        campaign_id=message.campaign_id,
        display_names=tuple(sorted(message.display_names.items())),
        trigger=_read_trigger(message),
        control_basis_points=message.control_basis_points,
        variants=tuple(_read_variant(variant) for variant in message.variants),
        conversion_window_ms=message.conversion_window_seconds * 1000,
        state=CampaignState.DRAFT,
        created_at_ms=now_ms,
        customer_cap=message.customer_cap,
        outside_frequency_cap=message.outside_frequency_cap,
        budget=read_terms(message, currency),
    )


def to_message(campaign: Campaign) -> pb.Campaign:
    """The campaign as clients see it."""
    message = pb.Campaign(
        campaign_id=campaign.campaign_id,
        display_names=dict(campaign.display_names),
        control_basis_points=campaign.control_basis_points,
        variants=[_write_variant(variant) for variant in campaign.variants],
        conversion_window_seconds=campaign.conversion_window_ms // 1000,
        state=f"CAMPAIGN_STATE_{campaign.state.value}",
        customer_cap=campaign.customer_cap,
        outside_frequency_cap=campaign.outside_frequency_cap,
    )
    if budget := write_terms(campaign.budget):
        message.budget.CopyFrom(budget)
    _write_trigger(message, campaign.trigger)
    watched = triggers.watched(campaign.campaign_id, campaign.trigger)
    if watched is not None:
        message.trigger_segment_id = watched.segment_id
    if isinstance(campaign.trigger, DateTrigger):
        message.trigger_segment_id = campaign.trigger.segment_id
    message.create_time.FromMilliseconds(campaign.created_at_ms)
    if campaign.launched_at_ms is not None:
        message.launch_time.FromMilliseconds(campaign.launched_at_ms)
    if campaign.ended_at_ms is not None:
        message.end_time.FromMilliseconds(campaign.ended_at_ms)
    if campaign.next_occurrence is not None:
        message.next_occurrence_time.FromMilliseconds(campaign.next_occurrence.due_ms)
    return message


def to_enrolment(stored: StoredEnrolment) -> pb.Enrolment:
    """An enrolment as clients see it."""
    enrolment = stored.enrolment
    message = pb.Enrolment(
        enrolment_id=enrolment.enrolment_id,
        campaign_id=enrolment.campaign_id,
        customer_id=enrolment.customer_id,
        segment_id=enrolment.segment_id,
        stint=enrolment.stint,
        control=enrolment.control,
        variant_id=enrolment.variant_id,
        coupon_id=stored.coupon_id,
        holdout=enrolment.holdout,
        outcome=f"ENROLMENT_OUTCOME_{stored.outcome.value}",
        task_id=stored.task_id,
        message_id=stored.message_id,
    )
    message.triggered_at.FromMilliseconds(enrolment.triggered_at_ms)
    return message


def _read_variant(message: pb.Variant) -> Variant:
    task = None
    if message.HasField("task"):
        titles = tuple(sorted(message.task.titles.items()))
        task = TaskAction(titles, message.task.store_id, message.task.due_seconds * 1000)
    send = None
    if message.HasField("message"):
        asked = message.message
        send = MessageAction(
            asked.channel,
            asked.template_id,
            asked.transactional,
            asked.expire_seconds * 1000,
            asked.best_time_seconds * 1000,
        )
    return Variant(message.variant_id, message.weight, message.offer_id, task, send)


def _write_variant(variant: Variant) -> pb.Variant:
    message = pb.Variant(
        variant_id=variant.variant_id, weight=variant.weight, offer_id=variant.offer_id
    )
    if variant.task is not None:
        task = variant.task
        message.task.titles.update(dict(task.titles))
        message.task.store_id = task.store_id
        message.task.due_seconds = task.due_ms // 1000
    if variant.message is not None:
        send = variant.message
        message.message.channel = send.channel
        message.message.template_id = send.template_id
        message.message.transactional = send.transactional
        message.message.expire_seconds = send.expire_ms // 1000
        message.message.best_time_seconds = send.best_wait_ms // 1000
    return message


def _read_trigger(message: pb.Campaign) -> Trigger | None:
    field = message.WhichOneof("trigger")
    read = _READERS.get(field or "")
    return read(getattr(message, field)) if field and read else None


def _read_segment(message: pb.SegmentTrigger) -> SegmentTrigger:
    delay_ms = message.delay_seconds * 1000
    return SegmentTrigger(message.segment_id, _KINDS[message.kind], delay_ms)


def _read_event(message: trigger_pb.EventTrigger) -> EventTrigger:
    after_ms = message.after_seconds * 1000
    return EventTrigger(message.event_type, after_ms, message.audience_segment_id)


def _read_birthday(message: trigger_pb.BirthdayTrigger) -> BirthdayTrigger:
    return BirthdayTrigger(message.days_before, message.audience_segment_id)


def _read_tier(message: trigger_pb.TierTrigger) -> TierTrigger:
    return TierTrigger(_MOVES[message.move], message.tier, message.audience_segment_id)


def _read_coupon_ending(message: trigger_pb.CouponEndingTrigger) -> CouponEndingTrigger:
    audience_id = message.audience_segment_id
    return CouponEndingTrigger(
        message.offer_id, message.valid_days, message.days_before, audience_id
    )


def _read_product(message: trigger_pb.ProductTrigger) -> ProductTrigger:
    return ProductTrigger(
        news=_NEWS[message.news],
        product_ids=tuple(message.product_ids),
        categories=tuple(message.categories),
        first_id=message.first_segment_id,
        head_start_ms=message.head_start_seconds * 1000,
        audience_id=message.audience_segment_id,
    )


def _read_date(message: trigger_pb.DateTrigger) -> DateTrigger:
    field = message.WhichOneof("occasion") or "date"
    return DateTrigger(
        message.segment_id,
        _OCCASIONS[field],
        getattr(message, field),
        message.offset_days,
        message.minute_of_day,
    )


def _write_trigger(message: pb.Campaign, trigger: Trigger | None) -> None:
    match trigger:
        case None:
            message.list.SetInParent()
        case SegmentTrigger():
            message.segment.segment_id = trigger.segment_id
            message.segment.kind = _KIND_VALUES[trigger.kind]
            message.segment.delay_seconds = trigger.delay_ms // 1000
        case EventTrigger():
            message.event.event_type = trigger.event_type
            message.event.after_seconds = trigger.after_ms // 1000
            message.event.audience_segment_id = trigger.audience_id
        case BirthdayTrigger():
            message.birthday.SetInParent()
            message.birthday.days_before = trigger.days_before
            message.birthday.audience_segment_id = trigger.audience_id
        case TierTrigger():
            message.tier.CopyFrom(_write_tier(trigger))
        case ProductTrigger():
            message.product.CopyFrom(_write_product(trigger))
        case CouponEndingTrigger():
            message.coupon_ending.offer_id = trigger.offer_id
            message.coupon_ending.valid_days = trigger.valid_days
            message.coupon_ending.days_before = trigger.days_before
            message.coupon_ending.audience_segment_id = trigger.audience_id
        case DateTrigger():
            message.date.segment_id = trigger.segment_id
            setattr(message.date, _OCCASION_FIELDS[trigger.kind], trigger.value)
            message.date.offset_days = trigger.offset_days
            message.date.minute_of_day = trigger.minute_of_day


def _write_tier(trigger: TierTrigger) -> trigger_pb.TierTrigger:
    return trigger_pb.TierTrigger(
        move=f"TIER_MOVE_{trigger.move.name}",
        tier=trigger.tier,
        audience_segment_id=trigger.audience_id,
    )


def _write_product(trigger: ProductTrigger) -> trigger_pb.ProductTrigger:
    return trigger_pb.ProductTrigger(
        news=f"PRODUCT_NEWS_{trigger.news.name}",
        product_ids=trigger.product_ids,
        categories=trigger.categories,
        first_segment_id=trigger.first_id,
        head_start_seconds=trigger.head_start_ms // 1000,
        audience_segment_id=trigger.audience_id,
    )


# A list is no trigger.
_READERS: dict[str, Callable[[Any], Trigger]] = {
    "segment": _read_segment,
    "event": _read_event,
    "birthday": _read_birthday,
    "tier": _read_tier,
    "product": _read_product,
    "coupon_ending": _read_coupon_ending,
    "date": _read_date,
}
