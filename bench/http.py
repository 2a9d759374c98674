"""A minimal HTTP/1.1 client: what a figure measures is then the server, not the client."""

from __future__ import annotations

import asyncio
import json
from typing import Any


class HttpClient:
    """Posts JSON to one address over kept connections; as many as there are calls at a time."""

    def __init__(self, port: int, path: str, token: str = "") -> None:
        credential = f"authorization: Bearer {token}\r\n" if token else ""
        self._head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
            f"content-type: application/json\r\n{credential}content-length: "
        ).encode()
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, body: dict[str, Any]) -> Any:
        """The data of a GraphQL answer. Raises RuntimeError on any other answer."""
        answer = await self.answer(body)
        if answer.get("errors"):
            raise RuntimeError(f"the server answered {answer}")
        return answer["data"]

    async def answer(self, body: dict[str, Any]) -> Any:
        """A GraphQL answer, errors or not. Raises RuntimeError on any status but 200."""
        payload = json.dumps(body).encode()
        reader, writer = await self._connection()
        writer.write(self._head + str(len(payload)).encode() + b"\r\n\r\n" + payload)
        head = await reader.readuntil(b"\r\n\r\n")
        content = await reader.readexactly(_content_length(head))
        self._idle.append((reader, writer))
        answer = json.loads(content)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the server answered {head.splitlines()[0]!r}: {answer}")
        return answer

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            # The server closes what was idle for some seconds.
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        """Close the connections."""
        for _, writer in self._idle:
            writer.close()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise RuntimeError("the answer has no content-length")
