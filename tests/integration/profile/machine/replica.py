"""One profile process without its network: the real services on real stores."""

from __future__ import annotations

from typing import Any

from dangol_service_kit.clock import Clock
from dangol_service_kit.metrics import Metrics
from profile_service.relay import Relay
from profile_service.sealing import Vault
from profile_service.service_consents import ConsentService
from profile_service.service_customers import CustomerService
from profile_service.service_erasure import EraserService, Places
from profile_service.service_facts_parts import facts_service
from profile_service.service_identify import IdentifyService
from profile_service.service_merge import Merger
from profile_service.service_meters import Meters
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_segmentation import Segmentation
from profile_service.service_tenants import StoreDirectory
from profile_service.store_consents import ConsentStore
from profile_service.store_customers import CustomerStore
from profile_service.store_erasures import ErasureStore
from profile_service.store_events import EventStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_intents import IntentStore
from profile_service.store_merges import MergeStore
from profile_service.store_notices import NoticeStore
from profile_service.store_profits import ProfitStore
from profile_service.store_requests import RequestStore
from profile_service.store_survey_responses import SurveyResponseStore
from profile_service.store_tenants import TenantStore

from tests.integration.profile.machine.faulty import Faults, FaultyDatabase

SETTLE_SECONDS = 2.0


class Wall:
    """Wall time, as the machine has it."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


class Replica:
    """Wired as profile_service.__main__ does it."""

    def __init__(self, database: Any, vault: Vault, segmentation: Segmentation, wall: Wall) -> None:
        self.faults = Faults()
        faulty: Any = FaultyDatabase(database, self.faults)
        directory = StoreDirectory(TenantStore(faulty))
        clock = Clock(directory, directory.reading, wall)
        customers, identifiers = CustomerStore(faulty, vault), IdentifierStore(faulty, vault)
        events, intents = EventStore(faulty), IntentStore(faulty)
        log, erasures, merges = (
            ConsentStore(faulty, vault),
            ErasureStore(faulty),
            MergeStore(faulty),
        )
        meters = Meters(Metrics(), wall)
        self.identifiers, self.customers = identifiers, customers
        self.tenants, self.clock = TenantStore(faulty), clock
        self.registry = Registry(customers, identifiers, vault)
        shared: dict[str, Any] = {"intents": intents, "segmentation": segmentation}
        timed: dict[str, Any] = {**shared, "wall_ms": wall}
        merger = Merger(
            customers=customers,
            identifiers=identifiers,
            consents=log,
            erasures=erasures,
            log=merges,
            **timed,
        )
        consents = ConsentService(
            directory=directory,
            clock=clock,
            log=log,
            notices=NoticeStore(faulty),
            customers=customers,
            registry=self.registry,
            **shared,
        )
        self.relay = Relay(
            clock=clock,
            registry=self.registry,
            merger=merger,
            consents=consents,
            meters=meters,
            **timed,
        )
        everything: dict[str, Any] = {**timed, "clock": clock, "registry": self.registry}
        self.recorder = Recorder(
            directory=directory, vault=vault, events=events, meters=meters, **everything
        )
        self.reading = CustomerService(
            customers=customers, vault=vault, events=events, merges=merges, **everything
        )
        self.identify = IdentifyService(merger=merger, requests=RequestStore(faulty), **everything)
        self.eraser = self._eraser(faulty, vault, segmentation, wall)
        self.facts = facts_service(faulty, vault)

    def _eraser(
        self, faulty: Any, vault: Vault, segmentation: Segmentation, wall: Wall
    ) -> EraserService:
        directory = StoreDirectory(TenantStore(faulty))
        places = Places(
            customers=self.customers,
            identifiers=self.identifiers,
            events=EventStore(faulty),
            consents=ConsentStore(faulty, vault),
            survey_responses=SurveyResponseStore(faulty, vault),
            profits=ProfitStore(faulty),
        )
        return EraserService(
            directory=directory,
            clock=Clock(directory, directory.reading, wall),
            registry=self.registry,
            places=places,
            erasures=ErasureStore(faulty),
            segmentation=segmentation,
            settle_seconds=SETTLE_SECONDS,
            wall_ms=wall,
        )
