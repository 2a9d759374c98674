"""The till of examples/partner-node against the platform, over a line that loses an answer."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dangol_client import ref
from dangol_dev.stack import Stack

from tests.integration.gateway.partners.conftest import Shop, journal, shop, wire  # noqa: F401
from tests.integration.gateway.partners.wire import Wire
from tests.web.test_clients import Program

pytestmark = pytest.mark.web

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "partner-node"


@asynccontextmanager
async def _till(card: str, **environment: str) -> AsyncIterator[Program]:
    program = shutil.which("node")
    if program is None or not (EXAMPLE / "node_modules").is_dir():
        pytest.fail("run `make test-web`, which installs what these tests need")
    process = await asyncio.create_subprocess_exec(
        program,
        str(EXAMPLE / "till.mjs"),
        card,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "DANGOL_PLAINTEXT": "1", **environment},
    )
    try:
        yield Program(process)
        assert 0 == await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_till_in_node_sells_with_a_coupon_once(
    stack: Stack,
    shop: Shop,  # noqa: F811
    wire: Wire,  # noqa: F811
) -> None:
    """The answer to its redemption is lost; it asks again with the same id, and tells of it."""
    card = uuid.uuid4().hex
    known = await shop.admin.identify(ref("pos_card", card))
    coupon_id = await shop.coupon(known.customer.customer_id)
    environment = {
        "DANGOL_PROFILE_TARGET": stack.targets["profile"],
        "DANGOL_OFFERS_TARGET": wire.address,
        "DANGOL_TOKEN": shop.token(),
        "DANGOL_DEADLINE_SECONDS": "60",
    }
    async with asyncio.timeout(120), _till(card, **environment) as till:
        held = {"held": coupon_id, "outcome": "COUPON_OUTCOME_APPLIED"}
        assert [held, {"pay": 45_000}] == [await till.line(), await till.line()]
        before = await journal(shop, coupon_id)
        wire.mute()
        till.tell(paid=True)
        await wire.lost.wait()
        while "REDEEMED" != await shop.state(coupon_id):
            await asyncio.sleep(0.02)
        wire.cut()
        redeemed = {"redeemed": coupon_id, "outcome": "COUPON_OUTCOME_APPLIED", "takenOff": 5_000}
        tracked = {"tracked": "RECORD_OUTCOME_RECORDED"}
        assert [redeemed, tracked] == [await till.line(), await till.line()]
    assert 1 == len(await journal(shop, coupon_id)) - len(before)


async def test_the_example_tells_code_field_and_fix(
    stack: Stack,
    shop: Shop,  # noqa: F811
) -> None:
    """Of a card that has no number, and of a token that is none."""
    targets = {
        "DANGOL_PROFILE_TARGET": stack.targets["profile"],
        "DANGOL_OFFERS_TARGET": stack.targets["offers"],
    }
    async with _till("", DANGOL_TOKEN=shop.token(), **targets) as till:
        line = await till.line()
        assert ("FIELD_INVALID", "identifiers[0].value") == (line["failed"], line["field"])
        assert line["fix"]
    async with _till("1", DANGOL_TOKEN="none", **targets) as till:
        assert "TOKEN_INVALID" == (await till.line())["failed"]
