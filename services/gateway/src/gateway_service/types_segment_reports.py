"""What members of a segment buy, and how they respond."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import strawberry
from dangol.profile.v1 import insight_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import Context
from gateway_service.types_common import Int64, Money, money_of


@strawberry.type(description="A product or a category that members buy.")
class SegmentFavourite:
    """Found by orders."""

    id: strawberry.ID = strawberry.field(description="The product's or the category's.")
    order_count: Int64 = strawberry.field(description="Orders with it, whatever the quantity.")


@strawberry.type(description="Events of one type that show how members respond.")
class SegmentResponse:
    """Messages, coupons and gifts."""

    event_type: str = strawberry.field(description="For example message_opened.")
    event_count: Int64 = strawberry.field(description="How many there were.")
    customer_count: Int64 = strawberry.field(description="Members with one or more.")


@strawberry.type(description="What the present members of a segment bought and responded to.")
class SegmentReport:
    """Of a time; computed from the events when asked for."""

    member_count: Int64 = strawberry.field(description="Members now.")
    measured_count: Int64 = strawberry.field(
        description="Of how many of them the rest speaks; at most 10,000."
    )
    start_time: dt.datetime | None = strawberry.field(description="Included.")
    end_time: dt.datetime | None = strawberry.field(description="Not included.")
    buyer_count: Int64 = strawberry.field(description="Members with an order.")
    order_count: Int64 = strawberry.field(description="Their orders.")
    revenue: Money = strawberry.field(description="What these come to; returns are not taken off.")
    return_count: Int64 = strawberry.field(description="Returns.")
    returned: Money = strawberry.field(description="What these come to.")
    discount: Money = strawberry.field(
        description="What redeemed coupons took off, without what was reversed."
    )
    products: list[SegmentFavourite] = strawberry.field(description="By orders, most first.")
    categories: list[SegmentFavourite] = strawberry.field(
        description="By orders, most first; of products that the catalogue has."
    )
    responses: list[SegmentResponse] = strawberry.field(description="Every type, always.")


async def load_segment_report(
    context: Context,
    segment_id: str,
    span: tuple[dt.datetime | None, dt.datetime | None],
    limit: int | None,
) -> SegmentReport | None:
    """The report over a time, with so many products and categories."""
    start, end = span
    request = pb.ReportSegmentRequest(
        segment_id=segment_id,
        start_time=convert.optional_timestamp(start),
        end_time=convert.optional_timestamp(end),
        limit=limit or 0,
    )
    return _to_report(await context.call(context.clients.insight.ReportSegment, request))


def _to_report(message: pb.ReportSegmentResponse) -> SegmentReport:
    return SegmentReport(
        member_count=Int64(message.member_count),
        measured_count=Int64(message.measured_count),
        start_time=convert.to_datetime(message, "start_time"),
        end_time=convert.to_datetime(message, "end_time"),
        buyer_count=Int64(message.buyer_count),
        order_count=Int64(message.order_count),
        revenue=money_of(message.revenue),
        return_count=Int64(message.return_count),
        returned=money_of(message.returned),
        discount=money_of(message.discount),
        products=_to_favourites(message.products),
        categories=_to_favourites(message.categories),
        responses=[
            SegmentResponse(
                event_type=one.event_type,
                event_count=Int64(one.event_count),
                customer_count=Int64(one.customer_count),
            )
            for one in message.responses
        ],
    )


def _to_favourites(found: Iterable[pb.SegmentFavourite]) -> list[SegmentFavourite]:
    return [
        SegmentFavourite(id=strawberry.ID(one.id), order_count=Int64(one.order_count))
        for one in found
    ]
