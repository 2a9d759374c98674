"""What offers has of a customer: coupons, gifts, points, invitations, messages."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb

from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import argument, resolver
from gateway_service.loaders import WalletKey
from gateway_service.types_common import Int64
from gateway_service.types_gifts import (
    Gift,
    GiftSuggestions,
    ReceivedGift,
    Referral,
    load_given,
    load_received,
    load_referrals,
    load_suggestions,
)
from gateway_service.types_invitations import Invitation, load_invitation_code, load_invitations
from gateway_service.types_messages import OutboxMessage, load_messages
from gateway_service.types_offers import Coupon, to_coupon
from gateway_service.types_points import (
    PointsBalance,
    PointsGift,
    load_points,
    load_points_gifts,
)


@strawberry.type
class CustomerOffers:
    """The part of Customer that offers answers; each field is null, with an error, without it."""

    id: strawberry.ID = strawberry.field(description="Dangol's own id.")

    @resolver("This customer's coupons.")
    async def wallet(
        self,
        info: AppInfo,
        first: int | None = None,
        after: str | None = None,
        campaign_id: strawberry.ID | None = None,
        offer_id: strawberry.ID | None = None,
    ) -> Connection[Coupon] | None:
        """A page of coupons."""
        return await load_wallet(
            info.context, self.id, first, after, campaign_id=campaign_id, offer_id=offer_id
        )

    @resolver("Points and tier; null where the shop has no programme.")
    async def points(self, info: AppInfo) -> PointsBalance | None:
        """As of now."""
        return await load_points(info.context, self.id)

    @resolver("Gifts that this customer gave.")
    async def gifts(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Gift] | None:
        """A page of gifts."""
        return await load_given(info.context, self.id, first, after)

    @resolver("Gifts that are, or were, meant for this customer.")
    async def received_gifts(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[ReceivedGift] | None:
        """A page of gifts."""
        return await load_received(info.context, self.id, first, after)

    @resolver("Gifts of points that this customer gave.")
    async def points_gifts(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[PointsGift] | None:
        """A page of gifts."""
        return await load_points_gifts(info.context, self.id, first, after)

    @resolver("Coupons that this customer will probably not use and may give away.")
    async def gift_suggestions(
        self,
        info: AppInfo,
        within_seconds: Annotated[
            Int64 | None, argument("How near their end; a week if absent.")
        ] = None,
    ) -> GiftSuggestions | None:
        """As of now."""
        return await load_suggestions(info.context, self.id, within_seconds)

    @resolver("Whom this customer brought by gifts.")
    async def referrals(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Referral] | None:
        """A page of newcomers."""
        return await load_referrals(info.context, self.id, first, after)

    @resolver("With which others sign up; null for who is no member.")
    async def invitation_code(self, info: AppInfo) -> str | None:
        """The same one for ever."""
        return await load_invitation_code(info.context, self.id)

    @resolver("Whom this customer invited by code.")
    async def invitations(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Invitation] | None:
        """A page of invitations."""
        return await load_invitations(info.context, self.id, first, after)

    @resolver("Messages to this customer, newest first.")
    async def messages(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[OutboxMessage] | None:
        """A page of messages."""
        return await load_messages(
            info.context, first, after, customer_id=self.id, campaign_id=None, state=None
        )


async def load_wallet(
    context: Context,
    customer_id: str,
    first: int | None,
    after: str | None,
    *,
    campaign_id: str | None,
    offer_id: str | None,
) -> Connection[Coupon]:
    """A page of one customer's coupons. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[coupons_pb.Coupon]:
        if not (page_token or campaign_id or offer_id):
            # First pages of many customers go out as one call.
            wallet = await context.loaders.wallets.load(WalletKey(customer_id, page_size))
            return Page(wallet.coupons, wallet.next_page_token)
        request = coupons_pb.ListWalletRequest(
            customer_id=customer_id,
            campaign_id=campaign_id or "",
            offer_id=offer_id or "",
            page_size=page_size,
            page_token=page_token,
        )
        answer = await context.call(context.clients.coupons.ListWallet, request)
        return Page(answer.coupons, answer.next_page_token)

    return await connect(first, after, load, to_coupon)
