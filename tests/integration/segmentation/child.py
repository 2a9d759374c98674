"""A replica of segmentation as a process of its own, which can be killed and scraped."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from dangol_dev.processes import ChildProcess, free_port
from dangol_service_kit.client import connect
from grpc_health.v1 import health_pb2, health_pb2_grpc
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.harness import Replica, eventually

_FILES = ("auth_jwks_file", "service_key_file", "master_key_file")
_TEXTS = ("auth_issuer", "auth_audience", "redis_url", "mongodb_uri", "mongodb_database")


@dataclass(frozen=True)
class Child:
    """The process, a client of it, and where its metrics are."""

    process: ChildProcess
    replica: Replica
    metrics_port: int


@asynccontextmanager
async def run_child(config: SegmentationConfig, directory: Path) -> AsyncIterator[Child]:
    """A replica that serves, and whose state is whole."""
    port, metrics_port = free_port(), free_port()
    names = (*_FILES, *_TEXTS, "profile_target")
    environment = {f"DANGOL_{name.upper()}": str(getattr(config, name)) for name in names}
    environment["DANGOL_LISTEN"] = f"127.0.0.1:{port}"
    environment["DANGOL_METRICS_LISTEN"] = f"127.0.0.1:{metrics_port}"
    command = [sys.executable, "-m", "segmentation_service"]
    process = ChildProcess("segmentation", command, directory / "log", environment)
    process.start()
    channel = connect(f"127.0.0.1:{port}")
    try:
        await eventually(lambda: serves(channel, ""))
        replica = Replica(None, channel, config.service_key_file.parent)  # type: ignore[arg-type]
        yield Child(process, replica, metrics_port)
    finally:
        await channel.close()
        await process.stop()


async def serves(channel: Any, service: str) -> bool:
    """Whether health says so of a service, "" for the process."""
    request = health_pb2.HealthCheckRequest(service=service)
    try:
        answer = await health_pb2_grpc.HealthStub(channel).Check(request)
    except grpc.aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
