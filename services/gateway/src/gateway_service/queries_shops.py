"""What can be asked of stores, surveys and the day."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry
from dangol.profile.v1 import insight_service_pb2 as insight_pb
from dangol.profile.v1 import store_service_pb2 as stores_pb
from dangol.profile.v1 import survey_service_pb2 as surveys_pb
from dangol_service_kit.errors import RpcFailure
from grpc import StatusCode

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo
from gateway_service.fields import argument, resolver
from gateway_service.inputs import IdentifierInput
from gateway_service.types_stores import (
    FigureScope,
    FigureUnit,
    Store,
    StoreFiguresReport,
    to_figures,
    to_store,
)
from gateway_service.types_surveys import ServedSurvey, Survey, to_served, to_survey
from gateway_service.types_today import Today, open_day

# The purchases of everybody are read.
_FIGURES_SECONDS = 60.0


@strawberry.type
class ShopQueries:
    """The part of Query about stores, surveys and the day."""

    @resolver("Stores, of all regions or one. Staff get their own.")
    async def stores(
        self,
        info: AppInfo,
        *,
        first: int | None = None,
        after: str | None = None,
        region: str | None = None,
        zone: str | None = None,
        include_archived: bool = False,
    ) -> Connection[Store] | None:
        """A page of stores, in order of id."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[stores_pb.Store]:
            request = stores_pb.ListStoresRequest(
                region=region or "",
                zone=zone or "",
                include_archived=include_archived,
                page_size=page_size,
                page_token=page_token,
            )
            answer = await context.call(context.clients.stores.ListStores, request)
            return Page(answer.stores, answer.next_page_token)

        return await connect(first, after, load, to_store)

    @resolver("One store; null when there is none.")
    async def store(self, info: AppInfo, id: strawberry.ID) -> Store | None:
        """By its id."""
        context = info.context
        request = stores_pb.GetStoreRequest(store_id=id)
        try:
            answer = await context.call(context.clients.stores.GetStore, request)
        except RpcFailure as failure:
            _raise_unless_missing(failure)
            return None
        return to_store(answer.store)

    @resolver("Figures over time of stores, regions or the tenant (docs/insight.md).")
    async def store_figures(
        self,
        info: AppInfo,
        scope: FigureScope,
        unit: FigureUnit,
        first_date: Annotated[dt.date, argument("In the first period, in the tenant's zone.")],
        last_date: Annotated[dt.date, argument("In the last; at most 100 periods.")],
        *,
        scope_ids: Annotated[
            list[strawberry.ID] | None, argument("These stores or regions; all if absent.")
        ] = None,
        lost_after_days: Annotated[
            int | None, argument("Quiet for so long counts as lost; 90 if absent.")
        ] = None,
        risk_after_days: Annotated[
            int | None, argument("Quiet for so long is a risk; 60 if absent.")
        ] = None,
    ) -> StoreFiguresReport | None:
        """Profile's ListStoreFigures."""
        context = info.context
        request = insight_pb.ListStoreFiguresRequest(
            scope=f"FIGURE_SCOPE_{scope.name}",
            unit=f"FIGURE_UNIT_{unit.name}",
            first_date=first_date.isoformat(),
            last_date=last_date.isoformat(),
            scope_ids=[str(one) for one in scope_ids or ()],
            lost_after_days=lost_after_days or 0,
            risk_after_days=risk_after_days or 0,
        )
        method = context.clients.insight.ListStoreFigures
        answer = await context.call(method, request, timeout_seconds=_FIGURES_SECONDS)
        return StoreFiguresReport(
            as_of=convert.to_required_datetime(answer, "as_of"),
            figures=[to_figures(one) for one in answer.figures],
        )

    @resolver("A shop owner's day: whom the shop misses, what is at risk, what to do next.")
    async def today(
        self,
        info: AppInfo,
        store_id: Annotated[
            strawberry.ID | None, argument("Figures and tasks of this store; of all if absent.")
        ] = None,
    ) -> Today | None:
        """Its parts are asked for one by one, and fail one by one."""
        return await open_day(info.context, store_id)

    @resolver("The newest version of each survey.")
    async def surveys(
        self, info: AppInfo, first: int | None = None, after: str | None = None
    ) -> Connection[Survey] | None:
        """A page of surveys, in order of id."""
        context = info.context

        async def load(page_size: int, page_token: str) -> Page[surveys_pb.Survey]:
            request = surveys_pb.ListSurveysRequest(page_size=page_size, page_token=page_token)
            answer = await context.call(context.clients.surveys.ListSurveys, request)
            return Page(answer.surveys, answer.next_page_token)

        return await connect(first, after, load, to_survey)

    @resolver("One survey, its newest version or another; null when there is none.")
    async def survey(
        self, info: AppInfo, id: strawberry.ID, version: int | None = None
    ) -> Survey | None:
        """By its id."""
        context = info.context
        request = surveys_pb.GetSurveyRequest(survey_id=id, version=version or 0)
        try:
            answer = await context.call(context.clients.surveys.GetSurvey, request)
        except RpcFailure as failure:
            _raise_unless_missing(failure)
            return None
        return to_survey(answer.survey)

    @resolver("The survey that fits somebody now; null when none does.")
    async def survey_for(
        self,
        info: AppInfo,
        respondent: Annotated[
            IdentifierInput | None,
            argument("Who is asked. Customers leave it out; visitors name their device."),
        ] = None,
        language: Annotated[str | None, argument("Of the texts; the tenant's if absent.")] = None,
        survey_id: Annotated[strawberry.ID | None, argument("Only this one.")] = None,
    ) -> ServedSurvey | None:
        """Profile's ServeSurvey."""
        context = info.context
        request = surveys_pb.ServeSurveyRequest(
            respondent=respondent.to_proto() if respondent else None,
            language=language or "",
            survey_id=survey_id or "",
        )
        try:
            answer = await context.call(context.clients.surveys.ServeSurvey, request)
        except RpcFailure as failure:
            _raise_unless_missing(failure)
            return None
        return to_served(answer.survey) if answer.HasField("survey") else None


def _raise_unless_missing(failure: RpcFailure) -> None:
    if failure.code.status is not StatusCode.NOT_FOUND:
        raise failure
