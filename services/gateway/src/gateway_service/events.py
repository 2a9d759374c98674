"""Operations over server-sent events: the protocol graphql-sse, in distinct connections mode.

A request that accepts text/event-stream is answered with `next` for each result, then `complete`.
Each `next` of a subscription has the event's resume token as its id, so that a client which sends
Last-Event-ID, as browsers do, goes on after it. The mode with one connection for all operations
keeps what is asked in one process's memory and is not offered: HTTP/2 makes it needless.
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import orjson
from dangol_service_kit.errors import Code, RpcFailure
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway_service.context import Context
from gateway_service.streams import Answer, Asked, OpenStream, Streams

EVENT_STREAM = "text/event-stream"
# Proxies close what is silent for a minute, and often for half of one.
_KEEP_ALIVE_SECONDS = 12.0
_RETRY_MS = 1_000


def wants_events(request: Request) -> bool:
    """Whether the client asks for a stream of events."""
    accepted = request.headers.get("accept", "").lower()
    if EVENT_STREAM not in accepted:
        return False
    return any(part.split(";")[0].strip() == EVENT_STREAM for part in accepted.split(","))


async def asked_in(request: Request) -> Asked:
    """The operation, from a POST's JSON or a GET's query. Raises RpcFailure FIELD_INVALID."""
    if request.method == "GET":
        found: Any = dict(request.query_params)
        for name in ("variables", "extensions"):
            if name in found:
                found[name] = _json(found[name].encode())
    elif "application/json" in request.headers.get("content-type", "").lower():
        found = _json(await request.body())
    else:
        raise RpcFailure(Code.FIELD_INVALID, "send content-type: application/json")
    if not isinstance(found, dict):
        raise RpcFailure(Code.FIELD_INVALID, "send one operation: an object with `query`")
    for name, kind in (("query", str), ("operationName", str), ("variables", dict)):
        if found.get(name) is not None and not isinstance(found[name], kind):
            text = "a text" if kind is str else "an object"
            raise RpcFailure(Code.FIELD_INVALID, f"{name} is {text}", field=name)
    extensions = found.get("extensions")
    return Asked(
        found.get("query") or "",
        found.get("variables"),
        found.get("operationName"),
        extensions if isinstance(extensions, Mapping) else None,
    )


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise RpcFailure(Code.FIELD_INVALID, "the operation is no JSON") from None


async def answer_events(
    streams: Streams, context: Context, asked: Asked, *, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answers until the operation ends, the client goes, or the stream may not go on.

    Raises RpcFailure before anything is sent.
    """
    with streams.opened(context, scope.get("dangol_abort", lambda: None)) as stream:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            # For proxies that would collect answers first.
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        writer = _Writer(send, stream)
        gone = asyncio.create_task(_left(receive))
        try:
            await _answer(streams, context, asked, writer, gone)
        except asyncio.CancelledError:
            if stream.failure is None:
                raise
            stream.task.uncancel()
            # Without `complete`, which would say that there is no more: clients connect again.
            if stream.failure.code is not Code.UNAVAILABLE:
                await writer.refuse(streams.refused(stream.failure))
        except ClientDisconnect:
            return
        finally:
            gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _answer(
    streams: Streams, context: Context, asked: Asked, writer: _Writer, gone: asyncio.Task[None]
) -> None:
    await writer.write(f"retry: {_RETRY_MS}\n:\n\n")
    async with aclosing(streams.run(context, asked)) as answers:
        while True:
            taking = asyncio.ensure_future(anext(answers, None))
            try:
                await writer.keep_alive_until(taking, gone)
            finally:
                if not taking.done():
                    taking.cancel()
                    await asyncio.gather(taking, return_exceptions=True)
            answer = taking.result()
            if answer is None:
                break
            if answer.refused:
                await writer.refuse(answer)
                return
            await writer.next(answer)
    await writer.write("event: complete\ndata:\n\n")


class _Writer:
    """Writes events, and says since when one is on its way."""

    def __init__(self, send: Send, stream: OpenStream) -> None:
        self._send = send
        self._stream = stream
        self._loop = asyncio.get_running_loop()

    async def write(self, text: str) -> None:
        self._stream.sending_since = self._loop.time()
        body = text.encode()
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        self._stream.sending_since = None

    async def next(self, answer: Answer) -> None:
        event_id = f"id: {answer.cursor}\n" if answer.cursor else ""
        await self.write(f"event: next\n{event_id}data: {answer.json}\n\n")

    async def refuse(self, answer: Answer) -> None:
        """Tells why there is nothing more, and completes."""
        data = f'{{"errors":{answer.json}}}'
        await self.write(f"event: next\ndata: {data}\n\nevent: complete\ndata:\n\n")

    async def keep_alive_until(self, taking: asyncio.Future[Any], gone: asyncio.Task[None]) -> None:
        """Comments now and then; returns with an answer. Raises ClientDisconnect."""
        while not taking.done():
            done, _ = await asyncio.wait(
                {taking, gone},
                timeout=_KEEP_ALIVE_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if gone in done:
                raise ClientDisconnect
            if not done:
                await self.write(":\n\n")


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
