"""A profile and a segmentation that the outbox's tests play by hand, behind real gRPC."""

from __future__ import annotations

from collections import Counter
from typing import Any

import grpc
import jwt
from dangol.events.v1 import event_pb2
from dangol.profile.v1 import contact_service_pb2 as contacts_pb
from dangol.profile.v1 import (
    contact_service_pb2_grpc,
    customer_service_pb2_grpc,
    event_service_pb2,
    event_service_pb2_grpc,
    tenant_service_pb2,
    tenant_service_pb2_grpc,
)
from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.segmentation.v1 import clock_service_pb2 as segment_clock_pb
from dangol.segmentation.v1 import clock_service_pb2_grpc as segment_clock_grpc
from dangol.segmentation.v1 import segment_service_pb2, segment_service_pb2_grpc
from dangol_service_kit.errors import STATUS_KEY, Code, RpcFailure, to_status

WALL, VIRTUAL, FOREIGN = "shop", "replay", "other"


class FakeProfile(
    tenant_service_pb2_grpc.TenantServiceServicer,
    event_service_pb2_grpc.EventServiceServicer,
    customer_service_pb2_grpc.CustomerServiceServicer,
    contact_service_pb2_grpc.ContactServiceServicer,
):
    """Customers by id, who allow everything unless told otherwise, and the events it was told."""

    def __init__(self) -> None:
        self.customers: dict[str, customers_pb.Customer] = {}
        self.merged: dict[str, str] = {}
        self.gone: set[str] = set()
        self.events: dict[str, event_pb2.Event] = {}
        self.received: Counter[str] = Counter()
        self.away = False
        # (message, recipient) of every address that was told; whom nobody can reach.
        self.revealed: list[tuple[str, str]] = []
        self.unreachable: set[str] = set()
        # Tenants whose events cannot be recorded.
        self.failing: set[str] = set()
        self.visits: dict[str, list[int]] = {}

    def customer(self, customer_id: str) -> customers_pb.Customer:
        """The customer, made up at the first question."""
        if customer_id not in self.customers:
            channels = ("email", "kakao", "push", "sms")
            self.customers[customer_id] = customers_pb.Customer(
                customer_id=customer_id,
                display_name=f"name of {customer_id}",
                member=True,
                consents=[
                    f"{purpose}.{channel}"
                    for purpose in ("marketing", "marketing_night")
                    for channel in channels
                ],
            )
        return self.customers[customer_id]

    async def GetTenant(self, _request: Any, context: Any) -> Any:  # noqa: N802
        """The tenant named by the service's token."""
        return tenant_service_pb2.GetTenantResponse(tenant=_tenant(_tenant_of(context)))

    async def ListTenants(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Two by the wall, one of virtual time."""
        tenants = [_tenant(name) for name in (WALL, VIRTUAL, FOREIGN)]
        return tenant_service_pb2.ListTenantsResponse(tenants=tenants)

    async def SetClock(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Nothing is open here."""
        return tenant_service_pb2.SetClockResponse()

    async def GetCustomer(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Under the id that a merge left."""
        customer_id = self.merged.get(request.customer_id, request.customer_id)
        if customer_id in self.gone:
            await context.abort(grpc.StatusCode.NOT_FOUND, "nobody", _not_found())
        return customers_pb.GetCustomerResponse(customer=self.customer(customer_id))

    async def BatchGetCustomers(self, request: Any, context: Any) -> Any:  # noqa: N802
        """As profile does: those that are gone are left out."""
        if self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        ids = [self.merged.get(one, one) for one in request.customer_ids]
        found = [self.customer(one) for one in ids if one not in self.gone]
        return customers_pb.BatchGetCustomersResponse(customers=found)

    async def ListMergedCustomers(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Nobody was merged."""
        return customers_pb.ListMergedCustomersResponse()

    async def ListTimeline(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """A visit at each of the customer's times, newest first."""
        response = customers_pb.ListTimelineResponse()
        for at_ms in sorted(self.visits.get(request.customer_id, []), reverse=True):
            event = response.events.add(type="visit")
            event.occurred_at.FromMilliseconds(at_ms)
        return response

    async def RevealContacts(self, request: Any, context: Any) -> Any:  # noqa: N802
        """An address made of channel and id."""
        if self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        response = contacts_pb.RevealContactsResponse()
        for one in request.wanted:
            if one.customer_id in self.unreachable:
                response.contacts.add(outcome="REVEAL_OUTCOME_NO_CONTACT")
                continue
            self.revealed.append((one.message_id, request.recipient))
            address = f"{request.channel}:{one.customer_id}"
            response.contacts.add(outcome="REVEAL_OUTCOME_REVEALED", addresses=[address])
        return response

    async def RecordEvents(self, request: Any, context: Any) -> Any:  # noqa: N802
        """RECORDED or DUPLICATE."""
        if self.away or _tenant_of(context) in self.failing:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        response = event_service_pb2.RecordEventsResponse()
        for event in request.events:
            outcome = "DUPLICATE" if event.event_id in self.events else "RECORDED"
            self.received[event.event_id] += 1
            self.events[event.event_id] = event
            response.results.add(event_id=event.event_id, outcome=f"RECORD_OUTCOME_{outcome}")
        return response

    def told(self) -> list[tuple[str, str, int]]:
        """(type, message id, time in ms) of every event, sorted."""
        return sorted(
            (event.type, event.properties["message_id"].text, event.occurred_at.ToMilliseconds())
            for event in self.events.values()
        )


class FakeSegmentation(
    segment_service_pb2_grpc.SegmentServiceServicer, segment_clock_grpc.ClockServiceServicer
):
    """Nobody enters or leaves anything."""

    async def ListAnnouncements(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """None."""
        return segment_service_pb2.ListAnnouncementsResponse()

    async def AdvanceClock(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Nothing was due."""
        return segment_clock_pb.AdvanceClockResponse()


def _not_found() -> Any:
    # As the service kit writes it, so that the client reads the code.
    failure = RpcFailure(Code.CUSTOMER_NOT_FOUND, "nobody")
    return ((STATUS_KEY, to_status(failure).SerializeToString()),)


def _tenant(tenant_id: str) -> tenant_service_pb2.Tenant:
    return tenant_service_pb2.Tenant(
        tenant_id=tenant_id,
        display_name="단골샵",
        time_zone="Asia/Seoul",
        currency_code="KRW",
        language="ko",
        clock_mode="CLOCK_MODE_VIRTUAL" if tenant_id == VIRTUAL else "CLOCK_MODE_WALL",
    )


def _tenant_of(context: Any) -> str:
    token = dict(context.invocation_metadata())["authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return str(claims["tenant"])
