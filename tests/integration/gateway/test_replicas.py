"""A gateway over two replicas of a service: both work, and one is enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.integration.gateway.replicas import open_gateway

CALLS = 40
QUERY = "{ segments(first: 1) { nodes { id } } }"


class Wire:
    """Passes connections on to an address, and counts what was sent there."""

    def __init__(self, target: str) -> None:
        self._host, _, self._port = target.rpartition(":")
        self.sent_bytes = 0
        self.connection_count = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Answers its own address."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        async with server:
            yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward = await asyncio.open_connection(self._host, int(self._port))
        except OSError:
            writer.close()
            return
        self.connection_count += 1
        async with asyncio.TaskGroup() as both:
            both.create_task(self._pass(reader, onward[1], counted=True))
            both.create_task(self._pass(onward[0], writer, counted=False))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        try:
            while chunk := await reader.read(65_536):
                self.sent_bytes += len(chunk) if counted else 0
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest.mark.timeout(180)
async def test_calls_are_spread_over_replicas_and_go_on_when_one_dies(frontend: Any) -> None:
    """One connection to each, taking turns; a replica that is killed under calls fails none."""
    stack = frontend.stack
    second = stack.replica("segmentation")
    await second.start()
    wires = Wire(stack.targets["segmentation"]), Wire(second.target)
    try:
        async with wires[0].open() as one, wires[1].open() as other:
            target = f"ipv4:///{one},{other}"
            async with open_gateway(stack, segmentation_target=target) as http:
                headers = {"authorization": f"Bearer {frontend.token()}"}

                async def ask() -> list[Any]:
                    answer = await http.post("/graphql", json={"query": QUERY}, headers=headers)
                    found: list[Any] = answer.json().get("errors", [])
                    return found

                async with asyncio.timeout(60):
                    while not all(wire.sent_bytes for wire in wires):
                        await ask()
                before = [wire.sent_bytes for wire in wires]
                for _ in range(CALLS):
                    assert await ask() == []
                sent = [wire.sent_bytes - was for wire, was in zip(wires, before, strict=True)]
                # Calls are alike but for what the connection says of itself.
                assert min(sent) >= 0.8 * max(sent)
                assert [1, 1] == [wire.connection_count for wire in wires]

                under_way = [asyncio.create_task(ask()) for _ in range(CALLS)]
                second.process.kill()
                assert [[]] * CALLS == await asyncio.gather(*under_way)
                before = [wire.sent_bytes for wire in wires]
                for _ in range(CALLS):
                    assert await ask() == []
                assert wires[0].sent_bytes - before[0] >= 1.8 * sent[0]
                assert wires[1].sent_bytes == before[1]
    finally:
        await second.process.stop()
