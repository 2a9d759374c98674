"""dangol.segmentation.v1.SegmentService: protobuf to use cases and back."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import grpc
from dangol.events.v1.membership_pb2 import MembershipChange
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.engine import Explained
from segmentation_service.segments import Draft, Outcome, Request, Segment, State
from segmentation_service.service_segments import Position, SegmentService
from segmentation_service.store_mongo import MongoStore
from segmentation_service.watch import WatchHub

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

_WRITERS = (Role.MARKETER, Role.ADMIN)
_READERS = (*_WRITERS, Role.STAFF, Role.PARTNER, Role.SERVICE)
_SEGMENTS_PAGE = 100
_MEMBERS_PAGE = 100
_ANNOUNCEMENTS_PAGE = 1_000
_FAILURES = {
    Outcome.REQUEST_CONFLICT: (Code.REQUEST_CONFLICT, "the request id was used before"),
    Outcome.EXISTS: (Code.SEGMENT_EXISTS, "a segment with this id exists"),
    Outcome.NOT_FOUND: (Code.SEGMENT_NOT_FOUND, "there is no such segment"),
    Outcome.VERSION_CONFLICT: (Code.VERSION_CONFLICT, "the segment changed: read it again"),
    Outcome.TOO_MANY: (Code.TOO_MANY_REQUESTS, "a tenant has at most 500 segments"),
}
_STATES = {
    State.BACKFILLING: pb.SEGMENT_STATE_BACKFILLING,
    State.LIVE: pb.SEGMENT_STATE_LIVE,
}


class SegmentRpc(SegmentServiceServicer):
    """Marketers and admins define segments; staff, partners and services read them."""

    def __init__(self, service: SegmentService, watch: WatchHub, announced: MongoStore) -> None:
        self._service = service
        self._watch = watch
        self._announced = announced

    async def CreateSegment(  # noqa: N802
        self, request: pb.CreateSegmentRequest, _context: Context
    ) -> pb.CreateSegmentResponse:
        """Creates a segment."""
        caller = require(*_WRITERS)
        draft = _to_draft(request.segment, request.notify_existing)
        outcome, segment = await self._service.create(
            caller.tenant_id, draft, _to_request(caller, request.request_id, "create", draft)
        )
        return pb.CreateSegmentResponse(segment=await self._answer(caller, outcome, segment))

    async def UpdateSegment(  # noqa: N802
        self, request: pb.UpdateSegmentRequest, _context: Context
    ) -> pb.UpdateSegmentResponse:
        """Changes a segment of the version that was read."""
        caller = require(*_WRITERS)
        draft = _to_draft(request.segment, request.notify_existing)
        version = request.segment.version
        marked = _to_request(caller, request.request_id, f"update {version}", draft)
        outcome, segment = await self._service.update(caller.tenant_id, draft, version, marked)
        return pb.UpdateSegmentResponse(segment=await self._answer(caller, outcome, segment))

    async def DeleteSegment(  # noqa: N802
        self, request: pb.DeleteSegmentRequest, _context: Context
    ) -> pb.DeleteSegmentResponse:
        """Deletes a segment."""
        caller = require(*_WRITERS)
        marked = _to_request(caller, request.request_id, "delete", None)
        outcome = await self._service.delete(caller.tenant_id, request.segment_id, marked)
        _check(outcome)
        return pb.DeleteSegmentResponse()

    async def GetSegment(  # noqa: N802
        self, request: pb.GetSegmentRequest, _context: Context
    ) -> pb.GetSegmentResponse:
        """One segment."""
        caller = require(*_READERS)
        found = await self._service.get(caller.tenant_id, request.segment_id)
        if found is None:
            raise _no_segment()
        return pb.GetSegmentResponse(segment=_to_pb(*found))

    async def ListSegments(  # noqa: N802
        self, request: pb.ListSegmentsRequest, _context: Context
    ) -> pb.ListSegmentsResponse:
        """Segments in order of id."""
        caller = require(*_READERS)
        after = _open_token(request.page_token, 1)[0] if request.page_token else ""
        limit = request.page_size or _SEGMENTS_PAGE
        page, following = await self._service.list_page(caller.tenant_id, str(after), limit)
        token = _seal_token([following]) if following else ""
        return pb.ListSegmentsResponse(
            segments=[_to_pb(*found) for found in page], next_page_token=token
        )

    async def ListMembers(  # noqa: N802
        self, request: pb.ListMembersRequest, _context: Context
    ) -> pb.ListMembersResponse:
        """Members of a segment."""
        caller = require(*_READERS)
        page = await self._service.list_members(
            caller.tenant_id,
            request.segment_id,
            _to_position(request.page_token, request.segment_id),
            request.page_size or _MEMBERS_PAGE,
        )
        if page is None:
            raise _no_segment()
        response = pb.ListMembersResponse(total_size=page.total)
        for customer_id, stint, entered_at_ms in page.members:
            member = response.members.add(customer_id=customer_id, stint=stint)
            member.entered_at.FromMilliseconds(entered_at_ms)
        if page.next is not None:
            last = page.next
            parts: list[str | int] = [
                request.segment_id,
                last.partition,
                last.entered_at_ms,
                last.customer_id,
            ]
            response.next_page_token = _seal_token(parts)
        return response

    async def ListMemberships(  # noqa: N802
        self, request: pb.ListMembershipsRequest, _context: Context
    ) -> pb.ListMembershipsResponse:
        """Segments of customers; a customer sees only her own."""
        caller = require(*_READERS, Role.CUSTOMER)
        if caller.role is Role.CUSTOMER and set(request.customer_ids) != {caller.subject}:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, "customers see only their own segments")
        found = await self._service.list_memberships(caller.tenant_id, request.customer_ids)
        response = pb.ListMembershipsResponse()
        for customer_id in request.customer_ids:
            customer = response.customers.add(customer_id=customer_id)
            for segment_id, stint, entered_at_ms in found.get(customer_id, ()):
                membership = customer.memberships.add(segment_id=segment_id, stint=stint)
                membership.entered_at.FromMilliseconds(entered_at_ms)
        return response

    async def ExplainMembership(  # noqa: N802
        self, request: pb.ExplainMembershipRequest, _context: Context
    ) -> pb.ExplainMembershipResponse:
        """Why a customer is in a segment or not."""
        caller = require(*_READERS)
        explanation = await self._service.explain(
            caller.tenant_id, request.customer_id, request.segment_id
        )
        if explanation is None:
            raise _no_segment()
        response = pb.ExplainMembershipResponse(
            member=explanation.member, explanation=_to_explanation(explanation.why)
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
        caller = require(*_READERS)
        # Tells the client that whatever happens from now on will come.
        await context.send_initial_metadata(())
        async for watched in self._watch.watch(
            caller.tenant_id, request.segment_ids, request.resume_token
        ):
            yield pb.WatchMembershipsResponse(change=watched.change, resume_token=watched.token)

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

    async def _answer(
        self, caller: Caller, outcome: Outcome, segment: Segment | None
    ) -> pb.Segment:
        _check(outcome)
        if segment is None:
            raise _no_segment()
        found = await self._service.get(caller.tenant_id, segment.segment_id)
        if found is None:
            raise _no_segment()
        return _to_pb(segment, found[1])


def _check(outcome: Outcome) -> None:
    failure = _FAILURES.get(outcome)
    if failure is not None:
        raise RpcFailure(*failure)


def _no_segment() -> RpcFailure:
    return RpcFailure(*_FAILURES[Outcome.NOT_FOUND])


def _to_draft(segment: pb.Segment, notify_existing: bool) -> Draft:
    return Draft(
        segment.segment_id,
        dict(segment.display_names),
        segment.rule,
        segment.at_risk,
        notify_existing,
    )


def _to_request(caller: Caller, request_id: str, kind: str, draft: Draft | None) -> Request:
    """Ids are scoped by tenant, caller and segment; the content is what is asked for."""
    content = [kind]
    if draft is not None:
        names = sorted(draft.display_names.items())
        content += [draft.rule, str(names), str(draft.at_risk), str(draft.notify_existing)]
    fingerprint = hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()
    return Request(f"{caller.subject}/{request_id}", fingerprint)


def _to_pb(segment: Segment, member_count: int) -> pb.Segment:
    message = pb.Segment(
        segment_id=segment.segment_id,
        display_names=segment.display_names,
        rule=segment.rule,
        at_risk=segment.at_risk,
        version=segment.version,
        state=_STATES[segment.state],
        member_count=member_count,
    )
    message.create_time.FromMilliseconds(segment.create_ms)
    message.update_time.FromMilliseconds(segment.update_ms)
    return message


def _to_explanation(why: Explained) -> pb.Explanation:
    message = pb.Explanation(
        text=why.text,
        holds=why.holds,
        value=why.value,
        children=[_to_explanation(child) for child in why.children],
    )
    if why.next_flip_ms is not None:
        message.next_flip_at.FromMilliseconds(why.next_flip_ms)
    return message


def _seal_token(parts: list[str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _open_token(token: str, part_count: int) -> list[str | int]:
    try:
        padded = token + "=" * (-len(token) % 4)
        parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        parts = None
    if not isinstance(parts, list) or len(parts) != part_count:
        raise _bad_token()
    if not all(isinstance(part, str | int) for part in parts):
        raise _bad_token()
    return parts


def _to_position(token: str, segment_id: str) -> Position | None:
    if not token:
        return None
    of_segment, partition, entered_at_ms, customer_id = _open_token(token, 4)
    if of_segment != segment_id or not isinstance(customer_id, str):
        raise _bad_token()
    if not isinstance(partition, int) or not isinstance(entered_at_ms, int):
        raise _bad_token()
    return Position(partition, entered_at_ms, customer_id)


def _bad_token() -> RpcFailure:
    message = "send the next_page_token of the same list"
    return RpcFailure(Code.PAGE_TOKEN_INVALID, message, field="page_token")
