"""Collectors of telemetry: one that listens, one that is not there, one that never answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest
from dangol_dev.processes import free_port
from dangol_service_kit.auth import TokenVerifier, public_jwk
from dangol_service_kit.client import connect, metadata
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.server import Server
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2 as metrics_pb,
)
from opentelemetry.proto.collector.metrics.v1 import (
    metrics_service_pb2_grpc as metrics_grpc,
)

from tests.integration.service_kit.conftest import SERVICE, EchoServicer, Running, add_echo

TRACE_ID = "c" * 32
# More spans than the sender keeps, so that some have to be dropped.
CALLS = 2_500
AT_ONCE = 50
# Far below the ten seconds for which the sender waits for its collector.
CALL_SECONDS = 8.0
STOP_SECONDS = 20.0


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


@asynccontextmanager
async def echoing(endpoint: str) -> AsyncIterator[Running]:
    """The echo service, which sends its telemetry there."""
    key = Ed25519PrivateKey.generate()
    jwk = public_jwk(key)
    verifier = TokenVerifier({"keys": [jwk]}, "https://issuer.test", "dangol")
    config = ProcessConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=Path("unused"),
        auth_issuer="https://issuer.test",
        auth_audience="dangol",
        otlp_endpoint=endpoint,
        drain_seconds=5.0,
    )
    now = int(time.time())
    claims = {"iss": "https://issuer.test", "aud": "dangol", "iat": now, "exp": now + 600}
    claims |= {"sub": "someone", "tenant": "shop", "role": "marketer"}
    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": jwk["kid"]})
    server = Server(config, verifier, "echo")
    server.add(add_echo, EchoServicer(), SERVICE)
    await server.start()
    async with connect(f"127.0.0.1:{server.port}") as channel:
        yield Running(server, EchoServicer(), channel, token)
    async with asyncio.timeout(STOP_SECONDS):
        await server.stop()


async def call(echo: Running) -> None:
    """One call whose trace is sampled, which has to be answered in time."""
    traceparent = ("traceparent", f"00-{TRACE_ID}-{'1' * 16}-01")
    sent = (*metadata(echo.token), traceparent)
    request = GetSegmentRequest(segment_id="vip")
    answer = await echo.methods["unary"](request, metadata=sent, timeout=CALL_SECONDS)
    assert "vip" == answer.segment_id


async def call_often(echo: Running) -> int:
    """Many calls; answers how many there were."""
    for _ in range(CALLS // AT_ONCE):
        await asyncio.gather(*(call(echo) for _ in range(AT_ONCE)))
    return CALLS


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
    """Every call is answered while nothing of it can be sent, and the process ends in time."""
    reached = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        while await reader.read(65_536):
            continue
        writer.close()

    async with AsyncExitStack() as stack:
        port = free_port()
        if kind == "black hole":
            hole = await asyncio.start_server(swallow, "127.0.0.1", port)
            stack.callback(hole.close)
        else:
            reached.set()
        async with echoing(f"http://127.0.0.1:{port}") as echo:
            assert CALLS == await call_often(echo)
            async with asyncio.timeout(STOP_SECONDS):
                await reached.wait()
            await call(echo)
