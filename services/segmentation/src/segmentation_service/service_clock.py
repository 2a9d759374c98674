"""Virtual time in segmentation: a step fires what is due and announces it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from dangol_service_kit.clock import Reading
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.service_gate import Gate
from segmentation_service.ticker import VirtualDeadlines

_READY_SECONDS = 5.0
_WORK_SECONDS = 10.0


class ClockStore(Protocol):
    """Where virtual clocks are kept."""

    async def load_clock(self, tenant_id: str) -> tuple[int, int] | None:
        """A virtual tenant's (now_ms, horizon_ms)."""
        ...

    async def save_clock(self, tenant_id: str, now_ms: int, horizon_ms: int) -> bool:
        """Moves the clock; False when it is later already."""
        ...


class Directory(Protocol):
    """The part of a tenant directory that is needed here."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant; RpcFailure TENANT_NOT_FOUND when there is none."""
        ...


class Drain(Protocol):
    """Announces what is in the outboxes."""

    async def drain(self, partitions: Collection[int]) -> dict[int, int]:
        """Answers each partition's last sequence."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """How many customers had deadlines, the last sequence of each partition, what is due next."""

    fired: int
    positions: dict[int, int]
    next_due_ms: int | None = None


def virtual_reading(store: ClockStore, directory: Directory) -> Callable[[str], Awaitable[Reading]]:
    """Reads virtual clocks from the store; before the first step it is the tenant's beginning."""

    async def read(tenant_id: str) -> Reading:
        held = await store.load_clock(tenant_id)
        return Reading(*held) if held else (await directory.get(tenant_id)).start

    return read


class ClockSteps:
    """Moves the clock of a tenant under virtual time."""

    def __init__(
        self,
        *,
        store: ClockStore,
        directory: Directory,
        deadlines: VirtualDeadlines,
        drainer: Drain,
        gate: Gate,
        finish_work: Callable[[str, float], Awaitable[bool]],
    ) -> None:
        self._store = store
        self._directory = directory
        self._deadlines = deadlines
        self._drainer = drainer
        self._gate = gate
        self._finish_work = finish_work

    async def advance(self, tenant_id: str, now_ms: int, horizon_ms: int) -> Step:
        """Fires everything due up to now_ms and announces it. The same step again is harmless.

        Raises RpcFailure CLOCK_NOT_VIRTUAL, CLOCK_BACKWARDS, FIELD_INVALID, NOT_READY.
        """
        if horizon_ms < now_ms:
            raise RpcFailure(Code.FIELD_INVALID, "must not be before now", field="horizon")
        info = await self._directory.get(tenant_id)
        if not info.virtual:
            raise RpcFailure(Code.CLOCK_NOT_VIRTUAL, "the tenant lives on wall time")
        if not await self._gate.wait_ready(_READY_SECONDS):
            raise RpcFailure(Code.NOT_READY, "state is being rebuilt", retry_after_ms=1_000)
        saved, finished = await asyncio.gather(
            self._store.save_clock(tenant_id, now_ms, horizon_ms),
            self._finish_work(tenant_id, _WORK_SECONDS),
        )
        if not saved:
            raise RpcFailure(Code.CLOCK_BACKWARDS, "the clock is later already", field="now")
        if not finished:
            raise RpcFailure(Code.NOT_READY, "a rule is being computed", retry_after_ms=1_000)
        fired = await self._deadlines.fire_until(tenant_id, now_ms)
        next_due_ms = await self._deadlines.next_due_ms(tenant_id)
        return Step(fired, await self._drainer.drain(ALL_PARTITIONS), next_due_ms)
