"""What services know of tenants: facts that never change, kept for a minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dangol.profile.v1 import tenant_service_pb2 as pb

from dangol_service_kit.auth import ALL_TENANTS, ServiceCredentials
from dangol_service_kit.client import call
from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import is_sandbox

if TYPE_CHECKING:
    from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceAsyncStub

_CACHE_MAX = 10_000
_CACHE_SECONDS = 60.0
_TIMEOUT_SECONDS = 5.0
_PAGE_SIZE = 1000


_UNKNOWN = Reading(0, 0)


@dataclass(frozen=True, slots=True)
class TenantInfo:
    """time_zone is an IANA name, currency_code ISO 4217, language BCP 47.

    virtual says that the tenant's clock moves only by AdvanceClock. created_ms is wall time, 0 for
    not known. start: what a virtual clock shows to who has not been told otherwise.
    """

    tenant_id: str
    time_zone: str
    currency_code: str
    language: str
    virtual: bool
    created_ms: int = 0
    start: Reading = _UNKNOWN


class TenantDirectory:
    """Reads tenants from profile with the service's own token."""

    def __init__(
        self,
        stub: TenantServiceAsyncStub,
        credentials: ServiceCredentials,
        monotonic_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stub = stub
        self._credentials = credentials
        self._monotonic_seconds = monotonic_seconds
        self._known: dict[str, tuple[TenantInfo, float]] = {}

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant. Raises RpcFailure TENANT_NOT_FOUND, or UNAVAILABLE without profile."""
        known = self._known.get(tenant_id)
        if known is not None and known[1] > self._monotonic_seconds():
            return known[0]
        response = await call(
            self._stub.GetTenant,
            pb.GetTenantRequest(),
            token=self._credentials.token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        info = to_info(response.tenant)
        if len(self._known) >= _CACHE_MAX:
            self._known.clear()
        self._known[tenant_id] = (info, self._monotonic_seconds() + _CACHE_SECONDS)
        return info

    async def anew(self, tenant_id: str) -> TenantInfo:
        """The same, of profile itself: what is known of the tenant is forgotten first."""
        self._known.pop(tenant_id, None)
        return await self.get(tenant_id)

    async def list_ids(self) -> list[str]:
        """Every tenant's id. Raises RpcFailure UNAVAILABLE without profile."""
        ids: list[str] = []
        page_token = ""
        while True:
            response = await call(
                self._stub.ListTenants,
                pb.ListTenantsRequest(page_size=_PAGE_SIZE, page_token=page_token),
                token=self._credentials.token(ALL_TENANTS),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            ids.extend(tenant.tenant_id for tenant in response.tenants)
            page_token = response.next_page_token
            if not page_token:
                return ids


@contextmanager
def unless_ended(tenant_id: str) -> Iterator[None]:
    """Passes over what is left to be done for a sandbox that is no more.

    For work that follows from something and would otherwise be tried for ever: a real tenant is
    never gone.
    """
    try:
        yield
    except RpcFailure as failure:
        if failure.code is not Code.TENANT_NOT_FOUND or not is_sandbox(tenant_id):
            raise


def to_info(tenant: pb.Tenant) -> TenantInfo:
    """The unchanging part of a tenant."""
    return TenantInfo(
        tenant.tenant_id,
        tenant.time_zone,
        tenant.currency_code,
        tenant.language,
        tenant.clock_mode == pb.CLOCK_MODE_VIRTUAL,
        tenant.create_time.ToMilliseconds() if tenant.HasField("create_time") else 0,
        Reading(tenant.clock_now.ToMilliseconds(), tenant.clock_horizon.ToMilliseconds()),
    )
