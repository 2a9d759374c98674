"""The parts of products over a database that no service serves: a test says who does what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from dangol.events.v1.event_pb2 import Event
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.client import connect
from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.metrics import Metrics
from profile_service import store
from profile_service.config import ProfileConfig
from profile_service.domain import Tenant
from profile_service.products import Details, Upsert
from profile_service.service_meters import Meters
from profile_service.service_product_news import NewsTeller
from profile_service.service_products import ProductService
from profile_service.service_record import Recorded, Recorder
from profile_service.service_registry import Registry
from profile_service.service_ring import open_vault
from profile_service.service_segmentation import Segmentation
from profile_service.service_tenants import StoreDirectory
from profile_service.store_customers import CustomerStore
from profile_service.store_events import EventStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_intents import IntentStore
from profile_service.store_product_events import ProductEventStore
from profile_service.store_product_insight import ProductInsightStore
from profile_service.store_product_news import ProductNewsStore
from profile_service.store_products import ProductStore
from profile_service.store_tenants import TenantStore

SHOP = "shop"


class ReplicaDiedError(Exception):
    """What the test's replica dies of."""


class DyingRecorder:
    """Records so many batches, then dies behind the last one: nothing after it happens."""

    def __init__(self, recorder: Recorder, batches: int) -> None:
        self._recorder = recorder
        self._batches = batches

    async def record(
        self, tenant_id: str, events: Sequence[Event], only_customer_id: str | None = None
    ) -> Recorded:
        """As Recorder.record."""
        recorded = await self._recorder.record(tenant_id, events, only_customer_id)
        self._batches -= 1
        if self._batches == 0:
            raise ReplicaDiedError
        return recorded


@dataclass
class Unserved:
    """One tenant's data, and the parts that work on it."""

    recorder: Recorder
    registry: Registry
    clock: Clock
    database: Any

    def teller(self, recorder: Any = None, later_ms: int = 0) -> NewsTeller:
        """One replica's worker, whose clock is so much later."""
        return NewsTeller(
            clock=self.clock,
            registry=self.registry,
            recorder=recorder or self.recorder,
            catalogue=ProductStore(self.database),
            news=ProductNewsStore(self.database),
            events=ProductEventStore(self.database),
            insight=ProductInsightStore(self.database),
            wall_ms=lambda: wall_ms() + later_ms,
        )

    def service(self, list_news: Any) -> ProductService:
        """Upserts, with what they do about news."""
        return ProductService(self.clock, ProductStore(self.database), list_news)


@asynccontextmanager
async def unserved(settings: ProfileConfig, database_name: str) -> AsyncIterator[Unserved]:
    """Parts over an empty database with a tenant. Segmentation is the fake that settings name."""
    mongodb = store.connect(settings.mongodb_uri)
    async with connect(settings.segmentation_target) as channel:
        yield await _wire(settings, store.open_database(mongodb, database_name), channel)
    mongodb.close()


async def _wire(settings: ProfileConfig, database: Any, channel: grpc.aio.Channel) -> Unserved:
    await store.set_up(database)
    tenants = TenantStore(database)
    await tenants.insert(Tenant(SHOP, SHOP, "Asia/Seoul", "KRW", "ko", False, wall_ms()))
    directory = StoreDirectory(tenants)
    clock = Clock(directory, directory.reading)
    vault, _ = await open_vault(settings)
    registry = Registry(CustomerStore(database, vault), IdentifierStore(database, vault), vault)
    credentials = ServiceCredentials(
        settings.service_key_file, settings.auth_issuer, settings.auth_audience, "profile"
    )
    recorder = Recorder(
        directory=directory,
        clock=clock,
        registry=registry,
        vault=vault,
        events=EventStore(database),
        intents=IntentStore(database),
        segmentation=Segmentation(EvaluationServiceStub(channel), credentials),
        meters=Meters(Metrics("products")),
    )
    return Unserved(recorder, registry, clock, database)


def priced(price: int, request: bytes) -> Upsert:
    """The product `p` at a price."""
    return Upsert(SHOP, "p", Details(price=price), ("price",), 0, request, request)
