"""Segments, who is in them, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from dangol.events.v1 import membership_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.loaders import MaskedKey, SizeKey
from gateway_service.nodes import Node
from gateway_service.rule_trees import RuleTree, to_tree
from gateway_service.selections import selected
from gateway_service.types_common import Int64, LocalizedText, to_texts
from gateway_service.types_segment_reports import SegmentReport, load_segment_report

if TYPE_CHECKING:
    from gateway_service.types_customers import Customer

FIELDS = frozenset(pb.Segment.DESCRIPTOR.fields_by_name)
# Those that take work, by the names by which GraphQL asks for them: what every partition counts,
# and what is parsed.
DEAR = {"memberCount": "member_count", "backfill": "backfill", "ruleTree": "rule_tree"}

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


@strawberry.type(description="How far the computation of a segment's members has come.")
class Backfill:
    """Over the tenant's customers."""

    customers_done: Int64 = strawberry.field(description="How many are computed.")
    customers_total: Int64 = strawberry.field(description="Of how many.")


@strawberry.type(
    description="What is odd about a rule without being wrong, and what to do about it."
)
class RuleWarning:
    """Such as events that nobody has sent."""

    line: int = strawberry.field(description="Where in the rule, from 1.")
    column: int = strawberry.field(description="Where in the line, from 1.")
    message: str = strawberry.field(description="What, and what to do.")


@strawberry.type(description="One day of a segment, by when its rule came to hold or ceased to.")
class SegmentSize:
    """Days are the tenant's."""

    date: dt.date = strawberry.field(description="The day, in the tenant's zone.")
    member_count: Int64 = strawberry.field(
        description="How many were in it at the end of the day; of the present day, now."
    )
    entered: Int64 = strawberry.field(description="How many came in that day.")
    exited: Int64 = strawberry.field(description="How many left that day.")


@strawberry.type(description="How many members two segments have in common.")
class SegmentPair:
    """Each pair once."""

    first_segment_id: strawberry.ID = strawberry.field(description="The one that was named first.")
    second_segment_id: strawberry.ID = strawberry.field(description="The other.")
    member_count: Int64 = strawberry.field(description="How many customers are in both.")


@strawberry.type(description="A rule over what customers did and are, and who meets it now.")
class Segment(Node):
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
    starter_id: strawberry.ID | None = strawberry.field(
        description="The ready segment from which it was made; null for the tenant's own."
    )
    backfill: Backfill | None = strawberry.field(
        description="How far the computation of its members has come; null once they are known."
    )
    warnings: list[RuleWarning] = strawberry.field(
        description="What is odd about the rule. Told when the segment is saved; otherwise empty."
    )

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))

    @resolver("Why these customers matter, in this language or the tenant's.")
    async def description(self, info: AppInfo, language: str | None = None) -> str:
        """The sentence in one language; empty when there is none."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.descriptions, wanted, "")

    @resolver("Why these customers matter, in all languages.")
    def descriptions(self) -> list[LocalizedText]:
        """All sentences."""
        return to_texts(dict(self.message.descriptions))

    @resolver("The rule as a tree, for programs that draw or change it.")
    async def rule_tree(self, info: AppInfo) -> RuleTree | None:
        """Lists of segments come without it, so there it is asked for."""
        message: pb.Segment | None = self.message
        if not self.message.HasField("rule_tree"):
            key = MaskedKey(self.id, frozenset({"rule_tree"}))
            message = await info.context.loaders.segments.load(key)
        return RuleTree(to_tree(message.rule_tree)) if message else None

    @resolver("How many members it had at the end of each day, in the tenant's zone; 731 at most.")
    async def sizes(
        self,
        info: AppInfo,
        first_date: Annotated[
            dt.date | None, argument("Included; 29 days before the last if absent.")
        ] = None,
        last_date: Annotated[dt.date | None, argument("Included; today if absent.")] = None,
    ) -> list[SegmentSize] | None:
        """Dates are the tenant's; at most 731 days."""
        days = SizeKey(
            self.id,
            first_date.isoformat() if first_date else "",
            last_date.isoformat() if last_date else "",
        )
        return [_to_size(size) for size in await info.context.loaders.sizes.load(days)]

    @resolver("How many of its members are in each of up to 11 other segments too.")
    async def overlap(
        self, info: AppInfo, segment_ids: list[strawberry.ID]
    ) -> list[SegmentPair] | None:
        """At one moment; this segment comes first in each pair."""
        context = info.context
        request = pb.GetSegmentOverlapRequest(segment_ids=[self.id, *segment_ids])
        answer = await context.call(context.clients.segments.GetSegmentOverlap, request)
        return [to_pair(pair) for pair in answer.pairs if pair.first_segment_id == self.id]

    @resolver("What its present members bought, and how they responded.")
    async def report(
        self,
        info: AppInfo,
        start_time: Annotated[
            dt.datetime | None, argument("Included; 365 days before the end if absent.")
        ] = None,
        end_time: Annotated[dt.datetime | None, argument("Not included; now if absent.")] = None,
        limit: Annotated[int | None, argument("Of products and categories; 10 if absent.")] = None,
    ) -> SegmentReport | None:
        """Over a time."""
        span = (start_time, end_time)
        return await load_segment_report(info.context, self.id, span, limit)

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

        return await load_customer(info, self.customer_id)


@strawberry.type(description="A customer's present stay in a segment.")
class Membership:
    """Seen from the customer."""

    segment_id: strawberry.ID = strawberry.field(description="The segment.")
    stint: Int64 = strawberry.field(description="Counts this customer's stays, from 1.")
    entered_at: dt.datetime = strawberry.field(description="When the rule came to hold.")

    @resolver("The segment.")
    async def segment(self, info: AppInfo) -> Segment | None:
        """The segment; null when deleted since."""
        return await load_segment(info, self.segment_id)


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

        return await load_customer(info, self.customer_id)

    @resolver("Which segment.")
    async def segment(self, info: AppInfo) -> Segment | None:
        """The segment; null when deleted since."""
        return await load_segment(info, self.segment_id)


async def load_segment(info: AppInfo, segment_id: str) -> Segment | None:
    """One segment with what of it takes work and the query selects, batched with others asked for
    now; None when there is none. Raises RpcFailure."""
    message = await info.context.loaders.segments.load(MaskedKey(segment_id, read_mask(info)))
    return to_segment(message) if message else None


def read_mask(info: AppInfo) -> frozenset[str]:
    """What of segmentation's segment the query selects: all but work that it does not."""
    return FIELDS - {DEAR[name] for name in DEAR.keys() - selected(info)}


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
        starter_id=strawberry.ID(message.starter_id) if message.starter_id else None,
        backfill=_to_backfill(message) if message.HasField("backfill") else None,
        warnings=to_warnings(message.warnings),
    )


def to_pair(message: pb.SegmentPair) -> SegmentPair:
    """A pair as frontends see it."""
    return SegmentPair(
        first_segment_id=strawberry.ID(message.first_segment_id),
        second_segment_id=strawberry.ID(message.second_segment_id),
        member_count=Int64(message.member_count),
    )


def to_warnings(messages: Iterable[pb.RuleWarning]) -> list[RuleWarning]:
    """Warnings as frontends see them."""
    return [RuleWarning(line=one.line, column=one.column, message=one.message) for one in messages]


def _to_backfill(message: pb.Segment) -> Backfill:
    return Backfill(
        customers_done=Int64(message.backfill.customers_done),
        customers_total=Int64(message.backfill.customers_total),
    )


def _to_size(message: pb.SegmentSize) -> SegmentSize:
    return SegmentSize(
        date=dt.date.fromisoformat(message.date),
        member_count=Int64(message.member_count),
        entered=Int64(message.entered),
        exited=Int64(message.exited),
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
