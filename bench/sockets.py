"""A minimal client of graphql-transport-ws: what a figure measures is then the server."""

from __future__ import annotations

import asyncio
import base64
import os
from typing import Any

import orjson

_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_TOO_SLOW = "SUBSCRIBER_TOO_SLOW"


class Subscriber(asyncio.Protocol):
    """One connection with one subscription to membership changes, which goes on when told that it
    was too slow. `found` holds customers' ids in the order in which they came."""

    def __init__(self, port: int, token: str, query: str, variables: dict[str, Any]) -> None:
        self._port, self._token = port, token
        self._query, self._variables = query, dict(variables)
        self._data = bytearray()
        self._open = False
        self._wanted = 0
        self.ready = asyncio.get_running_loop().create_future()
        self.enough = asyncio.get_running_loop().create_future()
        self.found: list[str] = []
        self.too_slow_count = 0
        self.transport: Any = None

    async def wait_for(self, count: int) -> None:
        """Returns once so many changes came. Raises RuntimeError when the connection ends."""
        self._wanted = count
        self._look()
        await self.enough

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the protocol."""
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /graphql HTTP/1.1",
            f"host: 127.0.0.1:{self._port}",
            "connection: Upgrade",
            "upgrade: websocket",
            "sec-websocket-version: 13",
            "sec-websocket-protocol: graphql-transport-ws",
            f"sec-websocket-key: {key}",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Takes apart what came."""
        self._data += data
        if not self._open:
            head, separator, rest = self._data.partition(b"\r\n\r\n")
            if not separator:
                return
            if b" 101 " not in head:
                self._fail(f"no WebSocket: {bytes(head[:80])!r}")
                return
            self._open, self._data = True, rest
            self._send({"type": "connection_init", "payload": {"token": self._token}})
        while self._frame():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more comes."""
        self._fail(f"the connection ended: {exc}")

    def _frame(self) -> bool:
        data = self._data
        if len(data) < 2:
            return False
        length, start = data[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        if len(data) < start or len(data) < start + length:
            return False
        kind, content = data[0] & 0x0F, bytes(data[start : start + length])
        del data[: start + length]
        if kind == _TEXT:
            self._take(orjson.loads(content))
        elif kind == _PING:
            self._write(_PONG, content)
        elif kind == _CLOSE:
            self._fail(f"the server closed: {content!r}")
        return True

    def _take(self, message: Any) -> None:
        kind = message["type"]
        if kind == "next":
            told = message["payload"]["data"]["membershipChanges"]
            self._variables["from"] = told["resumeToken"]
            self.found.append(told["change"]["customerId"])
            self._look()
        elif kind == "connection_ack":
            self._subscribe()
            self.ready.set_result(None)
        elif kind == "error" and message["payload"][0]["extensions"]["code"] == _TOO_SLOW:
            self.too_slow_count += 1
            self._subscribe()
        else:
            self._fail(f"unexpected: {message}")

    def _look(self) -> None:
        if self._wanted and len(self.found) >= self._wanted and not self.enough.done():
            self.enough.set_result(None)

    def _subscribe(self) -> None:
        payload = {"query": self._query, "variables": self._variables}
        self._send({"id": "1", "type": "subscribe", "payload": payload})

    def _send(self, message: dict[str, Any]) -> None:
        self._write(_TEXT, orjson.dumps(message))

    def _write(self, kind: int, content: bytes) -> None:
        # Frames of clients are masked; a mask of zeros changes nothing.
        if len(content) < 126:
            size = bytes([0x80 | len(content)])
        else:
            size = bytes([0x80 | 126]) + len(content).to_bytes(2, "big")
        self.transport.write(bytes([0x80 | kind]) + size + bytes(4) + content)

    def _fail(self, why: str) -> None:
        for waiting in (self.ready, self.enough):
            if not waiting.done():
                waiting.set_exception(RuntimeError(why))
                # Whoever waits for the other one is told; this one may be nobody's.
                waiting.exception()
