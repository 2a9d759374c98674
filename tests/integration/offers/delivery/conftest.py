"""The offers service over real MongoDB and Redis with the outbox's surroundings: a profile and a
segmentation played by hand behind real gRPC, and clients of every role."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from dangol.offers.v1 import clock_service_pb2 as clock_pb
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2 as messaging_pb
from dangol.offers.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.offers.v1.delivery_service_pb2_grpc import DeliveryServiceStub
from dangol.offers.v1.messaging_service_pb2_grpc import MessagingServiceStub
from dangol.profile.v1 import (
    contact_service_pb2_grpc,
    customer_service_pb2_grpc,
    event_service_pb2_grpc,
    tenant_service_pb2_grpc,
)
from dangol.segmentation.v1 import clock_service_pb2_grpc as segment_clock_grpc
from dangol.segmentation.v1 import segment_service_pb2_grpc
from dangol_dev.processes import free_port
from dangol_service_kit.auth import public_jwk
from dangol_service_kit.client import call, connect, metadata
from offers_service.__main__ import run
from offers_service.config import OffersConfig
from pymongo import AsyncMongoClient

from tests.integration.offers.delivery.fakes import (
    VIRTUAL,
    WALL,
    FakeProfile,
    FakeSegmentation,
)

ISSUER, AUDIENCE = "https://issuer.test", "dangol"
WAIT_SECONDS = 60.0


@dataclasses.dataclass
class Shop:
    """Clients of one running service; calls are made as a partner unless said otherwise."""

    config: OffersConfig
    profile: FakeProfile
    database: Any
    key: Ed25519PrivateKey
    channel: grpc.aio.Channel

    def token(self, role: str = "partner", tenant: str = WALL, subject: str = "sender") -> str:
        """A token as the platform would issue it."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 3600, "sub": subject}
        claims |= {"tenant": tenant, "role": role}
        kid = public_jwk(self.key)["kid"]
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": kid})

    def environ(self, **changes: Any) -> dict[str, str]:
        """The configuration as a process finds it in its environment."""
        config = dataclasses.replace(self.config, **changes)
        return {
            f"DANGOL_{name.upper()}": str(value)
            for name, value in dataclasses.asdict(config).items()
            if value is not None and value != ()
        }

    async def ask(
        self,
        method: str,
        request: Any,
        *,
        stub: Any = DeliveryServiceStub,
        role: str = "partner",
        tenant: str = WALL,
        channel: grpc.aio.Channel | None = None,
    ) -> Any:
        """One call with a generous deadline."""
        bound = getattr(stub(channel or self.channel), method)
        return await call(bound, request, token=self.token(role, tenant), timeout_seconds=60.0)

    async def template(self, template_id: str, *, tenant: str = WALL, **changed: Any) -> Any:
        """A template for push in Korean and English; answers what came of it."""
        facts: dict[str, Any] = {
            "display_name": "test",
            "texts": [
                messaging_pb.TemplateText(channel="push", language="ko", text="주문되었습니다."),
                messaging_pb.TemplateText(channel="push", language="en", text="Order placed."),
            ],
            **changed,
        }
        template = messaging_pb.MessageTemplate(template_id=template_id, **facts)
        request = messaging_pb.CreateTemplateRequest(
            request_id=str(uuid.uuid4()), template=template
        )
        return await self.messaging("CreateTemplate", request, tenant=tenant)

    async def messaging(
        self, method: str, request: Any, *, role: str = "admin", tenant: str = WALL
    ) -> Any:
        """One call to MessagingService."""
        return await self.ask(method, request, stub=MessagingServiceStub, role=role, tenant=tenant)

    async def sign(self, *, tenant: str = WALL, version: int = 0, **changed: Any) -> Any:
        """Says who sends advertising, and how to opt out."""
        facts: dict[str, Any] = {
            "sender_name": "단골샵",
            "sender_phone": "02-123-4567",
            "sender_email": "hello@shop.test",
            "sender_address": "서울시 강남구 1",
            "opt_outs": {
                "sms": "080-123-4567",
                "email": "https://shop.test/out",
                "push": "앱 설정 > 알림",
                "kakao": "채널 차단",
            },
            **changed,
        }
        settings = messaging_pb.MessagingSettings(version=version, **facts)
        request = messaging_pb.UpdateMessagingSettingsRequest(
            request_id=str(uuid.uuid4()), settings=settings
        )
        return await self.messaging("UpdateMessagingSettings", request, tenant=tenant)

    async def post(self, message_id: str, *, tenant: str = WALL, **changed: Any) -> str:
        """An order's confirmation to ann by push; answers the outcome's name."""
        facts: dict[str, Any] = {
            "message_id": message_id,
            "customer_id": "ann",
            "channel": "push",
            "purpose": "MESSAGE_PURPOSE_TRANSACTIONAL",
            "template_id": "order-placed",
            **changed,
        }
        times = {name: facts.pop(name) for name in ("not_before", "expire_time") if name in facts}
        message = pb.Message(**facts)
        for name, at_ms in times.items():
            getattr(message, name).FromMilliseconds(at_ms)
        request = pb.PostMessageRequest(message=message)
        answer = await self.ask("PostMessage", request, role="service", tenant=tenant)
        return pb.PostOutcome.Name(answer.outcome).removeprefix("POST_OUTCOME_")

    def watch(
        self,
        *,
        tenant: str = WALL,
        subject: str = "sender",
        channel: grpc.aio.Channel | None = None,
        role: str = "partner",
        **wanted: Any,
    ) -> Any:
        """A stream of messages; whoever opens it cancels it."""
        token = self.token(role, tenant, subject)
        stub = DeliveryServiceStub(channel or self.channel)
        return stub.Watch(pb.WatchRequest(**wanted), metadata=metadata(token))

    async def acknowledge(
        self,
        message_id: str,
        feedback: str,
        *,
        request_id: str = "",
        tenant: str = WALL,
        occur_ms: int = 0,
        channel: grpc.aio.Channel | None = None,
    ) -> tuple[str, str]:
        """One word; answers the names of outcome and state."""
        word = pb.Acknowledgement(
            request_id=request_id or str(uuid.uuid4()),
            message_id=message_id,
            feedback=f"FEEDBACK_{feedback}",
        )
        if occur_ms:
            word.occur_time.FromMilliseconds(occur_ms)
        request = pb.AcknowledgeRequest(acknowledgements=[word])
        (result,) = (await self.ask("Acknowledge", request, tenant=tenant, channel=channel)).results
        return (
            pb.AcknowledgeOutcome.Name(result.outcome).removeprefix("ACKNOWLEDGE_OUTCOME_"),
            pb.MessageState.Name(result.state).removeprefix("MESSAGE_STATE_"),
        )

    async def state(self, message_id: str, *, tenant: str = WALL) -> str:
        """State and reason, as "DEAD EXPIRED" or "SENT"."""
        request = pb.GetMessageRequest(message_id=message_id)
        answer = await self.ask("GetMessage", request, role="admin", tenant=tenant)
        state = pb.MessageState.Name(answer.message.state).removeprefix("MESSAGE_STATE_")
        reason = pb.MessageReason.Name(answer.message.reason).removeprefix("MESSAGE_REASON_")
        return state if reason == "UNSPECIFIED" else f"{state} {reason}"

    async def advance(self, now_ms: int) -> clock_pb.AdvanceClockResponse:
        """Moves the virtual tenant's clock."""
        request = clock_pb.AdvanceClockRequest()
        request.now.FromMilliseconds(now_ms)
        request.horizon.FromMilliseconds(now_ms + 3_600_000)
        answer: clock_pb.AdvanceClockResponse = await self.ask(
            "AdvanceClock", request, stub=ClockServiceStub, role="admin", tenant=VIRTUAL
        )
        return answer

    async def eventually(self, holds: Callable[[], Awaitable[bool]]) -> None:
        """Returns once `holds` does; fails after a generous while."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not await holds():
                await asyncio.sleep(0.05)


@dataclasses.dataclass
class Surroundings:
    """What the service calls, and a configuration that names it."""

    profile: FakeProfile
    config: OffersConfig
    key: Ed25519PrivateKey


@pytest.fixture
async def surroundings(
    mongodb_uri: str, redis_url: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Surroundings]:
    """Both fakes, served, and the keys."""
    # Only some of the methods are played.
    profile = FakeProfile()  # type: ignore[abstract]
    segmentation = FakeSegmentation()  # type: ignore[abstract]
    server = grpc.aio.server()
    tenant_service_pb2_grpc.add_TenantServiceServicer_to_server(profile, server)
    event_service_pb2_grpc.add_EventServiceServicer_to_server(profile, server)
    customer_service_pb2_grpc.add_CustomerServiceServicer_to_server(profile, server)
    contact_service_pb2_grpc.add_ContactServiceServicer_to_server(profile, server)
    segment_service_pb2_grpc.add_SegmentServiceServicer_to_server(segmentation, server)
    segment_clock_grpc.add_ClockServiceServicer_to_server(segmentation, server)
    target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    key = _write_keys(tmp_path)
    config = OffersConfig(
        listen=f"127.0.0.1:{free_port()}",
        auth_jwks_file=tmp_path / "jwks.json",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        service_key_file=tmp_path / "service.pem",
        master_key_file=tmp_path / "master.key",
        checkpoint_key_file=tmp_path / "service.pem",
        mongodb_uri=mongodb_uri,
        mongodb_database=database_name,
        redis_url=redis_url,
        profile_target=target,
        segmentation_target=target,
        drain_seconds=1.0,
        webhooks_private=True,
    )
    yield Surroundings(profile, config, key)
    await server.stop(None)


@pytest.fixture
async def shop(surroundings: Surroundings) -> AsyncIterator[Shop]:
    """The service within this process, and its clients."""
    config = surroundings.config
    stop = asyncio.Event()
    task = asyncio.create_task(run(config, stop))
    channel = connect(config.listen)
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(config.mongodb_uri)
    async with asyncio.timeout(WAIT_SECONDS):
        await channel.channel_ready()
    database = mongodb[config.mongodb_database]
    clients = Shop(config, surroundings.profile, database, surroundings.key, channel)
    for tenant in (WALL, VIRTUAL):
        await clients.template("order-placed", tenant=tenant)
    yield clients
    await channel.close()
    stop.set()
    await task
    await mongodb.close()


class Replicas:
    """Processes of the service over one database; none outlives the test."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._processes: list[asyncio.subprocess.Process] = []
        self._channels: list[grpc.aio.Channel] = []

    async def start(self) -> tuple[asyncio.subprocess.Process, grpc.aio.Channel]:
        """One more, and a channel to it."""
        listen = f"127.0.0.1:{free_port()}"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "offers_service",
            env={**os.environ, **self._shop.environ(listen=listen)},
        )
        self._processes.append(process)
        channel = connect(listen)
        self._channels.append(channel)
        async with asyncio.timeout(WAIT_SECONDS):
            await channel.channel_ready()
        return process, channel

    async def stop(self) -> None:
        """Ends what still runs."""
        for channel in self._channels:
            await channel.close()
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest.fixture
async def replicas(shop: Shop) -> AsyncIterator[Replicas]:
    """Further processes beside the service of this one."""
    started = Replicas(shop)
    yield started
    await started.stop()


def _write_keys(directory: Path) -> Ed25519PrivateKey:
    """Key files as a service finds them; answers the key that signs everybody's tokens."""
    service, platform = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    pem = service.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (directory / "service.pem").write_bytes(pem)
    (directory / "master.key").write_text(base64.b64encode(os.urandom(32)).decode())
    roles = {"dangol_roles": ["service", "partner", "admin", "marketer", "customer", "visitor"]}
    keys = [public_jwk(platform) | roles, public_jwk(service) | {"dangol_roles": ["service"]}]
    (directory / "jwks.json").write_text(json.dumps({"keys": keys}))
    return platform
