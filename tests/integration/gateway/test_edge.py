"""The edge by configuration: origins, deadlines, batches, visitors switched off."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from gateway_service.context import CALL_SECONDS

from tests.integration.gateway.replicas import open_gateway

SHOP, EVIL = "https://shop.example", "https://evil.example"


class Probe(grpc.GenericRpcHandler):
    """Notes how long each call may take, and answers nothing."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def service(self, _details: Any) -> Any:
        """One handler for whatever is called."""

        async def note(_request: bytes, context: Any) -> bytes:
            self.seconds.append(context.time_remaining())
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "noted")
            return b""

        return grpc.unary_unary_rpc_method_handler(note)


@pytest.fixture
async def probe() -> AsyncIterator[tuple[Probe, str]]:
    """Listens where a service would, and its address."""
    handler, server = Probe(), grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield handler, f"127.0.0.1:{port}"
    await server.stop(None)


async def test_pages_of_other_origins_get_no_answer_from_a_browser(frontend: Any) -> None:
    """Preflights and answers name the configured origins alone, and never allow cookies."""
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    token = {"authorization": f"Bearer {frontend.token()}"}
    async with open_gateway(frontend.stack, cors_origins=(SHOP,)) as client:
        for origin, allowed in ((SHOP, SHOP), (EVIL, None), ("null", None)):
            named = {"origin": origin}
            before = await client.options("/graphql", headers=named | asked)
            answer = await client.post(
                "/graphql", json={"query": "{ me { role } }"}, headers=named | token
            )
            for response in (before, answer):
                assert response.headers.get("access-control-allow-origin") == allowed
                assert "access-control-allow-credentials" not in response.headers
    async with open_gateway(frontend.stack) as client:
        closed = await client.options("/graphql", headers={"origin": SHOP} | asked)
        assert "access-control-allow-origin" not in closed.headers


async def test_every_call_to_a_service_has_a_deadline(
    frontend: Any, probe: tuple[Probe, str]
) -> None:
    """Which the service sees as the time that is left."""
    handler, target = probe
    headers = {"authorization": f"Bearer {frontend.token()}"}
    queries = (
        "{ customers(first: 1) { nodes { id } } }",
        '{ customer(id: "u_x") { id } }',
        "{ me { tenant { displayName } } }",
    )
    async with open_gateway(frontend.stack, profile_target=target) as client:
        for query in queries:
            await client.post("/graphql", json={"query": query}, headers=headers)
    assert len(handler.seconds) >= len(queries)
    # gRPC sends whole units, rounded up.
    assert [one for one in handler.seconds if not 0 < one <= CALL_SECONDS + 1] == []


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
async def test_a_list_of_operations_is_no_request(frontend: Any, count: int) -> None:
    """One request is one operation: a list would be a batch past every limit."""
    body = [{"query": "{ me { role } }"}] * count
    answer = await frontend.post(body, **{"content-type": "application/json"})
    assert answer.status_code == 400


async def test_no_cookie_is_a_credential(frontend: Any) -> None:
    """So a page of another site, whose forms browsers send with cookies, is nobody."""
    cookies = {"cookie": f"authorization=Bearer {frontend.token()}; token={frontend.token()}"}
    body = {"query": "{ me { role } }"}
    answer = await frontend.http.post("/graphql", json=body, headers=cookies)
    assert answer.status_code == 401


async def test_without_a_key_there_are_no_visitors_and_the_answer_says_so(frontend: Any) -> None:
    """Naming the setting that is missing."""
    async with open_gateway(frontend.stack) as client:
        answer = await client.post("/visitors", json={"key": "pk_x"}, headers={"origin": SHOP})
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["extensions"]["code"]) == (501, "UNIMPLEMENTED")
    assert "DANGOL_VISITOR_KEY_FILE" in error["message"]


async def test_tokens_are_sold_slowly_to_one_address(frontend: Any) -> None:
    """Also to one who tries keys."""
    key_file = frontend.stack.keys / "visitor.pem"
    body = {"key": f"pk_nowhere_{'a' * 32}"}
    async with open_gateway(frontend.stack, visitor_key_file=key_file) as client:
        answers = [
            await client.post("/visitors", json=body, headers={"origin": SHOP}) for _ in range(60)
        ]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {403, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
