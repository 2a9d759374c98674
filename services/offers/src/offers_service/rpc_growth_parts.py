"""How customers bring customers: the parts, put together for __main__."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from dangol.offers.v1 import growth_service_pb2_grpc
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol_service_kit.clock import Clock
from dangol_service_kit.server import Server
from dangol_service_kit.tenants import TenantDirectory

from offers_service import rpc_growth
from offers_service.reports import ProfilePurchases
from offers_service.service_lineage import Lineage
from offers_service.service_spread import SpreadReporter
from offers_service.store_gift_spread import GiftSpreadStore


class GrowthParts:
    """Servicers to add to the server."""

    def __init__(
        self,
        *,
        database: Any,
        profile: grpc.aio.Channel,
        token: Callable[[str], str],
        lineage: Lineage,
        clock: Clock,
        directory: TenantDirectory,
    ) -> None:
        purchases = ProfilePurchases(EventServiceStub(profile), token)
        reporter = SpreadReporter(GiftSpreadStore(database), lineage, purchases)
        self.servicer = rpc_growth.GrowthServicer(reporter, clock, directory)

    def add_to(self, server: Server) -> None:
        """GrowthService."""
        server.add(
            growth_service_pb2_grpc.add_GrowthServiceServicer_to_server,
            self.servicer,
            rpc_growth.SERVICE_NAME,
        )
