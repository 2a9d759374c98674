"""A tenant whose customers buy, get a coupon for it from a campaign, and redeem that."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from dangol.events.v1.event_pb2 import CustomerRef, Event
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED
from dangol.offers.v1 import campaign_service_pb2 as campaigns
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.coupon_service_pb2_grpc import CouponServiceStub
from dangol.offers.v1.ledger_service_pb2_grpc import LedgerServiceStub
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_cli.tenants import NewTenant, create_tenant
from dangol_dev.client import request_id
from dangol_dev.stack import AUDIENCE, ISSUER, Stack
from dangol_service_kit.auth import ALL_TENANTS, Role, ServiceCredentials
from dangol_service_kit.client import call, connect

TENANT = "rolling"
BUYERS = "buyers"
COUNTED = "counted"
WELCOME = "welcome"
ORDER_WON = 30_000
_SECONDS = 60.0


class Shop:
    """Stubs of all services as a partner has them: channels, retries and deadlines of the kit."""

    def __init__(self, stack: Stack, exits: AsyncExitStack, tenant_id: str = TENANT) -> None:
        self._stack = stack
        self._tenant_id = tenant_id
        channels = {name: connect(target) for name, target in stack.targets.items()}
        for channel in channels.values():
            exits.push_async_callback(channel.close)
        self.events: Any = EventServiceStub(channels["profile"])
        self.customers: Any = CustomerServiceStub(channels["profile"])
        self.segments: Any = SegmentServiceStub(channels["segmentation"])
        self.offers: Any = OfferServiceStub(channels["offers"])
        self.campaigns: Any = CampaignServiceStub(channels["offers"])
        self.coupons: Any = CouponServiceStub(channels["offers"])
        self.ledger: Any = LedgerServiceStub(channels["offers"])

    def token(self, role: Role = Role.ADMIN) -> str:
        """A token of the tenant."""
        return self._stack.token(self._tenant_id, role)

    def service_token(self) -> str:
        """What segmentation shows when it asks profile for histories."""
        key = self._stack.keys / "segmentation.pem"
        return ServiceCredentials(key, ISSUER, AUDIENCE, "segmentation").token(self._tenant_id)

    async def call(self, method: Any, request: Any, role: Role = Role.ADMIN) -> Any:
        """One call, tried again only where gRPC itself may. Raises RpcFailure."""
        return await call(method, request, token=self.token(role), timeout_seconds=_SECONDS)

    async def found(self) -> None:
        """The tenant, two segments, an offer, and a campaign that gives it to buyers."""
        tenant = NewTenant(
            tenant_id=self._tenant_id,
            display_name="Rolling",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
        )
        operator = self._stack.token(ALL_TENANTS, Role.OPERATOR)
        await create_tenant(self._stack.targets["profile"], operator, tenant)
        rules = {BUYERS: "count(purchase) >= 1", COUNTED: "count(visit, 1d) >= 500"}
        for segment_id, rule in rules.items():
            segment = segments.CreateSegmentRequest(
                request_id=request_id(TENANT, segment_id),
                segment=segments.Segment(segment_id=segment_id, rule=rule),
            )
            await self.call(self.segments.CreateSegment, segment)
        offer = offers.Offer(offer_id=WELCOME)
        offer.fixed_amount.currency_code, offer.fixed_amount.minor_units = "KRW", 3_000
        created = offers.CreateOfferRequest(request_id=request_id(TENANT, "offer"), offer=offer)
        await self.call(self.offers.CreateOffer, created)
        await self._launch()

    async def _launch(self) -> None:
        campaign = campaigns.Campaign(campaign_id=WELCOME)
        campaign.segment.segment_id, campaign.segment.kind = BUYERS, CHANGE_KIND_ENTERED
        campaign.conversion_window_seconds = 86_400
        campaign.variants.add(variant_id="all", weight=1, offer_id=WELCOME)
        request = campaigns.CreateCampaignRequest(
            request_id=request_id(TENANT, "campaign"), campaign=campaign
        )
        await self.call(self.campaigns.CreateCampaign, request)
        launch = campaigns.LaunchCampaignRequest(
            request_id=request_id(TENANT, "launch"), campaign_id=WELCOME
        )
        await self.call(self.campaigns.LaunchCampaign, launch)

    async def until(self, holds: Any) -> None:
        """Waits for a condition that is a coroutine."""
        async with asyncio.timeout(120):
            while not await holds():
                await asyncio.sleep(0.1)


def event(member: str, kind: str, number: int) -> Event:
    """What a member did; the same numbers are the same event."""
    made = Event(event_id=request_id(TENANT, member, kind, number), type=kind)
    made.customer.CopyFrom(CustomerRef(namespace="member", value=member))
    made.occurred_at.GetCurrentTime()
    if kind == "purchase":
        made.amount.currency_code, made.amount.minor_units = "KRW", ORDER_WON
    return made
