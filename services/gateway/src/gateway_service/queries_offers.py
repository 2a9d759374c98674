"""What can be asked about offers, coupons, gifts, points and invitations."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry
from dangol.offers.v1 import coupon_service_pb2 as coupons_pb
from dangol.offers.v1 import gift_service_pb2 as gifts_pb
from dangol.offers.v1 import offer_service_pb2 as offers_pb
from dangol.offers.v1 import points_service_pb2 as points_pb

from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import argument, resolver
from gateway_service.inputs_coupons import CartInput
from gateway_service.missing import or_none
from gateway_service.types_carts import CartEvaluation, evaluate
from gateway_service.types_common import Int64
from gateway_service.types_customer_offers import load_wallet
from gateway_service.types_gifts import Gift, to_gift
from gateway_service.types_growth import SpreadReport, report_spread, spread_request
from gateway_service.types_invitations import (
    InvitationProgram,
    InvitationReport,
    load_invitation_program,
    report_invitations,
)
from gateway_service.types_offers import Coupon, Offer, load_offer, to_coupon, to_offer
from gateway_service.types_points import PointsGift, PointsProgram, load_program, to_points_gift

Start = Annotated[dt.datetime | None, argument("Included; from the beginning if absent.")]
End = Annotated[dt.datetime | None, argument("Not included; until now if absent.")]
Window = Annotated[Int64 | None, argument("For how long purchases count; 30 days if absent.")]


@strawberry.type
class OfferQueries:
    """The part of Query that offers answers to customers and shops."""

    @resolver("One coupon; null when there is none.")
    async def coupon(self, info: AppInfo, id: strawberry.ID) -> Coupon | None:
        """By its id."""
        return await load_coupon(info.context, coupons_pb.GetCouponRequest(coupon_id=id))

    @resolver("One coupon by what the till scanned; null when there is none.")
    async def coupon_by_code(self, info: AppInfo, code: str) -> Coupon | None:
        """By its code."""
        return await load_coupon(info.context, coupons_pb.GetCouponRequest(code=code))

    @resolver("One customer's coupons.")
    async def wallet(
        self,
        info: AppInfo,
        customer_id: strawberry.ID,
        *,
        first: int | None = None,
        after: str | None = None,
        campaign_id: strawberry.ID | None = None,
        offer_id: strawberry.ID | None = None,
    ) -> Connection[Coupon] | None:
        """A page of coupons."""
        return await load_wallet(
            info.context, customer_id, first, after, campaign_id=campaign_id, offer_id=offer_id
        )

    @resolver("Which coupons apply to a cart, which do not and why, and the best combination.")
    async def evaluate_cart(
        self,
        info: AppInfo,
        cart: CartInput,
        customer_id: Annotated[
            strawberry.ID | None, argument("Whose wallet; a guest, who brings codes, if absent.")
        ] = None,
        codes: Annotated[list[str] | None, argument("Typed in, besides the wallet.")] = None,
        order_id: Annotated[
            str | None, argument("Coupons that this order holds count as free.")
        ] = None,
    ) -> CartEvaluation | None:
        """Holds nothing."""
        request = coupons_pb.EvaluateCartRequest(
            customer_id=customer_id or "",
            cart=cart.to_proto(),
            order_id=order_id or "",
            codes=codes or (),
        )
        return await evaluate(info.context, request)

    @resolver("All offers.")
    async def offers(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Offer] | None:
        """A page of offers."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[offers_pb.Offer]:
            request = offers_pb.ListOffersRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.offers.ListOffers, request)
            return Page(answer.offers, answer.next_page_token)

        return await connect(first, after, load, to_offer)

    @resolver("One offer; null when there is none.")
    async def offer(self, info: AppInfo, id: strawberry.ID) -> Offer | None:
        """By its id."""
        return await load_offer(info, id)

    @resolver("A gift by the token of its link; null when there is none. Never claims it.")
    async def gift(
        self,
        info: AppInfo,
        token: str,
        viewer_customer_id: Annotated[
            strawberry.ID | None,
            argument("For shops that show the gift's page: who looks at it counts as an opening."),
        ] = None,
    ) -> Gift | None:
        """Looks, and changes nothing."""
        context = info.context
        request = gifts_pb.GetGiftRequest(token=token, viewer_customer_id=viewer_customer_id or "")
        answer = await or_none(context.call(context.clients.gifts.GetGift, request))
        return to_gift(answer.gift) if answer and answer.HasField("gift") else None

    @resolver("How customers earn and spend points; null where the shop has no programme.")
    async def points_program(self, info: AppInfo) -> PointsProgram | None:
        """The tenant's own."""
        return await load_program(info.context)

    @resolver("A gift of points by the token of its link; null when there is none.")
    async def points_gift(self, info: AppInfo, token: str) -> PointsGift | None:
        """Looks, and changes nothing."""
        context = info.context
        request = points_pb.GetPointsGiftRequest(token=token)
        answer = await or_none(context.call(context.clients.points.GetPointsGift, request))
        return to_points_gift(answer.gift) if answer and answer.HasField("gift") else None

    @resolver("What inviters and newcomers get; null where the shop has no programme.")
    async def invitation_program(self, info: AppInfo) -> InvitationProgram | None:
        """The tenant's own."""
        return await load_invitation_program(info.context)

    @resolver("Who brings whom by codes, and what those who came have bought.")
    async def invitation_report(
        self,
        info: AppInfo,
        starts_at: Start = None,
        ends_at: End = None,
        window_seconds: Window = None,
    ) -> InvitationReport | None:
        """Invitations that were accepted in that time."""
        return await report_invitations(info.context, starts_at, ends_at, window_seconds)

    @resolver("How far gifts of coupons spread: sent, opened, claimed, new members, generations.")
    async def spread_report(
        self,
        info: AppInfo,
        *,
        campaign_id: strawberry.ID | None = None,
        offer_id: strawberry.ID | None = None,
        starts_at: Start = None,
        ends_at: End = None,
        window_seconds: Window = None,
    ) -> SpreadReport | None:
        """Gifts that were offered in that time."""
        request = spread_request(campaign_id, offer_id, starts_at, ends_at, window_seconds)
        return await report_spread(info.context, request)


async def load_coupon(context: Context, request: coupons_pb.GetCouponRequest) -> Coupon | None:
    """One coupon; None where there is none that the caller may see. Raises RpcFailure."""
    answer = await or_none(context.call(context.clients.coupons.GetCoupon, request))
    return to_coupon(answer.coupon) if answer else None
