"""How often one caller may ask the gateway, over HTTP and WebSocket."""

import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import httpx
import orjson
import pytest
from dangol_dev.stack import AUDIENCE, ISSUER
from dangol_service_kit.auth import Role, verifier_from_file
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.quotas import Quotas
from gateway_service.clients import connect_all
from gateway_service.context import Context
from gateway_service.documents import Documents
from gateway_service.persisted import AutomaticQueries
from gateway_service.rates import Rates
from gateway_service.schema import make_schema
from gateway_service.streams import Asked, Streams
from gateway_service.tenants import TenantCache

from tests.integration.gateway.replicas import config_of, open_gateway

# Slow enough that nothing comes back while a test runs.
SLOW = 1 / 3600
ME, OFFERS = "{ me { role } }", "{ offers(first: 1) { nodes { id } } }"
Opened = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def opened(stack: Any) -> Opened:
    """Opens a replica of the gateway with rates of its own, in front of the stack's services."""
    return partial(open_gateway, stack)


async def _ask(
    client: httpx.AsyncClient, token: str, query: str, **more: Any
) -> tuple[list[str], httpx.Response]:
    headers = {"authorization": f"Bearer {token}"} | more.pop("headers", {})
    answer = await client.post("/graphql", json={"query": query, **more}, headers=headers)
    return [one["extensions"]["code"] for one in answer.json().get("errors", [])], answer


async def test_a_caller_who_asks_too_often_is_told_when_to_come_back(
    frontend: Any, opened: Opened
) -> None:
    """By a stable code, by extensions and by Retry-After; renaming the operation does not help."""
    customer = frontend.token(Role.CUSTOMER, f"u_{uuid.uuid4().hex}")
    async with opened(rate_person_per_second=SLOW, rate_person_burst=3) as client:
        for name in ("A", "B", "C"):
            assert ([], 200) == _short(await _ask(client, customer, f"query {name} {ME}"))
        codes, answer = await _ask(client, customer, f"query D {ME}")
        assert (["TOO_MANY_REQUESTS"], 200) == (codes, answer.status_code)
        wait = answer.json()["errors"][0]["extensions"]["retryAfterSeconds"]
        assert (str(wait), True) == (answer.headers["retry-after"], 0 < wait <= 3600)
        newer = {"accept": "application/graphql-response+json"}
        assert 429 == (await _ask(client, customer, ME, headers=newer))[1].status_code


def _short(asked: tuple[list[str], httpx.Response]) -> tuple[list[str], int]:
    return asked[0], asked[1].status_code


async def test_replicas_count_together_and_callers_and_fields_apart(
    frontend: Any, opened: Opened
) -> None:
    """Three in all over two replicas; of another field, and for another customer, three more."""
    customers = [frontend.token(Role.CUSTOMER, f"u_{uuid.uuid4().hex}") for _ in range(2)]
    rates = {"rate_person_per_second": SLOW, "rate_person_burst": 3}
    async with opened(**rates) as one, opened(**rates) as two:
        asked = [await _ask(client, customers[0], ME) for client in (one, two) * 3]
        assert 3 == sum(codes == [] for codes, _ in asked)
        assert [] == (await _ask(one, customers[0], OFFERS))[0]
        assert [] == (await _ask(two, customers[1], ME))[0]


async def test_a_batch_counts_by_its_events(frontend: Any, opened: Opened) -> None:
    """Eight of ten are left after a first one of two, so a batch of nine waits."""
    query = "mutation($i: TrackInput!) { track(input: $i) { __typename } }"
    token = frontend.token(Role.PARTNER, f"till-{uuid.uuid4().hex}")

    def batch(count: int) -> dict[str, Any]:
        customer = {"namespace": "device", "value": uuid.uuid4().hex}
        event = {"customer": customer, "type": "visit", "occurredAt": "2026-01-01T00:00:00Z"}
        events = [event | {"eventId": str(uuid.uuid4())} for _ in range(count)]
        return {"i": {"events": events}}

    async with opened(rate_shop_per_second=SLOW, rate_shop_burst=10) as client:
        codes = [
            (await _ask(client, token, query, variables=batch(count)))[0] for count in (2, 9, 8, 1)
        ]
    assert [[], ["TOO_MANY_REQUESTS"], [], ["TOO_MANY_REQUESTS"]] == codes


async def test_what_is_refused_anyway_still_counts(frontend: Any, opened: Opened) -> None:
    """Whoever tries forbidden fields has no more tries than others."""
    customer = frontend.token(Role.CUSTOMER, f"u_{uuid.uuid4().hex}")
    async with opened(rate_person_per_second=SLOW, rate_person_burst=2) as client:
        tried = [await _ask(client, customer, "{ ledger { __typename } }") for _ in range(3)]
    expected = [["ROLE_NOT_ALLOWED"], ["ROLE_NOT_ALLOWED"], ["TOO_MANY_REQUESTS"]]
    assert expected == [codes for codes, _ in tried]


async def test_subscriptions_have_a_rate_too(frontend: Any, stack: Any) -> None:
    """A customer who opens and closes them without end is refused before their rule is asked."""
    token = frontend.token(Role.CUSTOMER, f"u_{uuid.uuid4().hex}")
    config = config_of(stack, rate_person_per_second=SLOW, rate_person_burst=2)
    clients, quotas = connect_all(config), Quotas(None, Metrics())
    verifier = verifier_from_file(config.auth_jwks_file, ISSUER, AUDIENCE)
    context = Context(clients, TenantCache(), verifier, verifier.verify(token), long_lived=True)
    documents, rates = Documents(AutomaticQueries(), open_schema=True), Rates(config, quotas)
    streams, codes = Streams(make_schema(documents, rates), documents, rates), []
    for _ in range(3):
        asked = Asked("subscription { membershipChanges { __typename } }")
        async for answer in streams.run(context, asked):
            codes += [error["extensions"]["code"] for error in orjson.loads(answer.json)]
    await clients.close()
    assert ["ROLE_NOT_ALLOWED", "ROLE_NOT_ALLOWED", "TOO_MANY_REQUESTS"] == codes
