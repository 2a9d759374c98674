"""A segmentation that tests play by hand: a real gRPC server that announces what it is told to and
answers as its contract says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import jwt
from dangol.events.v1 import membership_pb2
from dangol.segmentation.v1 import clock_service_pb2 as segment_clock_pb
from dangol.segmentation.v1 import clock_service_pb2_grpc as segment_clock_grpc
from dangol.segmentation.v1 import segment_service_pb2, segment_service_pb2_grpc
from dangol_service_kit.errors import STATUS_KEY, Code, RpcFailure, to_status
from redis.asyncio import Redis

VIRTUAL = "shop"
STREAM = "dangol:bus:membership"
EPOCH = 1 << 40

ENTERED = membership_pb2.CHANGE_KIND_ENTERED


class FakeSegmentation(
    segment_service_pb2_grpc.SegmentServiceServicer, segment_clock_grpc.ClockServiceServicer
):
    """Announces what it is told to; `deadlines` are (time in ms, announcement) still to come."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.announced: dict[int, list[membership_pb2.MembershipChange]] = defaultdict(list)
        self.memberships: dict[tuple[str, str], int] = {}
        self.entered_ms: dict[tuple[str, str], int] = {}
        self.segments: dict[str, str] = {}
        self.deadlines: list[tuple[int, dict[str, Any]]] = []
        self.list_calls = 0
        self.rebuilding = False
        self.on_fired: Callable[[], Awaitable[None]] | None = None
        self.on_advance: Callable[[], Awaitable[None]] | None = None

    async def announce(
        self,
        customer_id: str,
        at_ms: int,
        *,
        tenant_id: str = VIRTUAL,
        segment_id: str = "fading",
        stint: int = 1,
        kind: int = ENTERED,
        cause: int = membership_pb2.CHANGE_CAUSE_EVENT,
        notify: bool = True,
        on_bus: bool = True,
        sequence: int = 0,
    ) -> membership_pb2.MembershipChange:
        """One change: kept first, then on the bus, as the drainer does it."""
        partition = sum(customer_id.encode()) % 64
        theirs = self.announced[partition]
        change = membership_pb2.MembershipChange(
            tenant_id=tenant_id,
            customer_id=customer_id,
            segment_id=segment_id,
            stint=stint,
            kind=kind,  # type: ignore[arg-type]
            cause=cause,  # type: ignore[arg-type]
            partition=partition,
            sequence=sequence or (theirs[-1].sequence if theirs else EPOCH) + 1,
            notify=notify,
        )
        change.effective_at.FromMilliseconds(at_ms)
        theirs.append(change)
        if kind == ENTERED:
            self.memberships[customer_id, segment_id] = stint
            self.entered_ms[customer_id, segment_id] = at_ms
        else:
            self.memberships.pop((customer_id, segment_id), None)
        if on_bus:
            await self.publish(change)
        return change

    async def publish(self, change: membership_pb2.MembershipChange) -> None:
        """Puts a change on the bus, again if it was there before."""
        await self._redis.xadd(STREAM, {"d": change.SerializeToString()})

    async def ListAnnouncements(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Everything after a sequence."""
        self.list_calls += 1
        found = [
            change
            for change in self.announced[request.partition]
            if change.sequence > request.after_sequence
        ]
        return segment_service_pb2.ListAnnouncementsResponse(
            changes=found[: request.page_size or 100]
        )

    async def CreateSegment(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Keeps the rule by the segment's id."""
        claims_of(context)
        self.segments[request.segment.segment_id] = request.segment.rule
        return segment_service_pb2.CreateSegmentResponse(segment=request.segment)

    async def DeleteSegment(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Drops it."""
        claims_of(context)
        self.segments.pop(request.segment_id, None)
        return segment_service_pb2.DeleteSegmentResponse()

    async def GetSegment(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Those that somebody was ever in, or that were created."""
        known = {segment_id for _, segment_id in self.entered_ms} | set(self.segments)
        if request.segment_id not in known:
            failure = RpcFailure(Code.SEGMENT_NOT_FOUND, "there is no such segment")
            details = ((STATUS_KEY, to_status(failure).SerializeToString()),)
            await context.abort(failure.code.status, failure.message, details)
        segment = segment_service_pb2.Segment(segment_id=request.segment_id)
        return segment_service_pb2.GetSegmentResponse(segment=segment)

    async def ListMembers(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Two members a page, whatever is asked for."""
        members = sorted(
            customer for customer, segment in self.memberships if segment == request.segment_id
        )
        start = int(request.page_token or 0)
        response = segment_service_pb2.ListMembersResponse()
        for customer_id in members[start : start + 2]:
            key = customer_id, request.segment_id
            member = response.members.add(customer_id=customer_id, stint=self.memberships[key])
            member.entered_at.FromMilliseconds(self.entered_ms[key])
        if start + 2 < len(members):
            response.next_page_token = str(start + 2)
        return response

    async def ListMemberships(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Current stints."""
        if self.rebuilding:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "rebuilding")
        response = segment_service_pb2.ListMembershipsResponse()
        for customer_id in request.customer_ids:
            customer = response.customers.add(customer_id=customer_id)
            for (owner, segment_id), stint in self.memberships.items():
                if owner == customer_id:
                    customer.memberships.add(segment_id=segment_id, stint=stint)
        return response

    async def AdvanceClock(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Fires what is due in order of time and says how far each partition is.

        The call is cancelled when its caller dies: a deadline goes as its change is kept.
        """
        now_ms = request.now.ToMilliseconds()
        due = sorted((each for each in self.deadlines if each[0] <= now_ms), key=lambda d: d[0])
        for deadline in due:
            self.deadlines.remove(deadline)
            at_ms, change = deadline
            await self.announce(at_ms=at_ms, **change)
            if self.on_fired is not None:
                await self.on_fired()
        response = segment_clock_pb.AdvanceClockResponse(fired_deadlines=len(due))
        for partition, changes in self.announced.items():
            if changes:
                response.positions.add(partition=partition, sequence=changes[-1].sequence)
        if self.on_advance is not None:
            await self.on_advance()
        return response


def claims_of(context: Any) -> dict[str, Any]:
    """What a service's token says; its signature is not checked."""
    token = dict(context.invocation_metadata())["authorization"].removeprefix("Bearer ")
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    assert claims["role"] == "service"
    return claims
