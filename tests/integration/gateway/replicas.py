"""Gateways of this process, in front of a stack's services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from dangol_dev.stack import AUDIENCE, ISSUER
from dangol_service_kit.auth import verifier_from_file
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.quotas import Quotas
from dangol_service_kit.telemetry import Telemetry
from gateway_service.app import make_app
from gateway_service.clients import Clients, connect_all
from gateway_service.config import GatewayConfig
from gateway_service.measuring import Operations


def config_of(stack: Any, **settings: Any) -> GatewayConfig:
    """A gateway's configuration."""
    targets = {f"{name}_target": address for name, address in stack.targets.items()}
    return GatewayConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=stack.keys / "jwks.json",
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        **(targets | settings),
    )


@asynccontextmanager
async def open_gateway(
    stack: Any, *, clients: Clients | None = None, address: str = "127.0.0.1", **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client, at that address, of a gateway with these settings."""
    config = config_of(stack, **settings)
    clients, telemetry = clients or connect_all(config), Telemetry("gateway_service", None)
    verifier = verifier_from_file(config.auth_jwks_file, ISSUER, AUDIENCE)
    # A busy machine is no Redis that is away.
    quotas = Quotas(stack.redis_url, Metrics(), silence_seconds=10.0)
    operations = Operations(Metrics())
    app = make_app(config, clients, verifier, telemetry, operations=operations, quotas=quotas)
    try:
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            yield client
    finally:
        await quotas.close()
        await clients.close()
        await telemetry.stop()
