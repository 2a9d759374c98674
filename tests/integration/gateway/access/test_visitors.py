"""Visitors: a page's key buys a token that writes what one visitor does, and reads nothing."""

import asyncio
import importlib
import json
import pkgutil
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import grpc
import httpx
import pytest
from dangol.profile.v1 import (
    customer_service_pb2,
    customer_service_pb2_grpc,
    event_service_pb2,
    publishable_key_service_pb2,
    publishable_key_service_pb2_grpc,
)
from dangol_service_kit.auth import Role
from dangol_service_kit.client import call, connect, metadata
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error
from gateway_service.schema import make_schema

from tests.integration.gateway.access.questions import Questions
from tests.integration.gateway.replicas import open_gateway

ORIGIN = "https://shop.example"
OWNERS = ("profile", "segmentation", "offers")
# What a visitor's token may call; nothing of it answers with anything that was read.
MAY = {"RecordEvents", "IdentifyCustomer", "CheckPublishableKey"}
TRACK = """mutation($events: [EventInput!]!) { track(input: {events: $events}) { __typename
  ... on TrackSuccess { results { outcome code field } }
  ... on Refused { code field } } }"""


class Page:
    """A page of the shop that has a key."""

    def __init__(self, frontend: Any, keys: Any) -> None:
        self.frontend = frontend
        self._keys = keys
        self.key = ""
        self.key_id = ""

    async def make_key(self, request_id: str | None = None, *origins: str) -> Any:
        """Makes a key for the origins."""
        request = publishable_key_service_pb2.CreatePublishableKeyRequest(
            request_id=request_id or str(uuid.uuid4()),
            display_name="storefront",
            origins=origins or [ORIGIN],
        )
        return await self.admin("CreatePublishableKey", request)

    async def admin(self, name: str, request: Any, role: Role = Role.ADMIN) -> Any:
        """Calls the service of keys."""
        token = self.frontend.token(role)
        return await call(getattr(self._keys, name), request, token=token, timeout_seconds=30)

    async def buy(self, origin: str | None = ORIGIN, **body: Any) -> httpx.Response:
        """Asks for a token."""
        headers = {} if origin is None else {"origin": origin}
        answer: httpx.Response = await self.frontend.http.post(
            "/visitors", json={"key": self.key, **body}, headers=headers
        )
        return answer

    async def ask(
        self, token: str, query: str, origin: str | None = ORIGIN, /, **variables: Any
    ) -> tuple[Any, set[str]]:
        """(data, codes of errors) of a query from the page."""
        headers = {"content-type": "application/json"}
        if origin is not None:
            headers["origin"] = origin
        body = {"query": query, "variables": variables}
        answer = (await self.frontend.post(body, token, **headers)).json()
        codes = {one["extensions"]["code"] for one in answer.get("errors", [])}
        return answer.get("data"), codes


@pytest.fixture
async def page(frontend: Any) -> AsyncIterator[Page]:
    """A page with a fresh key."""
    async with connect(frontend.stack.targets["profile"]) as channel:
        stub = publishable_key_service_pb2_grpc.PublishableKeyServiceStub(channel)
        page = Page(frontend, stub)
        made = await page.make_key()
        page.key, page.key_id = made.publishable_key, made.key.key_id
        yield page


def _event(visitor_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "eventId": str(uuid.uuid4()),
        "customer": {"namespace": "device", "value": visitor_id},
        "type": "product_view",
        "occurredAt": "2026-01-01T00:00:00Z",
        **changes,
    }


async def test_a_visitor_is_tracked(page: Page) -> None:
    """The key buys a token, the token an event, and the shop sees a customer with that device."""
    bought = (await page.buy()).json()
    data, codes = await page.ask(bought["token"], TRACK, events=[_event(bought["visitorId"])])
    assert (codes, data["track"]["results"][0]["outcome"]) == (set(), "RECORDED")
    query = """query($i: IdentifierInput!) { customerByIdentifier(identifier: $i) {
        timeline(first: 5) { nodes { type } } } }"""
    identifier = {"namespace": "device", "value": bought["visitorId"]}
    seen = await page.frontend.ask(query, i=identifier)
    assert seen["customerByIdentifier"]["timeline"]["nodes"] == [{"type": "product_view"}]
    again = (await page.buy(visitorId=bought["visitorId"])).json()
    assert (again["visitorId"], again["expiresInSeconds"]) == (bought["visitorId"], 900)


async def test_the_schema_is_closed_to_visitors(page: Page) -> None:
    """Every field but track and identify, made from the schema; nor the schema itself."""
    token = (await page.buy()).json()["token"]
    known = dict.fromkeys(("customerId", "id", "token", "code"), "u_x")
    open_fields = []
    for question in Questions(make_schema()._schema, known).all():
        if question.kind == "subscription":
            continue
        data, codes = await page.ask(token, question.text, **question.variables)
        if data or codes != {"ROLE_NOT_ALLOWED"}:
            open_fields.append(question.name)
    assert sorted(open_fields) == ["mutation.identify", "mutation.track"]
    for query in ("{ __typename }", "{ __schema { types { name } } }", "{ a: me { role } }"):
        assert (await page.ask(token, query))[1] & {"ROLE_NOT_ALLOWED", "INTROSPECTION_NOT_ALLOWED"}


async def test_a_visitor_watches_and_exports_nothing(page: Page) -> None:
    """Neither a WebSocket, nor server-sent events, nor a file."""
    token = (await page.buy()).json()["token"]
    async with page.frontend.websocket() as socket:
        payload = {"token": token}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        await socket.wait_closed()
        assert socket.close_code == 4403
    headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
    watched = 0
    for question in Questions(make_schema()._schema, {"customerId": "u_x"}).all():
        if question.kind == "subscription":
            body = {"query": question.text, "variables": question.variables}
            events = {**headers, "accept": "text/event-stream"}
            answer = await page.frontend.http.post("/graphql", json=body, headers=events)
            assert ("ROLE_NOT_ALLOWED" in answer.text, '"data"' in answer.text) == (True, False)
            watched += 1
    assert watched >= 3
    exported = await page.frontend.http.get("/customers/u_x/export", headers=headers)
    assert exported.status_code == 403


async def test_the_services_are_closed_to_visitors(page: Page) -> None:
    """Every method of every service, called directly, but the three that read nothing."""
    token = (await page.buy()).json()["token"]
    allowed, count = set(), 0
    for owner in OWNERS:
        async with connect(page.frontend.stack.targets[owner]) as channel:
            for service in _services(owner):
                for method in service.methods:
                    code = await _call(channel, service.full_name, method, token)
                    count += 1
                    if code not in (Code.ROLE_NOT_ALLOWED, Code.UNIMPLEMENTED):
                        allowed.add(method.name)
    assert count > 100
    assert allowed == MAY


def _services(owner: str) -> list[Any]:
    package = importlib.import_module(f"dangol.{owner}.v1")
    names = [one.name for one in pkgutil.iter_modules(package.__path__)]
    modules = [
        importlib.import_module(f"dangol.{owner}.v1.{name}")
        for name in names
        if name.endswith("_service_pb2")
    ]
    return [service for one in modules for service in one.DESCRIPTOR.services_by_name.values()]


async def _call(channel: Any, service: str, method: Any, token: str) -> Code | None:
    path, sent = f"/{service}/{method.name}", metadata(token)

    async def nothing() -> AsyncIterator[bytes]:
        # A client whose message meets a call that is over cancels it, and hears of nothing else.
        await asyncio.Event().wait()
        yield b""

    try:
        if method.client_streaming:
            answers = channel.stream_stream(path)(nothing(), metadata=sent, timeout=30)
            [one async for one in answers]
        elif method.server_streaming:
            [one async for one in channel.unary_stream(path)(b"", metadata=sent, timeout=30)]
        else:
            await channel.unary_unary(path)(b"", metadata=sent, timeout=30)
    except grpc.aio.AioRpcError as error:
        return from_rpc_error(error).code
    return None


async def test_a_visitor_writes_for_nobody_else_and_no_purchases(page: Page) -> None:
    """Not for another visitor, not for a member, nothing that costs or earns."""
    await page.frontend.buy("somebody")
    bought = (await page.buy()).json()
    own = bought["visitorId"]
    wrong = {
        "events[0].customer": [_event("v_other")],
        "events[1].customer": [
            _event(own),
            _event(own, customer={"namespace": "member", "value": "somebody"}),
        ],
        "events[0].type": [_event(own, type="purchase")],
        "events": [_event(own) for _ in range(51)],
    }
    for field, events in wrong.items():
        data, _ = await page.ask(bought["token"], TRACK, events=events)
        assert (data["track"].get("code"), data["track"].get("field")) == ("FIELD_INVALID", field)


async def test_identify_tells_a_visitor_nothing_and_links_nobody(page: Page) -> None:
    """Over gRPC: its own device alone, without attributes, with an empty answer."""
    bought = (await page.buy()).json()
    async with connect(page.frontend.stack.targets["profile"]) as channel:
        stub = customer_service_pb2_grpc.CustomerServiceStub(channel)

        async def identify(*names: tuple[str, str], **more: Any) -> Any:
            request = customer_service_pb2.IdentifyCustomerRequest(
                request_id=str(uuid.uuid4()), **more
            )
            for namespace, value in names:
                request.identifiers.add(namespace=namespace, value=value)
            token = bought["token"]
            return await call(stub.IdentifyCustomer, request, token=token, timeout_seconds=30)

        own = ("device", bought["visitorId"])
        answer = await identify(own)
        assert answer == customer_service_pb2.IdentifyCustomerResponse()
        attributes = customer_service_pb2.Customer(display_name="me")
        for names, more in (
            ((own, ("member", "somebody")), {}),
            ((("device", "v_other"),), {}),
            ((own,), {"attributes": attributes}),
        ):
            with pytest.raises(RpcFailure) as caught:
                await identify(*names, **more)
            assert caught.value.code is Code.FIELD_INVALID


async def test_a_recorded_batch_does_not_tell_a_visitor_what_it_changed(page: Page) -> None:
    """Over gRPC, which has no rules of fields."""
    await page.frontend.create_segment(
        f"lookers-{uuid.uuid4().hex[:8]}", "count(product_view, 3650d) >= 1"
    )
    bought = (await page.buy()).json()
    async with connect(page.frontend.stack.targets["profile"]) as channel:
        method = channel.unary_unary(
            "/dangol.profile.v1.EventService/RecordEvents",
            request_serializer=event_service_pb2.RecordEventsRequest.SerializeToString,
            response_deserializer=event_service_pb2.RecordEventsResponse.FromString,
        )
        request = event_service_pb2.RecordEventsRequest()
        event = request.events.add(event_id=str(uuid.uuid4()), type="product_view")
        event.customer.namespace, event.customer.value = "device", bought["visitorId"]
        event.occurred_at.GetCurrentTime()
        answer = await call(method, request, token=bought["token"], timeout_seconds=30)
    assert (len(answer.results), len(answer.changes)) == (1, 0)


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.example", ORIGIN + ".evil.example"]
)
async def test_the_key_sells_to_its_origins_alone(page: Page, origin: str | None) -> None:
    """And the token is used from there alone."""
    refused = await page.buy(origin)
    code = refused.json()["errors"][0]["extensions"]["code"]
    assert (refused.status_code, code) == (403, "PUBLISHABLE_KEY_REFUSED")
    bought = (await page.buy()).json()
    _, codes = await page.ask(bought["token"], TRACK, origin, events=[_event(bought["visitorId"])])
    assert codes == {"PUBLISHABLE_KEY_REFUSED"}


async def test_unknown_foreign_and_revoked_keys_are_refused_alike(page: Page) -> None:
    """A rotated key ends when it is revoked; the new one sells meanwhile."""
    first, second = page.key, (await page.make_key()).publishable_key
    page.key = second
    assert (await page.buy()).status_code == 200
    request = publishable_key_service_pb2.RevokePublishableKeyRequest(key_id=page.key_id)
    revoked = await page.admin("RevokePublishableKey", request)
    assert revoked == await page.admin("RevokePublishableKey", request)
    answers = set()
    for key in (first, second[:-1] + "7", second.replace("pk_shop", "pk_rival"), "pk_", "x" * 500):
        page.key = key
        refused = await page.buy()
        answers.add((refused.status_code, refused.text))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 403


async def test_keys_are_an_admins(page: Page) -> None:
    """The same request gives the same key; with other content it is refused; nothing keeps it."""
    request_id = str(uuid.uuid4())
    made = await page.make_key(request_id)
    assert made == await page.make_key(request_id)
    with pytest.raises(RpcFailure) as caught:
        await page.make_key(request_id, "https://other.example")
    assert caught.value.code is Code.REQUEST_CONFLICT
    request = publishable_key_service_pb2.ListPublishableKeysRequest()
    listed = await page.admin("ListPublishableKeys", request)
    assert made.key in list(listed.keys)
    assert made.publishable_key not in str(listed)
    for role in (Role.MARKETER, Role.STAFF, Role.PARTNER, Role.CUSTOMER, Role.VISITOR):
        with pytest.raises(RpcFailure) as caught:
            await page.admin("ListPublishableKeys", request, role)
        assert caught.value.code is Code.ROLE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"key": 5}', "application/json", 400),
        (b'{"key": "pk_x", "visitorId": "somebody"}', "application/json", 400),
        (b'{"key": "pk_x"}', "text/plain", 400),
        (b'{"key": "' + b"x" * 9000 + b'"}', "application/json", 400),
    ],
)
async def test_bad_requests_are_refused(
    page: Page, content: bytes, content_type: str, status: int
) -> None:
    """By status and code."""
    headers = {"origin": ORIGIN, "content-type": content_type}
    answer = await page.frontend.http.post("/visitors", content=content, headers=headers)
    code = answer.json()["errors"][0]["extensions"]["code"]
    assert (answer.status_code, code) == (status, "FIELD_INVALID")


@pytest.mark.parametrize("proxies", [("10.0.0.0/8",), ()], ids=["trusted", "unknown"])
async def test_behind_a_trusted_proxy_each_visitor_has_an_address(
    page: Page, proxies: tuple[str, ...]
) -> None:
    """What X-Forwarded-For says counts only if the proxy is known; else all are the proxy."""
    stack = page.frontend.stack
    settings = {"visitor_key_file": stack.keys / "visitor.pem", "trusted_proxies": proxies}
    async with open_gateway(stack, address="10.1.2.3", **settings) as client:

        async def buy(number: int) -> int:
            headers = {"origin": ORIGIN, "x-forwarded-for": f"203.0.113.{number}"}
            answer = await client.post("/visitors", json={"key": page.key}, headers=headers)
            return answer.status_code

        # Twice what one address may buy at once.
        bought = Counter(await asyncio.gather(*(buy(number) for number in range(1, 61))))
    assert set(bought) == ({200} if proxies else {200, 429})
