"""Staff find the customer before them: count, look up, write down, answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import Customer
from profile_service.search import (
    CANDIDATES_MAX,
    DAY_MS,
    MINUTE_MS,
    PER_DAY_MAX,
    PER_MINUTE_MAX,
    SearchEntry,
    Wanted,
    last_four,
    wanted_keys,
)
from profile_service.service_registry import Registry
from profile_service.store_contacts import ContactStore
from profile_service.store_customers import CustomerStore
from profile_service.store_searches import SearchStore

_PHONES = ("phone",)


@dataclass(frozen=True, slots=True)
class Found:
    """A customer, and one of its numbers, not yet masked."""

    customer: Customer
    phone: str


class SearchService:
    """What is answered was written down before."""

    def __init__(
        self,
        *,
        registry: Registry,
        customers: CustomerStore,
        contacts: ContactStore,
        searches: SearchStore,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._registry = registry
        self._customers = customers
        self._contacts = contacts
        self._searches = searches
        self._wall_ms = wall_ms

    async def search(
        self, tenant_id: str, wanted: Wanted, caller: str, store_id: str
    ) -> tuple[list[Found], bool]:
        """At most ten who fit, and whether there are more. Raises RpcFailure TOO_MANY_REQUESTS."""
        await self._refuse_many(tenant_id, caller)
        customers = await self._look_up(tenant_id, wanted)
        shown = customers[:CANDIDATES_MAX]
        ids = [one.customer_id for one in shown]
        kinds = tuple(kind.value for kind in wanted.kinds)
        entry = SearchEntry(self._wall_ms(), caller, store_id, kinds, tuple(ids))
        await self._searches.write(tenant_id, entry)
        numbers = await self._contacts.addresses(tenant_id, ids, _PHONES)
        found = [
            Found(one, _number(numbers.get(one.customer_id, ()), wanted.phone_last_four))
            for one in shown
        ]
        return found, len(customers) > CANDIDATES_MAX

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[SearchEntry], str]:
        """The log, newest first."""
        return await self._searches.page(tenant_id, customer_id, before, limit)

    async def _look_up(self, tenant_id: str, wanted: Wanted) -> list[Customer]:
        ids: list[str] | None = None
        if wanted.phone_last_four:
            ids = await self._searches.by_phone(tenant_id, wanted.phone_last_four)
        if wanted.email:
            owners = await self._by_email(tenant_id, wanted.email)
            ids = owners if ids is None else [one for one in ids if one in owners]
        if ids == []:
            return []
        keys = self._searches.keys(tenant_id, wanted_keys(wanted))
        return await self._customers.search(tenant_id, keys, ids, CANDIDATES_MAX + 1)

    async def _by_email(self, tenant_id: str, email: str) -> list[str]:
        """By the address as it was typed, or in small letters."""
        spellings = dict.fromkeys((email.strip(), email.strip().lower()))
        hashes = [self._registry.hash(tenant_id, "email", one) for one in spellings]
        return [one.customer_id for one in (await self._registry.find(hashes)).values()]

    async def _refuse_many(self, tenant_id: str, caller: str) -> None:
        now_ms = self._wall_ms()
        windows = (("minute", MINUTE_MS, PER_MINUTE_MAX), ("day", DAY_MS, PER_DAY_MAX))
        for window, length_ms, most in windows:
            began_ms = now_ms - now_ms % length_ms
            count = await self._searches.count(tenant_id, caller, window, began_ms, length_ms)
            if count > most:
                raise RpcFailure(
                    Code.TOO_MANY_REQUESTS,
                    f"at most {most} searches a {window}",
                    retry_after_ms=began_ms + length_ms - now_ms,
                )


def _number(numbers: Sequence[str], digits: str) -> str:
    """The number that was asked for, or else the first."""
    fitting = [one for one in numbers if not digits or last_four(one) == digits]
    return fitting[0] if fitting else ""
