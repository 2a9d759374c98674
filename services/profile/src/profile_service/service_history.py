"""Histories for replays, touched customers, and purchases for reports."""

from __future__ import annotations

import asyncio
import secrets
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from typing import Final, NamedTuple

from dangol.profile.v1 import event_service_pb2 as pb

from profile_service import encoding
from profile_service.domain import Customer
from profile_service.records import HASH_BYTES, Identity, Purchase, StoredEvent
from profile_service.sealing import DataKey, Vault
from profile_service.service_registry import Registry
from profile_service.store_customers import CustomerStore
from profile_service.store_events import EventStore
from profile_service.store_intents import IntentStore

# Few enough that all their events fit in memory.
_CUSTOMERS_AT_ONCE: Final = 50
_WINDOWS_AT_ONCE: Final = 500


class Window(NamedTuple):
    """One customer's purchases from start (inclusive) to end (exclusive), UTC milliseconds."""

    customer_id: str
    start_ms: int
    end_ms: int


class HistoryService:
    """Reads the log by customer."""

    def __init__(
        self,
        customers: CustomerStore,
        registry: Registry,
        vault: Vault,
        events: EventStore,
        intents: IntentStore,
    ) -> None:
        self._customers = customers
        self._registry = registry
        self._vault = vault
        self._events = events
        self._intents = intents

    async def of_customers(
        self, tenant_id: str, customer_ids: Sequence[str], types: Sequence[str]
    ) -> AsyncIterator[pb.StreamHistoryResponse]:
        """Histories in the order asked for; tombstones have none but say who took over."""
        wanted = list(dict.fromkeys(customer_ids))
        for start in range(0, len(wanted), _CUSTOMERS_AT_ONCE):
            some = wanted[start : start + _CUSTOMERS_AT_ONCE]
            found = await self._customers.get_many(tenant_id, some)
            present = [found[one] for one in some if one in found]
            for history in await self._histories(tenant_id, present, types):
                yield history

    async def of_tenant(
        self, tenant_id: str, after_id: str, types: Sequence[str]
    ) -> AsyncIterator[pb.StreamHistoryResponse]:
        """Every customer's history, tombstones included, in order of id."""
        following = asyncio.ensure_future(self._page(tenant_id, after_id, types))
        try:
            while True:
                page, histories = await following
                if not page:
                    return
                # The next ones are read while these are on their way.
                after_id = page[-1].customer_id
                following = asyncio.ensure_future(self._page(tenant_id, after_id, types))
                for history in histories:
                    yield history
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _page(
        self, tenant_id: str, after_id: str, types: Sequence[str]
    ) -> tuple[Sequence[Customer], list[pb.StreamHistoryResponse]]:
        page = await self._customers.list_all(tenant_id, after_id, _CUSTOMERS_AT_ONCE)
        return page, await self._histories(tenant_id, page, types)

    async def of_sample(
        self, tenant_id: str, size: int, types: Sequence[str]
    ) -> AsyncIterator[pb.StreamHistoryResponse]:
        """At most `size` customers at random, tombstones included, each equally likely.

        Ids are keyed hashes and say nothing about the customers: those that follow a random id
        are a random sample of all, the first following the last.
        """
        first_id = self._registry.id_for(tenant_id, secrets.token_bytes(HASH_BYTES))
        after_id, wrapped = first_id, False
        while size > 0:
            limit = min(size, _CUSTOMERS_AT_ONCE)
            page = await self._customers.list_all(tenant_id, after_id, limit)
            if wrapped:
                page = [one for one in page if one.customer_id <= first_id]
            for history in await self._histories(tenant_id, page, types):
                yield history
            size -= len(page)
            if len(page) == limit:
                after_id = page[-1].customer_id
            elif wrapped:
                return
            else:
                after_id, wrapped = "", True

    async def _histories(
        self, tenant_id: str, customers: Sequence[Customer], types: Sequence[str]
    ) -> list[pb.StreamHistoryResponse]:
        owned = await self._registry.owned(tenant_id, [one.customer_id for one in customers])
        owners = {
            identity.identifier_hash: identity for some in owned.values() for identity in some
        }
        events: dict[str, list[StoredEvent]] = {}
        for stored in await self._events.history(list(owners), types):
            owner = owners[stored.identifier_hash].customer_id
            events.setdefault(owner, []).append(stored)
        return [self._history(one, events.get(one.customer_id, []), owners) for one in customers]

    def _history(
        self,
        customer: Customer,
        events: Sequence[StoredEvent],
        owners: dict[bytes, Identity],
    ) -> pb.StreamHistoryResponse:
        if customer.merged_into:
            # Of one who was erased nobody took over: there is nothing to go on to.
            ahead = customer.customer_id if customer.erased else customer.merged_into
            return pb.StreamHistoryResponse(customer_id=customer.customer_id, merged_into=ahead)
        response = pb.StreamHistoryResponse(
            customer_id=customer.customer_id, profile=encoding.to_snapshot(customer)
        )
        keys: dict[bytes, DataKey] = {}
        for stored in events:
            keyed = response.events.add(
                key=encoding.short_key(stored.event_key),
                evaluated_at_ms=stored.at_ms,
                received_at_ms=stored.received_ms,
            )
            keyed.event.MergeFromString(stored.body)
            if stored.properties:
                key = self._key_of(customer.tenant_id, owners[stored.identifier_hash], keys)
                keyed.event.MergeFromString(key.open(stored.properties, stored.event_key))
        return response

    def _key_of(self, tenant_id: str, identity: Identity, keys: dict[bytes, DataKey]) -> DataKey:
        key = keys.get(identity.identifier_hash)
        if key is None:
            key = self._vault.open_key(tenant_id, identity.identifier_hash, identity.data_key)
            keys[identity.identifier_hash] = key
        return key

    async def touched(
        self, tenant_id: str, since_ms: int, after: tuple[int, bytes] | None, limit: int
    ) -> tuple[list[str], tuple[int, bytes] | None]:
        """Customers named by intents since a time, and where to go on while more follow.

        A page holds each customer once and may exceed the limit by those of one intent; a later
        page may name them again.
        """
        ids: dict[str, None] = {}
        while len(ids) < limit:
            intents = await self._intents.touched_since(
                tenant_id, since_ms, after, _WINDOWS_AT_ONCE
            )
            for intent in intents:
                ids.update(dict.fromkeys(intent.customer_ids))
                after = (intent.at_ms, intent.intent_id)
                if len(ids) >= limit:
                    return list(ids), after
            if len(intents) < _WINDOWS_AT_ONCE:
                return list(ids), None
        return list(ids), after

    async def measure(self, tenant_id: str, windows: Sequence[Window]) -> list[tuple[int, int]]:
        """(orders, revenue in minor units) of each window, in their order."""
        figures: list[tuple[int, int]] = []
        for start in range(0, len(windows), _WINDOWS_AT_ONCE):
            figures += await self._measure(tenant_id, windows[start : start + _WINDOWS_AT_ONCE])
        return figures

    async def _measure(self, tenant_id: str, windows: Sequence[Window]) -> list[tuple[int, int]]:
        asked = list({one.customer_id for one in windows})
        customers = await self._registry.get_many(tenant_id, asked)
        ids = {one.customer_id for one in customers.values()}
        owned = await self._registry.owned(tenant_id, ids)
        owner = {one.identifier_hash: one.customer_id for some in owned.values() for one in some}
        purchases = await self._events.purchases(
            list(owner),
            min(one.start_ms for one in windows),
            max(one.end_ms for one in windows),
        )
        by_customer: dict[str, list[Purchase]] = {}
        for purchase in sorted(purchases, key=_time):
            by_customer.setdefault(owner[purchase.identifier_hash], []).append(purchase)
        return [
            _fold(by_customer.get(customers[one.customer_id].customer_id, []), one)
            if one.customer_id in customers
            else (0, 0)
            for one in windows
        ]


def _time(purchase: Purchase) -> int:
    return purchase.at_ms


def _fold(purchases: Sequence[Purchase], window: Window) -> tuple[int, int]:
    first = bisect_left(purchases, window.start_ms, key=_time)
    last = bisect_left(purchases, window.end_ms, key=_time)
    inside = purchases[first : max(first, last)]
    return len(inside), sum(one.amount_minor_units for one in inside)
