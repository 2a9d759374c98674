"""The gateway as it runs in production: no GraphiQL, a closed schema, and queries by a list."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from dangol_service_kit.auth import Role
from gateway_service.persisted import hash_of

from tests.integration.gateway.replicas import open_gateway

LISTED = "query Mine { me { role } }"
Opened = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def opened(stack: Any) -> Opened:
    """Opens a gateway of this process in front of the stack's services."""
    return partial(open_gateway, stack)


async def _ask(client: httpx.AsyncClient, token: str, **body: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    answer: dict[str, Any] = (await client.post("/graphql", json=body, headers=headers)).json()
    return answer


def _codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


async def test_customers_do_not_read_the_schema(frontend: Any, opened: Opened) -> None:
    """Those who build do; __typename is everybody's, as clients' caches need it."""
    customer = frontend.token(Role.CUSTOMER, "u_somebody")
    async with opened() as client:
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Coupon") { name } }'):
            assert _codes(await _ask(client, customer, query=query)) == [
                "INTROSPECTION_NOT_ALLOWED"
            ]
            assert _codes(await _ask(client, frontend.token(Role.MARKETER), query=query)) == []
        answer = await _ask(client, customer, query="{ __typename me { __typename } }")
        assert answer["data"] == {"__typename": "Query", "me": {"__typename": "Viewer"}}


async def test_every_answer_says_what_it_cost(frontend: Any, opened: Opened) -> None:
    """Beside what a query may cost, so that a client sees the limit coming."""
    query = "{ offers(first: 50) { nodes { id } } }"
    async with opened() as client:
        answer = await _ask(client, frontend.token(), query=query)
    assert answer["extensions"]["cost"] == {"value": 101, "limit": 20_000}


async def test_a_hash_stands_for_a_query(frontend: Any, opened: Opened) -> None:
    """By POST and by GET, which caches on the way understand."""
    by_hash = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(LISTED)}}
    headers = {"authorization": f"Bearer {frontend.token()}"}
    async with opened() as client:
        unknown = await _ask(client, frontend.token(), extensions=by_hash)
        assert _codes(unknown) == ["PERSISTED_QUERY_NOT_FOUND"]
        assert unknown["errors"][0]["message"] == "PersistedQueryNotFound"
        await _ask(client, frontend.token(), query=LISTED, extensions=by_hash)
        posted = await _ask(client, frontend.token(), extensions=by_hash)
        parameters = {"extensions": json.dumps(by_hash)}
        got = (await client.get("/graphql", params=parameters, headers=headers)).json()
    assert [posted["data"], got["data"]] == [{"me": {"role": "admin"}}] * 2


async def test_with_a_list_nothing_else_is_answered(
    frontend: Any, opened: Opened, tmp_path: Path
) -> None:
    """Neither another text nor a listed one with something added."""
    path = tmp_path / "manifest.json"
    operations = [{"id": "mine", "name": "Mine", "type": "query", "body": LISTED}]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1}
    path.write_text(json.dumps(manifest | {"operations": operations}))
    listed = {"persistedQuery": {"version": 1, "sha256Hash": "mine"}}
    async with opened(listed_queries=path) as client:
        answer = await _ask(client, frontend.token(), extensions=listed)
        assert answer["data"] == {"me": {"role": "admin"}}
        for query in ("{ me { subject } }", LISTED + " # more"):
            assert _codes(await _ask(client, frontend.token(), query=query)) == ["QUERY_NOT_LISTED"]
