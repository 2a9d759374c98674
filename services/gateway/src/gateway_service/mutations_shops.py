"""Writing stores and surveys, and answering surveys."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

import strawberry
from dangol.profile.v1 import store_service_pb2 as stores_pb
from dangol.profile.v1 import survey_service_pb2 as pb

from gateway_service import convert, inputs_shops, results_shops
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.results import or_refused
from gateway_service.types_segments import to_change
from gateway_service.types_stores import UpsertStoreOutcome, UpsertStoreResult, to_store
from gateway_service.types_surveys import to_survey

StoreAnswer = TypeVar("StoreAnswer", stores_pb.ArchiveStoreResponse, stores_pb.RestoreStoreResponse)
SurveyAnswer = TypeVar("SurveyAnswer", pb.DefineSurveyResponse, pb.CloseSurveyResponse)

_MESSAGES = {
    "ALREADY_COMPLETED": "the survey was finished before",
    "CLOSED": "the survey is over: ask for another",
}


@strawberry.type
class ShopMutations:
    """The part of Mutation about stores and surveys."""

    @mutation("Writes stores, each by itself.")
    async def upsert_stores(
        self,
        info: AppInfo,
        input: inputs_shops.UpsertStoresInput,
    ) -> results_shops.UpsertStoresResult:
        """Profile's UpsertStores."""
        context = info.context
        request = stores_pb.UpsertStoresRequest(
            request_id=str(input.request_id), stores=[one.to_proto() for one in input.stores]
        )
        answer = await or_refused(
            context.call(context.clients.stores.UpsertStores, request), results_shops.StoreRefused
        )
        if isinstance(answer, results_shops.StoreRefused):
            return answer
        return results_shops.UpsertStoresSuccess(
            results=[
                UpsertStoreResult(
                    outcome=convert.to_enum(UpsertStoreOutcome, one.outcome),
                    store=to_store(one.store) if one.HasField("store") else None,
                )
                for one in answer.results
            ]
        )

    @mutation("Takes a store out of lists.")
    async def archive_store(
        self,
        info: AppInfo,
        input: inputs_shops.ArchiveStoreInput,
    ) -> results_shops.StoreResult:
        """Profile's ArchiveStore."""
        context = info.context
        request = stores_pb.ArchiveStoreRequest(
            request_id=str(input.request_id), store_id=str(input.store_id)
        )
        return await _store_result(context.call(context.clients.stores.ArchiveStore, request))

    @mutation("Brings an archived store back.")
    async def restore_store(
        self,
        info: AppInfo,
        input: inputs_shops.RestoreStoreInput,
    ) -> results_shops.StoreResult:
        """Profile's RestoreStore."""
        context = info.context
        request = stores_pb.RestoreStoreRequest(
            request_id=str(input.request_id), store_id=str(input.store_id)
        )
        return await _store_result(context.call(context.clients.stores.RestoreStore, request))

    @mutation("Writes the next version of a survey.")
    async def define_survey(
        self,
        info: AppInfo,
        input: inputs_shops.DefineSurveyInput,
    ) -> results_shops.SurveyResult:
        """Profile's DefineSurvey."""
        context = info.context
        request = pb.DefineSurveyRequest(request_id=str(input.request_id), survey=input.to_proto())
        return await _survey_result(context.call(context.clients.surveys.DefineSurvey, request))

    @mutation("Ends a survey for everybody.")
    async def close_survey(
        self,
        info: AppInfo,
        input: inputs_shops.CloseSurveyInput,
    ) -> results_shops.SurveyResult:
        """Profile's CloseSurvey."""
        context = info.context
        request = pb.CloseSurveyRequest(
            request_id=str(input.request_id), survey_id=str(input.survey_id)
        )
        return await _survey_result(context.call(context.clients.surveys.CloseSurvey, request))

    @mutation("Keeps answers to a survey; what they say becomes fields of the customer at once.")
    async def answer_survey(
        self,
        info: AppInfo,
        input: inputs_shops.AnswerSurveyInput,
    ) -> results_shops.AnswerSurveyResult:
        """Profile's AnswerSurvey; outcomes that changed nothing are refusals."""
        context = info.context
        request = pb.AnswerSurveyRequest(
            request_id=str(input.request_id),
            respondent=input.respondent.to_proto() if input.respondent else None,
            survey_id=str(input.survey_id),
            version=input.version,
            answers=[one.to_proto() for one in input.answers],
            finish=input.finish,
        )
        answer = await or_refused(
            context.call(context.clients.surveys.AnswerSurvey, request),
            results_shops.SurveyRefused,
        )
        if isinstance(answer, results_shops.SurveyRefused):
            return answer
        outcome = pb.AnswerSurveyOutcome.Name(answer.outcome).removeprefix("ANSWER_SURVEY_OUTCOME_")
        if outcome in _MESSAGES:
            return results_shops.SurveyRefused(code=outcome, message=_MESSAGES[outcome], field=None)
        return results_shops.AnswerSurveySuccess(
            completed=outcome == "COMPLETED",
            missing_question_ids=[strawberry.ID(one) for one in answer.missing_question_ids],
            product_ids=[strawberry.ID(one) for one in answer.product_ids],
            customer_id=strawberry.ID(answer.customer_id) if answer.customer_id else None,
            changes=[to_change(one) for one in answer.changes],
            changes_pending=answer.changes_pending,
        )


async def _store_result(
    call: Awaitable[StoreAnswer],
) -> results_shops.StoreSuccess | results_shops.StoreRefused:
    answer = await or_refused(call, results_shops.StoreRefused)
    if isinstance(answer, results_shops.StoreRefused):
        return answer
    return results_shops.StoreSuccess(store=to_store(answer.store))


async def _survey_result(
    call: Awaitable[SurveyAnswer],
) -> results_shops.SurveySuccess | results_shops.SurveyRefused:
    answer = await or_refused(call, results_shops.SurveyRefused)
    if isinstance(answer, results_shops.SurveyRefused):
        return answer
    return results_shops.SurveySuccess(survey=to_survey(answer.survey))
