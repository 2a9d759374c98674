"""Gifts of coupons: given, received, suggested, and whom they brought."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from dangol.offers.v1 import gift_service_pb2 as pb
from dangol.offers.v1 import growth_service_pb2 as growth_pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_offers import Offer, load_offer, to_id

if TYPE_CHECKING:
    from gateway_service.types_customers import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("gateway_service.types_customers")]


@strawberry.enum(description="What became of a gift.")
class GiftState(Enum):
    """Values are those of the contract."""

    OFFERED = 1
    CLAIMED = 2
    CANCELLED = 3
    EXPIRED = 4
    DECLINED = 5


@strawberry.enum(description="One of the two sides of a gift.")
class GiftSide(Enum):
    """Values are those of the contract."""

    GIVER = 1
    RECIPIENT = 2


@strawberry.enum(description="What came of looking for coupons to give away.")
class SuggestionOutcome(Enum):
    """Values are those of the contract."""

    SUGGESTED = 1
    NOTHING = 2
    DAY_LIMIT_REACHED = 3
    NOT_A_MEMBER = 4


@strawberry.type(description="In which arm of a campaign a side was when the gift was made.")
class GiftArm:
    """For reports."""

    side: GiftSide | None = strawberry.field(description="Who.")
    campaign_id: strawberry.ID = strawberry.field(description="Of which campaign.")
    arm: str = strawberry.field(description="control, a variant's id, or none.")


@strawberry.type(description="A coupon on its way from one customer to another.")
class Gift:
    """While it is open the coupon is in escrow: nobody can use it."""

    id: strawberry.ID = strawberry.field(description="The gift.")
    coupon_id: strawberry.ID = strawberry.field(description="What is given.")
    offer_id: strawberry.ID = strawberry.field(description="What the coupon is good for.")
    giver_customer_id: strawberry.ID | None = strawberry.field(description="Who gives.")
    claimer_customer_id: strawberry.ID | None = strawberry.field(description="Who took it.")
    recipient_customer_id: strawberry.ID | None = strawberry.field(
        description="The only one who may claim it; null for whoever has the link."
    )
    campaign_id: strawberry.ID | None = strawberry.field(description="The coupon's campaign.")
    generation: int = strawberry.field(
        description="How many owners the coupon had before the claimer; 0 until it is claimed."
    )
    referral_generation: int | None = strawberry.field(
        description="Set when the claimer became a member by claiming: 1, or one more than the "
        "giver's own if the giver was brought by a gift too."
    )
    state: GiftState | None = strawberry.field(description="What became of it.")
    offered_at: dt.datetime | None = strawberry.field(description="When it was offered.")
    expires_at: dt.datetime | None = strawberry.field(description="When it goes back.")
    closed_at: dt.datetime | None = strawberry.field(description="When it was decided.")

    arms: list[GiftArm] = strawberry.field(
        description="In which arms of campaigns giver and recipient were; for marketers."
    )

    @resolver("What the coupon is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)


@strawberry.type(description="A gift that is, or was, meant for a customer.")
class ReceivedGift:
    """Seen by its recipient."""

    gift: Gift = strawberry.field(description="The gift.")
    token: str | None = strawberry.field(
        description="While it is open: with it the recipient claims or declines."
    )


@strawberry.type(description="A member whom a customer brought by a gift.")
class Referral:
    """The newcomer signed up to claim it."""

    newcomer_customer_id: strawberry.ID = strawberry.field(description="Who came.")
    gift_id: strawberry.ID = strawberry.field(description="By which gift.")
    time: dt.datetime | None = strawberry.field(description="When.")
    referral_generation: int = strawberry.field(
        description="1, or one more than the referrer's own."
    )

    @resolver("Who came.")
    async def newcomer(self, info: AppInfo) -> LazyCustomer | None:
        """The customer; null for those who may not see another one, or when erased."""
        from gateway_service.types_customers import load_customer  # noqa: PLC0415

        return await load_customer(info, self.newcomer_customer_id)


@strawberry.type(description="A coupon that its owner will probably not use.")
class GiftSuggestion:
    """Near its end, and may be given away."""

    coupon_id: strawberry.ID = strawberry.field(description="Which coupon.")
    offer_id: strawberry.ID = strawberry.field(description="What it is good for.")
    valid_until: dt.datetime | None = strawberry.field(description="When it ends.")
    use_probability: float = strawberry.field(
        description="How likely its owner uses it before, by the orders of a year; below one half."
    )

    @resolver("What it is good for.")
    async def offer(self, info: AppInfo) -> Offer | None:
        """The offer."""
        return await load_offer(info, self.offer_id)


@strawberry.type(description="Coupons to suggest as gifts, and where they may be told of.")
class GiftSuggestions:
    """For one customer, as of now."""

    outcome: SuggestionOutcome | None = strawberry.field(description="What came of looking.")
    suggestions: list[GiftSuggestion] = strawberry.field(description="What ends first is first.")
    channels: list[str] = strawberry.field(
        description="Channels on which the customer agreed to advertising: tell it on no other."
    )


def to_gift(message: pb.Gift) -> Gift:
    """A gift as frontends see it."""
    return Gift(
        id=strawberry.ID(message.gift_id),
        coupon_id=strawberry.ID(message.coupon_id),
        offer_id=strawberry.ID(message.offer_id),
        giver_customer_id=to_id(message.giver_customer_id),
        claimer_customer_id=to_id(message.claimer_customer_id),
        recipient_customer_id=to_id(message.recipient_customer_id),
        campaign_id=to_id(message.campaign_id),
        generation=message.generation,
        referral_generation=message.referral_generation or None,
        arms=[
            GiftArm(
                side=convert.to_enum(GiftSide, arm.side),
                campaign_id=strawberry.ID(arm.campaign_id),
                arm=arm.arm,
            )
            for arm in message.arms
        ],
        state=convert.to_enum(GiftState, message.state),
        offered_at=convert.to_datetime(message, "offer_time"),
        expires_at=convert.to_datetime(message, "expire_time"),
        closed_at=convert.to_datetime(message, "close_time"),
    )


async def load_given(
    context: Context, customer_id: str, first: int | None, after: str | None
) -> Connection[Gift]:
    """A page of what one customer gave. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.Gift]:
        request = pb.ListGiftsRequest(
            giver_customer_id=customer_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.gifts.ListGifts, request)
        return Page(answer.gifts, answer.next_page_token)

    return await connect(first, after, load, to_gift)


async def load_received(
    context: Context, customer_id: str, first: int | None, after: str | None
) -> Connection[ReceivedGift]:
    """A page of what is, or was, meant for one customer. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.ReceivedGift]:
        request = pb.ListReceivedGiftsRequest(
            recipient_customer_id=customer_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.gifts.ListReceivedGifts, request)
        return Page(answer.gifts, answer.next_page_token)

    return await connect(
        first,
        after,
        load,
        lambda message: ReceivedGift(gift=to_gift(message.gift), token=message.token or None),
    )


async def load_referrals(
    context: Context, customer_id: str, first: int | None, after: str | None
) -> Connection[Referral]:
    """A page of whom one customer brought. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.Referral]:
        request = pb.ListReferralsRequest(
            referrer_customer_id=customer_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.gifts.ListReferrals, request)
        return Page(answer.referrals, answer.next_page_token)

    return await connect(first, after, load, _to_referral)


def _to_referral(message: pb.Referral) -> Referral:
    return Referral(
        newcomer_customer_id=strawberry.ID(message.newcomer_customer_id),
        gift_id=strawberry.ID(message.gift_id),
        time=convert.to_datetime(message, "time"),
        referral_generation=message.referral_generation,
    )


async def load_suggestions(
    context: Context, customer_id: str, within_seconds: int | None
) -> GiftSuggestions:
    """What one customer could give away. Raises RpcFailure."""
    request = growth_pb.ListGiftSuggestionsRequest(
        customer_id=customer_id, within_seconds=within_seconds or 0
    )
    answer = await context.call(context.clients.growth.ListGiftSuggestions, request)
    return GiftSuggestions(
        outcome=convert.to_enum(SuggestionOutcome, answer.outcome),
        suggestions=[
            GiftSuggestion(
                coupon_id=strawberry.ID(one.coupon_id),
                offer_id=strawberry.ID(one.offer_id),
                valid_until=convert.to_datetime(one, "valid_until"),
                use_probability=one.use_probability,
            )
            for one in answer.suggestions
        ],
        channels=list(answer.channels),
    )
