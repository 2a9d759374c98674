"""The shop of examples/storefront in a real browser, whose network is closed but for our own."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from dangol_service_kit.auth import Role

from tests.web.browser import Browser, Tab, browser

pytestmark = pytest.mark.web

IDLE = "document.body?.ariaBusy === 'false'"
COUPONS = "[...document.querySelectorAll('#coupons li')].map((one) => one.dataset.state).sort()"


class Visit:
    """Somebody with the shop's page open."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def sign_in(self, url: str, name: str) -> None:
        """Opens an address of the shop and signs in."""
        await self.tab.go(url)
        await self.tab.until(f"{IDLE} && !document.getElementById('sign-in').hidden")
        await self.tab.value(f"document.getElementById('name').value = '{name}'")
        await self.click("#sign-in button")

    async def click(self, selector: str) -> None:
        """Clicks, and waits until the page has done what follows; it had nothing to complain of."""
        await self.tab.value(f"document.querySelector({selector!r}).click()")
        await self.tab.until(IDLE)
        assert await self.text("problem") == ""

    async def text(self, name: str) -> str:
        """What an element says."""
        said: str = await self.tab.value(f"document.getElementById('{name}').textContent")
        return said

    async def shown(self, name: str) -> bool:
        """Whether an element is to be seen."""
        height = f"document.getElementById('{name}').getBoundingClientRect().height"
        return bool(await self.tab.value(f"{height} > 0"))


@pytest.fixture
async def shop_url(frontend: Any) -> AsyncIterator[str]:
    """The page's address, served for the tenant of the tests."""
    process = frontend.stack.storefront(frontend.tenant)
    url: str = frontend.stack.storefront_url
    process.start()

    async def ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                return (await client.get(f"{url}/readyz")).is_success
            except httpx.HTTPError:
                return False

    try:
        await process.wait_until(ready, 90)
        yield url
    finally:
        await process.stop()


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser without tabs of ours yet."""
    async with browser(tmp_path) as running:
        yield running


async def test_a_customer_shops_with_a_coupon_and_another_claims_its_gift(
    frontend: Any, shop_url: str, chromium: Browser
) -> None:
    """Mina looks, is recognised, and saves with her coupon; Nuri gives his, by a link, to Sora.

    Sora opens it in a browser that shares nothing with his. Nobody else is asked for anything.
    """
    run = uuid.uuid4().hex[:8]
    mina = Visit(await chromium.open_tab())
    await mina.sign_in(shop_url, f"mina-{run}")
    await _look_around(mina)
    await _check_out(frontend, mina)
    nuri = Visit(await chromium.open_tab())
    await nuri.sign_in(shop_url, f"nuri-{run}")
    link = await _give(nuri)
    sora = Visit(await chromium.open_tab())
    await _claim(sora, link, f"sora-{run}")
    gateway = urlsplit(frontend.stack.urls["graphql"]).netloc
    for visit in (mina, nuri, sora):
        assert {urlsplit(shop_url).netloc, gateway} == visit.tab.hosts
        assert [] == visit.tab.complaints


async def _look_around(visit: Visit) -> None:
    """What was tracked changes the page: what was looked at, and what its segment is told."""
    assert await visit.text("greeting")
    assert not await visit.shown("curious")
    await visit.click("[data-id=storefront-cap] [name=view]")
    await visit.click("[data-id=storefront-shoes] [name=view]")
    await visit.tab.until("!document.getElementById('curious').hidden")
    viewed = "[...document.querySelectorAll('#viewed li')].map((one) => one.textContent)"
    assert ["러닝화", "모자"] == await visit.tab.value(viewed)


async def _check_out(frontend: Any, visit: Visit) -> None:
    assert ["AVAILABLE"] == await visit.tab.value(COUPONS)
    await visit.click("[data-id=storefront-shoes] [name=add]")
    assert ("₩8,900", "₩80,100") == (await visit.text("discount"), await visit.text("total"))
    await visit.click("#pay")
    assert "Paid ₩80,100, saved ₩8,900." == await visit.text("receipt")
    assert ["REDEEMED"] == await visit.tab.value(COUPONS)
    customer = await visit.tab.value("JSON.parse(sessionStorage.session).customerId")
    query = "query($id: ID!) { customer(id: $id) { orderCount revenue { minorUnits } } }"
    data = await frontend.ask(query, frontend.token(Role.ADMIN), id=customer)
    assert {"orderCount": 1, "revenue": {"minorUnits": 80_100}} == data["customer"]


async def _give(visit: Visit) -> str:
    await visit.click("#coupons [name=give]")
    assert ["ESCROWED"] == await visit.tab.value(COUPONS)
    link: str = await visit.tab.value("document.getElementById('gift-link').value")
    return link


async def _claim(visit: Visit, link: str, name: str) -> None:
    """Opening the link claims nothing; the button does, once."""
    await visit.sign_in(link, name)
    assert await visit.shown("gift")
    assert ["AVAILABLE"] == await visit.tab.value(COUPONS)
    await visit.click("#claim")
    assert not await visit.shown("gift")
    assert ["AVAILABLE", "AVAILABLE"] == await visit.tab.value(COUPONS)
    await visit.tab.go(link)
    await visit.tab.until(IDLE)
    assert not await visit.shown("gift")


async def test_the_page_itself_may_ask_nobody_else(
    frontend: Any, shop_url: str, chromium: Browser
) -> None:
    """The policy sent with it lets it reach the gateway, and nobody even on this machine."""
    tab = await chromium.open_tab()
    await tab.go(shop_url)
    await tab.until(IDLE)
    asking = "fetch('%s', {mode: 'no-cors'}).then(() => 'reached', () => 'closed')"
    gateway = frontend.stack.urls["graphql"]
    assert "reached" == await tab.value(asking % gateway)
    assert "closed" == await tab.value(asking % gateway.replace("/graphql", "/readyz"))


async def test_the_network_of_the_browser_is_closed(chromium: Browser) -> None:
    """What is seen above could have failed: a page that asks another host is noticed, in vain."""
    tab = await chromium.open_tab()
    asking = "fetch('http://example.com/').then(() => 'reached', () => 'closed')"
    assert "closed" == await tab.value(asking)
    assert "example.com" in tab.hosts
