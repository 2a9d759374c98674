"""A profile that tests play by hand, a real gRPC server that keeps what it is told and answers as
its contract says, and what else surrounds the service under test."""

from __future__ import annotations

import base64
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from dangol.events.v1 import event_pb2
from dangol.profile.v1 import (
    customer_service_pb2,
    customer_service_pb2_grpc,
    event_service_pb2,
    event_service_pb2_grpc,
    tenant_service_pb2,
    tenant_service_pb2_grpc,
)
from dangol.segmentation.v1 import clock_service_pb2_grpc as segment_clock_grpc
from dangol.segmentation.v1 import segment_service_pb2_grpc
from dangol_service_kit.auth import public_jwk
from dangol_service_kit.errors import STATUS_KEY, Code, RpcFailure, to_status
from redis.asyncio import Redis

from tests.integration.offers.campaigns.segmentation_by_hand import (
    VIRTUAL,
    FakeSegmentation,
    claims_of,
)

WALL = "corner"


class FakeProfile(
    tenant_service_pb2_grpc.TenantServiceServicer, event_service_pb2_grpc.EventServiceServicer
):
    """Keeps events by id; `purchases` are (customer, time in ms, minor units)."""

    def __init__(self) -> None:
        self.events: dict[str, event_pb2.Event] = {}
        self.received: Counter[str] = Counter()
        self.purchases: list[tuple[str, int, int]] = []
        self.clock_calls = 0
        self.changes_pending = False
        self.failing = False
        self.refused: set[str] = set()
        self.tenant_ids = [VIRTUAL, WALL]
        self.on_event: Callable[[event_pb2.Event], Awaitable[None]] | None = None

    async def GetTenant(self, _request: Any, context: Any) -> Any:  # noqa: N802
        """The tenant named by the service's token."""
        return tenant_service_pb2.GetTenantResponse(tenant=_tenant(claims_of(context)["tenant"]))

    async def ListTenants(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """One under virtual time, one on the wall's, unless a test has more."""
        tenants = [_tenant(one) for one in self.tenant_ids]
        return tenant_service_pb2.ListTenantsResponse(tenants=tenants)

    async def SetClock(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Counts the calls, and has nothing open afterwards."""
        self.clock_calls += 1
        self.changes_pending = False
        return tenant_service_pb2.SetClockResponse()

    async def RecordEvents(self, request: Any, context: Any) -> Any:  # noqa: N802
        """RECORDED or DUPLICATE."""
        if self.failing:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        if claims_of(context)["tenant"] in self.refused:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too much of this tenant")
        response = event_service_pb2.RecordEventsResponse(changes_pending=self.changes_pending)
        for event in request.events:
            new = event.event_id not in self.events
            self.received[event.event_id] += 1
            self.events[event.event_id] = event
            outcome = "RECORDED" if new else "DUPLICATE"
            response.results.add(event_id=event.event_id, outcome=f"RECORD_OUTCOME_{outcome}")
            if new and self.on_event is not None:
                await self.on_event(event)
        return response

    async def MeasurePurchases(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Sums `purchases` over each window."""
        response = event_service_pb2.MeasurePurchasesResponse()
        for window in request.windows:
            start_ms = window.start_time.ToMilliseconds()
            end_ms = window.end_time.ToMilliseconds()
            amounts = [
                amount
                for customer_id, at_ms, amount in self.purchases
                if customer_id == window.customer_id and start_ms <= at_ms < end_ms
            ]
            response.figures.add(order_count=len(amounts), revenue_minor_units=sum(amounts))
        return response

    def types(self) -> Counter[str]:
        """How many events of each type there are."""
        return Counter(event.type for event in self.events.values())


class FakeCustomers(customer_service_pb2_grpc.CustomerServiceServicer):
    """Everybody exists and is a member; `stores` says where a customer was last, `consents` what
    a customer allows, `told` are (customer, tier) in the order of updates, `merges` (tenant,
    source, target, time in ms)."""

    def __init__(self) -> None:
        self.stores: dict[str, str] = {}
        self.consents: dict[str, list[str]] = {}
        self.customers: dict[str, customer_service_pb2.Customer] = {}
        self.told: list[tuple[str, str]] = []
        self.merges: list[tuple[str, str, str, int]] = []
        self.before_update: Callable[[], Awaitable[None]] | None = None

    def of(self, customer_id: str) -> customer_service_pb2.Customer:
        """The customer as it is."""
        new = customer_service_pb2.Customer(customer_id=customer_id, member=True, version=1)
        return self.customers.setdefault(customer_id, new)

    async def BatchGetCustomers(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """All that are asked for, with what they allow."""
        response = customer_service_pb2.BatchGetCustomersResponse()
        for customer_id in request.customer_ids:
            consents = self.consents.get(customer_id, [])
            response.customers.add(customer_id=customer_id, member=True, consents=consents)
        return response

    async def ListTimeline(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """One purchase in the customer's store, if there is one."""
        response = customer_service_pb2.ListTimelineResponse()
        if request.customer_id in self.stores:
            store_id = self.stores[request.customer_id]
            response.events.add(type="purchase", store_id=store_id)
        return response

    async def ListMergedCustomers(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """All of them since a time, in one page."""
        response = customer_service_pb2.ListMergedCustomersResponse()
        for tenant_id, source, target, at_ms in self.merges:
            if at_ms >= request.since.ToMilliseconds():
                merge = response.merges.add(
                    tenant_id=tenant_id, customer_id=source, merged_into=target
                )
                merge.merge_time.FromMilliseconds(at_ms)
        return response

    async def GetCustomer(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """The customer asked for."""
        return customer_service_pb2.GetCustomerResponse(customer=self.of(request.customer_id))

    async def UpdateCustomer(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The tier, under the version that was read."""
        assert ["tier"] == list(request.update_mask.paths)
        if self.before_update is not None:
            await self.before_update()
        customer = self.of(request.customer.customer_id)
        if customer.version != request.customer.version:
            failure = RpcFailure(Code.VERSION_CONFLICT, "read it again")
            details = ((STATUS_KEY, to_status(failure).SerializeToString()),)
            await context.abort(failure.code.status, failure.message, details)
        customer.version += 1
        customer.tier = request.customer.tier
        self.told.append((customer.customer_id, customer.tier))
        return customer_service_pb2.UpdateCustomerResponse(customer=customer)


def _tenant(tenant_id: str) -> tenant_service_pb2.Tenant:
    return tenant_service_pb2.Tenant(
        tenant_id=tenant_id,
        time_zone="Asia/Seoul",
        currency_code="KRW",
        language="ko",
        clock_mode="CLOCK_MODE_VIRTUAL" if tenant_id == VIRTUAL else "CLOCK_MODE_WALL",
    )


async def _serve(add: Callable[[grpc.aio.Server], None]) -> tuple[grpc.aio.Server, str]:
    server = grpc.aio.server()
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, f"127.0.0.1:{port}"


@dataclass
class Surroundings:
    """What the service under test calls, its bus, and the keys it trusts; targets are host:port."""

    profile: FakeProfile
    customers: FakeCustomers
    segmentation: FakeSegmentation
    redis: Redis
    profile_target: str
    segmentation_target: str
    key: Ed25519PrivateKey
    directory: Path


@pytest.fixture
async def surroundings(redis_url: str, tmp_path: Path) -> AsyncIterator[Surroundings]:
    """Both fakes, served."""
    redis = Redis.from_url(redis_url)
    # Only some of the methods are played.
    profile = FakeProfile()  # type: ignore[abstract]
    customers = FakeCustomers()  # type: ignore[abstract]
    segmentation = FakeSegmentation(redis)  # type: ignore[abstract]

    def add_profile(server: grpc.aio.Server) -> None:
        tenant_service_pb2_grpc.add_TenantServiceServicer_to_server(profile, server)
        event_service_pb2_grpc.add_EventServiceServicer_to_server(profile, server)
        customer_service_pb2_grpc.add_CustomerServiceServicer_to_server(customers, server)

    def add_segmentation(server: grpc.aio.Server) -> None:
        segment_service_pb2_grpc.add_SegmentServiceServicer_to_server(segmentation, server)
        segment_clock_grpc.add_ClockServiceServicer_to_server(segmentation, server)

    profile_server, profile_target = await _serve(add_profile)
    segmentation_server, segmentation_target = await _serve(add_segmentation)
    yield Surroundings(
        profile,
        customers,
        segmentation,
        redis,
        profile_target,
        segmentation_target,
        _write_keys(tmp_path),
        tmp_path,
    )
    await profile_server.stop(None)
    await segmentation_server.stop(None)
    await redis.aclose()


def _write_keys(directory: Path) -> Ed25519PrivateKey:
    """Key files as a service finds them; answers the key that signs users' tokens."""
    service, platform = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    pem = service.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (directory / "service.pem").write_bytes(pem)
    (directory / "master.key").write_text(base64.b64encode(os.urandom(32)).decode())
    keys = [public_jwk(platform), public_jwk(service) | {"dangol_roles": ["service"]}]
    (directory / "jwks.json").write_text(json.dumps({"keys": keys}))
    return platform
