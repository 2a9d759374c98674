"""The path of a batch of events, from the request to the answer and the log."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import event_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import (
    LAB,
    LAB_START_SECONDS,
    OCCURRED_SECONDS,
    OTHER,
    Client,
    Platform,
    event,
    ids_of,
    outcomes,
    rejections,
)


async def test_a_batch_is_recorded_and_answers_the_changes_it_caused(platform: Platform) -> None:
    """Events of new customers are stored and the changes that segmentation knows come back."""
    partner = platform.client()
    response = await partner.record(event("member", "m-1"), event("device", "d-1", "cart_add"))
    assert ["RECORDED", "RECORDED"] == outcomes(response)
    assert False is response.changes_pending
    found = {(await partner.find("member", "m-1")).customer_id}
    found.add((await partner.find("device", "d-1")).customer_id)
    assert found == ids_of(response.changes)
    assert await platform.nothing_open()


async def test_segmentation_gets_new_customers_with_profile_and_events_without_identifiers(
    platform: Platform,
) -> None:
    """created and the snapshot come with the first batch only; the identifier never does."""
    partner = platform.client()
    await partner.record(event("member", "m-1", at_seconds=OCCURRED_SECONDS))
    await partner.record(event("member", "m-1"))
    first, second = (request.customers[0] for request in platform.segmentation.evaluated)
    assert (True, True) == (first.created, first.HasField("profile"))
    assert (True, OCCURRED_SECONDS) == (first.profile.member, first.profile.create_time.seconds)
    assert (False, False) == (second.created, second.HasField("profile"))
    assert OCCURRED_SECONDS * 1000 == first.events[0].evaluated_at_ms
    assert 16 == len(first.events[0].key)
    assert "" == first.events[0].event.customer.value


async def test_a_batch_sent_again_is_all_duplicates_and_is_not_evaluated_again(
    platform: Platform,
) -> None:
    """The same ids with the same content change nothing."""
    partner = platform.client()
    batch = [event("member", f"m-{number}", amount=10 + number) for number in range(20)]
    batch[3].properties["size"].text = "XL"
    await partner.record(*batch)
    again = await partner.record(*batch)
    assert ["DUPLICATE"] * 20 == outcomes(again)
    assert 1 == len(platform.segmentation.evaluated)
    assert 20 == await platform.database.events.count_documents({})


async def test_a_known_id_with_other_content_is_refused_and_the_first_is_kept(
    platform: Platform,
) -> None:
    """A changed property is other content too."""
    partner = platform.client()
    event_id = str(uuid.uuid4())
    first = event("member", "m-1", "purchase", event_id=event_id, amount=100)
    first.properties["size"].text = "XL"
    changed = Event.FromString(first.SerializeToString())
    changed.properties["size"].text = "S"
    await partner.record(first)
    response = await partner.record(changed, event("member", "m-1"))
    assert ["REJECTED", "RECORDED"] == outcomes(response)
    assert ("EVENT_CONFLICT", "event_id") == rejections(response)[0]
    customer = await partner.find("member", "m-1")
    timeline = await partner.timeline(customer.customer_id, types=["purchase"])
    assert ["XL"] == [one.properties["size"].text for one in timeline.events]


async def test_one_id_twice_in_a_batch_is_a_duplicate_or_a_conflict(platform: Platform) -> None:
    """The first of the two is recorded; an id under another identifier is another event."""
    event_id = str(uuid.uuid4())
    response = await platform.client().record(
        event("member", "m-1", event_id=event_id),
        event("member", "m-1", event_id=event_id),
        event("member", "m-1", "login", event_id=event_id),
        event("member", "m-2", event_id=event_id.upper()),
        event("member", "m-2", event_id=event_id),
    )
    assert ["RECORDED", "DUPLICATE", "REJECTED", "RECORDED", "DUPLICATE"] == outcomes(response)
    assert ("EVENT_CONFLICT", "event_id") == rejections(response)[2]


async def test_the_same_batch_from_many_clients_at_once_is_recorded_once(
    platform: Platform,
) -> None:
    """Concurrent retries of a batch with new customers agree on customers and events."""
    batch = [event("device", f"d-{number}", amount=1) for number in range(10)]
    partner = platform.client()
    answers = await asyncio.gather(*(partner.record(*batch) for _ in range(8)))
    recorded = [one for answer in answers for one in outcomes(answer) if one == "RECORDED"]
    assert 10 == len(recorded)
    assert 10 == await platform.database.events.count_documents({})
    assert 10 == await platform.database.customers.count_documents({})
    assert 20 == await platform.database.identifiers.count_documents({})


async def test_extreme_integers_are_stored_or_refused_one_by_one(platform: Platform) -> None:
    """A value at the edge of 64 bits fails alone."""
    partner = platform.client()
    largest = event("member", "m-1", "purchase", amount=10**15)
    response = await partner.record(
        largest,
        event("member", "m-1", "purchase", amount=2**63 - 1),
        event("member", "m-1", "purchase", amount=-(2**63)),
        event("member", "m-1", at_seconds=2**62),
    )
    assert ["RECORDED", "REJECTED", "REJECTED", "REJECTED"] == outcomes(response)
    expected = [("FIELD_INVALID", "amount.minor_units")] * 2 + [("TIME_AHEAD", "occurred_at")]
    assert expected == rejections(response)[1:]
    customer = await partner.find("member", "m-1")
    assert (1, 10**15) == (customer.order_count, customer.revenue.minor_units)


async def test_an_event_counts_from_when_it_was_received_if_its_clock_is_ahead(
    platform: Platform,
) -> None:
    """Up to 24 hours ahead are accepted under wall time, and evaluated now."""
    partner = platform.client()
    ahead = int(time.time()) + 23 * 3600
    response = await partner.record(
        event("member", "m-1", at_seconds=ahead),
        event("member", "m-1", at_seconds=ahead + 2 * 3600),
    )
    assert ["RECORDED", "REJECTED"] == outcomes(response)
    assert ("TIME_AHEAD", "occurred_at") == rejections(response)[1]
    keyed = platform.segmentation.evaluated[0].customers[0].events[0]
    assert keyed.received_at_ms == keyed.evaluated_at_ms
    assert ahead * 1000 > keyed.evaluated_at_ms


async def test_under_virtual_time_events_up_to_the_horizon_are_accepted(
    platform: Platform,
) -> None:
    """They count when they occur and arrive under wall time; past the horizon is refused."""
    partner = platform.client(tenant_id=LAB)
    horizon = LAB_START_SECONDS + 86_400
    before_ms = int(time.time() * 1000)
    response = await partner.record(
        event("member", "m-1", at_seconds=horizon),
        event("member", "m-1", at_seconds=horizon + 1),
    )
    assert ["RECORDED", "REJECTED"] == outcomes(response)
    assert ("TIME_AHEAD", "occurred_at") == rejections(response)[1]
    keyed = platform.segmentation.evaluated[0].customers[0].events[0]
    assert horizon * 1000 == keyed.evaluated_at_ms
    assert before_ms <= keyed.received_at_ms <= time.time() * 1000


async def test_an_unknown_customer_id_is_refused_and_a_known_one_is_an_identifier(
    platform: Platform,
) -> None:
    """Dangol's own ids are never created by events."""
    partner = platform.client()
    await partner.record(event("member", "m-1"))
    customer_id = (await partner.find("member", "m-1")).customer_id
    response = await partner.record(
        event("customer", customer_id), event("customer", "u_unknown"), event("member", "m-1")
    )
    assert ["RECORDED", "REJECTED", "RECORDED"] == outcomes(response)
    assert ("CUSTOMER_NOT_FOUND", "customer.value") == rejections(response)[1]
    assert 3 == len((await partner.timeline(customer_id)).events)


async def test_customers_record_only_what_they_did_themselves(platform: Platform) -> None:
    """Another's events are refused as if that customer did not exist."""
    partner = platform.client()
    await partner.record(event("member", "m-1"), event("member", "m-2"))
    own_id = (await partner.find("member", "m-1")).customer_id
    other_id = (await partner.find("member", "m-2")).customer_id
    response = await platform.client(Role.CUSTOMER, subject=own_id).record(
        event("customer", own_id),
        event("member", "m-1"),
        event("customer", other_id),
        event("member", "m-2"),
        event("device", "unknown"),
    )
    assert ["RECORDED", "RECORDED", "REJECTED", "REJECTED", "REJECTED"] == outcomes(response)
    assert {("CUSTOMER_NOT_FOUND", "customer.value")} == set(rejections(response)[2:])


@pytest.mark.parametrize("role", [Role.MARKETER, Role.STAFF])
async def test_roles_that_only_read_may_not_record(platform: Platform, role: Role) -> None:
    """Marketers and staff are refused."""
    with pytest.raises(RpcFailure) as refused:
        await platform.client(role).record(event("member", "m-1"))
    assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_a_batch_of_more_than_a_thousand_events_is_refused_whole(
    platform: Platform,
) -> None:
    """Nothing of it is stored, and the refusal names the field."""
    with pytest.raises(RpcFailure) as refused:
        await platform.client().record(*(event("member", "m-1") for _ in range(1001)))
    assert (Code.BATCH_TOO_LARGE, "events") == (refused.value.code, refused.value.field)
    assert 0 == await platform.database.events.count_documents({})


async def test_a_batch_over_four_mebibytes_is_refused_whole(platform: Platform) -> None:
    """Even when it has few events."""
    large = event("member", "m-1")
    for number in range(32):
        large.properties[f"p{number}"].text = "x" * 1024
    batch = []
    for _ in range(140):
        copy = Event()
        copy.CopyFrom(large)
        copy.event_id = str(uuid.uuid4())
        batch.append(copy)
    with pytest.raises(RpcFailure) as refused:
        await platform.client().record(*batch)
    assert (Code.BATCH_TOO_LARGE, "events") == (refused.value.code, refused.value.field)


async def test_bad_events_are_refused_one_by_one_and_the_rest_is_kept(
    platform: Platform,
) -> None:
    """Each refusal has a code, the path of the field, and words that say what to do."""
    bad_item = event("member", "m-1", "purchase")
    bad_item.items.add(product_id="p", quantity=1)
    bad_item.items.add(product_id="p", quantity=-1)
    bad_money = event("member", "m-1", "purchase", amount=5)
    bad_money.amount.currency_code = "won"
    foreign_money = event("member", "m-1", "purchase", amount=5)
    foreign_money.amount.currency_code = "USD"
    long_number = event("member", "m-1")
    long_number.properties["weight"].number = "18446744073709551616"
    nameless = event("member", "m-1")
    nameless.ClearField("customer")
    timeless = event("member", "m-1")
    timeless.ClearField("occurred_at")
    response = await platform.client().record(
        event("fax", "m-1"),
        event("member", "m-1", ""),
        bad_item,
        bad_money,
        foreign_money,
        long_number,
        nameless,
        timeless,
        event("member", "m-1", event_id="7"),
        event("member", "m-1"),
    )
    expected = [
        ("FIELD_INVALID", "customer.namespace"),
        ("FIELD_INVALID", "type"),
        ("FIELD_INVALID", "items[1].quantity"),
        ("FIELD_INVALID", "amount.currency_code"),
        ("CURRENCY_MISMATCH", "amount.currency_code"),
        ("FIELD_INVALID", 'properties["weight"].number'),
        ("FIELD_INVALID", "customer"),
        ("FIELD_INVALID", "occurred_at"),
        ("FIELD_INVALID", "event_id"),
        ("", ""),
    ]
    assert expected == rejections(response)
    assert ["REJECTED"] * 9 + ["RECORDED"] == outcomes(response)
    assert all(one.message for one in response.results[:9])


async def test_an_expired_token_is_refused(platform: Platform) -> None:
    """With a code that says so."""
    token = platform.keys.token(Role.PARTNER, "shop", ttl_seconds=-60)
    partner = Client(platform.channel, token)
    with pytest.raises(RpcFailure) as refused:
        await partner.record(event("member", "m-1"))
    assert Code.TOKEN_EXPIRED is refused.value.code


async def test_another_tenants_customers_look_like_none(platform: Platform) -> None:
    """The same identifier is another customer there, and an id of here does not exist there."""
    here, there = platform.client(), platform.client(tenant_id=OTHER)
    await here.record(event("member", "m-1"))
    customer_id = (await here.find("member", "m-1")).customer_id
    for attempt in (there.get(customer_id), there.find("member", "m-1")):
        with pytest.raises(RpcFailure) as refused:
            await attempt
        assert Code.CUSTOMER_NOT_FOUND is refused.value.code
    response = await there.record(event("customer", customer_id), event("member", "m-1"))
    assert ["REJECTED", "RECORDED"] == outcomes(response)
    assert customer_id != (await there.find("member", "m-1")).customer_id


async def test_a_tenant_that_does_not_exist_is_not_found(platform: Platform) -> None:
    """A valid token for a tenant nobody created records nothing."""
    with pytest.raises(RpcFailure) as refused:
        await platform.client(tenant_id="nobodys-shop").record(event("member", "m-1"))
    assert Code.TENANT_NOT_FOUND is refused.value.code


async def test_a_stream_answers_batch_after_batch_in_order(platform: Platform) -> None:
    """StreamEvents does what RecordEvents does."""
    partner = platform.client()
    batches = [[event("member", f"m-{number}")] * count for number, count in enumerate((1, 2, 3))]
    stream = partner.events.StreamEvents(
        (pb.StreamEventsRequest(batch=pb.RecordEventsRequest(events=one)) for one in batches),
        metadata=partner.metadata,
        timeout=60,
    )
    expected = [["RECORDED"], ["RECORDED", "DUPLICATE"], ["RECORDED", "DUPLICATE", "DUPLICATE"]]
    assert expected == [outcomes(answer.batch) async for answer in stream]


async def test_nothing_personal_is_readable_in_the_database(platform: Platform) -> None:
    """Identifier values, event properties, names and birth dates are sealed."""
    canaries = ["canary-member", "canary-property", "canary-name", "1971-03-05"]
    partner = platform.client()
    sent = event("member", canaries[0])
    sent.properties["note"].text = canaries[1]
    await partner.record(sent)
    await partner.identify(
        ("email", "canary@example.com"), display_name=canaries[2], birth_date=canaries[3]
    )
    stored = []
    for name in await platform.database.list_collection_names():
        stored += [str(one) async for one in platform.database[name].find({})]
    found = [one for one in [*canaries, "canary@"] if any(one in text for text in stored)]
    assert [] == found
