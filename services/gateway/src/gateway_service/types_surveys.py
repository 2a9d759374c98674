"""Surveys: as they are defined, as they are served, and what came of them."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.profile.v1 import survey_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo
from gateway_service.fields import resolver
from gateway_service.types_common import (
    Int64,
    LocalizedText,
    Property,
    to_properties,
    to_texts,
)


@strawberry.enum(description="How a question is answered.")
class QuestionKind(Enum):
    """Values are those of the contract."""

    SINGLE_CHOICE = 1
    SEVERAL = 2
    NUMBER = 3
    TEXT = 4
    RATING = 5


@strawberry.enum(description="Whom a survey is for.")
class SurveyAudience(Enum):
    """Members and visitors are those of the contract."""

    EVERYBODY = 0
    MEMBERS = 1
    VISITORS = 2


@strawberry.type(description="One choice of a question.")
class SurveyOption:
    """As it is defined."""

    id: strawberry.ID = strawberry.field(description="As answers name it.")
    texts: list[LocalizedText] = strawberry.field(description="What is read.")
    value: Property | None = strawberry.field(
        description="What the question's field becomes; null for the option's id."
    )
    tag: str | None = strawberry.field(description="A tag of who chooses it.")
    product_ids: list[strawberry.ID] = strawberry.field(description="What it recommends.")


@strawberry.type(description="One question.")
class SurveyQuestion:
    """As it is defined."""

    id: strawberry.ID = strawberry.field(description="As answers name it.")
    kind: QuestionKind | None = strawberry.field(description="How it is answered.")
    texts: list[LocalizedText] = strawberry.field(description="What is read.")
    required: bool = strawberry.field(description="Whether the survey cannot end without it.")
    personal: bool = strawberry.field(description="Whether its answers are sealed.")
    field: str | None = strawberry.field(description="The customer's field that it becomes.")
    options: list[SurveyOption] = strawberry.field(description="Of choices.")
    minimum: str | None = strawberry.field(description="Of numbers.")
    maximum: str | None = strawberry.field(description="Of numbers.")


@strawberry.type(description="How often an option was chosen.")
class OptionFigure:
    """Of ratings, under 1 to 5."""

    option_id: strawberry.ID = strawberry.field(description="Which.")
    count: Int64 = strawberry.field(description="How often.")


@strawberry.type(description="How a question was answered.")
class QuestionFigures:
    """Without options for personal questions."""

    question_id: strawberry.ID = strawberry.field(description="Which.")
    answered_count: Int64 = strawberry.field(description="By how many.")
    options: list[OptionFigure] = strawberry.field(description="What they chose.")


@strawberry.type(description="How far people came with a survey.")
class SurveyFunnel:
    """People are counted once a version."""

    served_count: Int64 = strawberry.field(description="Who was asked.")
    started_count: Int64 = strawberry.field(description="Who answered something.")
    completed_count: Int64 = strawberry.field(description="Who came to the end.")
    questions: list[QuestionFigures] = strawberry.field(description="In the survey's order.")


@strawberry.type(description="One version of a survey or a quiz.")
class Survey:
    """Versions are never changed."""

    id: strawberry.ID = strawberry.field(description="Its name.")
    version: int = strawberry.field(description="Send it back when writing the next.")
    titles: list[LocalizedText] = strawberry.field(description="Its title.")
    questions: list[SurveyQuestion] = strawberry.field(description="What it asks.")
    audience: SurveyAudience = strawberry.field(description="Whom it is for.")
    tags: list[str] = strawberry.field(description="Of these tags, at least one.")
    missing_fields: list[str] = strawberry.field(
        description="Asked only while the customer lacks one of these."
    )
    priority: int = strawberry.field(description="The highest of those that fit is served.")
    starts_at: dt.datetime | None = strawberry.field(description="From when; null for at once.")
    ends_at: dt.datetime | None = strawberry.field(description="Until when; null for no end.")
    ask_each_version: bool = strawberry.field(
        description="Whether who finished an earlier version is asked again."
    )
    created_at: dt.datetime | None = strawberry.field(description="When it was written.")

    @resolver("How far people came with this version, or with all.")
    async def funnel(self, info: AppInfo, all_versions: bool = False) -> SurveyFunnel | None:
        """Profile's GetSurveyFunnel."""
        version = 0 if all_versions else self.version
        request = pb.GetSurveyFunnelRequest(survey_id=self.id, version=version)
        context = info.context
        answer = await context.call(context.clients.surveys.GetSurveyFunnel, request)
        return SurveyFunnel(
            served_count=Int64(answer.served_count),
            started_count=Int64(answer.started_count),
            completed_count=Int64(answer.completed_count),
            questions=[
                QuestionFigures(
                    question_id=strawberry.ID(one.question_id),
                    answered_count=Int64(one.answered_count),
                    options=[
                        OptionFigure(
                            option_id=strawberry.ID(option.option_id), count=Int64(option.count)
                        )
                        for option in one.options
                    ],
                )
                for one in answer.questions
            ],
        )


@strawberry.type(description="A choice, in one language.")
class ServedOption:
    """To be shown."""

    id: strawberry.ID = strawberry.field(description="Send it when it is chosen.")
    text: str = strawberry.field(description="What to show.")


@strawberry.type(description="A question, in one language.")
class ServedQuestion:
    """To be shown."""

    id: strawberry.ID = strawberry.field(description="Send it with the answer.")
    kind: QuestionKind | None = strawberry.field(description="How it is answered.")
    text: str = strawberry.field(description="What to show.")
    required: bool = strawberry.field(description="Whether the survey cannot end without it.")
    options: list[ServedOption] = strawberry.field(description="Of choices.")
    minimum: str | None = strawberry.field(description="Of numbers.")
    maximum: str | None = strawberry.field(description="Of numbers.")
    answered: bool = strawberry.field(description="Whether it was answered before.")


@strawberry.type(description="A survey, in one language, for somebody to answer.")
class ServedSurvey:
    """To be shown."""

    id: strawberry.ID = strawberry.field(description="Send it with the answers.")
    version: int = strawberry.field(description="Send it with the answers.")
    language: str = strawberry.field(description="Of its texts.")
    title: str = strawberry.field(description="What to show.")
    questions: list[ServedQuestion] = strawberry.field(description="In order.")


def to_survey(message: pb.Survey) -> Survey:
    """A survey as marketers see it."""
    return Survey(
        id=strawberry.ID(message.survey_id),
        version=message.version,
        titles=to_texts(dict(message.titles)),
        questions=[_question(one) for one in message.questions],
        audience=SurveyAudience(message.audience),
        tags=list(message.tags),
        missing_fields=list(message.missing_fields),
        priority=message.priority,
        starts_at=convert.to_datetime(message, "start_time"),
        ends_at=convert.to_datetime(message, "end_time"),
        ask_each_version=message.ask_each_version,
        created_at=convert.to_datetime(message, "create_time"),
    )


def _question(message: pb.SurveyQuestion) -> SurveyQuestion:
    return SurveyQuestion(
        id=strawberry.ID(message.question_id),
        kind=convert.to_enum(QuestionKind, message.kind),
        texts=to_texts(dict(message.texts)),
        required=message.required,
        personal=message.personal or message.kind == pb.QUESTION_KIND_TEXT,
        field=message.field or None,
        options=[
            SurveyOption(
                id=strawberry.ID(one.option_id),
                texts=to_texts(dict(one.texts)),
                value=to_properties({message.field: one.value})[0]
                if one.HasField("value")
                else None,
                tag=one.tag or None,
                product_ids=[strawberry.ID(product) for product in one.product_ids],
            )
            for one in message.options
        ],
        minimum=message.minimum or None,
        maximum=message.maximum or None,
    )


def to_served(message: pb.ServedSurvey) -> ServedSurvey:
    """A survey as it is shown."""
    return ServedSurvey(
        id=strawberry.ID(message.survey_id),
        version=message.version,
        language=message.language,
        title=message.title,
        questions=[
            ServedQuestion(
                id=strawberry.ID(one.question_id),
                kind=convert.to_enum(QuestionKind, one.kind),
                text=one.text,
                required=one.required,
                options=[
                    ServedOption(id=strawberry.ID(option.option_id), text=option.text)
                    for option in one.options
                ],
                minimum=one.minimum or None,
                maximum=one.maximum or None,
                answered=one.answered,
            )
            for one in message.questions
        ],
    )
