"""Watching wallets, put together for __main__ and for tests."""

from __future__ import annotations

from dangol.offers.v1 import wallet_service_pb2_grpc
from dangol_service_kit.server import Server

from offers_service.ledger_parts import LedgerParts
from offers_service.rpc_coupons import CouponWriter
from offers_service.rpc_wallet_watch import SERVICE_NAME, WalletServicer
from offers_service.service_base import Base
from offers_service.store_wallets import WalletStore
from offers_service.watch_wallets import WalletHub


class WalletParts:
    """A servicer that `add_to` gives to the server, and `run` beside it."""

    def __init__(self, base: Base, parts: LedgerParts) -> None:
        self.hub = WalletHub(WalletStore(base.database), parts.accounts, parts.keyring)
        writer = CouponWriter(base.directory, parts.keyring)
        self.servicer = WalletServicer(self.hub, writer)

    def add_to(self, server: Server) -> None:
        """WalletService."""
        add = wallet_service_pb2_grpc.add_WalletServiceServicer_to_server
        server.add(add, self.servicer, SERVICE_NAME)

    async def run(self) -> None:
        """Follows the journal until cancelled."""
        await self.hub.run()
