"""Which part of a timeline is asked for."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.events.v1 import event_pb2
from dangol.profile.v1 import customer_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import Context
from gateway_service.types_events import Channel, Event, to_event


@strawberry.enum(description="In which order a timeline is read.")
class TimelineOrder(Enum):
    """Values are those of the contract."""

    NEWEST_FIRST = 1
    OLDEST_FIRST = 2


@strawberry.input(description="Only events that are all of this; what is absent is not asked.")
class TimelineFilter:
    """From `startTime` (inclusive) to `endTime` (exclusive)."""

    types: list[str] | None = strawberry.field(
        default=None, description="Of these types, for example purchase."
    )
    channels: list[Channel] | None = strawberry.field(
        default=None, description="In these channels."
    )
    store_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="In these stores."
    )
    start_time: dt.datetime | None = strawberry.field(default=None, description="From then on.")
    end_time: dt.datetime | None = strawberry.field(default=None, description="Before then.")


async def load_timeline(
    context: Context,
    customer_id: str,
    first: int | None,
    after: str | None,
    *,
    types: list[str] | None,
    only: TimelineFilter | None,
    order: TimelineOrder | None,
) -> Connection[Event]:
    """A page of what happened to one customer. Raises RpcFailure."""
    currency = await context.currency_code()
    asked = _to_request(customer_id, types, only or TimelineFilter(), order)

    async def load(page_size: int, page_token: str) -> Page[event_pb2.Event]:
        request = pb.ListTimelineRequest()
        request.CopyFrom(asked)
        request.page_size, request.page_token = page_size, page_token
        answer = await context.call(context.clients.customers.ListTimeline, request)
        return Page(answer.events, answer.next_page_token)

    return await connect(first, after, load, lambda message: to_event(message, currency))


def _to_request(
    customer_id: str, types: list[str] | None, only: TimelineFilter, order: TimelineOrder | None
) -> pb.ListTimelineRequest:
    request = pb.ListTimelineRequest(
        customer_id=customer_id,
        types=[*(types or ()), *(only.types or ())],
        channels=[f"CHANNEL_{one.name}" for one in only.channels or ()],
        store_ids=[str(one) for one in only.store_ids or ()],
        order=f"TIMELINE_ORDER_{order.name}" if order else None,
    )
    if only.start_time is not None:
        request.start_time.CopyFrom(convert.to_timestamp(only.start_time))
    if only.end_time is not None:
        request.end_time.CopyFrom(convert.to_timestamp(only.end_time))
    return request
