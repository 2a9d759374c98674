"""One gRPC server process: health, reflection, interceptors, graceful drain."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
import uvloop
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from dangol_service_kit import logs, tls
from dangol_service_kit.auth import TokenVerifier
from dangol_service_kit.channels import MESSAGE_BYTES_MAX
from dangol_service_kit.config import ConfigError, ProcessConfig
from dangol_service_kit.interceptor import RpcInterceptor
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import observe_process
from dangol_service_kit.quotas import CallQuotas, Quotas
from dangol_service_kit.telemetry import Telemetry

RECEIVE_BYTES_MAX = 8 * 1024 * 1024
CONCURRENT_RPCS_MAX = 10_000
EXIT_BAD_CONFIG = 2
# What probes ask for on the health port. LIVE is served while the process can answer at all, so
# that nothing restarts one that rebuilds or drains; READY says what the name "" says elsewhere.
LIVE = "live"
READY = "ready"
# A batch of events makes tens of thousands of objects that all go with it, none in a cycle.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000

_log = logs.get_logger()

_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", RECEIVE_BYTES_MAX),
    ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
    # Two processes on one port would share its connections without anyone noticing.
    ("grpc.so_reuseport", 0),
    ("grpc.max_connection_age_grace_ms", 60_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
]


class Server:
    """Serves servicers until told to stop; SERVING only while it is ready.

    metrics: the instruments of the process, for what it counts besides calls. telemetry: its spans,
    for work that no call asks for.
    """

    def __init__(
        self, config: ProcessConfig, verifier: TokenVerifier, process_name: str | None = None
    ) -> None:
        self._config = config
        name = process_name or logs.process_name()
        self.telemetry = Telemetry(name, config.otlp_endpoint)
        self.metrics = Metrics(name, config.metrics_listen, config.otlp_endpoint)
        self._quotas = Quotas(config.redis_url, self.metrics)
        calls = CallQuotas(config, self._quotas)
        self._interceptor = RpcInterceptor(verifier, self.telemetry, self.metrics, calls)
        self._server = grpc.aio.server(
            interceptors=[self._interceptor],
            options=[*_OPTIONS, ("grpc.max_connection_age_ms", _age_ms(config))],
            maximum_concurrent_rpcs=CONCURRENT_RPCS_MAX,
        )
        self.identity = tls.identity_of(config)
        observe_process(self.metrics, self.identity)
        self._health = HealthServicer()
        self._probes = HealthServicer()
        self._probe_server = grpc.aio.server(options=_OPTIONS) if config.health_listen else None
        self._names: list[str] = []
        self._ready = True
        self._whole = True
        self._serving = False
        self._publishing: asyncio.Future[None] | None = None
        self.port = 0
        self.health_port = 0

    def add(
        self,
        add_fn: Callable[[Any, Any], None],
        servicer: Any,
        full_service_name: str,
        endless: Sequence[str] = (),
        write_only: Sequence[str] = (),
    ) -> None:
        """Registers one servicer, for example dangol.profile.v1.EventService.

        endless: its methods whose streams go on for ever, and are ended when the process is.
        write_only: those that callers may call whose tokens read nothing.
        """
        add_fn(servicer, self._server)
        self._names.append(full_service_name)
        self._interceptor.endless.update(f"/{full_service_name}/{name}" for name in endless)
        self._interceptor.write_only.update(f"/{full_service_name}/{name}" for name in write_only)

    def set_ready(self, ready: bool) -> Awaitable[None]:
        """Says through health whether work should be sent here; calls are answered anyway.

        It takes effect by itself; await the answer to see it done.
        """
        self._ready = ready
        self._publishing = asyncio.ensure_future(self._publish())
        return self._publishing

    def set_whole(self, whole: bool) -> Awaitable[None]:
        """Says the same of its services alone: the process as such ("") goes on serving."""
        if whole != self._whole:
            self._whole = whole
            self._publishing = asyncio.ensure_future(self._publish())
        return self._publishing or asyncio.ensure_future(self._publish())

    async def start(self) -> None:
        """Binds and begins to answer. Sets `port`. Raises RuntimeError when the port is taken."""
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [*self._names, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name]
        reflection.enable_server_reflection([*names, reflection.SERVICE_NAME], self._server)
        if self.identity is None:
            self.port = self._server.add_insecure_port(self._config.listen)
        else:
            credentials = self.identity.server_credentials()
            self.port = self._server.add_secure_port(self._config.listen, credentials)
        await self.metrics.start()
        await self._server.start()
        self._serving = True
        await self._start_probes()
        await self._publish()
        _log.info("serving", port=self.port, services=self._names)

    async def stop(self) -> None:
        """NOT_SERVING, no new calls, calls in flight get drain_seconds to finish.

        Streams without an end are told at once to go on elsewhere.
        """
        self._serving = False
        await self._health.enter_graceful_shutdown()
        await self._probes.set(READY, health_pb2.HealthCheckResponse.NOT_SERVING)
        self._interceptor.leaving.set()
        await self._server.stop(self._config.drain_seconds)
        if self._probe_server is not None:
            await self._probe_server.stop(0)
        await self._quotas.close()
        await self.telemetry.stop()
        await self.metrics.stop()
        _log.info("stopped", port=self.port)

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Serves until `stop` is set; without one, until SIGTERM or SIGINT.

        It also ends, with `stop` set, when its certificate was renewed and nearly runs out.
        """
        if stop is None:
            stop = stop_on_signals()
        await self.start()
        try:
            await stopped_or_outdated(stop, self.identity)
        finally:
            await self.stop()

    async def _start_probes(self) -> None:
        if self._probe_server is None or self._config.health_listen is None:
            return
        health_pb2_grpc.add_HealthServicer_to_server(self._probes, self._probe_server)
        self.health_port = self._probe_server.add_insecure_port(self._config.health_listen)
        await self._probes.set(LIVE, health_pb2.HealthCheckResponse.SERVING)
        await self._probe_server.start()

    async def _publish(self) -> None:
        if not self._serving:
            return
        answers = health_pb2.HealthCheckResponse
        for name in ("", *self._names):
            serves = self._ready and (self._whole or not name)
            await self._health.set(name, answers.SERVING if serves else answers.NOT_SERVING)
        await self._probes.set(READY, answers.SERVING if self._ready else answers.NOT_SERVING)


def _age_ms(config: ProcessConfig) -> int:
    return int(config.connection_age_seconds * 1000)


async def stopped_or_outdated(stop: asyncio.Event, identity: tls.Identity | None) -> None:
    """Waits until `stop` is set, and sets it when the certificate has to be taken anew."""
    waits = {asyncio.create_task(stop.wait()), asyncio.create_task(tls.run_out(identity))}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
    finally:
        for wait in waits:
            wait.cancel()


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets; for processes with several things to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def run_service(main: Callable[[], Awaitable[None]]) -> None:
    """Runs a process's main coroutine on uvloop, with logging.

    A ConfigError is printed line by line and ends the process with status 2.
    """
    logs.configure(logs.process_name(), os.environ.get("DANGOL_LOG_LEVEL", "info"))
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    try:
        uvloop.run(_as_coroutine(main))
    except ConfigError as error:
        for line in error.errors:
            sys.stderr.write(line + "\n")
        sys.exit(EXIT_BAD_CONFIG)


async def _as_coroutine(main: Callable[[], Awaitable[None]]) -> None:
    await main()
