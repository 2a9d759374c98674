"""A sender that follows the outbox with the client: through breaks, and after an end of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol_client import Addresses, AsyncDangol, Code, Dangol, DangolError, word

from tests.integration.gateway.partners.conftest import Outbox, Shop, posting
from tests.integration.gateway.partners.wire import Wire

WAIT_SECONDS = 60.0


@pytest.fixture
async def outbox(shop: Shop) -> AsyncIterator[Outbox]:
    """On a channel of its own."""
    async with posting(shop, f"pager_{uuid.uuid4().hex[:8]}") as box:
        yield box


async def test_a_watch_that_breaks_goes_on_and_so_does_the_next_process(
    shop: Shop, outbox: Outbox, wire: Wire
) -> None:
    """Each message once: over a cut line, and from the token that an earlier process kept."""
    sender = AsyncDangol(Addresses(offers=wire.address), shop.token(), tls=None)
    posted = [await outbox.post()]
    async with asyncio.timeout(WAIT_SECONDS), sender:
        async with aclosing(sender.deliveries(channels=[outbox.channel])) as watched:
            first = await anext(watched)
            wire.cut()
            posted.append(await outbox.post())
            second = await anext(watched)
        got = [one.delivery.message_id for one in (first, second)]
        assert posted == got
        assert "주문되었습니다." in first.delivery.rendered.text
        wire.cut()
        again = sender.deliveries(channels=[outbox.channel], resume_token=first.resume_token)
        async with aclosing(again) as watched:
            assert posted[1] == (await anext(watched)).delivery.message_id
        words = [word(one, pb.FEEDBACK_SENT) for one in posted]
        for _ in range(2):
            answer = await sender.acknowledge(*words)
            assert [pb.MESSAGE_STATE_SENT] * 2 == [one.state for one in answer.results]


async def test_a_blocking_watch_ends_when_the_client_is_closed(
    shop: Shop, outbox: Outbox, wire: Wire
) -> None:
    """The line is cut under it; it goes on, acknowledges, and waits until somebody closes it."""
    dangol = Dangol(Addresses(offers=wire.address), shop.token(), tls=None)
    got: list[str] = []

    def follow() -> Code:
        try:
            for watched in dangol.deliveries(channels=[outbox.channel]):
                message_id = watched.delivery.message_id
                dangol.acknowledge(word(message_id, pb.FEEDBACK_SENT))
                got.append(message_id)
        except DangolError as error:
            return error.code
        raise AssertionError("it has no end of its own")

    following = asyncio.create_task(asyncio.to_thread(follow))
    posted = []
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            for number in range(1, 3):
                posted.append(await outbox.post())
                while len(got) < number:
                    await asyncio.sleep(0.02)
                wire.cut()
    finally:
        await asyncio.to_thread(dangol.close)
    assert Code.CANCELLED is await following
    assert posted == got
