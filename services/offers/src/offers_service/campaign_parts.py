"""The campaigns' half of the process, put together for __main__ and for tests."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_service_kit.bus import BusConsumer, Handler
from dangol_service_kit.clock import Clock
from dangol_service_kit.keys import TenantKeys
from dangol_service_kit.telemetry import Telemetry
from dangol_service_kit.tenants import TenantDirectory

from offers_service.advance import ClockLeader, OtherClocks
from offers_service.clients import ProfilePeople
from offers_service.clients_segments import Segments
from offers_service.consumer import GROUP, STREAM, MembershipConsumer
from offers_service.delivery_parts import DeliveryParts
from offers_service.enroller import Enroller
from offers_service.enroller_actions import Actions
from offers_service.keyring import Keyring
from offers_service.points_parts import AllDue, PointsParts
from offers_service.relay import Relay
from offers_service.relay_events import EventSender
from offers_service.relay_lanes import Follower
from offers_service.reports import ProfilePurchases, Reporter
from offers_service.reports_holdout import HoldoutReporter, Reporters
from offers_service.rpc_calendar import CalendarServicer
from offers_service.rpc_campaigns import CampaignServicer, Desks, RequestBook
from offers_service.rpc_clock import ClockServicer
from offers_service.rpc_tasks import TaskServicer
from offers_service.service_budgets import BudgetDesk
from offers_service.service_calendar import CalendarDesk
from offers_service.service_campaigns import CampaignService, Wording
from offers_service.service_delivery import Outbox
from offers_service.service_inherited import Inheritance
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_lists import ListEnroller
from offers_service.service_merges import MergeFollower
from offers_service.service_settlement import BudgetedGroup
from offers_service.service_tasks import TaskDesk
from offers_service.store_audiences import AudienceStore
from offers_service.store_campaigns import CampaignStore
from offers_service.store_clocks import ClockStore
from offers_service.store_contacts import ContactStore
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_gift_claims import GiftClaimStore
from offers_service.store_messages import MessageStore
from offers_service.store_offers import OfferStore
from offers_service.store_parked import ParkedStore
from offers_service.store_positions import PositionStore
from offers_service.store_relay import RelayStore
from offers_service.store_settings import SettingsStore
from offers_service.store_tasks import TaskStore
from offers_service.store_triggers import TriggerStore
from offers_service.timers import SegmentationStanding, Sweeper, Timers
from offers_service.timers_dates import DateTimers

Token = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where this process sits on the bus. listen: its own address."""

    redis: Any
    listen: str
    telemetry: Telemetry

    @property
    def name(self) -> str:
        """Replicas differ by host in a cluster, and by port where they share a machine."""
        return f"{socket.gethostname()}:{self.listen.rpartition(':')[2]}"

    def consumer(self, handler: Handler) -> BusConsumer:
        """What reads the membership changes."""
        return BusConsumer(self.redis, STREAM, GROUP, self.name, handler)


class CampaignStores:
    """The collections of the campaigns' half."""

    def __init__(self, database: Any) -> None:
        self.campaigns = CampaignStore(database)
        self.enrolments = EnrolmentStore(database)
        self.triggers = TriggerStore(database)
        self.audiences = AudienceStore(database)
        self.contacts = ContactStore(database)
        self.settings = SettingsStore(database)
        self.tasks = TaskStore(database)
        self.relay = RelayStore(database)
        self.parked = ParkedStore(database)
        self.claims = GiftClaimStore(database)

    async def prepare(self) -> None:
        """Creates collections and indexes; harmless to repeat."""
        for store in (
            self.campaigns,
            self.enrolments,
            self.triggers,
            self.audiences,
            self.contacts,
            self.settings,
            self.tasks,
            self.relay,
            self.parked,
        ):
            await store.prepare()

    def actions(
        self, ledger: CouponLedger, people: ProfilePeople, outbox: Outbox, lineage: Lineage
    ) -> Actions:
        """What acts on enrolled customers."""
        return Actions(
            ledger=ledger,
            contacts=self.contacts,
            tasks=self.tasks,
            people=people,
            outbox=outbox,
            ancestry=lineage,
        )

    def enroller(
        self,
        actions: Actions,
        *,
        members: Segments,
        directory: TenantDirectory,
        clock: Clock,
        keys: TenantKeys,
        inheritance: Inheritance,
    ) -> Enroller:
        """What enrols customers and has them acted on."""
        return Enroller(
            campaigns=self.campaigns,
            enrolments=self.enrolments,
            triggers=self.triggers,
            audiences=self.audiences,
            settings=self.settings,
            actions=actions,
            members=members,
            directory=directory,
            clock=clock,
            keys=keys,
            inheritance=inheritance,
        )

    def reporters(
        self,
        ledger: CouponLedger,
        purchases: ProfilePurchases,
        messages: MessageStore,
        lineage: Lineage,
    ) -> Reporters:
        """What makes the reports."""
        one = Reporter(
            enrolments=self.enrolments,
            ledger=ledger,
            purchases=purchases,
            claims=self.claims,
            messages=messages,
            ancestry=lineage,
        )
        over_all = HoldoutReporter(
            enrolments=self.enrolments,
            ledger=ledger,
            purchases=purchases,
            settings=self.settings,
        )
        return Reporters(one, over_all)

    def desks(
        self,
        enroller: Enroller,
        offers: OfferStore,
        segments: Segments,
        dates: DateTimers,
        reporters: Reporters,
        *,
        wording: Wording,
        budget: BudgetDesk,
    ) -> Desks:
        """The use cases of CampaignService."""
        return Desks(
            CampaignService(
                campaigns=self.campaigns,
                enrolments=self.enrolments,
                offers=offers,
                segments=segments,
                dates=dates,
                wording=wording,
            ),
            ListEnroller(self.campaigns, enroller),
            reporters,
            CalendarDesk(self.settings, self.campaigns, dates),
            budget,
        )


class CampaignParts:
    """Servicers to add to the server, `prepare` before and `run` beside it."""

    def __init__(
        self,
        *,
        database: Any,
        seat: Seat,
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
        people: ProfilePeople,
        points: PointsParts,
        budgets: BudgetedGroup,
        followers: Sequence[Follower],
        merges: MergeFollower,
        lineage: Lineage,
    ) -> None:
        stores, self._merges = CampaignStores(database), merges
        self.prepare = stores.prepare
        stub, events = SegmentServiceStub(segmentation), EventServiceStub(profile)
        segments, standing = Segments(stub, token), SegmentationStanding(stub, token)
        self.enroller = stores.enroller(
            stores.actions(ledger, people, delivery.outbox, lineage),
            members=segments,
            directory=directory,
            clock=clock,
            keys=keys,
            inheritance=Inheritance(lineage, stores.enrolments, merges),
        )
        dates = self._dates(stores, segments, directory)
        self._listen(seat, PositionStore(database), stub, token)
        sender = EventSender(events, token)
        self.relay = Relay(stores.relay, stores.parked, sender, directory, followers=followers)
        self._teller = delivery.teller(sender, self.relay.pending)
        self.timers = self._due(stores, AllDue(ledger, points.book, budgets), standing, dates)
        self._sweeper = Sweeper(self.timers, directory)
        self.leader = ClockLeader(
            clocks=clocks,
            directory=directory,
            others=OtherClocks(TenantServiceStub(profile), ClockServiceStub(segmentation), token),
            consumer=self.consumer,
            enroller=self.enroller,
            timers=self.timers,
            relay=self.relay,
            messages=delivery.dispatcher,
            news=self._teller,
            merges=merges,
        )
        desks = stores.desks(
            self.enroller,
            offers,
            segments,
            dates,
            stores.reporters(ledger, ProfilePurchases(events, token), delivery.store, lineage),
            wording=delivery.wording,
            budget=budgets.desk,
        )
        keyring = Keyring(keys)
        known = RequestBook(offers, keyring)
        self.campaign_servicer = CampaignServicer(desks, known, clock, directory)
        self.calendar_servicer = CalendarServicer(desks.calendar, offers, clock, directory)
        self.task_servicer = TaskServicer(TaskDesk(stores.tasks), clock, keyring)
        self.clock_servicer = ClockServicer(self.leader)

    def _listen(self, seat: Seat, positions: PositionStore, stub: Any, token: Token) -> None:
        self.consumer = MembershipConsumer(
            positions, self.enroller, stub, token, telemetry=seat.telemetry
        )
        self._bus = seat.consumer(self.consumer.on_entries)

    def _due(
        self,
        stores: CampaignStores,
        ledger: AllDue,
        standing: SegmentationStanding,
        dates: DateTimers,
    ) -> Timers:
        return Timers(
            triggers=stores.triggers,
            campaigns=stores.campaigns,
            enroller=self.enroller,
            ledger=ledger,
            standing=standing,
            dates=dates,
        )

    def _dates(
        self, stores: CampaignStores, segments: Segments, directory: TenantDirectory
    ) -> DateTimers:
        return DateTimers(
            campaigns=stores.campaigns,
            audiences=stores.audiences,
            enroller=self.enroller,
            members=segments,
            entries=stores.settings,
            directory=directory,
        )

    async def run(self) -> None:
        """Consumes, relays and fires timers until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._bus.run())
            group.create_task(self.consumer.run_sweeps())
            group.create_task(self.consumer.run_saves())
            group.create_task(self.relay.run())
            group.create_task(self._teller.run())
            group.create_task(self._sweeper.run())
            group.create_task(self._merges.run())

    async def leave(self, stop: asyncio.Event, limit_seconds: float) -> None:
        """Once `stop` is set, finishes and gives up what was read of the bus; `run` goes on."""
        await stop.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_seconds):
                await self._bus.leave()
