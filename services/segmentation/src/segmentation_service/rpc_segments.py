"""dangol.segmentation.v1.SegmentService: protobuf to use cases and back."""

from __future__ import annotations

from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.auth import Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.read_masks import masked, read_mask

from segmentation_service.rpc_members import READERS, WRITERS, Context, MembersRpc, to_member
from segmentation_service.rpc_segment_messages import (
    check,
    content_of,
    no_segment,
    open_token,
    read_rule,
    seal_token,
    to_draft,
    to_message,
    to_request,
    to_warnings,
)
from segmentation_service.segments import Copy, Outcome
from segmentation_service.service_members import MemberService
from segmentation_service.service_preview import PreviewService
from segmentation_service.service_segments import SegmentService, View
from segmentation_service.service_sizes import SizeService
from segmentation_service.store_mongo import MongoStore
from segmentation_service.watch import WatchHub

_SEGMENTS_PAGE = 100
# What is counted over all partitions, and what every answer says of a segment.
_COUNTED = frozenset({"member_count", "backfill"})
_ALWAYS = frozenset({"segment_id"})
_SAMPLE = 20


class SegmentRpc(MembersRpc):
    """Marketers and admins define segments; staff, partners and services read them."""

    def __init__(
        self,
        *,
        segments: SegmentService,
        members: MemberService,
        previews: PreviewService,
        sizes: SizeService,
        watch: WatchHub,
        announced: MongoStore,
    ) -> None:
        super().__init__(members, sizes, watch, announced)
        self._segments = segments
        self._previews = previews

    async def CreateSegment(  # noqa: N802
        self, request: pb.CreateSegmentRequest, _context: Context
    ) -> pb.CreateSegmentResponse:
        """Creates a segment."""
        caller = require(*WRITERS, Role.SERVICE)
        draft, warned = to_draft(request.segment, request.notify_existing)
        marked = to_request(caller, request.request_id, "create", content_of(draft))
        answer = _answer(*await self._segments.create(caller.tenant_id, draft, marked))
        answer.warnings.extend(to_warnings(warned))
        return pb.CreateSegmentResponse(segment=answer)

    async def UpdateSegment(  # noqa: N802
        self, request: pb.UpdateSegmentRequest, _context: Context
    ) -> pb.UpdateSegmentResponse:
        """Changes a segment of the version that was read."""
        caller = require(*WRITERS)
        draft, warned = to_draft(request.segment, request.notify_existing)
        version = request.segment.version
        marked = to_request(caller, request.request_id, "update", version, content_of(draft))
        answer = _answer(*await self._segments.update(caller.tenant_id, draft, version, marked))
        answer.warnings.extend(to_warnings(warned))
        return pb.UpdateSegmentResponse(segment=answer)

    async def CopySegment(  # noqa: N802
        self, request: pb.CopySegmentRequest, _context: Context
    ) -> pb.CopySegmentResponse:
        """Creates a segment with the rule and the words of another."""
        caller = require(*WRITERS)
        names, notify = dict(request.display_names), request.notify_existing
        wanted = Copy(request.source_segment_id, request.segment_id, names, notify)
        marked = to_request(
            caller, request.request_id, "copy", wanted.source_id, wanted.segment_id, names, notify
        )
        done = await self._segments.copy(caller.tenant_id, wanted, marked)
        return pb.CopySegmentResponse(segment=_answer(*done))

    async def DeleteSegment(  # noqa: N802
        self, request: pb.DeleteSegmentRequest, _context: Context
    ) -> pb.DeleteSegmentResponse:
        """Deletes a segment."""
        caller = require(*WRITERS, Role.SERVICE)
        marked = to_request(caller, request.request_id, "delete")
        check(await self._segments.delete(caller.tenant_id, request.segment_id, marked))
        return pb.DeleteSegmentResponse()

    async def GetSegment(  # noqa: N802
        self, request: pb.GetSegmentRequest, _context: Context
    ) -> pb.GetSegmentResponse:
        """One segment."""
        caller = require(*READERS)
        view = await self._segments.get(caller.tenant_id, request.segment_id)
        if view is None:
            raise no_segment()
        return pb.GetSegmentResponse(segment=to_message(view))

    async def BatchGetSegments(  # noqa: N802
        self, request: pb.BatchGetSegmentsRequest, _context: Context
    ) -> pb.BatchGetSegmentsResponse:
        """Those that exist, in the order of the request, with what was asked for."""
        caller = require(*READERS)
        mask = read_mask(request.read_mask.paths, pb.Segment.DESCRIPTOR.fields_by_name)
        counted = not mask or not mask.isdisjoint(_COUNTED)
        views = await self._segments.get_all(caller.tenant_id, request.segment_ids, counted=counted)
        found = [to_message(view, not mask or "rule_tree" in mask) for view in views]
        return pb.BatchGetSegmentsResponse(segments=masked(found, mask, _ALWAYS))

    async def ListSegments(  # noqa: N802
        self, request: pb.ListSegmentsRequest, _context: Context
    ) -> pb.ListSegmentsResponse:
        """Segments in order of id."""
        caller = require(*READERS)
        after = open_token(request.page_token, 1)[0] if request.page_token else ""
        limit = request.page_size or _SEGMENTS_PAGE
        page, following = await self._segments.list_page(caller.tenant_id, str(after), limit)
        return pb.ListSegmentsResponse(
            segments=[to_message(view, with_tree=False) for view in page],
            next_page_token=seal_token([following]) if following else "",
        )

    async def PreviewSegment(  # noqa: N802
        self, request: pb.PreviewSegmentRequest, _context: Context
    ) -> pb.PreviewSegmentResponse:
        """Who a rule that is not saved would find."""
        caller = require(*WRITERS)
        node = request.rule_tree if request.HasField("rule_tree") else None
        rule = read_rule(request.rule, node, "")
        preview = await self._previews.preview(
            caller.tenant_id, rule.text, request.sample_size or _SAMPLE
        )
        return pb.PreviewSegmentResponse(
            rule=rule.text,
            exact=preview.exact,
            member_count=preview.count.member_count,
            member_count_min=preview.count.least,
            member_count_max=preview.count.most,
            customers_examined=preview.examined,
            customers_total=preview.total,
            sample=[to_member(*member) for member in preview.sample],
            warnings=to_warnings(rule.warnings),
        )

    async def ListStarterSegments(  # noqa: N802
        self, _request: pb.ListStarterSegmentsRequest, _context: Context
    ) -> pb.ListStarterSegmentsResponse:
        """The ready segments."""
        caller = require(*READERS)
        response = pb.ListStarterSegmentsResponse()
        for view in await self._segments.list_starters(caller.tenant_id):
            response.segments.add(
                starter_id=view.starter.starter_id,
                display_names=view.starter.names,
                descriptions=view.starter.why,
                rule=view.rule,
                at_risk=view.starter.at_risk,
                installed=view.installed,
            )
        return response

    async def InstallStarterSegments(  # noqa: N802
        self, request: pb.InstallStarterSegmentsRequest, _context: Context
    ) -> pb.InstallStarterSegmentsResponse:
        """Creates ready segments."""
        caller = require(*WRITERS)
        ids, notify = list(request.starter_ids), request.notify_existing
        marked = to_request(caller, request.request_id, "install", sorted(ids), notify)
        outcome, installed, kept = await self._segments.install(
            caller.tenant_id, ids, notify, marked
        )
        if outcome is Outcome.EXISTS:
            message = "a ready segment is just being deleted: try again"
            raise RpcFailure(Code.SEGMENT_EXISTS, message, retry_after_ms=1_000)
        check(outcome)
        return pb.InstallStarterSegmentsResponse(
            installed=[to_message(view) for view in installed], kept_segment_ids=kept
        )


def _answer(outcome: Outcome, view: View | None) -> pb.Segment:
    check(outcome)
    if view is None:
        raise no_segment()
    return to_message(view)
