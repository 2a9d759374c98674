"""Delayed triggers that fall due, and with them the ledger's own deadlines.

On wall time a sweeper fires them; under virtual time AdvanceClock does, each at its own instant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from dangol.segmentation.v1 import segment_service_pb2 as segment_pb
from dangol_service_kit import logs
from dangol_service_kit.client import call
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.tenants import TenantInfo

from offers_service import campaigns as rules
from offers_service.campaigns import Enrolment, TriggerOutcome, Waiting
from offers_service.enroller import Enroller
from offers_service.store_campaigns import CampaignStore
from offers_service.store_triggers import TriggerStore
from offers_service.timers_dates import DateTimers
from offers_service.triggers import ChangeKind

if TYPE_CHECKING:
    from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceAsyncStub

# ListMemberships takes at most this many customers.
_BATCH = 500
_TIMEOUT_SECONDS = 5.0
_SWEEP_SECONDS = 0.5

_log = logs.get_logger()


class DueLedger(Protocol):
    """The part of the ledger that has deadlines of its own: holds and gifts."""

    def expire_due(self, tenant_id: str, now_ms: int) -> Awaitable[int]: ...


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...
    def list_ids(self) -> Awaitable[list[str]]: ...


class Standing(Protocol):
    """Tells which triggers' memberships (or absences) stand now."""

    def standing(self, tenant_id: str, waiting: Sequence[Waiting]) -> Awaitable[list[bool]]: ...


class SegmentationStanding:
    """Asks segmentation. Raises RpcFailure NOT_READY while it rebuilds: that is not an answer."""

    def __init__(self, stub: SegmentServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def standing(self, tenant_id: str, waiting: Sequence[Waiting]) -> list[bool]:
        """In the order given, for at most 500 triggers."""
        customer_ids = sorted({each.customer_id for each in waiting})
        response = await call(
            self._stub.ListMemberships,
            segment_pb.ListMembershipsRequest(customer_ids=customer_ids),
            token=self._token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        stints = {
            (customer.customer_id, membership.segment_id): membership.stint
            for customer in response.customers
            for membership in customer.memberships
        }
        return [_stands(each, stints.get((each.customer_id, each.segment_id))) for each in waiting]


def _stands(waiting: Waiting, current_stint: int | None) -> bool:
    if waiting.kind is ChangeKind.ENTERED:
        return current_stint == waiting.stint
    return current_stint is None


class Timers:
    """Fires what is due; repeating it is harmless."""

    def __init__(
        self,
        *,
        triggers: TriggerStore,
        campaigns: CampaignStore,
        enroller: Enroller,
        ledger: DueLedger,
        standing: Standing,
        dates: DateTimers,
    ) -> None:
        self._triggers = triggers
        self._campaigns = campaigns
        self._enroller = enroller
        self._ledger = ledger
        self._standing = standing
        self._dates = dates

    async def fire_due(self, tenant_id: str, now_ms: int, *, virtual: bool) -> int:
        """Fires everything due up to now_ms in order of time; answers how many there were.

        The caller has consumed every change up to now_ms where time is virtual.
        """
        fired, dated, expired = await asyncio.gather(
            self._fire_triggers(tenant_id, now_ms, virtual=virtual),
            self._dates.fire_due(tenant_id, now_ms, virtual=virtual),
            self._ledger.expire_due(tenant_id, now_ms),
        )
        return fired + dated + expired

    async def _fire_triggers(self, tenant_id: str, now_ms: int, *, virtual: bool) -> int:
        fired = 0
        while True:
            due = await self._triggers.due(tenant_id, now_ms, _BATCH)
            if due:
                await self._fire_batch(tenant_id, due, None if virtual else now_ms)
            fired += len(due)
            if len(due) < _BATCH:
                return fired

    async def _fire_batch(self, tenant_id: str, due: Sequence[Waiting], now_ms: int | None) -> None:
        stands = [True] * len(due)
        if now_ms is not None:
            # An exit may still be on its way to us; segmentation knows of it.
            stands = await self._standing.standing(tenant_id, due)
        campaigns = await self._campaigns.by_ids(tenant_id, {each.campaign_id for each in due})
        key = self._enroller.assignment_key(tenant_id)
        share = await self._enroller.holdout(tenant_id)
        enrolments: list[Enrolment] = []
        outcomes: list[tuple[str, TriggerOutcome]] = []
        for waiting, stood in zip(due, stands, strict=True):
            at_ms = waiting.due_ms if now_ms is None else max(waiting.due_ms, now_ms)
            campaign = campaigns.get(waiting.campaign_id)
            outcome, enrolment = rules.fall_due(key, campaign, waiting, at_ms, share)
            if enrolment is not None and not stood:
                outcome, enrolment = TriggerOutcome.NO_LONGER_STANDS, None
            outcomes.append((waiting.enrolment_id, outcome))
            if enrolment is not None:
                enrolments.append(enrolment)
        await self._enroller.enrol(tenant_id, enrolments)
        await self._triggers.settle(tenant_id, outcomes)


class Sweeper:
    """Fires what is due for every tenant that lives on wall time, until cancelled."""

    def __init__(
        self,
        timers: Timers,
        directory: Directory,
        *,
        interval_seconds: float = _SWEEP_SECONDS,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._timers = timers
        self._directory = directory
        self._interval_seconds = interval_seconds
        self._wall_ms = wall_ms

    async def run(self) -> None:
        """Sweeps again and again; one tenant's failure does not hold up the others."""
        while True:
            try:
                for tenant_id in await self._directory.list_ids():
                    await self.sweep(tenant_id)
            except Exception as error:
                _log.warning("timers_interrupted", **logs.describe(error))
            await asyncio.sleep(self._interval_seconds)

    async def sweep(self, tenant_id: str) -> None:
        """Fires what is due for one tenant, if it lives on wall time."""
        try:
            if not (await self._directory.get(tenant_id)).virtual:
                now_ms = self._wall_ms()
                await self._timers.fire_due(tenant_id, now_ms, virtual=False)
        except Exception as error:
            _log.warning("timers_failed", tenant=tenant_id, **logs.describe(error))
