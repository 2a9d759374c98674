"""The segmentation process: the only place that wires."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.clock_service_pb2_grpc import add_ClockServiceServicer_to_server
from dangol.segmentation.v1.evaluation_service_pb2_grpc import (
    add_EvaluationServiceServicer_to_server,
)
from dangol.segmentation.v1.sandbox_service_pb2_grpc import add_SandboxServiceServicer_to_server
from dangol.segmentation.v1.segment_service_pb2_grpc import add_SegmentServiceServicer_to_server
from dangol_service_kit.auth import ServiceCredentials, verifier_of
from dangol_service_kit.client import connect
from dangol_service_kit.clock import Clock
from dangol_service_kit.config import load
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Dependencies
from dangol_service_kit.server import Server, run_service
from dangol_service_kit.tenants import TenantDirectory
from dangol_service_kit.tls import identity_of

from segmentation_service.clients_profile import ProfileClient
from segmentation_service.config import SegmentationConfig
from segmentation_service.drainer import Drainer
from segmentation_service.rebuild import StateRepair
from segmentation_service.rpc_evaluation import ClockRpc, EvaluationRpc
from segmentation_service.rpc_sandboxes import SandboxRpc
from segmentation_service.rpc_segments import SegmentRpc
from segmentation_service.service_applier import Applier
from segmentation_service.service_backfill import Backfill
from segmentation_service.service_clock import ClockSteps, virtual_reading
from segmentation_service.service_epochs import Epochs
from segmentation_service.service_evaluation import EvaluationService
from segmentation_service.service_gate import Gate
from segmentation_service.service_members import MemberService
from segmentation_service.service_metrics import Backlog, Meters, observe
from segmentation_service.service_preview import PreviewService
from segmentation_service.service_recovery import Recovery
from segmentation_service.service_replay import Replayer
from segmentation_service.service_rulesets import Rulesets
from segmentation_service.service_segments import SegmentService
from segmentation_service.service_sizes import SizeService
from segmentation_service.service_time import TrustedTime
from segmentation_service.store_coordination import Coordination
from segmentation_service.store_mongo import MongoStore, open_database, prepare_database
from segmentation_service.store_progress import ProgressStore
from segmentation_service.store_redis import RedisStore
from segmentation_service.store_redis_bus import RedisBus
from segmentation_service.store_redis_client import ScriptClient
from segmentation_service.store_redis_members import BacklogReader, MemberIndex
from segmentation_service.store_sandboxes import SandboxData
from segmentation_service.ticker import Deadlines, Ticker, VirtualDeadlines
from segmentation_service.watch import WatchHub

SERVICE_NAME = "segmentation"
_PACKAGE = "dangol.segmentation.v1"
_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Process:
    """A running replica: its server, not yet started, and its gate."""

    server: Server
    gate: Gate


@dataclass(frozen=True, slots=True)
class Stores:
    """What lies outside of the process."""

    profile: ProfileClient
    directory: TenantDirectory
    mongo: MongoStore
    coordination: Coordination
    progress: ProgressStore
    redis: RedisStore
    members: MemberIndex
    backlog: BacklogReader
    bus: RedisBus
    sandboxes: SandboxData
    wall_ns: Callable[[], int] = time.time_ns
    trusted: TrustedTime | None = None

    def wall_ms(self) -> int:
        """Wall time in milliseconds."""
        return self.wall_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Core:
    """What the use cases share."""

    gate: Gate
    clock: Clock
    rulesets: Rulesets
    drainer: Drainer
    applier: Applier
    replayer: Replayer
    deadlines: Deadlines
    backfill: Backfill
    members: MemberService
    segments: SegmentService
    meters: Meters
    owner: str


@asynccontextmanager
async def open_process(
    config: SegmentationConfig, wall_ns: Callable[[], int] = time.time_ns
) -> AsyncIterator[Process]:
    """Wires a replica and runs its background work; the caller runs the server.

    wall_ns: this machine's clock, which may be wrong.
    """
    async with AsyncExitStack() as stack:
        verifier = verifier_of(config)
        stores = await _open_stores(stack, config, TrustedTime(wall_ns))
        server = Server(config, verifier, SERVICE_NAME)
        core = make_core(stores, server.metrics)
        watch = WatchHub(stores.bus, stores.mongo)
        ticker = Ticker(
            stores.redis,
            core.deadlines,
            core.gate,
            visibility_ms=int(config.deadline_visibility_seconds * 1000),
            tick_seconds=config.tick_seconds,
            wall_ms=stores.wall_ms,
        )
        backlog = Backlog(server.metrics, stores.backlog)
        pings = {"mongodb": stores.mongo.ping, "redis": stores.bus.bounds}
        Dependencies(server.metrics, pings)
        _add_servicers(server, stores, core, watch)
        work = (make_recovery(stores, core), core.drainer, core.backfill, ticker, watch, backlog)
        tasks = [asyncio.create_task(one.run()) for one in work]
        server.set_ready(False)
        tasks.append(asyncio.create_task(_tell_health(server, core.gate)))
        stack.push_async_callback(_cancel, tasks)
        yield Process(server, core.gate)


async def _open_stores(
    stack: AsyncExitStack, config: SegmentationConfig, trusted: TrustedTime
) -> Stores:
    credentials = ServiceCredentials(
        config.service_key_file, config.auth_issuer, config.auth_audience, SERVICE_NAME
    )
    channel = await stack.enter_async_context(
        connect(config.profile_target, identity=identity_of(config))
    )
    database = open_database(
        config.mongodb_uri, config.mongodb_database, traced=bool(config.otlp_endpoint)
    )
    stack.callback(database.client.close)
    await prepare_database(database)
    client = ScriptClient(config.redis_url)
    stack.push_async_callback(client.close)
    return stores_over(
        ProfileClient(EventServiceStub(channel), CustomerServiceStub(channel), credentials),
        TenantDirectory(TenantServiceStub(channel), credentials),
        database,
        client,
        trusted.now_ns,
        trusted=trusted,
    )


def stores_over(
    profile: ProfileClient,
    directory: TenantDirectory,
    database: Any,
    client: ScriptClient,
    wall_ns: Callable[[], int] = time.time_ns,
    *,
    trusted: TrustedTime | None = None,
) -> Stores:
    """Everything that lies outside, behind these clients."""
    redis = RedisStore(client)
    return Stores(
        profile,
        directory,
        MongoStore(database),
        Coordination(database),
        ProgressStore(database),
        redis,
        MemberIndex(client),
        BacklogReader(client),
        RedisBus(client),
        SandboxData(database, redis, client),
        wall_ns=wall_ns,
        trusted=trusted,
    )


def make_core(stores: Stores, metrics: Metrics) -> Core:
    """A replica's parts; nothing runs yet."""
    gate = Gate()
    owner = uuid.uuid4().hex
    clock = Clock(
        stores.directory,
        virtual_reading(stores.coordination, stores.directory),
        wall_ms=stores.wall_ms,
    )
    rulesets = Rulesets(stores.mongo, stores.redis, stores.directory)
    drainer = Drainer(stores.redis, stores.bus, stores.mongo, stores.wall_ms)
    applier = Applier(stores.redis, rulesets, gate, drainer, stores.wall_ms)
    replayer = Replayer(applier, rulesets, stores.profile, stores.mongo, clock)
    backfill = Backfill(
        store=stores.mongo,
        progress=stores.progress,
        agreement=stores.coordination,
        histories=stores.profile,
        index=stores.redis,
        rulesets=rulesets,
        replayer=replayer,
        gate=gate,
        owner=owner,
        wall_ms=stores.wall_ms,
    )
    members = MemberService(
        store=stores.mongo,
        members=stores.members,
        applier=applier,
        rulesets=rulesets,
        replayer=replayer,
        gate=gate,
        clock=clock,
    )
    segments = SegmentService(
        store=stores.mongo,
        progress=stores.progress,
        members=members,
        rulesets=rulesets,
        backfill=backfill,
        directory=stores.directory,
        clock=clock,
    )
    meters = Meters(metrics)
    observe(metrics, gate, backfill, applier, drainer)
    return Core(
        gate=gate,
        clock=clock,
        rulesets=rulesets,
        drainer=drainer,
        applier=applier,
        replayer=replayer,
        deadlines=Deadlines(applier, rulesets, replayer, meters.fired),
        backfill=backfill,
        members=members,
        segments=segments,
        meters=meters,
        owner=owner,
    )


def make_recovery(stores: Stores, core: Core) -> Recovery:
    """What watches over Redis for a replica."""
    repair = StateRepair(
        segment_sets=stores.mongo,
        bus=stores.bus,
        profile=stores.profile,
        progress=stores.coordination,
        rulesets=core.rulesets,
        replayer=core.replayer,
        drainer=core.drainer,
        gate=core.gate,
        wall_ms=stores.wall_ms,
    )
    return Recovery(
        sessions=stores.redis,
        agreement=stores.coordination,
        gate=core.gate,
        repair=repair.repair,
        owner=core.owner,
        wall_ms=stores.wall_ms,
        saw=stores.trusted.saw if stores.trusted is not None else None,
    )


def _add_servicers(server: Server, stores: Stores, core: Core, watch: WatchHub) -> None:
    evaluation = EvaluationService(core.applier, core.rulesets, core.replayer, core.gate)
    steps = ClockSteps(
        store=stores.coordination,
        directory=stores.directory,
        deadlines=VirtualDeadlines(stores.redis, core.deadlines, core.gate),
        drainer=core.drainer,
        gate=core.gate,
        finish_work=core.backfill.finish,
    )
    server.add(
        add_EvaluationServiceServicer_to_server,
        EvaluationRpc(
            evaluation=evaluation,
            replayer=core.replayer,
            segments=core.segments,
            gate=core.gate,
            clock=core.clock,
            meters=core.meters,
            epochs=Epochs(stores.coordination, core.gate),
        ),
        f"{_PACKAGE}.EvaluationService",
    )
    server.add(
        add_SegmentServiceServicer_to_server,
        _segment_rpc(stores, core, watch),
        f"{_PACKAGE}.SegmentService",
        endless=["WatchMemberships"],
    )
    server.add(add_ClockServiceServicer_to_server, ClockRpc(steps), f"{_PACKAGE}.ClockService")
    erasing = SandboxRpc(stores.sandboxes, stores.directory, core.drainer)
    server.add(add_SandboxServiceServicer_to_server, erasing, f"{_PACKAGE}.SandboxService")


def _segment_rpc(stores: Stores, core: Core, watch: WatchHub) -> SegmentRpc:
    return SegmentRpc(
        segments=core.segments,
        members=core.members,
        previews=PreviewService(
            store=stores.mongo,
            customers=stores.profile,
            directory=stores.directory,
            clock=core.clock,
            gate=core.gate,
        ),
        sizes=SizeService(stores.mongo, core.drainer, stores.directory, core.clock),
        watch=watch,
        announced=stores.mongo,
    )


async def _tell_health(server: Server, gate: Gate) -> None:
    """Its services serve while state is whole; the process, once any of it was for the first time.

    While state is being rebuilt calls are answered one by one: definitions, sizes and previews
    need no state, and a node of Redis that is away keeps no replica from starting.
    """
    while not await gate.wait_usable(_READY_SECONDS):
        pass
    await server.set_ready(True)
    while True:
        changed = gate.change()
        await server.set_whole(gate.is_ready)
        await changed


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def main() -> None:
    """Runs the service until SIGTERM or SIGINT."""
    async with open_process(load(SegmentationConfig, os.environ)) as process:
        await process.server.run()


if __name__ == "__main__":
    run_service(main)
