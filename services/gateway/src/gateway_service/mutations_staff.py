"""Discounts that staff give in the store: allowances, giving, claiming, taking back."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.offers.v1 import staff_discount_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID, IdentifierInput
from gateway_service.inputs_coupons import sign_up_of
from gateway_service.outcomes import decided
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import Int64, MoneyInput
from gateway_service.types_staff import (
    StaffAllowance,
    StaffDiscount,
    to_allowance,
    to_staff_discount,
)


@strawberry.input(description="What a member of staff, or everybody else, may give.")
class SetStaffAllowanceInput:
    """All of it is written."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    offer_id: strawberry.ID = strawberry.field(
        description="An offer of a fixed amount; a discount has its terms, but for the amount."
    )
    once_max: MoneyInput = strawberry.field(description="The most of one discount.")
    day_max: MoneyInput = strawberry.field(description="The most of a day.")
    month_max: MoneyInput = strawberry.field(description="The most of a month.")
    staff_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The subject of the member's tokens; everybody without one of their own if "
        "absent.",
    )
    version: Int64 = strawberry.field(
        default=Int64(0), description="The version that was read; 0 where there is none."
    )


@strawberry.input(description="A discount for the customer in the store.")
class GiveStaffDiscountInput:
    """By a member of staff, within the allowance."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    amount: MoneyInput = strawberry.field(description="What it is worth.")
    store_id: str | None = strawberry.field(
        default=None, description="One of the stores of the caller's token."
    )
    identifiers: list[IdentifierInput] | None = strawberry.field(
        default=None, description="What is known of the customer, a loyalty card say."
    )
    open_seconds: Int64 | None = strawberry.field(default=None, description="A week if absent.")


@strawberry.input(description="A discount to claim online. Send who claims it, or the sign-up.")
class ClaimStaffDiscountInput:
    """By its code."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    code: str = strawberry.field(description="From the receipt.")
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who claims it; a member."
    )
    sign_up: list[IdentifierInput] | None = strawberry.field(
        default=None, description="Who becomes a member by claiming it. Only shops may vouch."
    )


@strawberry.input(description="A discount to take back.")
class CancelStaffDiscountInput:
    """While nobody has claimed it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    discount_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The discount, or the allowance, stayed as it was.")
class StaffDiscountRefused(Refused):
    """The code is the outcome, for example DAY_SPENT."""


@strawberry.type(description="The allowance was written.")
class SetStaffAllowanceSuccess:
    """Written."""

    allowance: StaffAllowance = strawberry.field(description="As it is now.")


@strawberry.type(description="The discount waits to be claimed.")
class GiveStaffDiscountSuccess:
    """Given."""

    discount: StaffDiscount = strawberry.field(description="As it is now.")
    code: str = strawberry.field(description="For the receipt and the QR code.")


@strawberry.type(description="The discount was decided.")
class StaffDiscountSuccess:
    """Claimed, or taken back."""

    discount: StaffDiscount = strawberry.field(description="As it is now.")


SetStaffAllowanceResult = Annotated[
    SetStaffAllowanceSuccess | StaffDiscountRefused, strawberry.union("SetStaffAllowanceResult")
]
GiveStaffDiscountResult = Annotated[
    GiveStaffDiscountSuccess | StaffDiscountRefused, strawberry.union("GiveStaffDiscountResult")
]
StaffDiscountResult = Annotated[
    StaffDiscountSuccess | StaffDiscountRefused, strawberry.union("StaffDiscountResult")
]


@strawberry.type
class StaffMutations:
    """The part of Mutation that is about staff's discounts."""

    @mutation("Sets what a member of staff, or everybody else, may give.")
    async def set_staff_allowance(
        self, info: AppInfo, input: SetStaffAllowanceInput
    ) -> SetStaffAllowanceResult:
        """Offers' SetStaffAllowance."""
        allowance = pb.StaffAllowance(
            offer_id=str(input.offer_id),
            once_max=input.once_max.to_proto(),
            day_max=input.day_max.to_proto(),
            month_max=input.month_max.to_proto(),
        )
        request = pb.SetStaffAllowanceRequest(
            request_id=str(input.request_id),
            staff_id=str(input.staff_id or ""),
            allowance=allowance,
            expected_version=input.version,
        )
        method = info.context.clients.staff_discounts.SetStaffAllowance
        answer = await or_refused(info.context.call(method, request), StaffDiscountRefused)
        if isinstance(answer, StaffDiscountRefused):
            return answer
        return SetStaffAllowanceSuccess(allowance=to_allowance(answer.allowance))

    @mutation("Gives a discount to the customer in the store, and answers its code.")
    async def give_staff_discount(
        self, info: AppInfo, input: GiveStaffDiscountInput
    ) -> GiveStaffDiscountResult:
        """Offers' GiveStaffDiscount."""
        request = pb.GiveStaffDiscountRequest(
            request_id=str(input.request_id),
            amount=input.amount.to_proto(),
            store_id=input.store_id or "",
            identifiers=[one.to_proto() for one in input.identifiers or ()],
            open_seconds=input.open_seconds or 0,
        )
        method = info.context.clients.staff_discounts.GiveStaffDiscount
        call = info.context.call(method, request)
        answer = await decided(call, pb.StaffDiscountOutcome, StaffDiscountRefused)
        if isinstance(answer, StaffDiscountRefused):
            return answer
        discount = to_staff_discount(answer.discount)
        return GiveStaffDiscountSuccess(discount=discount, code=answer.code)

    @mutation("Claims a discount that staff gave; the store's customer and the one online are one.")
    async def claim_staff_discount(
        self, info: AppInfo, input: ClaimStaffDiscountInput
    ) -> StaffDiscountResult:
        """Offers' ClaimStaffDiscount."""
        request = pb.ClaimStaffDiscountRequest(
            request_id=str(input.request_id),
            code=input.code,
            customer_id=str(input.customer_id or ""),
            sign_up=sign_up_of(input.sign_up),
        )
        method = info.context.clients.staff_discounts.ClaimStaffDiscount
        call = info.context.call(method, request)
        answer = await decided(call, pb.StaffDiscountOutcome, StaffDiscountRefused)
        if isinstance(answer, StaffDiscountRefused):
            return answer
        return StaffDiscountSuccess(discount=to_staff_discount(answer.discount))

    @mutation("Takes a discount back that nobody has claimed; the allowance has it again.")
    async def cancel_staff_discount(
        self, info: AppInfo, input: CancelStaffDiscountInput
    ) -> StaffDiscountResult:
        """Offers' CancelStaffDiscount."""
        request = pb.CancelStaffDiscountRequest(
            request_id=str(input.request_id), discount_id=str(input.discount_id)
        )
        method = info.context.clients.staff_discounts.CancelStaffDiscount
        call = info.context.call(method, request)
        answer = await decided(call, pb.StaffDiscountOutcome, StaffDiscountRefused)
        if isinstance(answer, StaffDiscountRefused):
            return answer
        return StaffDiscountSuccess(discount=to_staff_discount(answer.discount))
