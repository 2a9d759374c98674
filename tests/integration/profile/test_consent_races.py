"""The log of consent under merges, races, outages and deaths of its writers."""

from __future__ import annotations

import asyncio
import time

from dangol_service_kit.auth import Role

from tests.integration.profile.consenting import (
    AT,
    all_held,
    entry,
    log_page,
    new_customer,
    set_consent,
    whole_log,
)
from tests.integration.profile.harness import (
    LAB,
    LAB_START_SECONDS,
    Platform,
    event,
    eventually,
)


async def test_decisions_at_once_all_count(platform: Platform) -> None:
    """Whatever the order, the newest holds, and the versions have no gap."""
    customer_id = await new_customer(platform)
    admin = platform.client(Role.ADMIN)
    before = await admin.get(customer_id)
    answers = await asyncio.gather(
        *(
            set_consent(admin, customer_id, entry(granted=number % 2 == 0, at=AT + number))
            for number in range(15)
        )
    )
    after = await admin.get(customer_id)
    assert ["marketing.email"] == list(after.consents)
    assert {one.customer.version for one in answers} <= set(
        range(before.version + 1, after.version + 1)
    )
    assert 15 == len(await whole_log(admin, customer_id))
    told = platform.segmentation.evaluated[-1].customers[0].profile
    assert after.version >= told.version
    assert await all_held(platform)


async def test_a_merged_customer_has_both_logs_and_the_newest_of_both(platform: Platform) -> None:
    """The old id leads there too, and the earlier of both is when the customer became known."""
    partner = platform.client()
    await partner.record(event("device", "d-1", at_seconds=AT - 86_400), event("member", "m-1"))
    visitor = (await partner.find("device", "d-1")).customer_id
    member = (await partner.find("member", "m-1")).customer_id
    await set_consent(partner, visitor, entry(granted=False, at=AT + 9), entry("sms", at=AT + 1))
    await set_consent(partner, member, entry(at=AT + 5), entry("sms", granted=False, at=AT))
    merged = await partner.identify(("device", "d-1"), ("member", "m-1"))
    assert ["marketing.sms"] == list(merged.customer.consents)
    for customer_id in (visitor, member):
        page = await log_page(partner, customer_id)
        assert (4, ["marketing.sms"]) == (len(page.entries), list(page.granted))
    (history,) = await platform.client(Role.SERVICE).history(member)
    assert (AT - 86_400, ["marketing.sms"]) == (
        history.profile.create_time.seconds,
        list(history.profile.consents),
    )
    tombstone = await platform.database.customers.find_one({"_id.c": visitor})
    assert [] == tombstone["consents"]
    after = await set_consent(partner, visitor, entry(at=AT + 20))
    assert (member, ["marketing.email", "marketing.sms"]) == (
        after.customer.customer_id,
        list(after.customer.consents),
    )


async def test_a_merge_between_writing_and_telling_takes_the_record_along(
    platform: Platform,
) -> None:
    """The writer finds its customer merged away and finishes with the one who took over."""
    partner = platform.client()
    await partner.record(event("device", "d-1"), event("member", "m-1"))
    visitor = (await partner.find("device", "d-1")).customer_id
    member = (await partner.find("member", "m-1")).customer_id
    platform.segmentation.entered.clear()
    platform.segmentation.release.clear()
    setting = asyncio.create_task(set_consent(partner, visitor, entry()))
    await platform.segmentation.entered.wait()
    await partner.identify(("device", "d-1"), ("member", "m-1"))
    platform.segmentation.release.set()
    response = await setting
    assert (member, ["marketing.email"]) == (
        response.customer.customer_id,
        list(response.customer.consents),
    )
    assert 1 == len(await whole_log(partner, member))
    assert await all_held(platform)


async def test_decisions_and_merges_at_once_lose_nothing(platform: Platform) -> None:
    """Every line is in the one log that is left, and the newest of them holds."""
    partner = platform.client()
    for turn in range(4):
        names = [("device", f"d-{turn}"), ("member", f"m-{turn}")]
        await partner.record(*(event(*name) for name in names))
        ids = [(await partner.find(*name)).customer_id for name in names]
        await asyncio.gather(
            *(
                set_consent(partner, ids[number % 2], entry(granted=number != 7, at=AT + number))
                for number in range(8)
            ),
            *(partner.identify(*names) for _ in range(2)),
        )
        customer = await partner.find(*names[0])
        assert ids[1] == customer.customer_id
        lines = await whole_log(partner, customer.customer_id)
        assert [AT + number for number in range(8)] == sorted(
            one.decide_time.seconds for one in lines
        )
        assert [] == list(customer.consents)
    await eventually(lambda: all_held(platform))


async def test_while_segmentation_is_down_the_log_is_written_and_the_changes_follow(
    platform: Platform,
) -> None:
    """The customer is replayed when it is back."""
    customer_id = await new_customer(platform)
    partner = platform.client()
    await platform.segmentation.stop()
    response = await set_consent(partner, customer_id, entry())
    assert (["marketing.email"], True) == (
        list(response.customer.consents),
        response.changes_pending,
    )
    await platform.segmentation.start()
    await eventually(lambda: all_held(platform))
    assert customer_id in platform.segmentation.replayed_ids


async def test_a_record_whose_writer_died_is_finished_by_the_relay(platform: Platform) -> None:
    """Although it lies with a customer who was merged away before anyone could move it."""
    partner = platform.client()
    await partner.record(event("device", "d-1"), event("member", "m-1"))
    visitor = (await partner.find("device", "d-1")).customer_id
    member = (await partner.find("member", "m-1")).customer_id
    await set_consent(partner, member, entry("sms"))
    await partner.identify(("device", "d-1"), ("member", "m-1"))
    left = await platform.database.consents.find_one({"c": member})
    left["_id"]["r"] = b"another request!"
    # What is sealed is sealed for its own record.
    left["e"][0]["s"] = "call"
    del left["k"], left["s"]
    left["e"][0]["ch"] = "email"
    await platform.database.consents.insert_one({**left, "c": visitor, "open_ms": 1})
    await eventually(lambda: all_held(platform))
    page = await log_page(partner, member)
    assert (2, ["marketing.email", "marketing.sms"]) == (len(page.entries), list(page.granted))
    told = platform.segmentation.evaluated[-1].customers[0]
    assert (member, ["marketing.email", "marketing.sms"]) == (
        told.customer_id,
        list(told.profile.consents),
    )


async def test_a_record_follows_a_chain_of_merges_that_grows_meanwhile(
    platform: Platform,
) -> None:
    """Given to the second of three just after the third took over, it goes on to the third."""
    partner = platform.client()
    names = [("device", "d-1"), ("email", "kim@example.com"), ("member", "m-1")]
    ids = [(await partner.identify(name)).customer.customer_id for name in names]
    await set_consent(partner, ids[2], entry("sms"))
    left = await platform.database.consents.find_one({"c": ids[2]})
    left["_id"]["r"] = b"another request!"
    # What is sealed is sealed for its own record.
    left["e"][0]["s"] = "call"
    del left["k"], left["s"]
    left["e"][0]["ch"] = "email"
    merged = await partner.identify(*names[:2])
    second = merged.customer.customer_id
    (first,) = {ids[0], ids[1]} - {second}
    platform.segmentation.entered.clear()
    platform.segmentation.release.clear()
    await platform.database.consents.insert_one({**left, "c": first, "open_ms": 1})
    await platform.segmentation.entered.wait()
    await partner.identify(names[0], names[2])
    platform.segmentation.release.set()
    await eventually(lambda: all_held(platform))
    page = await log_page(partner, ids[2])
    assert (2, ["marketing.email", "marketing.sms"]) == (len(page.entries), list(page.granted))


async def test_a_clock_step_finishes_records_first(platform: Platform) -> None:
    """What a dead writer left is held and told before the step is answered."""
    partner = platform.client(tenant_id=LAB)
    customer_id = (await partner.identify(("member", "m-1"))).customer.customer_id
    await set_consent(partner, customer_id, entry(at=None))
    left = await platform.database.consents.find_one({"c": customer_id})
    left["_id"]["r"] = b"another request!"
    # What is sealed is sealed for its own record.
    left["e"][0]["s"] = "call"
    del left["k"], left["s"]
    left["e"][0]["ch"] = "sms"
    await platform.database.consents.insert_one({**left, "open_ms": int(time.time() * 1000)})
    await platform.client(Role.SERVICE, LAB).set_clock(LAB_START_SECONDS, LAB_START_SECONDS)
    (history,) = await platform.client(Role.SERVICE, LAB).history(customer_id)
    assert ["marketing.email", "marketing.sms"] == list(history.profile.consents)
