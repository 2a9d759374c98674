"""GraphiQL's page in a real browser whose network is closed but for the gateway."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from dangol_service_kit.auth import Role
from gateway_service.graphiql import examples

from tests.web.browser import Tab, browser

pytestmark = pytest.mark.web


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A tab of a headless Chromium with the network closed."""
    async with browser(tmp_path) as running:
        yield await running.open_tab()


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
