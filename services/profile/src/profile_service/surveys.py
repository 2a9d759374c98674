"""Surveys and quizzes: what they ask, whether they are well formed, and whom they fit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from profile_service.domain import Attributes, Customer, FieldKind, FieldValue
from profile_service.fields import FieldSchema, check_values

RATING_MAX: Final = 5


class QuestionKind(StrEnum):
    """How a question is answered."""

    SINGLE_CHOICE = "SINGLE_CHOICE"
    SEVERAL = "SEVERAL"
    NUMBER = "NUMBER"
    TEXT = "TEXT"
    RATING = "RATING"


CHOICES: Final = frozenset({QuestionKind.SINGLE_CHOICE, QuestionKind.SEVERAL})


class Audience(StrEnum):
    """Whom a survey is for."""

    EVERYBODY = "UNSPECIFIED"
    MEMBERS = "MEMBERS"
    VISITORS = "VISITORS"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. value is what the question's field becomes, None for the option's own id."""

    option_id: str
    texts: Mapping[str, str]
    value: FieldValue | None = None
    tag: str = ""
    product_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """minimum and maximum are decimals, both included; empty for no limit."""

    question_id: str
    kind: QuestionKind
    texts: Mapping[str, str]
    required: bool = False
    personal: bool = False
    field: str = ""
    options: tuple[Option, ...] = ()
    minimum: str = ""
    maximum: str = ""

    @property
    def sealed(self) -> bool:
        """Whether its answers are kept where nobody reads them: what is written freely always."""
        return self.personal or self.kind is QuestionKind.TEXT


@dataclass(frozen=True, slots=True)
class Survey:
    """One version. Times in UTC milliseconds; end_ms is exclusive, 0 for no end."""

    tenant_id: str
    survey_id: str
    version: int
    titles: Mapping[str, str]
    questions: tuple[Question, ...]
    audience: Audience = Audience.EVERYBODY
    tags: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()
    priority: int = 0
    start_ms: int = 0
    end_ms: int = 0
    ask_each_version: bool = False
    created_ms: int = 0
    request_key: bytes = b""
    fingerprint: bytes = b""

    def open_at(self, now_ms: int) -> bool:
        """Whether it is asked at an instant."""
        return self.start_ms <= now_ms and (not self.end_ms or now_ms < self.end_ms)


def check(survey: Survey, language: str) -> list[tuple[str, str]]:
    """(field path, what to do) for everything that is wrong with a survey of a tenant whose
    language this is."""
    wrong = []
    if survey.end_ms and survey.end_ms <= survey.start_ms:
        wrong.append(("survey.end_time", "end after the start"))
    if language not in survey.titles:
        wrong.append(("survey.titles", _lacks(language)))
    ids = [one.question_id for one in survey.questions]
    for position, question in enumerate(survey.questions):
        path = f"survey.questions[{position}]"
        if ids.index(question.question_id) != position:
            wrong.append((f"{path}.question_id", "give each question an id of its own"))
        wrong += [
            (f"{path}.{name}", advice) for name, advice in _check_question(question, language)
        ]
    return wrong


def _check_question(question: Question, language: str) -> Iterable[tuple[str, str]]:
    if language not in question.texts:
        yield "texts", _lacks(language)
    choice = question.kind in CHOICES
    if choice and len(question.options) < 2:
        yield "options", "offer at least two"
    if not choice and question.options:
        yield "options", "only choices have options"
    if question.kind is not QuestionKind.NUMBER and (question.minimum or question.maximum):
        yield "minimum", "only numbers have limits"
    if (
        question.minimum
        and question.maximum
        and Decimal(question.minimum) > Decimal(question.maximum)
    ):
        yield "maximum", "send at least the minimum"
    if question.kind is QuestionKind.SEVERAL and question.field:
        yield "field", "several choices are no one value: give the options tags"
    ids = [one.option_id for one in question.options]
    for position, option in enumerate(question.options):
        if ids.index(option.option_id) != position:
            yield f"options[{position}].option_id", "give each option an id of its own"
        if language not in option.texts:
            yield f"options[{position}].texts", _lacks(language)
        if option.tag and question.sealed:
            yield f"options[{position}].tag", "tags are seen by everybody: not for personal answers"


def check_fields(survey: Survey, schema: FieldSchema) -> list[tuple[str, str]]:
    """The same for fields that the tenant has not declared so."""
    wrong = []
    for position, question in enumerate(survey.questions):
        if not question.field:
            continue
        for value in _becomes(question):
            held = {question.field: value}
            given = Attributes(personal_fields=held) if question.sealed else Attributes(fields=held)
            found = check_values(schema, given, None, "survey")
            wrong += [(f"survey.questions[{position}].field", advice) for _, advice in found[:1]]
            if found:
                break
    return wrong


def _becomes(question: Question) -> list[FieldValue]:
    """What its field may become; of what is written freely one example."""
    if question.kind is QuestionKind.TEXT:
        return [FieldValue(FieldKind.TEXT, question.question_id)]
    if question.kind in CHOICES:
        return [one.value or FieldValue(FieldKind.TEXT, one.option_id) for one in question.options]
    return [FieldValue(FieldKind.NUMBER, question.minimum or "1")]


def _lacks(language: str) -> str:
    return f"add the text in the tenant's language, {language}"


@dataclass(frozen=True, slots=True)
class Taken:
    """How far somebody is with one version of a survey."""

    survey_id: str
    version: int
    started: bool
    completed: bool


def fits(survey: Survey, customer: Customer, taken: Collection[Taken], now_ms: int) -> bool:
    """Whether a survey may be served to a customer now."""
    if not survey.open_at(now_ms):
        return False
    if survey.audience is Audience.MEMBERS and not customer.member:
        return False
    if survey.audience is Audience.VISITORS and customer.member:
        return False
    if survey.tags and set(survey.tags).isdisjoint(customer.attributes.tags):
        return False
    known = customer.attributes.fields.keys() | customer.attributes.personal_fields.keys()
    if survey.missing_fields and set(survey.missing_fields) <= known:
        return False
    return not any(
        one.completed
        and one.survey_id == survey.survey_id
        and (one.version == survey.version or not survey.ask_each_version)
        for one in taken
    )


def choose(
    surveys: Sequence[Survey], customer: Customer, taken: Collection[Taken], now_ms: int
) -> Survey | None:
    """The survey to serve: one that was begun, else the highest priority; then by id."""
    begun = {one.survey_id for one in taken if one.started and not one.completed}
    fitting = [one for one in surveys if fits(one, customer, taken, now_ms)]
    return min(
        fitting,
        key=lambda one: (one.survey_id not in begun, -one.priority, one.survey_id),
        default=None,
    )


def text_in(texts: Mapping[str, str], *languages: str) -> str:
    """The text in the first of these languages that there is; of ko-KR also that in ko."""
    for language in languages:
        for tag in (language, language.partition("-")[0]):
            if tag in texts:
                return texts[tag]
    return next(iter(texts.values()), "")
