"""The offers service over real MongoDB and Redis, within this process, and a client for it."""

from __future__ import annotations

import asyncio
import dataclasses
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import jwt
import pytest
from dangol.events.v1 import event_pb2, membership_pb2
from dangol.offers.v1 import campaign_service_pb2 as campaign_pb
from dangol.offers.v1 import clock_service_pb2 as clock_pb
from dangol.offers.v1 import messaging_service_pb2 as messaging_pb
from dangol.offers.v1 import offer_service_pb2 as offer_pb
from dangol.offers.v1.campaign_service_pb2_grpc import CampaignServiceStub
from dangol.offers.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.offers.v1.coupon_service_pb2_grpc import CouponServiceStub
from dangol.offers.v1.messaging_service_pb2_grpc import MessagingServiceStub
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol_dev.processes import free_port
from dangol_service_kit.auth import public_jwk
from dangol_service_kit.client import call, connect
from offers_service.__main__ import run
from offers_service.config import OffersConfig
from pymongo import AsyncMongoClient

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.conftest import FakeProfile, Surroundings
    from tests.integration.offers.campaigns.segmentation_by_hand import FakeSegmentation

ISSUER = "https://issuer.test"
AUDIENCE = "dangol"
VIRTUAL = "shop"
ENTERED = membership_pb2.CHANGE_KIND_ENTERED
WAIT_SECONDS = 120.0
TRIGGERS = {"segment", "list", "event", "birthday", "tier", "product", "date"}


@dataclass
class World:
    """The service under test and what surrounds it."""

    config: OffersConfig
    around: Surroundings
    database: Any
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None
    _channel: grpc.aio.Channel | None = None

    @property
    def profile(self) -> FakeProfile:
        """The profile that it calls."""
        return self.around.profile

    @property
    def segmentation(self) -> FakeSegmentation:
        """The segmentation that it calls."""
        return self.around.segmentation

    @property
    def channel(self) -> grpc.aio.Channel:
        """To the service under test; it has been started."""
        assert self._channel is not None
        return self._channel

    async def start(self) -> None:
        """Starts the service within this process."""
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(run(self.config, self._stop))
        await self.connect()

    async def connect(self) -> None:
        """Waits until the service answers."""
        self._channel = connect(self.config.listen)
        async with asyncio.timeout(WAIT_SECONDS):
            await self._channel.channel_ready()

    async def stop(self) -> None:
        """Stops it as SIGTERM would."""
        if self._channel is not None:
            await self._channel.close()
        self._stop.set()
        if self._task is not None:
            await self._task
        self._task = None

    def environ(self) -> dict[str, str]:
        """The configuration as a process finds it in its environment."""
        return {
            f"DANGOL_{name.upper()}": str(value)
            for name, value in dataclasses.asdict(self.config).items()
            if value is not None
        }

    def token(
        self, role: str = "admin", tenant_id: str = VIRTUAL, stores: Sequence[str] = ()
    ) -> str:
        """A user's token."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 600,
            "sub": "someone",
            "tenant": tenant_id,
            "role": role,
            "stores": list(stores),
        }
        kid = public_jwk(self.around.key)["kid"]
        return jwt.encode(claims, self.around.key, algorithm="EdDSA", headers={"kid": kid})

    async def ask(
        self,
        stub: Any,
        method: str,
        request: Any,
        *,
        tenant_id: str = VIRTUAL,
        role: str = "admin",
        stores: Sequence[str] = (),
    ) -> Any:
        """One call to the service."""
        token = self.token(role, tenant_id, stores)
        bound = getattr(stub(self._channel), method)
        return await call(bound, request, token=token, timeout_seconds=WAIT_SECONDS)

    async def campaigns(self, method: str, request: Any, *, tenant_id: str = VIRTUAL) -> Any:
        """One call to CampaignService."""
        return await self.ask(CampaignServiceStub, method, request, tenant_id=tenant_id)

    async def coupons(self, method: str, request: Any, *, tenant_id: str = VIRTUAL) -> Any:
        """One call to CouponService."""
        return await self.ask(CouponServiceStub, method, request, tenant_id=tenant_id)

    async def advance(self, now_ms: int, horizon_ms: int = 0) -> clock_pb.AdvanceClockResponse:
        """Moves the virtual tenant's clock; the horizon is an hour later unless given."""
        request = clock_pb.AdvanceClockRequest()
        request.now.FromMilliseconds(now_ms)
        request.horizon.FromMilliseconds(horizon_ms or now_ms + 3_600_000)
        response: clock_pb.AdvanceClockResponse = await self.ask(
            ClockServiceStub, "AdvanceClock", request
        )
        return response

    async def offer(
        self,
        offer_id: str,
        *,
        tenant_id: str = VIRTUAL,
        valid_until_ms: int = 0,
        per_customer_limit: int = 0,
    ) -> None:
        """An offer of 5,000 won."""
        offer = offer_pb.Offer(
            offer_id=offer_id,
            per_customer_limit=per_customer_limit,
            fixed_amount=event_pb2.Money(currency_code="KRW", minor_units=5000),
            giftable=True,
        )
        if valid_until_ms:
            offer.valid_until.FromMilliseconds(valid_until_ms)
        request = offer_pb.CreateOfferRequest(request_id=str(uuid.uuid4()), offer=offer)
        await self.ask(OfferServiceStub, "CreateOffer", request, tenant_id=tenant_id)

    def draft(self, campaign_id: str = "win-back", **changes: Any) -> campaign_pb.Campaign:
        """A campaign on entering `fading`, with 20 % control and one variant."""
        trigger = campaign_pb.SegmentTrigger(
            segment_id="fading", kind=ENTERED, delay_seconds=changes.pop("delay_seconds", 0)
        )
        variants = [campaign_pb.Variant(variant_id="five", weight=1, offer_id="five-off")]
        facts: dict[str, Any] = {
            "control_basis_points": 2000,
            "variants": variants,
        }
        if not TRIGGERS & set(changes):
            facts["segment"] = trigger
        facts |= {"conversion_window_seconds": 7 * 86400, "campaign_id": campaign_id}
        return campaign_pb.Campaign(**(facts | changes))

    async def template(self, template_id: str, channel: str) -> None:
        """A template on one channel, and who signs advertising there."""
        text = messaging_pb.TemplateText(channel=channel, language="ko", text="{{ coupon_id }}")
        if channel == "sms":
            text.text = "주문하신 상품이 출발했습니다."
        template = messaging_pb.MessageTemplate(
            template_id=template_id, display_name="test", texts=[text]
        )
        create = messaging_pb.CreateTemplateRequest(request_id=str(uuid.uuid4()), template=template)
        await self.ask(MessagingServiceStub, "CreateTemplate", create)
        settings = messaging_pb.MessagingSettings(
            sender_name="단골샵", sender_phone="02-123-4567", opt_outs={"kakao": "채널 차단"}
        )
        update = messaging_pb.UpdateMessagingSettingsRequest(
            request_id=str(uuid.uuid4()), settings=settings
        )
        await self.ask(MessagingServiceStub, "UpdateMessagingSettings", update)

    async def launch(
        self,
        draft: campaign_pb.Campaign | None = None,
        *,
        tenant_id: str = VIRTUAL,
        offers: bool = True,
    ) -> str:
        """Makes the offers of a campaign and the campaign, and launches it; answers its id."""
        campaign = draft or self.draft()
        for variant in campaign.variants:
            if variant.offer_id and offers:
                await self.offer(variant.offer_id, tenant_id=tenant_id)
        create = campaign_pb.CreateCampaignRequest(request_id=str(uuid.uuid4()), campaign=campaign)
        await self.campaigns("CreateCampaign", create, tenant_id=tenant_id)
        launch = campaign_pb.LaunchCampaignRequest(
            request_id=str(uuid.uuid4()), campaign_id=campaign.campaign_id
        )
        await self.campaigns("LaunchCampaign", launch, tenant_id=tenant_id)
        return campaign.campaign_id

    async def enrolments(
        self, campaign_id: str = "win-back", *, tenant_id: str = VIRTUAL
    ) -> list[campaign_pb.Enrolment]:
        """All enrolments, read in pages of 50."""
        found: list[campaign_pb.Enrolment] = []
        page_token = ""
        while True:
            request = campaign_pb.ListEnrolmentsRequest(
                campaign_id=campaign_id, page_size=50, page_token=page_token
            )
            page = await self.campaigns("ListEnrolments", request, tenant_id=tenant_id)
            found += page.enrolments
            page_token = page.next_page_token
            if len(page.enrolments) < 50:
                return found

    async def coupon_count(self) -> int:
        """How many coupons exist, whoever owns them."""
        count: int = await self.database.accounts.count_documents({"kind": "coupon"})
        return count

    async def eventually(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Returns once `holds` does; fails after a generous while."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not await holds():
                await asyncio.sleep(0.02)


@pytest.fixture
async def world(
    surroundings: Surroundings, mongodb_uri: str, redis_url: str, database_name: str
) -> AsyncIterator[World]:
    """The service, started."""
    files = surroundings.directory
    config = OffersConfig(
        listen=f"127.0.0.1:{free_port()}",
        auth_jwks_file=files / "jwks.json",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        service_key_file=files / "service.pem",
        master_key_file=files / "master.key",
        checkpoint_key_file=files / "service.pem",
        mongodb_uri=mongodb_uri,
        mongodb_database=database_name,
        redis_url=redis_url,
        profile_target=surroundings.profile_target,
        segmentation_target=surroundings.segmentation_target,
        drain_seconds=5.0,
    )
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri)
    running = World(config, surroundings, mongodb[database_name])
    await running.start()
    yield running
    await running.stop()
    await mongodb.close()
