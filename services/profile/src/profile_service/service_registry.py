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
_UNKNOWN: Final[Mapping[str, Attributes]] = {}


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


@dataclass(frozen=True, slots=True)
class Named:
    """A customer to be created, for an identifier that nobody has, and what else it is known by."""

    customer: Customer
    primary: NewIdentity
    others: tuple[NewIdentity, ...]


@dataclass(frozen=True, slots=True)
class Created:
    """Ids of those that a call created, and of those among them who got every identifier too."""

    customer_ids: frozenset[str]
    whole_ids: frozenset[str]


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
            own = [self._own(one) for one in created]
            await self._identifiers.claim(created[0].tenant_id, own)
        return created

    def _own(self, customer: Customer) -> NewIdentity:
        """The identifier that a customer's id is."""
        name = customer.customer_id
        return NewIdentity(self.hash(customer.tenant_id, CUSTOMER, name), name, CUSTOMER, name)

    async def create_named(self, fresh: Customer, identity: NewIdentity) -> bool:
        """Creates a customer for one identifier; False when somebody else has it by now."""
        if not await self._identifiers.claim(fresh.tenant_id, [identity]):
            return False
        return bool(await self.create([fresh]))

    async def create_named_many(self, wanted: Sequence[Named]) -> Created:
        """Creates customers by their identifiers, each in the order in which one alone is created:
        the identifier that decides, the customer, what else it is known by."""
        if not wanted:
            return Created(frozenset(), frozenset())
        tenant_id = wanted[0].customer.tenant_id
        won = await self._identifiers.claim(tenant_id, [one.primary for one in wanted])
        ahead = [one for one in wanted if one.primary.identifier_hash in won]
        inserted = await self._customers.insert([one.customer for one in ahead])
        made = [one for one in ahead if one.customer.customer_id in inserted]
        names = [(self._own(one.customer), *one.others) for one in made]
        claimed = await self._identifiers.claim(
            tenant_id, [name for some in names for name in some]
        )
        whole = frozenset(
            one.customer.customer_id
            for one, some in zip(made, names, strict=True)
            if all(name.identifier_hash in claimed for name in some)
        )
        return Created(frozenset(one.customer.customer_id for one in made), whole)

    async def complete(
        self,
        tenant_id: str,
        customer_ids: Iterable[str],
        created_ms: int,
        attributes: Mapping[str, Attributes] = _UNKNOWN,
    ) -> dict[str, Customer]:
        """The customers, after finishing the creation of those that only have an identifier.

        attributes: of those whose creation is finished here, by id.
        """
        wanted = list(dict.fromkeys(customer_ids))
        found = await self._alive(tenant_id, wanted)
        owned = await self._identifiers.of_customers(tenant_id, wanted)
        await self._claim_own(
            [
                customer
                for customer_id, customer in found.items()
                if not customer.merged_into
                and all(one.namespace != CUSTOMER for one in owned.get(customer_id, ()))
            ]
        )
        missing = [one for one in wanted if one not in found and one in owned]
        if not missing:
            return found
        await self.create(
            [
                Customer(
                    tenant_id,
                    customer_id,
                    1,
                    created_ms,
                    any(one.namespace == MEMBER for one in owned[customer_id]),
                    attributes.get(customer_id, Attributes()),
                )
                for customer_id in missing
            ]
        )
        return await self._alive(tenant_id, wanted)

    async def _alive(self, tenant_id: str, customer_ids: Sequence[str]) -> dict[str, Customer]:
        found = await self._customers.get_many(tenant_id, customer_ids)
        return {name: one for name, one in found.items() if not one.erased}

    async def _claim_own(self, customers: Sequence[Customer]) -> None:
        """The identifiers that customers' ids are, if their creator died before writing them."""
        if customers:
            own = [self._own(one) for one in customers]
            await self._identifiers.claim(customers[0].tenant_id, own)

    async def get(self, tenant_id: str, customer_id: str) -> Customer | None:
        """The customer, followed through merges to the one who took over."""
        return (await self.get_many(tenant_id, [customer_id])).get(customer_id)

    async def get_many(
        self, tenant_id: str, customer_ids: Sequence[str], *, sealed: bool = True
    ) -> dict[str, Customer]:
        """By the ids asked for, each followed through merges; unknown ones are left out.

        Without what is sealed they are only to be looked at.
        """
        found = await self._customers.get_many(tenant_id, customer_ids, sealed=sealed)
        for _ in range(MERGE_HOPS_MAX):
            found = {asked: one for asked, one in found.items() if not one.erased}
            ahead = {one.merged_into for one in found.values() if one.merged_into}
            if not ahead:
                break
            targets = await self._customers.get_many(tenant_id, ahead, sealed=sealed)
            found = {
                asked: targets.get(one.merged_into, one) if one.merged_into else one
                for asked, one in found.items()
            }
        return {asked: one for asked, one in found.items() if not one.erased}

    async def owned(self, tenant_id: str, customer_ids: Iterable[str]) -> dict[str, list[Identity]]:
        """Every identifier of each customer."""
        return await self._identifiers.of_customers(tenant_id, customer_ids)

    async def names(
        self, tenant_id: str, customer_ids: Iterable[str]
    ) -> dict[str, list[tuple[bytes, str]]]:
        """(hash, namespace) of every identifier of each customer: by what it is known."""
        return await self._identifiers.names(tenant_id, customer_ids)

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
