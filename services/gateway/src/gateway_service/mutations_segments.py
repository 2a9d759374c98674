"""Defining segments. What is wrong with a rule, as text or as tree, is a refusal."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import strawberry
from dangol.segmentation.v1 import segment_service_pb2 as pb

from gateway_service import inputs_segments, results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.rule_trees import from_tree
from gateway_service.types_common import from_texts
from gateway_service.types_segments import to_segment

# Creating a segment computes its members from history.
_BACKFILL_SECONDS = 300.0

# These answers are alike: the segment as it is now.
SegmentAnswer = TypeVar(
    "SegmentAnswer",
    pb.CreateSegmentResponse,
    pb.UpdateSegmentResponse,
    pb.CopySegmentResponse,
)


@strawberry.type
class SegmentMutations:
    """The part of Mutation that defines segments."""

    @mutation("Creates a segment and computes its members.")
    async def create_segment(
        self,
        info: AppInfo,
        input: inputs_segments.CreateSegmentInput,
    ) -> results.SegmentResult:
        """Segmentation's CreateSegment."""
        context = info.context

        async def create() -> pb.CreateSegmentResponse:
            request = pb.CreateSegmentRequest(
                request_id=str(input.request_id),
                segment=_to_message(input),
                notify_existing=input.notify_existing,
            )
            method = context.clients.segments.CreateSegment
            return await context.call(method, request, timeout_seconds=_BACKFILL_SECONDS)

        return await _segment_result(create())

    @mutation("Replaces a segment's content and computes its members.")
    async def update_segment(
        self,
        info: AppInfo,
        input: inputs_segments.UpdateSegmentInput,
    ) -> results.SegmentResult:
        """Segmentation's UpdateSegment."""
        context = info.context

        async def update() -> pb.UpdateSegmentResponse:
            request = pb.UpdateSegmentRequest(
                request_id=str(input.request_id),
                segment=_to_message(input, input.version),
                notify_existing=input.notify_existing,
            )
            method = context.clients.segments.UpdateSegment
            return await context.call(method, request, timeout_seconds=_BACKFILL_SECONDS)

        return await _segment_result(update())

    @mutation("Deletes a segment.")
    async def delete_segment(
        self,
        info: AppInfo,
        input: inputs_segments.DeleteSegmentInput,
    ) -> results.DeleteSegmentResult:
        """Segmentation's DeleteSegment."""
        context = info.context
        request = pb.DeleteSegmentRequest(
            request_id=str(input.request_id), segment_id=str(input.segment_id)
        )
        answer = await results.or_segment_refused(
            context.call(context.clients.segments.DeleteSegment, request)
        )
        if isinstance(answer, results.SegmentRefused):
            return answer
        return results.DeleteSegmentSuccess(segment_id=input.segment_id)

    @mutation("Creates a segment with the rule and the words of another.")
    async def copy_segment(
        self,
        info: AppInfo,
        input: inputs_segments.CopySegmentInput,
    ) -> results.SegmentResult:
        """Segmentation's CopySegment."""
        context = info.context
        request = pb.CopySegmentRequest(
            request_id=str(input.request_id),
            source_segment_id=str(input.source_segment_id),
            segment_id=str(input.segment_id),
            display_names=from_texts(input.display_names),
            notify_existing=input.notify_existing,
        )
        method = context.clients.segments.CopySegment
        return await _segment_result(
            context.call(method, request, timeout_seconds=_BACKFILL_SECONDS)
        )

    @mutation("Creates ready segments for the tenant; those it has already stay as they are.")
    async def install_starter_segments(
        self,
        info: AppInfo,
        input: inputs_segments.InstallStarterSegmentsInput,
    ) -> results.InstallStarterSegmentsResult:
        """Segmentation's InstallStarterSegments."""
        context = info.context
        request = pb.InstallStarterSegmentsRequest(
            request_id=str(input.request_id),
            starter_ids=input.starter_ids or (),
            notify_existing=input.notify_existing,
        )
        method = context.clients.segments.InstallStarterSegments
        answer = await results.or_segment_refused(
            context.call(method, request, timeout_seconds=_BACKFILL_SECONDS)
        )
        if isinstance(answer, results.SegmentRefused):
            return answer
        return results.InstallStarterSegmentsSuccess(
            installed=[to_segment(segment) for segment in answer.installed],
            kept_segment_ids=[strawberry.ID(one) for one in answer.kept_segment_ids],
        )


async def _segment_result(
    call: Awaitable[SegmentAnswer],
) -> results.SegmentSuccess | results.SegmentRefused:
    answer = await results.or_segment_refused(call)
    if isinstance(answer, results.SegmentRefused):
        return answer
    return results.SegmentSuccess(segment=to_segment(answer.segment))


def _to_message(given: inputs_segments.CreateSegmentInput, version: int = 0) -> pb.Segment:
    return pb.Segment(
        segment_id=str(given.segment_id),
        display_names=from_texts(given.display_names),
        descriptions=from_texts(given.descriptions),
        rule=given.rule or "",
        rule_tree=None if given.rule_tree is None else from_tree(given.rule_tree),
        at_risk=given.at_risk,
        version=version,
    )
