"""How a gateway lets go of its clients before it ends."""

from __future__ import annotations

import httpx
from gateway_service.leaving import Leaving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def _hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


async def test_answers_are_a_connections_last_once_leaving() -> None:
    """So that clients come back to another replica; before that nothing is changed."""
    leaving = Leaving(Starlette(routes=[Route("/", _hello)]))
    transport = httpx.ASGITransport(app=leaving)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        before = await client.get("/")
        await leaving.wait(lambda: True, seconds=0.0)
        after = await client.get("/")
    assert (None, "close") == (before.headers.get("connection"), after.headers.get("connection"))
    assert ("hello", "hello") == (before.text, after.text)


async def test_waiting_ends_with_the_last_connection() -> None:
    """Nobody is waited for when nobody is there."""
    leaving = Leaving(Starlette())
    open_connections = [True, True, False]
    await leaving.wait(lambda: open_connections.pop(0), seconds=60.0)
    assert ([], True) == (open_connections, leaving.began)
