"""Rules of access for stores, surveys, figures and the day."""

from __future__ import annotations

from collections.abc import Mapping

from dangol_service_kit.auth import Role

from gateway_service.access_roles import BACK_OFFICE, SHOPS, TENANT, WRITERS, Roles

_OWNERS: Roles = WRITERS | {Role.STAFF}
_STORE_WRITERS: Roles = frozenset({Role.ADMIN, Role.PARTNER})
_STORE_STEPS = ("upsertStores", "archiveStore", "restoreStore")
_ASKERS: Roles = SHOPS | {Role.CUSTOMER, Role.VISITOR}

SHOP_RULES: Mapping[str, Roles] = {
    # Stores
    **dict.fromkeys(("Query.stores", "Query.store"), BACK_OFFICE),
    **dict.fromkeys(("Store", "StoreConnection", "StoreEdge"), BACK_OFFICE),
    **dict.fromkeys((f"Mutation.{step}" for step in _STORE_STEPS), _STORE_WRITERS),
    **dict.fromkeys(("UpsertStoresSuccess", "UpsertStoreResult"), _STORE_WRITERS),
    **dict.fromkeys(("StoreSuccess", "StoreRefused"), _STORE_WRITERS),
    # Figures and the day
    **dict.fromkeys(("Query.storeFigures", "Query.today"), _OWNERS),
    **dict.fromkeys(("StoreFigures", "StoreFiguresReport", "Today"), _OWNERS),
    **dict.fromkeys(("MissedCustomers", "DueTask", "SuggestedAction"), _OWNERS),
    # Surveys
    **dict.fromkeys(("Query.surveys", "Query.survey"), BACK_OFFICE),
    **dict.fromkeys(("Survey", "SurveyConnection", "SurveyEdge"), BACK_OFFICE),
    **dict.fromkeys(("SurveyQuestion", "SurveyOption"), BACK_OFFICE),
    **dict.fromkeys(("Survey.funnel", "SurveyFunnel"), _OWNERS),
    **dict.fromkeys(("QuestionFigures", "OptionFigure"), _OWNERS),
    **dict.fromkeys(("Mutation.defineSurvey", "Mutation.closeSurvey", "SurveySuccess"), WRITERS),
    **dict.fromkeys(("Query.surveyFor", "Mutation.answerSurvey"), _ASKERS),
    **dict.fromkeys(("ServedSurvey", "ServedQuestion", "ServedOption"), _ASKERS),
    "AnswerSurveySuccess": _ASKERS,
    "SurveyRefused": TENANT,
}
