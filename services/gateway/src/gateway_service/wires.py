"""uvicorn's connections, which applications may also cut: scope["dangol_abort"]().

ASGI knows only of closing, which waits for what the other side does not take.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

ABORT = "dangol_abort"


class AbortableHttp(HttpToolsProtocol):
    """HTTP."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        scope: Any = self.scope
        scope[ABORT] = self.transport.abort


class AbortableSocket(WebSocketsSansIOProtocol):
    """WebSockets."""

    def handle_connect(self, event: Any) -> None:
        """A handshake came. The application runs from the loop's next turn on."""
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope[ABORT] = self.transport.abort
