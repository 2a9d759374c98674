"""Surveys between protobuf and domain, and answers as the text that is sealed. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dangol.profile.v1 import survey_service_pb2 as pb

from profile_service import encoding
from profile_service.survey_answers import Answer
from profile_service.surveys import Audience, Option, Question, QuestionKind, Survey

_KIND = "QUESTION_KIND_"
_AUDIENCE = "SURVEY_AUDIENCE_"


def from_message(tenant_id: str, message: pb.Survey) -> Survey:
    """A survey as a client sent it, or as it is stored."""
    return Survey(
        tenant_id=tenant_id,
        survey_id=message.survey_id,
        version=message.version,
        titles=dict(message.titles),
        questions=tuple(_question(one) for one in message.questions),
        audience=Audience(pb.SurveyAudience.Name(message.audience).removeprefix(_AUDIENCE)),
        tags=tuple(message.tags),
        missing_fields=tuple(message.missing_fields),
        priority=message.priority,
        start_ms=message.start_time.ToMilliseconds(),
        end_ms=message.end_time.ToMilliseconds(),
        ask_each_version=message.ask_each_version,
        created_ms=message.create_time.ToMilliseconds(),
    )


def _question(message: pb.SurveyQuestion) -> Question:
    return Question(
        question_id=message.question_id,
        kind=QuestionKind(pb.QuestionKind.Name(message.kind).removeprefix(_KIND)),
        texts=dict(message.texts),
        required=message.required,
        personal=message.personal,
        field=message.field,
        options=tuple(
            Option(
                one.option_id,
                dict(one.texts),
                encoding.from_property(one.value) if one.HasField("value") else None,
                one.tag,
                tuple(one.product_ids),
            )
            for one in message.options
        ),
        minimum=message.minimum,
        maximum=message.maximum,
    )


def to_message(survey: Survey) -> pb.Survey:
    """A survey as clients see it, and as it is stored."""
    message = pb.Survey(
        survey_id=survey.survey_id,
        version=survey.version,
        titles=dict(survey.titles),
        audience=f"{_AUDIENCE}{survey.audience}",
        tags=survey.tags,
        missing_fields=survey.missing_fields,
        priority=survey.priority,
        ask_each_version=survey.ask_each_version,
    )
    message.create_time.FromMilliseconds(survey.created_ms)
    if survey.start_ms:
        message.start_time.FromMilliseconds(survey.start_ms)
    if survey.end_ms:
        message.end_time.FromMilliseconds(survey.end_ms)
    for one in survey.questions:
        question = message.questions.add(
            question_id=one.question_id,
            kind=f"{_KIND}{one.kind}",
            texts=dict(one.texts),
            required=one.required,
            personal=one.personal,
            field=one.field,
            minimum=one.minimum,
            maximum=one.maximum,
        )
        for option in one.options:
            question.options.add(
                option_id=option.option_id,
                texts=dict(option.texts),
                value=encoding.to_property(option.value) if option.value else None,
                tag=option.tag,
                product_ids=option.product_ids,
            )
    return message


def to_answer(message: pb.SurveyAnswer) -> Answer:
    """An answer as a client sent it."""
    return Answer(tuple(message.option_ids), message.number, message.text, message.rating)


def pack(answers: Mapping[str, Answer]) -> bytes:
    """Answers by question as a text to be sealed; empty for none."""
    held = {question_id: plain(one) for question_id, one in answers.items()}
    return json.dumps(held, ensure_ascii=False).encode() if held else b""


def unpack(packed: bytes) -> dict[str, Answer]:
    """The answers of such a text."""
    held: dict[str, dict[str, Any]] = json.loads(packed) if packed else {}
    return {
        question_id: Answer(
            tuple(one.get("option_ids", ())),
            one.get("number", ""),
            one.get("text", ""),
            one.get("rating", 0),
        )
        for question_id, one in held.items()
    }


def plain(answer: Answer) -> dict[str, Any]:
    """What there is of an answer, for JSON."""
    parts = {
        "option_ids": list(answer.option_ids),
        "number": answer.number,
        "text": answer.text,
        "rating": answer.rating,
    }
    return {name: value for name, value in parts.items() if value}
