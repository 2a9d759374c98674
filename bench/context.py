"""What the figures share: a running stack, a tenant, clients, and the bare servers."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from dangol.profile.v1 import tenant_service_pb2 as tenants
from dangol_dev.client import Client, Connection, Targets
from dangol_dev.processes import ChildProcess, free_port
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role

from bench import bare

TENANT = "bench-shop"
Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Bench:
    """A stack with one tenant on wall time (KRW, Asia/Seoul) and nothing in it yet."""

    stack: Stack
    connection: Connection
    admin: Client
    directory: Path

    def token(self, role: Role = Role.ADMIN) -> str:
        """A token for the tenant."""
        return self.stack.token(TENANT, role)


@asynccontextmanager
async def bench(
    directory: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Bench]:
    """Start the stack, create the tenant, and stop everything at the end.

    environment: further DANGOL_* variables for its services.
    """
    async with Stack(directory, mongod_cache_gb=1.0, environment=environment) as stack:
        connection = Connection(Targets(**stack.targets))
        operator = Client(connection, lambda: stack.token("*", Role.OPERATOR))
        tenant = tenants.Tenant(
            tenant_id=TENANT,
            display_name="Bench",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
            clock_mode=tenants.CLOCK_MODE_WALL,
        )
        request = tenants.CreateTenantRequest(tenant=tenant)
        await operator.call(operator.tenants.CreateTenant, request)
        admin = Client(connection, lambda: stack.token(TENANT, Role.ADMIN))
        try:
            yield Bench(stack, connection, admin, directory)
        finally:
            await connection.close()


@asynccontextmanager
async def bare_server(kind: str, directory: Path) -> AsyncIterator[int]:
    """One of bench.bare's servers in a process of its own; yields its port."""
    port = free_port()
    async with serving(f"bare-{kind}", ["bench.bare", kind, str(port)], port, directory):
        yield port


@asynccontextmanager
async def serving(
    name: str, module: Sequence[str], port: int, directory: Path
) -> AsyncIterator[None]:
    """A module with its arguments as a process, from when it listens to the end."""
    command = [sys.executable, "-m", *module]
    process = ChildProcess(name, command, directory / f"{name}.log")
    process.start()

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await process.wait_until(listens, 30)
        yield
    finally:
        await process.stop()


async def at_rate(calls: Sequence[Call], rate_per_second: float) -> list[float]:
    """Start the calls at a steady rate; each one's time in ms from when it should have begun.

    Counting from the planned start shows a stall in every call that it delays.
    """
    started = time.perf_counter()
    times_ms: list[float] = []

    async def run(number: int, call: Call) -> None:
        planned = started + number / rate_per_second
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        await call()
        times_ms.append((time.perf_counter() - planned) * 1000)

    await asyncio.gather(*(run(number, call) for number, call in enumerate(calls)))
    return times_ms


async def one_by_one(call: Call, count: int) -> list[float]:
    """The times in ms of `count` calls in a row."""
    times_ms: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        await call()
        times_ms.append((time.perf_counter() - started) * 1000)
    return times_ms


async def together(call: Call, count: int, concurrent: int) -> float:
    """Calls a second of `count` calls, `concurrent` at a time."""
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrent)))
    return count / (time.perf_counter() - started)


@asynccontextmanager
async def echo(directory: Path) -> AsyncIterator[Call]:
    """A call to a bare grpc.aio echo of 64 bytes."""
    async with (
        bare_server("grpc", directory) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        method: Any = channel.unary_unary(bare.ECHO)
        yield lambda: method(b"x" * 64)


def new_id() -> str:
    """A fresh request id."""
    return str(uuid.uuid4())
