"""Who a rule that is not saved would find: everyone of few customers, a random sample of many."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from dangol_rules.rules import RuleError, parse
from dangol_service_kit.clock import Reading
from dangol_service_kit.currencies import exponent_of
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from segmentation_service import previews
from segmentation_service.histories import History
from segmentation_service.previews import Estimate, Question
from segmentation_service.segments import SegmentSet
from segmentation_service.service_gate import Gate
from segmentation_service.service_segments import rule_invalid

_SECONDS = 0.8
_CUSTOMERS = (200, 20_000)
_LIMIT_SECONDS = 8.0
# Before any preview has shown how many customers it examines in a second.
_RATE_BEFORE = 1_500.0
_RATES_MAX = 1_000
_PREVIEWS_AT_ONCE = 2
_RETRY_MS = 500
_CHUNK = 25
_STAND_BACK_SECONDS = 0.02


class SegmentStore(Protocol):
    """Rulesets in MongoDB."""

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments."""
        ...


class Customers(Protocol):
    """The truth about customers."""

    async def count_customers(self, tenant_id: str) -> int:
        """How many there are now."""
        ...

    def sample_histories(
        self, tenant_id: str, sample_size: int, event_types: Sequence[str]
    ) -> AsyncIterator[History]:
        """At most so many at random, with events of these types."""
        ...

    async def histories(self, tenant_id: str, customer_ids: Sequence[str]) -> list[History]:
        """Histories of these."""
        ...


class Directory(Protocol):
    """What is known of tenants."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant; RpcFailure TENANT_NOT_FOUND when there is none."""
        ...


class Clock(Protocol):
    """What time it is for a tenant."""

    async def read(self, tenant_id: str) -> Reading:
        """The tenant's time now."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """How many members there would be of `total` customers; sample: (customer, stint, since)."""

    exact: bool
    count: Estimate
    examined: int
    total: int
    sample: list[tuple[str, int, int]]


@dataclass(slots=True)
class _Counted:
    """The members among the customers examined so far."""

    found: list[str] = field(default_factory=list)
    examined: int = 0


class PreviewService:
    """Examines histories in profile, so it answers also while state is being rebuilt."""

    def __init__(
        self,
        *,
        store: SegmentStore,
        customers: Customers,
        directory: Directory,
        clock: Clock,
        gate: Gate,
    ) -> None:
        self._store = store
        self._customers = customers
        self._directory = directory
        self._clock = clock
        self._gate = gate
        self._running: set[str] = set()
        self._turns = asyncio.Semaphore(_PREVIEWS_AT_ONCE)
        self._rates: OrderedDict[str, float] = OrderedDict()

    async def preview(self, tenant_id: str, rule: str, sample_size: int) -> Preview:
        """What a rule in canonical text would find.

        Raises RpcFailure RULE_INVALID, TOO_MANY_REQUESTS while another one of the tenant runs.
        """
        if tenant_id in self._running:
            message = "one preview at a time: wait for the other to end"
            raise RpcFailure(Code.TOO_MANY_REQUESTS, message, retry_after_ms=_RETRY_MS)
        self._running.add(tenant_id)
        try:
            async with self._turns:
                question = await self._compile(tenant_id, rule)
                return await self._examine(tenant_id, question, sample_size)
        finally:
            self._running.discard(tenant_id)

    async def _compile(self, tenant_id: str, rule: str) -> Question:
        info = await self._directory.get(tenant_id)
        held = await self._store.load_segments(tenant_id)
        exponent = exponent_of(info.currency_code)
        try:
            return previews.ask(parse(rule), held, info.time_zone, exponent)
        except RuleError as error:
            raise rule_invalid(error, "rule") from None

    async def _examine(self, tenant_id: str, question: Question, sample_size: int) -> Preview:
        now_ms = (await self._clock.read(tenant_id)).now_ms
        total = await self._customers.count_customers(tenant_id)
        rate = self._rates.get(tenant_id, _RATE_BEFORE)
        wanted = previews.sample_size(rate, _SECONDS, _CUSTOMERS)
        # More than all, since some may be merged away and others come meanwhile.
        size = wanted if total > wanted else 2 * wanted
        started = time.monotonic()
        counted = _Counted()
        try:
            async with asyncio.timeout(_LIMIT_SECONDS):
                await self._count(tenant_id, question, size, now_ms, counted)
        except TimeoutError:
            message = "histories are longer than thought: try again, fewer will be examined"
            raise RpcFailure(Code.DEADLINE_EXCEEDED, message, retry_after_ms=_RETRY_MS) from None
        finally:
            self._remember(tenant_id, counted.examined, time.monotonic() - started)
        found, examined = counted.found, counted.examined
        exact = total <= wanted
        total = examined if exact else max(total, examined)
        # Which members are shown matters to no one but the reader, who shall see different ones.
        shown = random.sample(found, min(sample_size, len(found)))
        return Preview(
            exact,
            previews.estimate(len(found), examined, total),
            examined,
            total,
            await self._members(tenant_id, question, sorted(shown), now_ms),
        )

    async def _count(
        self, tenant_id: str, question: Question, size: int, now_ms: int, counted: _Counted
    ) -> None:
        histories = self._customers.sample_histories(tenant_id, size, question.event_types)
        async with aclosing(histories) as answers:  # type: ignore[type-var]
            async for history in answers:
                if history.merged_into:
                    continue
                if counted.examined % _CHUNK == 0:
                    await self._gate.stand_back(_STAND_BACK_SECONDS)
                counted.examined += 1
                if previews.entered_at_ms(question, history, now_ms) is not None:
                    counted.found.append(history.customer_id)

    async def _members(
        self, tenant_id: str, question: Question, customer_ids: Sequence[str], now_ms: int
    ) -> list[tuple[str, int, int]]:
        """Those who still are, with the instants at which they came to be."""
        if not customer_ids:
            return []
        members = []
        for history in await self._customers.histories(tenant_id, customer_ids):
            if not history.merged_into:
                membership = previews.entered_at_ms(question, history, now_ms)
                if membership is not None:
                    members.append((history.customer_id, *membership))
        return members

    def _remember(self, tenant_id: str, examined: int, seconds: float) -> None:
        if examined < _CUSTOMERS[0] and seconds < _SECONDS:
            # So few say nothing about how many there could have been.
            return
        # At most twice the last one: a fast moment is no promise.
        before = self._rates.get(tenant_id, _RATE_BEFORE)
        self._rates[tenant_id] = min(examined / max(seconds, 0.001), 2 * before)
        self._rates.move_to_end(tenant_id)
        if len(self._rates) > _RATES_MAX:
            self._rates.popitem(last=False)
