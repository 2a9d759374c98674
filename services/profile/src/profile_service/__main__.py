"""The profile process: the only place that wires its parts."""

from __future__ import annotations

import asyncio
import os

from dangol.profile.v1.contact_service_pb2_grpc import add_ContactServiceServicer_to_server
from dangol.profile.v1.customer_service_pb2_grpc import add_CustomerServiceServicer_to_server
from dangol.profile.v1.event_service_pb2_grpc import add_EventServiceServicer_to_server
from dangol.profile.v1.privacy_service_pb2_grpc import add_PrivacyServiceServicer_to_server
from dangol.profile.v1.tenant_service_pb2_grpc import add_TenantServiceServicer_to_server
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_service_kit import client, config, tls
from dangol_service_kit.auth import ServiceCredentials, verifier_of
from dangol_service_kit.clock import Clock
from dangol_service_kit.metrics_process import Dependencies
from dangol_service_kit.server import Server, run_service, stop_on_signals

from profile_service import (
    rpc_contacts,
    rpc_customers,
    rpc_events,
    rpc_fields,
    rpc_imports,
    rpc_privacy,
    rpc_searches,
    rpc_tenants,
    store,
)
from profile_service.config import ProfileConfig
from profile_service.relay import Relay
from profile_service.rpc_exports import Exported
from profile_service.rpc_presenter import Presenter
from profile_service.rpc_publishable_keys import add_publishable_keys
from profile_service.rpc_readings import Discloser
from profile_service.rpc_sandboxes import add_sandboxes
from profile_service.rpc_shop_parts import Ways, add_figures, add_stores, add_surveys
from profile_service.sealing import Vault
from profile_service.service_answers import AnswerService
from profile_service.service_consents import ConsentService
from profile_service.service_contacts import ContactService
from profile_service.service_customers import CustomerService
from profile_service.service_erasure import EraserService, Places
from profile_service.service_facts_parts import add_facts
from profile_service.service_history import HistoryService
from profile_service.service_identify import IdentifyService
from profile_service.service_merge import Merger
from profile_service.service_meters import open_meters
from profile_service.service_product_backfill import ProductBackfill
from profile_service.service_product_news import NewsTeller
from profile_service.service_product_parts import add_products
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_reindex import Reindexer
from profile_service.service_renewals import RenewalService
from profile_service.service_ring import RingWatch, open_vault
from profile_service.service_rotation import KeyRotator
from profile_service.service_segment_members import SegmentMembers
from profile_service.service_segmentation import EVALUATE, Segmentation
from profile_service.service_tenants import StoreDirectory, TenantService
from profile_service.store_consents import ConsentStore
from profile_service.store_contacts import ContactStore
from profile_service.store_customers import CustomerStore
from profile_service.store_erasures import ErasureStore
from profile_service.store_events import EventStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_intents import IntentStore
from profile_service.store_merges import MergeStore
from profile_service.store_notices import NoticeStore
from profile_service.store_product_backfill import ProductBackfillStore
from profile_service.store_profits import ProfitStore
from profile_service.store_readings import ReadingStore
from profile_service.store_reindex import ReindexStore
from profile_service.store_requests import RequestStore
from profile_service.store_rotations import RotationStore
from profile_service.store_survey_responses import SurveyResponseStore
from profile_service.store_tenants import TenantStore

SERVICE = "profile"


async def serve(settings: ProfileConfig, stop: asyncio.Event) -> None:
    """Runs the service until `stop` is set."""
    mongodb = store.connect(settings.mongodb_uri, traced=bool(settings.otlp_endpoint))
    identity = tls.identity_of(settings)
    channel = client.connect(settings.segmentation_target, no_retry=[EVALUATE], identity=identity)
    try:
        database = store.open_database(mongodb, settings.mongodb_database)
        await store.set_up(database)
        credentials = ServiceCredentials(
            settings.service_key_file, settings.auth_issuer, settings.auth_audience, SERVICE
        )
        segmentation = Segmentation(EvaluationServiceStub(channel), credentials)
        members = SegmentMembers(SegmentServiceStub(channel), credentials)
        vault, watch = await open_vault(settings)
        server = _server(settings)
        Dependencies(server.metrics, {"mongodb": lambda: mongodb.admin.command("ping")})
        relay, exported, others = _wire(server, database, segmentation, vault)
        _add_contacts(server, database, vault)
        add_stores(server, database, vault)
        add_figures(server, database, vault, members)
        add_facts(server, database, vault)
        rpc_searches.add_searches(server, database, vault)
        add_publishable_keys(server, database, settings)
        add_sandboxes(server, database, vault)
        rotator = _rotator(settings, database, vault, watch)
        eraser = _eraser(settings, database, segmentation, vault)
        renewals = _renewals(database, vault)
        rotations = RotationStore(database)
        readings = ReadingStore(database)
        rpc = rpc_privacy.PrivacyRpc(
            rotations, eraser, exported, renewals, vault, readings=readings
        )
        server.add(add_PrivacyServiceServicer_to_server, rpc, rpc_privacy.SERVICE_NAME)
        reindexer = Reindexer(ReindexStore(database, vault))
        backfill = ProductBackfill(ProductBackfillStore(database))
        workers = (relay, watch, rotator, eraser, reindexer, backfill, *others)
        tasks = [asyncio.create_task(one.run(stop)) for one in workers]
        await server.run(stop)
        await asyncio.gather(*tasks)
    finally:
        await channel.close()
        mongodb.close()


def _wire(
    server: Server, database: object, segmentation: Segmentation, vault: Vault
) -> tuple[Relay, Exported, tuple[AnswerService, NewsTeller]]:
    customers, log = CustomerStore(database, vault), ConsentStore(database, vault)
    events, intents, merges = EventStore(database), IntentStore(database), MergeStore(database)
    meters = open_meters(server.metrics, intents)
    directory = StoreDirectory(tenants := TenantStore(database))
    clock = Clock(directory, directory.reading)
    registry = Registry(customers, IdentifierStore(database, vault), vault)
    merger = _merger(database, vault, merges, segmentation)
    consents = ConsentService(
        directory=directory,
        clock=clock,
        log=log,
        notices=NoticeStore(database),
        customers=customers,
        registry=registry,
        intents=intents,
        segmentation=segmentation,
    )
    relay = Relay(
        clock=clock,
        registry=registry,
        merger=merger,
        consents=consents,
        intents=intents,
        segmentation=segmentation,
        meters=meters,
    )
    recorder = Recorder(
        directory=directory,
        clock=clock,
        registry=registry,
        vault=vault,
        events=events,
        intents=intents,
        segmentation=segmentation,
        meters=meters,
    )
    reading = CustomerService(
        customers=customers,
        registry=registry,
        vault=vault,
        events=events,
        intents=intents,
        segmentation=segmentation,
        clock=clock,
        merges=merges,
    )
    identify = IdentifyService(
        clock=clock,
        registry=registry,
        merger=merger,
        requests=RequestStore(database),
        intents=intents,
        segmentation=segmentation,
    )
    ways = Ways(directory, clock, registry, vault, reading, identify, recorder)
    news = add_products(server, database, ways)
    tenancy = TenantService(tenants, directory, news.flushing(relay.flush))
    answers = add_surveys(server, database, ways)
    fields = rpc_fields.add_fields(server, database, vault)
    rpc_imports.add_imports(server, database, ways)
    people = rpc_customers.CustomerRpc(
        reading, identify, consents, _presenter(database, reading), vault, fields=fields
    )
    history = HistoryService(customers, registry, vault, events, intents)
    _add(server, rpc_tenants.TenantRpc(tenancy), rpc_events.EventRpc(recorder, history), people)
    return relay, _exported(database, vault, reading, consents), (answers, news)


def _exported(
    database: object, vault: Vault, reading: CustomerService, consents: ConsentService
) -> Exported:
    return Exported(
        reading,
        IdentifierStore(database, vault),
        consents,
        ContactStore(database, vault),
        _presenter(database, reading),
        SurveyResponseStore(database, vault),
        ProfitStore(database),
        ReadingStore(database),
    )


def _presenter(database: object, reading: CustomerService) -> Presenter:
    directory = StoreDirectory(TenantStore(database))
    return Presenter(reading, directory, Discloser(ReadingStore(database)))


def _merger(
    database: object, vault: Vault, merges: MergeStore, segmentation: Segmentation
) -> Merger:
    return Merger(
        customers=CustomerStore(database, vault),
        identifiers=IdentifierStore(database, vault),
        consents=ConsentStore(database, vault),
        erasures=ErasureStore(database),
        intents=IntentStore(database),
        segmentation=segmentation,
        log=merges,
    )


def _add_contacts(server: Server, database: object, vault: Vault) -> None:
    registry = Registry(CustomerStore(database, vault), IdentifierStore(database, vault), vault)
    contacts = ContactService(registry, ContactStore(database, vault))
    rpc = rpc_contacts.ContactRpc(contacts)
    server.add(add_ContactServiceServicer_to_server, rpc, rpc_contacts.SERVICE_NAME)


def _rotator(
    settings: ProfileConfig, database: object, vault: Vault, watch: RingWatch
) -> KeyRotator:
    return KeyRotator(
        directory=StoreDirectory(TenantStore(database)),
        rotations=RotationStore(database),
        vault=vault,
        ring=watch.ring,
        settle_seconds=settings.rotation_settle_seconds,
    )


def _renewals(database: object, vault: Vault) -> RenewalService:
    directory = StoreDirectory(TenantStore(database))
    customers = CustomerStore(database, vault)
    clock = Clock(directory, directory.reading)
    return RenewalService(directory, clock, customers, NoticeStore(database))


def _eraser(
    settings: ProfileConfig, database: object, segmentation: Segmentation, vault: Vault
) -> EraserService:
    directory = StoreDirectory(TenantStore(database))
    places = Places(
        customers=CustomerStore(database, vault),
        identifiers=IdentifierStore(database, vault),
        events=EventStore(database),
        consents=ConsentStore(database, vault),
        survey_responses=SurveyResponseStore(database, vault),
        profits=ProfitStore(database),
    )
    return EraserService(
        directory=directory,
        clock=Clock(directory, directory.reading),
        registry=Registry(places.customers, places.identifiers, vault),
        places=places,
        erasures=ErasureStore(database),
        segmentation=segmentation,
        settle_seconds=settings.erasure_settle_seconds,
    )


def _add(
    server: Server,
    tenant_rpc: rpc_tenants.TenantRpc,
    event_rpc: rpc_events.EventRpc,
    customer_rpc: rpc_customers.CustomerRpc,
) -> None:
    server.add(add_TenantServiceServicer_to_server, tenant_rpc, rpc_tenants.SERVICE_NAME)
    server.add(
        add_EventServiceServicer_to_server,
        event_rpc,
        rpc_events.SERVICE_NAME,
        write_only=["RecordEvents"],
    )
    server.add(
        add_CustomerServiceServicer_to_server,
        customer_rpc,
        rpc_customers.SERVICE_NAME,
        write_only=["IdentifyCustomer"],
    )


def _server(settings: ProfileConfig) -> Server:
    return Server(settings, verifier_of(settings), SERVICE)


async def main() -> None:
    """Reads the environment and serves until SIGTERM or SIGINT."""
    settings = config.load(ProfileConfig, os.environ)
    await serve(settings, stop_on_signals())


if __name__ == "__main__":
    run_service(main)
