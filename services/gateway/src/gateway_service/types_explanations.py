"""Why a customer is in a segment or not."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.segmentation.v1 import segment_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.types_common import Int64


@strawberry.enum(description="A language in which explanations are written.")
class ExplanationLanguage(Enum):
    """Values are those of the contract."""

    KO = "ko"
    EN = "en"


@strawberry.type(description="One part of a rule, and what it comes to for one customer.")
class ExplanationNode:
    """A node of the rule's tree, listed from the top down."""

    depth: int = strawberry.field(description="0 for the whole rule, 1 for its parts, and so on.")
    text: str = strawberry.field(description="This part of the rule.")
    words: str = strawberry.field(
        description="What it comes to, as a sentence with times in the tenant's zone."
    )
    holds: bool = strawberry.field(description="Whether it holds now.")
    value: str | None = strawberry.field(description="What its left side comes to.")
    next_flip_at: dt.datetime | None = strawberry.field(
        description="When it changes by itself; null when it never does."
    )


@strawberry.type(description="Why a customer is in a segment or not, and when that changes.")
class Explanation:
    """Answers of the engine itself."""

    customer_id: strawberry.ID = strawberry.field(description="Who.")
    segment_id: strawberry.ID = strawberry.field(description="Which segment.")
    member: bool = strawberry.field(description="Whether the customer is in it now.")
    summary: str = strawberry.field(description="Why, and until when, in a sentence or two.")
    stint: Int64 | None = strawberry.field(description="Which stay this is.")
    entered_at: dt.datetime | None = strawberry.field(description="Since when.")
    next_flip_at: dt.datetime | None = strawberry.field(
        description="When that changes by itself, with no further event."
    )
    parts: list[ExplanationNode] = strawberry.field(
        description="The rule and its parts, each part after the one it belongs to."
    )


async def explain(
    info: AppInfo, customer_id: str, segment_id: str, language: ExplanationLanguage | None
) -> Explanation:
    """Asks segmentation why. Raises RpcFailure."""
    context = info.context
    request = pb.ExplainMembershipRequest(
        customer_id=customer_id,
        segment_id=segment_id,
        language=language.value if language else "",
    )
    answer = await context.call(context.clients.segments.ExplainMembership, request)
    parts: list[ExplanationNode] = []
    if answer.HasField("explanation"):
        _flatten(answer.explanation, 0, parts)
    return Explanation(
        customer_id=strawberry.ID(customer_id),
        segment_id=strawberry.ID(segment_id),
        member=answer.member,
        summary=answer.summary,
        stint=Int64(answer.stint) if answer.stint else None,
        entered_at=convert.to_datetime(answer, "entered_at"),
        next_flip_at=convert.to_datetime(answer, "next_flip_at"),
        parts=parts,
    )


def _flatten(node: pb.Explanation, depth: int, parts: list[ExplanationNode]) -> None:
    parts.append(
        ExplanationNode(
            depth=depth,
            text=node.text,
            words=node.words,
            holds=node.holds,
            value=node.value or None,
            next_flip_at=convert.to_datetime(node, "next_flip_at"),
        )
    )
    for child in node.children:
        _flatten(child, depth + 1, parts)
