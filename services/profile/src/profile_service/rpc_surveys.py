"""SurveyService over gRPC."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dangol.events.v1.event_pb2 import CustomerRef
from dangol.profile.v1 import survey_service_pb2 as pb
from dangol.profile.v1.survey_service_pb2_grpc import SurveyServiceServicer
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import survey_encoding
from profile_service.domain import CUSTOMER
from profile_service.rpc import Context, customer_not_found, idempotency, outages
from profile_service.rpc_pages import from_token, to_token
from profile_service.sealing import Vault
from profile_service.service_answers import AnswerService
from profile_service.service_surveys import SurveyService
from profile_service.service_tenants import StoreDirectory
from profile_service.survey_answers import AnswerOutcome, Given, Response, missing, recommended
from profile_service.surveys import CHOICES, RATING_MAX, QuestionKind, Survey, text_in

SERVICE_NAME = "dangol.profile.v1.SurveyService"
_PAGE_DEFAULT: Final = 50
_WRITERS: Final = (Role.ADMIN, Role.MARKETER)
_READERS: Final = (*_WRITERS, Role.STAFF, Role.PARTNER, Role.SERVICE)
_ASKERS: Final = (
    *(Role.CUSTOMER, Role.VISITOR),
    *(Role.ADMIN, Role.STAFF, Role.PARTNER, Role.SERVICE),
)
_DEVICE: Final = "device"


class SurveyRpc(SurveyServiceServicer):
    """Marketers define; customers and visitors answer for themselves, shops for whom they ask."""

    def __init__(
        self,
        surveys: SurveyService,
        answers: AnswerService,
        directory: StoreDirectory,
        vault: Vault,
    ) -> None:
        self._surveys = surveys
        self._answers = answers
        self._directory = directory
        self._vault = vault

    async def DefineSurvey(  # noqa: N802
        self, request: pb.DefineSurveyRequest, _context: Context
    ) -> pb.DefineSurveyResponse:
        """Errors: FIELD_INVALID, VERSION_CONFLICT, REQUEST_CONFLICT."""
        caller = require(*_WRITERS)
        key, fingerprint = idempotency(self._vault, caller, "survey", request)
        sent = survey_encoding.from_message(caller.tenant_id, request.survey)
        with outages():
            stored = await self._surveys.define(
                replace(sent, request_key=key, fingerprint=fingerprint)
            )
        return pb.DefineSurveyResponse(survey=survey_encoding.to_message(stored))

    async def CloseSurvey(  # noqa: N802
        self, request: pb.CloseSurveyRequest, _context: Context
    ) -> pb.CloseSurveyResponse:
        """Errors: SURVEY_NOT_FOUND, REQUEST_CONFLICT."""
        caller = require(*_WRITERS)
        key, fingerprint = idempotency(self._vault, caller, "close-survey", request)
        with outages():
            over = await self._surveys.close(caller.tenant_id, request.survey_id, key, fingerprint)
        return pb.CloseSurveyResponse(survey=survey_encoding.to_message(_found(over)))

    async def GetSurvey(  # noqa: N802
        self, request: pb.GetSurveyRequest, _context: Context
    ) -> pb.GetSurveyResponse:
        """Errors: SURVEY_NOT_FOUND."""
        caller = require(*_READERS)
        with outages():
            survey = await self._surveys.get(caller.tenant_id, request.survey_id, request.version)
        return pb.GetSurveyResponse(survey=survey_encoding.to_message(_found(survey)))

    async def ListSurveys(  # noqa: N802
        self, request: pb.ListSurveysRequest, _context: Context
    ) -> pb.ListSurveysResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = require(*_READERS)
        parts = from_token("surveys", request.page_token, 1)
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            found = await self._surveys.page(caller.tenant_id, parts[0] if parts else "", size + 1)
        more = len(found) > size
        return pb.ListSurveysResponse(
            surveys=[survey_encoding.to_message(one) for one in found[:size]],
            next_page_token=to_token("surveys", found[size - 1].survey_id) if more else "",
        )

    async def ServeSurvey(  # noqa: N802
        self, request: pb.ServeSurveyRequest, _context: Context
    ) -> pb.ServeSurveyResponse:
        """Errors: CUSTOMER_NOT_FOUND, FIELD_INVALID."""
        caller = require(*_ASKERS)
        name = _respondent(caller, request.respondent)
        with outages():
            served = await self._answers.serve(caller.tenant_id, name, request.survey_id)
            if served is None:
                return pb.ServeSurveyResponse()
            language = (await self._directory.get(caller.tenant_id)).language
        message = _to_served(*served, request.language or language, language)
        if caller.role is Role.VISITOR:
            # Whoever holds a device's name may write under it, not read what it said before.
            for question in message.questions:
                question.answered = False
        return pb.ServeSurveyResponse(survey=message)

    async def AnswerSurvey(  # noqa: N802
        self, request: pb.AnswerSurveyRequest, _context: Context
    ) -> pb.AnswerSurveyResponse:
        """Errors: SURVEY_NOT_FOUND, CUSTOMER_NOT_FOUND, FIELD_INVALID, REQUEST_CONFLICT."""
        caller = require(*_ASKERS)
        name = _respondent(caller, request.respondent)
        key, fingerprint = idempotency(self._vault, caller, "answer", request)
        answers = {one.question_id: survey_encoding.to_answer(one) for one in request.answers}
        if len(answers) < len(request.answers):
            message = "answer each question once"
            raise RpcFailure(Code.FIELD_INVALID, message, field="answers")
        given = Given(answers, request.finish, key, fingerprint)
        with outages():
            answered = await self._answers.answer(
                caller.tenant_id, name, (request.survey_id, request.version), given
            )
        if answered.outcome is AnswerOutcome.REQUEST_CONFLICT:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        held = answered.response.answers
        response = pb.AnswerSurveyResponse(
            outcome=f"ANSWER_SURVEY_OUTCOME_{answered.outcome}",
            product_ids=recommended(answered.survey, held),
            missing_question_ids=missing(answered.survey, held),
            changes_pending=answered.pending,
        )
        if caller.role is not Role.VISITOR:
            response.customer_id = answered.response.customer_id
            response.changes.extend(answered.changes)
        return response

    async def GetSurveyFunnel(  # noqa: N802
        self, request: pb.GetSurveyFunnelRequest, _context: Context
    ) -> pb.GetSurveyFunnelResponse:
        """Errors: SURVEY_NOT_FOUND."""
        caller = require(*_WRITERS, Role.STAFF, Role.SERVICE)
        with outages():
            survey = _found(
                await self._surveys.get(caller.tenant_id, request.survey_id, request.version)
            )
            funnel = await self._surveys.funnel(
                caller.tenant_id, request.survey_id, request.version
            )
        response = pb.GetSurveyFunnelResponse(
            served_count=funnel.served,
            started_count=funnel.started,
            completed_count=funnel.completed,
        )
        for question in survey.questions:
            name = question.question_id
            figures = response.questions.add(
                question_id=name, answered_count=funnel.answered.get(name, 0)
            )
            options = [one.option_id for one in question.options]
            if question.kind is QuestionKind.RATING:
                options = [str(one) for one in range(1, RATING_MAX + 1)]
            for option in [] if question.sealed else options:
                figures.options.add(option_id=option, count=funnel.chosen.get((name, option), 0))
        return response


def _found(survey: Survey | None) -> Survey:
    if survey is None:
        raise RpcFailure(Code.SURVEY_NOT_FOUND, "there is no such survey")
    return survey


def _respondent(caller: Caller, named: CustomerRef) -> tuple[str, str]:
    """Whom a caller may ask: customers themselves, visitors their device, shops anybody."""
    if caller.role is Role.CUSTOMER:
        if named.namespace and (named.namespace, named.value) != (CUSTOMER, caller.subject):
            raise customer_not_found()
        return CUSTOMER, caller.subject
    if not named.namespace:
        raise RpcFailure(Code.FIELD_INVALID, "say whom you ask", field="respondent")
    if caller.role is Role.VISITOR and named.namespace != _DEVICE:
        message = "visitors are known by their device"
        raise RpcFailure(Code.FIELD_INVALID, message, field="respondent.namespace")
    return named.namespace, named.value


def _to_served(survey: Survey, response: Response, language: str, fallback: str) -> pb.ServedSurvey:
    spoken = language if language in survey.titles else language.partition("-")[0]
    message = pb.ServedSurvey(
        survey_id=survey.survey_id,
        version=survey.version,
        language=spoken if spoken in survey.titles else fallback,
        title=text_in(survey.titles, language, fallback),
    )
    for question in survey.questions:
        served = message.questions.add(
            question_id=question.question_id,
            kind=f"QUESTION_KIND_{question.kind}",
            text=text_in(question.texts, language, fallback),
            required=question.required,
            minimum=question.minimum,
            maximum=question.maximum,
            answered=question.question_id in response.answers,
        )
        if question.kind in CHOICES:
            for option in question.options:
                text = text_in(option.texts, language, fallback)
                served.options.add(option_id=option.option_id, text=text)
    return message
