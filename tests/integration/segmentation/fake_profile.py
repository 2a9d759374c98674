"""A hand-written profile server: tenants, customers and their histories, over real gRPC."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
import jwt
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import customer_service_pb2, event_service_pb2, tenant_service_pb2
from dangol.profile.v1.customer_service_pb2_grpc import add_CustomerServiceServicer_to_server
from dangol.profile.v1.event_service_pb2 import KeyedEvent, ProfileSnapshot
from dangol.profile.v1.event_service_pb2_grpc import add_EventServiceServicer_to_server
from dangol.profile.v1.tenant_service_pb2_grpc import add_TenantServiceServicer_to_server
from google.protobuf.timestamp_pb2 import Timestamp

SHOP = "shop"
LAB = "lab"
DAY_MS = 24 * 3600 * 1000
# Where virtual time begins: 2024-01-01.
START_MS = 1_704_067_200_000


def wall_ms() -> int:
    """Now."""
    return time.time_ns() // 1_000_000


def instant(at_ms: int) -> Timestamp:
    """A Timestamp from milliseconds."""
    timestamp = Timestamp()
    timestamp.FromMilliseconds(at_ms)
    return timestamp


@dataclass
class FakeCustomer:
    """What the fake profile keeps of a customer."""

    snapshot: ProfileSnapshot
    events: list[KeyedEvent] = field(default_factory=list)
    merged_into: str = ""


class FakeProfile:
    """Tenants "shop" under wall time and "lab" under virtual time, and whatever is recorded."""

    def __init__(self) -> None:
        self.customers: dict[str, dict[str, FakeCustomer]] = {SHOP: {}, LAB: {}}
        self.touched: list[tuple[str, str, int]] = []
        self.history_calls = 0
        # Called before histories are answered, for interleavings.
        self.before_history: Callable[[], Awaitable[None]] | None = None
        # Called with the id of each customer before her history is answered.
        self.before_answer: Callable[[str], Awaitable[None]] | None = None
        self.port = 0
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Listens."""
        self._server = grpc.aio.server()
        servicer: Any = self
        add_TenantServiceServicer_to_server(servicer, self._server)
        add_EventServiceServicer_to_server(servicer, self._server)
        add_CustomerServiceServicer_to_server(servicer, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()

    def __getattr__(self, name: str) -> Any:
        """Methods that segmentation never calls, which are registered all the same."""
        if name[0].isupper():
            return None
        raise AttributeError(name)

    async def stop(self) -> None:
        """Goes away at once."""
        if self._server is not None:
            await self._server.stop(None)

    def create(self, tenant_id: str, customer_id: str, at_ms: int, **attributes: Any) -> None:
        """Creates a customer."""
        snapshot = ProfileSnapshot(version=1, **attributes)
        snapshot.create_time.FromMilliseconds(at_ms)
        self.customers[tenant_id][customer_id] = FakeCustomer(snapshot)

    def record(self, tenant_id: str, customer_id: str, event: KeyedEvent) -> None:
        """Keeps an event of a customer."""
        customer = self.customers[tenant_id][customer_id]
        customer.events.append(event)
        customer.events.sort(key=lambda one: (one.evaluated_at_ms, one.event.event_id))
        self.touched.append((tenant_id, customer_id, wall_ms()))

    def merge(self, tenant_id: str, source_id: str, target_id: str) -> None:
        """Gives all events of one customer to another."""
        source, target = (self.customers[tenant_id][name] for name in (source_id, target_id))
        source.merged_into = target_id
        target.events = sorted(
            [*target.events, *source.events],
            key=lambda one: (one.evaluated_at_ms, one.event.event_id),
        )
        source.events = []

    async def GetTenant(self, _request: Any, context: Any) -> Any:  # noqa: N802
        """The caller's tenant."""
        return tenant_service_pb2.GetTenantResponse(tenant=_tenant(_tenant_of(context)))

    async def ListTenants(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Both."""
        return tenant_service_pb2.ListTenantsResponse(tenants=[_tenant(SHOP), _tenant(LAB)])

    async def StreamHistory(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
        """Histories as they are now."""
        self.history_calls += 1
        known = self.customers[_tenant_of(context)]
        names = list(request.customer_ids) or sorted(known)
        if request.sample_size:
            names = random.sample(names, min(request.sample_size, len(names)))
        types = set(request.event_types)
        answers = []
        for name in names:
            if name in known and name > request.start_after_customer_id:
                customer = known[name]
                answers.append(
                    event_service_pb2.StreamHistoryResponse(
                        customer_id=name,
                        profile=customer.snapshot,
                        events=[e for e in customer.events if not types or e.event.type in types],
                        merged_into=customer.merged_into,
                    )
                )
        if self.before_history is not None:
            await self.before_history()
        for answer in answers:
            if self.before_answer is not None:
                await self.before_answer(answer.customer_id)
            yield answer

    async def ListCustomers(self, _request: Any, context: Any) -> Any:  # noqa: N802
        """Only how many there are."""
        known = self.customers[_tenant_of(context)].values()
        total = sum(not customer.merged_into for customer in known)
        return customer_service_pb2.ListCustomersResponse(total_size=total)

    async def ListTouchedCustomers(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Customers recorded for since a time."""
        tenant_id, since_ms = _tenant_of(context), request.since.ToMilliseconds()
        found = {c for t, c, at_ms in self.touched if t == tenant_id and at_ms >= since_ms}
        return event_service_pb2.ListTouchedCustomersResponse(customer_ids=sorted(found))


def _tenant_of(context: Any) -> str:
    token = dict(context.invocation_metadata())["authorization"].removeprefix("Bearer ")
    return str(jwt.decode(token, options={"verify_signature": False})["tenant"])


def _tenant(tenant_id: str) -> tenant_service_pb2.Tenant:
    virtual = tenant_id == LAB
    mode = tenant_service_pb2.CLOCK_MODE_VIRTUAL if virtual else tenant_service_pb2.CLOCK_MODE_WALL
    return tenant_service_pb2.Tenant(
        tenant_id=tenant_id,
        display_name=tenant_id,
        time_zone="Asia/Seoul",
        currency_code="KRW",
        language="ko",
        clock_mode=mode,
    )


def keyed(
    event_type: str, at_ms: int, *, received_ms: int | None = None, **fields: Any
) -> KeyedEvent:
    """An event as profile hands it on."""
    event = Event(event_id=str(uuid.uuid4()), type=event_type, occurred_at=instant(at_ms), **fields)
    key = hashlib.blake2b(event.event_id.encode(), digest_size=16).digest()
    received = at_ms if received_ms is None else received_ms
    return KeyedEvent(key=key, evaluated_at_ms=at_ms, received_at_ms=received, event=event)
