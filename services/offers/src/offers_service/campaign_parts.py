"""The campaigns' half of the process, put together for __main__ and for tests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import grpc
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_service_kit.bus import BusConsumer
from dangol_service_kit.clock import Clock
from dangol_service_kit.keys import TenantKeys
from dangol_service_kit.tenants import TenantDirectory

from offers_service.advance import ClockLeader, OtherClocks
from offers_service.consumer import GROUP, STREAM, MembershipConsumer
from offers_service.delivery_parts import DeliveryParts
from offers_service.enroller import Enroller
from offers_service.relay import EventSender, Relay
from offers_service.reports import ProfilePurchases, Reporter
from offers_service.rpc_campaigns import CampaignServicer
from offers_service.rpc_clock import ClockServicer
from offers_service.service_campaigns import CampaignService
from offers_service.service_ledger import CouponLedger
from offers_service.store_campaigns import CampaignStore
from offers_service.store_clocks import ClockStore
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_offers import OfferStore
from offers_service.store_positions import PositionStore
from offers_service.store_relay import RelayStore
from offers_service.store_triggers import TriggerStore
from offers_service.timers import SegmentationStanding, Sweeper, Timers


class CampaignParts:
    """Servicers to add to the server, `prepare` before and `run` beside it."""

    def __init__(
        self,
        *,
        database: Any,
        redis: Any,
        profile: grpc.aio.Channel,
        segmentation: grpc.aio.Channel,
        token: Callable[[str], str],
        directory: TenantDirectory,
        clock: Clock,
        clocks: ClockStore,
        keys: TenantKeys,
        ledger: CouponLedger,
        offers: OfferStore,
        delivery: DeliveryParts,
    ) -> None:
        self._campaigns = CampaignStore(database)
        self._enrolments = EnrolmentStore(database)
        self._triggers = TriggerStore(database)
        self._relay_store = RelayStore(database)
        self._redis = redis
        segments = SegmentServiceStub(segmentation)
        events = EventServiceStub(profile)
        self.enroller = Enroller(
            campaigns=self._campaigns,
            enrolments=self._enrolments,
            triggers=self._triggers,
            ledger=ledger,
            directory=directory,
            clock=clock,
            keys=keys,
        )
        self.consumer = MembershipConsumer(PositionStore(database), self.enroller, segments, token)
        sender = EventSender(events, token)
        self.relay = Relay(self._relay_store, sender, directory)
        self._teller = delivery.teller(sender, self.relay.pending)
        standing = SegmentationStanding(segments, token)
        self.timers = Timers(self._triggers, self._campaigns, self.enroller, ledger, standing)
        self._sweeper = Sweeper(self.timers, directory)
        leader = ClockLeader(
            clocks=clocks,
            directory=directory,
            others=OtherClocks(TenantServiceStub(profile), ClockServiceStub(segmentation), token),
            consumer=self.consumer,
            enroller=self.enroller,
            timers=self.timers,
            relay=self.relay,
            messages=delivery.dispatcher,
            news=self._teller,
        )
        service = CampaignService(self._campaigns, self._enrolments, offers)
        reporter = Reporter(self._enrolments, ledger, ProfilePurchases(events, token))
        self.campaign_servicer = CampaignServicer(service, reporter, clock)
        self.clock_servicer = ClockServicer(leader)

    async def prepare(self) -> None:
        """Creates collections and indexes; harmless to repeat."""
        for store in (self._campaigns, self._enrolments, self._triggers, self._relay_store):
            await store.prepare()

    async def run(self) -> None:
        """Consumes, relays and fires timers until cancelled."""
        bus = BusConsumer(
            self._redis, STREAM, GROUP, socket.gethostname(), self.consumer.on_entries
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(bus.run())
            group.create_task(self.consumer.run_sweeps())
            group.create_task(self.consumer.run_saves())
            group.create_task(self.relay.run())
            group.create_task(self._teller.run())
            group.create_task(self._sweeper.run())
