"""What people answer, what that says of them and recommends to them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from profile_service.domain import Attributes, FieldKind, FieldValue
from profile_service.surveys import CHOICES, RATING_MAX, Question, QuestionKind, Survey

REQUESTS_KEPT_MAX: Final = 20
PRODUCTS_MAX: Final = 50


class AnswerOutcome(StrEnum):
    """What became of a request with answers."""

    SAVED = "SAVED"
    COMPLETED = "COMPLETED"
    MISSING_ANSWERS = "MISSING_ANSWERS"
    ALREADY_COMPLETED = "ALREADY_COMPLETED"
    CLOSED = "CLOSED"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


CHANGING: Final = frozenset(
    {AnswerOutcome.SAVED, AnswerOutcome.COMPLETED, AnswerOutcome.MISSING_ANSWERS}
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: chosen options, a decimal, a text, or 1 to 5 stars, as the kind has it."""

    option_ids: tuple[str, ...] = ()
    number: str = ""
    text: str = ""
    rating: int = 0


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """A request that was seen: its keyed id, the hash of its content, what came of it."""

    key: bytes
    fingerprint: bytes
    outcome: AnswerOutcome


@dataclass(frozen=True, slots=True)
class Response:
    """One person's way through one version. identifier_hash and customer_id: whose it was when it
    began. Times in UTC milliseconds, 0 for not yet.

    untold: questions whose answers the customer's record does not show yet; to_record: the event
    is not recorded yet. revision counts writes, 0 for one that is not stored.
    """

    tenant_id: str
    survey_id: str
    version: int
    identifier_hash: bytes
    customer_id: str
    served_ms: int = 0
    started_ms: int = 0
    completed_ms: int = 0
    answers: Mapping[str, Answer] = field(default_factory=dict)
    requests: tuple[AnswerRequest, ...] = ()
    untold: tuple[str, ...] = ()
    to_record: bool = False
    revision: int = 0

    @property
    def open(self) -> bool:
        """Whether something is left to do that follows from the answers."""
        return bool(self.untold) or self.to_record


def wrong_answer(question: Question | None, answer: Answer) -> tuple[str, str] | None:
    """(field, what to do) when the answer does not fit the question."""
    if question is None:
        return "question_id", "this version has no such question"
    given = {
        "option_ids": bool(answer.option_ids),
        "number": bool(answer.number),
        "text": bool(answer.text),
        "rating": bool(answer.rating),
    }
    wanted = {
        QuestionKind.NUMBER: "number",
        QuestionKind.TEXT: "text",
        QuestionKind.RATING: "rating",
    }.get(question.kind, "option_ids")
    for name, there in given.items():
        if there and name != wanted:
            return name, f"this question is answered by {wanted}"
    if not given[wanted]:
        return wanted, "send an answer, or leave the question out"
    return _wrong_value(question, answer)


def _wrong_value(question: Question, answer: Answer) -> tuple[str, str] | None:
    if question.kind is QuestionKind.SINGLE_CHOICE and len(answer.option_ids) > 1:
        return "option_ids", "choose one"
    known = {one.option_id for one in question.options}
    if not known.issuperset(answer.option_ids):
        return "option_ids", "choose from the question's options"
    if question.kind is QuestionKind.NUMBER:
        number = Decimal(answer.number)
        if question.minimum and number < Decimal(question.minimum):
            return "number", f"send at least {question.minimum}"
        if question.maximum and number > Decimal(question.maximum):
            return "number", f"send at most {question.maximum}"
    if question.kind is QuestionKind.RATING and not 1 <= answer.rating <= RATING_MAX:
        return "rating", f"send 1 to {RATING_MAX}"
    return None


@dataclass(frozen=True, slots=True)
class Given:
    """What a request brings. finish: there is no more to come."""

    answers: Mapping[str, Answer]
    finish: bool
    key: bytes
    fingerprint: bytes


def decide_answer(
    survey: Survey, known: Response, given: Given, now_ms: int
) -> tuple[Response | None, AnswerOutcome]:
    """The response to be saved over `known` and the outcome; None when nothing is to be saved."""
    for seen in known.requests:
        if seen.key == given.key:
            same = seen.fingerprint == given.fingerprint
            return None, seen.outcome if same else AnswerOutcome.REQUEST_CONFLICT
    if known.completed_ms:
        return None, AnswerOutcome.ALREADY_COMPLETED
    if not survey.open_at(now_ms):
        return None, AnswerOutcome.CLOSED
    answers = {**known.answers, **given.answers}
    changed = replace(
        known,
        answers=answers,
        served_ms=known.served_ms or now_ms,
        started_ms=known.started_ms or (now_ms if answers else 0),
        untold=tuple(dict.fromkeys((*known.untold, *given.answers))),
    )
    outcome = AnswerOutcome.SAVED
    if given.finish:
        outcome = AnswerOutcome.COMPLETED
        if missing(survey, answers):
            outcome = AnswerOutcome.MISSING_ANSWERS
    if outcome is AnswerOutcome.COMPLETED:
        changed = replace(
            changed, completed_ms=now_ms, started_ms=changed.started_ms or now_ms, to_record=True
        )
    request = AnswerRequest(given.key, given.fingerprint, outcome)
    requests = (*known.requests, request)[-REQUESTS_KEPT_MAX:]
    return replace(changed, requests=requests, revision=known.revision + 1), outcome


def missing(survey: Survey, answers: Mapping[str, Answer]) -> list[str]:
    """Required questions without an answer."""
    return [
        one.question_id
        for one in survey.questions
        if one.required and one.question_id not in answers
    ]


def recommended(survey: Survey, answers: Mapping[str, Answer]) -> list[str]:
    """Products of the chosen options: the most often named first, then in the survey's order."""
    votes: Counter[str] = Counter()
    for question in survey.questions:
        chosen = answers[question.question_id].option_ids if question.question_id in answers else ()
        for option in question.options:
            if option.option_id in chosen:
                votes.update(option.product_ids)
    return [product for product, _ in votes.most_common(PRODUCTS_MAX)]


def learn(
    survey: Survey,
    answers: Mapping[str, Answer],
    question_ids: Sequence[str],
    before: Attributes,
) -> tuple[Attributes, list[str]]:
    """What the answers to these questions make of somebody, and the paths that change.

    No path when the record says so already.
    """
    fields, personal = dict(before.fields), dict(before.personal_fields)
    tags = list(before.tags)
    for question in survey.questions:
        if question.question_id not in question_ids or question.question_id not in answers:
            continue
        answer = answers[question.question_id]
        own = {one.tag for one in question.options if one.tag}
        chosen = [
            one.tag for one in question.options if one.option_id in answer.option_ids and one.tag
        ]
        tags = list(dict.fromkeys([*(one for one in tags if one not in own), *chosen]))
        if question.field:
            held = personal if question.sealed else fields
            held[question.field] = _value(question, answer)
    paths = [f"fields.{name}" for name in fields if fields[name] != before.fields.get(name)]
    paths += [
        f"personal_fields.{name}"
        for name in personal
        if personal[name] != before.personal_fields.get(name)
    ]
    if set(tags) != set(before.tags):
        paths.append("tags")
    return replace(before, fields=fields, personal_fields=personal, tags=tuple(tags)), paths


def _value(question: Question, answer: Answer) -> FieldValue:
    if question.kind is QuestionKind.NUMBER:
        return FieldValue(FieldKind.NUMBER, answer.number)
    if question.kind is QuestionKind.RATING:
        return FieldValue(FieldKind.NUMBER, str(answer.rating))
    if question.kind is QuestionKind.TEXT:
        return FieldValue(FieldKind.TEXT, answer.text)
    (chosen,) = (one for one in question.options if one.option_id == answer.option_ids[0])
    return chosen.value or FieldValue(FieldKind.TEXT, chosen.option_id)


def told(
    survey: Survey, answers: Mapping[str, Answer]
) -> tuple[dict[str, FieldValue], int, dict[str, tuple[str, ...]]]:
    """What others than the customer may know: properties of the event, the first rating (0 for
    none), and what was chosen by question, to be counted."""
    properties: dict[str, FieldValue] = {}
    counted: dict[str, tuple[str, ...]] = {}
    rating = 0
    for question in survey.questions:
        answer = answers.get(question.question_id)
        if answer is None or question.sealed:
            continue
        name = f"answer_{question.question_id}"
        if question.kind in CHOICES:
            counted[question.question_id] = answer.option_ids
            properties[name] = FieldValue(FieldKind.TEXT, ",".join(answer.option_ids))
        elif question.kind is QuestionKind.RATING:
            counted[question.question_id] = (str(answer.rating),)
            rating = rating or answer.rating
            properties[name] = FieldValue(FieldKind.NUMBER, str(answer.rating))
        else:
            properties[name] = FieldValue(FieldKind.NUMBER, answer.number)
    return properties, rating, counted
