"""What can be asked of segments."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.segmentation.v1 import segment_service_pb2 as pb

from gateway_service import results
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.rule_trees import RuleTree, from_tree
from gateway_service.types_explanations import Explanation, ExplanationLanguage, explain
from gateway_service.types_previews import (
    SegmentOverlap,
    StarterSegment,
    load_overlap,
    to_preview,
    to_starter,
)
from gateway_service.types_segments import Segment, load_segment, to_segment

# A large tenant's customers are examined, or a sample of them.
_PREVIEW_SECONDS = 30.0


@strawberry.type
class SegmentQueries:
    """The part of Query about segments."""

    @resolver("All segments.")
    async def segments(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Segment] | None:
        """A page of segments."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.Segment]:
            request = pb.ListSegmentsRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.segments.ListSegments, request)
            return Page(answer.segments, answer.next_page_token)

        return await connect(first, after, load, to_segment)

    @resolver("One segment; null when there is none.")
    async def segment(self, info: AppInfo, id: strawberry.ID) -> Segment | None:
        """By its id."""
        return await load_segment(info, id)

    @resolver("Why a customer is in a segment or not, and when that changes.")
    async def explain(
        self,
        info: AppInfo,
        customer_id: strawberry.ID,
        segment_id: strawberry.ID,
        language: Annotated[
            ExplanationLanguage | None, argument("Of the words; the tenant's if absent.")
        ] = None,
    ) -> Explanation | None:
        """The engine's own reasons."""
        return await explain(info, customer_id, segment_id, language)

    @resolver("Who a rule that is not saved would find, for an editor. Give its text or its tree.")
    async def preview_segment(
        self,
        info: AppInfo,
        rule: Annotated[str | None, argument("In the language of docs/rules.md.")] = None,
        rule_tree: Annotated[RuleTree | None, argument("Instead of the text.")] = None,
        sample_size: Annotated[int | None, argument("At most 100 members; 20 if absent.")] = None,
    ) -> results.PreviewSegmentResult | None:
        """Segmentation's PreviewSegment; a rule that cannot be read is a refusal."""
        context = info.context

        async def preview() -> pb.PreviewSegmentResponse:
            request = pb.PreviewSegmentRequest(
                rule=rule or "",
                rule_tree=None if rule_tree is None else from_tree(rule_tree),
                sample_size=sample_size or 0,
            )
            method = context.clients.segments.PreviewSegment
            return await context.call(method, request, timeout_seconds=_PREVIEW_SECONDS)

        answer = await results.or_segment_refused(preview())
        return answer if isinstance(answer, results.SegmentRefused) else to_preview(answer)

    @resolver("The ready segments: customers whom shops miss, and those they should know.")
    async def starter_segments(self, info: AppInfo) -> list[StarterSegment] | None:
        """Whether installed or not."""
        context = info.context
        method = context.clients.segments.ListStarterSegments
        answer = await context.call(method, pb.ListStarterSegmentsRequest())
        return [to_starter(segment) for segment in answer.segments]

    @resolver("How many members 2 to 12 segments have in common.")
    async def segment_overlap(
        self,
        info: AppInfo,
        ids: Annotated[list[strawberry.ID], argument("2 to 12 segments, each once.")],
    ) -> SegmentOverlap | None:
        """At one moment."""
        return await load_overlap(info, ids)
