"""The settings, the template and the two senders of docs/messages.md, as they are written there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol.offers.v1 import webhook_service_pb2 as webhooks
from dangol.offers.v1.webhook_service_pb2_grpc import WebhookServiceStub
from dangol_dev.processes import free_port
from google.protobuf.json_format import ParseDict

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Shop

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "messages.md").read_text()
SETTINGS, TEMPLATE = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
WATCHER, RECEIVER = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@asynccontextmanager
async def running(program: str, **environ: str) -> AsyncIterator[asyncio.StreamReader]:
    """A program of the page in a process of its own, and what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        env={**os.environ, **environ},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


async def lines(output: asyncio.StreamReader, count: int) -> list[str]:
    """The next lines that a program prints."""
    async with asyncio.timeout(60):
        return [(await output.readline()).decode().rstrip("\n") for _ in range(count)]


async def test_both_senders_of_the_page_get_the_message_of_the_page(shop: Shop) -> None:
    """First the one that watches, then the one that is called; each message ends as sent."""
    update = messaging.UpdateMessagingSettingsRequest(
        request_id=str(uuid.uuid4()), settings=ParseDict(SETTINGS, messaging.MessagingSettings())
    )
    await shop.messaging("UpdateMessagingSettings", update)
    create = messaging.CreateTemplateRequest(
        request_id=str(uuid.uuid4()), template=ParseDict(TEMPLATE, messaging.MessageTemplate())
    )
    await shop.messaging("CreateTemplate", create)
    shop.profile.customer("ann").display_name = "김안나"
    shop.profile.customer("bob").language = "en"

    async def post(customer_id: str) -> None:
        outcome = await shop.post(
            customer_id,
            customer_id=customer_id,
            template_id="back-in-stock",
            purpose=pb.MESSAGE_PURPOSE_ADVERTISING,
            values={"price": "12900"},
        )
        assert "POSTED" == outcome

    async def sent(message_id: str) -> bool:
        return "SENT" == await shop.state(message_id)

    await post("ann")
    environ = {"DANGOL_OFFERS_TARGET": shop.config.listen, "DANGOL_TOKEN": shop.token()}
    async with running(WATCHER, **environ) as output:
        assert [
            "push:ann",
            "(광고) 다시 들어왔어요",
            "단골샵",
            "김안나님, 12,900원에 다시 만나보세요.",
            "문의 02-123-4567",
            "무료수신거부 앱 설정 > 알림",
        ] == await lines(output, 6)
        await shop.eventually(lambda: sent("ann"))
    port = free_port()
    request = webhooks.CreateWebhookEndpointRequest(
        request_id=str(uuid.uuid4()),
        endpoint=webhooks.WebhookEndpoint(url=f"http://127.0.0.1:{port}/"),
    )
    made = await shop.ask("CreateWebhookEndpoint", request, stub=WebhookServiceStub, role="admin")
    async with running(RECEIVER, WEBHOOK_SECRET=made.secret, PORT=str(port)) as output:
        await post("bob")
        assert ["bob", "(광고) It is back", "단골샵", "name of bob, yours for KRW 12,900."] == (
            await lines(output, 4)
        )
        await shop.eventually(lambda: sent("bob"))
