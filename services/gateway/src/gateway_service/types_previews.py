"""What is known of segments besides their members: previews, sizes, overlaps, ready segments."""

from __future__ import annotations

import strawberry
from dangol.segmentation.v1 import segment_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, LocalizedText, to_texts
from gateway_service.types_segments import (
    RuleWarning,
    Segment,
    SegmentMember,
    SegmentPair,
    load_segment,
    to_member,
    to_pair,
    to_warnings,
)


@strawberry.type(description="Who a rule that is not saved would find.")
class SegmentPreview:
    """Nothing is saved."""

    rule: str = strawberry.field(description="The rule's canonical text.")
    exact: bool = strawberry.field(
        description="False when the count is estimated from a sample of the customers."
    )
    member_count: Int64 = strawberry.field(description="How many customers it finds.")
    member_count_min: Int64 = strawberry.field(
        description="The lower end of the count's 95 % interval; the count itself when exact."
    )
    member_count_max: Int64 = strawberry.field(description="The interval's upper end.")
    customers_examined: Int64 = strawberry.field(description="How many were looked at.")
    customers_total: Int64 = strawberry.field(description="How many there are.")
    sample: list[SegmentMember] = strawberry.field(description="Some of those it finds.")
    warnings: list[RuleWarning] = strawberry.field(
        description="What is odd about the rule without being wrong."
    )


@strawberry.type(description="A ready segment that a tenant can install and change.")
class StarterSegment:
    """Installed under its own id."""

    id: strawberry.ID = strawberry.field(description="The id that its segment gets.")
    rule: str = strawberry.field(description="The rule's text, in the tenant's currency.")
    at_risk: bool = strawberry.field(
        description="Whether its members are customers that may be lost."
    )
    installed: bool = strawberry.field(description="Whether the tenant has it.")
    display_names: list[LocalizedText] = strawberry.field(description="Its names.")
    descriptions: list[LocalizedText] = strawberry.field(
        description="Why these customers matter, by language."
    )

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        return await _text(info, self.display_names, language, self.id)

    @resolver("Why these customers matter, in this language or the tenant's.")
    async def description(self, info: AppInfo, language: str | None = None) -> str:
        """The sentence in one language."""
        return await _text(info, self.descriptions, language, "")


@strawberry.type(description="How many members a segment has.")
class SegmentCount:
    """One of those compared."""

    segment_id: strawberry.ID = strawberry.field(description="Which segment.")
    member_count: Int64 = strawberry.field(description="How many customers are in it.")

    @resolver("Which segment.")
    async def segment(self, info: AppInfo) -> Segment | None:
        """The segment; null when deleted since."""
        return await load_segment(info, self.segment_id)


@strawberry.type(description="How many members segments have in common.")
class SegmentOverlap:
    """At one moment."""

    segments: list[SegmentCount] = strawberry.field(description="In the order asked for.")
    pairs: list[SegmentPair] = strawberry.field(description="Every pair once, in that order.")


def to_preview(message: pb.PreviewSegmentResponse) -> SegmentPreview:
    """A preview as frontends see it."""
    return SegmentPreview(
        rule=message.rule,
        exact=message.exact,
        member_count=Int64(message.member_count),
        member_count_min=Int64(message.member_count_min),
        member_count_max=Int64(message.member_count_max),
        customers_examined=Int64(message.customers_examined),
        customers_total=Int64(message.customers_total),
        sample=[to_member(member) for member in message.sample],
        warnings=to_warnings(message.warnings),
    )


def to_starter(message: pb.StarterSegment) -> StarterSegment:
    """A ready segment as frontends see it."""
    return StarterSegment(
        id=strawberry.ID(message.starter_id),
        rule=message.rule,
        at_risk=message.at_risk,
        installed=message.installed,
        display_names=to_texts(dict(message.display_names)),
        descriptions=to_texts(dict(message.descriptions)),
    )


async def load_overlap(info: AppInfo, segment_ids: list[strawberry.ID]) -> SegmentOverlap:
    """Compares segments. Raises RpcFailure."""
    context = info.context
    request = pb.GetSegmentOverlapRequest(segment_ids=segment_ids)
    answer = await context.call(context.clients.segments.GetSegmentOverlap, request)
    counts = zip(segment_ids, answer.member_counts, strict=False)
    return SegmentOverlap(
        segments=[
            SegmentCount(segment_id=segment_id, member_count=Int64(count))
            for segment_id, count in counts
        ],
        pairs=[to_pair(pair) for pair in answer.pairs],
    )


async def _text(
    info: AppInfo, texts: list[LocalizedText], language: str | None, fallback: str
) -> str:
    wanted = language or await info.context.language()
    names = {one.language: one.text for one in texts}
    return convert.display_name(names, wanted, fallback)
