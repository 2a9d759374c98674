"""What clients send to define segments. Every write carries a request id and may be sent twice."""

from __future__ import annotations

import strawberry

from gateway_service.inputs import REQUEST_ID
from gateway_service.rule_trees import RuleTree
from gateway_service.types_common import Int64, LocalizedTextInput


@strawberry.input(description="A segment to create.")
class CreateSegmentInput:
    """Its members are computed from history. Give the rule as text or as a tree."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    segment_id: strawberry.ID = strawberry.field(description="For example about-to-leave.")
    rule: str | None = strawberry.field(
        default=None, description="In the language of docs/rules.md."
    )
    rule_tree: RuleTree | None = strawberry.field(
        default=None, description="The same as a tree, instead of the text."
    )
    display_names: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="Names by language."
    )
    descriptions: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="Why these customers matter, by language."
    )
    at_risk: bool = strawberry.field(
        default=False, description="Whether its members are customers that may be lost."
    )
    notify_existing: bool = strawberry.field(
        default=False, description="Whether campaigns hear of members found in history."
    )


@strawberry.input(description="A segment's new content.")
class UpdateSegmentInput(CreateSegmentInput):
    """The whole of it."""

    version: Int64 = strawberry.field(default=Int64(0), description="The version that was read.")


@strawberry.input(description="A segment to delete.")
class DeleteSegmentInput:
    """Its members leave it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    segment_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A segment to make from another.")
class CopySegmentInput:
    """With the other's rule and words; the copy can be changed."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    source_segment_id: strawberry.ID = strawberry.field(description="The segment to copy.")
    segment_id: strawberry.ID = strawberry.field(description="The copy's id.")
    display_names: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="The copy's names; those of the other if absent."
    )
    notify_existing: bool = strawberry.field(
        default=False, description="Whether campaigns hear of members found in history."
    )


@strawberry.input(description="Ready segments to install.")
class InstallStarterSegmentsInput:
    """Those that the tenant has already stay as they are."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    starter_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Which; all if absent."
    )
    notify_existing: bool = strawberry.field(
        default=False, description="Whether campaigns hear of members found in history."
    )
