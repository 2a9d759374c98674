"""Whom a survey fits, and what answers say: pure."""

from dataclasses import replace
from typing import Any

import pytest
from profile_service.domain import Attributes, Customer, FieldKind, FieldValue
from profile_service.survey_answers import (
    Answer,
    AnswerOutcome,
    Given,
    Response,
    decide_answer,
    learn,
    recommended,
    told,
)
from profile_service.surveys import (
    Audience,
    Option,
    Question,
    QuestionKind,
    Survey,
    Taken,
    check,
    choose,
    fits,
    text_in,
)

TEXTS = {"ko": "질문"}


def _choice(question_id: str, kind: QuestionKind, *options: Option, **fields: Any) -> Question:
    return Question(question_id, kind, TEXTS, options=options, **fields)


REASON = _choice(
    "reason",
    QuestionKind.SINGLE_CHOICE,
    Option("price", TEXTS, FieldValue(FieldKind.FLAG, True), product_ids=("p1", "p2")),
    Option("taste", TEXTS, product_ids=("p3",)),
    required=True,
    field="left_for_price",
)
STYLE = _choice(
    "style",
    QuestionKind.SEVERAL,
    Option("a", TEXTS, tag="tag-a", product_ids=("p3",)),
    Option("b", TEXTS, tag="tag-b", product_ids=("p3", "p2")),
)
SECRET = Question("secret", QuestionKind.NUMBER, TEXTS, personal=True, field="weight", minimum="1")
SURVEY = Survey("shop", "exit", 1, {"ko": "설문"}, (REASON, STYLE, SECRET))
CUSTOMER = Customer("shop", "u_1", 1, 0, member=True)
ANSWERS = {
    "reason": Answer(("price",)),
    "style": Answer(("b",)),
    "secret": Answer(number="60"),
}
FRESH = Response("shop", "exit", 1, b"h", "u_1")


def _given(key: bytes, *, finish: bool = False, **answers: Answer) -> Given:
    return Given(answers, finish, key, repr(answers).encode())


@pytest.mark.parametrize(
    ("changes", "fit"),
    [
        ({}, True),
        ({"audience": Audience.MEMBERS}, True),
        ({"audience": Audience.VISITORS}, False),
        ({"tags": ("vip",)}, False),
        ({"tags": ("vip", "new")}, True),
        ({"missing_fields": ("tier_wish",)}, True),
        ({"missing_fields": ("known",)}, False),
        ({"missing_fields": ("known", "tier_wish")}, True),
        ({"start_ms": 11}, False),
        ({"start_ms": 10, "end_ms": 11}, True),
        ({"end_ms": 10}, False),
    ],
)
def test_a_survey_fits_by_everything_it_says(changes: dict[str, Any], fit: bool) -> None:
    """Each condition by itself, at instant 10."""
    known = {"known": FieldValue(FieldKind.TEXT, "x")}
    customer = replace(CUSTOMER, attributes=Attributes(tags=("new",), fields=known))
    assert fit is fits(replace(SURVEY, **changes), customer, (), 10)


def test_who_finished_is_asked_again_only_by_a_version_that_says_so() -> None:
    """And never by the version that was finished."""
    finished = [Taken("exit", 1, True, True)]
    second = replace(SURVEY, version=2)
    assert not fits(SURVEY, CUSTOMER, finished, 10)
    assert not fits(second, CUSTOMER, finished, 10)
    assert fits(replace(second, ask_each_version=True), CUSTOMER, finished, 10)


def test_what_was_begun_comes_first_then_priority_then_id() -> None:
    """The same for the same input, whatever its order."""
    urgent, other = replace(SURVEY, survey_id="urgent", priority=5), replace(SURVEY, survey_id="b")
    assert urgent is choose([SURVEY, other, urgent], CUSTOMER, (), 10)
    assert other is choose([SURVEY, other, urgent], CUSTOMER, [Taken("b", 1, True, False)], 10)
    assert other is choose([SURVEY, other], CUSTOMER, (), 10)
    assert None is choose([], CUSTOMER, (), 10)


def test_answers_teach_fields_tags_and_nothing_else() -> None:
    """What is known already changes no path; tags of other options go, foreign tags stay."""
    before = Attributes(tags=("vip", "tag-a"))
    after, paths = learn(SURVEY, ANSWERS, list(ANSWERS), before)
    assert ["fields.left_for_price", "personal_fields.weight", "tags"] == paths
    assert ("vip", "tag-b") == after.tags
    assert FieldValue(FieldKind.FLAG, True) == after.fields["left_for_price"]
    assert (after, []) == learn(SURVEY, ANSWERS, list(ANSWERS), after)
    assert (before, []) == learn(SURVEY, ANSWERS, [], before)


def test_recommendations_are_votes() -> None:
    """The most often named first; of equals the one that the survey names first."""
    assert ["p2", "p1", "p3"] == recommended(SURVEY, ANSWERS)
    both = {"reason": Answer(("price",)), "style": Answer(("a", "b"))}
    assert ["p2", "p3", "p1"] == recommended(SURVEY, both)
    assert [] == recommended(SURVEY, {})


def test_nothing_personal_is_told() -> None:
    """Neither to the event nor to the counts."""
    properties, rating, counted = told(SURVEY, ANSWERS)
    assert {"answer_reason", "answer_style"} == properties.keys()
    assert 0 == rating
    assert {"reason": ("price",), "style": ("b",)} == counted


def test_a_response_goes_forward_by_requests() -> None:
    """Saved, held up by what is required, completed; a repeat is answered as the first time."""
    saved, outcome = decide_answer(SURVEY, FRESH, _given(b"1", style=Answer(("a",))), 5)
    assert saved is not None
    assert AnswerOutcome.SAVED is outcome
    assert (5, 5, 0, ("style",), 1) == (
        saved.served_ms,
        saved.started_ms,
        saved.completed_ms,
        saved.untold,
        saved.revision,
    )
    held, outcome = decide_answer(SURVEY, saved, _given(b"2", finish=True), 6)
    assert held is not None
    assert AnswerOutcome.MISSING_ANSWERS is outcome
    last = _given(b"3", finish=True, reason=Answer(("taste",)))
    done, outcome = decide_answer(SURVEY, held, last, 7)
    assert done is not None
    assert (AnswerOutcome.COMPLETED, 7, True) == (outcome, done.completed_ms, done.to_record)
    assert (None, AnswerOutcome.COMPLETED) == decide_answer(SURVEY, done, last, 9)
    other = replace(last, fingerprint=b"other")
    assert (None, AnswerOutcome.REQUEST_CONFLICT) == decide_answer(SURVEY, done, other, 9)
    assert (None, AnswerOutcome.ALREADY_COMPLETED) == decide_answer(SURVEY, done, _given(b"4"), 9)
    over = replace(SURVEY, end_ms=4)
    assert (None, AnswerOutcome.CLOSED) == decide_answer(over, saved, _given(b"5"), 9)


def test_a_survey_is_checked_in_every_part() -> None:
    """Each fault with its field."""
    assert [] == check(SURVEY, "ko")
    wrong = replace(
        SURVEY,
        start_ms=5,
        end_ms=5,
        questions=(
            replace(REASON, personal=True, options=(REASON.options[0],)),
            replace(STYLE, field="styles", personal=True),
            replace(SECRET, minimum="2", maximum="1"),
            replace(SECRET, options=STYLE.options, texts={"en": "only"}),
        ),
    )
    paths = [path for path, _ in check(wrong, "ko")]
    assert [
        "survey.end_time",
        "survey.questions[0].options",
        "survey.questions[1].field",
        "survey.questions[1].options[0].tag",
        "survey.questions[1].options[1].tag",
        "survey.questions[2].maximum",
        "survey.questions[3].question_id",
        "survey.questions[3].texts",
        "survey.questions[3].options",
        "survey.questions[3].options[0].tag",
        "survey.questions[3].options[1].tag",
    ] == paths


def test_texts_fall_back_from_a_region_to_its_language_to_the_tenant_s() -> None:
    """And to any that there is."""
    texts = {"en": "hello", "ko": "안녕"}
    assert "안녕" == text_in(texts, "ko-KR", "en")
    assert "hello" == text_in(texts, "fr", "en")
    assert "hello" == text_in(texts, "fr", "de")
