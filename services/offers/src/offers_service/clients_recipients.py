"""Asking profile to whom a message goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from offers_service.sending import Recipient

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub

# The tenant's field in which a customer's own time zone may stand, as an IANA name.
ZONE_FIELD = "time_zone"
_BATCH = 500
_TIMEOUT_SECONDS = 5.0


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class ProfileRecipients:
    """Customers as profile knows them now, read with this service's own token."""

    def __init__(
        self, stub: CustomerServiceAsyncStub, token: Callable[[str], str], directory: Directory
    ) -> None:
        self._stub = stub
        self._token = token
        self._directory = directory

    async def find(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, pb.Customer]:
        """By the id asked for, under whatever id a merge left; who is gone is left out.

        Raises RpcFailure UNAVAILABLE without profile.
        """
        wanted = sorted(set(customer_ids))
        found: dict[str, pb.Customer] = {}
        for start in range(0, len(wanted), _BATCH):
            response = await call(
                self._stub.BatchGetCustomers,
                pb.BatchGetCustomersRequest(customer_ids=wanted[start : start + _BATCH]),
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            found |= {customer.customer_id: customer for customer in response.customers}
        # Of those that were merged the batch does not say whom it answers.
        for customer_id in wanted:
            if customer_id not in found:
                customer = await self._find_one(tenant_id, customer_id)
                if customer is not None:
                    found[customer_id] = customer
        return {customer_id: found[customer_id] for customer_id in wanted if customer_id in found}

    async def _find_one(self, tenant_id: str, customer_id: str) -> pb.Customer | None:
        try:
            response = await call(
                self._stub.GetCustomer,
                pb.GetCustomerRequest(customer_id=customer_id),
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except RpcFailure as failure:
            if failure.code is Code.CUSTOMER_NOT_FOUND:
                return None
            raise
        return response.customer

    async def recipients(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, Recipient]:
        """What deciding needs of each customer, by the id asked for."""
        tenant = await self._directory.get(tenant_id)
        found = await self.find(tenant_id, customer_ids)
        return {key: to_recipient(customer, tenant) for key, customer in found.items()}


def to_recipient(customer: pb.Customer, tenant: TenantInfo) -> Recipient:
    """The customer's own zone and language, else the tenant's."""
    named = customer.fields[ZONE_FIELD].text if ZONE_FIELD in customer.fields else ""
    return Recipient(
        customer_id=customer.customer_id,
        zone=_zone(named) or ZoneInfo(tenant.time_zone),
        language=customer.language or tenant.language,
        consents=frozenset(customer.consents),
        name=customer.display_name,
    )


def _zone(name: str) -> ZoneInfo | None:
    """None for what is no zone: a shop may write anything there."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
