"""A headless Chromium over its DevTools protocol, reaching nothing but this machine."""

import asyncio
import contextlib
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No name is found and no other address is reached: what a page asks of others fails.
_CLOSED = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
_LIMIT_SECONDS = 60


class Browser:
    """A running browser. Its contexts share nothing: each is a browser of its own to a site."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._tabs: dict[str, Tab] = {}

    async def send(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """One command's result; what happens meanwhile is kept by its tab."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        await self._socket.send(json.dumps(command | ({"sessionId": session} if session else {})))
        while True:
            message = json.loads(await self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            if (tab := self._tabs.get(message.get("sessionId", ""))) is not None:
                tab.keep(message)

    async def open_tab(self) -> "Tab":
        """A tab in a context of its own, with no cookies and nothing stored."""
        context = (await self.send("Target.createBrowserContext"))["browserContextId"]
        target = await self.send("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        tab = self._tabs[attached["sessionId"]] = Tab(self, attached["sessionId"])
        for domain in ("Network", "Runtime", "Page"):
            await tab.send(f"{domain}.enable")
        return tab


class Tab:
    """A page, what it asked for, and what it complained of."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.asked: list[str] = []
        self.complaints: list[str] = []

    async def send(self, method: str, **parameters: Any) -> Any:
        """One command's result."""
        return await self._browser.send(method, self._session, **parameters)

    def keep(self, message: dict[str, Any]) -> None:
        """Notes what happened."""
        given = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked.append(given["request"]["url"])
        elif message.get("method") == "Network.webSocketCreated":
            self.asked.append(given["url"])
        elif message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(given["exceptionDetails"]))

    @property
    def hosts(self) -> set[str]:
        """host:port of everybody whom the page asked for something."""
        return {urlsplit(url).netloc for url in self.asked if urlsplit(url).scheme != "data"}

    async def go(self, url: str) -> None:
        """Opens an address, as one who types it or follows a link from elsewhere."""
        await self.send("Page.navigate", url="about:blank")
        await self.send("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """What an expression of JavaScript comes to; a promise is waited for."""
        found = await self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def until(self, expression: str) -> Any:
        """The first value of the expression that is something."""
        async with asyncio.timeout(_LIMIT_SECONDS):
            while not (value := await self.value(expression)):
                await asyncio.sleep(0.05)
            return value


@contextlib.asynccontextmanager
async def browser(directory: Path) -> AsyncIterator[Browser]:
    """A browser with its files in `directory`; the test fails, saying why, where there is none."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.fail("Chromium is missing: install it, on Debian with apt-get install chromium")
    process = await asyncio.create_subprocess_exec(
        program,
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--no-first-run", "--no-proxy-server", f"--host-resolver-rules={_CLOSED}"),
        *(f"--user-data-dir={directory}", "--remote-debugging-port=0", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        address = await _address(directory / "DevToolsActivePort")
        async with connect(address, proxy=None, max_size=None) as socket:
            yield Browser(socket)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _address(port_file: Path) -> str:
    async with asyncio.timeout(_LIMIT_SECONDS):
        while (port := _port(port_file)) is None:
            await asyncio.sleep(0.05)
    async with httpx.AsyncClient(trust_env=False) as client:
        about = (await client.get(f"http://127.0.0.1:{port}/json/version")).json()
    address: str = about["webSocketDebuggerUrl"]
    return address


def _port(port_file: Path) -> str | None:
    lines = port_file.read_text().splitlines() if port_file.is_file() else []
    return lines[0] if len(lines) > 1 else None
