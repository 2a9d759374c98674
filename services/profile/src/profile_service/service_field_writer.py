"""Writes numbers that a job found into customers' fields, and tells segmentation of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final

from dangol_service_kit.clock import wall_ms

from profile_service import encoding
from profile_service.insight import with_numbers
from profile_service.service_segmentation import Delta, Segmentation
from profile_service.store_customers import CustomerStore
from profile_service.store_intents import IntentStore

_CHUNK: Final = 500
_ROUNDS_MAX: Final = 5

Numbers = Mapping[str, Mapping[str, Decimal]]


class FieldWriter:
    """May be repeated: a customer whose numbers are as they were is not written."""

    def __init__(
        self,
        *,
        customers: CustomerStore,
        intents: IntentStore,
        segmentation: Segmentation,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._customers = customers
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms

    async def write(
        self, tenant_id: str, names: Collection[str], numbers: Numbers
    ) -> tuple[int, int]:
        """Of the fields `names`, each customer has its numbers and no others afterwards.

        How many customers had other numbers, and for how many segmentation follows later.
        """
        written = pending = 0
        ids = list(numbers)
        for start in range(0, len(ids), _CHUNK):
            chunk = {one: numbers[one] for one in ids[start : start + _CHUNK]}
            some, left = await self._write(tenant_id, names, chunk)
            written, pending = written + some, pending + left
        return written, pending

    async def _write(
        self, tenant_id: str, names: Collection[str], numbers: Numbers
    ) -> tuple[int, int]:
        intent = await self._intents.open(tenant_id, sorted(numbers), self._wall_ms())
        deltas: list[Delta] = []
        remaining: Sequence[str] = list(numbers)
        for _ in range(_ROUNDS_MAX):
            if not remaining:
                break
            remaining = await self._save(tenant_id, remaining, names, numbers, deltas)
        if not deltas:
            await self._intents.complete([intent])
            return 0, 0
        answer = await self._segmentation.evaluate(tenant_id, intent.at_ms, deltas)
        if answer.pending_ids:
            await self._intents.leave([intent])
        else:
            await self._intents.complete([intent])
        return len(deltas), len(answer.pending_ids)

    async def _save(
        self,
        tenant_id: str,
        customer_ids: Sequence[str],
        names: Collection[str],
        numbers: Numbers,
        deltas: list[Delta],
    ) -> list[str]:
        """One compare-and-set each; answers those that somebody else changed meanwhile."""
        found = await self._customers.get_many(tenant_id, customer_ids)
        # One who was merged away since is counted with the other customer next time.
        held = [one for one in found.values() if not one.merged_into]
        after = [with_numbers(one, names, numbers[one.customer_id]) for one in held]
        written = [
            (changed, before.version)
            for before, changed in zip(held, after, strict=True)
            if changed is not before
        ]
        saved = await asyncio.gather(
            *(self._customers.replace(changed, version) for changed, version in written)
        )
        lost = []
        for (changed, _), ours in zip(written, saved, strict=True):
            if ours:
                deltas.append(Delta(changed.customer_id, False, encoding.to_snapshot(changed)))
            else:
                lost.append(changed.customer_id)
        return lost
