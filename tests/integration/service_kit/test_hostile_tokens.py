"""Hostile tokens against a gRPC server, whose further keys an HTTP server of an issuer has."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol.segmentation.v1.segment_service_pb2 import GetSegmentRequest
from dangol_service_kit.auth import public_jwk, verifier_from_file
from dangol_service_kit.errors import from_rpc_error

from tests.integration.service_kit.conftest import Running, serve_echo
from tests.unit.service_kit.conftest import AUDIENCE, ISSUER
from tests.unit.service_kit.hostile import Forger

ANSWER = ("TOKEN_INVALID", "the token cannot be trusted: get a new one")


class Issuer(BaseHTTPRequestHandler):
    """Answers the keys of `keys`, and counts."""

    keys: tuple[dict[str, Any], ...] = ()
    asked = 0
    location = ""

    def do_GET(self) -> None:
        """The key set, or elsewhere if `location` says so."""
        type(self).asked += 1
        self.send_response(302 if self.location else 200)
        if self.location:
            self.send_header("location", self.location)
        self.end_headers()
        self.wfile.write(json.dumps({"keys": list(self.keys)}).encode())

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def issuer() -> Iterator[tuple[type[Issuer], str]]:
    """An issuer's HTTP server, and its address."""
    kind = type("OneIssuer", (Issuer,), {})
    server = HTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kind, f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    server.server_close()


@pytest.fixture
def forger() -> Forger:
    """Fresh keys."""
    return Forger(Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate(), ISSUER, AUDIENCE)


@pytest.fixture
async def guarded(
    forger: Forger, issuer: tuple[type[Issuer], str], tmp_path: Path
) -> AsyncIterator[Running]:
    """The echo service; it has the service's key in a file and the issuer's from its address."""
    path = tmp_path / "jwks.json"
    entry = {**public_jwk(forger.service), "dangol_roles": ["service"]}
    path.write_text(json.dumps({"keys": [entry]}))
    issuer[0].keys = (public_jwk(forger.platform),)
    verifier = verifier_from_file(path, ISSUER, AUDIENCE, issuer[1])
    async with serve_echo(verifier=verifier) as running:
        yield running


async def _answer(echo: Running, *tokens: str) -> tuple[str, str]:
    headers = tuple(("authorization", f"Bearer {token}") for token in tokens)
    try:
        await echo.methods["unary"](GetSegmentRequest(segment_id="a"), metadata=headers, timeout=30)
    except grpc.aio.AioRpcError as error:
        failure = from_rpc_error(error)
        return failure.code.name, failure.message
    return "OK", ""


async def test_no_hostile_token_enters_by_grpc(
    guarded: Running, forger: Forger, issuer: tuple[type[Issuer], str]
) -> None:
    """One answer for all of them, one look at the issuer's keys, none at an attacker's."""
    assert ("OK", "") == await _answer(guarded, forger.good())
    wrong = {}
    for name, token in forger.hostile().items():
        answer = await _answer(guarded, token)
        # gRPC itself hangs up on headers beyond its limit.
        allowed = {ANSWER, ("BATCH_TOO_LARGE", answer[1])} if "huge" in name else {ANSWER}
        if answer not in allowed:
            wrong[name] = answer
    assert ({}, 1) == (wrong, issuer[0].asked)


async def test_a_flood_of_unknown_keys_asks_the_issuer_once(
    guarded: Running, forger: Forger, issuer: tuple[type[Issuer], str]
) -> None:
    """Ten tasks at once for ten seconds would ask twice at most; these take less."""
    stranger, began = Ed25519PrivateKey.generate(), time.monotonic()
    tokens = [forger.sign(forger.claims(), {"kid": f"k{n}"}, stranger) for n in range(60)]
    answers = set(await asyncio.gather(*(_answer(guarded, token) for token in tokens)))
    most = 1 + (time.monotonic() - began) // 10
    assert {ANSWER} == answers
    assert 1 <= issuer[0].asked <= most


async def test_an_issuers_key_signs_for_neither_services_nor_operators(
    guarded: Running, forger: Forger, issuer: tuple[type[Issuer], str]
) -> None:
    """Whatever its key set claims, which an operator's file alone may say."""
    greedy = {**public_jwk(forger.platform), "dangol_roles": ["operator", "service"]}
    # It also claims the kid of the service's own key.
    thief = {**public_jwk(forger.platform), "kid": public_jwk(forger.service)["kid"]}
    issuer[0].keys = (greedy, thief, {"kty": "oct", "kid": "x", "k": "c2VjcmV0"})
    assert ("OK", "") == await _answer(guarded, forger.good())
    for role in ("operator", "service"):
        assert ANSWER == await _answer(guarded, forger.good(role=role, tenant="*"))
        stolen = forger.sign(forger.claims(role=role), {"kid": thief["kid"]})
        assert ANSWER == await _answer(guarded, stolen)


async def test_an_issuer_that_points_elsewhere_is_not_followed(
    guarded: Running, forger: Forger, issuer: tuple[type[Issuer], str]
) -> None:
    """Keys come from the address that was configured, or not at all."""
    issuer[0].location = issuer[1] + "?elsewhere"
    assert "UNAVAILABLE" == (await _answer(guarded, forger.good()))[0]
    assert 1 == issuer[0].asked


async def test_two_tokens_are_none(guarded: Running, forger: Forger) -> None:
    """A proxy may have looked at one and the service at the other."""
    good, bad = forger.good(), forger.good(role="customer", sub="u_else")
    for pair in ((good, bad), (bad, good), (good, good)):
        assert "TOKEN_INVALID" == (await _answer(guarded, *pair))[0]


async def test_an_unreachable_issuer_leaves_the_files_keys(
    forger: Forger, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Services go on calling each other."""
    path = tmp_path / "jwks.json"
    entry = {**public_jwk(forger.service), "dangol_roles": ["service"]}
    path.write_text(json.dumps({"keys": [entry]}))
    url = f"http://127.0.0.1:{unused_tcp_port}/"
    verifier = verifier_from_file(path, ISSUER, AUDIENCE, url)
    kid = {"kid": public_jwk(forger.service)["kid"]}
    service = forger.sign(forger.claims(role="service"), kid, forger.service)
    async with serve_echo(verifier=verifier) as running:
        assert ("OK", "") == await _answer(running, service)
        assert "UNAVAILABLE" == (await _answer(running, forger.good()))[0]
