"""The echo service as a server of its own, and calls of it whose traces are sampled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest
from dangol_service_kit.auth import TokenVerifier, public_jwk
from dangol_service_kit.client import connect, metadata
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.server import Server

from tests.integration.service_kit.conftest import SERVICE, EchoServicer, Running, add_echo

TRACE_ID = "c" * 32
# More spans than the sender keeps, so that some have to be dropped.
CALLS = 2_500
AT_ONCE = 50
# Far below the ten seconds for which the sender waits for its collector.
CALL_SECONDS = 8.0
STOP_SECONDS = 20.0


@asynccontextmanager
async def echoing(endpoint: str) -> AsyncIterator[Running]:
    """The echo service, which sends its telemetry there."""
    key = Ed25519PrivateKey.generate()
    jwk = public_jwk(key)
    verifier = TokenVerifier({"keys": [jwk]}, "https://issuer.test", "dangol")
    config = ProcessConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=Path("unused"),
        auth_issuer="https://issuer.test",
        auth_audience="dangol",
        otlp_endpoint=endpoint,
        drain_seconds=5.0,
    )
    now = int(time.time())
    claims = {"iss": "https://issuer.test", "aud": "dangol", "iat": now, "exp": now + 600}
    claims |= {"sub": "someone", "tenant": "shop", "role": "marketer"}
    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": jwk["kid"]})
    server = Server(config, verifier, "echo")
    server.add(add_echo, EchoServicer(), SERVICE)
    await server.start()
    async with connect(f"127.0.0.1:{server.port}") as channel:
        yield Running(server, EchoServicer(), channel, token)
    async with asyncio.timeout(STOP_SECONDS):
        await server.stop()


async def call(echo: Running) -> None:
    """One call whose trace is sampled, which has to be answered in time."""
    traceparent = ("traceparent", f"00-{TRACE_ID}-{'1' * 16}-01")
    sent = (*metadata(echo.token), traceparent)
    request = GetSegmentRequest(segment_id="vip")
    answer = await echo.methods["unary"](request, metadata=sent, timeout=CALL_SECONDS)
    assert "vip" == answer.segment_id


async def call_often(echo: Running) -> int:
    """Many calls; answers how many there were."""
    for _ in range(CALLS // AT_ONCE):
        await asyncio.gather(*(call(echo) for _ in range(AT_ONCE)))
    return CALLS
