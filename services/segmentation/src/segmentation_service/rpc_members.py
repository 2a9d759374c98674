"""The part of dangol.segmentation.v1.SegmentService that is about members."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
from dangol.events.v1.membership_pb2 import MembershipChange
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Role, require
from dangol_service_kit.client import RESUME_HEADER
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.engine import Explained
from segmentation_service.rpc_segment_messages import no_segment, seal_token, to_position
from segmentation_service.service_members import MemberService
from segmentation_service.service_sizes import SizeService
from segmentation_service.store_mongo import MongoStore
from segmentation_service.watch import WatchHub

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

WRITERS = (Role.MARKETER, Role.ADMIN)
READERS = (*WRITERS, Role.STAFF, Role.PARTNER, Role.SERVICE)
_MEMBERS_PAGE = 100
_ANNOUNCEMENTS_PAGE = 1_000


class MembersRpc(SegmentServiceServicer):
    """Staff, partners and services read members; a customer sees her own memberships."""

    def __init__(
        self,
        members: MemberService,
        sizes: SizeService,
        watch: WatchHub,
        announced: MongoStore,
    ) -> None:
        self._members = members
        self._sizes = sizes
        self._watch = watch
        self._announced = announced

    async def ListMembers(  # noqa: N802
        self, request: pb.ListMembersRequest, _context: Context
    ) -> pb.ListMembersResponse:
        """Members of a segment."""
        caller = require(*READERS)
        page = await self._members.list_page(
            caller.tenant_id,
            request.segment_id,
            to_position(request.page_token, request.segment_id),
            request.page_size or _MEMBERS_PAGE,
        )
        if page is None:
            raise no_segment()
        response = pb.ListMembersResponse(
            members=[to_member(*member) for member in page.members], total_size=page.total
        )
        if page.next is not None:
            last = page.next
            place: list[str | int] = [
                request.segment_id,
                last.partition,
                last.entered_at_ms,
                last.customer_id,
            ]
            response.next_page_token = seal_token(place)
        return response

    async def ListMemberships(  # noqa: N802
        self, request: pb.ListMembershipsRequest, _context: Context
    ) -> pb.ListMembershipsResponse:
        """Segments of customers; a customer sees only her own."""
        caller = require(*READERS, Role.CUSTOMER)
        if caller.role is Role.CUSTOMER and set(request.customer_ids) != {caller.subject}:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, "customers see only their own segments")
        found = await self._members.list_memberships(caller.tenant_id, request.customer_ids)
        response = pb.ListMembershipsResponse()
        for customer_id in request.customer_ids:
            customer = response.customers.add(customer_id=customer_id)
            for segment_id, stint, entered_at_ms in found.get(customer_id, ()):
                membership = customer.memberships.add(segment_id=segment_id, stint=stint)
                membership.entered_at.FromMilliseconds(entered_at_ms)
        return response

    async def ListSegmentSizes(  # noqa: N802
        self, request: pb.ListSegmentSizesRequest, _context: Context
    ) -> pb.ListSegmentSizesResponse:
        """A segment's size day by day."""
        caller = require(*READERS)
        found = await self._sizes.list_sizes(
            caller.tenant_id, request.segment_id, request.first_date, request.last_date
        )
        if found is None:
            raise no_segment()
        return pb.ListSegmentSizesResponse(
            sizes=[
                pb.SegmentSize(
                    date=size.day.isoformat(),
                    member_count=size.member_count,
                    entered=size.entered,
                    exited=size.exited,
                )
                for size in found
            ]
        )

    async def GetSegmentOverlap(  # noqa: N802
        self, request: pb.GetSegmentOverlapRequest, _context: Context
    ) -> pb.GetSegmentOverlapResponse:
        """Members that segments have in common."""
        caller = require(*READERS)
        overlap = await self._members.overlap(caller.tenant_id, request.segment_ids)
        if overlap is None:
            raise no_segment()
        return pb.GetSegmentOverlapResponse(
            member_counts=overlap.counts,
            pairs=[
                pb.SegmentPair(first_segment_id=one, second_segment_id=other, member_count=count)
                for one, other, count in overlap.pairs
            ],
        )

    async def ExplainMembership(  # noqa: N802
        self, request: pb.ExplainMembershipRequest, _context: Context
    ) -> pb.ExplainMembershipResponse:
        """Why a customer is in a segment or not."""
        caller = require(*READERS)
        explanation = await self._members.explain(
            caller.tenant_id, request.customer_id, request.segment_id, request.language
        )
        if explanation is None:
            raise no_segment()
        response = pb.ExplainMembershipResponse(
            member=explanation.member,
            explanation=to_explanation(explanation.why),
            summary=explanation.summary,
        )
        if explanation.entered_at_ms is not None:
            response.stint = explanation.stint
            response.entered_at.FromMilliseconds(explanation.entered_at_ms)
        if explanation.why.next_flip_ms is not None:
            response.next_flip_at.FromMilliseconds(explanation.why.next_flip_ms)
        return response

    async def WatchMemberships(  # noqa: N802
        self, request: pb.WatchMembershipsRequest, context: Context
    ) -> AsyncIterator[pb.WatchMembershipsResponse]:
        """Changes as they are announced."""
        caller = require(*READERS)

        async def began(resume_token: str) -> None:
            """Tells the client that whatever happens from now on will come."""
            await context.send_initial_metadata(((RESUME_HEADER, resume_token),))

        async for watched in self._watch.watch(
            caller.tenant_id, request.segment_ids, request.resume_token, began
        ):
            yield pb.WatchMembershipsResponse(
                change=watched.change, resume_token=watched.token, live=watched.live
            )

    async def ListAnnouncements(  # noqa: N802
        self, request: pb.ListAnnouncementsRequest, _context: Context
    ) -> pb.ListAnnouncementsResponse:
        """Announcements of a partition, of the caller's tenant or, for "*", of all."""
        caller = require(Role.SERVICE)
        tenant_id = None if caller.tenant_id == ALL_TENANTS else caller.tenant_id
        changes = await self._announced.list_announcements(
            request.partition,
            request.after_sequence,
            request.page_size or _ANNOUNCEMENTS_PAGE,
            tenant_id,
        )
        return pb.ListAnnouncementsResponse(
            changes=[MembershipChange.FromString(change) for change in changes]
        )


def to_member(customer_id: str, stint: int, entered_at_ms: int) -> pb.Member:
    """A member as it is answered."""
    member = pb.Member(customer_id=customer_id, stint=stint)
    member.entered_at.FromMilliseconds(entered_at_ms)
    return member


def to_explanation(why: Explained) -> pb.Explanation:
    """The tree of reasons."""
    message = pb.Explanation(
        text=why.text,
        holds=why.holds,
        value=why.value,
        words=why.words,
        children=[to_explanation(child) for child in why.children],
    )
    if why.next_flip_ms is not None:
        message.next_flip_at.FromMilliseconds(why.next_flip_ms)
    return message
