"""What offers tells of itself: groups of the journal, verification, and how long what waits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Dependencies, Watched
from dangol_service_kit.tenants import TenantInfo
from redis.exceptions import ResponseError

from offers_service.commit import GroupCommit
from offers_service.consumer import GROUP, STREAM
from offers_service.relay import Relay
from offers_service.store_accounts import AccountStore, AnyAccount
from offers_service.store_messages import MessageStore
from offers_service.store_verifications import VerificationStore, Verified

_GROUP_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256)
_LOOK_SECONDS = 10.0


class Directory(Protocol):
    """TenantDirectory."""

    async def get(self, tenant_id: str) -> TenantInfo: ...
    async def list_ids(self) -> list[str]: ...


class GroupMeters:
    """Told of each group of steps that was written."""

    def __init__(self, metrics: Metrics, group: GroupCommit[AnyAccount]) -> None:
        self._sizes = metrics.histogram(
            "dangol.offers.commit_group_size",
            "Steps of the journal that were decided and written together.",
            "{step}",
            _GROUP_STEPS,
        )
        self._seconds = metrics.histogram(
            "dangol.offers.commit_duration", "One group: read, decided and written."
        )
        self._lost = metrics.counter(
            "dangol.offers.commit_conflicts",
            "Steps that another process was faster than, and that were decided again.",
        )
        metrics.gauge(
            "dangol.offers.commit_pending",
            "Steps that are not answered yet.",
            lambda: float(group.pending_count),
        )
        group.told = self

    def written(self, steps: int, lost: int, seconds: float) -> None:
        """steps: requests of the group; lost: of those, how many are decided again."""
        self._sizes.record(steps)
        self._seconds.record(seconds)
        self._lost.add(lost)


class Waiting:
    """Looks at what waits, of tenants on wall time: how long the oldest of it has been overdue."""

    def __init__(
        self, accounts: AccountStore, messages: MessageStore, directory: Directory
    ) -> None:
        self._accounts = accounts
        self._messages = messages
        self._directory = directory

    def observe(self, metrics: Metrics) -> None:
        """Registers the gauges."""
        gauges = {
            "intent": (
                "dangol.offers.oldest_intent",
                "s",
                "How long the oldest step that was begun and has run out is overdue: a hold, an "
                "escrow, points set aside, a budget's open line.",
            ),
            "waiting": (
                "dangol.offers.outbox_waiting",
                "",
                "Messages that wait for a partner to take them.",
            ),
            "age": ("dangol.offers.outbox_age", "s", "How long the oldest of them has waited."),
        }
        Watched(metrics, gauges, self.look, every_seconds=_LOOK_SECONDS)

    async def look(self) -> Mapping[str, float]:
        """The values now, by the keys above."""
        wall = [
            tenant_id
            for tenant_id in await self._directory.list_ids()
            if not (await self._directory.get(tenant_id)).virtual
        ]
        ready = {
            one: found for one, found in (await self._messages.backlog()).items() if one in wall
        }
        due = [await self._accounts.next_due_ms(tenant_id) for tenant_id in wall]
        return {
            "intent": _age_seconds(due),
            "waiting": float(sum(count for count, _ in ready.values())),
            "age": _age_seconds([oldest_ms for _, oldest_ms in ready.values()]),
        }


def observe_verification(metrics: Metrics, store: VerificationStore) -> None:
    """How old the oldest verdict on a tenant's journal is, and what the verdicts are."""
    gauges = {
        "age": (
            "dangol.offers.journal_verification_age",
            "s",
            "Since the tenant's journal that waits longest was verified.",
        ),
        "took": (
            "dangol.offers.journal_verification_duration",
            "s",
            "What the longest of the last verifications took.",
        ),
        "faults": (
            "dangol.offers.journal_faults",
            "",
            "Faults that the last verification of each tenant's journal found, in all.",
        ),
    }

    async def look() -> Mapping[str, float]:
        return verdicts(await store.list())

    Watched(metrics, gauges, look, every_seconds=_LOOK_SECONDS)


def verdicts(verified: Sequence[Verified]) -> dict[str, float]:
    """The values of observe_verification."""
    return {
        "age": _age_seconds([one.at_ms for one in verified]),
        "took": max((one.seconds for one in verified), default=0.0),
        "faults": float(sum(one.faults for one in verified)),
    }


def observe_bus(metrics: Metrics, redis: Any) -> None:
    """How far this service is behind with membership changes, all replicas together."""
    gauges = {
        "waiting": (
            "dangol.offers.bus_waiting",
            "",
            "Membership changes on the bus that were not handled yet.",
        ),
        "age": ("dangol.offers.bus_age", "s", "How long the oldest of them has been there."),
    }

    async def look() -> Mapping[str, float]:
        return await bus_backlog(redis, STREAM, GROUP)

    Watched(metrics, gauges, look, every_seconds=_LOOK_SECONDS)


def observe_parked(metrics: Metrics, relay: Relay) -> None:
    """What the relay goes on without, all replicas together."""
    gauges = {
        "parked": (
            "dangol.offers.relay_parked",
            "",
            "Accounts of whom something could not be passed on, and is tried again by itself.",
        ),
        "age": ("dangol.offers.relay_parked_age", "s", "How long the first of them has waited."),
    }

    async def look() -> Mapping[str, float]:
        parked, age_seconds = await relay.parked()
        return {"parked": float(parked), "age": age_seconds}

    Watched(metrics, gauges, look, every_seconds=_LOOK_SECONDS)


async def bus_backlog(redis: Any, stream: str, group: str) -> dict[str, float]:
    """How many entries the group has not acknowledged, and the age of the oldest in seconds."""
    try:
        groups = await redis.xinfo_groups(stream)
    except ResponseError:
        # Nothing was ever put there.
        return {"waiting": 0.0, "age": 0.0}
    found = next((one for one in groups if _text(one["name"]) == group), None)
    if found is None:
        return {"waiting": 0.0, "age": 0.0}
    pending = await redis.xpending(stream, group)
    oldest = [_time_ms(pending["min"])] if pending["pending"] else []
    unread = int(found.get("lag") or 0)
    if unread:
        after = f"({_text(found['last-delivered-id'])}"
        next_entries = await redis.xrange(stream, min=after, count=1)
        oldest += [_time_ms(key) for key, _ in next_entries]
    return {"waiting": float(pending["pending"] + unread), "age": _age_seconds(oldest)}


def _age_seconds(instants_ms: Iterable[int | None]) -> float:
    """Of the oldest instant; 0 when there is none, or all lie ahead."""
    oldest_ms = min((one for one in instants_ms if one is not None), default=None)
    if oldest_ms is None:
        return 0.0
    return max(time.time_ns() // 1_000_000 - oldest_ms, 0) / 1000


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _time_ms(entry_id: Any) -> int:
    return int(_text(entry_id).partition("-")[0])


def observe(
    metrics: Metrics,
    database: Any,
    redis: Any,
    *,
    group: GroupCommit[AnyAccount],
    waiting: Waiting,
    verifications: VerificationStore,
    relay: Relay,
) -> None:
    """All that the process tells of itself besides its calls."""
    pings = {"mongodb": lambda: database.command("ping"), "redis": redis.ping}
    Dependencies(metrics, pings)
    GroupMeters(metrics, group)
    waiting.observe(metrics)
    observe_verification(metrics, verifications)
    observe_bus(metrics, redis)
    observe_parked(metrics, relay)
    metrics.gauge(
        "dangol.offers.relay_age",
        "How far events of coupons and points are behind the journal on their way to profile.",
        lambda: relay.age_seconds,
        "s",
    )
