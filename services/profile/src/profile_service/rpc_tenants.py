"""TenantService over gRPC."""

from __future__ import annotations

from collections.abc import Callable

from dangol.profile.v1 import tenant_service_pb2 as pb
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceServicer
from dangol_service_kit.auth import Role, current_caller, require
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import is_reserved

from profile_service.domain import Tenant
from profile_service.rpc import Context, outages, to_ms
from profile_service.rpc_pages import from_token, to_token
from profile_service.service_tenants import (
    ClockOutcome,
    CreateOutcome,
    TenantService,
    zone_exists,
)

SERVICE_NAME = "dangol.profile.v1.TenantService"
_PAGE_DEFAULT = 100


class TenantRpc(TenantServiceServicer):
    """Operators create tenants; services and operators list them; everybody reads their own."""

    def __init__(
        self,
        service: TenantService,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._service = service
        self._wall_ms = wall_ms

    async def CreateTenant(  # noqa: N802
        self, request: pb.CreateTenantRequest, _context: Context
    ) -> pb.CreateTenantResponse:
        """Errors: FIELD_INVALID, TENANT_EXISTS."""
        require(Role.OPERATOR)
        tenant = _from_request(request.tenant, self._wall_ms())
        with outages():
            stored, outcome = await self._service.create(tenant)
        if outcome is CreateOutcome.DIFFERS:
            raise RpcFailure(
                Code.TENANT_EXISTS,
                "this tenant exists with other content: choose another id",
                field="tenant.tenant_id",
            )
        return pb.CreateTenantResponse(tenant=_to_message(stored))

    async def GetTenant(  # noqa: N802
        self, _request: pb.GetTenantRequest, _context: Context
    ) -> pb.GetTenantResponse:
        """Errors: TENANT_NOT_FOUND."""
        with outages():
            tenant = await self._service.get(current_caller().tenant_id)
        return pb.GetTenantResponse(tenant=_to_message(tenant))

    async def ListTenants(  # noqa: N802
        self, request: pb.ListTenantsRequest, _context: Context
    ) -> pb.ListTenantsResponse:
        """Errors: PAGE_TOKEN_INVALID. A caller bound to one tenant gets that one."""
        caller = require(Role.OPERATOR, Role.SERVICE)
        if caller.tenant_id != "*":
            with outages():
                tenant = await self._service.get(caller.tenant_id)
            return pb.ListTenantsResponse(tenants=[_to_message(tenant)])
        parts = from_token("tenants", request.page_token, 1)
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            found = await self._service.page(parts[0] if parts else "", size + 1)
        response = pb.ListTenantsResponse(tenants=[_to_message(one) for one in found[:size]])
        if len(found) > size:
            response.next_page_token = to_token("tenants", found[size - 1].tenant_id)
        return response

    async def SetClock(  # noqa: N802
        self, request: pb.SetClockRequest, _context: Context
    ) -> pb.SetClockResponse:
        """Errors: CLOCK_NOT_VIRTUAL, CLOCK_BACKWARDS, NOT_READY while segmentation catches up."""
        caller = require(Role.SERVICE, Role.ADMIN)
        now_ms = to_ms(request.now, "now")
        horizon_ms = to_ms(request.horizon, "horizon")
        if horizon_ms < now_ms:
            raise RpcFailure(
                Code.FIELD_INVALID, "the horizon must not be before now", field="horizon"
            )
        with outages():
            outcome, relayed = await self._service.set_clock(caller.tenant_id, now_ms, horizon_ms)
        if outcome is ClockOutcome.NOT_VIRTUAL:
            raise RpcFailure(Code.CLOCK_NOT_VIRTUAL, "this tenant lives on wall time")
        if outcome is ClockOutcome.BACKWARDS:
            raise RpcFailure(
                Code.CLOCK_BACKWARDS, "the clock is further already: send a later time", field="now"
            )
        return pb.SetClockResponse(relayed_intents=relayed)


def _from_request(tenant: pb.Tenant, created_ms: int) -> Tenant:
    if is_reserved(tenant.tenant_id):
        message = "two dashes in a row are for sandboxes: choose another id"
        raise RpcFailure(Code.FIELD_INVALID, message, field="tenant.tenant_id")
    if not zone_exists(tenant.time_zone):
        raise RpcFailure(
            Code.FIELD_INVALID,
            "name an IANA time zone, for example Asia/Seoul",
            field="tenant.time_zone",
        )
    virtual = tenant.clock_mode == pb.CLOCK_MODE_VIRTUAL
    now_ms = horizon_ms = 0
    if virtual:
        if not tenant.HasField("clock_now"):
            raise RpcFailure(
                Code.FIELD_INVALID, "a virtual clock needs a time", field="tenant.clock_now"
            )
        now_ms = to_ms(tenant.clock_now, "tenant.clock_now")
        horizon_ms = now_ms
        if tenant.HasField("clock_horizon"):
            horizon_ms = max(now_ms, to_ms(tenant.clock_horizon, "tenant.clock_horizon"))
    return Tenant(
        tenant.tenant_id,
        tenant.display_name,
        tenant.time_zone,
        tenant.currency_code,
        tenant.language,
        virtual,
        created_ms,
        now_ms,
        horizon_ms,
        now_ms,
        horizon_ms,
    )


def _to_message(tenant: Tenant) -> pb.Tenant:
    message = pb.Tenant(
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        time_zone=tenant.time_zone,
        currency_code=tenant.currency_code,
        language=tenant.language,
        clock_mode=pb.CLOCK_MODE_VIRTUAL if tenant.virtual else pb.CLOCK_MODE_WALL,
    )
    message.create_time.FromMilliseconds(tenant.created_ms)
    if tenant.virtual:
        message.clock_now.FromMilliseconds(tenant.now_ms)
        message.clock_horizon.FromMilliseconds(tenant.horizon_ms)
    return message
