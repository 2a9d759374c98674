"""Merging a customer into another, step by step; every step may be done again.

1. The source becomes a tombstone that points to the target (version check).
2. The log is told whose values survive, and the target takes over the source's attributes, once,
   and its newest consents; the tombstone forgets them.
3. The source's identifiers, and with them its events, move to the target, and so does its log of
   consent.
4. Segmentation drops the source, then replays the target. In this order, an event that was sent to
   the source meanwhile is either replayed with the target, or finds no state and has the source
   replayed, which leads to the target again.

An intent written before the first step lets the relay finish what was interrupted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from dangol.events.v1.membership_pb2 import CHANGE_CAUSE_MERGE
from dangol_service_kit.clock import wall_ms

from profile_service.domain import Attributes, Customer, entomb
from profile_service.erasure import extend
from profile_service.records import Intent
from profile_service.service_registry import MERGE_HOPS_MAX
from profile_service.service_segmentation import Segmentation
from profile_service.store import StoreUnavailableError
from profile_service.store_consents import ConsentStore
from profile_service.store_customers import CustomerStore
from profile_service.store_erasures import ErasureStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_intents import IntentStore
from profile_service.store_merges import MergeStore
from profile_service.survivorship import absorb, entry

_ATTEMPTS_MAX: Final = 20


class Merger:
    """Merges customers of one tenant at a time."""

    def __init__(
        self,
        *,
        customers: CustomerStore,
        identifiers: IdentifierStore,
        consents: ConsentStore,
        erasures: ErasureStore,
        intents: IntentStore,
        segmentation: Segmentation,
        log: MergeStore,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._customers = customers
        self._identifiers = identifiers
        self._consents = consents
        self._erasures = erasures
        self._intents = intents
        self._segmentation = segmentation
        self._log = log
        self._wall_ms = wall_ms

    async def merge(self, source: Customer, target: Customer) -> bool:
        """Merges source into target; False when source changed since it was read."""
        tenant_id, source_id = source.tenant_id, source.customer_id
        now_ms = self._wall_ms()
        intent = await self._intents.open(
            tenant_id, [source_id, target.customer_id], now_ms, source_id
        )
        tombstone = entomb(source, target.customer_id, now_ms)
        if not await self._customers.replace(tombstone, source.version):
            await self._intents.complete([intent])
            return False
        if await self.finish(intent):
            await self._intents.complete([intent])
        else:
            await self._intents.leave([intent])
        return True

    async def finish(self, intent: Intent) -> bool:
        """Steps 2 to 4 for an intent's tombstone; False when segmentation has to be asked again."""
        tenant_id, source_id = intent.tenant_id, intent.merge_source
        source = await self._customers.get(tenant_id, source_id)
        if source is None or not source.merged_into or source.erased:
            # The tombstone was never written, so there is nothing to finish.
            return True
        target_id = await self.settle(source)
        for customer_id in (source_id, target_id):
            answer = await self._segmentation.replay(tenant_id, [customer_id], CHANGE_CAUSE_MERGE)
            if answer.pending_ids:
                return False
        return True

    async def settle(self, source: Customer) -> str:
        """Steps 2 and 3: what the tombstone had goes to whoever lives at the end of the chain."""
        holder = source
        for _ in range(MERGE_HOPS_MAX):
            await self._absorb(holder)
            await self._identifiers.move(holder.tenant_id, holder.customer_id, holder.merged_into)
            await self._consents.move(holder.tenant_id, holder.customer_id, holder.merged_into)
            target = await self._customers.get(holder.tenant_id, holder.merged_into)
            if target is not None and target.erased:
                # Merged into somebody who is erased meanwhile: this is the same person.
                await self._follow_erasure(holder, target)
                return target.customer_id
            if target is None or not target.merged_into:
                return holder.merged_into
            # The target was merged away meanwhile: what it was just given has to follow it.
            holder = target
        raise StoreUnavailableError("a chain of merges without an end")

    async def _absorb(self, source: Customer) -> None:
        for _ in range(_ATTEMPTS_MAX):
            target = await self._customers.get(source.tenant_id, source.merged_into)
            if target is None or target.erased:
                return
            # Before the step, so that no merge is without its entry.
            survivors = await self._log.survivors(source.tenant_id)
            if source.customer_id not in target.absorbed:
                await self._log.write(entry(target, source, survivors), target.version)
            changed = absorb(target, source, survivors)
            if changed is target or await self._customers.replace(changed, target.version):
                await self._forget(source)
                return
        raise StoreUnavailableError("a customer changes too often to be merged into")

    async def _follow_erasure(self, holder: Customer, target: Customer) -> None:
        for _ in range(_ATTEMPTS_MAX):
            held = await self._erasures.get(target.tenant_id, target.customer_id)
            if held is None:
                return
            extended = extend(held.erasure, [holder.customer_id])
            if holder.customer_id in held.erasure.customer_ids:
                return
            if await self._erasures.save(held, extended, open_ms=1) is not None:
                return
        raise StoreUnavailableError("an erasure changes too often")

    async def _forget(self, source: Customer) -> None:
        """What the tombstone held lives on in the target; here it would only be a copy."""
        if source.attributes == Attributes() and not source.consents:
            return
        empty = replace(
            source,
            version=source.version + 1,
            attributes=Attributes(),
            data_key=b"",
            consents={},
        )
        await self._customers.replace(empty, source.version)
