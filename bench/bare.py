"""Ceilings: the least that each kind of call costs here, without any of our code.

Run as a process: python -m bench.bare grpc PORT, or python -m bench.bare graphql PORT.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import strawberry
import uvicorn
import uvloop
from strawberry.asgi import GraphQL

ECHO = "/bench.Echo/Echo"


class _Echo(grpc.GenericRpcHandler):
    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:  # noqa: ARG002 - the interface
        async def echo(request: bytes, _context: Any) -> bytes:
            return request

        return grpc.unary_unary_rpc_method_handler(echo)


async def serve_grpc(port: int) -> None:
    """A grpc.aio server that answers what it was sent."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Echo(),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


@strawberry.type
class Query:
    """One field, resolved without work."""

    @strawberry.field
    def hello(self) -> str:
        """A greeting."""
        return "hello"


async def serve_graphql(port: int) -> None:
    """Strawberry's own ASGI app on uvicorn, with nothing added."""
    app: Any = GraphQL(strawberry.Schema(Query))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
    await uvicorn.Server(config).serve()


async def main() -> None:
    """Serve what the command line names."""
    kind, port = sys.argv[1], int(sys.argv[2])
    await {"grpc": serve_grpc, "graphql": serve_graphql}[kind](port)


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
