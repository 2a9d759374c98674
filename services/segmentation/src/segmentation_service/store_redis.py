"""Derived state in Redis; only store_redis*.py and the scripts know it.

Everything goes through scripts loaded with SCRIPT LOAD and called by EVALSHA. A node that was
restarted, or promoted in another's place, knows none of the present generation, so whatever is
asked of it is refused until recovery has looked at what was lost and loaded them. That, and the
epoch that each script checks, is why nothing is ever decided on outdated state.

All keys of a partition share a hash tag, so a script's keys lie in one slot of a cluster.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from segmentation_service.partitions import ALL_PARTITIONS, epoch_of, number_of, sequence_of
from segmentation_service.states import Write
from segmentation_service.store_redis_client import ScriptCall, ScriptClient
from segmentation_service.store_redis_session import RedisSession


class Status(IntEnum):
    """What a partition made of a request."""

    OK = 0
    # Its state is not whole, or not that of the epoch given: recovery is due.
    NOT_READY = 1
    # Decisions have to rest on another version of the tenant's ruleset.
    RULES_CHANGED = 2


LOST = -1


@dataclass(frozen=True, slots=True)
class Guard:
    """Under what a request holds: each partition's epoch and the ruleset's version."""

    epochs: tuple[int, ...]
    tenant_id: str
    rules_version: int
    virtual: bool
    # False only while a partition is being made whole.
    require_ready: bool = True


@dataclass(frozen=True, slots=True)
class Outbox:
    """What a partition has to announce: (entry id, sequence, change as bytes), oldest first.

    epoch and last_number tell the last sequence that it gave out, drained or not.
    """

    epoch: int
    last_number: int
    entries: list[tuple[bytes, int, bytes]]


class RedisStore:
    """State, member indexes, deadlines and outboxes, by partition.

    A partition whose node is silent, or was not looked at by recovery, counts as not ready.
    """

    def __init__(self, client: ScriptClient) -> None:
        self._client = client

    def use(self, generation: str) -> None:
        """From now on calls the scripts of this generation."""
        self._client.use(generation)

    async def masters(self) -> dict[str, tuple[int, ...]]:
        """By URL of each node the partitions that it serves; one without a node is left out."""
        partitions = {meta_key(partition): partition for partition in ALL_PARTITIONS}
        served = await self._client.topology.masters(list(partitions))
        return {node.url: tuple(partitions[key] for key in keys) for node, keys in served.items()}

    @asynccontextmanager
    async def session(self, url: str) -> AsyncIterator[RedisSession]:
        """One connection to one running node, for recovery; it never reconnects."""
        session = RedisSession(url, self._client.texts, self._client.topology.is_cluster)
        try:
            await session.open()
            self._client.topology.wake(url)
            yield session
        finally:
            await session.close()

    async def read(
        self, guard: Guard, groups: Mapping[int, Sequence[str]]
    ) -> dict[int, tuple[Status, list[bytes | None]]]:
        """For each partition its status and the states of its customers, None for none."""
        calls = [
            (
                "read",
                [*_guard_keys(partition), *_state_keys(guard.tenant_id, partition, customers)],
                _guard_arguments(guard, partition),
            )
            for partition, customers in groups.items()
        ]
        replies = await self._client.call(calls)
        return {
            partition: _status_and_rest(reply)
            for partition, reply in zip(groups, replies, strict=True)
        }

    async def apply(
        self, guard: Guard, groups: Mapping[int, Sequence[Write]]
    ) -> dict[int, tuple[Status, list[int]]]:
        """For each partition its status and, for each write, the last number given, or LOST."""
        calls = [_apply_call(guard, partition, writes) for partition, writes in groups.items()]
        replies = await self._client.call(calls)
        return {
            partition: _status_and_rest(reply)
            for partition, reply in zip(groups, replies, strict=True)
        }

    async def take_due(
        self,
        epochs: tuple[int, ...],
        limit: int,
        *,
        visibility_ms: int = 0,
        tenant_id: str | None = None,
        now_ms: int | None = None,
    ) -> dict[int, tuple[int, list[str]]]:
        """For each ready partition the time and names of customers whose deadline has come.

        Wall tenants: names are "<tenant> <customer>", and without now_ms the time is Redis' own.
        With tenant_id: that virtual tenant's customers up to now_ms. Taken ones are hidden for
        visibility_ms.
        """
        now_text = "" if now_ms is None else str(now_ms)
        calls = [
            (
                "take_due",
                [meta_key(partition), due_key(partition, tenant_id)],
                [str(epochs[partition]), str(limit), str(visibility_ms), now_text],
            )
            for partition in ALL_PARTITIONS
        ]
        taken: dict[int, tuple[int, list[str]]] = {}
        for partition, reply in enumerate(await self._client.call(calls)):
            if reply is not None and reply[0] == Status.OK:
                taken[partition] = int(reply[1]), [name.decode() for name in reply[2:]]
        return taken

    async def next_due_ms(self, tenant_id: str) -> int | None:
        """A virtual tenant's earliest deadline; None for none. Raises StoreUnavailableError."""
        keys = [due_key(partition, tenant_id) for partition in ALL_PARTITIONS]
        replies = await self._client.execute(
            [("ZRANGE", key, "0", "0", "WITHSCORES") for key in keys]
        )
        # [[member, score]] by RESP3, [member, score] before.
        lasts = [reply[-1] for reply in replies if reply]
        scores = [last[-1] if isinstance(last, list) else last for last in lasts]
        return min((int(float(score)) for score in scores), default=None)

    async def outboxes(self, after: Mapping[int, int], limit: int) -> dict[int, Outbox]:
        """What each partition has to announce after a sequence; a silent node answers for none."""
        calls = [
            (
                "outbox",
                [meta_key(partition), outbox_key(partition)],
                [str(limit), f"({epoch_of(sequence)}-{number_of(sequence)}"],
            )
            for partition, sequence in after.items()
        ]
        boxes: dict[int, Outbox] = {}
        for partition, reply in zip(after, await self._client.call(calls), strict=True):
            if reply is not None:
                entries = [(entry[0], _sequence(entry[0]), entry[1][1]) for entry in reply[2]]
                boxes[partition] = Outbox(int(reply[0]), int(reply[1]), entries)
        return boxes

    async def publish_rules(
        self, tenant_id: str, rules_version: int, partitions: Sequence[int] = ALL_PARTITIONS
    ) -> bool:
        """From now on no partition applies a decision that rests on an older ruleset.

        False when some partition could not be told.
        """
        replies = await self._client.call(
            [
                ("publish_rules", [rules_key(partition)], [tenant_id, str(rules_version)])
                for partition in partitions
            ]
        )
        return None not in replies

    async def drop_index(self, tenant_id: str, segment_id: str) -> None:
        """Forgets the members of a segment that is no more."""
        keys = [index_key(partition, tenant_id, segment_id) for partition in ALL_PARTITIONS]
        await self._client.execute([("UNLINK", key) for key in keys])


# Made once: a batch of events asks for hundreds.
_PREFIXES = tuple(f"dangol:{{{partition:02d}}}:" for partition in ALL_PARTITIONS)


def _prefix(partition: int) -> str:
    return _PREFIXES[partition]


def meta_key(partition: int) -> str:
    """Hash: epoch, ready, seq."""
    return _prefix(partition) + "meta"


def rules_key(partition: int) -> str:
    """Hash: tenant -> version of its ruleset."""
    return _prefix(partition) + "rules"


def outbox_key(partition: int) -> str:
    """Stream of announcements not yet copied; an entry's id is <epoch>-<number>."""
    return _prefix(partition) + "outbox"


def due_key(partition: int, tenant_id: str | None) -> str:
    """Sorted set of customers by deadline; virtual tenants have one each."""
    return _prefix(partition) + ("due" if tenant_id is None else f"due:{tenant_id}")


def index_key(partition: int, tenant_id: str, segment_id: str) -> str:
    """Sorted set of a segment's members by entered_at_ms."""
    return f"{_prefix(partition)}m:{tenant_id}:{segment_id}"


def _state_keys(tenant_id: str, partition: int, customer_ids: Sequence[str]) -> list[str]:
    prefix = f"{_prefix(partition)}s:{tenant_id}:"
    return [prefix + customer_id for customer_id in customer_ids]


def _guard_keys(partition: int) -> list[str]:
    return [meta_key(partition), rules_key(partition)]


def _guard_arguments(guard: Guard, partition: int) -> list[Any]:
    ready = "1" if guard.require_ready else "0"
    return [str(guard.epochs[partition]), ready, guard.tenant_id, str(guard.rules_version)]


def _apply_call(guard: Guard, partition: int, writes: Sequence[Write]) -> ScriptCall:
    tenant_id = guard.tenant_id
    due = due_key(partition, tenant_id if guard.virtual else None)
    keys = [*_guard_keys(partition), outbox_key(partition), due]
    arguments = _guard_arguments(guard, partition)
    prefix = f"{_prefix(partition)}s:{tenant_id}:"
    for write in writes:
        customer_id = write.customer_id
        keys.append(prefix + customer_id)
        name = customer_id if guard.virtual else f"{tenant_id} {customer_id}"
        deadline = "" if write.deadline_ms is None else str(write.deadline_ms)
        arguments += (write.expected, write.state or b"", name, deadline, str(len(write.index)))
        for segment_id, entered_at_ms in write.index:
            keys.append(index_key(partition, tenant_id, segment_id))
            arguments += (customer_id, "" if entered_at_ms is None else str(entered_at_ms))
        arguments.append(str(len(write.announcements)))
        arguments += write.announcements
    return "apply", keys, arguments


def _status_and_rest(reply: Any) -> tuple[Status, list[Any]]:
    if reply is None:
        return Status.NOT_READY, []
    return Status(reply[0]), reply[1:]


def _sequence(entry_id: bytes) -> int:
    epoch, _, number = entry_id.partition(b"-")
    return sequence_of(int(epoch), int(number))
