"""What segmentation tells of itself: how far rebuilds are, what waits, how late deadlines fire."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from dangol.events.v1.membership_pb2 import (
    CHANGE_CAUSE_BACKFILL,
    CHANGE_CAUSE_REBUILD,
    CHANGE_CAUSE_RULE,
    CHANGE_CAUSE_TIME,
    CHANGE_KIND_ENTERED,
    MembershipChange,
)
from dangol_service_kit import logs
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.sandboxes import is_sandbox

from segmentation_service.drainer import Drainer
from segmentation_service.service_applier import Applier
from segmentation_service.service_backfill import Backfill
from segmentation_service.service_gate import Gate
from segmentation_service.starter import STARTERS
from segmentation_service.store_redis_client import StoreUnavailableError

_SAMPLE_SECONDS = 5.0
# Ready segments by name; what a tenant calls its own segments is not told, and they have no end.
READY = frozenset(starter.starter_id for starter in STARTERS)
OWN = "own"
# What a new rule, an import or a rebuild finds did not happen just now.
_FOUND_LATER = frozenset({CHANGE_CAUSE_RULE, CHANGE_CAUSE_BACKFILL, CHANGE_CAUSE_REBUILD})

_log = logs.get_logger()


class BacklogStore(Protocol):
    """What waits in Redis."""

    async def count_backlog(self) -> tuple[int, int]:
        """(announcements in the outboxes, customers of wall tenants whose deadline has come)."""
        ...


class Meters:
    """The instruments that others record with."""

    def __init__(self, metrics: Metrics) -> None:
        self._events = metrics.counter(
            "dangol.segmentation.evaluated_events", "Events that came as deltas."
        )
        self._lateness = metrics.histogram(
            "dangol.segmentation.deadline_lateness",
            "From the instant at which a membership changes by itself to its announcement.",
        )

    def evaluated(self, event_count: int) -> None:
        """Events came."""
        self._events.add(event_count)

    def fired(self, changes: Iterable[MembershipChange]) -> None:
        """Deadlines were fired under wall time."""
        for change in changes:
            if change.cause == CHANGE_CAUSE_TIME:
                due_ms = change.effective_at.ToMilliseconds()
                late_ms = change.announced_at.ToMilliseconds() - due_ms
                self._lateness.record(max(late_ms, 0) / 1000)


class Memberships:
    """Counts who enters and leaves ready segments, and all others together; in sandboxes nobody."""

    def __init__(self, metrics: Metrics) -> None:
        ready = dict.fromkeys((*sorted(READY), OWN), 0)
        self.entered, self.left = Counter(ready), Counter(ready)
        name, label = "dangol.segmentation.memberships_", "segment"
        metrics.total_by(
            name + "entered",
            "Customers who entered ready segments, by segment, and all others together.",
            label,
            lambda: dict(self.entered),
        )
        metrics.total_by(name + "left", "Customers who left them.", label, lambda: dict(self.left))

    def changed(self, changes: Iterable[MembershipChange]) -> None:
        """Changes were written, each for the first time."""
        for change in changes:
            if change.cause in _FOUND_LATER or is_sandbox(change.tenant_id):
                continue
            counts = self.entered if change.kind == CHANGE_KIND_ENTERED else self.left
            counts[change.segment_id if change.segment_id in READY else OWN] += 1


class Backlog:
    """Looks every few seconds at what waits in Redis, if anyone reads metrics."""

    def __init__(self, metrics: Metrics, store: BacklogStore) -> None:
        self._are_read = metrics.are_read
        self._store = store
        self._waiting, self._overdue = 0, 0
        metrics.gauge(
            "dangol.segmentation.outbox_waiting",
            "Announcements that are not yet in MongoDB and on the bus.",
            lambda: self._waiting,
        )
        metrics.gauge(
            "dangol.segmentation.customers_overdue",
            "Customers whose deadline has come and whom no replica has taken.",
            lambda: self._overdue,
        )

    async def run(self) -> None:
        """Looks until cancelled."""
        while self._are_read:
            try:
                self._waiting, self._overdue = await self._store.count_backlog()
            except StoreUnavailableError:
                pass
            except Exception as error:
                _log.warning("backlog_unknown", **logs.describe(error))
            await asyncio.sleep(_SAMPLE_SECONDS)


def observe(
    metrics: Metrics, gate: Gate, backfill: Backfill, applier: Applier, drainer: Drainer
) -> None:
    """Registers what can be read at any time."""
    applier.told = Memberships(metrics).changed
    name = "dangol.segmentation."
    metrics.gauge(
        name + "outbox_age",
        "For how long an announcement may have waited for MongoDB and the bus.",
        lambda: drainer.age_seconds,
        "s",
    )
    metrics.gauge(
        name + "partitions_ready",
        "Partitions whose state is whole, of 64.",
        lambda: gate.ready_count,
    )
    metrics.gauge(
        name + "rebuild_customers_done",
        "Customers whom the present or last rebuild of lost state has gone through.",
        lambda: gate.customers_rebuilt,
    )
    metrics.gauge(
        name + "rebuild_customers",
        "Customers whom that rebuild has to go through, as far as known.",
        lambda: gate.customers_total,
    )
    metrics.gauge(
        name + "backfill_customers_done",
        "Customers done of the backfills that this replica is at.",
        lambda: sum(one.done for one in list(backfill.current.values())),
    )
    metrics.gauge(
        name + "backfill_customers",
        "Customers of the backfills that this replica is at.",
        lambda: sum(one.total for one in list(backfill.current.values())),
    )
    metrics.total(
        name + "apply_conflicts",
        "Decisions that lost to another one on the same customer, and were made again.",
        lambda: applier.conflicts,
    )
