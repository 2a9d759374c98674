"""Subscriptions over graphql-transport-ws.

The protocol's states are Strawberry's; what is sent, how fast, and how it ends is decided here.
Close codes: 4403 TOKEN_EXPIRED when the token ran out, 1012 when this replica ends; both are codes
after which clients connect again.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import orjson
from dangol_service_kit.errors import Code, RpcFailure
from starlette.websockets import WebSocketDisconnect
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    PingMessage,
    SubscribeMessage,
)

from gateway_service.context import Context
from gateway_service.streams import Asked, OpenStream

if TYPE_CHECKING:
    from gateway_service.app import GraphQLView

FORBIDDEN = 4403
SERVICE_RESTART = 1012
OPERATIONS_MAX = 50
_ID_MAX = 128


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection."""

    view: GraphQLView

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Starts an operation, if the connection has room for it."""
        operation_id = message["id"]
        if not isinstance(operation_id, str) or len(operation_id) > _ID_MAX:
            await self.handle_invalid_message(f"an id has at most {_ID_MAX} characters")
            return
        full = len(self.operations) >= OPERATIONS_MAX and operation_id not in self.operations
        if self.connection_acknowledged and full:
            text = f"at most {OPERATIONS_MAX} operations on a connection: complete some first"
            answer = self.view.streams.refused(RpcFailure(Code.TOO_MANY_REQUESTS, text))
            await self._send_text(_message(operation_id, "error", answer.json))
            return
        await super().handle_subscribe(message)

    async def handle_ping(self, message: PingMessage) -> None:
        """A ping may carry a newer token of the same caller: authorization, as at the beginning."""
        payload: Any = message.get("payload")
        if isinstance(payload, dict) and "authorization" in payload:
            try:
                await self.view.renew(self.context, str(payload["authorization"]))
            except RpcFailure as failure:
                code = failure.code.value
                await self._send_text(
                    orjson.dumps({"type": "pong", "payload": {"code": code}}).decode()
                )
                return
        await super().handle_ping(message)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Answers one operation until it ends, is completed, or may not go on."""
        try:
            with self.view.streams.opened(self.context, self._abort) as stream:
                await self._answer(operation, stream)
        except RpcFailure as failure:
            if self.view.streams.leaving:
                await self.websocket.close(SERVICE_RESTART, "this replica ends")
                return
            answer = self.view.streams.refused(failure)
            await self._finish(operation, _message(operation.id, "error", answer.json))
        except (WebSocketDisconnected, WebSocketDisconnect, RuntimeError):
            # The connection went while an answer was on its way; `handle` notices by itself.
            return

    async def _answer(self, operation: Operation[Context, None], stream: OpenStream) -> None:
        try:
            await self._send_answers(operation, stream)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if stream.failure is None or task is None:
                raise
            task.uncancel()
            code = stream.failure.code
            if code is Code.UNAVAILABLE:
                await self.websocket.close(SERVICE_RESTART, "this replica ends")
            else:
                await self.websocket.close(FORBIDDEN, code.value)

    async def _send_answers(self, operation: Operation[Context, None], stream: OpenStream) -> None:
        asked = Asked(operation.query, operation.variables, operation.operation_name)
        head = _head(operation.id, "next")
        loop = asyncio.get_running_loop()
        async with aclosing(self.view.streams.run(self.context, asked)) as answers:
            async for answer in answers:
                if answer.refused:
                    await self._finish(operation, _message(operation.id, "error", answer.json))
                    return
                stream.sending_since = loop.time()
                await self._send_text(f"{head}{answer.json}}}")
                stream.sending_since = None
        await self._finish(
            operation, orjson.dumps({"id": operation.id, "type": "complete"}).decode()
        )

    async def _finish(self, operation: Operation[Context, None], text: str) -> None:
        """The last message of an operation, whose id is free from then on."""
        if not operation.completed:
            operation.completed = True
            self.operations.pop(operation.id, None)
            await self._send_text(text)

    async def _send_text(self, text: str) -> None:
        await self.websocket.ws.send_text(text)  # type: ignore[attr-defined]

    def _abort(self) -> None:
        abort = self.websocket.ws.scope.get("dangol_abort")  # type: ignore[attr-defined]
        if abort is not None:
            abort()


def _head(operation_id: str, kind: str) -> str:
    return f'{{"id":{orjson.dumps(operation_id).decode()},"type":"{kind}","payload":'


def _message(operation_id: str, kind: str, payload: str) -> str:
    return f"{_head(operation_id, kind)}{payload}}}"
