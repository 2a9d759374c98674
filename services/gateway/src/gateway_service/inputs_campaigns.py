"""What clients send about campaigns."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import campaign_budget_pb2 as budget_pb
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service.inputs import REQUEST_ID
from gateway_service.types_common import (
    Int64,
    LocalizedTextInput,
    MoneyInput,
    from_texts,
    proto_of,
)
from gateway_service.types_segments import ChangeKind
from gateway_service.types_triggers import ProductNews, TierMove

_AUDIENCE = "Only members of this segment; everybody if absent."


@strawberry.input(description="Acts when a customer enters or leaves a segment.")
class SegmentTriggerInput:
    """A trigger."""

    segment_id: strawberry.ID = strawberry.field(description="Which segment.")
    kind: ChangeKind = strawberry.field(default=ChangeKind.ENTERED, description="Which change.")
    delay_seconds: Int64 = strawberry.field(
        default=Int64(0), description="How long to wait and see whether the membership stands."
    )

    def to_proto(self) -> pb.SegmentTrigger:
        """The message."""
        return pb.SegmentTrigger(
            segment_id=str(self.segment_id),
            kind=f"CHANGE_KIND_{self.kind.name}",
            delay_seconds=self.delay_seconds,
        )


@strawberry.input(description="So long after the newest event of a type, with none since.")
class EventTriggerInput:
    """A trigger."""

    event_type: str = strawberry.field(description="For example purchase or visit.")
    after_seconds: Int64 = strawberry.field(description="Whole minutes up to two years.")
    audience_segment_id: strawberry.ID | None = strawberry.field(
        default=None, description=_AUDIENCE
    )

    def to_proto(self) -> trigger_pb.EventTrigger:
        """The message."""
        return trigger_pb.EventTrigger(
            event_type=self.event_type,
            after_seconds=self.after_seconds,
            audience_segment_id=str(self.audience_segment_id or ""),
        )


@strawberry.input(description="So many days before the birthday.")
class BirthdayTriggerInput:
    """A trigger."""

    days_before: int = strawberry.field(default=0, description="0 for the day itself.")
    audience_segment_id: strawberry.ID | None = strawberry.field(
        default=None, description=_AUDIENCE
    )

    def to_proto(self) -> trigger_pb.BirthdayTrigger:
        """The message."""
        return trigger_pb.BirthdayTrigger(
            days_before=self.days_before, audience_segment_id=str(self.audience_segment_id or "")
        )


@strawberry.input(description="A customer rises to a tier, or falls to it.")
class TierTriggerInput:
    """A trigger."""

    move: TierMove = strawberry.field(default=TierMove.PROMOTED, description="Which way.")
    tier_id: strawberry.ID | None = strawberry.field(
        default=None, description="The new tier; any if absent."
    )
    audience_segment_id: strawberry.ID | None = strawberry.field(
        default=None, description=_AUDIENCE
    )

    def to_proto(self) -> trigger_pb.TierTrigger:
        """The message."""
        return trigger_pb.TierTrigger(
            move=f"TIER_MOVE_{self.move.name}",
            tier=str(self.tier_id or ""),
            audience_segment_id=str(self.audience_segment_id or ""),
        )


@strawberry.input(description="News of a product that reached the customer as an event.")
class ProductTriggerInput:
    """A trigger."""

    news: ProductNews = strawberry.field(description="Which news.")
    product_ids: list[str] | None = strawberry.field(
        default=None, description="Products or categories of which one is enough; any if none."
    )
    categories: list[str] | None = strawberry.field(default=None, description="As productIds.")
    first_segment_id: strawberry.ID | None = strawberry.field(
        default=None, description="Its members hear of it at once, the others after the head start."
    )
    head_start_seconds: Int64 = strawberry.field(
        default=Int64(0), description="How long its members are ahead."
    )
    audience_segment_id: strawberry.ID | None = strawberry.field(
        default=None, description=_AUDIENCE
    )

    def to_proto(self) -> trigger_pb.ProductTrigger:
        """The message."""
        return trigger_pb.ProductTrigger(
            news=f"PRODUCT_NEWS_{self.news.name}",
            product_ids=self.product_ids or (),
            categories=self.categories or (),
            first_segment_id=str(self.first_segment_id or ""),
            head_start_seconds=self.head_start_seconds,
            audience_segment_id=str(self.audience_segment_id or ""),
        )


@strawberry.input(description="A day of the calendar. Set one of date, yearly, holiday and entry.")
class DateTriggerInput:
    """A trigger, for who is a member of the segment then."""

    segment_id: strawberry.ID = strawberry.field(description="Whose members.")
    date: dt.date | None = strawberry.field(default=None, description="Once, on this day.")
    yearly: str | None = strawberry.field(
        default=None, description="Every year: month and day, such as 11-11."
    )
    holiday_id: strawberry.ID | None = strawberry.field(
        default=None, description="A holiday, as calendar names it."
    )
    entry_id: strawberry.ID | None = strawberry.field(
        default=None, description="The first day of an entry of the tenant's own."
    )
    offset_days: int = strawberry.field(
        default=0, description="Days after it; negative for before it."
    )
    minute_of_day: int = strawberry.field(
        default=0, description="Minutes after midnight in the tenant's zone."
    )

    def to_proto(self) -> trigger_pb.DateTrigger:
        """The message. Raises RpcFailure FIELD_INVALID for two occasions."""
        occasions = {
            "date": self.date.isoformat() if self.date else "",
            "yearly": self.yearly or "",
            "holiday_id": str(self.holiday_id or ""),
            "entry_id": str(self.entry_id or ""),
        }
        given = {name: value for name, value in occasions.items() if value}
        if len(given) > 1:
            text = "set one of date, yearly, holidayId and entryId"
            raise RpcFailure(Code.FIELD_INVALID, text, field="input.trigger.date")
        message = trigger_pb.DateTrigger(
            segment_id=str(self.segment_id),
            offset_days=self.offset_days,
            minute_of_day=self.minute_of_day,
        )
        for name, value in given.items():
            setattr(message, name, value)
        return message


@strawberry.input(description="A coupon of the offer is about to end, and was not used.")
class CouponEndingTriggerInput:
    """A trigger."""

    offer_id: strawberry.ID = strawberry.field(description="Coupons of this offer.")
    valid_days: int = strawberry.field(description="For how many days they are good.")
    days_before: int = strawberry.field(description="So many days before the end.")
    audience_segment_id: strawberry.ID | None = strawberry.field(
        default=None, description=_AUDIENCE
    )

    def to_proto(self) -> trigger_pb.CouponEndingTrigger:
        """The message."""
        return trigger_pb.CouponEndingTrigger(
            offer_id=str(self.offer_id),
            valid_days=self.valid_days,
            days_before=self.days_before,
            audience_segment_id=str(self.audience_segment_id or ""),
        )


@strawberry.input(description="What starts a campaign; set exactly one.", one_of=True)
class TriggerInput:
    """Leave the whole of it out for a campaign over a list that you bring."""

    segment: SegmentTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="A customer enters or leaves a segment."
    )
    event: EventTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="So long after an event."
    )
    birthday: BirthdayTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="Before or on the birthday."
    )
    tier: TierTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="A customer changes tier."
    )
    product: ProductTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="News of a product."
    )
    date: DateTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="A day of the calendar."
    )
    coupon_ending: CouponEndingTriggerInput | None = strawberry.field(
        default=strawberry.UNSET, description="A coupon is about to end."
    )

    def write(self, campaign: pb.Campaign) -> None:
        """Puts the trigger into the message. Raises RpcFailure."""
        for name in ("segment", "event", "birthday", "tier", "product", "date", "coupon_ending"):
            given = getattr(self, name)
            if given:
                getattr(campaign, name).CopyFrom(given.to_proto())


@strawberry.input(description="A task that a variant makes for staff.")
class TaskActionInput:
    """Something to do about the customer."""

    titles: list[LocalizedTextInput] = strawberry.field(description="What to do, by language.")
    due_seconds: Int64 = strawberry.field(description="Due so long after the trigger.")
    store_id: str | None = strawberry.field(
        default=None, description="Which store's staff; where the customer was last if absent."
    )


@strawberry.input(description="A message that a variant sends.")
class MessageActionInput:
    """Consent, quiet hours and caps are the outbox's."""

    channel: str = strawberry.field(description="email, sms, push, kakao, or the tenant's own.")
    template_id: strawberry.ID = strawberry.field(description="What it says.")
    transactional: bool = strawberry.field(
        default=False, description="For what the customer is owed; otherwise it is advertising."
    )
    expire_seconds: Int64 | None = strawberry.field(default=None, description="A week if absent.")
    best_time_seconds: int | None = strawberry.field(
        default=None, description="It may wait so long for the hour that suits its customer best."
    )


@strawberry.input(description="One of the actions to compare: an offer, a task, a message.")
class VariantInput:
    """An arm of the experiment."""

    variant_id: strawberry.ID = strawberry.field(description="Its name in reports.")
    weight: int = strawberry.field(default=1, description="Its share against the others.")
    offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="A coupon of this offer."
    )
    task: TaskActionInput | None = strawberry.field(
        default=None, description="Something for staff to do."
    )
    message: MessageActionInput | None = strawberry.field(
        default=None, description="A message; beside an offer it tells of the coupon."
    )

    def to_proto(self) -> pb.Variant:
        """The message."""
        variant = pb.Variant(
            variant_id=str(self.variant_id), weight=self.weight, offer_id=str(self.offer_id or "")
        )
        if self.task:
            task = trigger_pb.TaskAction(
                titles=from_texts(self.task.titles),
                store_id=self.task.store_id or "",
                due_seconds=self.task.due_seconds,
            )
            variant.task.CopyFrom(task)
        if self.message:
            message = trigger_pb.MessageAction(
                channel=self.message.channel,
                template_id=str(self.message.template_id),
                transactional=self.message.transactional,
                expire_seconds=self.message.expire_seconds or 0,
                best_time_seconds=self.message.best_time_seconds or 0,
            )
            variant.message.CopyFrom(message)
        return variant


@strawberry.input(description="A campaign to create, as a draft.")
class CreateCampaignInput:
    """Launch it to make it act."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    campaign_id: strawberry.ID = strawberry.field(description="For example win-back-spring.")
    conversion_window_seconds: Int64 = strawberry.field(
        description="A purchase within this time after the trigger counts as conversion."
    )
    segment_trigger: SegmentTriggerInput | None = strawberry.field(
        default=None,
        description="The same as trigger.segment.",
        deprecation_reason="Use trigger.segment.",
    )
    trigger: TriggerInput | None = strawberry.field(
        default=None, description="Leave it out for a campaign over a list that you bring."
    )
    control_basis_points: int = strawberry.field(
        default=0, description="Hundredths of a percent who get nothing: 2000 is 20 %."
    )
    variants: list[VariantInput] | None = strawberry.field(
        default=None, description="What the others get."
    )
    display_names: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="Names by language."
    )
    coupon_budget: Int64 | None = strawberry.field(
        default=None, description="The most coupons that it issues; no limit if absent."
    )
    amount_budget: MoneyInput | None = strawberry.field(
        default=None, description="The most that its discounts come to; no limit if absent."
    )
    customer_cap: int | None = strawberry.field(
        default=None, description="At most so many times it acts on one customer."
    )
    outside_frequency_cap: bool = strawberry.field(
        default=False, description="For what customers asked for or are owed."
    )

    def to_proto(self) -> pb.CreateCampaignRequest:
        """The message. Raises RpcFailure FIELD_INVALID for two triggers."""
        if self.trigger and self.segment_trigger:
            text = "set trigger or segmentTrigger"
            raise RpcFailure(Code.FIELD_INVALID, text, field="input.segmentTrigger")
        campaign = pb.Campaign(
            campaign_id=str(self.campaign_id),
            display_names=from_texts(self.display_names),
            control_basis_points=self.control_basis_points,
            variants=[variant.to_proto() for variant in self.variants or ()],
            conversion_window_seconds=self.conversion_window_seconds,
            customer_cap=self.customer_cap or 0,
            outside_frequency_cap=self.outside_frequency_cap,
        )
        if self.trigger:
            self.trigger.write(campaign)
        elif self.segment_trigger:
            campaign.segment.CopyFrom(self.segment_trigger.to_proto())
        else:
            campaign.list.SetInParent()
        if self.coupon_budget or self.amount_budget:
            budget = budget_pb.CampaignBudget(
                coupon_count=self.coupon_budget or 0, amount=proto_of(self.amount_budget)
            )
            campaign.budget.CopyFrom(budget)
        return pb.CreateCampaignRequest(request_id=str(self.request_id), campaign=campaign)


@strawberry.input(description="A campaign to launch, pause or end.")
class CampaignInput:
    """By its id."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    campaign_id: strawberry.ID = strawberry.field(description="Which.")
