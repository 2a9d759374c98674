"""One customer over many identifiers: creating, linking, merging, refusing."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest
from dangol.events.v1.membership_pb2 import CHANGE_CAUSE_MERGE
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import ALL_TENANTS, Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import (
    OCCURRED_SECONDS,
    OTHER,
    SHOP,
    Client,
    Platform,
    event,
    eventually,
)


def _outcome(response: pb.IdentifyCustomerResponse) -> str:
    return pb.IdentifyOutcome.Name(response.outcome).removeprefix("IDENTIFY_OUTCOME_")


async def test_unknown_identifiers_create_one_customer_with_the_attributes_given(
    platform: Platform,
) -> None:
    """All of the identifiers lead to it, and segmentation hears of it as new."""
    partner = platform.client()
    response = await partner.identify(
        ("email", "kim@example.com"),
        ("member", "m-1"),
        display_name="Kim",
        birth_date="1990-05-17",
        tier="gold",
        tags=["vip"],
    )
    assert "CREATED" == _outcome(response)
    customer = await platform.client(Role.ADMIN).get(response.customer.customer_id)
    assert (True, "Kim", "gold", ["vip"]) == (
        customer.member,
        customer.display_name,
        customer.tier,
        list(customer.tags),
    )
    assert ["customer", "email", "member"] == list(customer.identifier_namespaces)
    assert customer.customer_id == (await partner.find("email", "kim@example.com")).customer_id
    delta = platform.segmentation.evaluated[0].customers[0]
    assert (customer.customer_id, True, "05-17") == (
        delta.customer_id,
        delta.created,
        delta.profile.birthday,
    )


async def test_a_further_identifier_is_linked_and_makes_a_visitor_a_member(
    platform: Platform,
) -> None:
    """Linking again changes nothing."""
    partner = platform.client()
    await partner.record(event("device", "d-1"))
    visitor = await partner.find("device", "d-1")
    linked = await partner.identify(("device", "d-1"), ("member", "m-1"))
    again = await partner.identify(("device", "d-1"), ("member", "m-1"))
    assert (False, "LINKED", "UNCHANGED") == (visitor.member, _outcome(linked), _outcome(again))
    assert (visitor.customer_id, True) == (linked.customer.customer_id, linked.customer.member)
    profile = platform.segmentation.evaluated[-1].customers[0].profile
    assert (True, linked.customer.version) == (profile.member, profile.version)


async def test_a_visitor_is_merged_into_a_member_with_everything_that_happened(
    platform: Platform,
) -> None:
    """Events are neither lost nor doubled, the tombstone leads to the member, attributes fill."""
    partner = platform.client()
    at = OCCURRED_SECONDS
    await partner.record(
        event("member", "m-1", "purchase", at_seconds=at + 10, amount=700),
        event("device", "d-1", "visit", at_seconds=at),
        event("device", "d-1", "purchase", at_seconds=at + 5, amount=300),
    )
    visitor = await partner.find("device", "d-1")
    member = await partner.find("member", "m-1")
    response = await partner.identify(("device", "d-1"), ("member", "m-1"))
    assert ("MERGED", member.customer_id) == (_outcome(response), response.customer.customer_id)
    merged = await partner.get(visitor.customer_id)
    assert member.customer_id == merged.customer_id
    assert (2, 1000, at, at + 10) == (
        merged.order_count,
        merged.revenue.minor_units,
        merged.first_seen.seconds,
        merged.last_purchase.seconds,
    )
    assert at == merged.create_time.seconds
    timeline = await partner.timeline(visitor.customer_id)
    assert ["purchase", "purchase", "visit"] == [one.type for one in timeline.events]
    await partner.record(event("customer", visitor.customer_id, at_seconds=at + 20))
    assert 4 == len((await partner.timeline(member.customer_id)).events)


async def test_segmentation_drops_the_tombstone_first_and_then_replays_the_member(
    platform: Platform,
) -> None:
    """An event racing the merge is then replayed with one or the other."""
    partner = platform.client()
    await partner.record(event("device", "d-1"), event("member", "m-1"))
    visitor = (await partner.find("device", "d-1")).customer_id
    member = (await partner.find("member", "m-1")).customer_id
    await partner.identify(("device", "d-1"), ("member", "m-1"))
    expected = [((visitor,), CHANGE_CAUSE_MERGE), ((member,), CHANGE_CAUSE_MERGE)]
    assert expected == platform.segmentation.replayed
    service = platform.client(Role.SERVICE)
    tombstone, survivor = await service.history(visitor, member)
    assert (member, 0) == (tombstone.merged_into, len(tombstone.events))
    assert ("", 2) == (survivor.merged_into, len(survivor.events))


async def test_the_members_attributes_win_and_the_visitors_fill_the_gaps(
    platform: Platform,
) -> None:
    """Tags of both are kept; the tombstone forgets what it knew."""
    partner = platform.client()
    await partner.identify(("device", "d-1"), display_name="Kim", region="Seoul", tags=["a", "b"])
    await partner.identify(("member", "m-1"), display_name="Kim Minji", tags=["b", "c"])
    visitor = (await partner.find("device", "d-1")).customer_id
    response = await partner.identify(("device", "d-1"), ("member", "m-1"))
    customer = await platform.client(Role.ADMIN).get(response.customer.customer_id)
    assert ("Kim Minji", "Seoul", ["b", "c", "a"]) == (
        customer.display_name,
        customer.region,
        list(customer.tags),
    )
    tombstone = await platform.database.customers.find_one({"_id.c": visitor})
    assert (b"", "", []) == (tombstone["personal"], tombstone["region"], tombstone["tags"])


async def test_two_members_are_never_merged(platform: Platform) -> None:
    """The answer is a conflict, and nothing changes."""
    partner = platform.client()
    await partner.record(event("member", "m-1"), event("member", "m-2"))
    response = await partner.identify(("member", "m-1"), ("member", "m-2"))
    assert "CONFLICT" == _outcome(response)
    one, other = await partner.find("member", "m-1"), await partner.find("member", "m-2")
    assert one.customer_id != other.customer_id
    assert (1, 1) == (one.version, other.version)


async def test_a_shared_device_does_not_give_one_member_the_number_of_another(
    platform: Platform,
) -> None:
    """A new member number with a member's device is a conflict; alone it is a new customer."""
    partner = platform.client()
    await partner.identify(("device", "tablet"), ("member", "m-1"))
    response = await partner.identify(("device", "tablet"), ("member", "m-2"))
    assert "CONFLICT" == _outcome(response)
    assert "CREATED" == _outcome(await partner.identify(("member", "m-2")))


async def test_concurrent_identifies_of_one_pair_end_in_one_customer(platform: Platform) -> None:
    """However they interleave, with everybody told the same customer."""
    partner = platform.client()
    for number in range(5):
        device, member = f"d-{number}", f"m-{number}"
        await partner.record(event("device", device), event("email", f"{member}@example.com"))
        names = [("device", device), ("email", f"{member}@example.com"), ("member", member)]
        answers = await asyncio.gather(
            *(partner.identify(*(names if turn % 2 else reversed(names))) for turn in range(8))
        )
        owners = {(await partner.find(*name)).customer_id for name in names}
        assert 1 == len(owners)
        assert owners == {answer.customer.customer_id for answer in answers}
        customer = await partner.get(owners.pop())
        assert (True, 2) == (
            customer.member,
            len((await partner.timeline(customer.customer_id)).events),
        )


async def test_identifies_and_events_of_one_pair_at_once_lose_nothing(platform: Platform) -> None:
    """Events sent while two customers become one all belong to the one."""
    partner = platform.client()
    names = [("device", "d-1"), ("member", "m-1")]
    await asyncio.gather(
        *(partner.record(event(*names[turn % 2])) for turn in range(20)),
        *(partner.identify(*names) for _ in range(6)),
    )
    one, other = await partner.find(*names[0]), await partner.find(*names[1])
    assert one.customer_id == other.customer_id
    assert 20 == len((await partner.timeline(one.customer_id)).events)
    listed = await platform.client(Role.ADMIN).call(
        partner.customers.ListCustomers, pb.ListCustomersRequest()
    )
    assert 1 == listed.total_size


async def test_a_request_sent_again_has_the_first_outcome_and_changed_content_is_refused(
    platform: Platform,
) -> None:
    """Although by then there is nothing left to do."""
    partner = platform.client()
    request_id = str(uuid.uuid4())
    first = await partner.identify(("member", "m-1"), request_id=request_id)
    again = await partner.identify(("member", "m-1"), request_id=request_id)
    assert ("CREATED", "CREATED") == (_outcome(first), _outcome(again))
    with pytest.raises(RpcFailure) as refused:
        await partner.identify(("member", "m-2"), request_id=request_id)
    assert (Code.REQUEST_CONFLICT, "request_id") == (refused.value.code, refused.value.field)


async def test_a_merge_that_segmentation_did_not_hear_of_is_finished_later(
    platform: Platform,
) -> None:
    """The merge itself is done; both are replayed when segmentation is back."""
    partner = platform.client()
    await partner.record(event("device", "d-1"), event("member", "m-1"))
    visitor = (await partner.find("device", "d-1")).customer_id
    await platform.segmentation.stop()
    response = await partner.identify(("device", "d-1"), ("member", "m-1"))
    assert "MERGED" == _outcome(response)
    await platform.segmentation.start()

    await eventually(platform.nothing_open)
    assert {visitor, response.customer.customer_id} == platform.segmentation.replayed_ids


async def test_customers_link_devices_to_themselves_and_nothing_else(platform: Platform) -> None:
    """Contacts need somebody who checked them, and another's id looks like none."""
    partner = platform.client()
    own = (await partner.identify(("member", "m-1"))).customer.customer_id
    other = (await partner.identify(("member", "m-2"))).customer.customer_id
    await partner.identify(("device", "d-2"), ("customer", other))
    me = platform.client(Role.CUSTOMER, subject=own)
    assert "LINKED" == _outcome(await me.identify(("customer", own), ("device", "d-1")))
    for names in (
        [("customer", other), ("device", "d-3")],
        [("customer", own), ("email", "kim@example.com")],
        [("customer", own), ("customer", other)],
        [("device", "d-3")],
    ):
        with pytest.raises(RpcFailure) as refused:
            await me.identify(*names)
        assert Code.CUSTOMER_NOT_FOUND is refused.value.code
    conflict = await me.identify(("customer", own), ("device", "d-2"))
    assert ("CONFLICT", own) == (_outcome(conflict), conflict.customer.customer_id)


async def test_an_id_of_another_tenant_cannot_be_linked(platform: Platform) -> None:
    """It looks like one that does not exist."""
    there = platform.client(tenant_id=OTHER)
    foreign = (await there.identify(("member", "m-1"))).customer.customer_id
    with pytest.raises(RpcFailure) as refused:
        await platform.client().identify(("customer", foreign), ("device", "d-1"))
    assert Code.CUSTOMER_NOT_FOUND is refused.value.code


async def test_who_was_merged_into_whom_is_listed_for_services(platform: Platform) -> None:
    """In pages, oldest first, of one tenant or of all; nobody else learns of it."""
    partner, other = platform.client(), platform.client(tenant_id=OTHER)
    expected = []
    for number, client in enumerate((partner, partner, other, partner)):
        device = (await client.identify(("device", f"d-{number}"))).customer.customer_id
        member = (await client.identify(("member", f"m-{number}"))).customer.customer_id
        await client.identify(("member", f"m-{number}"), ("device", f"d-{number}"))
        expected.append((OTHER if client is other else SHOP, device, member))
    everywhere = platform.client(Role.SERVICE, tenant_id=ALL_TENANTS)
    assert expected == await _merges(everywhere)
    here = platform.client(Role.SERVICE)
    assert [merge for merge in expected if merge[0] == SHOP] == await _merges(here)
    later = pb.ListMergedCustomersRequest()
    later.since.seconds = int(time.time()) + 3600
    answer = await here.call(here.customers.ListMergedCustomers, later)
    assert [] == list(answer.merges)
    with pytest.raises(RpcFailure) as refused:
        await _merges(platform.client(Role.ADMIN))
    assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def _merges(client: Client) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    request = pb.ListMergedCustomersRequest(page_size=2)
    request.since.seconds = int(time.time()) - 3600
    while True:
        page = await client.call(client.customers.ListMergedCustomers, request)
        found += [(one.tenant_id, one.customer_id, one.merged_into) for one in page.merges]
        request.page_token = page.next_page_token
        if not request.page_token:
            return found
