"""Hostile tokens against the running platform: over HTTP, WebSocket and a service's gRPC."""

import json
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dangol.profile.v1 import tenant_service_pb2, tenant_service_pb2_grpc
from dangol_dev.stack import AUDIENCE, ISSUER
from dangol_service_kit.client import connect
from dangol_service_kit.errors import from_rpc_error

from tests.unit.service_kit.hostile import Forger

MESSAGE = "the token cannot be trusted: get a new one"
ASKED = {"query": "{ me { tenantId role } }"}


@pytest.fixture
def forger(stack: Any) -> Forger:
    """Has the private keys of the platform itself, so that every token is nearly good."""
    keys = []
    for name in ("platform", "gateway"):
        key = load_pem_private_key((stack.keys / f"{name}.pem").read_bytes(), password=None)
        assert isinstance(key, Ed25519PrivateKey)
        keys.append(key)
    return Forger(keys[0], keys[1], ISSUER, AUDIENCE)


async def test_no_hostile_token_enters_by_http(frontend: Any, forger: Forger) -> None:
    """All get the same answer, which holds no data; the good one of the same hand gets some."""
    headers = {"content-type": "application/json"}
    good = await frontend.post(ASKED, forger.good(), **headers)
    assert good.json()["data"] == {"me": {"tenantId": "shop", "role": "admin"}}
    wrong = {}
    for name, token in forger.hostile().items():
        answer = await frontend.post(ASKED, token, **headers)
        errors = [{"message": MESSAGE, "extensions": {"code": "TOKEN_INVALID"}}]
        if (answer.status_code, answer.json()) != (401, {"data": None, "errors": errors}):
            wrong[name] = (answer.status_code, answer.text)
    assert wrong == {}


async def test_no_hostile_token_enters_by_a_services_grpc(stack: Any, forger: Forger) -> None:
    """Profile refuses what the gateway refuses."""
    wrong = {}
    async with connect(stack.targets["profile"]) as channel:
        stub = tenant_service_pb2_grpc.TenantServiceStub(channel)
        for name, token in ({"good": forger.good()} | forger.hostile()).items():
            headers = (("authorization", f"Bearer {token}"),)
            try:
                request = tenant_service_pb2.GetTenantRequest()
                await stub.GetTenant(request, metadata=headers, timeout=30)
            except grpc.aio.AioRpcError as error:
                failure = from_rpc_error(error)
                # gRPC itself hangs up on headers beyond its limit.
                if failure.message != MESSAGE and "huge" not in name:
                    wrong[name] = failure.message
            else:
                wrong[name] = "accepted"
    assert wrong == {"good": "accepted"}


async def test_no_hostile_token_opens_a_websocket(frontend: Any, forger: Forger) -> None:
    """A few of each kind: the connection is closed before anything is asked."""
    hostile = forger.hostile()
    for name in ("alg none", "crit", "role twice", "truncated", "kid a path", "no tenant"):
        async with frontend.websocket() as socket:
            payload = {"token": hostile[name]}
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            await socket.wait_closed()
            assert (name, socket.close_code) == (name, 4403)


async def test_two_credentials_are_none(frontend: Any, forger: Forger) -> None:
    """Whichever of them a proxy looked at."""
    headers = [("authorization", f"Bearer {forger.good()}") for _ in range(2)]
    answer = await frontend.http.post("/graphql", json=ASKED, headers=headers)
    assert (answer.status_code, answer.json()["data"]) == (401, None)


async def test_a_tenant_that_does_not_exist_has_nothing(frontend: Any, forger: Forger) -> None:
    """A well-signed token for it reads no other tenant's data."""
    await frontend.buy("somebody")
    query = {"query": "{ customers(first: 1) { nodes { id } } me { tenant { displayName } } }"}
    token = forger.good(tenant="nowhere")
    answer = await frontend.post(query, token, **{"content-type": "application/json"})
    codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
    nothing = {"customers": {"nodes": []}, "me": {"tenant": None}}
    assert (answer.json()["data"], codes) == (nothing, {"TENANT_NOT_FOUND"})
