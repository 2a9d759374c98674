"""Making and listing tenants through profile's API, as an operator."""

from dataclasses import dataclass
from datetime import UTC, datetime

from dangol.profile.v1 import tenant_service_pb2 as messages
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol_service_kit.client import call, connect
from dangol_service_kit.tls import Identity

_TIMEOUT_SECONDS = 10.0
_PAGE_SIZE = 500


@dataclass(frozen=True, kw_only=True)
class NewTenant:
    """What a tenant is made with. virtual_from: where its virtual clock starts, None for none."""

    tenant_id: str
    display_name: str
    time_zone: str
    currency_code: str
    language: str
    virtual_from: datetime | None = None


async def create_tenant(
    target: str, token: str, tenant: NewTenant, identity: Identity | None = None
) -> str:
    """Make the tenant, or find it as it is, and return its line. Raises RpcFailure."""
    message = messages.Tenant(
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        time_zone=tenant.time_zone,
        currency_code=tenant.currency_code,
        language=tenant.language,
        clock_mode=messages.CLOCK_MODE_WALL,
    )
    if tenant.virtual_from is not None:
        message.clock_mode = messages.CLOCK_MODE_VIRTUAL
        message.clock_now.FromDatetime(tenant.virtual_from)
        message.clock_horizon.FromDatetime(tenant.virtual_from)
    async with connect(target, identity=identity) as channel:
        response = await call(
            TenantServiceStub(channel).CreateTenant,
            messages.CreateTenantRequest(tenant=message),
            token=token,
            timeout_seconds=_TIMEOUT_SECONDS,
        )
    return describe(response.tenant)


async def list_tenants(target: str, token: str, identity: Identity | None = None) -> list[str]:
    """One line a tenant, in the order of their ids. Raises RpcFailure."""
    lines: list[str] = []
    async with connect(target, identity=identity) as channel:
        list_page = TenantServiceStub(channel).ListTenants
        request = messages.ListTenantsRequest(page_size=_PAGE_SIZE)
        while True:
            page = await call(list_page, request, token=token, timeout_seconds=_TIMEOUT_SECONDS)
            lines += [describe(tenant) for tenant in page.tenants]
            if not page.next_page_token:
                return lines
            request.page_token = page.next_page_token


def describe(tenant: messages.Tenant) -> str:
    """One line: id, name, zone, currency, language and, under virtual time, its clock."""
    parts = [tenant.tenant_id, tenant.display_name, tenant.time_zone]
    parts += [tenant.currency_code, tenant.language]
    if tenant.clock_mode == messages.CLOCK_MODE_VIRTUAL:
        now = tenant.clock_now.ToDatetime(tzinfo=UTC)
        parts.append(f"virtual time, now {now.isoformat()}")
    return "  ".join(parts)
