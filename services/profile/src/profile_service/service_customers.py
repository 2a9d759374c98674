"""Customers as they are read and changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dangol.events.v1.event_pb2 import Event
from dangol_rules.tree import Rule
from dangol_service_kit.clock import Clock, wall_ms

from profile_service import encoding
from profile_service.domain import (
    Customer,
    Facts,
    Update,
    UpdateOutcome,
    combine_facts,
    decide_update,
)
from profile_service.records import Identity
from profile_service.sealing import Vault
from profile_service.service_registry import Registry
from profile_service.service_segmentation import Delta, Segmentation
from profile_service.store_customers import CustomerStore, Merged
from profile_service.store_events import EventStore
from profile_service.store_filters import in_order
from profile_service.store_intents import IntentStore
from profile_service.store_merges import MergeStore
from profile_service.survivorship import MergeEntry
from profile_service.timelines import Position, TimelineQuery

_ATTEMPTS_MAX: Final = 20
# Counting on costs more than the page.
TOTAL_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What belongs to a customer: its identifiers' namespaces and what its events come to."""

    namespaces: tuple[str, ...]
    facts: Facts


@dataclass(frozen=True, slots=True)
class View:
    """A customer with what belongs to it."""

    customer: Customer
    figures: Figures


@dataclass(frozen=True, slots=True)
class Page:
    """One page; last_id is set while more follow."""

    customers: list[Customer]
    total: int
    last_id: str = ""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Events in the order asked for; position is where to go on while more may follow."""

    events: list[Event]
    position: Position | None = None


class CustomerService:
    """Reads follow merges: a tombstone's id answers the customer who took over."""

    def __init__(
        self,
        *,
        customers: CustomerStore,
        registry: Registry,
        vault: Vault,
        events: EventStore,
        intents: IntentStore,
        segmentation: Segmentation,
        clock: Clock,
        merges: MergeStore,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._merges = merges
        self._customers = customers
        self._registry = registry
        self._vault = vault
        self._events = events
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms

    async def get(self, tenant_id: str, customer_id: str) -> View | None:
        """The customer, or None."""
        found = await self.get_many(tenant_id, [customer_id])
        return found[0] if found else None

    async def get_many(self, tenant_id: str, customer_ids: Sequence[str]) -> list[View]:
        """In the order asked for; ids that do not exist are left out."""
        customers = await self.read(tenant_id, customer_ids)
        figures = await self.figures(tenant_id, [one.customer_id for one in customers])
        return [View(one, figures[one.customer_id]) for one in customers]

    async def read(
        self, tenant_id: str, customer_ids: Sequence[str], *, sealed: bool = True
    ) -> list[Customer]:
        """The same without figures, and without what is sealed where nobody asks for that."""
        found = await self._registry.get_many(tenant_id, customer_ids, sealed=sealed)
        return [found[one] for one in customer_ids if one in found]

    async def figures(self, tenant_id: str, customer_ids: Collection[str]) -> dict[str, Figures]:
        """Of every id asked for, also of nobody's."""
        if not customer_ids:
            return {}
        names = await self._registry.names(tenant_id, customer_ids)
        hashes = [name for some in names.values() for name, _ in some]
        facts = await self._events.facts(hashes)
        return {one: _figures(names.get(one, ()), facts) for one in customer_ids}

    async def identities(self, tenant_id: str, customer_id: str) -> list[Identity]:
        """Every identifier of a customer."""
        return (await self._registry.owned(tenant_id, [customer_id])).get(customer_id, [])

    async def find(self, tenant_id: str, namespace: str, value: str) -> View | None:
        """The customer with this identifier, or None."""
        customer_id = await self.owner(tenant_id, namespace, value)
        return await self.get(tenant_id, customer_id) if customer_id else None

    async def owner(self, tenant_id: str, namespace: str, value: str) -> str:
        """Whose this identifier is; empty for nobody's."""
        identifier_hash = self._registry.hash(tenant_id, namespace, value)
        identity = (await self._registry.find([identifier_hash])).get(identifier_hash)
        return identity.customer_id if identity else ""

    async def merged(
        self, tenant_id: str | None, after: tuple[int, str, str], limit: int
    ) -> list[Merged]:
        """Who was merged into whom, of one tenant or of all, in order of time, beyond `after`."""
        return await self._customers.merged(tenant_id, after, limit)

    async def page(
        self,
        tenant_id: str,
        after_id: str,
        limit: int,
        rule: Rule | None,
        tag: str,
        *,
        total: int | None = None,
        sealed: bool = True,
    ) -> Page:
        """Customers in order of id, with their number up to TOTAL_MAX + 1: counted unless known.

        Where no index has those who satisfy a filter in that order, few are sorted, and of many
        everybody is walked through until the page is full.
        """
        ordered = in_order(rule, tag)
        if total is None and ordered:
            found, counted = await asyncio.gather(
                self._customers.page(tenant_id, after_id, limit + 1, rule, tag, sealed=sealed),
                self._customers.count(tenant_id, rule, tag, TOTAL_MAX + 1),
            )
        else:
            counted = total or await self._customers.count(tenant_id, rule, tag, TOTAL_MAX + 1)
            walked = counted > TOTAL_MAX and not ordered
            found = await self._customers.page(
                tenant_id, after_id, limit + 1, rule, tag, walked=walked, sealed=sealed
            )
        return Page(
            found[:limit], counted, found[limit - 1].customer_id if len(found) > limit else ""
        )

    async def count(self, tenant_id: str, rule: Rule | None, tag: str) -> int:
        """How many customers satisfy a filter."""
        return await self._customers.count(tenant_id, rule, tag)

    async def merges(
        self, tenant_id: str, customer_id: str, before: tuple[int, str] | None, limit: int
    ) -> list[MergeEntry] | None:
        """Who was merged into a customer, also by way of others, newest first; None without one."""
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            return None
        into = {customer.customer_id}
        ahead = list(customer.absorbed)
        while ahead:
            into |= set(ahead)
            found = await self._customers.get_many(tenant_id, ahead)
            ahead = [name for one in found.values() for name in one.absorbed if name not in into]
        return await self._merges.page(tenant_id, sorted(into), before, limit)

    async def update(
        self,
        tenant_id: str,
        customer_id: str,
        update: Update,
    ) -> tuple[Customer | None, UpdateOutcome]:
        """Changes what the mask names; None when there is no such customer."""
        intent = None
        now_ms = (await self._clock.read(tenant_id)).now_ms
        update = replace(update, now_ms=now_ms)
        for _ in range(_ATTEMPTS_MAX):
            customer = await self._registry.get(tenant_id, customer_id)
            if customer is None:
                return None, UpdateOutcome.VERSION_CONFLICT
            changed, outcome = decide_update(customer, update)
            if outcome is not UpdateOutcome.CHANGED:
                if intent is not None:
                    await self._intents.complete([intent])
                return customer, outcome
            if intent is None:
                intent = await self._intents.open(tenant_id, [changed.customer_id], self._wall_ms())
            if await self._customers.replace(changed, customer.version):
                delta = Delta(changed.customer_id, False, encoding.to_snapshot(changed))
                answer = await self._segmentation.evaluate(tenant_id, intent.at_ms, [delta])
                if answer.pending_ids:
                    await self._intents.leave([intent])
                else:
                    await self._intents.complete([intent])
                return changed, outcome
        return customer, UpdateOutcome.VERSION_CONFLICT

    async def timeline(
        self, tenant_id: str, customer_id: str, query: TimelineQuery, limit: int
    ) -> TimelinePage | None:
        """A page of what happened; None when there is no such customer."""
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            return None
        owned = await self._registry.owned(tenant_id, [customer.customer_id])
        identities = {one.identifier_hash: one for one in owned.get(customer.customer_id, [])}
        found, position = await self._events.page(list(identities), query, limit)
        events = []
        for stored in found:
            identity = identities[stored.identifier_hash]
            key = self._vault.open_key(tenant_id, identity.identifier_hash, identity.data_key)
            event = encoding.from_stored(stored, key)
            events.append(encoding.name_customer(event, customer.customer_id))
        return TimelinePage(events, position)


def _figures(names: Iterable[tuple[bytes, str]], facts: Mapping[bytes, Facts]) -> Figures:
    namespaces = tuple(sorted({namespace for _, namespace in names}))
    return Figures(namespaces, combine_facts(facts[name] for name, _ in names if name in facts))
