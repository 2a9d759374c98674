"""GraphiQL's page in a real browser whose network is closed but for the gateway."""

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from dangol_service_kit.auth import Role
from gateway_service.graphiql import examples
from websockets.asyncio.client import ClientConnection, connect

pytestmark = pytest.mark.web

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No name is found and no other address is reached: what the page asks of others fails.
_CLOSED = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


class Tab:
    """A page of Chromium over its DevTools protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.asked: list[str] = []
        self.complaints: list[str] = []

    async def send(self, method: str, **parameters: Any) -> Any:
        """One command's result; what happens meanwhile is kept."""
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(await self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._keep(message)

    def _keep(self, message: dict[str, Any]) -> None:
        given = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked.append(given["request"]["url"])
        elif message.get("method") == "Network.webSocketCreated":
            self.asked.append(given["url"])
        elif message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(given["exceptionDetails"]["text"])

    async def value(self, expression: str) -> Any:
        """What an expression of JavaScript comes to."""
        found = await self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def until(self, expression: str) -> Any:
        """The first value of the expression that is something."""
        async with asyncio.timeout(60):
            while not (value := await self.value(expression)):
                await asyncio.sleep(0.1)
            return value


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A tab of a headless Chromium with the network closed."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.fail("Chromium is missing: install it, on Debian with apt-get install chromium")
    process = await asyncio.create_subprocess_exec(
        program,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-proxy-server",
        f"--host-resolver-rules={_CLOSED}",
        f"--user-data-dir={tmp_path}",
        "--remote-debugging-port=0",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port_file = tmp_path / "DevToolsActivePort"
        async with asyncio.timeout(60):
            while not port_file.is_file() or not port_file.read_text().strip():
                await asyncio.sleep(0.1)
        port = port_file.read_text().split()[0]
        async with httpx.AsyncClient(trust_env=False) as client:
            pages = (await client.get(f"http://127.0.0.1:{port}/json/list")).json()
        address = next(one["webSocketDebuggerUrl"] for one in pages if one["type"] == "page")
        async with connect(address, proxy=None, max_size=None) as socket:
            opened = Tab(socket)
            for domain in ("Network", "Runtime", "Page"):
                await opened.send(f"{domain}.enable")
            yield opened
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_graphiql_works_and_asks_no_other_host(frontend: Any, tab: Tab) -> None:
    """It loads, knows the schema, runs its first example, and asked nobody but the gateway."""
    token = frontend.token(Role.ADMIN)
    await tab.send("Page.navigate", url=f"{frontend.stack.urls['graphiql']}?token={token}")
    await tab.until("document.querySelector('.graphiql-execute-button') !== null")
    tabs = await tab.until("document.querySelectorAll('.graphiql-tab').length")
    assert tabs == len(examples())
    # The token leaves the address bar.
    assert "token" not in await tab.value("window.location.href")
    await tab.value("document.querySelector('.graphiql-execute-button').click()")
    shown = "document.querySelector('.graphiql-response .CodeMirror').CodeMirror.getValue()"
    answer = json.loads(await tab.until(f"{shown}.includes('data') && {shown}"))
    assert "errors" not in answer, answer
    assert answer["data"]
    hosts = {urlsplit(url).netloc for url in tab.asked if urlsplit(url).scheme not in {"data", ""}}
    assert hosts == {urlsplit(frontend.stack.urls["graphql"]).netloc}
    assert any(url.endswith("graphiql.min.js") for url in tab.asked)
    assert tab.complaints == []


async def test_the_network_is_closed(tab: Tab) -> None:
    """What is seen above could have failed: another host is out of reach, by name and by number."""
    asking = "fetch('%s').then(() => 'reached', () => 'closed').then(r => { window.found = r })"
    for url in ("https://unpkg.com/", "http://example.com/"):
        await tab.value("window.found = ''")
        await tab.value(asking % url)
        assert await tab.until("window.found") == "closed"
    assert {urlsplit(url).netloc for url in tab.asked} >= {"unpkg.com", "example.com"}
