"""HTTP clients behind a load balancer that sends requests to whichever gateway says it is ready."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from dangol_dev.plain import PLAIN
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import ConnectionClosed

_PROBE_SECONDS = 0.1
_PROTOCOLS: Any = ["graphql-transport-ws"]
_SERVICE_RESTART = 1012
WATCH = """subscription($from: String) { membershipChanges(resumeToken: $from) {
    resumeToken change { kind segmentId customerId stint } } }"""


class Balancer:
    """Connections are kept open and used again, as load balancers and browsers do."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._clients = {
            address: httpx.AsyncClient(base_url=f"http://{address}", trust_env=False, timeout=120)
            for address in addresses
        }
        self._turns = itertools.count()
        self._ready: list[str] = list(addresses)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Asks each gateway again and again whether it is ready."""
        probing = asyncio.create_task(self._probe())
        try:
            yield
        finally:
            probing.cancel()
            await asyncio.gather(probing, return_exceptions=True)
            for client in self._clients.values():
                await client.aclose()

    async def ask(self, query: str, token: str, **variables: Any) -> dict[str, Any]:
        """The data of a query; AssertionError for errors. Only what was never sent is sent again,
        to another gateway: the connection was refused."""
        body = json.dumps({"query": query, "variables": variables})
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        for _ in self._addresses:
            client = self._clients[self._choose()]
            try:
                response = await client.post("/graphql", content=body, headers=headers)
                break
            except httpx.ConnectError:
                continue
        else:
            raise AssertionError("no gateway takes connections")
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def watch(self, token: str) -> AsyncIterator[dict[str, Any]]:
        """Membership changes over WebSockets; a gateway that ends is left for another one."""
        resume: str | None = None
        while True:
            address = self._choose()
            try:
                async with connect_websocket(
                    f"ws://{address}/graphql", subprotocols=_PROTOCOLS, proxy=None
                ) as socket:
                    await self._subscribe(socket, token, resume)
                    async for text in socket:
                        message = json.loads(text)
                        if message["type"] == "connection_ack":
                            continue
                        assert message["type"] == "next", message
                        found = message["payload"]["data"]["membershipChanges"]
                        resume = found["resumeToken"]
                        yield found["change"]
            except ConnectionRefusedError:
                await asyncio.sleep(_PROBE_SECONDS)
            except ConnectionClosed as closed:
                if closed.rcvd is None or closed.rcvd.code != _SERVICE_RESTART:
                    raise

    async def _subscribe(self, socket: Any, token: str, resume: str | None) -> None:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"token": token}}))
        payload = {"query": WATCH, "variables": {"from": resume}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))

    def _choose(self) -> str:
        ready = self._ready or self._addresses
        return ready[next(self._turns) % len(ready)]

    async def _probe(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=1, verify=PLAIN) as client:
            while True:
                asked = [self._is_ready(client, address) for address in self._addresses]
                answers = await asyncio.gather(*asked)
                pairs = zip(self._addresses, answers, strict=True)
                self._ready = [address for address, ready in pairs if ready]
                await asyncio.sleep(_PROBE_SECONDS)

    async def _is_ready(self, client: httpx.AsyncClient, address: str) -> bool:
        try:
            return (await client.get(f"http://{address}/readyz")).is_success
        except httpx.HTTPError:
            return False
