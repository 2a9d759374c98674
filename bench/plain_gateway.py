"""The gateway's schema without what protects it: python -m bench.plain_gateway PORT JWKS TOKEN
PROFILE SEGMENTATION OFFERS.

No limits, no rules of access, no masking, no rates, no traces, and one caller for everybody. What
makes the gateway fast it has too: bound resolvers, texts prepared once, nothing asked of services
that a query does not name. It makes the same calls to them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import orjson
import strawberry
import uvicorn
import uvloop
from dangol_dev.stack import AUDIENCE, ISSUER
from dangol_service_kit.auth import verifier_from_file
from dangol_service_kit.client import connect
from gateway_service.binding import bind
from gateway_service.bodies import operation_in
from gateway_service.clients import Clients
from gateway_service.context import Context
from gateway_service.mutations import Mutation
from gateway_service.queries import Query
from gateway_service.results import Refused
from gateway_service.tenants import TenantCache
from gateway_service.types_common import CONFIG
from graphql import DocumentNode, Executor, parse, validate
from graphql import ExecutionResult as GraphQLResult
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.types import ExecutionResult


class PlainSchema(strawberry.Schema):
    """Parses and validates each text once, and runs it."""

    def __init__(self) -> None:
        super().__init__(Query, Mutation, types=[Refused], config=CONFIG)
        bind(self._schema)
        self._known: dict[str, DocumentNode] = {}

    async def execute(  # noqa: PLR0917 - Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Any = None,  # noqa: ARG002
        operation_extensions: Any = None,  # noqa: ARG002
    ) -> ExecutionResult:
        """The answer. Raises RuntimeError for an operation that cannot be run."""
        text = query or ""
        if text not in self._known:
            document = parse(text)
            if validate(self._schema, document):
                raise RuntimeError("the query is not valid")
            self._known[text] = document
        document = self._known[text]
        executor = Executor.build(
            self._schema, document, root_value, context_value, variable_values, operation_name
        )
        if isinstance(executor, list):
            raise RuntimeError(f"the operation cannot be run: {executor}")
        found: Any = executor.execute_operation()
        result = found if isinstance(found, GraphQLResult) else await found
        return ExecutionResult(result.data, result.errors)


class PlainView(GraphQL[Context, None]):
    """Strawberry's view, reading and writing JSON as the gateway does."""

    context: Context

    async def run(self, request: Any, context: Any = None, root_value: Any = None) -> Any:
        """Answers one operation that is sent as JSON; `context` and `root_value` are not used."""
        del context, root_value
        asking = self.request_adapter_class(request)
        operation = operation_in(orjson.loads(await asking.get_body()))
        if operation is None:
            raise RuntimeError("the body is no operation")
        form = Response()
        known = await self.get_context(request, form)
        result = await self.execute_single(request, asking, form, known, None, operation)
        body = self.encode_json(await self.process_result(request, result))
        return Response(body, media_type="application/json")

    async def get_context(
        self,
        request: Request | WebSocket,  # noqa: ARG002
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """One caller for everybody, and loaders of its own for each request."""
        known = self.context
        return Context(known.clients, known.tenants, known.verifier, known.caller)

    def encode_json(self, data: object) -> bytes:
        """As the gateway does."""
        return orjson.dumps(data)


async def main() -> None:
    """Serve until the process is ended."""
    port, jwks, token, *targets = sys.argv[1:]
    verifier = verifier_from_file(Path(jwks), ISSUER, AUDIENCE)
    app: Any = PlainView(PlainSchema(), graphql_ide=None)
    names = ("profile", "segmentation", "offers")
    channels = {name: connect(target) for name, target in zip(names, targets, strict=True)}
    app.context = Context(Clients(channels), TenantCache(), verifier, verifier.verify(token))
    config = uvicorn.Config(
        app, host="127.0.0.1", port=int(port), log_level="error", access_log=False
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
