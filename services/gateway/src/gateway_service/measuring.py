"""Counts and times HTTP requests, around the whole application."""

from __future__ import annotations

import time

from dangol_service_kit.metrics import Metrics
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
            labels = {"http.request.method": method, "http.response.status_code": status}
            self._seconds.record(time.perf_counter() - started, labels)
