"""Greetings, put together for __main__ and for tests."""

from __future__ import annotations

from dangol.offers.v1.greeting_service_pb2_grpc import add_GreetingServiceServicer_to_server
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceStub
from dangol_service_kit.server import Server

from offers_service import rpc_greetings
from offers_service.clients_recipients import ProfileRecipients
from offers_service.clients_segments import Segments
from offers_service.ledger_parts import LedgerParts
from offers_service.rpc_greetings import GreetingServicer
from offers_service.service_base import Base
from offers_service.service_greetings import GreetingDesk
from offers_service.service_points import PointsDesk
from offers_service.store_greetings import GreetingStore


class GreetingParts:
    """A servicer to add to the server, `prepare` before."""

    def __init__(self, base: Base, parts: LedgerParts) -> None:
        token = base.credentials.token
        self._store = GreetingStore(base.database)
        self._servicer = GreetingServicer(
            GreetingDesk(
                store=self._store,
                customers=ProfileRecipients(
                    CustomerServiceStub(base.profile), token, base.directory
                ),
                standings=PointsDesk(parts.points.book, parts.people),
                memberships=Segments(SegmentServiceStub(base.segmentation), token),
                directory=base.directory,
                clock=base.clock,
            )
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await self._store.prepare()

    def add_to(self, server: Server) -> None:
        """GreetingService."""
        server.add(
            add_GreetingServiceServicer_to_server, self._servicer, rpc_greetings.SERVICE_NAME
        )
