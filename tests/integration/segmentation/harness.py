"""Replicas of segmentation under test, and a hand-written profile server beside them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED, MembershipChange
from dangol.profile.v1.event_service_pb2 import KeyedEvent
from dangol.segmentation.v1 import clock_service_pb2, evaluation_service_pb2, segment_service_pb2
from dangol.segmentation.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_cli.keys import sign_token
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, connect, metadata
from segmentation_service.__main__ import Process, open_process
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import (
    DAY_MS,
    FakeProfile,
    instant,
    wall_ms,
)

ISSUER = "dangol"
_LIMIT_SECONDS = 60.0


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns once the condition holds; fails after half a minute."""
    async with asyncio.timeout(_LIMIT_SECONDS):
        while not await condition():
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Replica:
    """One running segmentation process, in this process."""

    process: Process
    channel: Any
    keys: Path

    def token(self, role: Role, tenant_id: str, subject: str = "tester") -> str:
        """A signed token."""
        name = "offers" if role is Role.SERVICE else "platform"
        return sign_token(
            self.keys / f"{name}.pem",
            issuer=ISSUER,
            audience=ISSUER,
            tenant_id=tenant_id,
            role=role,
            subject=subject,
            ttl_seconds=600,
        )

    async def call(
        self, method: Any, request: Any, role: Role, tenant_id: str, subject: str = "tester"
    ) -> Any:
        """One call. Raises RpcFailure."""
        token = self.token(role, tenant_id, subject)
        return await call(method, request, token=token, timeout_seconds=_LIMIT_SECONDS)

    @property
    def segments(self) -> Any:
        """SegmentService."""
        return SegmentServiceStub(self.channel)

    @property
    def evaluation(self) -> Any:
        """EvaluationService."""
        return EvaluationServiceStub(self.channel)

    @property
    def clock(self) -> Any:
        """ClockService."""
        return ClockServiceStub(self.channel)


@asynccontextmanager
async def run_replica(
    config: SegmentationConfig, wall_ns: Callable[[], int] = time.time_ns
) -> AsyncIterator[Replica]:
    """A replica that serves, and whose state is whole."""
    async with open_process(config, wall_ns) as process:
        await process.server.start()
        try:
            channel = connect(f"127.0.0.1:{process.server.port}")
            assert await process.gate.wait_ready(_LIMIT_SECONDS)
            yield Replica(process, channel, config.service_key_file.parent)
            await channel.close()
        finally:
            await process.server.stop()


class Tenant:
    """A tenant's view: records with the fake profile and asks a replica."""

    def __init__(self, profile: FakeProfile, replica: Replica, tenant_id: str) -> None:
        self.profile = profile
        self.replica = replica
        self.tenant_id = tenant_id

    def through(self, replica: Replica) -> Tenant:
        """The same tenant through another replica."""
        return Tenant(self.profile, replica, self.tenant_id)

    async def ask(self, method: Any, request: Any, role: Role = Role.MARKETER) -> Any:
        """One call as `role`."""
        return await self.replica.call(method, request, role, self.tenant_id)

    async def define(
        self, segment_id: str, rule: str, *, notify: bool = False, request_id: str = ""
    ) -> segment_service_pb2.Segment:
        """CreateSegment."""
        request = segment_service_pb2.CreateSegmentRequest(
            request_id=request_id or str(uuid.uuid4()),
            segment=segment_service_pb2.Segment(segment_id=segment_id, rule=rule),
            notify_existing=notify,
        )
        response = await self.ask(self.replica.segments.CreateSegment, request)
        segment: segment_service_pb2.Segment = response.segment
        return segment

    async def edit(
        self, segment: segment_service_pb2.Segment, rule: str, *, notify: bool = False
    ) -> segment_service_pb2.Segment:
        """UpdateSegment with another rule."""
        changed = segment_service_pb2.Segment()
        changed.CopyFrom(segment)
        changed.rule = rule
        changed.ClearField("rule_tree")
        request = segment_service_pb2.UpdateSegmentRequest(
            request_id=str(uuid.uuid4()), segment=changed, notify_existing=notify
        )
        response = await self.ask(self.replica.segments.UpdateSegment, request)
        edited: segment_service_pb2.Segment = response.segment
        return edited

    async def segment(self, segment_id: str) -> segment_service_pb2.Segment:
        """GetSegment."""
        request = segment_service_pb2.GetSegmentRequest(segment_id=segment_id)
        response = await self.ask(self.replica.segments.GetSegment, request)
        segment: segment_service_pb2.Segment = response.segment
        return segment

    async def live(self, segment_id: str) -> None:
        """Waits until the segment's members are computed."""

        async def is_live() -> bool:
            segment = await self.segment(segment_id)
            return bool(segment.state == segment_service_pb2.SEGMENT_STATE_LIVE)

        await eventually(is_live)

    async def send(
        self,
        customer_id: str,
        *events: KeyedEvent,
        intent_ms: int | None = None,
        record: bool = True,
    ) -> evaluation_service_pb2.EvaluateResponse:
        """Records events of a customer, new or not, and evaluates them."""
        known = self.profile.customers[self.tenant_id]
        created = customer_id not in known
        if created:
            at_ms = min([event.evaluated_at_ms for event in events], default=wall_ms())
            self.profile.create(self.tenant_id, customer_id, at_ms)
        if record:
            for event in events:
                self.profile.record(self.tenant_id, customer_id, event)
        delta = evaluation_service_pb2.CustomerDelta(
            customer_id=customer_id, created=created, events=events
        )
        if created:
            delta.profile.CopyFrom(known[customer_id].snapshot)
        return await self.evaluate([delta], intent_ms)

    async def evaluate(
        self,
        deltas: Sequence[evaluation_service_pb2.CustomerDelta],
        intent_ms: int | None = None,
    ) -> evaluation_service_pb2.EvaluateResponse:
        """Evaluate."""
        request = evaluation_service_pb2.EvaluateRequest(customers=deltas)
        request.intent_time.FromMilliseconds(wall_ms() if intent_ms is None else intent_ms)
        response: evaluation_service_pb2.EvaluateResponse = await self.ask(
            self.replica.evaluation.Evaluate, request, Role.SERVICE
        )
        return response

    async def replay(
        self, *customer_ids: str, cause: int = 0
    ) -> evaluation_service_pb2.ReplayCustomersResponse:
        """ReplayCustomers."""
        request = evaluation_service_pb2.ReplayCustomersRequest(customer_ids=customer_ids)
        request.cause = cause  # type: ignore[assignment]
        response: evaluation_service_pb2.ReplayCustomersResponse = await self.ask(
            self.replica.evaluation.ReplayCustomers, request, Role.SERVICE
        )
        return response

    async def advance(
        self, now_ms: int, horizon_ms: int | None = None
    ) -> clock_service_pb2.AdvanceClockResponse:
        """AdvanceClock."""
        request = clock_service_pb2.AdvanceClockRequest(
            now=instant(now_ms), horizon=instant(horizon_ms or now_ms + DAY_MS)
        )
        response: clock_service_pb2.AdvanceClockResponse = await self.ask(
            self.replica.clock.AdvanceClock, request, Role.SERVICE
        )
        return response

    async def members(self, segment_id: str) -> list[str]:
        """Every member, in order of id."""
        found: list[str] = []
        request = segment_service_pb2.ListMembersRequest(segment_id=segment_id, page_size=7)
        while True:
            page = await self.ask(self.replica.segments.ListMembers, request)
            found += [member.customer_id for member in page.members]
            assert page.total_size >= len(found) or page.next_page_token
            if not page.next_page_token:
                return sorted(found)
            request.page_token = page.next_page_token

    async def memberships(self, customer_id: str) -> dict[str, tuple[int, int]]:
        """By segment (stint, entered_at_ms) of a customer."""
        request = segment_service_pb2.ListMembershipsRequest(customer_ids=[customer_id])
        response = await self.ask(self.replica.segments.ListMemberships, request)
        return {
            one.segment_id: (one.stint, one.entered_at.ToMilliseconds())
            for one in response.customers[0].memberships
        }

    async def announced(self, count: int = 0) -> list[MembershipChange]:
        """All announcements of the tenant, once there are so many, by partition and sequence."""
        found: list[MembershipChange] = []

        async def enough() -> bool:
            found[:] = await self._announced_now()
            return len(found) >= count

        await eventually(enough)
        return found

    async def _announced_now(self) -> list[MembershipChange]:
        found: list[MembershipChange] = []
        for partition in range(64):
            request = segment_service_pb2.ListAnnouncementsRequest(partition=partition)
            response = await self.ask(
                self.replica.segments.ListAnnouncements, request, Role.SERVICE
            )
            found += response.changes
        return found

    def watch(self, resume_token: str = "") -> Any:
        """An open WatchMemberships call."""
        request = segment_service_pb2.WatchMembershipsRequest(resume_token=resume_token)
        token = self.replica.token(Role.MARKETER, self.tenant_id)
        return self.replica.segments.WatchMemberships(request, metadata=metadata(token))


def told(changes: Sequence[MembershipChange]) -> list[tuple[str, str, int, str, int]]:
    """(customer, segment, stint, entered or left, effective_at_ms) of changes, in their order."""
    return [
        (
            change.customer_id,
            change.segment_id,
            change.stint,
            "entered" if change.kind == CHANGE_KIND_ENTERED else "left",
            change.effective_at.ToMilliseconds(),
        )
        for change in changes
    ]
