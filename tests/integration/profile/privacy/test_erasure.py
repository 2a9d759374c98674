"""Erasure: nobody reads the customer, nothing decrypts what is left, and nothing comes back."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import suppress

import pytest
from dangol.profile.v1 import customer_service_pb2 as customer_pb
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import (
    OTHER,
    Platform,
    event,
    eventually,
    outcomes,
    rejections,
)
from tests.integration.profile.privacy.erasing import (
    Eraser,
    data_keys,
    everything,
    make_customer,
)

STARTED, ALREADY = pb.ERASE_OUTCOME_STARTED, pb.ERASE_OUTCOME_ALREADY


async def _not_found(platform: Platform, customer_id: str) -> bool:
    admin = platform.client(Role.ADMIN)
    try:
        await admin.get(customer_id)
    except RpcFailure as failure:
        return failure.code is Code.CUSTOMER_NOT_FOUND
    return False


async def _erase_wholly(eraser: Eraser, customer_id: str) -> None:
    await eraser.erase(customer_id)
    await eraser.carry_out(customer_id)


async def test_after_the_answer_nobody_reads_her_and_no_key_of_hers_is_left(
    platform: Platform,
) -> None:
    """Others stay as they were; what the customer had is gone from every collection in the end."""
    kim, lee = await make_customer(platform, "kim"), await make_customer(platform, "lee")
    hers = {bytes(one) for one in await data_keys(platform)}
    eraser = Eraser(platform)
    answer = await eraser.erase(kim)
    assert STARTED == answer.outcome
    assert await _not_found(platform, kim)
    for name in ("member-kim", "phone-kim", "device-kim"):
        with pytest.raises(RpcFailure):
            await platform.client().find(name.split("-")[0], name)
    left = await data_keys(platform)
    # Of each: the record, four identifiers with the one of Dangol's own, the record of consent.
    assert (12, 6) == (len(hers), len(left & hers))
    await eraser.carry_out(kim)
    assert 3 == await platform.database.events.count_documents({})
    assert 1 == await platform.database.consents.count_documents({})
    assert 4 == await platform.database.identifiers.count_documents({"v": {"$exists": True}})
    assert not [key for key in hers - left if key in await everything(platform)]
    assert "name-lee" == (await platform.client(Role.ADMIN).get(lee)).display_name
    steps = {step.part: step.count for step in (await eraser.get(kim)).steps}
    assert 4 + 3 + 1 == steps[pb.ERASURE_PART_PROFILE]
    assert 2 * 3 == steps[pb.ERASURE_PART_OFFERS]


async def test_lists_counts_and_histories_have_her_no_more(platform: Platform) -> None:
    """To segmentation she is one who left without anybody taking over."""
    kim, lee = await make_customer(platform, "kim"), await make_customer(platform, "lee")
    await Eraser(platform).erase(kim)
    admin, service = platform.client(Role.ADMIN), platform.client(Role.SERVICE)
    from_list = await admin.call(admin.customers.ListCustomers, customer_pb.ListCustomersRequest())
    assert (1, [lee]) == (from_list.total_size, [one.customer_id for one in from_list.customers])
    (history,) = await service.history(kim)
    assert (kim, kim, 0) == (history.customer_id, history.merged_into, len(history.events))
    await eventually(lambda: _replayed(platform, kim))


async def _replayed(platform: Platform, customer_id: str) -> bool:
    return customer_id in platform.segmentation.replayed_ids


async def test_late_events_stay_out_and_who_comes_back_is_somebody_else(
    platform: Platform,
) -> None:
    """By signing up or by what happens later; nothing of before is seen then."""
    kim = await make_customer(platform, "kim")
    eraser, partner = Eraser(platform), platform.client()
    await _erase_wholly(eraser, kim)
    late = event("phone", "phone-kim", at_seconds=int(time.time()) - 3600)
    answer = await partner.record(late)
    assert ["REJECTED"] == outcomes(answer)
    assert [("CUSTOMER_ERASED", "customer.value")] == rejections(answer)
    back = await partner.identify(("member", "member-kim"), ("phone", "phone-kim"))
    again = back.customer
    assert kim != again.customer_id
    assert ("", [], 0) == (again.display_name, list(again.consents), again.order_count)
    assert ["REJECTED"] == outcomes(await partner.record(late))
    assert [] == list((await partner.timeline(again.customer_id)).events)
    # The device is heard of again only by what happens from now on.
    await eventually(lambda: _recorded(platform, "device", "device-kim"))
    visitor = await partner.find("device", "device-kim")
    assert visitor.customer_id not in (kim, again.customer_id)
    await _erase_wholly(eraser, again.customer_id)
    third = await partner.identify(("member", "member-kim"))
    assert 3 == len({kim, again.customer_id, third.customer.customer_id})


async def _recorded(platform: Platform, namespace: str, value: str) -> bool:
    sent = event(namespace, value, at_seconds=int(time.time()))
    return outcomes(await platform.client().record(sent)) == ["RECORDED"]


async def test_everybody_merged_into_her_goes_with_her(platform: Platform) -> None:
    """The tombstones keep pointing and hold nothing."""
    partner = platform.client()
    visitor = (await partner.identify(("device", "d-1"), display_name="name-visitor")).customer
    await partner.record(event("device", "d-1", "purchase", amount=100))
    kim = await make_customer(platform, "kim")
    await partner.identify(("device", "d-1"), ("member", "member-kim"))
    eraser = Eraser(platform)
    answer = await eraser.erase(visitor.customer_id)
    assert kim == answer.erasure.customer_id
    assert {kim, visitor.customer_id} == set(answer.erasure.customer_ids)
    await eraser.carry_out(kim)
    assert await _not_found(platform, visitor.customer_id)
    assert 0 == await platform.database.events.count_documents({})
    assert set() == await data_keys(platform)


@pytest.mark.parametrize("round_number", range(4))
async def test_a_merge_and_an_erasure_at_once_leave_nothing(
    platform: Platform, round_number: int
) -> None:
    """Whichever is first: the visitor is the same person, or stays a visitor of its own."""
    partner, eraser = platform.client(), Eraser(platform)
    visitor = (await partner.identify(("device", "d-1"), display_name="name-visitor")).customer
    kim = await make_customer(platform, "kim")

    async def merge() -> None:
        await asyncio.sleep(round_number * 0.002)
        # Just being erased: ask again later, as for any customer who is not there.
        with suppress(RpcFailure):
            await partner.identify(("device", "d-1"), ("member", "member-kim"))

    await asyncio.gather(merge(), eraser.erase(kim))

    await eraser.carry_out(kim)
    await eventually(platform.nothing_open)
    # A merge that ended at the tombstone late began it anew.
    await eraser.carry_out(kim)
    assert await _not_found(platform, kim)
    erased = set((await eraser.get(kim)).customer_ids)
    assert await _not_found(platform, visitor.customer_id) == (visitor.customer_id in erased)
    document = await platform.database.customers.find_one({"_id.c": kim})
    assert (b"", b"", {}) == (document["personal"], document["data_key"], document["fields"])
    owned = await platform.database.identifiers.count_documents({"c": {"$in": list(erased)}})
    assert 0 == owned


async def test_the_same_request_is_answered_the_same_and_another_says_already(
    platform: Platform,
) -> None:
    """The same id with other content is refused; of nobody nothing is known."""
    kim, lee = await make_customer(platform, "kim"), await make_customer(platform, "lee")
    eraser, request_id = Eraser(platform), str(uuid.uuid4())
    for _ in range(2):
        assert STARTED == (await eraser.erase(kim, request_id)).outcome
    assert ALREADY == (await eraser.erase(kim)).outcome
    with pytest.raises(RpcFailure) as caught:
        await eraser.erase(lee, request_id)
    assert Code.REQUEST_CONFLICT is caught.value.code
    with pytest.raises(RpcFailure) as caught:
        await eraser.erase("u_nobody")
    assert Code.CUSTOMER_NOT_FOUND is caught.value.code
    assert "name-lee" == (await platform.client(Role.ADMIN).get(lee)).display_name


async def test_it_goes_on_when_those_come_back_who_were_away(platform: Platform) -> None:
    """Progress tells what is waited for; offers acknowledges those it was told of."""
    kim = await make_customer(platform, "kim")
    eraser = Eraser(platform)
    await platform.segmentation.stop()
    await eraser.erase(kim)
    assert [kim] == [one.customer_id for one in await eraser.waiting()]
    assert not (await eraser.acknowledge(kim, "u_other")).steps[2].HasField("complete_time")
    assert (await eraser.acknowledge(kim)).steps[2].HasField("complete_time")
    assert [] == await eraser.waiting()
    waiting = await eraser.get(kim)
    assert [True, False] == [one.HasField("complete_time") for one in waiting.steps[:2]]
    assert not waiting.HasField("complete_time")
    await platform.segmentation.start()
    await eraser.carry_out(kim)


async def test_what_died_after_its_first_word_is_carried_on(platform: Platform) -> None:
    """Only the erasure was written; any replica does the rest."""
    kim, lee = await make_customer(platform, "kim"), await make_customer(platform, "lee")
    eraser = Eraser(platform)
    await eraser.erase(lee)
    left = await platform.database.erasures.find_one({})
    left["_id"]["c"], left["ids"], left["r"], left["n"] = kim, [kim], b"another", 1
    left |= {"hashes": [], "floor_ms": 0, "gone_ms": 0, "done": {}, "open_ms": 1}
    await platform.database.erasures.insert_one(left)
    await eventually(lambda: _not_found(platform, kim))
    await eraser.carry_out(kim)


async def test_who_may_erase_whom(platform: Platform) -> None:
    """Admins those of their tenant, customers themselves; nobody else anybody."""
    kim, lee = await make_customer(platform, "kim"), await make_customer(platform, "lee")
    eraser = Eraser(platform)
    for role in (Role.MARKETER, Role.STAFF, Role.PARTNER, Role.SERVICE):
        with pytest.raises(RpcFailure) as caught:
            await eraser.erase(kim, client=platform.client(role))
        assert Code.ROLE_NOT_ALLOWED is caught.value.code
    herself = platform.client(Role.CUSTOMER, subject=kim)
    for client, customer_id in ((herself, lee), (platform.client(Role.ADMIN, OTHER), kim)):
        with pytest.raises(RpcFailure) as caught:
            await eraser.erase(customer_id, client=client)
        assert Code.CUSTOMER_NOT_FOUND is caught.value.code
    assert STARTED == (await eraser.erase(kim, client=herself)).outcome
    foreign = platform.client(Role.ADMIN, OTHER)
    with pytest.raises(RpcFailure) as caught:
        await foreign.call(eraser.stub.GetErasure, pb.GetErasureRequest(customer_id=kim))
    assert Code.CUSTOMER_NOT_FOUND is caught.value.code
    listed = await foreign.call(eraser.stub.ListErasures, pb.ListErasuresRequest())
    assert [] == list(listed.erasures)
    with pytest.raises(RpcFailure) as caught:
        await eraser.admin.call(
            eraser.stub.AcknowledgeErasure,
            pb.AcknowledgeErasureRequest(
                customer_id=kim, part=pb.ERASURE_PART_OFFERS, customer_ids=[kim]
            ),
        )
    assert Code.ROLE_NOT_ALLOWED is caught.value.code
