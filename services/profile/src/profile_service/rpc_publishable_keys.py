"""PublishableKeyService over gRPC."""

from __future__ import annotations

from dangol.profile.v1 import publishable_key_service_pb2 as pb
from dangol.profile.v1.publishable_key_service_pb2_grpc import (
    PublishableKeyServiceServicer,
    add_PublishableKeyServiceServicer_to_server,
)
from dangol_service_kit import keys
from dangol_service_kit.auth import Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.server import Server

from profile_service.config import ProfileConfig
from profile_service.publishable_keys import PublishableKey
from profile_service.rpc import Context, outages
from profile_service.service_publishable_keys import PublishableKeyService
from profile_service.store_publishable_keys import PublishableKeyStore

SERVICE_NAME = "dangol.profile.v1.PublishableKeyService"


class PublishableKeyRpc(PublishableKeyServiceServicer):
    """Admins make and end keys; the gateway asks with the visitor's token that it may sell."""

    def __init__(self, service: PublishableKeyService) -> None:
        self._service = service

    async def CreatePublishableKey(  # noqa: N802
        self, request: pb.CreatePublishableKeyRequest, _context: Context
    ) -> pb.CreatePublishableKeyResponse:
        """Errors: REQUEST_CONFLICT."""
        caller = require(Role.ADMIN)
        name = f"{caller.subject}\0{request.request_id}"
        with outages():
            made = await self._service.create(
                caller.tenant_id, name, request.display_name, tuple(request.origins)
            )
        if made is None:
            message = "this request made a key with other content: take another request id"
            raise RpcFailure(Code.REQUEST_CONFLICT, message, field="request_id")
        text, key = made
        return pb.CreatePublishableKeyResponse(key=_to_message(key), publishable_key=text)

    async def ListPublishableKeys(  # noqa: N802
        self, _request: pb.ListPublishableKeysRequest, _context: Context
    ) -> pb.ListPublishableKeysResponse:
        """The keys themselves are shown when they are made, and never again."""
        caller = require(Role.ADMIN)
        with outages():
            found = await self._service.newest(caller.tenant_id)
        return pb.ListPublishableKeysResponse(keys=[_to_message(key) for key in found])

    async def RevokePublishableKey(  # noqa: N802
        self, request: pb.RevokePublishableKeyRequest, _context: Context
    ) -> pb.RevokePublishableKeyResponse:
        """Errors: PUBLISHABLE_KEY_NOT_FOUND. Again it answers as the first time."""
        caller = require(Role.ADMIN)
        with outages():
            key = await self._service.revoke(caller.tenant_id, request.key_id)
        if key is None:
            raise RpcFailure(Code.PUBLISHABLE_KEY_NOT_FOUND, "there is no such key", field="key_id")
        return pb.RevokePublishableKeyResponse(key=_to_message(key))

    async def CheckPublishableKey(  # noqa: N802
        self, request: pb.CheckPublishableKeyRequest, _context: Context
    ) -> pb.CheckPublishableKeyResponse:
        """Errors: PUBLISHABLE_KEY_REFUSED, for unknown, revoked and another origin's alike."""
        caller = require(Role.VISITOR)
        with outages():
            sells = await self._service.sells(
                caller.tenant_id, request.publishable_key, request.origin
            )
        if not sells:
            raise RpcFailure(
                Code.PUBLISHABLE_KEY_REFUSED, "the key is not good for pages of this origin"
            )
        return pb.CheckPublishableKeyResponse()


def add_publishable_keys(server: Server, database: object, settings: ProfileConfig) -> None:
    """Serves the keys of `database`."""
    secrets = keys.from_file(settings.master_key_file)
    service = PublishableKeyService(PublishableKeyStore(database), secrets)
    server.add(
        add_PublishableKeyServiceServicer_to_server,
        PublishableKeyRpc(service),
        SERVICE_NAME,
        write_only=["CheckPublishableKey"],
    )


def _to_message(key: PublishableKey) -> pb.PublishableKey:
    message = pb.PublishableKey(
        key_id=key.key_id, display_name=key.display_name, origins=key.origins
    )
    message.create_time.FromMilliseconds(key.created_ms)
    if key.revoked_ms is not None:
        message.revoke_time.FromMilliseconds(key.revoked_ms)
    return message
