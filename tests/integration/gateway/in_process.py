"""A gateway of this process in front of the stack's services, whose calls are counted."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import httpx
from dangol_dev.stack import AUDIENCE, ISSUER
from dangol_service_kit.auth import verifier_from_file
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.telemetry import Telemetry
from gateway_service.app import make_app
from gateway_service.clients import Clients
from gateway_service.config import GatewayConfig
from gateway_service.measuring import Operations


class Calls(grpc.aio.UnaryUnaryClientInterceptor):
    """Counts calls by method, such as ListCustomers."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    async def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        """Counts, and changes nothing."""
        method = client_call_details.method
        name = method.decode() if isinstance(method, bytes) else method
        self.counts[name.rpartition("/")[2]] += 1
        return await continuation(client_call_details, request)


@asynccontextmanager
async def gateway(stack: Any, calls: Calls, **targets: str) -> AsyncIterator[Callable[..., Any]]:
    """Answers a function ask(token, query, **variables). targets: other addresses of services."""
    jwks = stack.keys / "jwks.json"
    names = ("profile", "segmentation", "offers")
    addresses = {name: targets.get(name, stack.targets[name]) for name in names}
    config = GatewayConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=jwks,
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        **{f"{name}_target": address for name, address in addresses.items()},
    )
    clients = Clients(
        {
            name: grpc.aio.insecure_channel(address, interceptors=[calls])
            for name, address in addresses.items()
        }
    )
    telemetry = Telemetry("gateway_service", None)
    verifier = verifier_from_file(jwks, ISSUER, AUDIENCE)
    app = make_app(config, clients, verifier, telemetry, operations=Operations(Metrics()))
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:

            async def ask(token: str, query: str, **variables: Any) -> dict[str, Any]:
                headers = {"authorization": f"Bearer {token}"}
                body = {"query": query, "variables": variables}
                response = await http.post("/graphql", json=body, headers=headers)
                answer: dict[str, Any] = response.json()
                return answer

            yield ask
    finally:
        await clients.close()
        await telemetry.stop()
