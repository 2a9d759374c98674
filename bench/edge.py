"""What quotas cost: calls under them beside calls without, a lease beside asking Redis."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest, Segment
from dangol_dev.servers import RedisServer
from dangol_service_kit.auth import TokenVerifier, public_jwk
from dangol_service_kit.client import call, connect
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.gcra import Quota
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.quotas import Quotas, Share
from dangol_service_kit.server import Server

from bench.context import Call, one_by_one, together
from bench.figures import Figure, percentile

SERVICE = "dangol.bench.v1.EchoService"
CALL_COUNT = 2_000
CONCURRENT = 16
TAKE_COUNT = 20_000
_ROUNDS = 6


class Echo:
    """A kit server whose method does nothing, and calls of it."""

    def __init__(self, redis_url: str, per_second: float) -> None:
        key = Ed25519PrivateKey.generate()
        jwk, now = public_jwk(key), int(time.time())
        claims = {"iss": "bench", "aud": "bench", "iat": now, "exp": now + 3600, "sub": "till"}
        claims |= {"tenant": "bench-shop", "role": "partner"}
        self._token = jwt.encode(claims, key, "EdDSA", {"kid": jwk["kid"]})
        config = ProcessConfig(
            listen="127.0.0.1:0",
            auth_jwks_file=Path("unused"),
            auth_issuer="bench",
            auth_audience="bench",
            redis_url=redis_url,
            quota_caller_per_second=per_second,
            quota_tenant_per_second=per_second,
        )
        self._server = Server(config, TokenVerifier({"keys": [jwk]}, "bench", "bench"), "echo")
        self._server.add(_add, self, SERVICE)
        self._method: Any = None

    async def echo(self, request: GetSegmentRequest, _context: object) -> Segment:
        """The id again."""
        return Segment(segment_id=request.segment_id)

    async def open(self, exits: AsyncExitStack) -> Call:
        """Serves; answers one call."""
        await self._server.start()
        exits.push_async_callback(self._server.stop)
        channel = await exits.enter_async_context(connect(f"127.0.0.1:{self._server.port}"))
        self._method = channel.unary_unary(
            f"/{SERVICE}/Echo",
            request_serializer=GetSegmentRequest.SerializeToString,
            response_deserializer=Segment.FromString,
        )
        request = GetSegmentRequest(segment_id="a")
        return lambda: call(self._method, request, token=self._token, timeout_seconds=30)


def _add(servicer: Echo, server: grpc.aio.Server) -> None:
    handler = grpc.unary_unary_rpc_method_handler(
        servicer.echo, GetSegmentRequest.FromString, Segment.SerializeToString
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"Echo": handler}),)
    )


async def figures() -> AsyncIterator[Figure]:
    """Calls with quotas beside calls without, and taking by lease beside asking."""
    with tempfile.TemporaryDirectory() as name:
        server = RedisServer(Path(name))
        await server.start()
        try:
            async for figure in _quota_figures(server.url):
                yield figure
        finally:
            server.kill()


async def _quota_figures(redis_url: str) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as exits:
        with_them = await Echo(redis_url, 50_000.0).open(exits)
        without = await Echo(redis_url, 0.0).open(exits)
        times: dict[Call, list[float]] = {with_them: [], without: []}
        rates: dict[Call, list[float]] = {with_them: [], without: []}
        for side in times:
            await one_by_one(side, 200)
        for _ in range(_ROUNDS):
            for side in times:
                times[side] += await one_by_one(side, CALL_COUNT // _ROUNDS)
                rates[side].append(await together(side, CALL_COUNT, CONCURRENT))
    yield Figure(
        "gRPC call under quotas, p50",
        percentile(times[with_them], 0.5),
        "ms",
        "without quotas",
        percentile(times[without], 0.5),
        "ratio <= 1.05",
    )
    yield Figure(
        f"gRPC calls under quotas, {CONCURRENT} clients",
        percentile(rates[with_them], 0.5),
        "calls/s",
        "without quotas",
        percentile(rates[without], 0.5),
        "ratio >= 0.95",
    )
    quotas = Quotas(redis_url, Metrics())
    leased, single = Share("leased", Quota(1e9, 1_000_000)), Share("single", Quota(1e9, 49))
    micros = {}
    for share in (leased, single):
        began = time.perf_counter()
        for _ in range(TAKE_COUNT):
            await quotas.take("bench-shop", [share])
        micros[share.key] = (time.perf_counter() - began) / TAKE_COUNT * 1e6
    await quotas.close()
    yield Figure(
        "a quota taken from a lease",
        micros["leased"],
        "us",
        "asked of Redis each time",
        micros["single"],
    )
