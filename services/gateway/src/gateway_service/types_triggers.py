"""What starts campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Any, TypeAlias

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64
from gateway_service.types_offers import to_id
from gateway_service.types_segments import ChangeKind, Segment, load_segment

_AUDIENCE = "Only members of this segment; null for everybody."


@strawberry.enum(description="Which way a customer's tier changed.")
class TierMove(Enum):
    """Values are those of the contract."""

    PROMOTED = 1
    DEMOTED = 2


@strawberry.enum(description="What happened to a product.")
class ProductNews(Enum):
    """Values are those of the contract."""

    PRICE_DROPPED = 1
    RESTOCKED = 2
    LAUNCHED = 3


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
        return await load_segment(info, self.segment_id)


@strawberry.type(description="Coupons go to a list of customers that the tenant brings.")
class ListTrigger:
    """A trigger."""

    by_list: bool = strawberry.field(description="Always true.")


@strawberry.type(description="So long after the newest event of a type, with none since.")
class EventTrigger:
    """A trigger: three days after an order, three months after the last visit."""

    event_type: str = strawberry.field(description="For example purchase or visit.")
    after_seconds: Int64 = strawberry.field(description="How long after it.")
    audience_segment_id: strawberry.ID | None = strawberry.field(description=_AUDIENCE)


@strawberry.type(description="So many days before the birthday, at midnight of the tenant's zone.")
class BirthdayTrigger:
    """A trigger."""

    days_before: int = strawberry.field(description="0 for the day itself.")
    audience_segment_id: strawberry.ID | None = strawberry.field(description=_AUDIENCE)


@strawberry.type(description="A customer rises to a tier, or falls to it.")
class TierTrigger:
    """A trigger."""

    move: TierMove | None = strawberry.field(description="Which way.")
    tier_id: strawberry.ID | None = strawberry.field(description="The new tier; null for any.")
    audience_segment_id: strawberry.ID | None = strawberry.field(description=_AUDIENCE)


@strawberry.type(description="News of a product reached the customer as an event.")
class ProductTrigger:
    """A trigger: a price drop, a restock or a launch."""

    news: ProductNews | None = strawberry.field(description="Which news.")
    product_ids: list[str] = strawberry.field(
        description="Products or categories of which one is enough; none of either: any product."
    )
    categories: list[str] = strawberry.field(description="As productIds.")
    first_segment_id: strawberry.ID | None = strawberry.field(
        description="Its members hear of it at once, everybody else after headStartSeconds."
    )
    head_start_seconds: Int64 = strawberry.field(description="How long its members are ahead.")
    audience_segment_id: strawberry.ID | None = strawberry.field(description=_AUDIENCE)


@strawberry.type(description="A day of the calendar, for who is a member of a segment then.")
class DateTrigger:
    """A trigger. Exactly one of date, yearly, holidayId and entryId is set."""

    segment_id: strawberry.ID = strawberry.field(description="Whose members.")
    date: dt.date | None = strawberry.field(description="Once, on this day.")
    yearly: str | None = strawberry.field(description="Every year: month and day, such as 11-11.")
    holiday_id: strawberry.ID | None = strawberry.field(description="A holiday, such as seollal.")
    entry_id: strawberry.ID | None = strawberry.field(
        description="The first day of an entry of the tenant's own in the calendar."
    )
    offset_days: int = strawberry.field(description="Days after it; negative for before it.")
    minute_of_day: int = strawberry.field(
        description="Minutes after midnight in the tenant's zone: 600 is ten in the morning."
    )


@strawberry.type(description="A coupon of the offer is about to end and its owner did not use it.")
class CouponEndingTrigger:
    """A trigger."""

    offer_id: strawberry.ID = strawberry.field(description="Coupons of this offer.")
    valid_days: int = strawberry.field(description="For how many days they are good.")
    days_before: int = strawberry.field(description="So many days before the end.")
    audience_segment_id: strawberry.ID | None = strawberry.field(description=_AUDIENCE)


AnyTrigger: TypeAlias = (
    SegmentTrigger
    | ListTrigger
    | EventTrigger
    | BirthdayTrigger
    | TierTrigger
    | ProductTrigger
    | DateTrigger
    | CouponEndingTrigger
)
Trigger = Annotated[
    AnyTrigger,
    strawberry.union("Trigger", description="What starts it."),
]


def to_trigger(message: pb.Campaign) -> AnyTrigger:
    """A campaign's trigger as frontends see it."""
    kind = message.WhichOneof("trigger")
    read = _READERS.get(kind or "")
    return read(getattr(message, kind)) if read and kind else ListTrigger(by_list=True)


def _to_segment_trigger(message: pb.SegmentTrigger) -> SegmentTrigger:
    return SegmentTrigger(
        segment_id=strawberry.ID(message.segment_id),
        kind=convert.to_enum(ChangeKind, message.kind),
        delay_seconds=Int64(message.delay_seconds),
    )


def _to_event(message: trigger_pb.EventTrigger) -> EventTrigger:
    return EventTrigger(
        event_type=message.event_type,
        after_seconds=Int64(message.after_seconds),
        audience_segment_id=to_id(message.audience_segment_id),
    )


def _to_birthday(message: trigger_pb.BirthdayTrigger) -> BirthdayTrigger:
    return BirthdayTrigger(
        days_before=message.days_before, audience_segment_id=to_id(message.audience_segment_id)
    )


def _to_tier(message: trigger_pb.TierTrigger) -> TierTrigger:
    return TierTrigger(
        move=convert.to_enum(TierMove, message.move),
        tier_id=to_id(message.tier),
        audience_segment_id=to_id(message.audience_segment_id),
    )


def _to_coupon_ending(message: trigger_pb.CouponEndingTrigger) -> CouponEndingTrigger:
    return CouponEndingTrigger(
        offer_id=strawberry.ID(message.offer_id),
        valid_days=message.valid_days,
        days_before=message.days_before,
        audience_segment_id=to_id(message.audience_segment_id),
    )


def _to_product(message: trigger_pb.ProductTrigger) -> ProductTrigger:
    return ProductTrigger(
        news=convert.to_enum(ProductNews, message.news),
        product_ids=list(message.product_ids),
        categories=list(message.categories),
        first_segment_id=to_id(message.first_segment_id),
        head_start_seconds=Int64(message.head_start_seconds),
        audience_segment_id=to_id(message.audience_segment_id),
    )


def _to_date(message: trigger_pb.DateTrigger) -> DateTrigger:
    return DateTrigger(
        segment_id=strawberry.ID(message.segment_id),
        date=dt.date.fromisoformat(message.date) if message.date else None,
        yearly=message.yearly or None,
        holiday_id=to_id(message.holiday_id),
        entry_id=to_id(message.entry_id),
        offset_days=message.offset_days,
        minute_of_day=message.minute_of_day,
    )


_READERS: Mapping[str, Callable[[Any], AnyTrigger]] = {
    "segment": _to_segment_trigger,
    "event": _to_event,
    "birthday": _to_birthday,
    "tier": _to_tier,
    "product": _to_product,
    "date": _to_date,
    "coupon_ending": _to_coupon_ending,
}
