"""The end of a gateway: clients are asked to connect elsewhere before connections are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A connection that is in use carries an answer, and with it the request to close, within this.
LEAVING_SECONDS = 1.0
_LOOK_SECONDS = 0.05


class Leaving:
    """Around the whole application. Closing a connection while a request is on its way would fail
    that request, and nobody could tell whether it was carried out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.began = False

    async def wait(
        self, has_connections: Callable[[], bool], seconds: float = LEAVING_SECONDS
    ) -> None:
        """From now on answers say that they are a connection's last; returns when none is open,
        or after `seconds`."""
        self.began = True
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while has_connections() and loop.time() < until:
            await asyncio.sleep(_LOOK_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_last(message: Message) -> None:
            if self.began and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, send_last)
