"""Caps on messages over real MongoDB: exact, however many processes hand messages over."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol_service_kit.errors import Code, RpcFailure
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service import message_steps
from offers_service.messages import Content, MessageKey, Purpose
from offers_service.reach import Cap
from offers_service.service_lineage import Lineage, NoMerges
from offers_service.service_reach import Leaving, ReachBook
from offers_service.store_merges import Merge, MergeStore
from offers_service.store_reach import ReachStore

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Shop

DAY_SECONDS = 86_400
NOW_MS = 1_700_000_000_000
DAILY = messaging.MessageCap(purpose="advertising", window_seconds=DAY_SECONDS, count=2)


async def test_what_goes_beyond_the_cap_is_suppressed_with_its_reason(shop: Shop) -> None:
    """Of five advertisements two leave; what is owed leaves; a retry takes no other place."""
    await shop.sign(caps=[DAILY])
    for number in range(5):
        name = f"ad{number}"
        await shop.post(name, purpose=pb.MESSAGE_PURPOSE_ADVERTISING, campaign_id="sale")
    await shop.post("owed")
    stream = shop.watch(lease_seconds=3600)
    async with asyncio.timeout(60):
        watched = [(await stream.read()).delivery for _ in range(3)]
    left = sorted(one.message_id for one in watched)
    assert "owed" == left[-1]

    async def judged() -> bool:
        query = {"state": "SUPPRESSED", "reason": "FREQUENCY_CAP"}
        return bool(3 == await shop.database.messages.count_documents(query))

    await shop.eventually(judged)
    assert ("APPLIED", "PENDING") == await shop.acknowledge(left[0], "FAILED_TEMPORARILY")
    await shop.database.messages.update_one({"_id.m": left[0]}, {"$set": {"wake_ms": 1}})
    async with asyncio.timeout(60):
        again = (await stream.read()).delivery
    stream.cancel()
    assert (left[0], 2) == (again.message_id, again.attempt)
    request = pb.CountMessagesRequest(campaign_id="sale")
    (counts,) = (await shop.ask("CountMessages", request, role="marketer")).variants
    assert [(pb.MESSAGE_REASON_FREQUENCY_CAP, 3)] == [
        (one.reason, one.count) for one in counts.suppressed
    ]
    shown = await shop.messaging("GetMessagingSettings", messaging.GetMessagingSettingsRequest())
    assert [DAILY] == list(shown.settings.caps)
    with pytest.raises(RpcFailure) as refused:
        await shop.sign(version=1, caps=[messaging.MessageCap(window_seconds=1, count=1)])
    assert Code.FIELD_INVALID == refused.value.code


async def test_two_replicas_never_give_away_more_than_the_cap(
    mongodb_uri: str, database_name: str
) -> None:
    """200 messages to 10 customers, taken one by one by two connections at once: each customer gets
    exactly three, and asking again changes nothing."""
    clients: list[Any] = [AsyncIOMotorClient(mongodb_uri) for _ in range(2)]
    stores = [ReachStore(client[database_name]) for client in clients]
    await stores[0].prepare()
    books = [ReachBook(store, NoMerges()) for store in stores]
    caps = [Cap(DAY_SECONDS * 1000, 3)]
    leaving = []
    for number in range(200):
        customer = f"c{number % 10}"
        content = Content(customer, "push", Purpose.ADVERTISING, "hello")
        message = message_steps.post(MessageKey("shop", f"m{number}"), content, NOW_MS)
        assert message is not None
        leaving.append(Leaving(message, customer, NOW_MS + number))

    async def take(number: int) -> set[str]:
        # Both ask for each message, as after a lost answer.
        return await books[number % 2].take("shop", [leaving[number // 2]], caps)

    limit = asyncio.Semaphore(16)

    async def bounded(number: int) -> set[str]:
        async with limit:
            return await take(number)

    refused = set[str]().union(*await asyncio.gather(*[bounded(n) for n in range(400)]))
    admitted = [one for one in leaving if one.message.message_id not in refused]
    assert {f"c{number}": 3 for number in range(10)} == Counter(one.customer_id for one in admitted)
    assert refused == await books[0].take("shop", leaving, caps)
    for client in clients:
        client.close()


async def test_after_a_merge_the_messages_to_every_id_count(
    mongodb_uri: str, database_name: str
) -> None:
    """Three a day; a visitor had one, a device of the same person another, over two merges. The
    member has one more; what took its place before the merge keeps it, and can give it back."""
    client: Any = AsyncIOMotorClient(mongodb_uri)
    store, merges = ReachStore(client[database_name]), MergeStore(client[database_name])
    await store.prepare()
    await merges.prepare()
    book, caps = ReachBook(store, Lineage(merges)), [Cap(DAY_SECONDS * 1000, 3)]

    def leaving(name: str, customer: str) -> Leaving:
        content = Content(customer, "push", Purpose.ADVERTISING, "hello")
        message = message_steps.post(MessageKey("shop", name), content, NOW_MS)
        assert message is not None
        return Leaving(message, customer, NOW_MS)

    first, second = leaving("m1", "device"), leaving("m2", "visitor")
    assert set() == await book.take("shop", [first, second], caps)
    await merges.add([Merge("shop", "device", "visitor", 1), Merge("shop", "visitor", "ann", 2)])
    theirs = [leaving(f"m{number}", "ann") for number in (3, 4, 5)]
    assert {"m4", "m5"} == await book.take("shop", theirs, caps)
    # Still asked under the old id, as by a process that has not heard of the merge.
    assert {"m6"} == await book.take("shop", [leaving("m6", "device")], caps)
    again = leaving("m1", "ann")
    assert set() == await book.take("shop", [again], caps)
    await book.release("shop", [again])
    assert set() == await book.take("shop", [theirs[1]], caps)
    other = leaving("m7", "bob")
    assert set() == await book.take("shop", [other], caps)
    client.close()
