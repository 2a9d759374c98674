"""The parts of products, wired: __main__ calls this."""

from __future__ import annotations

from typing import Any, Protocol

from dangol.profile.v1.product_service_pb2_grpc import add_ProductServiceServicer_to_server
from dangol_service_kit.clock import Clock
from dangol_service_kit.server import Server

from profile_service import rpc_products
from profile_service.sealing import Vault
from profile_service.service_product_facts import ProductFactService, ProductRefresher
from profile_service.service_product_news import NewsTeller
from profile_service.service_products import ProductService
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_tenants import StoreDirectory
from profile_service.store_product_events import ProductEventStore
from profile_service.store_product_insight import ProductInsightStore
from profile_service.store_product_news import ProductNewsStore
from profile_service.store_products import ProductStore


class Shared(Protocol):
    """What products use of the service."""

    @property
    def directory(self) -> StoreDirectory: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def recorder(self) -> Recorder: ...

    @property
    def vault(self) -> Vault: ...


def add_products(server: Server, database: Any, shared: Shared) -> NewsTeller:
    """Adds ProductService; answers the worker that tells news."""
    catalogue, news = ProductStore(database), ProductNewsStore(database)
    events, insight = ProductEventStore(database), ProductInsightStore(database)
    teller = NewsTeller(
        clock=shared.clock,
        registry=shared.registry,
        recorder=shared.recorder,
        catalogue=catalogue,
        news=news,
        events=events,
        insight=insight,
    )
    parts = rpc_products.Parts(
        ProductService(shared.clock, catalogue, teller.list_news),
        ProductFactService(shared.registry, shared.vault, events, insight),
        news,
        events,
        shared.directory,
        shared.vault,
    )
    rpc = rpc_products.ProductRpc(parts)
    server.add(add_ProductServiceServicer_to_server, rpc, rpc_products.SERVICE_NAME)
    return teller


def product_refresher(database: Any, directory: StoreDirectory) -> ProductRefresher:
    """For the job that refreshes insight."""
    clock = Clock(directory, directory.reading)
    return ProductRefresher(clock, ProductEventStore(database), ProductInsightStore(database))
