"""Leading the platform's virtual time: one step moves all services, and ends when all is quiet.

A round: profile closes what it left open, the journal's news reach profile; segmentation fires
its deadlines; what it announced is acted on here, and our own timers fire. Where that wrote to
the journal, its news may change memberships in turn, so another round follows. Every part may be
repeated, so a step that broke off is finished by asking for it again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from dangol.profile.v1 import tenant_service_pb2 as tenant_pb
from dangol.segmentation.v1 import clock_service_pb2 as clock_pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.tenants import TenantInfo

from offers_service.consumer import MembershipConsumer
from offers_service.enroller import Enroller
from offers_service.relay import Relay
from offers_service.service_inherited import Merges
from offers_service.store_clocks import ClockStore
from offers_service.timers import Timers
from offers_service.timers_messages import DueMessages

if TYPE_CHECKING:
    from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceAsyncStub
    from dangol.segmentation.v1.clock_service_pb2_grpc import ClockServiceAsyncStub

ROUNDS_MAX = 100
_TIMEOUT_SECONDS = 120.0
_FLUSH_SECONDS = 60.0


class AdvanceOutcome(StrEnum):
    """What came of a step; everything but QUIET left the clock where it was or unfinished."""

    QUIET = "quiet"
    NOT_VIRTUAL = "not_virtual"
    BACKWARDS = "backwards"
    HORIZON_BEFORE_NOW = "horizon_before_now"
    NOT_QUIET = "not_quiet"


@dataclass(slots=True)
class Advanced:
    """fired: deadlines of segmentation and our own; consumed: membership changes; relayed:
    events to profile. rounds: how many it took. next_due_ms: segmentation's next deadline."""

    outcome: AdvanceOutcome
    fired: int = 0
    consumed: int = 0
    relayed: int = 0
    rounds: int = 0
    next_due_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where a tenant's clock is to go; Unix milliseconds."""

    tenant_id: str
    now_ms: int
    horizon_ms: int


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class News(Protocol):
    """What senders said of messages; MessageTeller."""

    def flush(self, tenant_id: str) -> Awaitable[int]: ...


@dataclass(frozen=True, slots=True)
class Fired:
    """What segmentation did: deadlines, how far each partition announced, what is due next."""

    count: int
    positions: dict[int, int]
    next_due_ms: int | None


class OtherClocks:
    """The clocks of the other services, moved under the service's own token."""

    def __init__(
        self,
        profile: TenantServiceAsyncStub,
        segmentation: ClockServiceAsyncStub,
        token: Callable[[str], str],
    ) -> None:
        self._profile = profile
        self._segmentation = segmentation
        self._token = token

    async def set_profile(self, target: Target) -> None:
        """Moves profile's clock and has every open intent replayed. Raises RpcFailure."""
        request = tenant_pb.SetClockRequest()
        request.now.FromMilliseconds(target.now_ms)
        request.horizon.FromMilliseconds(target.horizon_ms)
        token = self._token(target.tenant_id)
        await call(self._profile.SetClock, request, token=token, timeout_seconds=_TIMEOUT_SECONDS)

    async def advance_segmentation(self, target: Target) -> Fired:
        """Fires deadlines. Raises RpcFailure."""
        request = clock_pb.AdvanceClockRequest()
        request.now.FromMilliseconds(target.now_ms)
        request.horizon.FromMilliseconds(target.horizon_ms)
        response = await call(
            self._segmentation.AdvanceClock,
            request,
            token=self._token(target.tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        positions = {each.partition: each.sequence for each in response.positions}
        due = response.next_due.ToMilliseconds() if response.HasField("next_due") else None
        return Fired(response.fired_deadlines, positions, due)


class ClockLeader:
    """One per process; a tenant's steps run one after the other."""

    def __init__(
        self,
        *,
        clocks: ClockStore,
        directory: Directory,
        others: OtherClocks,
        consumer: MembershipConsumer,
        enroller: Enroller,
        timers: Timers,
        relay: Relay,
        messages: DueMessages,
        news: News,
        merges: Merges,
    ) -> None:
        self._clocks = clocks
        self._directory = directory
        self._others = others
        self._consumer = consumer
        self._enroller = enroller
        self._timers = timers
        self._relay = relay
        self._messages = messages
        self._news = news
        self._merges = merges
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def advance(self, target: Target) -> Advanced:
        """Takes the step. Raises RpcFailure when a service does not answer: repeat the step."""
        if not (await self._directory.get(target.tenant_id)).virtual:
            return Advanced(AdvanceOutcome.NOT_VIRTUAL)
        if target.horizon_ms < target.now_ms:
            return Advanced(AdvanceOutcome.HORIZON_BEFORE_NOW)
        async with self._locks[target.tenant_id]:
            if (await self._clocks.read(target.tenant_id)).now_ms > target.now_ms:
                return Advanced(AdvanceOutcome.BACKWARDS)
            return await self._rounds(target)

    async def _rounds(self, target: Target) -> Advanced:
        tenant_id = target.tenant_id
        result = Advanced(AdvanceOutcome.NOT_QUIET)
        consumed_before = self._consumer.consumed[tenant_id]
        relayed_before = self._relay.relayed[tenant_id]
        set_profile = True
        while result.rounds < ROUNDS_MAX:
            result.rounds += 1
            effects = self._enroller.effects[tenant_id]
            await self._prepare(target, first=result.rounds == 1, set_profile=set_profile)
            set_profile = tenant_id in self._relay.pending
            self._relay.pending.discard(tenant_id)
            fired = await self._others.advance_segmentation(target)
            await self._consumer.catch_up(fired.positions)
            own = await self._timers.fire_due(tenant_id, target.now_ms, virtual=True)
            own += await self._messages.fire_due(tenant_id, target.now_ms)
            result.fired += fired.count + own
            result.next_due_ms = fired.next_due_ms
            wrote = own > 0 or self._enroller.effects[tenant_id] != effects
            if not wrote and not set_profile:
                result.outcome = AdvanceOutcome.QUIET
                break
        result.consumed = self._consumer.consumed[tenant_id] - consumed_before
        result.relayed = self._relay.relayed[tenant_id] - relayed_before
        return result

    async def _prepare(self, target: Target, *, first: bool, set_profile: bool) -> None:
        """What segmentation's deadlines have to wait for; all of it at once."""
        parts: list[Awaitable[object]] = [
            self._flush(target.tenant_id),
            self._merges.catch_up(again=False),
        ]
        if first:
            parts.append(self._clocks.advance(target.tenant_id, target.now_ms, target.horizon_ms))
        if set_profile:
            parts.append(self._others.set_profile(target))
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
                with suppress(Exception, asyncio.CancelledError):
                    await task

    async def _flush(self, tenant_id: str) -> None:
        try:
            async with asyncio.timeout(_FLUSH_SECONDS):
                await self._relay.flush(tenant_id)
                await self._news.flush(tenant_id)
        except TimeoutError:
            message = "the journal's events did not reach profile in time"
            raise RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=1000) from None
