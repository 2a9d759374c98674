"""What is wired for shops: stores, surveys and figures."""

from __future__ import annotations

from dataclasses import dataclass

from dangol.profile.v1.insight_service_pb2_grpc import add_InsightServiceServicer_to_server
from dangol.profile.v1.store_service_pb2_grpc import add_StoreServiceServicer_to_server
from dangol.profile.v1.survey_service_pb2_grpc import add_SurveyServiceServicer_to_server
from dangol_service_kit.clock import Clock
from dangol_service_kit.server import Server

from profile_service import rpc_insight, rpc_stores, rpc_surveys
from profile_service.sealing import Vault
from profile_service.service_answers import AnswerService
from profile_service.service_customers import CustomerService
from profile_service.service_fields import FieldService
from profile_service.service_identify import IdentifyService
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_respondents import Respondents
from profile_service.service_segment_reports import Members, SegmentReportService
from profile_service.service_shop_figures import ShopFiguresService
from profile_service.service_shop_totals import TotalsGauges
from profile_service.service_stores import StoreService
from profile_service.service_surveys import SurveyService
from profile_service.service_tenants import StoreDirectory
from profile_service.store_customers import CustomerStore
from profile_service.store_fields import FieldStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_segment_reports import SegmentReportStore
from profile_service.store_shop_figures import ShopFiguresStore
from profile_service.store_shop_totals import ShopTotalsStore
from profile_service.store_stores import StoreStore
from profile_service.store_survey_responses import SurveyResponseStore
from profile_service.store_surveys import SurveyStore
from profile_service.store_tenants import TenantStore


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways by which everything about customers goes, which surveys go too."""

    directory: StoreDirectory
    clock: Clock
    registry: Registry
    vault: Vault
    customers: CustomerService
    identify: IdentifyService
    recorder: Recorder


def add_stores(server: Server, database: object, vault: Vault) -> None:
    """StoreService."""
    rpc = rpc_stores.StoreRpc(StoreService(StoreStore(database)), vault)
    server.add(add_StoreServiceServicer_to_server, rpc, rpc_stores.SERVICE_NAME)


def add_surveys(server: Server, database: object, ways: Ways) -> AnswerService:
    """SurveyService; answers who finishes what a crash leaves, to be run."""
    surveys, responses = SurveyStore(database), SurveyResponseStore(database, ways.vault)
    defining = SurveyService(
        directory=ways.directory,
        clock=ways.clock,
        surveys=surveys,
        responses=responses,
        fields=FieldService(FieldStore(database)),
    )
    answers = AnswerService(
        clock=ways.clock,
        registry=ways.registry,
        respondents=Respondents(ways.registry, ways.identify, ways.clock),
        surveys=surveys,
        responses=responses,
        customers=ways.customers,
        recorder=ways.recorder,
    )
    rpc = rpc_surveys.SurveyRpc(defining, answers, ways.directory, ways.vault)
    server.add(add_SurveyServiceServicer_to_server, rpc, rpc_surveys.SERVICE_NAME)
    return answers


def add_figures(server: Server, database: object, vault: Vault, members: Members) -> None:
    """InsightService; members says who is in a segment."""
    directory = StoreDirectory(TenantStore(database))
    clock = Clock(directory, directory.reading)
    registry = Registry(CustomerStore(database, vault), IdentifierStore(database, vault), vault)
    store = SegmentReportStore(database)
    reports = SegmentReportService(clock, registry, members, store)
    figures = ShopFiguresService(directory, clock, ShopFiguresStore(database))
    rpc = rpc_insight.InsightRpc(figures, directory, reports)
    server.add(add_InsightServiceServicer_to_server, rpc, rpc_insight.SERVICE_NAME)
    TotalsGauges(server.metrics, ShopTotalsStore(database))
