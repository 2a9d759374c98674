"""A sandbox's clock moves from one thing that is due to the next, and a reset leaves nothing.

A step belongs to a request, which was given its time when it was first asked; whoever holds the
sandbox's lease takes it there. A crash leaves a lease that runs out and a time that is still to be
reached: the next request, this one again or another, goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dangol.profile.v1 import sandbox_service_pb2 as profile_pb
from dangol.profile.v1 import tenant_service_pb2 as tenants_pb
from dangol.segmentation.v1 import sandbox_service_pb2 as segmentation_pb
from dangol_service_kit import logs
from dangol_service_kit.auth import ALL_TENANTS
from dangol_service_kit.client import call
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.advance import Advanced, AdvanceOutcome, ClockLeader, Target
from offers_service.sandbox_steps import AHEAD_MS, Planned, Wanted, plan, stop_before
from offers_service.store_sandboxes import SandboxStore

if TYPE_CHECKING:
    from dangol.profile.v1.sandbox_service_pb2_grpc import (
        SandboxServiceAsyncStub as ProfileSandboxStub,
    )
    from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceAsyncStub
    from dangol.segmentation.v1.sandbox_service_pb2_grpc import (
        SandboxServiceAsyncStub as SegmentationSandboxStub,
    )

# Instants at which a single step stops because something is due. What lies behind them happens
# in the order of AdvanceClock: each at its own time, but not each before the next is looked at.
STOPS_MAX = 500
_ATTEMPTS = 10
_LEASE_MS = 15_000
_RENEW_SECONDS = 5.0
_WAIT_SECONDS = 0.05
_TIMEOUT_SECONDS = 10.0
_ERASE_SECONDS = 60.0
# A pass that finds nothing is the last.
_PASSES_MAX = 5
_SWEEP_SECONDS = 30.0
# Longer than any call lasts that was under way, and than anybody remembers the tenant.
_LATE_MS = 180_000

_log = logs.get_logger()


@dataclass(frozen=True, slots=True)
class Moved:
    """now_ms: the time of the request; done: what this call set off."""

    now_ms: int
    done: Advanced


class SandboxClock:
    """Takes sandboxes' clocks on."""

    def __init__(
        self,
        *,
        store: SandboxStore,
        leader: ClockLeader,
        tenants: TenantServiceAsyncStub,
        token: Callable[[str], str],
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._leader = leader
        self._tenants = tenants
        self._token = token
        self._wall_ms = wall_ms

    async def plan(self, tenant_id: str, wanted: Wanted) -> Planned:
        """Gives a request its time. Raises RpcFailure TENANT_NOT_FOUND."""
        for _ in range(_ATTEMPTS):
            now_ms = await self._now_ms(tenant_id)
            planned = plan(await self._store.get(tenant_id), wanted, now_ms)
            if planned.book is None or await self._store.save(planned.book):
                return planned
        message = "others moved the clock at once: repeat it with the same request id"
        raise RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=200)

    async def go(self, tenant_id: str, target_ms: int, *, again: bool) -> Moved:
        """Returns once everything up to the target has happened.

        again: the request was sent before; if it came to its end then, nothing happens now.

        Raises RpcFailure when a service does not answer: ask again.
        """
        done = Advanced(AdvanceOutcome.QUIET)
        async with self._leased(tenant_id):
            quiet_ms = (await self._store.get(tenant_id)).quiet_ms
            if not again or quiet_ms < target_ms:
                await self._stops(tenant_id, target_ms, done)
        return Moved(target_ms, done)

    async def rest(self, tenant_id: str) -> None:
        """Lets what was set off come to rest where the clock stands."""
        await self._step(tenant_id, await self._now_ms(tenant_id), Advanced(AdvanceOutcome.QUIET))

    async def _stops(self, tenant_id: str, target_ms: int, done: Advanced) -> None:
        now_ms = await self._now_ms(tenant_id)
        # First everything that a step before this one, or events since, left to be done here.
        due_ms = await self._step(tenant_id, now_ms, done)
        for left in range(STOPS_MAX, -1, -1):
            if done.outcome is not AdvanceOutcome.QUIET or now_ms >= target_ms:
                break
            now_ms = stop_before(target_ms, now_ms, due_ms, left)
            due_ms = await self._step(tenant_id, now_ms, done)
        if done.outcome is AdvanceOutcome.QUIET:
            await self._store.settle(tenant_id, target_ms)

    async def _step(self, tenant_id: str, now_ms: int, done: Advanced) -> int | None:
        """Moves the clock and lets all fall due; answers when the next is due."""
        taken = await self._leader.advance(Target(tenant_id, now_ms, now_ms + AHEAD_MS))
        done.outcome = taken.outcome
        done.fired += taken.fired
        done.consumed += taken.consumed
        done.relayed += taken.relayed
        own_ms = await self._store.next_due_ms(tenant_id, now_ms)
        known = [one for one in (own_ms, taken.next_due_ms) if one is not None and one > now_ms]
        return min(known, default=None)

    async def _now_ms(self, tenant_id: str) -> int:
        """What profile, which keeps tenants, says that the clock shows."""
        answer = await call(
            self._tenants.GetTenant,
            tenants_pb.GetTenantRequest(),
            token=self._token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        return answer.tenant.clock_now.ToMilliseconds()

    @contextlib.asynccontextmanager
    async def _leased(self, tenant_id: str) -> AsyncIterator[None]:
        holder = uuid.uuid4().hex
        while not await self._take(tenant_id, holder):
            await asyncio.sleep(_WAIT_SECONDS)
        renewing = asyncio.create_task(self._renew(tenant_id, holder))
        try:
            yield
        finally:
            renewing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewing
            await self._store.release(tenant_id, holder)

    async def _take(self, tenant_id: str, holder: str) -> bool:
        now_ms = self._wall_ms()
        return await self._store.lease(tenant_id, holder, now_ms, now_ms + _LEASE_MS)

    async def _renew(self, tenant_id: str, holder: str) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            try:
                await self._take(tenant_id, holder)
            except Exception as error:
                _log.warning("sandbox_lease_not_renewed", **logs.describe(error))


class SandboxResets:
    """Ends sandboxes, and deletes what is left of them in all three services."""

    def __init__(
        self,
        *,
        store: SandboxStore,
        clock: SandboxClock,
        profile: ProfileSandboxStub,
        segmentation: SegmentationSandboxStub,
        token: Callable[[str], str],
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._segmentation = segmentation
        self._token = token
        self._wall_ms = wall_ms

    async def end(
        self, tenant_id: str, request_id: str, actor: str, *, with_successor: bool
    ) -> tuple[profile_pb.Sandbox, int]:
        """The sandbox that takes its place, if so, and how much was deleted. Raises RpcFailure."""
        # What is under way would only have to be thrown away later; a sandbox that cannot come to
        # rest ends all the same.
        with contextlib.suppress(RpcFailure):
            await self._clock.rest(tenant_id)
        request = profile_pb.ReplaceSandboxRequest(
            request_id=request_id, actor=actor, without_successor=not with_successor
        )
        answer = await call(
            self._profile.ReplaceSandbox,
            request,
            token=self._token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        return answer.sandbox, await self.erase(tenant_id)

    async def erase(self, tenant_id: str, *, final: bool = False) -> int:
        """Deletes until nothing more is found; how much that was."""
        total = 0
        for _ in range(_PASSES_MAX):
            erased = await self._erase_once(tenant_id, final=final)
            total += erased
            if not erased:
                break
        return total

    async def _erase_once(self, tenant_id: str, *, final: bool) -> int:
        """Profile last: with its tenant everything new is refused, and its book says that there is
        something left to do."""
        token = self._token(ALL_TENANTS)
        own = await self._store.erase(tenant_id)
        state = await call(
            self._segmentation.EraseSandbox,
            segmentation_pb.EraseSandboxRequest(sandbox_id=tenant_id),
            token=token,
            timeout_seconds=_ERASE_SECONDS,
        )
        last = final and own == 0 and state.erased == 0
        people = await call(
            self._profile.EraseSandbox,
            profile_pb.EraseSandboxRequest(sandbox_id=tenant_id, final=last),
            token=token,
            timeout_seconds=_ERASE_SECONDS,
        )
        return own + state.erased + people.erased

    async def run(self) -> None:
        """Looks after sandboxes that ended, until cancelled: what a reset left that was broken
        off, and what came in after it."""
        while True:
            try:
                await self.sweep()
            except Exception as error:
                _log.warning("sandboxes_not_swept", **logs.describe(error))
            await asyncio.sleep(_SWEEP_SECONDS)

    async def sweep(self) -> int:
        """One round; how much was deleted."""
        answer = await call(
            self._profile.ListEndedSandboxes,
            profile_pb.ListEndedSandboxesRequest(),
            token=self._token(ALL_TENANTS),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        total, late_ms = 0, self._wall_ms() - _LATE_MS
        for ended in answer.sandboxes:
            if ended.end_time.ToMilliseconds() <= late_ms:
                total += await self.erase(ended.sandbox_id, final=True)
        return total
