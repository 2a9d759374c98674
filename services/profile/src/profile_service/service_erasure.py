"""Erasing customers: first nobody can read them any more, then everything they left goes.

The request writes the erasure and does the first step at once. Whoever finds it open after that, on
any replica, does what is left; each step may be repeated, and each is saved over what was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import AnsweredRequest, Customer
from profile_service.erasure import (
    EraseOutcome,
    Erasure,
    Part,
    complete,
    finish,
    next_part,
    tombstone,
)
from profile_service.service_registry import Registry
from profile_service.service_segmentation import Segmentation
from profile_service.service_sweeps import sweep_until
from profile_service.service_tenants import StoreDirectory
from profile_service.store import StoreUnavailableError
from profile_service.store_consents import ConsentStore
from profile_service.store_customers import CustomerStore
from profile_service.store_erasures import ErasureStore, Held
from profile_service.store_events import EventStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_profits import ProfitStore
from profile_service.store_survey_responses import SurveyResponseStore

LOOK_SECONDS: Final = 1.0
_ATTEMPTS_MAX: Final = 20
_LEASE_MS: Final = 30_000
_LOOK_AGAIN_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Places:
    """Where this service keeps what belongs to a customer."""

    customers: CustomerStore
    identifiers: IdentifierStore
    events: EventStore
    consents: ConsentStore
    survey_responses: SurveyResponseStore
    profits: ProfitStore


class EraserService:
    """Begins erasures, carries them on, and says how far they are."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        clock: Clock,
        registry: Registry,
        places: Places,
        erasures: ErasureStore,
        segmentation: Segmentation,
        settle_seconds: float,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        """settle_seconds: for how long a writer may go on with what it read before."""
        self._directory = directory
        self._clock = clock
        self._registry = registry
        self._places = places
        self._erasures = erasures
        self._segmentation = segmentation
        self._settle_ms = int(settle_seconds * 1000)
        self._wall_ms = wall_ms

    async def erase(
        self, tenant_id: str, customer_id: str, request: AnsweredRequest, reason: str, actor: str
    ) -> tuple[Erasure, EraseOutcome]:
        """Begins; the same request again is answered as the first time.

        Raises RpcFailure CUSTOMER_NOT_FOUND, REQUEST_CONFLICT.
        """
        known = await self._erasures.of_request(tenant_id, request.key)
        if known is not None:
            if known.erasure.fingerprint != request.fingerprint:
                raise RpcFailure(
                    Code.REQUEST_CONFLICT,
                    "this request id was used with other content: send a fresh one",
                    field="request_id",
                )
            return (await self._first_step(known)).erasure, EraseOutcome.STARTED
        customer = await self._registry.get(tenant_id, customer_id)
        if customer is None:
            earlier = await self._erasures.get(tenant_id, customer_id)
            if earlier is None:
                raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
            return earlier.erasure, EraseOutcome.ALREADY
        erasure = Erasure(
            tenant_id=tenant_id,
            customer_id=customer.customer_id,
            request_key=request.key,
            fingerprint=request.fingerprint,
            reason=reason,
            actor=actor,
            requested_ms=self._wall_ms(),
            customer_ids=tuple(await self._everybody(customer)),
        )
        began = await self._erasures.add(erasure)
        held = await self._erasures.get(tenant_id, customer.customer_id)
        if held is None:
            raise StoreUnavailableError("an erasure neither stored nor found")
        outcome = EraseOutcome.STARTED if began else EraseOutcome.ALREADY
        return (await self._first_step(held)).erasure, outcome

    async def get(self, tenant_id: str, customer_id: str) -> Erasure | None:
        """The customer's erasure, or None."""
        held = await self._erasures.get(tenant_id, customer_id)
        return None if held is None else held.erasure

    async def page(
        self, tenant_id: str | None, after: tuple[str, str], limit: int, waiting_for: Part | None
    ) -> list[Erasure]:
        """Erasures of a tenant or of all, behind a position."""
        return await self._erasures.page(tenant_id, after, limit, waiting_for)

    async def acknowledge(
        self, tenant_id: str, customer_id: str, part: Part, customer_ids: Sequence[str], count: int
    ) -> Erasure:
        """Another service is through, unless customers joined whom it has not heard of.

        Raises RpcFailure CUSTOMER_NOT_FOUND for one who is not being erased.
        """
        for _ in range(_ATTEMPTS_MAX):
            held = await self._erasures.get(tenant_id, customer_id)
            if held is None:
                raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such erasure")
            if part in held.erasure.done or not set(held.erasure.customer_ids) <= {*customer_ids}:
                return held.erasure
            now_ms = self._wall_ms()
            done = finish(held.erasure, part, count, now_ms)
            changed = complete(done, now_ms, self._settle_ms)
            saved = await self._erasures.save(held, changed, open_ms=1)
            if saved is not None:
                return saved.erasure
        raise StoreUnavailableError("an erasure changes too often")

    async def run(self, stop: asyncio.Event) -> None:
        """Carries on what is open until told to stop; outages are waited out."""
        await sweep_until(stop, self.sweep, LOOK_SECONDS, "erasure_interrupted")

    async def sweep(self) -> bool:
        """One step of the erasure that waits longest; False when none waits."""
        now_ms = self._wall_ms()
        held = await self._erasures.lease(now_ms, now_ms + _LEASE_MS)
        if held is not None:
            await self._step(held)
        return held is not None

    async def _first_step(self, held: Held) -> Held:
        """Makes the customer unreadable now; what fails is left to the sweeps."""
        if held.erasure.gone_ms:
            return held
        return await self._step(held) or held

    async def _step(self, held: Held) -> Held | None:
        """Does the next part and saves; None when somebody else went on meanwhile."""
        now_ms = self._wall_ms()
        part = next_part(held.erasure, now_ms, self._settle_ms)
        if part is None:
            changed = complete(held.erasure, now_ms, self._settle_ms)
            return await self._erasures.save(held, changed, now_ms + _LOOK_AGAIN_MS)
        if part is Part.SEGMENTATION:
            erasure = held.erasure
            answer = await self._segmentation.replay(erasure.tenant_id, erasure.customer_ids)
            if answer.pending_ids:
                return await self._erasures.save(held, erasure, now_ms + _LOOK_AGAIN_MS)
            done = finish(erasure, part, len(erasure.customer_ids), now_ms)
        else:
            noted = await self._note_hashes(held)
            if noted is None:
                return None
            held, now_ms = noted, self._wall_ms()
            done = finish(held.erasure, part, await self._empty(held.erasure), now_ms)
        return await self._erasures.save(held, complete(done, now_ms, self._settle_ms), open_ms=1)

    async def _note_hashes(self, held: Held) -> Held | None:
        """Writes down which identifiers there are, and until when their events go, before they
        forget whose they are."""
        erasure = held.erasure
        await self._bury(erasure)
        owned = await self._registry.owned(erasure.tenant_id, erasure.customer_ids)
        found = [one.identifier_hash for some in owned.values() for one in some]
        if not found and erasure.floor_ms:
            return held
        hashes = tuple(dict.fromkeys((*erasure.hashes, *found)))
        floor_ms = max(erasure.floor_ms, await self._floor_ms(erasure.tenant_id))
        noted = replace(erasure, hashes=hashes, floor_ms=floor_ms)
        return await self._erasures.save(held, noted, self._wall_ms() + _LEASE_MS)

    async def _floor_ms(self, tenant_id: str) -> int:
        """Nothing that a writer at work now may record is later than this."""
        reading = await self._clock.read(tenant_id)
        info = await self._directory.get(tenant_id)
        return reading.horizon_ms if info.virtual else reading.now_ms + self._settle_ms

    async def _bury(self, erasure: Erasure) -> None:
        """Empties the customer's own document, and those of everybody merged into it."""
        for customer_id in erasure.customer_ids:
            for _ in range(_ATTEMPTS_MAX):
                customer = await self._places.customers.get(erasure.tenant_id, customer_id)
                if customer is None:
                    break
                buried = tombstone(customer)
                if buried is customer:
                    break
                if await self._places.customers.replace(buried, customer.version):
                    break
            else:
                raise StoreUnavailableError("a customer changes too often to be erased")

    async def _empty(self, erasure: Erasure) -> int:
        """Takes the identifiers' keys, then deletes events, answers and consents; how many went."""
        tenant_id, ids = erasure.tenant_id, erasure.customer_ids
        count = await self._places.identifiers.erase(tenant_id, ids, erasure.floor_ms)
        count += await self._places.events.erase(erasure.hashes, erasure.floor_ms)
        count += await self._places.survey_responses.erase(erasure.hashes, erasure.floor_ms)
        count += await self._places.profits.erase(tenant_id, ids)
        return count + await self._places.consents.erase(tenant_id, ids)

    async def _everybody(self, customer: Customer) -> list[str]:
        """The customer and all who were merged into it, directly or by way of others."""
        known = {customer.customer_id: None}
        ahead = list(customer.absorbed)
        while ahead:
            known |= dict.fromkeys(ahead)
            found = await self._places.customers.get_many(customer.tenant_id, ahead)
            ahead = [name for one in found.values() for name in one.absorbed if name not in known]
        return list(known)
