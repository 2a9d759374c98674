"""Looking at all of Redis: which process serves which partition, and what it lost."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Protocol

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.recovery import (
    Meta,
    Node,
    PartitionRecord,
    Repair,
    StoreRecord,
    is_under_way,
    judge,
)
from segmentation_service.store_redis_client import StoreUnavailableError
from segmentation_service.store_redis_session import RedisSession


class Sessions(Protocol):
    """Who serves what, and connections that recovery can trust."""

    def use(self, generation: str) -> None:
        """From now on the scripts of this generation are called."""
        ...

    async def masters(self) -> dict[str, tuple[int, ...]]:
        """By URL of each node the partitions that it serves."""
        ...

    def session(self, url: str) -> AbstractAsyncContextManager[RedisSession]:
        """One connection to one running node."""
        ...


class Records(Protocol):
    """What replicas agree on."""

    async def load_partitions(self) -> dict[int, PartitionRecord]:
        """Every partition's record; none on a fresh installation."""
        ...

    async def load_store(self) -> StoreRecord:
        """What is known of Redis."""
        ...


@dataclass(slots=True)
class Found:
    """What a look at all nodes found out. Sessions by URL; the rest by partition."""

    records: dict[int, PartitionRecord]
    store: StoreRecord
    now_ms: int
    fresh: bool
    sessions: dict[str, RedisSession] = field(default_factory=dict)
    times_ms: list[int] = field(default_factory=list)
    urls: dict[int, str] = field(default_factory=dict)
    metas: dict[int, Meta] = field(default_factory=dict)
    repairs: dict[int, Repair] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)

    def node(self, partition: int) -> Node:
        """Who serves a partition that can be reached."""
        return self.sessions[self.urls[partition]].node

    def served(self, url: str) -> list[int]:
        """What a node serves."""
        return [p for p, by in self.urls.items() if by == url]

    @property
    def ready(self) -> list[bool]:
        """By partition, whether it is whole and open."""
        return [
            p in self.metas and p not in self.repairs and self.metas[p].ready
            for p in ALL_PARTITIONS
        ]

    def broken(self) -> set[int]:
        """Those that can be reached and are not whole, or not open."""
        ready = self.ready
        return {p for p in self.metas if not ready[p]}

    def trusted(self, url: str, begun: Collection[int] = ()) -> bool:
        """Whether nothing was lost there that is not being repaired."""
        accounted = {*self.under_way, *begun}
        return all(p not in self.repairs or p in accounted for p in self.served(url))

    def moved(self) -> dict[int, PartitionRecord]:
        """Whole partitions that another known node took over."""
        return {
            p: replace(self.records[p], node=self.node(p).identity, since_ms=self.now_ms)
            for p in self.metas
            if p not in self.repairs and self.records[p].node != self.node(p).identity
        }

    def first_record(self, partition: int) -> PartitionRecord:
        """The record with which a partition begins on a fresh installation."""
        return PartitionRecord(1, None, self.node(partition).identity)

    def broken_record(self, partition: int) -> PartitionRecord:
        """The record under which a partition is repaired."""
        record = self.records[partition]
        return replace(
            record,
            epoch=max(record.epoch, self.metas[partition].epoch) + 1,
            repair=self.repairs[partition],
            node=self.node(partition).identity,
            whole_ms=self.store.whole_ms(record),
        )

    @property
    def is_unbegun(self) -> bool:
        """Whether Redis was never used before."""
        return bool(self.metas) and (self.fresh or not self.store.generation)

    def due_again(self, busy: Collection[int], fence_ms: int) -> set[int]:
        """Partitions that were repaired and have to be looked at once more now."""
        ready = self.ready
        return {
            p
            for p in self.metas
            if 0 < self.records[p].again_ms <= self.now_ms - fence_ms and ready[p] and p not in busy
        }

    def has_work(self, busy: Collection[int], fence_ms: int) -> bool:
        """Whether there is something that nobody here is at yet."""
        waiting = self.broken() - {*busy}
        return bool(waiting or self.is_unbegun or self.due_again(busy, fence_ms))


async def look(stack: AsyncExitStack, sessions: Sessions, agreement: Records, now_ms: int) -> Found:
    """Asks all nodes, and judges what they serve; connections stay open as long as the stack."""
    records = await agreement.load_partitions()
    store = await agreement.load_store()
    found = Found(records, store, now_ms, fresh=not records)
    for partition in ALL_PARTITIONS:
        nothing = PartitionRecord(0, None if found.fresh else Repair.REBUILD)
        records.setdefault(partition, nothing)
    masters = await sessions.masters()
    await asyncio.gather(
        *(_ask(stack, sessions, found, url, served) for url, served in masters.items())
    )
    for partition, meta in found.metas.items() if not found.fresh else ():
        record, node = records[partition], found.node(partition)
        repair = judge(record, meta, node, store, found.now_ms)
        if repair is not None:
            found.repairs[partition] = repair
            if repair is record.repair and is_under_way(record, meta, node):
                found.under_way.add(partition)
    return found


async def _ask(
    stack: AsyncExitStack, sessions: Sessions, found: Found, url: str, partitions: tuple[int, ...]
) -> None:
    """A node that does not answer, or may not be written, is left out."""
    try:
        session = await stack.enter_async_context(sessions.session(url))
        metas = await session.metas(partitions) if session.node.serves else {}
        found.times_ms.append(await session.time_ms())
    except StoreUnavailableError:
        return
    found.sessions[url] = session
    found.metas |= metas
    found.urls |= dict.fromkeys(metas, url)
