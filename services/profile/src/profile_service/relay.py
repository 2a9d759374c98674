"""Finishing what was left open: customers and consents that segmentation has not heard of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from itertools import groupby
from typing import Final

from dangol.events.v1.membership_pb2 import CHANGE_CAUSE_BACKFILL, CHANGE_CAUSE_UNSPECIFIED
from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.logs import get_logger
from dangol_service_kit.tenants import unless_ended

from profile_service.records import Intent
from profile_service.service_consents import ConsentService
from profile_service.service_merge import Merger
from profile_service.service_meters import Meters
from profile_service.service_registry import Registry
from profile_service.service_segmentation import Segmentation
from profile_service.service_sweeps import sweep_until
from profile_service.store_intents import IntentStore

SWEEP_SECONDS: Final = 1.0
OPEN_MAX_MS: Final = 10_000
_INTENTS_AT_ONCE_MAX: Final = 200
_FLUSH_MAX: Final = 2000
_RETRY_AFTER_MS: Final = 500

_log = get_logger()


class Relay:
    """Every second takes intents that are open for more than ten, and has their customers replayed.

    Replaying is harmless, so several relays may run and a crash repeats the work.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        merger: Merger,
        consents: ConsentService,
        intents: IntentStore,
        segmentation: Segmentation,
        meters: Meters,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._meters = meters
        self._clock = clock
        self._registry = registry
        self._merger = merger
        self._consents = consents
        self._intents = intents
        self._segmentation = segmentation
        self._wall_ms = wall_ms

    async def run(self, stop: asyncio.Event) -> None:
        """Sweeps until told to stop; outages are waited out."""
        await sweep_until(stop, self.sweep, SWEEP_SECONDS, "relay_sweep_failed")

    async def sweep(self) -> int:
        """One round over intents of all tenants; answers how many it completed."""
        await self._consents.settle_open()
        now_ms = self._wall_ms()
        intents = await self._intents.lease(now_ms - OPEN_MAX_MS, now_ms, _INTENTS_AT_ONCE_MAX)
        completed = 0
        ordered = sorted(intents, key=lambda intent: intent.tenant_id)
        for tenant_id, some in groupby(ordered, key=lambda intent: intent.tenant_id):
            with unless_ended(tenant_id):
                completed += await self._relay(tenant_id, list(some))
        if intents:
            _log.info("relay_swept", taken=len(intents), completed=completed)
        return completed

    async def flush(self, tenant_id: str) -> int:
        """Replays what every open intent of a tenant names; answers how many it completed.

        Raises RpcFailure NOT_READY when segmentation cannot answer for all of them yet.
        """
        await self._consents.settle_open(tenant_id)
        intents = await self._intents.open_of_tenant(tenant_id, _FLUSH_MAX)
        if not intents:
            return 0
        settled, waiting = await self._replay(tenant_id, intents)
        await self._complete(settled)
        if waiting or len(intents) == _FLUSH_MAX:
            raise RpcFailure(
                Code.NOT_READY,
                "segmentation has not caught up with what was recorded: try again",
                retry_after_ms=_RETRY_AFTER_MS,
            )
        return len(settled)

    async def _relay(self, tenant_id: str, intents: Sequence[Intent]) -> int:
        settled, _ = await self._replay(tenant_id, intents)
        await self._complete(settled)
        return len(settled)

    async def _replay(self, tenant_id: str, intents: Sequence[Intent]) -> tuple[list[Intent], bool]:
        """Replays; answers the intents that are done with, and whether segmentation owes some.

        An intent whose writer may still be at work stays open: its events may follow.
        """
        answered = [one for one in intents if one.merge_source and await self._merger.finish(one)]
        plain = [one for one in intents if not one.merge_source]
        if plain:
            ids = sorted({customer_id for one in plain for customer_id in one.customer_ids})
            now_ms = (await self._clock.read(tenant_id)).now_ms
            known = await self._registry.complete(tenant_id, ids, now_ms)
            pending = await self._replay_known(tenant_id, plain, known.keys())
            answered += [one for one in plain if pending.isdisjoint(one.customer_ids)]
        latest_ms = self._wall_ms() - OPEN_MAX_MS
        settled = [one for one in answered if one.left or one.at_ms <= latest_ms]
        return settled, len(answered) < len(intents)

    async def _replay_known(
        self, tenant_id: str, intents: Sequence[Intent], known: Collection[str]
    ) -> set[str]:
        """Replays whom intents name, of those known; answers for whom segmentation cannot yet.

        Whose history was imported is replayed as such, whatever else touched them.
        """
        named = {one for intent in intents for one in intent.customer_ids if one in known}
        imported = {one for intent in intents if intent.import_id for one in intent.customer_ids}
        pending: set[str] = set()
        for some, cause in (
            (named & imported, CHANGE_CAUSE_BACKFILL),
            (named - imported, CHANGE_CAUSE_UNSPECIFIED),
        ):
            if some:
                answer = await self._segmentation.replay(tenant_id, sorted(some), cause)
                pending |= answer.pending_ids
        return pending

    async def _complete(self, intents: Sequence[Intent]) -> None:
        if intents:
            await self._intents.complete(intents)
            self._meters.decided(intents)
