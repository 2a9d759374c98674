"""A line to a service that can be muted, so that answers get lost, and cut."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Wire:
    """Passes bytes on between callers and host:port; `address` is where callers connect."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition(":")
        self._port = int(port)
        self._muted = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.address = ""
        self.lost = asyncio.Event()

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    def mute(self) -> None:
        """From now on nothing that the service says arrives; `lost` is set once it did."""
        self._muted = True
        self.lost.clear()

    def cut(self) -> None:
        """Ends all connections; those that follow are whole."""
        self._muted = False
        for writer in self._open:
            writer.transport.abort()

    async def stop(self) -> None:
        """Ends everything."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            onward = await asyncio.open_connection(self._host, self._port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, onward[1]}
        with suppress(OSError):
            await asyncio.gather(
                self._pass(reader, onward[1], answers=False),
                self._pass(onward[0], writer, answers=True),
            )
        self._open -= {writer, onward[1]}

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        try:
            while data := await reader.read(65_536):
                if answers and self._muted:
                    self.lost.set()
                    continue
                writer.write(data)
                await writer.drain()
        finally:
            writer.transport.abort()
