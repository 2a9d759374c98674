"""The parts of facts and profits, put together."""

from __future__ import annotations

from typing import Any

from dangol.profile.v1.facts_service_pb2_grpc import add_FactsServiceServicer_to_server
from dangol_service_kit.clock import Clock
from dangol_service_kit.server import Server

from profile_service import rpc_facts
from profile_service.sealing import Vault
from profile_service.service_facts import FactsService
from profile_service.service_profits import ProfitService
from profile_service.service_registry import Registry
from profile_service.service_tenants import StoreDirectory
from profile_service.store_customers import CustomerStore
from profile_service.store_events import EventStore
from profile_service.store_facts import FactsStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_profits import ProfitStore
from profile_service.store_tenants import TenantStore


def facts_service(database: Any, vault: Vault) -> FactsService:
    """Answers facts of customers."""
    directory = StoreDirectory(TenantStore(database))
    return FactsService(
        directory=directory,
        clock=Clock(directory, directory.reading),
        registry=_registry(database, vault),
        vault=vault,
        events=EventStore(database),
        facts=FactsStore(database),
        profits=ProfitStore(database),
    )


def profit_service(database: Any, vault: Vault) -> ProfitService:
    """Answers who brings most, and makes that list anew."""
    directory = StoreDirectory(TenantStore(database))
    return ProfitService(
        clock=Clock(directory, directory.reading),
        registry=_registry(database, vault),
        vault=vault,
        facts=FactsStore(database),
        profits=ProfitStore(database),
    )


def add_facts(server: Server, database: Any, vault: Vault) -> None:
    """Serves FactsService."""
    facts, profits = facts_service(database, vault), profit_service(database, vault)
    rpc = rpc_facts.FactsRpc(facts, profits, vault)
    server.add(add_FactsServiceServicer_to_server, rpc, rpc_facts.SERVICE_NAME)


def _registry(database: Any, vault: Vault) -> Registry:
    return Registry(CustomerStore(database, vault), IdentifierStore(database, vault), vault)
