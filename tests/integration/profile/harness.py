"""A profile service under test, callers of it, and a hand-written segmentation server beside it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from dangol.events.v1.event_pb2 import Event
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED, MembershipChange
from dangol.profile.v1 import customer_service_pb2 as customer_pb
from dangol.profile.v1 import event_service_pb2 as event_pb
from dangol.profile.v1 import tenant_service_pb2 as tenant_pb
from dangol.profile.v1.contact_service_pb2_grpc import ContactServiceStub
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.field_service_pb2_grpc import FieldServiceStub
from dangol.profile.v1.search_service_pb2_grpc import SearchServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1 import evaluation_service_pb2 as pb
from dangol.segmentation.v1 import segment_service_pb2 as segment_pb
from dangol.segmentation.v1.evaluation_service_pb2_grpc import (
    EvaluationServiceServicer,
    add_EvaluationServiceServicer_to_server,
)
from dangol_cli.keys import sign_token
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, connect
from dangol_service_kit.errors import Code, RpcFailure, to_status

ISSUER = "dangol"
SHOP = "shop"
OTHER = "other-shop"
LAB = "lab"
LAB_START_SECONDS = 1_500_000_000
OCCURRED_SECONDS = 1_700_000_000


class FakeMembers:
    """Lists who was put into a segment, two a page; any other segment does not exist."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}

    def add_to(self, server: grpc.aio.Server) -> None:
        """Serves this one method of SegmentService."""
        handler = grpc.unary_unary_rpc_method_handler(
            self.ListMembers,
            request_deserializer=segment_pb.ListMembersRequest.FromString,
            response_serializer=segment_pb.ListMembersResponse.SerializeToString,
        )
        name = segment_pb.DESCRIPTOR.services_by_name["SegmentService"].full_name
        handlers = grpc.method_handlers_generic_handler(name, {"ListMembers": handler})
        server.add_generic_rpc_handlers((handlers,))

    async def ListMembers(  # noqa: N802
        self, request: segment_pb.ListMembersRequest, context: Any
    ) -> segment_pb.ListMembersResponse:
        """A page of members."""
        ids = self.ids.get(request.segment_id)
        if ids is None:
            status = to_status(RpcFailure(Code.SEGMENT_NOT_FOUND, "there is no such segment"))
            details = ("grpc-status-details-bin", status.SerializeToString())
            await context.abort(grpc.StatusCode.NOT_FOUND, status.message, (details,))
            raise AssertionError("abort raises")
        start = int(request.page_token or 0)
        page, more = ids[start : start + 2], start + 2 < len(ids)
        return segment_pb.ListMembersResponse(
            members=[segment_pb.Member(customer_id=one) for one in page],
            total_size=len(ids),
            next_page_token=str(start + 2) if more else "",
        )


class FakeSegmentation(EvaluationServiceServicer):
    """Answers Evaluate with one change a customer, and remembers all it was told.

    pending_ids are customers it cannot answer for; a held Evaluate waits for `release`.
    """

    def __init__(self) -> None:
        self.evaluated: list[pb.EvaluateRequest] = []
        self.replayed: list[tuple[tuple[str, ...], int]] = []
        self.pending_ids: set[str] = set()
        self.release = asyncio.Event()
        self.release.set()
        self.entered = asyncio.Event()
        self.members = FakeMembers()
        self.port = 0
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Listens, on the same port as before if there was one."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        add_EvaluationServiceServicer_to_server(self, self._server)
        self.members.add_to(self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self._server.start()

    async def stop(self) -> None:
        """Goes away at once."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None

    async def Evaluate(  # noqa: N802
        self, request: pb.EvaluateRequest, _context: Any
    ) -> pb.EvaluateResponse:
        """Every customer enters the segment "seen", unless pending."""
        self.entered.set()
        await self.release.wait()
        self.evaluated.append(request)
        ids = [delta.customer_id for delta in request.customers]
        return pb.EvaluateResponse(
            changes=[
                MembershipChange(customer_id=one, segment_id="seen", kind=CHANGE_KIND_ENTERED)
                for one in ids
                if one not in self.pending_ids
            ],
            pending_customer_ids=[one for one in ids if one in self.pending_ids],
        )

    async def ReplayCustomers(  # noqa: N802
        self, request: pb.ReplayCustomersRequest, _context: Any
    ) -> pb.ReplayCustomersResponse:
        """Remembers who was to be replayed, and why."""
        self.replayed.append((tuple(request.customer_ids), int(request.cause)))
        pending = [one for one in request.customer_ids if one in self.pending_ids]
        return pb.ReplayCustomersResponse(pending_customer_ids=pending)

    async def Rebuild(  # noqa: N802
        self, _request: pb.RebuildRequest, _context: Any
    ) -> pb.RebuildResponse:
        """Profile never asks for it."""
        raise AssertionError("Rebuild")

    async def BeginEpoch(  # noqa: N802
        self, _request: pb.BeginEpochRequest, _context: Any
    ) -> pb.BeginEpochResponse:
        """Profile never asks for it."""
        raise AssertionError("BeginEpoch")

    async def GetReadiness(  # noqa: N802
        self, _request: pb.GetReadinessRequest, _context: Any
    ) -> pb.GetReadinessResponse:
        """Always ready."""
        return pb.GetReadinessResponse(ready=True)

    @property
    def replayed_ids(self) -> set[str]:
        """Every customer that was to be replayed."""
        return {customer_id for ids, _ in self.replayed for customer_id in ids}


@dataclass(frozen=True)
class Keys:
    """Key files of one installation."""

    directory: Path

    def token(
        self, role: Role, tenant_id: str, subject: str = "tester", ttl_seconds: int = 600
    ) -> str:
        """A signed token; services have a key of their own."""
        name = "offers" if role is Role.SERVICE else "platform"
        return sign_token(
            self.directory / f"{name}.pem",
            issuer=ISSUER,
            audience=ISSUER,
            tenant_id=tenant_id,
            role=role,
            subject=subject,
            ttl_seconds=ttl_seconds,
        )


class Client:
    """Calls a profile service as one caller."""

    def __init__(self, channel: grpc.aio.Channel, token: str) -> None:
        self._token = token
        self.tenants: Any = TenantServiceStub(channel)
        self.events: Any = EventServiceStub(channel)
        self.customers: Any = CustomerServiceStub(channel)
        self.contacts: Any = ContactServiceStub(channel)
        self.fields: Any = FieldServiceStub(channel)
        self.searches: Any = SearchServiceStub(channel)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What goes with every call."""
        return (("authorization", f"Bearer {self._token}"),)

    async def call(self, method: Any, request: Any) -> Any:
        """One call. Raises RpcFailure."""
        return await call(method, request, token=self._token, timeout_seconds=60)

    async def record(self, *events: Event) -> event_pb.RecordEventsResponse:
        """RecordEvents."""
        request = event_pb.RecordEventsRequest(events=events)
        response: event_pb.RecordEventsResponse = await self.call(self.events.RecordEvents, request)
        return response

    async def identify(
        self, *names: tuple[str, str], request_id: str = "", **attributes: Any
    ) -> customer_pb.IdentifyCustomerResponse:
        """IdentifyCustomer with a fresh request id unless one is given."""
        request = customer_pb.IdentifyCustomerRequest(
            request_id=request_id or str(uuid.uuid4()),
            attributes=customer_pb.Customer(**attributes),
        )
        for namespace, value in names:
            request.identifiers.add(namespace=namespace, value=value)
        response: customer_pb.IdentifyCustomerResponse = await self.call(
            self.customers.IdentifyCustomer, request
        )
        return response

    async def get(self, customer_id: str) -> customer_pb.Customer:
        """GetCustomer by id."""
        request = customer_pb.GetCustomerRequest(customer_id=customer_id)
        response = await self.call(self.customers.GetCustomer, request)
        customer: customer_pb.Customer = response.customer
        return customer

    async def find(self, namespace: str, value: str) -> customer_pb.Customer:
        """GetCustomer by identifier."""
        request = customer_pb.GetCustomerRequest()
        request.identifier.namespace = namespace
        request.identifier.value = value
        response = await self.call(self.customers.GetCustomer, request)
        customer: customer_pb.Customer = response.customer
        return customer

    async def timeline(self, customer_id: str, **options: Any) -> customer_pb.ListTimelineResponse:
        """ListTimeline."""
        request = customer_pb.ListTimelineRequest(customer_id=customer_id, **options)
        response: customer_pb.ListTimelineResponse = await self.call(
            self.customers.ListTimeline, request
        )
        return response

    async def history(self, *customer_ids: str) -> list[event_pb.StreamHistoryResponse]:
        """StreamHistory, whole."""
        request = event_pb.StreamHistoryRequest(customer_ids=customer_ids)
        answers = self.events.StreamHistory(request, metadata=self.metadata, timeout=60)
        return [one async for one in answers]

    async def set_clock(self, now_seconds: int, horizon_seconds: int) -> int:
        """SetClock; answers how many intents were relayed."""
        request = tenant_pb.SetClockRequest()
        request.now.seconds = now_seconds
        request.horizon.seconds = horizon_seconds
        response = await self.call(self.tenants.SetClock, request)
        return int(response.relayed_intents)


@dataclass
class Platform:
    """One running profile service and what surrounds it."""

    keys: Keys
    segmentation: FakeSegmentation
    target: str
    database: Any
    channel: grpc.aio.Channel

    def client(
        self, role: Role = Role.PARTNER, tenant_id: str = SHOP, subject: str = "tester"
    ) -> Client:
        """A caller of a role."""
        return Client(self.channel, self.keys.token(role, tenant_id, subject))

    async def create_tenants(self) -> None:
        """Two shops under wall time, in KRW and USD, and one in KRW under virtual time."""
        operator = self.client(Role.OPERATOR, "*")
        for tenant_id, currency in ((SHOP, "KRW"), (OTHER, "USD"), (LAB, "KRW")):
            await operator.call(operator.tenants.CreateTenant, to_create(tenant_id, currency))

    async def nothing_open(self) -> bool:
        """Whether every intent is completed."""
        return bool(await self.database.intents.count_documents({"open_ms": {"$gt": 0}}) == 0)


def to_create(tenant_id: str, currency: str = "KRW") -> tenant_pb.CreateTenantRequest:
    """A request for a tenant; LAB gets a virtual clock."""
    request = tenant_pb.CreateTenantRequest(
        tenant=tenant_pb.Tenant(
            tenant_id=tenant_id,
            display_name=tenant_id,
            time_zone="Asia/Seoul",
            currency_code=currency,
            language="ko",
            clock_mode=tenant_pb.CLOCK_MODE_WALL,
        )
    )
    if tenant_id == LAB:
        request.tenant.clock_mode = tenant_pb.CLOCK_MODE_VIRTUAL
        request.tenant.clock_now.seconds = LAB_START_SECONDS
        request.tenant.clock_horizon.seconds = LAB_START_SECONDS + 86_400
    return request


def event(
    namespace: str,
    value: str,
    event_type: str = "visit",
    *,
    at_seconds: int = OCCURRED_SECONDS,
    event_id: str = "",
    amount: int | None = None,
    **fields: Any,
) -> Event:
    """A valid event with a fresh id unless one is given; amount is in KRW."""
    made = Event(event_id=event_id or str(uuid.uuid4()), type=event_type, **fields)
    made.customer.namespace = namespace
    made.customer.value = value
    made.occurred_at.seconds = at_seconds
    if amount is not None:
        made.amount.currency_code = "KRW"
        made.amount.minor_units = amount
    return made


def outcomes(response: event_pb.RecordEventsResponse) -> list[str]:
    """The outcome of each event, short."""
    prefix = len("RECORD_OUTCOME_")
    return [event_pb.RecordOutcome.Name(one.outcome)[prefix:] for one in response.results]


def rejections(response: event_pb.RecordEventsResponse) -> list[tuple[str, str]]:
    """(code, field) of each event."""
    return [(one.code, one.field) for one in response.results]


def ids_of(changes: Sequence[MembershipChange]) -> set[str]:
    """Whose changes they are."""
    return {change.customer_id for change in changes}


def open_channel(target: str) -> grpc.aio.Channel:
    """A channel of the test's own."""
    return connect(target)


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits until something comes true; the test's own time limit ends it otherwise."""
    while not await condition():
        await asyncio.sleep(0.02)
