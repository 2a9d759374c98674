"""What clients send about points. Every write carries a request id and may be sent twice."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import points_service_pb2 as pb

from gateway_service import convert
from gateway_service.inputs import REQUEST_ID
from gateway_service.types_common import (
    Int64,
    LocalizedTextInput,
    MoneyInput,
    from_texts,
    proto_of,
)


@strawberry.input(description="More points on an order, as a share of what the base gives.")
class PointsBonusInput:
    """Rounds down by itself."""

    bonus_id: strawberry.ID = strawberry.field(description="For example double-weekend.")
    basis_points: int = strawberry.field(description="10000 doubles.")
    minimum_order: MoneyInput | None = strawberry.field(
        default=None, description="Orders of at least so much; any if absent."
    )
    starts_at: dt.datetime | None = strawberry.field(default=None, description="From when on.")
    ends_at: dt.datetime | None = strawberry.field(default=None, description="Until when.")
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only for orders that name this campaign."
    )

    def to_proto(self) -> pb.PointsBonus:
        """The message."""
        return pb.PointsBonus(
            rule_id=str(self.bonus_id),
            basis_points=self.basis_points,
            minimum_order=proto_of(self.minimum_order),
            start_time=convert.optional_timestamp(self.starts_at),
            end_time=convert.optional_timestamp(self.ends_at),
            campaign_id=str(self.campaign_id or ""),
        )


@strawberry.input(description="A standing that a customer has by the orders of the last 365 days.")
class TierInput:
    """One step of the programme."""

    tier_id: strawberry.ID = strawberry.field(description="For example gold.")
    display_names: list[LocalizedTextInput] = strawberry.field(
        description="Names by language; ko and en are required."
    )
    threshold: MoneyInput = strawberry.field(description="What the orders have to come to.")
    bonus_basis_points: int = strawberry.field(
        default=0, description="More points on every order; never less than a lower tier's."
    )
    offer_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="A coupon of each is granted with every promotion."
    )

    def to_proto(self) -> pb.Tier:
        """The message."""
        return pb.Tier(
            tier_id=str(self.tier_id),
            display_names=from_texts(self.display_names),
            threshold=self.threshold.to_proto(),
            bonus_basis_points=self.bonus_basis_points,
            offer_ids=[str(offer_id) for offer_id in self.offer_ids or ()],
        )


@strawberry.input(description="The whole programme. What was earned keeps its terms.")
class SetPointsProgramInput:
    """All of it is written."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    points: Int64 = strawberry.field(description="So many for each full perAmount of an order.")
    per_amount: MoneyInput = strawberry.field(description="For each full one of these.")
    version: Int64 = strawberry.field(
        default=Int64(0), description="The version that was read; 0 for the first one."
    )
    valid_for_months: int | None = strawberry.field(default=None, description="12 if absent.")
    worth_minor_units: Int64 | None = strawberry.field(
        default=None, description="What one point is worth, in the smallest unit; 1 if absent."
    )
    spend_minimum_points: Int64 | None = strawberry.field(
        default=None, description="The fewest points that an order may be paid with."
    )
    hold_seconds: Int64 | None = strawberry.field(default=None, description="900 if absent.")
    restore_grace_days: int | None = strawberry.field(default=None, description="7 if absent.")
    gift_daily_points: Int64 | None = strawberry.field(
        default=None, description="The most to give in a day; absent: points are not given."
    )
    gift_daily_count: int | None = strawberry.field(default=None, description="10 if absent.")
    bonuses: list[PointsBonusInput] | None = strawberry.field(
        default=None, description="At most 20."
    )
    tiers: list[TierInput] | None = strawberry.field(
        default=None, description="From the lowest to the highest; at most 10."
    )

    def to_proto(self) -> pb.SetPointsProgramRequest:
        """The message."""
        program = pb.PointsProgram(
            points=self.points,
            per_amount=self.per_amount.to_proto(),
            valid_for_months=self.valid_for_months or 0,
            worth_minor_units=self.worth_minor_units or 0,
            spend_minimum_points=self.spend_minimum_points or 0,
            hold_seconds=self.hold_seconds or 0,
            restore_grace_days=self.restore_grace_days or 0,
            gift_daily_points=self.gift_daily_points or 0,
            gift_daily_count=self.gift_daily_count or 0,
            bonuses=[bonus.to_proto() for bonus in self.bonuses or ()],
            tiers=[tier.to_proto() for tier in self.tiers or ()],
        )
        return pb.SetPointsProgramRequest(
            request_id=str(self.request_id), program=program, expected_version=self.version
        )


@strawberry.input(description="An order that was paid.")
class EarnPointsInput:
    """Gives its points once, and counts towards the tier."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose order.")
    order_id: str = strawberry.field(description="Which order.")
    net_amount: MoneyInput = strawberry.field(
        description="What was paid for the goods: after discounts and points, without shipping."
    )
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose bonuses apply."
    )


@strawberry.input(description="An order, or part of it, that came back.")
class TakeBackPointsInput:
    """Takes its points back, also when they were spent."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose order.")
    order_id: str = strawberry.field(description="Which order.")
    returned_amount: MoneyInput | None = strawberry.field(
        default=None, description="How much of the net amount; all that is left if absent."
    )


@strawberry.input(description="Points to set aside for an order.")
class HoldPointsInput:
    """The order's own hold is replaced."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose points.")
    order_id: str = strawberry.field(description="For which order.")
    points: Int64 = strawberry.field(description="How many.")
    hold_seconds: Int64 | None = strawberry.field(
        default=None, description="The programme's if absent."
    )


@strawberry.input(description="Points that an order holds, to spend or to give back.")
class PointsStepInput:
    """By the order that holds them."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose points.")
    order_id: str = strawberry.field(description="The order that holds them.")


@strawberry.input(description="Spent points of an order that come back.")
class RefundPointsInput:
    """Those that end last first."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    customer_id: strawberry.ID = strawberry.field(description="Whose points.")
    order_id: str = strawberry.field(description="The order that spent them.")
    points: Int64 | None = strawberry.field(
        default=None, description="All that are left of what the order spent, if absent."
    )


@strawberry.input(description="Points to give to whoever claims them.")
class OfferPointsGiftInput:
    """Into escrow until then."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    giver_customer_id: strawberry.ID = strawberry.field(description="Who gives.")
    points: Int64 = strawberry.field(description="How many.")
    open_seconds: Int64 | None = strawberry.field(default=None, description="A week if absent.")


@strawberry.input(description="A gift of points to take.")
class ClaimPointsGiftInput:
    """By the token of its link."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    token: str = strawberry.field(description="From the link.")
    claimer_customer_id: strawberry.ID = strawberry.field(description="Who takes it; a member.")


@strawberry.input(description="A gift of points to take back.")
class CancelPointsGiftInput:
    """While nobody has claimed it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    gift_id: strawberry.ID = strawberry.field(description="Which.")
    giver_customer_id: strawberry.ID = strawberry.field(description="Who gave it.")
