"""SandboxService of profile over gRPC."""

from __future__ import annotations

from typing import Any

from dangol.profile.v1 import sandbox_service_pb2 as pb
from dangol.profile.v1.sandbox_service_pb2_grpc import (
    SandboxServiceServicer,
    add_SandboxServiceServicer_to_server,
)
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import PARENT_LENGTH_MAX, is_sandbox
from dangol_service_kit.server import Server

from profile_service.domain import Tenant
from profile_service.rpc import Context, idempotency, outages, to_ms
from profile_service.sandboxes import Asked, SandboxOutcome
from profile_service.sealing import Vault
from profile_service.service_sandboxes import SandboxService
from profile_service.service_tenants import StoreDirectory
from profile_service.store_sandboxes import SandboxStore
from profile_service.store_tenants import TenantStore

SERVICE_NAME = "dangol.profile.v1.SandboxService"


class SandboxRpc(SandboxServiceServicer):
    """Admins make and list; the offers service, which leads, ends and erases."""

    def __init__(self, service: SandboxService, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def CreateSandbox(  # noqa: N802
        self, request: pb.CreateSandboxRequest, _context: Context
    ) -> pb.CreateSandboxResponse:
        """Errors: SANDBOX_REFUSED, SANDBOX_LIMIT, REQUEST_CONFLICT, FIELD_INVALID."""
        caller = _of_one_tenant(Role.ADMIN)
        if is_sandbox(caller.tenant_id) or len(caller.tenant_id) > PARENT_LENGTH_MAX:
            message = "make it beside the tenant itself, whose id has at most "
            raise RpcFailure(Code.SANDBOX_REFUSED, f"{message}{PARENT_LENGTH_MAX} characters")
        start_ms = None
        if request.HasField("clock_start"):
            start_ms = to_ms(request.clock_start, "clock_start")
        asked = Asked(*idempotency(self._vault, caller, "sandbox", request))
        with outages():
            outcome, tenant = await self._service.create(
                caller.tenant_id, asked, request.display_name, start_ms
            )
        return pb.CreateSandboxResponse(sandbox=_answer(outcome, tenant))

    async def ListSandboxes(  # noqa: N802
        self, _request: pb.ListSandboxesRequest, _context: Context
    ) -> pb.ListSandboxesResponse:
        """Errors: TENANT_NOT_FOUND, for the token of a sandbox that ended."""
        caller = _of_one_tenant(Role.ADMIN, Role.PARTNER)
        with outages():
            found = await self._service.opened(caller.tenant_id)
        return pb.ListSandboxesResponse(sandboxes=[_to_message(one) for one in found])

    async def ReplaceSandbox(  # noqa: N802
        self, request: pb.ReplaceSandboxRequest, _context: Context
    ) -> pb.ReplaceSandboxResponse:
        """Errors: SANDBOX_REQUIRED, TENANT_NOT_FOUND, REQUEST_CONFLICT, SANDBOX_LIMIT."""
        caller = _of_one_tenant(Role.SERVICE)
        if not is_sandbox(caller.tenant_id):
            raise _real()
        key = f"{request.actor}\0{request.request_id}".encode()
        with_successor = not request.without_successor
        content = f"{caller.tenant_id}\0{with_successor}".encode()
        asked = Asked(
            self._vault.fingerprint(caller.tenant_id, key),
            self._vault.fingerprint(caller.tenant_id, content),
        )
        with outages():
            outcome, tenant = await self._service.end(
                caller.tenant_id, asked, with_successor=with_successor
            )
        return pb.ReplaceSandboxResponse(sandbox=_answer(outcome, tenant))

    async def EraseSandbox(  # noqa: N802
        self, request: pb.EraseSandboxRequest, _context: Context
    ) -> pb.EraseSandboxResponse:
        """Errors: SANDBOX_REQUIRED, for whatever is not a sandbox that ended."""
        require(Role.SERVICE)
        with outages():
            erased = await self._service.erase(request.sandbox_id, final=request.final)
        if erased is None:
            raise _real()
        return pb.EraseSandboxResponse(erased=erased)

    async def ListEndedSandboxes(  # noqa: N802
        self, _request: pb.ListEndedSandboxesRequest, _context: Context
    ) -> pb.ListEndedSandboxesResponse:
        """Over all tenants."""
        require(Role.SERVICE)
        with outages():
            found = await self._service.ended()
        response = pb.ListEndedSandboxesResponse()
        for tenant_id, ended_ms in found:
            response.sandboxes.add(sandbox_id=tenant_id).end_time.FromMilliseconds(ended_ms)
        return response


def add_sandboxes(server: Server, database: Any, vault: Vault) -> None:
    """Serves the sandboxes of `database`."""
    tenants = TenantStore(database)
    service = SandboxService(SandboxStore(database), tenants, StoreDirectory(tenants))
    server.add(add_SandboxServiceServicer_to_server, SandboxRpc(service, vault), SERVICE_NAME)


def _of_one_tenant(*roles: Role) -> Caller:
    caller = require(*roles)
    if caller.tenant_id == ALL_TENANTS:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, "use a token of the tenant")
    return caller


def _real() -> RpcFailure:
    return RpcFailure(Code.SANDBOX_REQUIRED, "only a sandbox that ended can be erased")


def _answer(outcome: SandboxOutcome, tenant: Tenant | None) -> pb.Sandbox | None:
    match outcome:
        case SandboxOutcome.REQUEST_CONFLICT:
            message = "this request was sent with other content: take another request id"
            raise RpcFailure(Code.REQUEST_CONFLICT, message, field="request_id")
        case SandboxOutcome.TOO_MANY:
            raise RpcFailure(Code.SANDBOX_LIMIT, "the tenant has as many as it may")
        case SandboxOutcome.NOT_FOUND:
            raise RpcFailure(Code.TENANT_NOT_FOUND, "this sandbox has ended")
    return None if tenant is None else _to_message(tenant)


def _to_message(tenant: Tenant) -> pb.Sandbox:
    message = pb.Sandbox(sandbox_id=tenant.tenant_id, display_name=tenant.display_name)
    message.clock_now.FromMilliseconds(tenant.now_ms)
    message.clock_horizon.FromMilliseconds(tenant.horizon_ms)
    message.clock_start.FromMilliseconds(tenant.first_now_ms)
    return message
