"""Membership changes over WebSockets, and what happens when a service is away."""

import asyncio
import json
from typing import Any

import pytest
from dangol_service_kit.auth import Role
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

_QUERY = """subscription($segments: [ID!], $from: String) {
  membershipChanges(segmentIds: $segments, resumeToken: $from) {
    resumeToken change { kind segmentId customerId }
  }
}"""


async def _subscribe(socket: Any, **variables: Any) -> None:
    payload = {"query": _QUERY, "variables": variables}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


async def _next(socket: Any) -> dict[str, Any]:
    message = json.loads(await socket.recv())
    assert message["type"] == "next", message
    found: dict[str, Any] = message["payload"]["data"]["membershipChanges"]
    return found


@pytest.mark.parametrize("key", ["authorization", "token"])
async def test_changes_are_pushed_and_resumed(frontend: Any, key: str) -> None:
    """A purchase arrives at the subscriber; a resume token brings what was missed."""
    segment_id = f"watched-{key}"
    await frontend.create_segment(segment_id, "count(purchase) >= 1")
    token = frontend.token(Role.MARKETER)
    payload = {key: f"Bearer {token}" if key == "authorization" else token}
    async with frontend.websocket() as socket:
        assert await frontend.greet(socket, payload) == {"type": "connection_ack"}
        await _subscribe(socket, segments=[segment_id])
        first = await _first_change(frontend, socket, f"mia-{key}")
    await frontend.buy(f"ned-{key}")
    async with frontend.websocket() as socket:
        await frontend.greet(socket, payload)
        await _subscribe(socket, segments=[segment_id], **{"from": first["resumeToken"]})
        ned = await frontend.customer_id(f"ned-{key}")
        change = (await _next(socket))["change"]
        while change["customerId"] != ned:
            change = (await _next(socket))["change"]
    assert (change["kind"], change["segmentId"]) == ("ENTERED", segment_id)


async def _first_change(frontend: Any, socket: Any, member: str) -> dict[str, Any]:
    """Buys as one member after another until the watch, which began meanwhile, reports one."""
    waiting = asyncio.create_task(_next(socket))
    number = 0
    while not waiting.done():
        number += 1
        await frontend.buy(f"{member}-{number}")
        await asyncio.wait({waiting}, timeout=0.2)
    return await waiting


async def test_a_bad_token_closes_the_connection(frontend: Any) -> None:
    """Before anything is subscribed."""
    async with frontend.websocket() as socket:
        with pytest.raises(ConnectionClosed) as caught:
            await frontend.greet(socket, {"authorization": "Bearer a.b.c"})
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4403


@pytest.mark.parametrize("text", ["[]", "5", "{", '{"type": "dance"}', '{"no": "type"}'])
async def test_what_is_no_message_closes_the_connection(frontend: Any, text: str) -> None:
    """Malformed messages are the client's fault, and say so."""
    async with frontend.websocket() as socket:
        await socket.send(text)
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4400


async def test_subscribing_before_the_greeting_closes_the_connection(frontend: Any) -> None:
    """No credential, no subscription."""
    async with frontend.websocket() as socket:
        await _subscribe(socket)
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4401


async def test_the_legacy_protocol_is_refused(frontend: Any) -> None:
    """graphql-ws of old is not spoken."""
    async with frontend.websocket("graphql-ws") as socket:
        assert socket.subprotocol is None
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4406


async def test_other_sites_cannot_open_a_connection(frontend: Any) -> None:
    """A page of another origin is turned away at the handshake."""
    url = frontend.stack.urls["subscriptions"]
    with pytest.raises(InvalidStatus) as caught:
        async with connect(url, origin="https://evil.test", proxy=None):  # type: ignore[arg-type]
            pass
    assert caught.value.response.status_code == 403


async def test_the_others_answer_while_one_is_away(frontend: Any) -> None:
    """What needs the missing service is null with a code; the rest is there."""
    await frontend.buy("ole")
    frontend.stack.kill("segmentation")
    query = (
        "{ customers(first: 1) { nodes { id segments { segmentId } } } segments { nodes { id } } }"
    )
    answer = await frontend.run(query)
    await frontend.stack.restart("segmentation")
    assert answer["data"]["segments"] is None
    assert answer["data"]["customers"]["nodes"][0]["segments"] is None
    assert answer["data"]["customers"]["nodes"][0]["id"] is not None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"UNAVAILABLE"}
