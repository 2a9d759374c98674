"""Collectors of telemetry: one that listens, one that is not there, one that never answers."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2 as metrics_pb,
)
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2_grpc as metrics_grpc,
)

from tests.integration.service_kit.echoing import CALLS, TRACE_ID, call, echoing

# Only so that nothing hangs: the process gives up on its collector after five seconds.
_PROCESS_SECONDS = 120.0


class MetricsCollector(metrics_grpc.MetricsServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.metrics: dict[str, Any] = {}

    async def Export(  # noqa: N802
        self, request: metrics_pb.ExportMetricsServiceRequest, _context: Any
    ) -> metrics_pb.ExportMetricsServiceResponse:
        """Takes a report."""
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                self.metrics |= {metric.name: metric for metric in scope.metrics}
        return metrics_pb.ExportMetricsServiceResponse()


async def test_metrics_reach_a_collector_with_exemplars() -> None:
    """At the end at the latest, under their own names, with the traces of calls."""
    collector = MetricsCollector()
    server = grpc.aio.server()
    add: Any = metrics_grpc.add_MetricsServiceServicer_to_server
    add(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with echoing(f"http://127.0.0.1:{port}") as echo:
        await call(echo)
    await server.stop(0)
    (point,) = collector.metrics["rpc.server.call.duration"].histogram.data_points
    assert 1 == point.count
    assert [bytes.fromhex(TRACE_ID)] == [exemplar.trace_id for exemplar in point.exemplars]
    assert {"process.uptime", "process.memory.usage", "process.cpu.time"} <= set(collector.metrics)


@pytest.mark.parametrize("kind", ["closed", "black hole"])
async def test_a_collector_that_fails_keeps_no_call_waiting(kind: str) -> None:
    """Every call is answered while nothing of it can be sent, and the process ends by itself."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.service_kit.failing_collector", kind),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PROCESS_SECONDS):
            output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert 0 == process.returncode, errors.decode()
    assert f"answered {CALLS + 1} of {CALLS + 1}" == output.decode().splitlines()[-1]
