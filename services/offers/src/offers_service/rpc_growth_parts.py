"""How customers bring customers: the parts, put together for __main__."""

from __future__ import annotations

from typing import Any, Protocol

import grpc
from dangol.offers.v1 import (
    growth_service_pb2_grpc,
    invitation_service_pb2_grpc,
    staff_discount_service_pb2_grpc,
)
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.clock import Clock
from dangol_service_kit.server import Server
from dangol_service_kit.tenants import TenantDirectory

from offers_service import rpc_growth, rpc_invitations, rpc_staff
from offers_service.clients import ProfilePeople
from offers_service.clients_recipients import ProfileRecipients
from offers_service.keyring import Keyring
from offers_service.points_parts import PointsParts
from offers_service.relay import Follower
from offers_service.reports import ProfilePurchases
from offers_service.rpc_guessing import Guarded
from offers_service.service_gift_days import DayLimits
from offers_service.service_group import Group
from offers_service.service_guesses import GuessGuard
from offers_service.service_invitation_report import InvitationFollower, InvitationReporter
from offers_service.service_invitations import InvitationDesk, Rewards
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_reversals import Reversals
from offers_service.service_spread import SpreadReporter
from offers_service.service_staff import StaffDesk
from offers_service.service_suggestions import Suggester
from offers_service.store_accounts import AccountStore
from offers_service.store_gift_spread import GiftSpreadStore
from offers_service.store_invitations import InvitationStore
from offers_service.store_offers import OfferStore
from offers_service.store_staff import StaffStore


class Base(Protocol):
    """What every part of the process shares."""

    @property
    def database(self) -> Any: ...
    @property
    def profile(self) -> grpc.aio.Channel: ...
    @property
    def credentials(self) -> ServiceCredentials: ...
    @property
    def directory(self) -> TenantDirectory: ...
    @property
    def clock(self) -> Clock: ...


class Ledger(Protocol):
    """The journal's half."""

    @property
    def accounts(self) -> AccountStore: ...
    @property
    def group(self) -> Group: ...
    @property
    def offers(self) -> OfferStore: ...
    @property
    def ledger(self) -> CouponLedger: ...
    @property
    def reversals(self) -> Reversals: ...
    @property
    def lineage(self) -> Lineage: ...
    @property
    def people(self) -> ProfilePeople: ...
    @property
    def limits(self) -> DayLimits: ...
    @property
    def points(self) -> PointsParts: ...
    @property
    def keyring(self) -> Keyring: ...


class GrowthParts:
    """Servicers to add to the server, `prepare` before; followers for the relay."""

    def __init__(self, base: Base, parts: Ledger, guard: GuessGuard) -> None:
        self._guard = guard
        purchases = ProfilePurchases(EventServiceStub(base.profile), base.credentials.token)
        lineage, book, secrets_of = parts.lineage, parts.points.book, parts.keyring
        reporter = SpreadReporter(GiftSpreadStore(base.database), lineage, purchases)
        suggester = Suggester(
            ledger=parts.ledger,
            offers=parts.offers,
            limits=parts.limits,
            purchases=purchases,
            customers=ProfileRecipients(
                CustomerServiceStub(base.profile), base.credentials.token, base.directory
            ),
        )
        self.servicer = rpc_growth.GrowthServicer(reporter, suggester, base.clock, base.directory)
        self.invitations = InvitationStore(base.database)
        desk = InvitationDesk(
            accounts=parts.accounts,
            group=parts.group,
            store=self.invitations,
            offers=parts.offers,
            people=parts.people,
            sign_ups=parts.people,
            lineage=lineage,
            rewards=Rewards(
                group=parts.group,
                ledger=parts.ledger,
                reversals=parts.reversals,
                book=book,
                secrets_of=secrets_of,
            ),
            secrets_of=secrets_of,
        )
        self._staff = StaffStore(base.database)
        staff = StaffDesk(
            accounts=parts.accounts,
            group=parts.group,
            store=self._staff,
            offers=parts.offers,
            ledger=parts.ledger,
            people=parts.people,
            sign_ups=parts.people,
            directory=base.directory,
            secrets_of=secrets_of,
        )
        self.staff_servicer = rpc_staff.StaffDiscountServicer(
            staff, base.clock, base.directory, secrets_of
        )
        self.followers: tuple[Follower, ...] = (InvitationFollower(desk, book), staff)
        self.invitation_servicer = rpc_invitations.InvitationServicer(
            desk=desk,
            reporter=InvitationReporter(self.invitations, lineage, purchases),
            clock=base.clock,
            directory=base.directory,
            secrets_of=secrets_of,
        )

    async def prepare(self) -> None:
        """Makes collections; harmless to repeat."""
        await self.invitations.prepare()
        await self._staff.prepare()

    def add_to(self, server: Server) -> None:
        """GrowthService, InvitationService and StaffDiscountService."""
        server.add(
            growth_service_pb2_grpc.add_GrowthServiceServicer_to_server,
            self.servicer,
            rpc_growth.SERVICE_NAME,
        )
        server.add(
            invitation_service_pb2_grpc.add_InvitationServiceServicer_to_server,
            Guarded(self.invitation_servicer, self._guard),
            rpc_invitations.SERVICE_NAME,
        )
        server.add(
            staff_discount_service_pb2_grpc.add_StaffDiscountServiceServicer_to_server,
            Guarded(self.staff_servicer, self._guard),
            rpc_staff.SERVICE_NAME,
        )
