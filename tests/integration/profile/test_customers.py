"""Reading and changing customers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import (
    OCCURRED_SECONDS,
    OTHER,
    Client,
    Platform,
    event,
)


def _update(
    customer: pb.Customer, *paths: str, request_id: str = "", **changes: Any
) -> pb.UpdateCustomerRequest:
    changed = pb.Customer(customer_id=customer.customer_id, version=customer.version, **changes)
    request = pb.UpdateCustomerRequest(request_id=request_id or str(uuid.uuid4()), customer=changed)
    request.update_mask.paths.extend(paths)
    return request


async def _change(client: Client, request: pb.UpdateCustomerRequest) -> pb.Customer:
    response = await client.call(client.customers.UpdateCustomer, request)
    customer: pb.Customer = response.customer
    return customer


async def test_only_what_the_mask_names_changes_and_segmentation_hears_of_it(
    platform: Platform,
) -> None:
    """The version grows by one; the snapshot carries nothing personal."""
    admin = platform.client(Role.ADMIN)
    before = (await admin.identify(("member", "m-1"), display_name="Kim", tier="gold")).customer
    request = _update(before, "tier", "tags", "fields.size", "birth_date", display_name="Lee")
    request.customer.tier = "vip"
    request.customer.tags.extend(["running"])
    request.customer.birth_date = "1990-05-17"
    request.customer.fields["size"].number = "270.5"
    after = await _change(admin, request)
    assert ("Kim", "vip", ["running"], "270.5", before.version + 1) == (
        after.display_name,
        after.tier,
        list(after.tags),
        after.fields["size"].number,
        after.version,
    )
    delta = platform.segmentation.evaluated[-1].customers[0]
    assert (False, "vip", "05-17", "270.5", after.version) == (
        delta.created,
        delta.profile.tier,
        delta.profile.birthday,
        delta.profile.fields["size"].number,
        delta.profile.version,
    )


async def test_a_lost_update_is_refused_and_a_repeated_one_is_not(platform: Platform) -> None:
    """The same request id answers again; another with an old version is a conflict."""
    admin = platform.client(Role.ADMIN)
    before = (await admin.identify(("member", "m-1"))).customer
    request_id = str(uuid.uuid4())
    first = await _change(admin, _update(before, "tier", tier="vip", request_id=request_id))
    again = await _change(admin, _update(before, "tier", tier="vip", request_id=request_id))
    assert (first.version, "vip") == (again.version, again.tier)
    with pytest.raises(RpcFailure) as lost:
        await _change(admin, _update(before, "tier", tier="gold"))
    assert (Code.VERSION_CONFLICT, "customer.version") == (lost.value.code, lost.value.field)
    with pytest.raises(RpcFailure) as reused:
        await _change(admin, _update(before, "tier", tier="gold", request_id=request_id))
    assert Code.REQUEST_CONFLICT is reused.value.code


@pytest.mark.parametrize(
    ("path", "changes", "field"),
    [
        ("version", {}, "update_mask.paths[0]"),
        ("order_count", {}, "update_mask.paths[0]"),
        ("nonsense", {}, "update_mask.paths[0]"),
        ("tier.x", {}, "update_mask.paths[0]"),
        ("birth_date", {"birth_date": "1990-02-30"}, "customer.birth_date"),
        ("birth_date", {"birth_date": "17.5.1990"}, "customer.birth_date"),
        ("tags", {"tags": ["a", "a"]}, "customer.tags"),
    ],
)
async def test_what_cannot_be_changed_is_refused_by_name(
    platform: Platform, path: str, changes: dict[str, Any], field: str
) -> None:
    """Read-only and unknown fields, days that do not exist, repeated tags."""
    admin = platform.client(Role.ADMIN)
    customer = (await admin.identify(("member", "m-1"))).customer
    with pytest.raises(RpcFailure) as refused:
        await _change(admin, _update(customer, path, **changes))
    assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)


async def test_customers_see_and_change_only_themselves(platform: Platform) -> None:
    """Their tier is not theirs to change; others look like none."""
    partner = platform.client()
    own = (await partner.identify(("member", "m-1"))).customer
    other = (await partner.identify(("member", "m-2"))).customer
    me = platform.client(Role.CUSTOMER, subject=own.customer_id)
    assert own.customer_id == (await me.get(own.customer_id)).customer_id
    changed = await _change(me, _update(own, "display_name", display_name="Kim"))
    assert "Kim" == changed.display_name
    with pytest.raises(RpcFailure) as refused:
        await _change(me, _update(changed, "tier", tier="vip"))
    assert Code.FIELD_INVALID is refused.value.code
    request = pb.BatchGetCustomersRequest(customer_ids=[other.customer_id, own.customer_id])
    batch = await me.call(me.customers.BatchGetCustomers, request)
    assert [own.customer_id] == [one.customer_id for one in batch.customers]
    for attempt in (
        me.get(other.customer_id),
        me.timeline(other.customer_id),
        _change(me, _update(other, "display_name", display_name="Lee")),
    ):
        with pytest.raises(RpcFailure) as hidden:
            await attempt
        assert Code.CUSTOMER_NOT_FOUND is hidden.value.code


async def test_a_batch_of_customers_comes_in_the_order_asked_for(platform: Platform) -> None:
    """Ids that do not exist, or belong to another tenant, are left out."""
    partner = platform.client()
    ids = [(await partner.identify(("member", f"m-{n}"))).customer.customer_id for n in range(3)]
    foreign = (await platform.client(tenant_id=OTHER).identify(("member", "m-9"))).customer
    wanted = [ids[2], "u_unknown", ids[0], foreign.customer_id]
    response = await partner.call(
        partner.customers.BatchGetCustomers, pb.BatchGetCustomersRequest(customer_ids=wanted)
    )
    assert [ids[2], ids[0]] == [one.customer_id for one in response.customers]


async def test_pages_list_every_customer_once_with_or_without_a_tag(platform: Platform) -> None:
    """In order of id, with the total on every page."""
    admin = platform.client(Role.ADMIN)
    tagged = set()
    everyone = set()
    for number in range(7):
        tags = ["vip"] if number % 2 else []
        made = (await admin.identify(("member", f"m-{number}"), tags=tags)).customer.customer_id
        everyone.add(made)
        tagged |= {made} if tags else set()
    await platform.client(tenant_id=OTHER).identify(("member", "m-1"), tags=["vip"])
    for tag, expected in (("", everyone), ("vip", tagged)):
        seen: list[str] = []
        token = ""
        while True:
            request = pb.ListCustomersRequest(page_size=2, page_token=token, tag=tag)
            page = await admin.call(admin.customers.ListCustomers, request)
            assert len(expected) == page.total_size
            seen += [one.customer_id for one in page.customers]
            token = page.next_page_token
            if not token:
                break
        assert sorted(expected) == seen


async def test_the_timeline_pages_from_newest_to_oldest_over_all_identifiers(
    platform: Platform,
) -> None:
    """Equal times are ordered by event id, and no event is missed or repeated."""
    partner = platform.client()
    customer = (await partner.identify(("member", "m-1"), ("device", "d-1"))).customer
    names = [("member", "m-1"), ("device", "d-1"), ("customer", customer.customer_id)]
    sent = [
        event(*names[number % 3], "visit" if number % 4 else "login", at_seconds=at)
        for number, at in enumerate([OCCURRED_SECONDS + number // 5 for number in range(23)])
    ]
    await partner.record(*sent)
    newest_first = sorted(sent, key=lambda one: (one.occurred_at.seconds, one.event_id))[::-1]
    for types in ([], ["login"]):
        expected = [one.event_id for one in newest_first if not types or one.type in types]
        seen: list[str] = []
        token = ""
        while True:
            page = await partner.timeline(
                customer.customer_id, page_size=3, page_token=token, types=types
            )
            seen += [one.event_id for one in page.events]
            assert {customer.customer_id} == {one.customer.value for one in page.events}
            token = page.next_page_token
            if not token:
                break
        assert expected == seen


async def test_a_token_of_another_list_or_no_token_at_all_is_refused(platform: Platform) -> None:
    """With a code of its own."""
    admin = platform.client(Role.ADMIN)
    customer = (await admin.identify(("member", "m-1"))).customer
    await admin.identify(("member", "m-2"))
    page = await admin.call(admin.customers.ListCustomers, pb.ListCustomersRequest(page_size=1))
    for token in (page.next_page_token, "nonsense", "%%%"):
        with pytest.raises(RpcFailure) as refused:
            await admin.timeline(customer.customer_id, page_token=token)
        assert (Code.PAGE_TOKEN_INVALID, "page_token") == (
            refused.value.code,
            refused.value.field,
        )
