"""Customers behind identifiers: found, created, and followed through merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from profile_service.domain import CUSTOMER, MEMBER, Attributes, Customer
from profile_service.records import Identity, NewIdentity
from profile_service.sealing import Vault
from profile_service.store import StoreUnavailableError
from profile_service.store_customers import CustomerStore
from profile_service.store_identifiers import IdentifierStore

MERGE_HOPS_MAX: Final = 16
_UNKNOWN: Final = Attributes()


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An identifier that nobody has; created_ms is when its customer came to be.

    generation: how many owners of it were erased before.
    """

    identifier_hash: bytes
    namespace: str
    value: str
    created_ms: int
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who the newcomers are now, and the customers that this very call created."""

    identities: Mapping[bytes, Identity]
    created: Mapping[str, Customer]


class Registry:
    """The only place where customers come to exist.

    The insert of an identifier decides who owns it; the customer's document follows. Whoever finds
    an identifier without its customer (its creator died in between) finishes the creation.
    """

    def __init__(
        self, customers: CustomerStore, identifiers: IdentifierStore, vault: Vault
    ) -> None:
        self._customers = customers
        self._identifiers = identifiers
        self._vault = vault

    def hash(self, tenant_id: str, namespace: str, value: str) -> bytes:
        """The keyed hash of an identifier."""
        return self._vault.identifier_hash(tenant_id, namespace, value)

    def id_for(self, tenant_id: str, identifier_hash: bytes, generation: int = 0) -> str:
        """The id that a customer created for this identifier gets."""
        return self._vault.customer_id(tenant_id, identifier_hash, generation)

    async def fresh_id(self, tenant_id: str, identifier_hash: bytes) -> str:
        """The same for an identifier whose owners may have been erased."""
        found = (await self._identifiers.find([identifier_hash])).get(identifier_hash)
        return self.id_for(tenant_id, identifier_hash, found.generation if found else 0)

    async def find(self, hashes: Sequence[bytes]) -> dict[bytes, Identity]:
        """Those of these hashes that belong to somebody."""
        found = await self._identifiers.find(hashes)
        return {name: one for name, one in found.items() if one.customer_id}

    async def find_all(self, hashes: Sequence[bytes]) -> dict[bytes, Identity]:
        """The known ones among these hashes, also those whose owner was erased."""
        return await self._identifiers.find(hashes)

    async def admit(self, tenant_id: str, newcomers: Sequence[Newcomer]) -> Admitted:
        """Creates a customer for each newcomer, unless somebody else was faster."""
        wanted = [
            NewIdentity(
                one.identifier_hash,
                self.id_for(tenant_id, one.identifier_hash, one.generation),
                one.namespace,
                one.value,
            )
            for one in newcomers
        ]
        won = await self._identifiers.claim(tenant_id, wanted)
        lost = [one.identifier_hash for one in newcomers if one.identifier_hash not in won]
        others = await self._identifiers.find(lost)
        if not all(one.customer_id for one in others.values()):
            raise StoreUnavailableError("the owner of an identifier is just being erased")
        fresh = [
            Customer(
                tenant_id,
                won[one.identifier_hash].customer_id,
                1,
                one.created_ms,
                one.namespace == MEMBER,
            )
            for one in newcomers
            if one.identifier_hash in won
        ]
        created = await self.create(fresh)
        return Admitted({**others, **won}, {one.customer_id: one for one in created})

    async def create(self, fresh: Sequence[Customer]) -> list[Customer]:
        """Inserts customers and the identifier that their id is; answers the ones that are new."""
        if not fresh:
            return []
        inserted = await self._customers.insert(fresh)
        created = [one for one in fresh if one.customer_id in inserted]
        if created:
            own = [
                NewIdentity(
                    self.hash(one.tenant_id, CUSTOMER, one.customer_id),
                    one.customer_id,
                    CUSTOMER,
                    one.customer_id,
                )
                for one in created
            ]
            await self._identifiers.claim(created[0].tenant_id, own)
        return created

    async def create_named(self, fresh: Customer, identity: NewIdentity) -> bool:
        """Creates a customer for one identifier; False when somebody else has it by now."""
        if not await self._identifiers.claim(fresh.tenant_id, [identity]):
            return False
        return bool(await self.create([fresh]))

    async def complete(
        self,
        tenant_id: str,
        customer_ids: Iterable[str],
        created_ms: int,
        attributes: Attributes = _UNKNOWN,
    ) -> dict[str, Customer]:
        """The customers, after finishing the creation of those that only have an identifier."""
        wanted = list(dict.fromkeys(customer_ids))
        found = await self._alive(tenant_id, wanted)
        owned = await self._identifiers.of_customers(tenant_id, wanted)
        for customer_id, customer in found.items():
            await self._claim_own(customer, owned.get(customer_id, []))
        missing = [one for one in wanted if one not in found and one in owned]
        if not missing:
            return found
        for customer_id in missing:
            member = any(one.namespace == MEMBER for one in owned[customer_id])
            fresh = Customer(tenant_id, customer_id, 1, created_ms, member, attributes)
            await self.create([fresh])
        return await self._alive(tenant_id, wanted)

    async def _alive(self, tenant_id: str, customer_ids: Sequence[str]) -> dict[str, Customer]:
        found = await self._customers.get_many(tenant_id, customer_ids)
        return {name: one for name, one in found.items() if not one.erased}

    async def _claim_own(self, customer: Customer, owned: Sequence[Identity]) -> None:
        """The identifier that a customer's id is, if its creator died before writing it."""
        if customer.merged_into or any(one.namespace == CUSTOMER for one in owned):
            return
        own = self.hash(customer.tenant_id, CUSTOMER, customer.customer_id)
        identity = NewIdentity(own, customer.customer_id, CUSTOMER, customer.customer_id)
        await self._identifiers.claim(customer.tenant_id, [identity])

    async def get(self, tenant_id: str, customer_id: str) -> Customer | None:
        """The customer, followed through merges to the one who took over."""
        return (await self.get_many(tenant_id, [customer_id])).get(customer_id)

    async def get_many(self, tenant_id: str, customer_ids: Sequence[str]) -> dict[str, Customer]:
        """By the ids asked for, each followed through merges; unknown ones are left out."""
        found = await self._customers.get_many(tenant_id, customer_ids)
        for _ in range(MERGE_HOPS_MAX):
            found = {asked: one for asked, one in found.items() if not one.erased}
            ahead = {one.merged_into for one in found.values() if one.merged_into}
            if not ahead:
                break
            targets = await self._customers.get_many(tenant_id, ahead)
            found = {
                asked: targets.get(one.merged_into, one) if one.merged_into else one
                for asked, one in found.items()
            }
        return {asked: one for asked, one in found.items() if not one.erased}

    async def owned(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, list[Identity]]:
        """Every identifier of each customer."""
        return await self._identifiers.of_customers(tenant_id, customer_ids)

    async def link(self, customer: Customer, unowned: Mapping[bytes, tuple[str, str]]) -> bool:
        """Gives identifiers (hash -> namespace, value) to a customer.

        False when somebody else was faster, with an identifier or with the customer: decide again.
        A customer becomes a member before it gets the identifier, for that is what keeps it from
        being merged into another member meanwhile.
        """
        becomes_member = not customer.member and any(
            namespace == MEMBER for namespace, _ in unowned.values()
        )
        if becomes_member:
            member = replace(customer, member=True, version=customer.version + 1)
            if not await self._customers.replace(member, customer.version):
                return False
        wanted = [
            NewIdentity(identifier_hash, customer.customer_id, namespace, value)
            for identifier_hash, (namespace, value) in unowned.items()
        ]
        won = await self._identifiers.claim(customer.tenant_id, wanted)
        won_member = any(one.namespace == MEMBER for one in won.values())
        if becomes_member and not won_member:
            visitor = replace(customer, version=customer.version + 2)
            await self._customers.replace(visitor, customer.version + 1)
        return len(won) == len(wanted)
