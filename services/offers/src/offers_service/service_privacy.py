"""What follows erasures and answers exports, put together."""

from __future__ import annotations

from typing import Any

from dangol.offers.v1.privacy_service_pb2_grpc import add_PrivacyServiceServicer_to_server
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.server import Server

from offers_service import rpc_privacy
from offers_service.ledger_parts import LedgerParts
from offers_service.service_base import Base
from offers_service.service_erasures import ErasureFollower
from offers_service.store_erasures import TraceStore


class PrivacyParts:
    """PrivacyService, and the loop beside it."""

    def __init__(self, base: Base, ledger: LedgerParts) -> None:
        traces = TraceStore(base.database)
        self._servicer = rpc_privacy.PrivacyServicer(traces, ledger.lineage)
        self._follower = ErasureFollower(
            stub=PrivacyServiceStub(base.profile),
            token=base.credentials.token,
            accounts=ledger.accounts,
            reversals=ledger.reversals,
            traces=traces,
            clock=base.clock,
        )

    def add_to(self, server: Server) -> None:
        """Serves exports."""
        add: Any = add_PrivacyServiceServicer_to_server
        server.add(add, self._servicer, rpc_privacy.SERVICE_NAME)

    async def run(self) -> None:
        """Follows erasures until cancelled."""
        await self._follower.run()
