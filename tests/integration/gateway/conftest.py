"""The whole platform with a tenant, and GraphQL clients for it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from dangol.profile.v1 import tenant_service_pb2, tenant_service_pb2_grpc
from dangol_dev.plain import PLAIN
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, connect
from gateway_service.schema import SCHEMA_FILE
from graphql import build_schema
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket

MUTATIONS = build_schema(SCHEMA_FILE.read_text()).mutation_type
assert MUTATIONS is not None
# The type of each mutation's input, such as CampaignInput!.
INPUTS = {name: str(field.args["input"].type) for name, field in MUTATIONS.fields.items()}


@dataclass
class Frontend:
    """A frontend of a tenant."""

    stack: Stack
    http: httpx.AsyncClient
    tenant: str = "shop"

    def token(self, role: Role = Role.ADMIN, subject: str | None = None) -> str:
        """A token of the tenant."""
        return self.stack.token(self.tenant, role, subject)

    async def post(self, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
        """Posts a body as it is."""
        sent = {"authorization": f"Bearer {token or self.token()}", **headers}
        return await self.http.post("/graphql", content=json.dumps(body), headers=sent)

    async def run(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The answer to a query, errors included."""
        body = {"query": query, "variables": variables}
        response = await self.post(body, token, **{"content-type": "application/json"})
        answer: dict[str, Any] = response.json()
        return answer

    async def ask(self, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The data of a query that has no errors."""
        answer = await self.run(query, token, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def change(self, name: str, selection: str, **given: Any) -> dict[str, Any]:
        """One mutation with its input; answers the member of the union."""
        kind = INPUTS[name]
        query = (
            f"mutation($input: {kind}) {{ {name}(input: $input) {{ __typename "
            f"... on Refused {{ code message field }} {selection} }} }}"
        )
        data = await self.ask(query, input=given)
        answer: dict[str, Any] = data[name]
        return answer

    async def buy(self, member: str, **changes: Any) -> dict[str, Any]:
        """Tracks a purchase of 30,000 won; answers the customer's id and the result."""
        event = {
            "eventId": str(uuid.uuid4()),
            "customer": {"namespace": "member", "value": member},
            "type": "purchase",
            "occurredAt": "2026-01-01T00:00:00Z",
            "amount": {"currencyCode": "KRW", "minorUnits": 30000},
            **changes,
        }
        fields = "results { outcome code field } changes { kind segmentId customerId }"
        return await self.change("track", f"... on TrackSuccess {{ {fields} }}", events=[event])

    async def reach_all(self) -> None:
        """Waits until the gateway reaches each service; one that just started may be retried."""
        query = "{ segments(first: 1) { nodes { id } } offers(first: 1) { nodes { id } } "
        query += "customers(first: 1) { nodes { id } } }"
        async with asyncio.timeout(60):
            while "errors" in await self.run(query):
                await asyncio.sleep(0.1)

    async def settle(self) -> None:
        """Waits until an event's changes are answered at once: calls are warm, rules are known."""
        selection = "... on TrackSuccess { changesPending }"
        async with asyncio.timeout(30):
            pending = True
            while pending:
                event = {
                    "eventId": str(uuid.uuid4()),
                    "customer": {"namespace": "device", "value": str(uuid.uuid4())},
                    "type": "purchase",
                    "occurredAt": "2026-01-01T00:00:00Z",
                }
                answer = await self.change("track", selection, events=[event])
                pending = answer["changesPending"]

    async def customer_id(self, member: str) -> str:
        """The customer with this member number."""
        query = """query($identifier: IdentifierInput!) {
            customerByIdentifier(identifier: $identifier) { id } }"""
        data = await self.ask(query, identifier={"namespace": "member", "value": member})
        found: str = data["customerByIdentifier"]["id"]
        return found

    async def create_segment(self, segment_id: str, rule: str) -> dict[str, Any]:
        """Creates a segment."""
        return await self.change(
            "createSegment",
            "... on SegmentSuccess { segment { id rule version memberCount } } "
            "... on SegmentRefused { line column hint }",
            requestId=str(uuid.uuid4()),
            segmentId=segment_id,
            rule=rule,
        )

    def websocket(self, protocol: str = "graphql-transport-ws") -> Any:
        """A WebSocket to the gateway, as an async context manager."""
        url = self.stack.urls["subscriptions"]
        return connect_websocket(url, subprotocols=[protocol], proxy=None)  # type: ignore[list-item]

    async def greet(self, socket: ClientConnection, payload: dict[str, Any]) -> dict[str, Any]:
        """Sends connection_init and answers what comes back."""
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        answer: dict[str, Any] = json.loads(await socket.recv())
        return answer


async def found_tenant(stack: Stack, tenant_id: str, display_name: str) -> None:
    """Makes a Korean shop by the wall clock."""
    tenant = tenant_service_pb2.Tenant(
        tenant_id=tenant_id,
        display_name=display_name,
        time_zone="Asia/Seoul",
        currency_code="KRW",
        language="ko",
        clock_mode=tenant_service_pb2.CLOCK_MODE_WALL,
    )
    async with connect(stack.targets["profile"]) as channel:
        await call(
            tenant_service_pb2_grpc.TenantServiceStub(channel).CreateTenant,
            tenant_service_pb2.CreateTenantRequest(tenant=tenant),
            token=stack.token("*", Role.OPERATOR),
            timeout_seconds=60.0,
        )


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The platform with the tenant shop."""
    async with Stack(tmp_path_factory.mktemp("stack"), mongod_cache_gb=0.25) as running:
        await found_tenant(running, "shop", "단골샵")
        yield running


@pytest.fixture
async def frontend(stack: Stack) -> AsyncIterator[Frontend]:
    """A frontend of the tenant."""
    base_url = stack.urls["graphql"].removesuffix("/graphql")
    async with httpx.AsyncClient(
        base_url=base_url, trust_env=False, timeout=30, verify=PLAIN
    ) as client:
        frontend = Frontend(stack, client)
        await frontend.reach_all()
        yield frontend
