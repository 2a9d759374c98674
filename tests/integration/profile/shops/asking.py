"""A skin quiz, and people who answer it."""

from __future__ import annotations

import uuid
from typing import Any

from dangol.events.v1.event_pb2 import CustomerRef
from dangol.profile.v1 import survey_service_pb2 as pb
from dangol.profile.v1.survey_service_pb2_grpc import SurveyServiceStub
from dangol_service_kit.auth import Role

from tests.integration.profile.harness import SHOP, Client, Platform

OUTCOME = len("ANSWER_SURVEY_OUTCOME_")


def texts(korean: str, english: str = "") -> dict[str, str]:
    """A text in Korean, and in English if there is one."""
    return {"ko": korean, **({"en": english} if english else {})}


def option(option_id: str, *products: str, **fields: Any) -> pb.SurveyOption:
    """A choice that recommends products."""
    named = texts(f"{option_id} 선택", option_id)
    return pb.SurveyOption(option_id=option_id, texts=named, product_ids=products, **fields)


def quiz(survey_id: str = "skin-quiz", version: int = 0, **fields: Any) -> pb.Survey:
    """Five questions, one of each kind; the first and the rating are required."""
    survey = pb.Survey(
        survey_id=survey_id, version=version, titles=texts("피부 퀴즈", "Skin quiz"), **fields
    )
    add = survey.questions.add
    add(
        question_id="skin",
        kind=pb.QUESTION_KIND_SINGLE_CHOICE,
        texts=texts("피부 타입은?", "Your skin?"),
        required=True,
        field="skin_type",
        options=[option("dry", "cream", "oil"), option("oily", "toner")],
    )
    add(
        question_id="style",
        kind=pb.QUESTION_KIND_SEVERAL,
        texts=texts("좋아하는 향은?", "Scents?"),
        options=[
            option("rose", "oil", tag="likes-rose"),
            option("mint", "oil", "toner", tag="likes-mint"),
            option("none"),
        ],
    )
    add(
        question_id="budget",
        kind=pb.QUESTION_KIND_NUMBER,
        texts=texts("예산은?", "Budget?"),
        field="budget",
        minimum="0",
        maximum="500000",
    )
    add(
        question_id="wish",
        kind=pb.QUESTION_KIND_TEXT,
        texts=texts("바라는 점은?", "Wishes?"),
        field="wish",
    )
    add(
        question_id="stars",
        kind=pb.QUESTION_KIND_RATING,
        texts=texts("만족도는?", "Stars?"),
        required=True,
    )
    return survey


class Asker:
    """Defines surveys, serves and answers them."""

    def __init__(self, platform: Platform, tenant_id: str = SHOP) -> None:
        self.platform = platform
        self.stub: Any = SurveyServiceStub(platform.channel)
        self.admin = platform.client(Role.ADMIN, tenant_id)
        self.partner = platform.client(Role.PARTNER, tenant_id)

    async def define(self, survey: pb.Survey, request_id: str = "") -> pb.Survey:
        """DefineSurvey."""
        request = pb.DefineSurveyRequest(request_id=request_id or str(uuid.uuid4()), survey=survey)
        stored: pb.Survey = (await self.admin.call(self.stub.DefineSurvey, request)).survey
        return stored

    async def close(self, survey_id: str) -> pb.Survey:
        """CloseSurvey."""
        request = pb.CloseSurveyRequest(request_id=str(uuid.uuid4()), survey_id=survey_id)
        over: pb.Survey = (await self.admin.call(self.stub.CloseSurvey, request)).survey
        return over

    async def serve(
        self, namespace: str, value: str, client: Client | None = None, **fields: Any
    ) -> pb.ServedSurvey | None:
        """ServeSurvey; None when none fits."""
        name = CustomerRef(namespace=namespace, value=value) if namespace else None
        request = pb.ServeSurveyRequest(respondent=name, **fields)
        answer = await (client or self.partner).call(self.stub.ServeSurvey, request)
        return answer.survey if answer.HasField("survey") else None

    async def answer(
        self,
        namespace: str,
        value: str,
        *answers: pb.SurveyAnswer,
        finish: bool = False,
        version: int = 1,
        survey_id: str = "skin-quiz",
        request_id: str = "",
        client: Client | None = None,
    ) -> pb.AnswerSurveyResponse:
        """AnswerSurvey with a fresh request id unless one is given."""
        name = CustomerRef(namespace=namespace, value=value) if namespace else None
        request = pb.AnswerSurveyRequest(
            request_id=request_id or str(uuid.uuid4()),
            respondent=name,
            survey_id=survey_id,
            version=version,
            answers=answers,
            finish=finish,
        )
        response: pb.AnswerSurveyResponse = await (client or self.partner).call(
            self.stub.AnswerSurvey, request
        )
        return response

    async def funnel(self, survey_id: str = "skin-quiz", version: int = 0) -> Any:
        """GetSurveyFunnel."""
        request = pb.GetSurveyFunnelRequest(survey_id=survey_id, version=version)
        return await self.admin.call(self.stub.GetSurveyFunnel, request)


def outcome(response: pb.AnswerSurveyResponse) -> str:
    """The outcome, short."""
    return pb.AnswerSurveyOutcome.Name(response.outcome)[OUTCOME:]


def chose(question_id: str, *option_ids: str) -> pb.SurveyAnswer:
    """Options chosen."""
    return pb.SurveyAnswer(question_id=question_id, option_ids=option_ids)


def rated(stars: int) -> pb.SurveyAnswer:
    """The quiz's rating."""
    return pb.SurveyAnswer(question_id="stars", rating=stars)


def wrote(text: str) -> pb.SurveyAnswer:
    """The quiz's free text."""
    return pb.SurveyAnswer(question_id="wish", text=text)


def amount(number: str) -> pb.SurveyAnswer:
    """The quiz's number."""
    return pb.SurveyAnswer(question_id="budget", number=number)
