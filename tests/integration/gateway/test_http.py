"""The edge: who is let in, in which form, and what is refused before anything runs."""

import json
from typing import Any

import pytest
from dangol_service_kit.auth import Role


async def test_the_token_says_who_is_asking(frontend: Any) -> None:
    """Tenant and role come from the credential."""
    query = "{ me { tenantId role tenant { displayName timeZone currencyCode clockMode } } }"
    data = await frontend.ask(query, frontend.token(Role.MARKETER))
    assert data["me"] == {
        "tenantId": "shop",
        "role": "marketer",
        "tenant": {
            "displayName": "단골샵",
            "timeZone": "Asia/Seoul",
            "currencyCode": "KRW",
            "clockMode": "WALL",
        },
    }


@pytest.mark.parametrize(
    ("code", "header"),
    [
        ("TOKEN_MISSING", None),
        ("TOKEN_INVALID", "Bearer a.b.c"),
        ("TOKEN_INVALID", "Basic dXNlcjpwYXNz"),
    ],
)
async def test_nothing_answers_without_a_credential(
    frontend: Any, code: str, header: str | None
) -> None:
    """Not even introspection, and a query in the address neither."""
    headers = {"authorization": header} if header else {}
    answers = [
        await frontend.http.post("/graphql", json={"query": "{ __typename }"}, headers=headers),
        await frontend.http.get("/graphql", params={"query": "{ __typename }"}, headers=headers),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_an_expired_token_is_refused(frontend: Any) -> None:
    """With the code that tells a client to get a new one."""
    token = frontend.stack.token("shop", Role.ADMIN, ttl_seconds=-60)
    answer = await frontend.run("{ me { role } }", token)
    assert answer["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_forms_of_other_sites_are_refused(frontend: Any, content_type: str) -> None:
    """Only JSON is taken, which browsers send across sites only after asking."""
    body = {"query": "{ __typename }"}
    response = await frontend.post(body, **{"content-type": content_type})
    assert response.status_code == 400


async def test_mutations_do_not_come_by_get(frontend: Any) -> None:
    """A link changes nothing."""
    query = 'mutation { deleteSegment(input: {requestId: "x", segmentId: "y"}) { __typename } }'
    headers = {"authorization": f"Bearer {frontend.token()}"}
    response = await frontend.http.get("/graphql", params={"query": query}, headers=headers)
    assert response.status_code == 400


async def test_the_answer_has_the_type_asked_for(frontend: Any) -> None:
    """The newer media type for those who accept it."""
    headers = {"content-type": "application/json"}
    newer = "application/graphql-response+json"
    body = {"query": "{ __typename }"}
    types = [
        (await frontend.post(body, **headers, accept=accept)).headers["content-type"]
        for accept in ("application/json", newer, "*/*")
    ]
    assert types == ["application/json", newer, "application/json"]


async def test_large_bodies_are_refused(frontend: Any) -> None:
    """Before they are read to the end."""
    body = {"query": "{ __typename }", "variables": {"x": "y" * 3_000_000}}
    response = await frontend.post(body, **{"content-type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize("content", ["", "{", "[]", '"x"', "null", '{"query": 5}', "[" * 100_000])
async def test_what_is_no_request_is_refused(frontend: Any, content: str) -> None:
    """Malformed bodies are the client's fault, and say so."""
    headers = {
        "authorization": f"Bearer {frontend.token()}",
        "content-type": "application/json",
    }
    response = await frontend.http.post("/graphql", content=content, headers=headers)
    assert response.status_code == 400


async def test_costly_queries_are_refused(frontend: Any) -> None:
    """With a code that says why."""
    query = "{ customers(first: 100) { nodes { timeline(first: 100) { nodes { id type } } } } }"
    answer = await frontend.run(query)
    assert answer["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"


async def test_health_is_open(frontend: Any) -> None:
    """And says what each service says of itself."""
    assert (await frontend.http.get("/healthz")).status_code == 200
    ready = await frontend.http.get("/readyz")
    assert ready.json()["services"] == {
        "profile": "SERVING",
        "segmentation": "SERVING",
        "offers": "SERVING",
    }


async def test_graphiql_opens_from_the_printed_address(frontend: Any) -> None:
    """A browser is taken to the page, with its token; a client that asks for JSON is not."""
    page = await frontend.http.get(
        "/graphql?token=abc", headers={"accept": "text/html,*/*"}, follow_redirects=True
    )
    assert (page.status_code, page.url.path, page.url.params["token"]) == (200, "/graphiql", "abc")
    assert "GraphiQL" in page.text
    assert (await frontend.http.get("/graphql")).status_code == 401


async def test_introspection_answers_callers(frontend: Any) -> None:
    """Tools may read the schema with a token."""
    data = await frontend.ask("{ __schema { queryType { name } } }")
    assert json.dumps(data) == '{"__schema": {"queryType": {"name": "Query"}}}'
