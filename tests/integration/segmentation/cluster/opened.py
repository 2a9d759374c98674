"""A store whose partitions are open, as recovery leaves them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from segmentation_service.partitions import ALL_PARTITIONS, PARTITION_COUNT, partition_of
from segmentation_service.states import Write
from segmentation_service.store_redis import Guard, RedisStore, Status
from segmentation_service.store_redis_bus import RedisBus
from segmentation_service.store_redis_client import ScriptClient

TENANT = "shop"
EPOCHS = (3,) * PARTITION_COUNT
NOBODY: tuple[int, ...] = ()
_GENERATION = "first"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Opened:
    """The store, its bus and its client."""

    client: ScriptClient
    store: RedisStore
    bus: RedisBus

    def guard(self, rules_version: int = 1, virtual: bool = False) -> Guard:
        """Under what the tests read and write."""
        return Guard(EPOCHS, TENANT, rules_version, virtual)

    async def apply(self, *writes: Write, guard: Guard | None = None) -> dict[str, int | Status]:
        """For each customer the last number given, LOST, or what kept the partition from it."""
        groups: dict[int, list[Write]] = {}
        for write in writes:
            groups.setdefault(partition_of(TENANT, write.customer_id), []).append(write)
        answers = await self.store.apply(guard or self.guard(), groups)
        found: dict[str, int | Status] = {}
        for partition, (status, numbers) in answers.items():
            for place, write in enumerate(groups[partition]):
                found[write.customer_id] = status if status else numbers[place]
        return found

    async def read(
        self, *customer_ids: str, guard: Guard | None = None
    ) -> dict[str, bytes | Status | None]:
        """For each customer the state, or what kept the partition from it."""
        groups: dict[int, list[str]] = {}
        for name in customer_ids:
            groups.setdefault(partition_of(TENANT, name), []).append(name)
        answers = await self.store.read(guard or self.guard(), groups)
        found: dict[str, bytes | Status | None] = {}
        for partition, (status, values) in answers.items():
            for place, name in enumerate(groups[partition]):
                found[name] = status if status else values[place]
        return found


def write(
    customer_id: str,
    expected: bytes = b"",
    *,
    deadline_ms: int | None = None,
    index: Sequence[tuple[str, int | None]] = (),
    announcements: Sequence[bytes] = (),
) -> Write:
    """A write with a version that never was before."""
    state = next(_numbers).to_bytes(8, "big") + b"body"
    return Write(customer_id, expected, state, deadline_ms, index, announcements)


async def open_store(url: str) -> Opened:
    """Begins every partition, as recovery does on a fresh installation."""
    client = ScriptClient(url)
    store = RedisStore(client)
    for node, partitions in (await store.masters()).items():
        async with store.session(node) as session:
            epochs = {p: EPOCHS[p] for p in partitions}
            await session.begin_epochs(epochs)
            await session.load_scripts(_GENERATION)
            await session.mark_ready(epochs, _GENERATION)
    client.use(_GENERATION)
    assert await store.publish_rules(TENANT, 1, ALL_PARTITIONS)
    return Opened(client, store, RedisBus(client))
