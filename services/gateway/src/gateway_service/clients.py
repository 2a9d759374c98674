"""Channels and stubs to the three services."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import grpc
from dangol.offers.v1 import calendar_service_pb2_grpc as calendar
from dangol.offers.v1 import campaign_service_pb2_grpc as campaigns
from dangol.offers.v1 import clock_service_pb2_grpc as clocks
from dangol.offers.v1 import code_service_pb2_grpc as codes
from dangol.offers.v1 import coupon_service_pb2_grpc as coupons
from dangol.offers.v1 import delivery_service_pb2_grpc as delivery
from dangol.offers.v1 import gift_service_pb2_grpc as gifts
from dangol.offers.v1 import greeting_service_pb2_grpc as greetings
from dangol.offers.v1 import growth_service_pb2_grpc as growth
from dangol.offers.v1 import invitation_service_pb2_grpc as invitations
from dangol.offers.v1 import ledger_service_pb2_grpc as ledger
from dangol.offers.v1 import messaging_service_pb2_grpc as messaging
from dangol.offers.v1 import offer_service_pb2_grpc as offers
from dangol.offers.v1 import points_service_pb2_grpc as points
from dangol.offers.v1 import privacy_service_pb2_grpc as offers_privacy
from dangol.offers.v1 import sandbox_service_pb2_grpc as sandbox_steps
from dangol.offers.v1 import staff_discount_service_pb2_grpc as staff_discounts
from dangol.offers.v1 import task_service_pb2_grpc as tasks
from dangol.offers.v1 import wallet_service_pb2_grpc as wallets
from dangol.offers.v1 import webhook_service_pb2_grpc as webhooks
from dangol.profile.v1 import customer_service_pb2_grpc as customers
from dangol.profile.v1 import event_service_pb2_grpc as events
from dangol.profile.v1 import facts_service_pb2_grpc as facts
from dangol.profile.v1 import field_service_pb2_grpc as fields
from dangol.profile.v1 import insight_service_pb2_grpc as insight
from dangol.profile.v1 import privacy_service_pb2_grpc as profile_privacy
from dangol.profile.v1 import product_service_pb2_grpc as products
from dangol.profile.v1 import publishable_key_service_pb2_grpc as publishable_keys
from dangol.profile.v1 import sandbox_service_pb2_grpc as sandboxes
from dangol.profile.v1 import search_service_pb2_grpc as searches
from dangol.profile.v1 import store_service_pb2_grpc as stores
from dangol.profile.v1 import survey_service_pb2_grpc as surveys
from dangol.profile.v1 import tenant_service_pb2_grpc as tenants
from dangol.segmentation.v1 import segment_service_pb2_grpc as segments
from dangol_service_kit.client import connect
from dangol_service_kit.tls import Identity
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway_service.config import GatewayConfig

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_HEALTH_TIMEOUT_SECONDS = 1.0


class Clients:
    """One stub for each service; close() when done. Needs a running event loop.

    channels: to profile, segmentation and offers, by these names.
    """

    def __init__(self, channels: Mapping[str, grpc.aio.Channel]) -> None:
        self.channels = channels
        channel = self.channels["profile"]
        self.customers = customers.CustomerServiceStub(channel)
        self.events = events.EventServiceStub(channel)
        self.facts = facts.FactsServiceStub(channel)
        self.fields = fields.FieldServiceStub(channel)
        self.searches = searches.SearchServiceStub(channel)
        self.tenants = tenants.TenantServiceStub(channel)
        self.sandboxes = sandboxes.SandboxServiceStub(channel)
        self.products = products.ProductServiceStub(channel)
        self.stores = stores.StoreServiceStub(channel)
        self.surveys = surveys.SurveyServiceStub(channel)
        self.insight = insight.InsightServiceStub(channel)
        self.publishable_keys = publishable_keys.PublishableKeyServiceStub(channel)
        self.profile_privacy = profile_privacy.PrivacyServiceStub(channel)
        self.segments = segments.SegmentServiceStub(self.channels["segmentation"])
        channel = self.channels["offers"]
        self.offers = offers.OfferServiceStub(channel)
        self.coupons = coupons.CouponServiceStub(channel)
        self.gifts = gifts.GiftServiceStub(channel)
        self.campaigns = campaigns.CampaignServiceStub(channel)
        self.ledger = ledger.LedgerServiceStub(channel)
        self.sandbox_steps = sandbox_steps.SandboxServiceStub(channel)
        self.clock = clocks.ClockServiceStub(channel)
        self.wallets = wallets.WalletServiceStub(channel)
        self.offers_privacy = offers_privacy.PrivacyServiceStub(channel)
        self.points = points.PointsServiceStub(channel)
        self.codes = codes.CodeServiceStub(channel)
        self.invitations = invitations.InvitationServiceStub(channel)
        self.staff_discounts = staff_discounts.StaffDiscountServiceStub(channel)
        self.greetings = greetings.GreetingServiceStub(channel)
        self.growth = growth.GrowthServiceStub(channel)
        self.calendar = calendar.CalendarServiceStub(channel)
        self.tasks = tasks.TaskServiceStub(channel)
        self.messaging = messaging.MessagingServiceStub(channel)
        self.delivery = delivery.DeliveryServiceStub(channel)
        self.webhooks = webhooks.WebhookServiceStub(channel)

    async def health(self, name: str) -> str:
        """SERVING, NOT_SERVING, or UNREACHABLE."""
        stub = health_pb2_grpc.HealthStub(self.channels[name])
        try:
            answer = await stub.Check(
                health_pb2.HealthCheckRequest(), timeout=_HEALTH_TIMEOUT_SECONDS
            )
        except grpc.aio.AioRpcError:
            return "UNREACHABLE"
        return cast("str", health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    def pinging(self, name: str) -> Callable[[], Awaitable[None]]:
        """Asks a service whether it serves; raises ConnectionError where it does not."""

        async def ping() -> None:
            status = await self.health(name)
            if status != "SERVING":
                raise ConnectionError(status)

        return ping

    async def close(self) -> None:
        """Ends all calls and connections."""
        for channel in self.channels.values():
            await channel.close()


def connect_all(config: GatewayConfig, identity: Identity | None = None) -> Clients:
    """Clients of the services that the configuration names."""
    targets = {
        "profile": config.profile_target,
        "segmentation": config.segmentation_target,
        "offers": config.offers_target,
    }
    return Clients({name: connect(target, identity=identity) for name, target in targets.items()})
