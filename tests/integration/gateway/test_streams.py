"""Subscriptions as server-sent events, and how streams of either kind end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
from dangol_service_kit.auth import Role
from websockets.exceptions import ConnectionClosed

from tests.integration.gateway.sse import EVENTS, Event, events_of

_WATCH = """subscription($segments: [ID!], $from: String) {
  membershipChanges(segmentIds: $segments, resumeToken: $from) {
    resumeToken change { kind segmentId customerId }
  }
}"""


def _customer(event: Event) -> str:
    """Who entered or left."""
    found: str = event.answer["data"]["membershipChanges"]["change"]["customerId"]
    return found


async def _buying(frontend: Any, member: str, waiting: asyncio.Future[Any]) -> None:
    """Buys as one member after another until something is told of it."""
    number = 0
    while not waiting.done():
        number += 1
        await frontend.buy(f"{member}-{number}")
        await asyncio.wait({waiting}, timeout=0.2)


async def test_changes_come_as_events_and_go_on_after_the_last_id(frontend: Any) -> None:
    """What happens between two connections comes first on the second, once and in order."""
    await frontend.create_segment("evented", "count(purchase) >= 1")
    async with aclosing(events_of(frontend, _WATCH, segments=["evented"])) as events:
        first = asyncio.ensure_future(anext(events))
        await _buying(frontend, "eva", first)
        told = await first
        assert told["event"] == "next"
        assert told["id"] == told.answer["data"]["membershipChanges"]["resumeToken"]
    missed = []
    for number in range(3):
        await frontend.buy(f"missed-{number}")
        missed.append(await frontend.customer_id(f"missed-{number}"))
    found: list[str] = []
    async with aclosing(
        events_of(frontend, _WATCH, after=told["id"], segments=["evented"])
    ) as events:
        async for event in events:
            found.append(_customer(event))
            if found[-1] == missed[-1]:
                break
    assert [one for one in found if one in missed] == missed
    assert len(set(found)) == len(found)
    assert _customer(told) not in found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ me { role } }", {"data": {"me": {"role": "marketer"}}}),
        ("{ nothing }", "QUERY_INVALID"),
        ("{ me { role }", "QUERY_INVALID"),
        ("subscription { nothing }", "QUERY_INVALID"),
    ],
)
async def test_what_ends_at_once_is_one_event_and_the_end(
    frontend: Any, query: str, expected: Any
) -> None:
    """Queries too may be asked in this way; what cannot be run says why."""
    events = [event async for event in events_of(frontend, query)]
    assert [event["event"] for event in events] == ["next", "complete"]
    answer = events[0].answer
    if isinstance(expected, str):
        assert [error["extensions"]["code"] for error in answer["errors"]] == [expected]
        assert "data" not in answer
    else:
        assert answer == expected


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        ("{}", {"authorization": ""}, 401, "TOKEN_MISSING"),
        ("{}", {"authorization": "Bearer a.b.c"}, 401, "TOKEN_INVALID"),
        ("[]", {}, 400, "FIELD_INVALID"),
        ("{", {}, 400, "FIELD_INVALID"),
        ('{"query": 5}', {}, 400, "FIELD_INVALID"),
        ('{"query": "{ me { role } }"}', {"content-type": "text/plain"}, 400, "FIELD_INVALID"),
    ],
)
async def test_what_is_no_operation_is_refused_by_a_status(
    frontend: Any, body: str, headers: dict[str, str], status: int, code: str
) -> None:
    """Before a stream begins: a page of another site cannot send it without being asked either."""
    sent = EVENTS | {"authorization": f"Bearer {frontend.token()}"} | headers
    response = await frontend.http.post("/graphql", content=body, headers=sent)
    assert response.status_code == status
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


async def test_a_stream_of_events_ends_with_its_token(frontend: Any) -> None:
    """Nothing happens, and still it is told why there is no more."""
    token = frontend.stack.token("shop", Role.MARKETER, None, -2)
    events = [event async for event in events_of(frontend, _WATCH, token=token)]
    assert [event["event"] for event in events] == ["next", "complete"]
    assert events[0].answer["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"


async def _subscribe(socket: Any, operation_id: str, query: str = _WATCH) -> None:
    payload = {"query": query}
    message = {"id": operation_id, "type": "subscribe", "payload": payload}
    await socket.send(json.dumps(message))


async def test_a_socket_closes_when_its_token_expires(frontend: Any) -> None:
    """With a code after which clients connect again, and a reason."""
    async with frontend.websocket() as socket:
        token = frontend.stack.token("shop", Role.MARKETER, None, -2)
        await frontend.greet(socket, {"token": token})
        await _subscribe(socket, "1")
        with pytest.raises(ConnectionClosed) as caught:
            await socket.recv()
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (4403, "TOKEN_EXPIRED")


async def test_a_ping_with_a_newer_token_keeps_the_socket(frontend: Any) -> None:
    """Of the same caller; another's is refused, and changes nothing."""
    async with frontend.websocket() as socket:
        token = frontend.stack.token("shop", Role.MARKETER, "meg", -1)
        await frontend.greet(socket, {"token": token})
        await _subscribe(socket, "1")
        for subject, pong in (
            ("nobody", {"type": "pong", "payload": {"code": "TOKEN_INVALID"}}),
            ("meg", {"type": "pong"}),
        ):
            newer = frontend.token(Role.MARKETER, subject)
            await socket.send(
                json.dumps({"type": "ping", "payload": {"authorization": f"Bearer {newer}"}})
            )
            assert json.loads(await socket.recv()) == pong
        # Past the first token's end the socket still answers.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 7)
        await _subscribe(socket, "2", "{ me { role } }")
        assert json.loads(await socket.recv())["payload"]["data"] == {"me": {"role": "marketer"}}


async def test_a_connection_has_room_for_so_many_operations(frontend: Any) -> None:
    """One more is refused by a code; when one completes there is room again."""
    async with frontend.websocket() as socket:
        await frontend.greet(socket, {"token": frontend.token(Role.MARKETER)})
        for number in range(51):
            await _subscribe(socket, str(number))
        refused = json.loads(await socket.recv())
        assert (refused["id"], refused["type"]) == ("50", "error")
        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
        await socket.send(json.dumps({"id": "0", "type": "complete"}))
        await _subscribe(socket, "51", "{ me { role } }")
        answers = [json.loads(await socket.recv()) for _ in range(2)]
    assert [(one["id"], one["type"]) for one in answers] == [("51", "next"), ("51", "complete")]


async def test_a_gateway_that_ends_sends_its_streams_elsewhere(frontend: Any) -> None:
    """Sockets close as for a restart; events end without `complete`, so clients come again."""
    replica = frontend.stack.processes["gateway"]
    async with frontend.websocket() as socket:
        await frontend.greet(socket, {"token": frontend.token(Role.MARKETER)})
        await _subscribe(socket, "1")
        async with aclosing(events_of(frontend, _WATCH)) as events:
            rest = asyncio.ensure_future(_all(events))
            await asyncio.sleep(0)
            await _subscribe(socket, "2", "{ me { role } }")
            await socket.recv()
            stopping = asyncio.create_task(replica.stop())
            code = await _close_code(socket)
            assert await rest == []
            await stopping
    await frontend.stack.start()
    assert code == 1012


async def _close_code(socket: Any) -> int:
    try:
        while True:
            await socket.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd is not None else 0


async def _all(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]
