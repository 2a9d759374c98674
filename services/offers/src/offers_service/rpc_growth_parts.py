"""How customers bring customers: the parts, put together for __main__."""

from __future__ import annotations

from dangol.offers.v1 import (
    growth_service_pb2_grpc,
    invitation_service_pb2_grpc,
    staff_discount_service_pb2_grpc,
)
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol_service_kit.server import Server

from offers_service import rpc_growth, rpc_invitations, rpc_staff
from offers_service.clients_recipients import ProfileRecipients
from offers_service.ledger_parts import LedgerParts
from offers_service.relay_lanes import Follower
from offers_service.reports import ProfilePurchases
from offers_service.rpc_guessing import Guarded
from offers_service.service_base import Base
from offers_service.service_guesses import GuessGuard
from offers_service.service_invitation_report import InvitationFollower, InvitationReporter
from offers_service.service_invitations import InvitationDesk, Rewards
from offers_service.service_spread import SpreadReporter
from offers_service.service_staff import StaffDesk
from offers_service.service_suggestions import Suggester
from offers_service.store_gift_spread import GiftSpreadStore
from offers_service.store_invitations import InvitationStore
from offers_service.store_staff import StaffStore


class GrowthParts:
    """Servicers to add to the server, `prepare` before; followers for the relay."""

    def __init__(self, base: Base, parts: LedgerParts, guard: GuessGuard) -> None:
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
