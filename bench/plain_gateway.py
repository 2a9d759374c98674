"""The gateway's schema without what protects it: python -m bench.plain_gateway PORT JWKS TOKEN
PROFILE SEGMENTATION OFFERS.

Strawberry's own view and caches; no limits, no rules of access, no masking, no rates, no traces,
and one caller for everybody. It makes the same calls to the services.
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
from gateway_service.clients import Clients
from gateway_service.context import Context
from gateway_service.mutations import Mutation
from gateway_service.queries import Query
from gateway_service.results import Refused
from gateway_service.tenants import TenantCache
from gateway_service.types_common import CONFIG
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache


class PlainView(GraphQL[Context, None]):
    """Strawberry's view, with orjson as the gateway has it."""

    context: Context

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
    schema = strawberry.Schema(
        Query, Mutation, types=[Refused], config=CONFIG, extensions=[ParserCache, ValidationCache]
    )
    app: Any = PlainView(schema, graphql_ide=None)
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
