"""Replicas of the service within the process, over real stores, under a wall clock set by hand."""

from __future__ import annotations

import asyncio
import socket
import struct
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import hiredis
from dangol_dev.servers import RedisServer
from dangol_service_kit.metrics import Metrics
from motor.motor_asyncio import AsyncIOMotorClient
from segmentation_service.__main__ import make_core, make_recovery, stores_over
from segmentation_service.engine import State, decode_state
from segmentation_service.partitions import ALL_PARTITIONS, partition_of
from segmentation_service.service_evaluation import EvaluationService
from segmentation_service.store_mongo import prepare_database
from segmentation_service.store_redis import RedisStore, due_key, index_key
from segmentation_service.store_redis_client import ScriptClient
from segmentation_service.ticker import Ticker, VirtualDeadlines

from tests.integration.segmentation.machine.past import Pasts
from tests.unit.segmentation.oracle import Change

VISIBILITY_MS = 2_000
# A busy machine may stand still for seconds; that is no silence of Redis.
_SILENCE_SECONDS = 60.0
_HEADER = struct.Struct(">QI")


class Held(NamedTuple):
    """What Redis holds of a customer. After each write version is one that never was before."""

    version: int
    rules_version: int
    state: State
    due_ms: int | None


class Looker:
    """Plain commands to Redis on a socket: the state is looked at after each of many steps."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._reader = hiredis.Reader()

    def ask(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Each command's answer."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._reader = hiredis.Reader()
        self._socket.sendall(b"".join(map(hiredis.pack_command, commands)))
        answers: list[Any] = []
        while len(answers) < len(commands):
            answer = self._reader.gets()
            if answer is False:
                self._reader.feed(self._socket.recv(1 << 16))
            else:
                answers.append(answer)
        return answers

    def close(self) -> None:
        """The next question opens a connection anew."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class HandClock:
    """Wall time, moved by hand."""

    def __init__(self) -> None:
        self.now_ms = 0

    def read_ns(self) -> int:
        """In the middle of the millisecond, so that rounding is no matter."""
        return self.now_ms * 1_000_000 + 500_000


class HandTicked:
    """Deadlines in Redis that are due by the hand's clock instead of Redis' own."""

    def __init__(self, store: RedisStore, clock: HandClock) -> None:
        self._store = store
        self._clock = clock

    async def take_due(self, *arguments: Any, **options: Any) -> Any:
        """As the store, with the time."""
        return await self._store.take_due(*arguments, **{**options, "now_ms": self._clock.now_ms})


@dataclass(frozen=True)
class Replica:
    """One replica's parts; what runs in the background there is called here."""

    core: Any
    evaluation: EvaluationService
    ticker: Ticker
    virtual: VirtualDeadlines
    recovery: Any

    async def worked(self, change: Coroutine[Any, Any, Any]) -> Any:
        """What a change of rules answers, once everyone is computed anew."""
        task = asyncio.create_task(change)
        while not task.done():
            # Nothing runs by itself, least of all beyond this step.
            await self.core.backfill.work_off()
            await asyncio.wait({task}, timeout=0.001)
        return await task


class World:
    """Real Redis and MongoDB, and what is needed to look into them."""

    def __init__(self, redis_server: RedisServer, mongodb_uri: str, database_name: str) -> None:
        self.server = redis_server
        self.pasts = Pasts()
        self.clock = HandClock()
        self._uri = mongodb_uri
        self._name = database_name
        self.client = ScriptClient(redis_server.url, _SILENCE_SECONDS)
        self._looker = Looker(redis_server.port)
        self.redis = RedisStore(self.client)

    async def open(self) -> None:
        """Connects. One node needs no majority, and nothing here survives the test."""
        self._motor: Any = AsyncIOMotorClient(self._uri, w=1, journal=False)
        self.database = self._motor[self._name]
        await prepare_database(self.database)
        pasts: Any = self.pasts
        self.stores = stores_over(
            pasts, pasts, self.database, self.client, wall_ns=self.clock.read_ns
        )

    async def close(self) -> None:
        """Disconnects."""
        await self.client.close()
        self._looker.close()
        self._motor.close()

    async def replica(self, redis_store: Any = None) -> Replica:
        """A replica that has just started and found everything whole; over its own store."""
        stores = replace(self.stores, redis=redis_store) if redis_store else self.stores
        core = make_core(stores, Metrics())
        due = HandTicked(self.redis, self.clock)
        replica = Replica(
            core,
            EvaluationService(core.applier, core.rulesets, core.replayer, core.gate),
            Ticker(due, core.deadlines, core.gate, visibility_ms=VISIBILITY_MS, tick_seconds=0.01),
            VirtualDeadlines(self.redis, core.deadlines, core.gate),
            make_recovery(self.stores, core),
        )
        assert await self.made_whole(replica)
        return replica

    async def made_whole(self, replica: Replica) -> bool:
        """Has a replica look at everything, and repair it to the end."""
        return bool(await replica.recovery.make_whole())

    async def held(
        self, tenant_id: str, customer_ids: Sequence[str], virtual: bool
    ) -> dict[str, Held | None]:
        """What Redis holds of customers."""
        places = [(name, partition_of(tenant_id, name)) for name in customer_ids]
        commands: list[tuple[Any, ...]] = []
        for name, partition in places:
            commands.append(("GET", f"dangol:{{{partition:02d}}}:s:{tenant_id}:{name}"))
            member = name if virtual else f"{tenant_id} {name}"
            commands.append(("ZSCORE", due_key(partition, tenant_id if virtual else None), member))
        replies = self._looker.ask(commands)
        found: dict[str, Held | None] = {}
        for (name, _), data, due in zip(places, replies[::2], replies[1::2], strict=True):
            due_ms = None if due is None else int(float(due))
            found[name] = None
            if data is not None:
                header = _HEADER.unpack_from(data)
                found[name] = Held(header[0], header[1], decode_state(data[_HEADER.size :]), due_ms)
            else:
                assert due_ms is None
        return found

    async def indexed(
        self, tenant_id: str, customer_ids: Sequence[str], segment_ids: Sequence[str]
    ) -> set[tuple[str, str, int]]:
        """(segment, customer, entered_at_ms) as the member indexes have it."""
        pairs = [(segment, name) for segment in segment_ids for name in customer_ids]
        commands = [
            ("ZSCORE", index_key(partition_of(tenant_id, name), tenant_id, segment), name)
            for segment, name in pairs
        ]
        scores = self._looker.ask(commands)
        return {
            (segment, name, int(float(score)))
            for (segment, name), score in zip(pairs, scores, strict=True)
            if score is not None
        }

    async def kept(self, tenant_id: str) -> set[tuple[str, Change]]:
        """What was announced, as MongoDB keeps it."""
        cursor = self.database.announcements.find({"t": tenant_id}, {"d": 0})
        return {
            (one["c"], (int(one["at"]), one["s"], int(one["n"]), one["k"] == 1))
            async for one in cursor
        }

    async def restart_redis(self) -> None:
        """Ends Redis and starts it again on what is on its disk."""
        await self.server.restart()
        self._looker.close()

    async def clear(self) -> None:
        """Nothing is left of any history."""
        await self.server.delete_everything()
        for name in await self.database.list_collection_names():
            await self.database[name].delete_many({})

    async def forget(self, tenant_id: str, customer_ids: Sequence[str]) -> None:
        """The tenant's history is over."""
        places = [(name, partition_of(tenant_id, name)) for name in customer_ids]
        self._looker.ask(
            [
                ("ZREM", due_key(partition, None), f"{tenant_id} {name}")
                for name, partition in places
            ]
        )
        await self.database.rulesets.delete_one({"_id": tenant_id})
        await self.database.announcements.delete_many({"t": tenant_id})


def new_tenant_id() -> str:
    """A tenant for one history."""
    return "t" + uuid.uuid4().hex[:12]


ALL = ALL_PARTITIONS
