"""The profile process: the only place that wires its parts."""

from __future__ import annotations

import asyncio
import os

from dangol.profile.v1.contact_service_pb2_grpc import add_ContactServiceServicer_to_server
from dangol.profile.v1.customer_service_pb2_grpc import add_CustomerServiceServicer_to_server
from dangol.profile.v1.event_service_pb2_grpc import add_EventServiceServicer_to_server
from dangol.profile.v1.tenant_service_pb2_grpc import add_TenantServiceServicer_to_server
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_service_kit import client, config, keys, tls
from dangol_service_kit.auth import ServiceCredentials, verifier_from_file
from dangol_service_kit.clock import Clock
from dangol_service_kit.server import Server, run_service, stop_on_signals

from profile_service import rpc_contacts, rpc_customers, rpc_events, rpc_tenants, store
from profile_service.config import ProfileConfig
from profile_service.relay import Relay
from profile_service.rpc_presenter import Presenter
from profile_service.sealing import Vault
from profile_service.service_consents import ConsentService
from profile_service.service_contacts import ContactService
from profile_service.service_customers import CustomerService
from profile_service.service_history import HistoryService
from profile_service.service_identify import IdentifyService
from profile_service.service_merge import Merger
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_segmentation import EVALUATE, Segmentation
from profile_service.service_tenants import StoreDirectory, TenantService
from profile_service.store_consents import ConsentStore
from profile_service.store_contacts import ContactStore
from profile_service.store_customers import CustomerStore
from profile_service.store_events import EventStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_intents import IntentStore
from profile_service.store_requests import RequestStore
from profile_service.store_tenants import TenantStore

SERVICE = "profile"


async def serve(settings: ProfileConfig, stop: asyncio.Event) -> None:
    """Runs the service until `stop` is set."""
    mongodb = store.connect(settings.mongodb_uri)
    identity = tls.identity_of(settings)
    channel = client.connect(settings.segmentation_target, no_retry=[EVALUATE], identity=identity)
    try:
        database = store.open_database(mongodb, settings.mongodb_database)
        await store.set_up(database)
        credentials = ServiceCredentials(
            settings.service_key_file, settings.auth_issuer, settings.auth_audience, SERVICE
        )
        segmentation = Segmentation(EvaluationServiceStub(channel), credentials)
        server, relay = _wire(settings, database, segmentation)
        relaying = asyncio.create_task(relay.run(stop))
        await server.run(stop)
        await relaying
    finally:
        await channel.close()
        mongodb.close()


def _wire(
    settings: ProfileConfig, database: object, segmentation: Segmentation
) -> tuple[Server, Relay]:
    vault = Vault(keys.from_file(settings.master_key_file))
    tenants = TenantStore(database)
    customers = CustomerStore(database, vault)
    identifiers = IdentifierStore(database, vault)
    log = ConsentStore(database)
    events = EventStore(database)
    intents = IntentStore(database)
    directory = StoreDirectory(tenants)
    clock = Clock(directory, directory.reading)
    registry = Registry(customers, identifiers, vault)
    merger = Merger(
        customers=customers,
        identifiers=identifiers,
        consents=log,
        intents=intents,
        segmentation=segmentation,
    )
    consents = ConsentService(
        directory=directory,
        clock=clock,
        log=log,
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
    )
    recorder = Recorder(
        directory=directory,
        clock=clock,
        registry=registry,
        vault=vault,
        events=events,
        intents=intents,
        segmentation=segmentation,
    )
    reading = CustomerService(
        customers=customers,
        registry=registry,
        vault=vault,
        events=events,
        intents=intents,
        segmentation=segmentation,
    )
    identify = IdentifyService(
        clock=clock,
        registry=registry,
        merger=merger,
        requests=RequestStore(database),
        intents=intents,
        segmentation=segmentation,
    )
    history = HistoryService(customers, registry, vault, events, intents)
    tenant_rpc = rpc_tenants.TenantRpc(TenantService(tenants, directory, relay.flush))
    event_rpc = rpc_events.EventRpc(recorder, history)
    presenter = Presenter(reading, directory)
    customer_rpc = rpc_customers.CustomerRpc(reading, identify, consents, presenter, vault)
    contacts = ContactService(registry, ContactStore(database, vault))
    return _server(settings, tenant_rpc, event_rpc, customer_rpc, contacts), relay


def _server(
    settings: ProfileConfig,
    tenant_rpc: rpc_tenants.TenantRpc,
    event_rpc: rpc_events.EventRpc,
    customer_rpc: rpc_customers.CustomerRpc,
    contacts: ContactService,
) -> Server:
    verifier = verifier_from_file(
        settings.auth_jwks_file, settings.auth_issuer, settings.auth_audience
    )
    server = Server(settings, verifier, SERVICE)
    server.add(add_TenantServiceServicer_to_server, tenant_rpc, rpc_tenants.SERVICE_NAME)
    server.add(add_EventServiceServicer_to_server, event_rpc, rpc_events.SERVICE_NAME)
    server.add(add_CustomerServiceServicer_to_server, customer_rpc, rpc_customers.SERVICE_NAME)
    contact_rpc = rpc_contacts.ContactRpc(contacts)
    server.add(add_ContactServiceServicer_to_server, contact_rpc, rpc_contacts.SERVICE_NAME)
    return server


async def main() -> None:
    """Reads the environment and serves until SIGTERM or SIGINT."""
    settings = config.load(ProfileConfig, os.environ)
    await serve(settings, stop_on_signals())


if __name__ == "__main__":
    run_service(main)
