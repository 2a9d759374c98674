"""Every block of Python in docs/partners.md runs as it is printed, in the order of the page."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from dangol.profile.v1 import event_service_pb2 as recording
from dangol_client import Code, DangolError, ref
from dangol_dev.stack import Stack

from tests.integration.gateway.partners.conftest import Shop, posting

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "partners.md"
BLOCKS = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Reader:
    """Somebody who follows the page: each block goes on with what those before it made."""

    def __init__(self) -> None:
        self.left = BLOCKS.findall(GUIDE.read_text())
        self.said: list[str] = []
        self.names: dict[str, Any] = {"print": self._print, "__name__": "guide"}

    def _print(self, *words: object) -> None:
        self.said.append(" ".join(map(str, words)))

    async def read_until(self, name: str) -> Any:
        """Runs the next blocks until one defines this name; answers its value."""
        while name not in self.names:
            program = compile(self.left.pop(0), str(GUIDE), "exec")
            # Blocking calls must not keep the loop of the tests from running.
            await asyncio.to_thread(exec, program, self.names)
        return self.names[name]


@pytest.fixture
def reader(stack: Stack, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """With the addresses and the token that the page speaks of."""
    token = tmp_path / "token"
    token.write_text(shop.token())
    monkeypatch.setenv("DANGOL_TOKEN_FILE", str(token))
    for name, target in stack.targets.items():
        monkeypatch.setenv(f"DANGOL_{name.upper()}_TARGET", target)
    return Reader()


async def test_the_page_works_from_token_to_message(
    stack: Stack, shop: Shop, reader: Reader
) -> None:
    """A till checks out and takes goods back, a mall gives a coupon, a sender sends."""
    await _check_out(shop, reader)
    await _give(shop, reader)
    await _send(shop, reader)
    price = await reader.read_until("price")
    assert [] == reader.left
    customer_id = await shop.customer()
    assert 56_000 == await price(stack.targets["offers"], reader.names["cart"], customer_id)


async def _check_out(shop: Shop, reader: Reader) -> None:
    coupon_id = await shop.coupon(await reader.read_until("customer_id"))
    await reader.read_until("offer")
    assert [f"{coupon_id} 1 5600", "to pay 50400 instead of 56000"] == reader.said
    await reader.read_until("purchase")
    assert "taken off 5600" == reader.said[-1]
    (recorded,) = (await reader.read_until("recorded")).results
    assert recording.RECORD_OUTCOME_RECORDED == recorded.outcome
    await reader.read_until("back")
    assert "pay back 45000" == reader.said[-1]
    answer = await reader.read_until("answer")
    said = "FIELD_INVALID cart.currency_code "
    assert [said] == [one[: len(said)] for one in reader.said if one.startswith(said)]
    assert answer.coupon.coupon_id == coupon_id


async def _give(shop: Shop, reader: Reader) -> None:
    found = await shop.admin.identify(ref("member", "mina"))
    coupon_id = await shop.coupon(found.customer.customer_id)
    claimed = await reader.read_until("claimed")
    assert [] == [one for one in reader.said if one.startswith("refused")]
    assert coupon_id == claimed.coupon.coupon_id
    assert f"{claimed.customer_id} has {claimed.coupon.code}" == reader.said[-1]


async def _send(shop: Shop, reader: Reader) -> None:
    send_messages = await reader.read_until("send_messages")
    async with posting(shop, "sms") as outbox:
        message_id = await outbox.post()
        sending = asyncio.create_task(asyncio.to_thread(send_messages, set()))
        try:
            async with asyncio.timeout(60):
                while not await outbox.is_sent(message_id):
                    await asyncio.sleep(0.05)
        finally:
            # The stream has no end; else its thread would outlive the test.
            await asyncio.to_thread(reader.names["dangol"].close)
    assert f"{outbox.customer_id} 주문되었습니다." in reader.said
    with pytest.raises(DangolError) as raised:
        await sending
    assert Code.CANCELLED is raised.value.code
