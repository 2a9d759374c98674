"""Points, tiers, and gifts of points."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.offers.v1 import points_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_common import (
    Int64,
    LocalizedText,
    Money,
    money_of,
    optional_money,
    to_money,
    to_texts,
)
from gateway_service.types_offers import Offer, load_offer, to_id


@strawberry.enum(description="What became of a gift of points.")
class PointsGiftState(Enum):
    """Values are those of the contract."""

    OFFERED = 1
    CLAIMED = 2
    CANCELLED = 3
    EXPIRED = 4


@strawberry.type(description="A standing that a customer has by the orders of the last 365 days.")
class Tier:
    """One step of the programme."""

    message: strawberry.Private[pb.Tier]

    id: strawberry.ID = strawberry.field(description="The tier's name in links and rules.")
    threshold: Money = strawberry.field(description="What the orders have to come to.")
    bonus_basis_points: int = strawberry.field(
        description="More points on every order: 10000 doubles what the base gives."
    )
    offer_ids: list[strawberry.ID] = strawberry.field(
        description="A coupon of each is granted with every promotion into the tier."
    )

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))

    @resolver("What is granted with every promotion into the tier.")
    async def offers(self, info: AppInfo) -> list[Offer] | None:
        """Those that still exist."""
        offers = [await load_offer(info, offer_id) for offer_id in self.offer_ids]
        return [offer for offer in offers if offer is not None]


@strawberry.type(description="More points on an order, as a share of what the base gives.")
class PointsBonus:
    """Rounds down by itself."""

    id: strawberry.ID = strawberry.field(description="The rule's name in what an order earned.")
    basis_points: int = strawberry.field(description="10000 doubles.")
    minimum_order: Money | None = strawberry.field(description="Orders of at least so much.")
    starts_at: dt.datetime | None = strawberry.field(description="From when on.")
    ends_at: dt.datetime | None = strawberry.field(description="Until when.")
    campaign_id: strawberry.ID | None = strawberry.field(
        description="Only for orders that name this campaign."
    )


@strawberry.type(description="How customers earn and spend points, and what tiers there are.")
class PointsProgram:
    """The tenant's own."""

    version: Int64 = strawberry.field(description="Send it back when changing the programme.")
    points: Int64 = strawberry.field(description="So many for each full perAmount of an order.")
    per_amount: Money = strawberry.field(description="For each full one of these.")
    valid_for_months: int = strawberry.field(
        description="Points end with the month so many months ahead."
    )
    point_worth: Money = strawberry.field(description="What one point is worth when spent.")
    spend_minimum_points: Int64 = strawberry.field(
        description="The fewest points that an order may be paid with."
    )
    hold_seconds: Int64 = strawberry.field(description="How long an order holds points.")
    restore_grace_days: int = strawberry.field(
        description="For how long points that come back are good at least."
    )
    gift_daily_points: Int64 = strawberry.field(
        description="The most that a customer may give in a day; 0: points are not given."
    )
    gift_daily_count: int = strawberry.field(
        description="The most gifts that a customer may make in a day; 0 means 10."
    )
    bonuses: list[PointsBonus] = strawberry.field(description="What gives more.")
    tiers: list[Tier] = strawberry.field(description="From the lowest to the highest.")


@strawberry.type(description="A customer's points and tier.")
class PointsBalance:
    """As of now."""

    customer_id: strawberry.ID = strawberry.field(description="Whose.")
    available: Int64 = strawberry.field(description="Can be spent.")
    held: Int64 = strawberry.field(description="Set aside for orders.")
    gifted: Int64 = strawberry.field(description="In gifts that are open.")
    owed: Int64 = strawberry.field(description="Will be paid from the next points.")
    expiring: Int64 = strawberry.field(description="What ends next of the available points.")
    expires_at: dt.datetime | None = strawberry.field(description="When that ends.")
    tier_id: strawberry.ID | None = strawberry.field(description="The tier; null for none.")
    spent: Money | None = strawberry.field(description="The orders that count towards the tier.")
    tier_ends_at: dt.datetime | None = strawberry.field(
        description="When the tier is lost if nothing more is bought."
    )
    next_tier_id: strawberry.ID | None = strawberry.field(description="The tier above.")
    missing: Money | None = strawberry.field(description="What is missing for the tier above.")
    account_id: strawberry.ID | None = strawberry.field(
        description="The account in the ledger; null before the first points."
    )

    @resolver("The tier, with its name and what it gives.")
    async def tier(self, info: AppInfo) -> Tier | None:
        """From the programme."""
        return await load_tier(info.context, self.tier_id)

    @resolver("The tier above, with its name and what it gives.")
    async def next_tier(self, info: AppInfo) -> Tier | None:
        """From the programme."""
        return await load_tier(info.context, self.next_tier_id)


@strawberry.type(description="What one rule gave for an order.")
class PointsEarned:
    """Part of what an order earned."""

    rule_id: strawberry.ID = strawberry.field(description="base, a bonus's id, or tier:<id>.")
    points: Int64 = strawberry.field(description="How many.")
    expires_at: dt.datetime | None = strawberry.field(description="When they end.")


@strawberry.type(description="Points on their way from one customer to another.")
class PointsGift:
    """While it is open they are in escrow."""

    id: strawberry.ID = strawberry.field(description="The gift.")
    giver_customer_id: strawberry.ID | None = strawberry.field(description="Who gives.")
    claimer_customer_id: strawberry.ID | None = strawberry.field(description="Who took them.")
    points: Int64 = strawberry.field(description="How many.")
    state: PointsGiftState | None = strawberry.field(description="What became of it.")
    offered_at: dt.datetime | None = strawberry.field(description="When it was offered.")
    expires_at: dt.datetime | None = strawberry.field(description="When it goes back.")
    closed_at: dt.datetime | None = strawberry.field(description="When it was decided.")


def to_program(message: pb.PointsProgram) -> PointsProgram:
    """A programme as frontends see it."""
    return PointsProgram(
        version=Int64(message.version),
        points=Int64(message.points),
        per_amount=money_of(message.per_amount),
        valid_for_months=message.valid_for_months,
        point_worth=to_money(message.worth_minor_units, message.per_amount.currency_code),
        spend_minimum_points=Int64(message.spend_minimum_points),
        hold_seconds=Int64(message.hold_seconds),
        restore_grace_days=message.restore_grace_days,
        gift_daily_points=Int64(message.gift_daily_points),
        gift_daily_count=message.gift_daily_count,
        bonuses=[_to_bonus(bonus) for bonus in message.bonuses],
        tiers=[_to_tier(tier) for tier in message.tiers],
    )


def _to_bonus(message: pb.PointsBonus) -> PointsBonus:
    return PointsBonus(
        id=strawberry.ID(message.rule_id),
        basis_points=message.basis_points,
        minimum_order=optional_money(message, "minimum_order"),
        starts_at=convert.to_datetime(message, "start_time"),
        ends_at=convert.to_datetime(message, "end_time"),
        campaign_id=to_id(message.campaign_id),
    )


def _to_tier(message: pb.Tier) -> Tier:
    return Tier(
        message=message,
        id=strawberry.ID(message.tier_id),
        threshold=money_of(message.threshold),
        bonus_basis_points=message.bonus_basis_points,
        offer_ids=[strawberry.ID(offer_id) for offer_id in message.offer_ids],
    )


def to_balance(message: pb.PointsBalance) -> PointsBalance:
    """A balance as frontends see it."""
    return PointsBalance(
        customer_id=strawberry.ID(message.customer_id),
        available=Int64(message.available_points),
        held=Int64(message.held_points),
        gifted=Int64(message.gifted_points),
        owed=Int64(message.owed_points),
        expiring=Int64(message.expiring_points),
        expires_at=convert.to_datetime(message, "expire_time"),
        tier_id=to_id(message.tier_id),
        spent=optional_money(message, "spent"),
        tier_ends_at=convert.to_datetime(message, "tier_end_time"),
        next_tier_id=to_id(message.next_tier_id),
        missing=optional_money(message, "missing_amount"),
        account_id=to_id(message.account_id),
    )


def to_points_gift(message: pb.PointsGift) -> PointsGift:
    """A gift of points as frontends see it."""
    return PointsGift(
        id=strawberry.ID(message.gift_id),
        giver_customer_id=to_id(message.giver_customer_id),
        claimer_customer_id=to_id(message.claimer_customer_id),
        points=Int64(message.points),
        state=convert.to_enum(PointsGiftState, message.state),
        offered_at=convert.to_datetime(message, "offer_time"),
        expires_at=convert.to_datetime(message, "expire_time"),
        closed_at=convert.to_datetime(message, "close_time"),
    )


async def load_program(context: Context) -> PointsProgram | None:
    """The tenant's programme; None while there is none. Raises RpcFailure."""
    message = await context.loaders.program()
    return to_program(message) if message else None


async def load_tier(context: Context, tier_id: str | None) -> Tier | None:
    """One of the programme's tiers; None where there is none such. Raises RpcFailure."""
    message = await context.loaders.program() if tier_id else None
    found = [tier for tier in message.tiers if tier.tier_id == tier_id] if message else []
    return _to_tier(found[0]) if found else None


async def load_points(context: Context, customer_id: str) -> PointsBalance | None:
    """One customer's points; None without a programme or a customer. Raises RpcFailure."""
    message = await context.loaders.points.load(customer_id) if customer_id else None
    return to_balance(message) if message else None


async def load_points_gifts(
    context: Context, customer_id: str, first: int | None, after: str | None
) -> Connection[PointsGift]:
    """A page of what one customer gave. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.PointsGift]:
        request = pb.ListPointsGiftsRequest(
            giver_customer_id=customer_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.points.ListPointsGifts, request)
        return Page(answer.gifts, answer.next_page_token)

    return await connect(first, after, load, to_points_gift)
