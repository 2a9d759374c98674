"""What is wired for shops: stores."""

from __future__ import annotations

from dangol.profile.v1.store_service_pb2_grpc import add_StoreServiceServicer_to_server
from dangol_service_kit.server import Server

from profile_service import rpc_stores
from profile_service.sealing import Vault
from profile_service.service_stores import StoreService
from profile_service.store_stores import StoreStore


def add_stores(server: Server, database: object, vault: Vault) -> None:
    """StoreService."""
    rpc = rpc_stores.StoreRpc(StoreService(StoreStore(database)), vault)
    server.add(add_StoreServiceServicer_to_server, rpc, rpc_stores.SERVICE_NAME)
