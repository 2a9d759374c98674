"""A small service of all four kinds of methods, behind the real server on loopback."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest, Segment
from dangol_service_kit.auth import TokenVerifier, current_caller, public_jwk
from dangol_service_kit.client import call, connect, deadline
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.server import Server
from dangol_service_kit.telemetry import current_traceparent

SERVICE = "dangol.test.v1.EchoService"


class EchoServicer:
    """Answers with what it sees; certain segment ids make it misbehave."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()
        self.downstream: Any = None

    async def unary(self, request: GetSegmentRequest, context: Any) -> Segment:
        """Echoes the id, the caller's tenant, the trace and the connection."""
        match request.segment_id:
            case "refuse":
                raise RpcFailure(Code.SEGMENT_NOT_FOUND, "there is no such segment")
            case "break":
                raise KeyError("kim@example.test")
            case "wait":
                self.entered.set()
                await self.go_on.wait()
            case "downstream":
                token = current_caller().token
                inner = GetSegmentRequest(segment_id="time")
                return await call(self.downstream, inner, token=token, timeout_seconds=30.0)
            case "time":
                return Segment(version=int(deadline(1000.0) * 1000))
            case _:
                pass
        names = {"tenant": current_caller().tenant_id, "peer": context.peer()}
        names["trace"] = current_traceparent() or ""
        return Segment(segment_id=request.segment_id, display_names=names)

    async def server_stream(
        self, request: GetSegmentRequest, _context: Any
    ) -> AsyncIterator[Segment]:
        """Three segments; "refuse" fails after the first, "endless" waits after them for ever."""
        for number in range(3):
            yield Segment(segment_id=f"{request.segment_id}-{number}")
            if request.segment_id == "refuse":
                raise RpcFailure(Code.RESUME_TOKEN_INVALID, "no such token")
        if request.segment_id == "endless":
            await asyncio.Event().wait()

    async def client_stream(
        self, requests: AsyncIterator[GetSegmentRequest], _context: Any
    ) -> Segment:
        """Joins the ids."""
        return Segment(rule=" ".join([request.segment_id async for request in requests]))

    async def both_stream(
        self, requests: AsyncIterator[GetSegmentRequest], _context: Any
    ) -> AsyncIterator[Segment]:
        """Echoes each id with the caller's tenant."""
        async for request in requests:
            names = {"tenant": current_caller().tenant_id}
            yield Segment(segment_id=request.segment_id, display_names=names)


def add_echo(servicer: EchoServicer, server: grpc.aio.Server) -> None:
    """Registers the servicer as generated code would."""
    kinds: dict[str, Callable[..., Any]] = {
        "unary": grpc.unary_unary_rpc_method_handler,
        "server_stream": grpc.unary_stream_rpc_method_handler,
        "client_stream": grpc.stream_unary_rpc_method_handler,
        "both_stream": grpc.stream_stream_rpc_method_handler,
    }
    handlers = {
        name: kind(getattr(servicer, name), GetSegmentRequest.FromString, Segment.SerializeToString)
        for name, kind in kinds.items()
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))


@dataclass
class Running:
    """A served EchoServicer, a channel to it, and its four methods."""

    server: Server
    servicer: EchoServicer
    channel: grpc.aio.Channel
    token: str
    methods: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Makes the methods as a generated stub would."""
        kinds = {
            "unary": self.channel.unary_unary,
            "server_stream": self.channel.unary_stream,
            "client_stream": self.channel.stream_unary,
            "both_stream": self.channel.stream_stream,
        }
        for name, kind in kinds.items():
            self.methods[name] = kind(
                f"/{SERVICE}/{name}",
                request_serializer=GetSegmentRequest.SerializeToString,
                response_deserializer=Segment.FromString,
            )


@contextlib.asynccontextmanager
async def serve_echo(
    connection_age_seconds: float = 300.0,
    verifier: TokenVerifier | None = None,
    settings: Mapping[str, Any] | None = None,
) -> AsyncIterator[Running]:
    """The echo service with a token of the tenant shop, which the usual verifier takes.

    settings: further ones of ProcessConfig.
    """
    key = Ed25519PrivateKey.generate()
    jwk = public_jwk(key)
    verifier = verifier or TokenVerifier({"keys": [jwk]}, "https://issuer.test", "dangol")
    config = ProcessConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=Path("unused"),
        auth_issuer="https://issuer.test",
        auth_audience="dangol",
        metrics_listen="127.0.0.1:0",
        drain_seconds=5.0,
        connection_age_seconds=connection_age_seconds,
        **(settings or {}),
    )
    now = int(time.time())
    claims = {
        "iss": "https://issuer.test",
        "aud": "dangol",
        "iat": now,
        "exp": now + 300,
        "sub": "someone",
        "tenant": "shop",
        "role": "marketer",
    }
    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": jwk["kid"]})
    servicer = EchoServicer()
    server = Server(config, verifier, "echo")
    server.add(add_echo, servicer, SERVICE, endless=["server_stream"])
    await server.start()
    async with connect(f"127.0.0.1:{server.port}") as channel:
        running = Running(server, servicer, channel, token)
        servicer.downstream = running.methods["unary"]
        yield running
    await server.stop()


@pytest.fixture
async def echo() -> AsyncIterator[Running]:
    """An echo service for one test."""
    async with serve_echo() as running:
        yield running
