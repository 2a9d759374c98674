"""Messages from the outbox to a sender's stream and back, over real gRPC and MongoDB."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure, from_rpc_error
from grpc.aio import AioRpcError

if TYPE_CHECKING:
    from tests.integration.offers.delivery.conftest import Shop

HOUR_MS = 3_600_000


async def read(stream: Any, count: int) -> list[pb.WatchResponse]:
    """The next messages of a stream."""
    async with asyncio.timeout(60):
        return [await stream.read() for _ in range(count)]


async def test_posting_again_finds_the_message_and_other_content_is_refused(shop: Shop) -> None:
    """One message for one id, however often and however many at once."""
    outcomes = await asyncio.gather(*[shop.post("m1") for _ in range(20)])
    assert ["ALREADY_POSTED"] * 19 + ["POSTED"] == sorted(outcomes)
    assert "CONFLICT" == await shop.post("m1", customer_id="bob")
    assert 1 == await shop.database.messages.count_documents({})
    soon = int(time.time() * 1000)
    late_ms = soon + HOUR_MS
    outcome = await shop.post("m2", not_before=late_ms, expire_time=late_ms)
    assert "EXPIRES_TOO_SOON" == outcome


async def test_a_message_goes_out_and_what_became_of_it_reaches_profile(shop: Shop) -> None:
    """Handed over, sent, delivered, opened, clicked; each once, also when it is said twice."""
    await shop.post("m1", campaign_id="win-back", variant_id="a")
    stream = shop.watch()
    (watched,) = await read(stream, 1)
    assert ("m1", "ann", "push", 1) == (
        watched.delivery.message_id,
        watched.delivery.customer_id,
        watched.delivery.channel,
        watched.delivery.attempt,
    )
    request_id = str(uuid.uuid4())
    assert ("APPLIED", "SENT") == await shop.acknowledge("m1", "SENT", request_id=request_id)
    assert ("APPLIED", "SENT") == await shop.acknowledge("m1", "SENT", request_id=request_id)
    conflict = await shop.acknowledge("m1", "OPENED", request_id=request_id)
    assert ("REQUEST_CONFLICT", "SENT") == conflict
    assert ("ALREADY_KNOWN", "SENT") == await shop.acknowledge("m1", "SENT")
    # A click implies what must have come before it.
    assert ("APPLIED", "CLICKED") == await shop.acknowledge("m1", "CLICKED")
    assert ("ALREADY_KNOWN", "CLICKED") == await shop.acknowledge("m1", "DELIVERED")
    assert ("ENDED", "CLICKED") == await shop.acknowledge("m1", "FAILED_PERMANENTLY")
    assert ("NOT_FOUND", "UNSPECIFIED") == await shop.acknowledge("m9", "SENT")

    async def all_told() -> bool:
        return 3 == len(shop.profile.events)

    await shop.eventually(all_told)
    types = [kind for kind, _, _ in shop.profile.told()]
    assert ["message_clicked", "message_opened", "message_sent"] == types
    request = pb.CountMessagesRequest(campaign_id="win-back")
    (counts,) = (await shop.ask("CountMessages", request, role="marketer")).variants
    assert ("a", 1, 1, 1, 1, 1) == (
        counts.variant_id,
        counts.posted_count,
        counts.sent_count,
        counts.delivered_count,
        counts.opened_count,
        counts.clicked_count,
    )
    stream.cancel()


async def test_news_wait_while_profile_is_away(shop: Shop) -> None:
    """What a sender said is kept with the message until profile has it."""
    await shop.post("m1")
    stream = shop.watch()
    await read(stream, 1)
    shop.profile.away = True
    assert ("APPLIED", "SENT") == await shop.acknowledge("m1", "SENT")
    assert 1 == await shop.database.messages.count_documents({"news": {"$exists": True}})
    shop.profile.away = False

    async def nothing_left() -> bool:
        return not await shop.database.messages.count_documents({"news": {"$exists": True}})

    await shop.eventually(nothing_left)
    assert 1 == len(shop.profile.events)
    stream.cancel()


async def test_a_stream_goes_on_after_its_token(shop: Shop) -> None:
    """What came after the token comes again at once, as the same attempt; what came before stays
    with whoever kept it."""
    for number in range(4):
        await shop.post(f"m{number}")
    stream = shop.watch(lease_seconds=3600)
    first = await read(stream, 4)
    stream.cancel()
    again = shop.watch(lease_seconds=3600, resume_token=first[1].resume_token)
    repeated = await read(again, 2)
    expected = [(each.delivery.message_id, 1) for each in first[2:]]
    assert expected == [(each.delivery.message_id, each.delivery.attempt) for each in repeated]
    await shop.post("m9")
    (new,) = await read(again, 1)
    assert "m9" == new.delivery.message_id
    again.cancel()


async def test_a_sender_gets_no_more_than_it_can_answer(shop: Shop) -> None:
    """With room for two, the third comes when one of them is answered."""
    for number in range(3):
        await shop.post(f"m{number}")
    stream = shop.watch(max_in_flight=2)
    first = await read(stream, 2)
    third = asyncio.ensure_future(stream.read())
    assert 2 == await shop.database.messages.count_documents({"state": "LEASED"})
    assert not third.done()
    await shop.acknowledge(first[0].delivery.message_id, "SENT")
    async with asyncio.timeout(60):
        ids = {each.delivery.message_id for each in [*first, await third]}
    assert {"m0", "m1", "m2"} == ids
    stream.cancel()


async def test_what_nobody_answers_comes_again_and_a_late_answer_still_counts(shop: Shop) -> None:
    """The lease ends, the message waits for its next attempt, and a fact is a fact."""
    await shop.post("m1")
    stream = shop.watch(lease_seconds=1)
    await read(stream, 1)

    async def taken_back() -> bool:
        return "PENDING" == await shop.state("m1")

    await shop.eventually(taken_back)
    # It is to come again in half a minute or more: it does not wait here that long.
    await shop.database.messages.update_one({}, {"$set": {"wake_ms": 1}})
    (watched,) = await read(stream, 1)
    assert 2 == watched.delivery.attempt
    await shop.eventually(taken_back)
    assert ("APPLIED", "SENT") == await shop.acknowledge("m1", "SENT")
    stream.cancel()


async def test_a_dead_letter_gets_another_chance(shop: Shop) -> None:
    """A permanent failure ends it; an admin may try again, once for each request."""
    await shop.post("m1")
    stream = shop.watch()
    await read(stream, 1)
    assert ("APPLIED", "DEAD") == await shop.acknowledge("m1", "FAILED_PERMANENTLY")
    assert "DEAD FAILED_PERMANENTLY" == await shop.state("m1")
    listed = await shop.ask(
        "ListMessages", pb.ListMessagesRequest(state=pb.MESSAGE_STATE_DEAD), role="admin"
    )
    assert ["m1"] == [one.message_id for one in listed.messages]
    request = pb.RequeueMessageRequest(request_id=str(uuid.uuid4()), message_id="m1")
    for _ in range(2):
        answer = await shop.ask("RequeueMessage", request, role="admin")
        assert pb.REQUEUE_OUTCOME_APPLIED == answer.outcome
    (watched,) = await read(stream, 1)
    assert "m1" == watched.delivery.message_id
    other = pb.RequeueMessageRequest(request_id=str(uuid.uuid4()), message_id="m1")
    assert (
        pb.REQUEUE_OUTCOME_NOT_DEAD
        == (await shop.ask("RequeueMessage", other, role="admin")).outcome
    )
    stream.cancel()


async def test_pages_list_every_message_of_a_customer_once(shop: Shop) -> None:
    """Newest first, in pages of two."""
    for number in range(5):
        await shop.post(f"m{number}")
    await shop.post("other", customer_id="bob")
    found: list[str] = []
    page_token = ""
    while True:
        request = pb.ListMessagesRequest(customer_id="ann", page_size=2, page_token=page_token)
        page = await shop.ask("ListMessages", request, role="marketer")
        found += [one.message_id for one in page.messages]
        page_token = page.next_page_token
        if not page_token:
            break
    assert ["m0", "m1", "m2", "m3", "m4"] == sorted(found)


@pytest.mark.parametrize("role", ["customer", "visitor", "marketer"])
async def test_wrong_roles_get_nothing(shop: Shop, role: str) -> None:
    """Only services post, only partners watch and acknowledge, only admins requeue."""
    calls = [
        ("PostMessage", pb.PostMessageRequest(message=_message())),
        ("Acknowledge", pb.AcknowledgeRequest(acknowledgements=[_word()])),
        ("RequeueMessage", pb.RequeueMessageRequest(request_id=_id(), message_id="m1")),
    ]
    for method, request in calls:
        with pytest.raises(RpcFailure) as refused:
            await shop.ask(method, request, role=role)
        assert Code.ROLE_NOT_ALLOWED == refused.value.code
    stream = shop.watch(role=role)
    with pytest.raises(AioRpcError) as ended:
        await stream.read()
    assert Code.ROLE_NOT_ALLOWED == from_rpc_error(ended.value).code


async def test_another_tenant_sees_nothing(shop: Shop) -> None:
    """Neither messages nor streams; a token of one tenant's stream does not open another's."""
    await shop.post("m1")
    stream = shop.watch()
    (watched,) = await read(stream, 1)
    stream.cancel()
    assert ("NOT_FOUND", "UNSPECIFIED") == await shop.acknowledge("m1", "SENT", tenant="other")
    with pytest.raises(RpcFailure) as missing:
        await shop.state("m1", tenant="other")
    assert Code.MESSAGE_NOT_FOUND == missing.value.code
    page = await shop.ask(
        "ListMessages", pb.ListMessagesRequest(customer_id="ann"), role="admin", tenant="other"
    )
    assert 0 == len(page.messages)
    for tenant, subject in (("other", "sender"), ("shop", "somebody else")):
        foreign = shop.watch(resume_token=watched.resume_token, tenant=tenant, subject=subject)
        with pytest.raises(AioRpcError) as refused:
            await foreign.read()
        assert Code.RESUME_TOKEN_INVALID == from_rpc_error(refused.value).code


def _id() -> str:
    return str(uuid.uuid4())


def _message() -> pb.Message:
    return pb.Message(
        message_id="m1",
        customer_id="ann",
        channel="push",
        purpose=pb.MESSAGE_PURPOSE_TRANSACTIONAL,
        template_id="t",
    )


def _word() -> pb.Acknowledgement:
    return pb.Acknowledgement(request_id=_id(), message_id="m1", feedback=pb.FEEDBACK_SENT)
