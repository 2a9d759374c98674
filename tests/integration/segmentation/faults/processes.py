"""Replicas of segmentation as processes of their own, to be killed."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import grpc
from dangol_dev.processes import ChildProcess, free_port
from dangol_service_kit.client import connect
from grpc_health.v1 import health_pb2, health_pb2_grpc
from segmentation_service.config import SegmentationConfig

_READY_SECONDS = 60.0


class ReplicaProcess:
    """`python -m segmentation_service` on a port of its own."""

    def __init__(self, settings: SegmentationConfig, directory: Path, name: str) -> None:
        self.port = free_port()
        environment = dict(os.environ)
        own = dataclasses.replace(settings, listen=f"127.0.0.1:{self.port}")
        for field in dataclasses.fields(own):
            value = getattr(own, field.name)
            if value is not None:
                environment[f"DANGOL_{field.name.upper()}"] = str(value)
        command = [sys.executable, "-m", "segmentation_service"]
        self.process = ChildProcess(name, command, directory / f"{name}.log", environment)
        self.channel: Any = connect(f"127.0.0.1:{self.port}")

    async def start(self) -> None:
        """Starts it, and waits until it serves."""
        self.process.start()
        await self.process.wait_until(self._serves, _READY_SECONDS)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    async def close(self) -> None:
        """Ends it for good."""
        self.process.kill()
        await self.channel.close()

    async def _serves(self) -> bool:
        stub: Any = health_pb2_grpc.HealthStub(self.channel)
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
