"""A gateway of this process in front of the stack's services, whose calls are counted."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from gateway_service.clients import Clients

from tests.integration.gateway.replicas import open_gateway


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
async def gateway(
    stack: Any, calls: grpc.aio.UnaryUnaryClientInterceptor, **targets: str
) -> AsyncIterator[Callable[..., Any]]:
    """Answers a function ask(token, query, **variables). targets: other addresses of services."""
    names = ("profile", "segmentation", "offers")
    clients = Clients(
        {
            name: grpc.aio.insecure_channel(
                targets.get(name, stack.targets[name]), interceptors=[calls]
            )
            for name in names
        }
    )
    async with open_gateway(stack, clients=clients) as http:

        async def ask(token: str, query: str, **variables: Any) -> dict[str, Any]:
            headers = {"authorization": f"Bearer {token}"}
            body = {"query": query, "variables": variables}
            response = await http.post("/graphql", json=body, headers=headers)
            answer: dict[str, Any] = response.json()
            return answer

        yield ask
