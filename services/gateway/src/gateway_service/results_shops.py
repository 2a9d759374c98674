"""What mutations about stores and surveys answer."""

from __future__ import annotations

from typing import Annotated

import strawberry

from gateway_service.results import Refused
from gateway_service.types_segments import MembershipChange
from gateway_service.types_stores import Store, UpsertStoreResult
from gateway_service.types_surveys import Survey


@strawberry.type(description="No store was written.")
class StoreRefused(Refused):
    """Nothing was changed."""


@strawberry.type(description="The stores were judged one by one.")
class UpsertStoresSuccess:
    """Those that stayed as they were included."""

    results: list[UpsertStoreResult] = strawberry.field(description="In the order of the input.")


@strawberry.type(description="The store is as asked for.")
class StoreSuccess:
    """Archived, or brought back."""

    store: Store = strawberry.field(description="As it is now.")


@strawberry.type(description="Nothing was written. The code may be an outcome, such as CLOSED.")
class SurveyRefused(Refused):
    """Neither survey nor answers."""


@strawberry.type(description="The version is written.")
class SurveySuccess:
    """Defined, or closed."""

    survey: Survey = strawberry.field(description="The newest version.")


@strawberry.type(description="The answers are kept, and the customer's fields say what they mean.")
class AnswerSurveySuccess:
    """Whether or not the survey is finished."""

    completed: bool = strawberry.field(description="Whether the survey is finished.")
    missing_question_ids: list[strawberry.ID] = strawberry.field(
        description="Required questions that are open: it cannot be finished without them."
    )
    product_ids: list[strawberry.ID] = strawberry.field(
        description="What the answers recommend, the most often named first."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        description="Whose answers they are; null for visitors."
    )
    changes: list[MembershipChange] = strawberry.field(
        description="Membership changes that the end of the survey caused."
    )
    changes_pending: bool = strawberry.field(
        description="True when more changes follow a little later."
    )


UpsertStoresResult = Annotated[
    UpsertStoresSuccess | StoreRefused, strawberry.union("UpsertStoresResult")
]
StoreResult = Annotated[StoreSuccess | StoreRefused, strawberry.union("StoreResult")]
SurveyResult = Annotated[SurveySuccess | SurveyRefused, strawberry.union("SurveyResult")]
AnswerSurveyResult = Annotated[
    AnswerSurveySuccess | SurveyRefused, strawberry.union("AnswerSurveyResult")
]
