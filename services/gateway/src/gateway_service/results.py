"""What mutations answer: success, or a refusal with a stable code."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import Enum
from typing import Annotated, TypeVar

import grpc
import strawberry
from dangol_service_kit.errors import RpcFailure

from gateway_service.types_campaigns import Campaign
from gateway_service.types_common import Int64, Money
from gateway_service.types_customers import Customer
from gateway_service.types_gifts import Gift
from gateway_service.types_offers import Coupon, Offer
from gateway_service.types_previews import SegmentPreview
from gateway_service.types_segments import MembershipChange, Segment

T = TypeVar("T")
R = TypeVar("R", bound="Refused")

# What a client may run into while everything works; the rest are errors.
_EXPECTED = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.FAILED_PRECONDITION,
    }
)


@strawberry.interface(description="Nothing was changed, for a reason that clients can act on.")
class Refused:
    """All refusals have these."""

    code: str = strawberry.field(description="Stable; docs/errors.md lists them.")
    message: str = strawberry.field(description="For developers, in English.")
    field: str | None = strawberry.field(description="The field at fault, where it is one.")


@strawberry.type(description="The events were not recorded.")
class TrackRefused(Refused):
    """The whole batch."""


@strawberry.type(description="The customer stayed as it was.")
class CustomerRefused(Refused):
    """Also when identifiers belong to two members."""


@strawberry.type(description="The segment stayed as it was.")
class SegmentRefused(Refused):
    """Also when the rule cannot be read."""

    line: int | None = strawberry.field(default=None, description="Where in the rule, from 1.")
    column: int | None = strawberry.field(default=None, description="Where in the line, from 1.")
    hint: str | None = strawberry.field(default=None, description="What may have been meant.")


@strawberry.type(description="The offer was not created.")
class OfferRefused(Refused):
    """Nothing was created."""


@strawberry.type(description="The campaign stayed as it was.")
class CampaignRefused(Refused):
    """Nothing was changed."""


@strawberry.type(description="The coupon stayed as it was.")
class CouponRefused(Refused):
    """The code is the outcome, for example ALREADY_REDEEMED."""

    coupon: Coupon | None = strawberry.field(
        default=None, description="The coupon as it is, for those who may see it."
    )


@strawberry.type(description="The gift stayed as it was.")
class GiftRefused(Refused):
    """The code is the outcome, for example SELF_GIFT."""


@strawberry.type(description="The clock stayed as it was.")
class ClockRefused(Refused):
    """For example on wall time."""


@strawberry.enum(description="What became of one event.")
class RecordOutcome(Enum):
    """Values are those of the contract."""

    RECORDED = 1
    DUPLICATE = 2
    REJECTED = 3


@strawberry.type(description="What became of one event.")
class EventResult:
    """In the order of the input."""

    event_id: strawberry.ID = strawberry.field(description="Which.")
    outcome: RecordOutcome | None = strawberry.field(description="What became of it.")
    code: str | None = strawberry.field(description="Why it was rejected.")
    field: str | None = strawberry.field(description="The field at fault.")
    message: str | None = strawberry.field(description="What to do.")


@strawberry.type(description="The events were judged one by one.")
class TrackSuccess:
    """Rejected ones included."""

    results: list[EventResult] = strawberry.field(description="In the order of the input.")
    changes: list[MembershipChange] = strawberry.field(
        description="Membership changes that these events caused."
    )
    changes_pending: bool = strawberry.field(
        description="True when the events are safe but their changes follow later."
    )


@strawberry.enum(description="What identifying came to.")
class IdentifyOutcome(Enum):
    """Values are those of the contract."""

    CREATED = 1
    LINKED = 2
    MERGED = 3
    UNCHANGED = 4


@strawberry.type(description="The identifiers belong to one customer now.")
class IdentifySuccess:
    """Linked."""

    outcome: IdentifyOutcome | None = strawberry.field(description="What it came to.")
    customer: Customer = strawberry.field(description="Whose they are.")


@strawberry.type(description="The customer was changed.")
class UpdateCustomerSuccess:
    """Changed."""

    customer: Customer = strawberry.field(description="As it is now.")


@strawberry.type(description="The log has what the customer allowed or withdrew.")
class SetConsentSuccess:
    """Written, and told to segmentation."""

    customer: Customer = strawberry.field(description="As it is now.")
    changes: list[MembershipChange] = strawberry.field(
        description="Membership changes that this caused."
    )
    changes_pending: bool = strawberry.field(
        description="True when the log is written but the changes follow later."
    )


@strawberry.type(description="The segment was saved.")
class SegmentSuccess:
    """Saved."""

    segment: Segment = strawberry.field(description="As it is now.")


@strawberry.type(description="The segment was deleted.")
class DeleteSegmentSuccess:
    """Deleted."""

    segment_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The tenant has the ready segments.")
class InstallStarterSegmentsSuccess:
    """Installed, or there before."""

    installed: list[Segment] = strawberry.field(description="Created by this request.")
    kept_segment_ids: list[strawberry.ID] = strawberry.field(
        description="Those that the tenant had already; they are untouched."
    )


@strawberry.type(description="The offer was created.")
class CreateOfferSuccess:
    """Created."""

    offer: Offer = strawberry.field(description="As it is from now on.")


@strawberry.type(description="The campaign was saved.")
class CampaignSuccess:
    """Saved."""

    campaign: Campaign = strawberry.field(description="As it is now.")


@strawberry.type(description="The coupon was issued, or was already by the same request.")
class IssueCouponSuccess:
    """Issued."""

    coupon: Coupon = strawberry.field(description="As it is now.")


@strawberry.type(description="The coupon is set aside for the order.")
class HoldCouponSuccess:
    """Held."""

    coupon: Coupon = strawberry.field(description="As it is now.")
    discount: Money | None = strawberry.field(description="What it takes off this order.")


@strawberry.type(description="The coupon is used up.")
class RedeemCouponSuccess:
    """Redeemed."""

    coupon: Coupon = strawberry.field(description="As it is now.")


@strawberry.type(description="The coupon is free again.")
class ReleaseCouponSuccess:
    """Released."""

    coupon: Coupon = strawberry.field(description="As it is now.")


@strawberry.type(description="The order's discount was taken back, whole or in part.")
class ReverseCouponSuccess:
    """Reversed."""

    coupon: Coupon = strawberry.field(description="Available again if its offer gives it back.")
    discount_reversed: Money | None = strawberry.field(description="What is taken back.")
    discount_kept: Money | None = strawberry.field(description="What the goods kept still get.")
    refund: Money | None = strawberry.field(
        description="What the goods that came back had cost under this coupon, less what the goods "
        "kept lost of their discount; null when the order was held by its amount alone."
    )
    points_reversed: Int64 = strawberry.field(description="Points of the coupon taken back.")


@strawberry.type(description="The coupon is ended.")
class RevokeCouponSuccess:
    """Revoked."""

    coupon: Coupon = strawberry.field(description="As it is now.")


@strawberry.type(description="The coupons were issued. Sending it again issues no more.")
class IssueCouponsSuccess:
    """Counts of what became of each."""

    issued_count: Int64 = strawberry.field(description="Issued by this request.")
    already_issued_count: Int64 = strawberry.field(
        description="Of this campaign, offer and customer there was one already."
    )
    limit_reached_count: Int64 = strawberry.field(
        description="The customer has as many as the offer allows."
    )
    budget_exhausted_count: Int64 = strawberry.field(
        description="The campaign's budget had nothing left for them."
    )


@strawberry.type(description="The coupon is in escrow, waiting to be claimed.")
class OfferGiftSuccess:
    """Offered."""

    gift: Gift = strawberry.field(description="As it is now.")
    token: str = strawberry.field(description="For the link; whoever has it may claim.")


@strawberry.type(description="The coupon has a new owner.")
class ClaimGiftSuccess:
    """Claimed."""

    gift: Gift = strawberry.field(description="As it is now.")
    coupon: Coupon | None = strawberry.field(description="In its new owner's hands.")
    customer_id: strawberry.ID | None = strawberry.field(
        description="Who signed up, where the claim was a sign-up."
    )


@strawberry.type(description="The coupon is back with its giver, and the giver may know.")
class DeclineGiftSuccess:
    """Declined."""

    gift: Gift = strawberry.field(description="As it is now.")


@strawberry.type(description="The coupon is back with its giver.")
class CancelGiftSuccess:
    """Cancelled."""

    gift: Gift = strawberry.field(description="As it is now.")


@strawberry.type(description="The clock was moved, and everything that fell due has happened.")
class AdvanceClockSuccess:
    """Advanced."""

    fired_deadlines: Int64 = strawberry.field(description="Memberships that changed by time.")
    consumed_changes: Int64 = strawberry.field(description="Changes that campaigns acted on.")
    relayed_events: Int64 = strawberry.field(description="Events that offers sent back.")


TrackResult = Annotated[TrackSuccess | TrackRefused, strawberry.union("TrackResult")]
IdentifyResult = Annotated[IdentifySuccess | CustomerRefused, strawberry.union("IdentifyResult")]
UpdateCustomerResult = Annotated[
    UpdateCustomerSuccess | CustomerRefused, strawberry.union("UpdateCustomerResult")
]
SetConsentResult = Annotated[
    SetConsentSuccess | CustomerRefused, strawberry.union("SetConsentResult")
]
SegmentResult = Annotated[SegmentSuccess | SegmentRefused, strawberry.union("SegmentResult")]
DeleteSegmentResult = Annotated[
    DeleteSegmentSuccess | SegmentRefused, strawberry.union("DeleteSegmentResult")
]
PreviewSegmentResult = Annotated[
    SegmentPreview | SegmentRefused, strawberry.union("PreviewSegmentResult")
]
InstallStarterSegmentsResult = Annotated[
    InstallStarterSegmentsSuccess | SegmentRefused,
    strawberry.union("InstallStarterSegmentsResult"),
]
CreateOfferResult = Annotated[
    CreateOfferSuccess | OfferRefused, strawberry.union("CreateOfferResult")
]
CampaignResult = Annotated[CampaignSuccess | CampaignRefused, strawberry.union("CampaignResult")]
IssueCouponResult = Annotated[
    IssueCouponSuccess | CouponRefused, strawberry.union("IssueCouponResult")
]
HoldCouponResult = Annotated[
    HoldCouponSuccess | CouponRefused, strawberry.union("HoldCouponResult")
]
RedeemCouponResult = Annotated[
    RedeemCouponSuccess | CouponRefused, strawberry.union("RedeemCouponResult")
]
ReleaseCouponResult = Annotated[
    ReleaseCouponSuccess | CouponRefused, strawberry.union("ReleaseCouponResult")
]
ReverseCouponResult = Annotated[
    ReverseCouponSuccess | CouponRefused, strawberry.union("ReverseCouponResult")
]
RevokeCouponResult = Annotated[
    RevokeCouponSuccess | CouponRefused, strawberry.union("RevokeCouponResult")
]
IssueCouponsResult = Annotated[
    IssueCouponsSuccess | CouponRefused, strawberry.union("IssueCouponsResult")
]
DeclineGiftResult = Annotated[
    DeclineGiftSuccess | GiftRefused, strawberry.union("DeclineGiftResult")
]
OfferGiftResult = Annotated[OfferGiftSuccess | GiftRefused, strawberry.union("OfferGiftResult")]
ClaimGiftResult = Annotated[ClaimGiftSuccess | GiftRefused, strawberry.union("ClaimGiftResult")]
CancelGiftResult = Annotated[CancelGiftSuccess | GiftRefused, strawberry.union("CancelGiftResult")]
AdvanceClockResult = Annotated[
    AdvanceClockSuccess | ClockRefused, strawberry.union("AdvanceClockResult")
]


async def or_refused(answer: Awaitable[T], refused: type[R]) -> T | R:
    """The answer, or the expected failure as a value. Raises RpcFailure for the others."""
    try:
        return await answer
    except RpcFailure as failure:
        return refusal_of(failure, refused)


def refusal_of(failure: RpcFailure, refused: type[R]) -> R:
    """An expected failure as a value. Raises it where it is none."""
    if failure.code.status not in _EXPECTED:
        raise failure
    return refused(code=failure.code.name, message=failure.message, field=failure.field)


async def or_segment_refused(answer: Awaitable[T]) -> T | SegmentRefused:
    """The same for segments, whose refusals point into the rule."""
    try:
        return await answer
    except RpcFailure as failure:
        if failure.code.status not in _EXPECTED:
            raise
        facts = failure.metadata
        return SegmentRefused(
            code=failure.code.name,
            message=failure.message,
            field=failure.field,
            line=int(facts["line"]) if "line" in facts else None,
            column=int(facts["column"]) if "column" in facts else None,
            hint=facts.get("hint") or None,
        )
