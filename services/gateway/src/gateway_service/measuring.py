"""Counts and times HTTP requests, around the whole application."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dangol_service_kit.errors import Code
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.telemetry import current_context
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from strawberry.http import GraphQLHTTPResponse

_EVENTS = b"text/event-stream"
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class MeasuredHttp:
    """Names and labels are those of OpenTelemetry's conventions for HTTP servers.

    Paths are no label: GraphQL has one, and what else clients ask for is theirs to invent.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._seconds = metrics.histogram(
            "http.server.request.duration", "HTTP requests answered, by method and status."
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        # What a request that ends without an answer comes to.
        status = 500
        context = current_context()
        ended: float | None = None

        async def watch(message: Message) -> None:
            nonlocal status, context, ended
            if message["type"] == "http.response.start":
                status = message["status"]
                if any(value.startswith(_EVENTS) for _, value in message.get("headers", ())):
                    # It lasts as long as somebody listens; how soon it began is what counts.
                    ended = time.perf_counter()
                # The span is over when the duration is known; its trace is the exemplar's.
                context = current_context()
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
            labels = {"http.request.method": method, "http.response.status_code": status}
            seconds = (ended or time.perf_counter()) - started
            self._seconds.record(seconds, labels, context=context)


class Operations:
    """Counts GraphQL operations by how they ended, since most failures come with status 200."""

    def __init__(self, metrics: Metrics) -> None:
        self._count = metrics.counter(
            "dangol.gateway.operations",
            "GraphQL operations over HTTP, by the gRPC status of their first error.",
        )
        self._sockets = 0
        metrics.gauge(
            "dangol.gateway.sockets", "WebSockets that are open.", lambda: float(self._sockets)
        )

    def answered(self, response: GraphQLHTTPResponse | list[GraphQLHTTPResponse]) -> None:
        """An answer leaves."""
        for one in response if isinstance(response, list) else [response]:
            self._count.add(1, {"status": status_of(one)})

    @contextmanager
    def socket(self) -> Iterator[None]:
        """A WebSocket is open."""
        self._sockets += 1
        try:
            yield
        finally:
            self._sockets -= 1


def status_of(response: GraphQLHTTPResponse) -> str:
    """OK, or the gRPC status that the first error stands for."""
    errors: Sequence[Any] = response.get("errors") or ()
    if not errors:
        return "OK"
    code = (errors[0].get("extensions") or {}).get("code", "")
    # What has no code of ours never reached a resolver.
    return Code[code].status.name if code in Code.__members__ else "INVALID_ARGUMENT"
