"""Who is asked: the customer behind a name, made if nobody has it, and the identifiers it has."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import CUSTOMER, Attributes, Customer
from profile_service.records import Identity
from profile_service.service_identify import IdentifyService
from profile_service.service_registry import Registry
from profile_service.store import StoreUnavailableError


@dataclass(frozen=True, slots=True)
class Respondent:
    """own is the identifier that the customer's id is; identities are all that it has."""

    customer: Customer
    own: Identity
    identities: tuple[Identity, ...]


class Respondents:
    """Finds people; creates who was never seen, on the way that every customer comes by."""

    def __init__(self, registry: Registry, identify: IdentifyService, clock: Clock) -> None:
        self._registry = registry
        self._identify = identify
        self._clock = clock

    async def find(self, tenant_id: str, namespace: str, value: str) -> Respondent:
        """Raises RpcFailure CUSTOMER_NOT_FOUND for an id of Dangol's that nobody has."""
        customer = await self._customer(tenant_id, namespace, value)
        own_hash = self._registry.hash(tenant_id, CUSTOMER, customer.customer_id)
        for _ in range(2):
            owned = await self._registry.owned(tenant_id, [customer.customer_id])
            identities = tuple(owned.get(customer.customer_id, ()))
            for one in identities:
                if one.identifier_hash == own_hash:
                    return Respondent(customer, one, identities)
            # Its creator died before writing it.
            created_ms = (await self._clock.read(tenant_id)).now_ms
            await self._registry.complete(tenant_id, [customer.customer_id], created_ms)
        raise StoreUnavailableError("a customer is just being merged or erased")

    async def _customer(self, tenant_id: str, namespace: str, value: str) -> Customer:
        customer_id = value
        if namespace != CUSTOMER:
            name = self._registry.hash(tenant_id, namespace, value)
            identity = (await self._registry.find([name])).get(name)
            if identity is None:
                return await self._create(tenant_id, namespace, value)
            customer_id = identity.customer_id
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        return customer

    async def _create(self, tenant_id: str, namespace: str, value: str) -> Customer:
        wanted = self._identify.want(tenant_id, [(namespace, value)], Attributes())
        key = uuid.uuid4().bytes
        found = await self._identify.identify(tenant_id, wanted, key, key)
        if found.customer is None:
            raise StoreUnavailableError("an identifier is just being erased")
        return found.customer
