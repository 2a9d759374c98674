"""Signed webhooks against a receiver that is a process of its own and verifies by the library of
Standard Webhooks: success, failures, rotation, a killed sender, addresses that are not called."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from dangol.offers.v1 import delivery_service_pb2 as delivery
from dangol.offers.v1 import webhook_service_pb2 as pb
from dangol.offers.v1.webhook_service_pb2_grpc import WebhookServiceStub
from dangol_dev.processes import free_port
from dangol_service_kit.errors import Code, RpcFailure
from offers_service.clients_webhooks import NO_ANSWER, WebhookClient
from pymongo import AsyncMongoClient

from tests.integration.offers.delivery.conftest import Replicas, Shop

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Surroundings


class Receiver:
    """A client of the receiver's process."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/messages"
        self._client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30)

    async def tell(self, **how: Any) -> None:
        """How to answer from now on."""
        await self._client.put("/told", json=how)

    async def log(self) -> list[dict[str, Any]]:
        """What came."""
        found: list[dict[str, Any]] = (await self._client.get("/log")).json()
        return found

    async def ready(self) -> bool:
        """Whether it serves."""
        try:
            await self._client.get("/log")
        except httpx.TransportError:
            return False
        return True

    async def close(self) -> None:
        """Closes the client."""
        await self._client.aclose()


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    """The process, ended at the end."""
    port = free_port()
    module = "tests.integration.offers.delivery.receiver"
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, str(port))
    receiver = Receiver(port)
    try:
        async with asyncio.timeout(60):
            while not await receiver.ready():
                await asyncio.sleep(0.05)
        yield receiver
    finally:
        await receiver.close()
        process.kill()
        await process.wait()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """One that answers 200."""
    async with running_receiver() as started:
        yield started


async def ask(
    shop: Shop, method: str, request: Any, *, role: str = "admin", tenant: str = "shop"
) -> Any:
    """One call to WebhookService."""
    return await shop.ask(method, request, stub=WebhookServiceStub, role=role, tenant=tenant)


async def endpoint(
    shop: Shop, receiver: Receiver, **facts: Any
) -> pb.CreateWebhookEndpointResponse:
    """An endpoint at the receiver, which knows its secret."""
    request = pb.CreateWebhookEndpointRequest(
        request_id=str(uuid.uuid4()), endpoint=pb.WebhookEndpoint(url=receiver.url, **facts)
    )
    made: pb.CreateWebhookEndpointResponse = await ask(shop, "CreateWebhookEndpoint", request)
    assert pb.WEBHOOK_OUTCOME_APPLIED == made.outcome
    await receiver.tell(secret=made.secret)
    return made


async def becomes(shop: Shop, message_id: str, state: str) -> None:
    """Waits for a message's state."""

    async def there() -> bool:
        return state == await shop.state(message_id)

    await shop.eventually(there)


async def came(shop: Shop, receiver: Receiver, count: int) -> list[dict[str, Any]]:
    """Waits until so many posts came."""

    async def enough() -> bool:
        return len(await receiver.log()) >= count

    await shop.eventually(enough)
    return await receiver.log()


async def hasten(shop: Shop, message_id: str) -> None:
    """The message's next attempt, and the endpoint's pause, are over now."""
    await shop.database.messages.update_one(
        {"_id.m": message_id, "wake_ms": {"$exists": True}}, {"$set": {"wake_ms": 1}}
    )
    await shop.database.webhook_endpoints.update_many({}, {"$unset": {"paused_until_ms": ""}})


async def read(shop: Shop, endpoint_id: str) -> pb.WebhookEndpoint:
    """The endpoint as it stands."""
    request = pb.GetWebhookEndpointRequest(endpoint_id=endpoint_id)
    found: pb.WebhookEndpoint = (await ask(shop, "GetWebhookEndpoint", request)).endpoint
    return found


async def test_a_message_is_posted_signed_and_a_success_means_sent(
    shop: Shop, receiver: Receiver
) -> None:
    """Rendered, with addresses where the endpoint asks for them; other channels and types stay."""
    made = await endpoint(
        shop, receiver, contacts=True, channels=["push"], event_types=["message.transactional"]
    )
    assert made.secret.startswith("whsec_")
    stored = str(await shop.database.webhook_endpoints.find_one())
    assert made.secret.removeprefix("whsec_") not in stored
    await shop.sign()
    await shop.post("ad", purpose=delivery.MESSAGE_PURPOSE_ADVERTISING)
    await shop.post("m1", campaign_id="win-back")
    await becomes(shop, "m1", "SENT")
    (post,) = await receiver.log()
    assert (True, "m1", 1) == (post["verified"], post["id"], post["signatures"])
    data = post["body"]["data"]
    assert ("message.transactional", "m1", "ann", "win-back", 1) == (
        post["body"]["type"],
        data["message_id"],
        data["customer_id"],
        data["campaign_id"],
        data["attempt"],
    )
    assert ("주문되었습니다.", ["push:ann"]) == (data["text"], data["addresses"])
    assert [("m1", f"webhook:{made.endpoint.endpoint_id}")] == shop.profile.revealed
    assert "PENDING" == await shop.state("ad")
    assert ("APPLIED", "CLICKED") == await shop.acknowledge("m1", "CLICKED")


@pytest.mark.parametrize("status", [500, 302])
async def test_a_failure_is_tried_again_under_the_same_id(
    shop: Shop, receiver: Receiver, status: int
) -> None:
    """Also a redirection, which nobody follows; the first success ends it."""
    made = await endpoint(shop, receiver)
    await receiver.tell(status=status)
    await shop.post("m1")
    await came(shop, receiver, 1)
    await becomes(shop, "m1", "PENDING")

    async def noted() -> bool:
        return (await read(shop, made.endpoint.endpoint_id)).failures >= 1

    await shop.eventually(noted)
    await receiver.tell(status=204)
    await hasten(shop, "m1")
    await becomes(shop, "m1", "SENT")
    log = await receiver.log()
    assert [("m1", "/messages", True)] * 2 == [
        (one["id"], one["path"], one["verified"]) for one in log
    ]
    assert [1, 2] == [one["body"]["data"]["attempt"] for one in log]

    async def mended() -> bool:
        return (await read(shop, made.endpoint.endpoint_id)).failures == 0

    await shop.eventually(mended)


async def test_a_message_that_always_fails_becomes_a_dead_letter_and_holds_up_no_other(
    shop: Shop, receiver: Receiver
) -> None:
    """After eight attempts; another tenant's messages and endpoints go on; requeued, it is sent."""
    await endpoint(shop, receiver)
    await receiver.tell(status=500)
    await shop.post("m1")
    async with running_receiver() as healthy:
        theirs = await ask(
            shop,
            "CreateWebhookEndpoint",
            pb.CreateWebhookEndpointRequest(
                request_id=str(uuid.uuid4()), endpoint=pb.WebhookEndpoint(url=healthy.url)
            ),
            tenant="other",
        )
        await healthy.tell(secret=theirs.secret)
        await shop.template("order-placed", tenant="other")
        for attempt in range(1, 9):
            await came(shop, receiver, attempt)
            await becomes(shop, "m1", "DEAD ATTEMPTS_EXHAUSTED" if attempt == 8 else "PENDING")
            await hasten(shop, "m1")
        await shop.post("m9", tenant="other")
        assert ["m9"] == [one["id"] for one in await came(shop, healthy, 1)]
    await receiver.tell(status=200)
    requeue = delivery.RequeueMessageRequest(request_id=str(uuid.uuid4()), message_id="m1")
    await shop.ask("RequeueMessage", requeue, role="admin")
    await hasten(shop, "m1")
    await becomes(shop, "m1", "SENT")


async def test_gone_disables_the_endpoint_until_an_admin_enables_it(
    shop: Shop, receiver: Receiver
) -> None:
    """410 is asked once; its message waits and leaves when the endpoint is back."""
    made = await endpoint(shop, receiver)
    await receiver.tell(status=410)
    await shop.post("m1")

    async def gone() -> bool:
        found = await read(shop, made.endpoint.endpoint_id)
        return bool(pb.WEBHOOK_STATE_GONE == found.state)

    await shop.eventually(gone)
    await receiver.tell(status=200)
    await hasten(shop, "m1")
    await shop.post("m2")
    found = await read(shop, made.endpoint.endpoint_id)
    enable = pb.UpdateWebhookEndpointRequest(request_id=str(uuid.uuid4()), endpoint=found)
    answer = await ask(shop, "UpdateWebhookEndpoint", enable)
    assert pb.WEBHOOK_STATE_ENABLED == answer.endpoint.state
    for name in ("m1", "m2"):
        await becomes(shop, name, "SENT")
    assert ["m1", "m1", "m2"] == sorted(one["id"] for one in await receiver.log())


async def test_a_rotated_secret_signs_beside_the_one_before(shop: Shop, receiver: Receiver) -> None:
    """Receivers verify with either; the request repeated shows the same; with no time to keep, the
    old one is over at once."""
    made = await endpoint(shop, receiver)
    rotate = pb.RotateWebhookSecretRequest(
        request_id=str(uuid.uuid4()), endpoint_id=made.endpoint.endpoint_id
    )
    new = (await ask(shop, "RotateWebhookSecret", rotate)).secret
    assert new == (await ask(shop, "RotateWebhookSecret", rotate)).secret != made.secret
    for name, secret in (("m1", made.secret), ("m2", new)):
        await receiver.tell(secret=secret)
        await shop.post(name)
        await becomes(shop, name, "SENT")
    assert [2, 2] == [one["signatures"] for one in await receiver.log()]
    again = pb.RotateWebhookSecretRequest(
        request_id=str(uuid.uuid4()), endpoint_id=made.endpoint.endpoint_id, keep_seconds=0
    )
    newest = (await ask(shop, "RotateWebhookSecret", again)).secret
    await shop.post("m3")
    await came(shop, receiver, 3)
    assert not (await receiver.log())[-1]["verified"]
    await receiver.tell(secret=newest)
    await becomes(shop, "m3", "PENDING")
    await hasten(shop, "m3")
    await becomes(shop, "m3", "SENT")
    assert 1 == (await receiver.log())[-1]["signatures"]


async def test_creating_again_shows_the_same_and_nobody_else_sees_it(
    shop: Shop, receiver: Receiver
) -> None:
    """Other content under the same id is refused; a foreign tenant and other roles get nothing."""
    request = pb.CreateWebhookEndpointRequest(
        request_id=str(uuid.uuid4()), endpoint=pb.WebhookEndpoint(url=receiver.url)
    )
    first = await ask(shop, "CreateWebhookEndpoint", request)
    assert first == await ask(shop, "CreateWebhookEndpoint", request)
    request.endpoint.display_name = "other"
    other = await ask(shop, "CreateWebhookEndpoint", request)
    assert (pb.WEBHOOK_OUTCOME_REQUEST_CONFLICT, "") == (other.outcome, other.secret)
    name = first.endpoint.endpoint_id
    get = pb.GetWebhookEndpointRequest(endpoint_id=name)
    with pytest.raises(RpcFailure) as foreign:
        await ask(shop, "GetWebhookEndpoint", get, tenant="other")
    assert Code.WEBHOOK_NOT_FOUND == foreign.value.code
    rotate = pb.RotateWebhookSecretRequest(request_id=str(uuid.uuid4()), endpoint_id=name)
    answer = await ask(shop, "RotateWebhookSecret", rotate, tenant="other")
    assert (pb.WEBHOOK_OUTCOME_NOT_FOUND, "") == (answer.outcome, answer.secret)
    await ask(
        shop,
        "DeleteWebhookEndpoint",
        pb.DeleteWebhookEndpointRequest(endpoint_id=name),
        tenant="other",
    )
    listed = await ask(shop, "ListWebhookEndpoints", pb.ListWebhookEndpointsRequest())
    assert [name] == [one.endpoint_id for one in listed.endpoints]
    calls = {
        "CreateWebhookEndpoint": request,
        "UpdateWebhookEndpoint": pb.UpdateWebhookEndpointRequest(
            request_id=str(uuid.uuid4()), endpoint=first.endpoint
        ),
        "RotateWebhookSecret": rotate,
        "DeleteWebhookEndpoint": pb.DeleteWebhookEndpointRequest(endpoint_id=name),
        "GetWebhookEndpoint": get,
        "ListWebhookEndpoints": pb.ListWebhookEndpointsRequest(),
    }
    for method, call in calls.items():
        with pytest.raises(RpcFailure) as refused:
            await ask(shop, method, call, role="marketer")
        assert Code.ROLE_NOT_ALLOWED == refused.value.code


async def test_a_sender_killed_between_post_and_word_posts_again_under_the_same_id(
    surroundings: Surroundings, receiver: Receiver
) -> None:
    """The receiver can tell that it is the same message; nothing is lost."""
    config = surroundings.config
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(config.mongodb_uri)
    database = mongodb[config.mongodb_database]
    channel: Any = None
    shop = Shop(config, surroundings.profile, database, surroundings.key, channel)
    replicas = Replicas(shop)
    try:
        process, shop.channel = await replicas.start()
        await shop.template("order-placed")
        await endpoint(shop, receiver)
        await receiver.tell(hold=True)
        await shop.post("m1")
        await came(shop, receiver, 1)
        process.kill()
        await process.wait()
        await receiver.tell(hold=False)
        _, shop.channel = await replicas.start()
        assert "LEASED" == await shop.state("m1")
        await database.messages.update_one({"_id.m": "m1"}, {"$set": {"lease.until_ms": 1}})
        await becomes(shop, "m1", "PENDING")
        await hasten(shop, "m1")
        await becomes(shop, "m1", "SENT")
        posts = [(one["id"], one["verified"]) for one in await receiver.log()]
        assert [("m1", True)] * 2 == posts
    finally:
        await replicas.stop()
        await mongodb.close()


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["10.0.0.8"],
        ["93.184.216.34", "127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        [],
    ],
)
async def test_a_name_that_leads_into_a_private_network_is_not_called(
    receiver: Receiver, answers: list[str]
) -> None:
    """Whatever it is called: what it resolves to counts, every address of it."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return answers

    client = WebhookClient(resolve=resolve)
    url = receiver.url.replace("127.0.0.1", "innocent.test")
    assert NO_ANSWER == await client.post(url, {}, b"{}")
    assert [] == await receiver.log()
    await client.close()


async def test_a_receiver_that_does_not_answer_costs_a_bounded_time(receiver: Receiver) -> None:
    """One that holds its answer, and one that nobody listens at."""
    client = WebhookClient(private=True, total_seconds=0.2)
    await receiver.tell(hold=True)
    assert NO_ANSWER == await client.post(receiver.url, {}, b"{}")
    await receiver.tell(hold=False)
    assert NO_ANSWER == await client.post(f"http://127.0.0.1:{free_port()}/", {}, b"{}")
    await client.close()
