"""What default telemetry costs: two stacks, with it and without, by turns on the same machine.

Default is what the chart gives once it is told of a collector: metrics on a port and by OTLP, 1 %
of traces. Processor time says it best: what else runs on the machine does not count.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from dangol_dev.stack import SERVICES
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from bench import context, latency, shop
from bench.context import Bench, together
from bench.figures import Figure
from bench.http import HttpClient

ROUNDS = 16
EVENTS_A_ROUND = 200
CONCURRENT = 8
_WARM_UP_EVENTS = 400
_TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


@dataclass
class Side:
    """One of the two stacks. cpu_ms and rates: of its rounds, for one event and in events/s."""

    bench: Bench
    gateway: HttpClient
    events: int = 0
    cpu_ms: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    async def run(self, count: int) -> float:
        """Tracks events of known customers by GraphQL; events a second."""
        numbers = iter(range(self.events, self.events + count))
        self.events += count

        async def track() -> None:
            await latency.track(self.gateway, next(numbers))()

        return await together(track, count, CONCURRENT)

    async def round(self) -> None:
        """One round, measured."""
        before = self._cpu_seconds()
        self.rates.append(await self.run(EVENTS_A_ROUND))
        self.cpu_ms.append((self._cpu_seconds() - before) * 1000 / EVENTS_A_ROUND)

    def _cpu_seconds(self) -> float:
        """What the four services have used so far, all their threads together."""
        return sum(_cpu_seconds(self.bench.stack.processes[name].pid) for name in SERVICES)


def _cpu_seconds(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_SECONDS


class Collector:
    """Takes what services send by OTLP over gRPC, and forgets it."""

    def __init__(self) -> None:
        self._server = grpc.aio.server()
        self.received = 0
        self.endpoint = ""

    async def __aenter__(self) -> Collector:
        for service, answer in (
            ("trace.v1.TraceService", traces.ExportTraceServiceResponse()),
            ("metrics.v1.MetricsService", metrics.ExportMetricsServiceResponse()),
        ):
            name = f"opentelemetry.proto.collector.{service}"
            handler: Any = grpc.unary_unary_rpc_method_handler(
                self._answer(answer.SerializeToString())
            )
            handlers = grpc.method_handlers_generic_handler(name, {"Export": handler})
            self._server.add_generic_rpc_handlers((handlers,))
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        self.endpoint = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)

    def _answer(self, answer: bytes) -> Any:
        async def export(_request: bytes, _context: object) -> bytes:
            self.received += 1
            return answer

        return export


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Processor time and rate of tracked events with default telemetry, beside those without."""
    async with Collector() as collector, AsyncExitStack() as exits:
        environment = {
            "DANGOL_OTLP_ENDPOINT": collector.endpoint,
            "DANGOL_METRICS_LISTEN": "127.0.0.1:0",
            # Sent within the measurement, not only after it.
            "OTEL_METRIC_EXPORT_INTERVAL": "5000",
        }
        traced = await exits.enter_async_context(
            context.bench(bench.directory / "traced", environment)
        )
        sides = [await _side(one, exits) for one in (bench, traced)]
        began = time.perf_counter()
        for number in range(ROUNDS):
            for side in sides if number % 2 else reversed(sides):
                await side.round()
        if not collector.received:
            raise RuntimeError(f"no telemetry came in {time.perf_counter() - began:.0f} s")
    off, on = sides
    yield Figure(
        "default telemetry, processor time of an event",
        statistics.median(on.cpu_ms),
        "ms",
        "without telemetry",
        statistics.median(off.cpu_ms),
        "ratio <= 1.05",
    )
    yield Figure(
        "default telemetry, tracked events",
        statistics.median(on.rates),
        "events/s",
        "without telemetry",
        statistics.median(off.rates),
        "ratio >= 0.95",
    )


async def _side(bench: Bench, exits: AsyncExitStack) -> Side:
    await shop.install_segments(bench)
    await latency.make_known(bench, range(_WARM_UP_EVENTS + ROUNDS * EVENTS_A_ROUND))
    gateway = HttpClient(bench.stack.ports.gateway, "/graphql", bench.token())
    exits.callback(gateway.close)
    side = Side(bench, gateway)
    await side.run(_WARM_UP_EVENTS)
    return side
