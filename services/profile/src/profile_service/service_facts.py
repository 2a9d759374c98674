"""Facts of customers, added up from the log when they are asked for (ADR 0058)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dangol.events.v1.event_pb2 import Event
from dangol_service_kit.clock import Clock

from profile_service.domain import PURCHASE, Customer, combine_facts
from profile_service.facts import TICKET, CustomerFacts, Happened, Line, Tally, days_in
from profile_service.records import Identity
from profile_service.sealing import DataKey, Vault
from profile_service.service_registry import Registry
from profile_service.service_tenants import StoreDirectory
from profile_service.store_events import EventStore
from profile_service.store_facts import FactRow, FactsStore
from profile_service.store_profits import ProfitStore

MINUTES: Final = "minutes"


@dataclass(frozen=True, slots=True)
class FactsView:
    """One customer's facts, asked for at now_ms; revenue_share is of the last refresh."""

    customer_id: str
    facts: CustomerFacts
    now_ms: int
    revenue_share: float | None


class FactsService:
    """Answers for customers as they are now: an id of one merged away answers who took over."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        clock: Clock,
        registry: Registry,
        vault: Vault,
        events: EventStore,
        facts: FactsStore,
        profits: ProfitStore,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._registry = registry
        self._vault = vault
        self._events = events
        self._facts = facts
        self._profits = profits

    async def get_many(self, tenant_id: str, customer_ids: Sequence[str]) -> list[FactsView]:
        """In the order asked for; ids that do not exist are left out."""
        info = await self._directory.get(tenant_id)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        found = await self._registry.get_many(tenant_id, customer_ids)
        customers = {one.customer_id: one for one in found.values()}
        facts = await self._of(tenant_id, customers, info.time_zone)
        shares = await self._shares(tenant_id, list(customers))
        return [
            FactsView(name, facts[name], now_ms, shares.get(name))
            for name in (found[one].customer_id for one in customer_ids if one in found)
        ]

    async def currency(self, tenant_id: str) -> str:
        """ISO 4217. Raises RpcFailure TENANT_NOT_FOUND."""
        return (await self._directory.get(tenant_id)).currency_code

    async def _shares(self, tenant_id: str, customer_ids: Sequence[str]) -> dict[str, float]:
        totals = await self._profits.totals(tenant_id, None)
        if totals is None or totals.revenue <= 0:
            return {}
        held = await self._profits.of_customers(tenant_id, totals.refresh, customer_ids)
        return {one.customer_id: one.revenue / totals.revenue for one in held}

    async def _of(
        self, tenant_id: str, customers: Mapping[str, Customer], time_zone: str
    ) -> dict[str, CustomerFacts]:
        owned = await self._registry.owned(tenant_id, customers)
        owners = {one.identifier_hash: one for some in owned.values() for one in some}
        day_of = days_in(time_zone)
        tallies = {name: Tally(day_of) for name in customers}
        opener = Opener(self._vault, tenant_id, owners)
        async for row in self._facts.rows(list(owners)):
            tallies[owners[row.identifier_hash].customer_id].add(opener.to_happened(row))
        seen = await self._events.facts(list(owners))
        facts = {}
        for name, tally in tallies.items():
            hashes = [one.identifier_hash for one in owned.get(name, [])]
            both = combine_facts(seen[one] for one in hashes if one in seen)
            facts[name] = tally.facts(both.first_seen_ms, both.last_seen_ms)
        return facts


class Opener:
    """Reads kept events; what is sealed with the keys of the identifiers that sent it."""

    def __init__(self, vault: Vault, tenant_id: str, owners: Mapping[bytes, Identity]) -> None:
        self._vault = vault
        self._tenant_id = tenant_id
        self._owners = owners
        self._keys: dict[bytes, DataKey] = {}

    def to_happened(self, row: FactRow) -> Happened:
        """The event with its lines, if it is a purchase, or minutes, if a ticket."""
        return Happened(
            row.at_ms,
            row.event_type,
            row.amount_minor_units,
            row.store_id,
            _lines(row.body) if row.event_type == PURCHASE else (),
            self.minutes(row) if row.event_type == TICKET else None,
        )

    def minutes(self, row: FactRow) -> Decimal | None:
        """What a ticket says it took; None for one that says nothing, or nothing sensible."""
        if not row.properties:
            return None
        sent = Event.FromString(self._key(row.identifier_hash).open(row.properties, row.event_key))
        if MINUTES not in sent.properties or not sent.properties[MINUTES].number:
            return None
        minutes = Decimal(sent.properties[MINUTES].number)
        return minutes if minutes >= 0 else None

    def _key(self, identifier_hash: bytes) -> DataKey:
        key = self._keys.get(identifier_hash)
        if key is None:
            sealed = self._owners[identifier_hash].data_key
            key = self._vault.open_key(self._tenant_id, identifier_hash, sealed)
            self._keys[identifier_hash] = key
        return key


def _lines(body: bytes) -> tuple[Line, ...]:
    return tuple(
        Line(one.product_id, one.category, one.quantity, one.amount_minor_units)
        for one in Event.FromString(body).items
    )
