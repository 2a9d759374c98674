"""Starts the gateway: python -m gateway_service."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator

import uvicorn
from dangol_service_kit import logs
from dangol_service_kit.auth import verifier_of
from dangol_service_kit.config import load
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Dependencies, observe_process
from dangol_service_kit.quotas import Quotas
from dangol_service_kit.server import run_service, stop_on_signals, stopped_or_outdated
from dangol_service_kit.telemetry import Telemetry
from dangol_service_kit.tls import identity_of

from gateway_service.app import make_app
from gateway_service.clients import connect_all
from gateway_service.config import GatewayConfig
from gateway_service.health import Readiness
from gateway_service.leaving import Leaving
from gateway_service.measuring import MeasuredHttp, Operations
from gateway_service.wires import AbortableHttp, AbortableSocket

_log = logs.get_logger()


class _Server(uvicorn.Server):
    """Leaves signals to the process, which stops it through should_exit."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures nothing."""
        yield


async def main() -> None:
    """Serves until SIGTERM or SIGINT; requests in flight get drain_seconds to finish."""
    config = load(GatewayConfig, os.environ)
    verifier = verifier_of(config)
    telemetry = Telemetry("gateway_service", config.otlp_endpoint)
    metrics = Metrics("gateway_service", config.metrics_listen, config.otlp_endpoint)
    identity = identity_of(config)
    observe_process(metrics, identity)
    clients = connect_all(config, identity)
    Dependencies(metrics, {name: clients.pinging(name) for name in clients.channels})
    host, _, port = config.listen.rpartition(":")
    readiness = Readiness(clients)
    operations = Operations(metrics)
    quotas = Quotas(config.redis_url, metrics)
    app = make_app(
        config,
        clients,
        verifier,
        telemetry,
        operations=operations,
        readiness=readiness,
        quotas=quotas,
    )
    leaving = Leaving(MeasuredHttp(app, metrics))
    server = _Server(
        uvicorn.Config(
            leaving,
            host=host,
            port=int(port),
            loop="none",
            http=AbortableHttp,
            ws=AbortableSocket,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # Whom to believe is the application's to say; by default it is whoever is on loopback.
            proxy_headers=False,
            ws_max_size=256 * 1024,
            timeout_graceful_shutdown=int(config.drain_seconds),
        )
    )
    stop = stop_on_signals()
    await metrics.start()
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stopped_or_outdated(stop, identity))
    _log.info("starting", listen=config.listen, graphiql=config.graphiql)
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    readiness.leave()
    app.state.streams.leave()
    await leaving.wait(lambda: bool(server.server_state.connections))
    server.should_exit = True
    stopping.cancel()
    try:
        await serving
    finally:
        await clients.close()
        await quotas.close()
        await telemetry.stop()
        await metrics.stop()
        _log.info("stopped")


if __name__ == "__main__":
    run_service(main)
