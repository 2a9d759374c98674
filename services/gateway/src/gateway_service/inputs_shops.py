"""What clients send about stores and surveys. Every write carries a request id."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import strawberry
from dangol.profile.v1 import store_service_pb2 as stores_pb
from dangol.profile.v1 import survey_service_pb2 as pb

from gateway_service import convert
from gateway_service.inputs import REQUEST_ID, IdentifierInput
from gateway_service.types_common import (
    Int64,
    LocalizedTextInput,
    PropertyInput,
    from_properties,
    from_texts,
)
from gateway_service.types_surveys import QuestionKind, SurveyAudience


@strawberry.input(description="A store as it is to be.")
class StoreInput:
    """The whole of it."""

    store_id: strawberry.ID = strawberry.field(description="As events name it.")
    display_names: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="Names by language."
    )
    region: str = strawberry.field(default="", description="Where it stands.")
    zone: str = strawberry.field(default="", description="The part of the region.")
    time_zone: str = strawberry.field(
        default="", description="An IANA name; empty for the tenant's."
    )
    version: Int64 = strawberry.field(
        default=Int64(0), description="The version that was read; 0 for whatever there is."
    )

    def to_proto(self) -> stores_pb.Store:
        """The message."""
        return stores_pb.Store(
            store_id=self.store_id,
            display_names=from_texts(self.display_names),
            region=self.region,
            zone=self.zone,
            time_zone=self.time_zone,
            version=self.version,
        )


@strawberry.input(description="Stores to write.")
class UpsertStoresInput:
    """Each by itself."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    stores: list[StoreInput] = strawberry.field(description="1 to 500, each once.")


@strawberry.input(description="A store to take out of lists.")
class ArchiveStoreInput:
    """What happened in it stays."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    store_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A store to bring back.")
class RestoreStoreInput:
    """It is in lists again."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    store_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="One choice of a question.")
class SurveyOptionInput:
    """What a client sends."""

    option_id: strawberry.ID = strawberry.field(description="In snake_case.")
    texts: list[LocalizedTextInput] = strawberry.field(description="What is read.")
    value: PropertyInput | None = strawberry.field(
        default=None,
        description="What the question's field becomes, under any name; the option's id if absent.",
    )
    tag: str = strawberry.field(default="", description="A tag of who chooses it.")
    product_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="What it recommends."
    )

    def to_proto(self) -> pb.SurveyOption:
        """The message."""
        value = None
        if self.value is not None:
            (value,) = from_properties([self.value]).values()
        return pb.SurveyOption(
            option_id=self.option_id,
            texts=from_texts(self.texts),
            value=value,
            tag=self.tag,
            product_ids=[str(one) for one in self.product_ids or ()],
        )


@strawberry.input(description="One question.")
class SurveyQuestionInput:
    """What a client sends."""

    question_id: strawberry.ID = strawberry.field(description="In snake_case.")
    kind: QuestionKind = strawberry.field(description="How it is answered.")
    texts: list[LocalizedTextInput] = strawberry.field(description="What is read.")
    required: bool = strawberry.field(
        default=False, description="Whether the survey cannot end without it."
    )
    personal: bool = strawberry.field(
        default=False, description="Whether its answers are sealed; texts always are."
    )
    field: str = strawberry.field(
        default="", description="The customer's field that it becomes; not for several choices."
    )
    options: list[SurveyOptionInput] | None = strawberry.field(
        default=None, description="Of choices, at least two."
    )
    minimum: Decimal | None = strawberry.field(default=None, description="Of numbers.")
    maximum: Decimal | None = strawberry.field(default=None, description="Of numbers.")

    def to_proto(self) -> pb.SurveyQuestion:
        """The message."""
        return pb.SurveyQuestion(
            question_id=self.question_id,
            kind=f"QUESTION_KIND_{self.kind.name}",
            texts=from_texts(self.texts),
            required=self.required,
            personal=self.personal,
            field=self.field,
            options=[one.to_proto() for one in self.options or ()],
            minimum="" if self.minimum is None else format(self.minimum, "f"),
            maximum="" if self.maximum is None else format(self.maximum, "f"),
        )


@strawberry.input(description="The next version of a survey.")
class DefineSurveyInput:
    """The whole of it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    survey_id: strawberry.ID = strawberry.field(description="For example skin-quiz.")
    titles: list[LocalizedTextInput] = strawberry.field(
        description="In the tenant's language, and others."
    )
    questions: list[SurveyQuestionInput] = strawberry.field(description="1 to 25.")
    version: int = strawberry.field(default=0, description="The version that was read; 0 if new.")
    audience: SurveyAudience = strawberry.field(
        default=SurveyAudience.EVERYBODY, description="Whom it is for."
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="Of these tags, at least one."
    )
    missing_fields: list[str] | None = strawberry.field(
        default=None, description="Asked only while the customer lacks one of these."
    )
    priority: int = strawberry.field(
        default=0, description="The highest of those that fit is served."
    )
    starts_at: dt.datetime | None = strawberry.field(default=None, description="From when.")
    ends_at: dt.datetime | None = strawberry.field(default=None, description="Until when.")
    ask_each_version: bool = strawberry.field(
        default=False, description="Whether who finished an earlier version is asked again."
    )

    def to_proto(self) -> pb.Survey:
        """The message."""
        everybody = self.audience is SurveyAudience.EVERYBODY
        return pb.Survey(
            survey_id=self.survey_id,
            version=self.version,
            titles=from_texts(self.titles),
            questions=[one.to_proto() for one in self.questions],
            audience=None if everybody else f"SURVEY_AUDIENCE_{self.audience.name}",
            tags=self.tags or (),
            missing_fields=self.missing_fields or (),
            priority=self.priority,
            start_time=convert.to_timestamp(self.starts_at) if self.starts_at else None,
            end_time=convert.to_timestamp(self.ends_at) if self.ends_at else None,
            ask_each_version=self.ask_each_version,
        )


@strawberry.input(description="A survey to end now.")
class CloseSurveyInput:
    """For everybody."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    survey_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="One answer; set what the question's kind asks for.")
class SurveyAnswerInput:
    """What a client sends."""

    question_id: strawberry.ID = strawberry.field(description="Which.")
    option_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of choices."
    )
    number: Decimal | None = strawberry.field(default=None, description="Of numbers.")
    text: str = strawberry.field(default="", description="Of texts.")
    rating: int = strawberry.field(default=0, description="Of ratings, 1 to 5.")

    def to_proto(self) -> pb.SurveyAnswer:
        """The message."""
        return pb.SurveyAnswer(
            question_id=self.question_id,
            option_ids=[str(one) for one in self.option_ids or ()],
            number="" if self.number is None else format(self.number, "f"),
            text=self.text,
            rating=self.rating,
        )


@strawberry.input(description="Answers to a survey, some or all.")
class AnswerSurveyInput:
    """A later answer takes the place of an earlier one."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    survey_id: strawberry.ID = strawberry.field(description="As it was served.")
    version: int = strawberry.field(description="As it was served.")
    answers: list[SurveyAnswerInput] = strawberry.field(description="Each question once.")
    respondent: IdentifierInput | None = strawberry.field(
        default=None, description="Who answers. Customers leave it out; visitors name their device."
    )
    finish: bool = strawberry.field(default=False, description="There is no more to come.")
