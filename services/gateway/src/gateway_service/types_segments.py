"""Segments, who is in them, and why."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from dangol.events.v1 import membership_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, LocalizedText, to_texts

if TYPE_CHECKING:
    from gateway_service.types_customers import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("gateway_service.types_customers")]


@strawberry.enum(description="Whether a segment's members are known yet.")
class SegmentState(Enum):
    """Values are those of the contract."""

    BACKFILLING = 1
    LIVE = 2


@strawberry.enum(description="Which way a membership changed.")
class ChangeKind(Enum):
    """Values are those of the contract."""

    ENTERED = 1
    EXITED = 2


@strawberry.enum(description="Why a membership changed.")
class ChangeCause(Enum):
    """Values are those of the contract."""

    EVENT = 1
    TIME = 2
    PROFILE = 3
    RULE = 4
    MERGE = 5
    BACKFILL = 6
    REBUILD = 7


@strawberry.type(description="A rule over what customers did and are, and who meets it now.")
class Segment:
    """Members are computed by segmentation, incrementally."""

    message: strawberry.Private[pb.Segment]

    id: strawberry.ID = strawberry.field(description="The segment's name in rules and links.")
    rule: str = strawberry.field(description="The rule's canonical text.")
    at_risk: bool = strawberry.field(
        description="Whether its members are customers that may be lost."
    )
    version: Int64 = strawberry.field(description="Send it back when updating.")
    state: SegmentState | None = strawberry.field(description="Whether its members are known.")
    member_count: Int64 = strawberry.field(description="How many customers are in it now.")
    created_at: dt.datetime | None = strawberry.field(description="When it was created.")
    updated_at: dt.datetime | None = strawberry.field(description="When it was last changed.")

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))

    @resolver("Who is in it now.")
    async def members(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[SegmentMember] | None:
        """A page of members."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[pb.Member]:
            request = pb.ListMembersRequest(
                segment_id=self.id, page_size=page_size, page_token=page_token
            )
            answer = await context.call(context.clients.segments.ListMembers, request)
            return Page(answer.members, answer.next_page_token, answer.total_size)

        return await connect(first, after, load, to_member)


@strawberry.type(description="A customer's present stay in a segment.")
class SegmentMember:
    """Seen from the segment."""

    customer_id: strawberry.ID = strawberry.field(description="Who is in it.")
    stint: Int64 = strawberry.field(description="Counts this customer's stays, from 1.")
    entered_at: dt.datetime = strawberry.field(description="When the rule came to hold.")

    @resolver("Who is in it.")
    async def customer(self, info: AppInfo) -> LazyCustomer | None:
        """The customer; null when erased."""
        from gateway_service.types_customers import load_customer  # noqa: PLC0415

        return await load_customer(info.context, self.customer_id)


@strawberry.type(description="A customer's present stay in a segment.")
class Membership:
    """Seen from the customer."""

    segment_id: strawberry.ID = strawberry.field(description="The segment.")
    stint: Int64 = strawberry.field(description="Counts this customer's stays, from 1.")
    entered_at: dt.datetime = strawberry.field(description="When the rule came to hold.")

    @resolver("The segment.")
    async def segment(self, info: AppInfo) -> Segment | None:
        """The segment; null when deleted since."""
        message = await info.context.loaders.segments.load(self.segment_id)
        return to_segment(message) if message else None


@strawberry.type(description="A customer entered or left a segment.")
class MembershipChange:
    """(customer, segment, stint, kind) is its identity."""

    id: strawberry.ID = strawberry.field(description="The same change always has the same id.")
    customer_id: strawberry.ID = strawberry.field(description="Who.")
    segment_id: strawberry.ID = strawberry.field(description="Which segment.")
    stint: Int64 = strawberry.field(description="Counts this customer's stays, from 1.")
    kind: ChangeKind | None = strawberry.field(description="Which way.")
    cause: ChangeCause | None = strawberry.field(description="Why.")
    effective_at: dt.datetime = strawberry.field(
        description="When the rule came to hold, or ceased to."
    )
    announced_at: dt.datetime | None = strawberry.field(description="When it was announced.")

    @resolver("Who.")
    async def customer(self, info: AppInfo) -> LazyCustomer | None:
        """The customer; null when erased."""
        from gateway_service.types_customers import load_customer  # noqa: PLC0415

        return await load_customer(info.context, self.customer_id)

    @resolver("Which segment.")
    async def segment(self, info: AppInfo) -> Segment | None:
        """The segment; null when deleted since."""
        message = await info.context.loaders.segments.load(self.segment_id)
        return to_segment(message) if message else None


@strawberry.type(description="One part of a rule, and what it comes to for one customer.")
class ExplanationNode:
    """A node of the rule's tree, listed from the top down."""

    depth: int = strawberry.field(description="0 for the whole rule, 1 for its parts, and so on.")
    text: str = strawberry.field(description="This part of the rule.")
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
    stint: Int64 | None = strawberry.field(description="Which stay this is.")
    entered_at: dt.datetime | None = strawberry.field(description="Since when.")
    next_flip_at: dt.datetime | None = strawberry.field(
        description="When that changes by itself, with no further event."
    )
    parts: list[ExplanationNode] = strawberry.field(
        description="The rule and its parts, each part after the one it belongs to."
    )


def to_segment(message: pb.Segment) -> Segment:
    """A segment as frontends see it."""
    return Segment(
        message=message,
        id=strawberry.ID(message.segment_id),
        rule=message.rule,
        at_risk=message.at_risk,
        version=Int64(message.version),
        state=convert.to_enum(SegmentState, message.state),
        member_count=Int64(message.member_count),
        created_at=convert.to_datetime(message, "create_time"),
        updated_at=convert.to_datetime(message, "update_time"),
    )


def to_member(message: pb.Member) -> SegmentMember:
    """A member as frontends see it."""
    return SegmentMember(
        customer_id=strawberry.ID(message.customer_id),
        stint=Int64(message.stint),
        entered_at=convert.to_required_datetime(message, "entered_at"),
    )


def to_membership(message: pb.Membership) -> Membership:
    """A membership as frontends see it."""
    return Membership(
        segment_id=strawberry.ID(message.segment_id),
        stint=Int64(message.stint),
        entered_at=convert.to_required_datetime(message, "entered_at"),
    )


def to_change(message: membership_pb2.MembershipChange) -> MembershipChange:
    """A change as frontends see it."""
    kind = convert.to_enum(ChangeKind, message.kind)
    parts = (message.customer_id, message.segment_id, str(message.stint), kind.name if kind else "")
    return MembershipChange(
        id=strawberry.ID("/".join(parts).lower()),
        customer_id=strawberry.ID(message.customer_id),
        segment_id=strawberry.ID(message.segment_id),
        stint=Int64(message.stint),
        kind=kind,
        cause=convert.to_enum(ChangeCause, message.cause),
        effective_at=convert.to_required_datetime(message, "effective_at"),
        announced_at=convert.to_datetime(message, "announced_at"),
    )


async def explain(info: AppInfo, customer_id: str, segment_id: str) -> Explanation:
    """Asks segmentation why. Raises RpcFailure."""
    context = info.context
    request = pb.ExplainMembershipRequest(customer_id=customer_id, segment_id=segment_id)
    answer = await context.call(context.clients.segments.ExplainMembership, request)
    parts: list[ExplanationNode] = []
    if answer.HasField("explanation"):
        _flatten(answer.explanation, 0, parts)
    return Explanation(
        customer_id=strawberry.ID(customer_id),
        segment_id=strawberry.ID(segment_id),
        member=answer.member,
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
            holds=node.holds,
            value=node.value or None,
            next_flip_at=convert.to_datetime(node, "next_flip_at"),
        )
    )
    for child in node.children:
        _flatten(child, depth + 1, parts)
