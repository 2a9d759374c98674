"""The clients that most frontends use, against the gateway: they connect again and miss nothing."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dangol_service_kit.auth import Role

pytestmark = pytest.mark.web

HERE = Path(__file__).parent


class Program:
    """A running client: lines of JSON in and out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    def tell(self, **line: Any) -> None:
        """Sends a line."""
        self._in.write(json.dumps(line).encode() + b"\n")

    async def line(self) -> dict[str, Any]:
        """The next line; fails when the program ended."""
        text = await self._out.readline()
        assert text, "the client ended"
        found: dict[str, Any] = json.loads(text)
        return found

    async def until(self, name: str) -> dict[str, Any]:
        """The next line that tells of this."""
        line = await self.line()
        while name not in line:
            assert "error" not in line, line
            line = await self.line()
        return line

    async def changes(self, last: str) -> list[str]:
        """Customers, up to this one."""
        found = [(await self.until("change"))["change"]]
        while found[-1] != last:
            found.append((await self.until("change"))["change"])
        return found


@asynccontextmanager
async def _client(script: str, *arguments: str) -> AsyncIterator[Program]:
    program = shutil.which("node")
    if program is None or not (HERE / "node_modules").is_dir():
        pytest.fail("run `make test-web`, which installs what these tests need")
    process = await asyncio.create_subprocess_exec(
        program,
        str(HERE / script),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        yield Program(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _bought(frontend: Any, member: str) -> str:
    await frontend.buy(member)
    found: str = await frontend.customer_id(member)
    return found


async def _begin(frontend: Any, client: Program, name: str) -> list[str]:
    """Buys as one member after another until the client tells of one; all who bought."""
    first = asyncio.ensure_future(client.until("change"))
    bought: list[str] = []
    while not first.done():
        bought.append(await _bought(frontend, f"{name}-{len(bought)}"))
        await asyncio.wait({first}, timeout=0.3)
    told = (await first)["change"]
    rest = await client.changes(bought[-1]) if told != bought[-1] else []
    assert [told, *rest] == bought[bought.index(told) :]
    return bought


@pytest.mark.parametrize(
    ("script", "url"), [("sockets.mjs", "subscriptions"), ("events.mjs", "graphql")]
)
async def test_a_client_that_is_cut_off_goes_on_where_it_was(
    frontend: Any, script: str, url: str
) -> None:
    """The connection breaks while things happen: each arrives once, in order."""
    segment = f"npm-{url}"
    await frontend.create_segment(segment, "count(purchase) >= 1")
    async with _client(script, frontend.stack.urls[url], segment, "0") as client:
        client.tell(token=frontend.token(Role.MARKETER))
        await client.until("connected")
        await _begin(frontend, client, segment)
        client.tell(cut=True)
        missed = [await _bought(frontend, f"{segment}-missed-{number}") for number in range(5)]
        assert await client.changes(missed[-1]) == missed


@pytest.mark.parametrize(
    ("script", "url"), [("sockets.mjs", "subscriptions"), ("events.mjs", "graphql")]
)
async def test_a_client_goes_on_at_a_gateway_that_was_restarted(
    frontend: Any, script: str, url: str
) -> None:
    """What happened while there was none comes too: from the service, not from memory."""
    segment = f"npm-again-{url}"
    await frontend.create_segment(segment, "count(purchase) >= 1")
    async with _client(script, frontend.stack.urls[url], segment, "0") as client:
        client.tell(token=frontend.token(Role.MARKETER))
        await client.until("connected")
        await _begin(frontend, client, segment)
        await frontend.stack.restart("gateway")
        await frontend.reach_all()
        missed = [await _bought(frontend, f"{segment}-missed-{number}") for number in range(5)]
        assert await client.changes(missed[-1]) == missed


async def test_graphql_ws_takes_a_fresh_token_when_the_old_one_ran_out(frontend: Any) -> None:
    """4403 TOKEN_EXPIRED is a code after which it connects again, and asks for a token first."""
    await frontend.create_segment("npm-expired", "count(purchase) >= 1")
    url = frontend.stack.urls["subscriptions"]
    async with _client("sockets.mjs", url, "npm-expired", "0") as client:
        client.tell(token=frontend.stack.token("shop", Role.MARKETER, "nora", 1))
        await client.until("connected")
        client.tell(token=frontend.token(Role.MARKETER, "nora"))
        closed = await client.until("closed")
        assert (closed["closed"], closed["reason"]) == (4403, "TOKEN_EXPIRED")
        await client.until("connected")
        await _begin(frontend, client, "npm-expired")


async def test_graphql_ws_renews_its_token_without_a_new_connection(frontend: Any) -> None:
    """By a ping that carries it: the protocol leaves a ping's payload to us."""
    await frontend.create_segment("npm-renewed", "count(purchase) >= 1")
    url = frontend.stack.urls["subscriptions"]
    async with _client("sockets.mjs", url, "npm-renewed", "0") as client:
        client.tell(token=frontend.stack.token("shop", Role.MARKETER, "nell", 2))
        await client.until("connected")
        client.tell(renew=frontend.token(Role.MARKETER, "nell"))
        with pytest.raises(TimeoutError):
            # Past the first token's time and the seconds that clocks may differ by.
            await asyncio.wait_for(client.until("closed"), 9)
        await _begin(frontend, client, "npm-renewed")
