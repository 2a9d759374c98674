"""Discounts that staff give in the store."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.offers.v1 import staff_discount_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import Context
from gateway_service.types_common import Int64, Money, money_of, optional_money
from gateway_service.types_offers import to_id

# At most 5,000 members of staff.
_REPORT_STAFF_MAX, _REPORT_PAGES_MAX = 500, 10
_REPORT_SECONDS = 60.0


@strawberry.enum(description="What became of a discount that staff gave.")
class StaffDiscountState(Enum):
    """Values are those of the contract."""

    OPEN = 1
    CLAIMED = 2
    CANCELLED = 3
    EXPIRED = 4


@strawberry.type(description="What a member of staff may give.")
class StaffAllowance:
    """Of one's own, or of everybody who has none of their own."""

    version: Int64 = strawberry.field(description="Send it back when changing it.")
    offer_id: strawberry.ID = strawberry.field(
        description="The offer whose terms a discount has, but for the amount."
    )
    once_max: Money = strawberry.field(description="The most of one discount.")
    day_max: Money = strawberry.field(description="The most of a day of the tenant's calendar.")
    month_max: Money = strawberry.field(description="The most of a month of it.")


@strawberry.type(description="What a member of staff may still give.")
class StaffAllowanceLeft:
    """As of now."""

    allowance: StaffAllowance | None = strawberry.field(description="What holds; null for none.")
    day_spent: Money | None = strawberry.field(description="Given today.")
    month_spent: Money | None = strawberry.field(description="Given this month.")


@strawberry.type(description="A discount that a member of staff gave to a customer in the store.")
class StaffDiscount:
    """Claimed online by its code."""

    id: strawberry.ID = strawberry.field(description="The discount.")
    staff_id: strawberry.ID = strawberry.field(description="Who gave it.")
    store_id: str | None = strawberry.field(description="In which store.")
    amount: Money = strawberry.field(description="What it is worth.")
    state: StaffDiscountState | None = strawberry.field(description="What became of it.")
    given_at: dt.datetime | None = strawberry.field(description="When it was given.")
    expires_at: dt.datetime | None = strawberry.field(description="Until when it can be claimed.")
    claimed_at: dt.datetime | None = strawberry.field(description="When it was claimed.")
    store_customer_id: strawberry.ID | None = strawberry.field(
        description="The customer in the store as known then; for staff and marketers."
    )
    claimer_customer_id: strawberry.ID | None = strawberry.field(description="Who claimed it.")
    linked: bool = strawberry.field(
        description="Whether the claim made the customer in the store and the one online one."
    )
    coupon_id: strawberry.ID | None = strawberry.field(description="What the claim issued.")


@strawberry.type(description="What one member of staff gave, and what became of it.")
class StaffDiscountFigures:
    """Of the time asked for."""

    staff_id: strawberry.ID = strawberry.field(description="Who.")
    given_count: Int64 = strawberry.field(description="Discounts given.")
    given: Money = strawberry.field(description="What they were worth.")
    claimed_count: Int64 = strawberry.field(description="Of these, claimed.")
    linked_count: Int64 = strawberry.field(
        description="Of the claimed, those that linked a store's customer with one online."
    )
    cancelled_count: Int64 = strawberry.field(description="Taken back.")
    expired_count: Int64 = strawberry.field(description="Nobody claimed them in time.")
    redeemed_count: Int64 = strawberry.field(description="Used by an order.")
    redeemed: Money = strawberry.field(description="What orders took off by them.")


def to_allowance(message: pb.StaffAllowance) -> StaffAllowance:
    """An allowance as frontends see it."""
    return StaffAllowance(
        version=Int64(message.version),
        offer_id=strawberry.ID(message.offer_id),
        once_max=money_of(message.once_max),
        day_max=money_of(message.day_max),
        month_max=money_of(message.month_max),
    )


def to_staff_discount(message: pb.StaffDiscount) -> StaffDiscount:
    """A discount as frontends see it."""
    return StaffDiscount(
        id=strawberry.ID(message.discount_id),
        staff_id=strawberry.ID(message.staff_id),
        store_id=message.store_id or None,
        amount=money_of(message.amount),
        state=convert.to_enum(StaffDiscountState, message.state),
        given_at=convert.to_datetime(message, "give_time"),
        expires_at=convert.to_datetime(message, "expire_time"),
        claimed_at=convert.to_datetime(message, "claim_time"),
        store_customer_id=to_id(message.store_customer_id),
        claimer_customer_id=to_id(message.claimer_customer_id),
        linked=message.linked,
        coupon_id=to_id(message.coupon_id),
    )


async def load_allowance(context: Context, staff_id: str) -> StaffAllowanceLeft:
    """What one may still give. Raises RpcFailure."""
    method = context.clients.staff_discounts.GetStaffAllowance
    answer = await context.call(method, pb.GetStaffAllowanceRequest(staff_id=staff_id))
    return StaffAllowanceLeft(
        allowance=to_allowance(answer.allowance) if answer.HasField("allowance") else None,
        day_spent=optional_money(answer, "day_spent"),
        month_spent=optional_money(answer, "month_spent"),
    )


async def load_staff_discounts(
    context: Context, staff_id: str, first: int | None, after: str | None
) -> Connection[StaffDiscount]:
    """A page of what one member of staff gave. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.StaffDiscount]:
        request = pb.ListStaffDiscountsRequest(
            staff_id=staff_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.staff_discounts.ListStaffDiscounts, request)
        return Page(answer.discounts, answer.next_page_token)

    return await connect(first, after, load, to_staff_discount)


async def report_staff_discounts(
    context: Context, starts_at: dt.datetime | None, ends_at: dt.datetime | None
) -> list[StaffDiscountFigures]:
    """By member of staff. Raises RpcFailure."""
    request = pb.ReportStaffDiscountsRequest(
        from_time=convert.optional_timestamp(starts_at),
        until_time=convert.optional_timestamp(ends_at),
        page_size=_REPORT_STAFF_MAX,
    )
    method = context.clients.staff_discounts.ReportStaffDiscounts
    found: list[pb.StaffDiscountFigures] = []
    for _ in range(_REPORT_PAGES_MAX):
        answer = await context.call(method, request, timeout_seconds=_REPORT_SECONDS)
        found += answer.staff
        request.page_token = answer.next_page_token
        if not request.page_token:
            break
    return [
        StaffDiscountFigures(
            staff_id=strawberry.ID(one.staff_id),
            given_count=Int64(one.given_count),
            given=money_of(one.given),
            claimed_count=Int64(one.claimed_count),
            linked_count=Int64(one.linked_count),
            cancelled_count=Int64(one.cancelled_count),
            expired_count=Int64(one.expired_count),
            redeemed_count=Int64(one.redeemed_count),
            redeemed=money_of(one.redeemed),
        )
        for one in found
    ]
