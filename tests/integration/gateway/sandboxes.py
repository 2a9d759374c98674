"""A partner's programs against a sandbox, over gRPC."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from dangol.events.v1.event_pb2 import CustomerRef, Event
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED
from dangol.offers.v1 import campaign_service_pb2 as campaigns
from dangol.offers.v1 import campaign_trigger_pb2 as triggers
from dangol.offers.v1 import clock_service_pb2 as clock_pb
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import delivery_service_pb2 as delivery
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.offers.v1 import sandbox_service_pb2 as steps
from dangol.offers.v1 import webhook_service_pb2 as webhooks
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.offers.v1.coupon_service_pb2_grpc import CouponServiceStub
from dangol.offers.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from dangol.offers.v1.messaging_service_pb2_grpc import MessagingServiceStub
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol.offers.v1.sandbox_service_pb2_grpc import SandboxServiceStub as StepStub
from dangol.offers.v1.webhook_service_pb2_grpc import WebhookServiceStub
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1 import sandbox_service_pb2 as sandboxes
from dangol.profile.v1 import tenant_service_pb2 as tenant_pb
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.sandbox_service_pb2_grpc import SandboxServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, metadata
from google.protobuf.duration_pb2 import Duration
from motor.motor_asyncio import AsyncIOMotorClient

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
DAY_MS = 24 * 60 * MINUTE_MS
# 2026-03-02 09:00 in Seoul.
START_MS = 1_772_409_600_000
LEFT_IN_CART = "unanswered(cart_add, purchase by cart_id, 30m, 7d)"


def new_id() -> str:
    """An id for a request."""
    return str(uuid.uuid4())


@dataclass
class Partner:
    """A program with tokens of one tenant."""

    stack: Stack
    channels: Mapping[str, grpc.aio.Channel]
    tenant_id: str
    role: Role = Role.ADMIN

    async def ask(self, service: str, stub: Any, method: str, request: Any) -> Any:
        """One call. Raises RpcFailure."""
        token = self.stack.token(self.tenant_id, self.role)
        calling = getattr(stub(self.channels[service]), method)
        return await call(calling, request, token=token, timeout_seconds=120)

    def at(self, tenant_id: str, role: Role = Role.ADMIN) -> Partner:
        """The same program with tokens of another tenant."""
        return Partner(self.stack, self.channels, tenant_id, role)

    async def create(self, name: str = "Tests", request_id: str | None = None) -> Any:
        """A sandbox whose clock begins at START_MS."""
        request = sandboxes.CreateSandboxRequest(
            request_id=request_id or new_id(), display_name=name
        )
        request.clock_start.FromMilliseconds(START_MS)
        answer = await self.ask("profile", SandboxServiceStub, "CreateSandbox", request)
        return answer.sandbox

    async def opened(self) -> list[str]:
        """The sandboxes that are open."""
        request = sandboxes.ListSandboxesRequest()
        answer = await self.ask("profile", SandboxServiceStub, "ListSandboxes", request)
        return [one.sandbox_id for one in answer.sandboxes]

    async def advance(
        self,
        by: timedelta | None = None,
        *,
        to_ms: int | None = None,
        sandbox_id: str = "",
        request_id: str | None = None,
    ) -> Any:
        """Moves the clock."""
        request = steps.AdvanceSandboxRequest(
            request_id=request_id or new_id(), sandbox_id=sandbox_id
        )
        if to_ms is not None:
            request.to.FromMilliseconds(to_ms)
        else:
            request.by.CopyFrom(Duration(seconds=int((by or timedelta(days=1)).total_seconds())))
        return await self.ask("offers", StepStub, "AdvanceSandbox", request)

    async def reset(self, sandbox_id: str = "", request_id: str | None = None) -> Any:
        """Erases the sandbox."""
        request = steps.ResetSandboxRequest(
            request_id=request_id or new_id(), sandbox_id=sandbox_id
        )
        return await self.ask("offers", StepStub, "ResetSandbox", request)

    async def end(self, sandbox_id: str = "") -> int:
        """Erases the sandbox for good."""
        request = steps.EndSandboxRequest(request_id=new_id(), sandbox_id=sandbox_id)
        answer = await self.ask("offers", StepStub, "EndSandbox", request)
        return int(answer.erased)

    async def track(self, member: str, kind: str, at_ms: int, **more: Any) -> Any:
        """One event."""
        event = Event(
            event_id=new_id(),
            customer=CustomerRef(namespace="member", value=member),
            type=kind,
            **more,
        )
        event.occurred_at.FromMilliseconds(at_ms)
        request = events.RecordEventsRequest(events=[event])
        answer = await self.ask("profile", EventServiceStub, "RecordEvents", request)
        return answer.results[0]

    async def leave_carts(self, times_ms: Sequence[int]) -> None:
        """One customer at each of these instants puts something into a cart."""
        for at_ms in times_ms:
            await self.track(str(at_ms), "cart_add", at_ms, cart_id=str(at_ms))

    async def on_its_way(self, at_ms: int) -> None:
        """Waits until segmentation's clock has come so far."""
        client: Any = AsyncIOMotorClient(self.stack.mongodb_uri)
        try:
            clocks = client["dangol_segmentation"]["clocks"]
            come = {"_id": self.tenant_id, "now_ms": {"$gte": at_ms}}
            async with asyncio.timeout(60):
                while not await clocks.find_one(come):
                    await asyncio.sleep(0.01)
        finally:
            client.close()

    async def segment(self, segment_id: str, rule: str) -> None:
        """A segment of this rule."""
        request = segments.CreateSegmentRequest(
            request_id=new_id(), segment=segments.Segment(segment_id=segment_id, rule=rule)
        )
        await self.ask("segmentation", SegmentServiceStub, "CreateSegment", request)

    async def members(self, segment_id: str) -> dict[str, int]:
        """When each member entered."""
        request = segments.ListMembersRequest(segment_id=segment_id)
        answer = await self.ask("segmentation", SegmentServiceStub, "ListMembers", request)
        return {one.customer_id: one.entered_at.ToMilliseconds() for one in answer.members}

    async def offer(self, offer_id: str, valid: timedelta) -> None:
        """10 % off, good for so long."""
        offer = offers.Offer(offer_id=offer_id, percent_basis_points=1000)
        offer.valid_for_seconds = int(valid.total_seconds())
        request = offers.CreateOfferRequest(request_id=new_id(), offer=offer)
        await self.ask("offers", OfferServiceStub, "CreateOffer", request)

    async def campaign(
        self, campaign_id: str, segment_id: str, offer_id: str, delay: timedelta
    ) -> None:
        """Everybody who enters a segment gets a coupon, so long after."""
        variant = campaigns.Variant(variant_id="a", weight=1, offer_id=offer_id)
        await self._launch(campaign_id, segment_id, variant, delay)

    async def _launch(
        self, campaign_id: str, segment_id: str, variant: campaigns.Variant, delay: timedelta
    ) -> None:
        campaign = campaigns.Campaign(
            campaign_id=campaign_id,
            segment=campaigns.SegmentTrigger(
                segment_id=segment_id,
                kind=CHANGE_KIND_ENTERED,
                delay_seconds=int(delay.total_seconds()),
            ),
            variants=[variant],
            conversion_window_seconds=86400,
        )
        request = campaigns.CreateCampaignRequest(request_id=new_id(), campaign=campaign)
        await self.ask("offers", CampaignServiceStub, "CreateCampaign", request)
        launch = campaigns.LaunchCampaignRequest(request_id=new_id(), campaign_id=campaign_id)
        await self.ask("offers", CampaignServiceStub, "LaunchCampaign", launch)

    async def message(self, campaign_id: str, segment_id: str, channel: str) -> None:
        """Everybody who enters a segment is written to, as one is about an order."""
        text = messaging.TemplateText(
            channel=channel, language="ko", text="장바구니에 남아 있어요."
        )
        template = messaging.MessageTemplate(
            template_id=campaign_id, display_name=campaign_id, texts=[text]
        )
        request = messaging.CreateTemplateRequest(request_id=new_id(), template=template)
        await self.ask("offers", MessagingServiceStub, "CreateTemplate", request)
        action = triggers.MessageAction(
            channel=channel, template_id=campaign_id, transactional=True
        )
        variant = campaigns.Variant(variant_id="a", weight=1, message=action)
        await self._launch(campaign_id, segment_id, variant, timedelta())

    def watch(self, channel: str) -> Any:
        """The stream that a sender of messages reads; whoever opens it cancels it."""
        token = self.stack.token(self.tenant_id, Role.PARTNER)
        stub = DeliveryServiceStub(self.channels["offers"])
        return stub.Watch(delivery.WatchRequest(channels=[channel]), metadata=metadata(token))

    async def sent(self, message_id: str) -> Any:
        """One message. Raises RpcFailure."""
        request = delivery.GetMessageRequest(message_id=message_id)
        return await self.ask("offers", DeliveryServiceStub, "GetMessage", request)

    async def wallet(self, customer_id: str) -> list[Any]:
        """The customer's coupons."""
        request = coupons.ListWalletRequest(customer_id=customer_id)
        answer = await self.ask("offers", CouponServiceStub, "ListWallet", request)
        return list(answer.coupons)

    async def left_in_cart(self) -> None:
        """The shop that most of these tests play: a coupon for who left something in the cart."""
        await self.segment("left-in-cart", LEFT_IN_CART)
        await self.offer("come-back", timedelta(hours=12))
        await self.campaign("come-back", "left-in-cart", "come-back", timedelta(hours=24))

    async def move_clock(self, to_ms: int) -> None:
        """The step of tenants under virtual time, without a sandbox's rules."""
        request = clock_pb.AdvanceClockRequest()
        request.now.FromMilliseconds(to_ms)
        request.horizon.FromMilliseconds(to_ms)
        await self.ask("offers", ClockServiceStub, "AdvanceClock", request)

    async def found(self, tenant_id: str) -> None:
        """A tenant under virtual time, as an operator makes them."""
        tenant = tenant_pb.Tenant(
            tenant_id=tenant_id,
            display_name="Shop",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
            clock_mode=tenant_pb.CLOCK_MODE_VIRTUAL,
        )
        tenant.clock_now.FromMilliseconds(START_MS)
        request = tenant_pb.CreateTenantRequest(tenant=tenant)
        operator = self.at("*", Role.OPERATOR)
        await operator.ask("profile", TenantServiceStub, "CreateTenant", request)

    async def post_webhooks(self) -> None:
        """Messages are to be posted somewhere."""
        endpoint = webhooks.WebhookEndpoint(url="https://example.com/hook")
        request = webhooks.CreateWebhookEndpointRequest(request_id=new_id(), endpoint=endpoint)
        await self.ask("offers", WebhookServiceStub, "CreateWebhookEndpoint", request)
