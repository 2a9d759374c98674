"""What survives a merge, and the log of it."""

from __future__ import annotations

import uuid
from typing import Any

from dangol.profile.v1 import customer_service_pb2 as customer_pb
from dangol.profile.v1 import field_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code

from tests.integration.profile.harness import OTHER, Client, Platform
from tests.integration.profile.record.recording import change, declare, refused, update


async def _merges(client: Client, customer_id: str, size: int = 0) -> list[Any]:
    found: list[Any] = []
    token = ""
    while True:
        request = customer_pb.ListCustomerMergesRequest(
            customer_id=customer_id, page_size=size, page_token=token
        )
        page = await client.call(client.customers.ListCustomerMerges, request)
        found += page.merges
        token = page.next_page_token
        if not token:
            return found


async def test_survivors_are_declared_by_field_and_the_log_tells_of_them(
    platform: Platform,
) -> None:
    """Newest tier, sum of points, union of tags; the log names attributes and holds no value."""
    admin = platform.client(Role.ADMIN)
    await declare(admin, "points", pb.FIELD_TYPE_NUMBER, survivor=pb.SURVIVOR_SUM)
    rules = [pb.Survivorship(attribute="tier", survivor=pb.SURVIVOR_NEWEST)]
    request = pb.SetSurvivorshipRequest(request_id=str(uuid.uuid4()), survivorship=rules)
    response = await admin.call(admin.fields.SetSurvivorship, request)
    assert rules == list(response.survivorship)

    member = (await admin.identify(("member", "m-1"))).customer
    visitor = (await admin.identify(("device", "d-1"))).customer
    for customer, tier, points, tag in ((member, "gold", "10", "a"), (visitor, "vip", "2.5", "b")):
        wanted = update(customer, "tier", "tags", "fields.points", tier=tier, tags=[tag])
        wanted.customer.fields["points"].number = points
        await change(admin, wanted)
    await change(admin, update(await admin.get(visitor.customer_id), "region", region="Seoul"))
    merged = (await admin.identify(("member", "m-1"), ("device", "d-1"))).customer
    assert (member.customer_id, "vip", "12.5", ["a", "b"], "Seoul") == (
        merged.customer_id,
        merged.tier,
        merged.fields["points"].number,
        list(merged.tags),
        merged.region,
    )
    (entry,) = await _merges(admin, visitor.customer_id)
    assert (visitor.customer_id, member.customer_id) == (entry.customer_id, entry.merged_into)
    assert (["region", "tier"], [], ["fields.points", "tags"]) == (
        list(entry.taken),
        list(entry.kept),
        list(entry.combined),
    )
    stored = str(await platform.database.merges.find_one({}))
    assert [] == [word for word in ("gold", "vip", "Seoul", "12.5") if word in stored]


async def test_the_log_pages_over_merges_of_merges_for_admins_of_the_tenant(
    platform: Platform,
) -> None:
    """Everybody who ended in this customer, newest first, each once."""
    admin = platform.client(Role.ADMIN)
    made = [(await admin.identify(("device", f"d-{n}"))).customer.customer_id for n in range(4)]
    for number in range(3):
        await admin.identify(("device", f"d-{number}"), ("device", f"d-{number + 1}"))
    last = (await admin.identify(("member", "m-1"), ("device", "d-3"))).customer.customer_id
    everybody = {*made, last}
    found = await _merges(admin, last, size=2)
    sources = [one.customer_id for one in found]
    assert len(sources) == len(set(sources))
    assert everybody - {await _alive(admin, last)} == set(sources)
    times = [one.merge_time.ToMilliseconds() for one in found]
    assert sorted(times, reverse=True) == times
    other = platform.client(Role.ADMIN, OTHER)
    await refused(_merges(other, last), Code.CUSTOMER_NOT_FOUND, None)
    await refused(_merges(platform.client(), last), Code.ROLE_NOT_ALLOWED, None)


async def _alive(client: Client, customer_id: str) -> str:
    return (await client.get(customer_id)).customer_id


async def test_rules_that_fit_no_attribute_are_refused(platform: Platform) -> None:
    """By their place."""
    admin = platform.client(Role.ADMIN)
    for attribute, survivor, field in (
        ("tier", pb.SURVIVOR_SUM, "survivorship[0].survivor"),
        ("fields.points", pb.SURVIVOR_NEWEST, "survivorship[0].attribute"),
    ):
        rules = [pb.Survivorship(attribute=attribute, survivor=survivor)]
        request = pb.SetSurvivorshipRequest(request_id=str(uuid.uuid4()), survivorship=rules)
        await refused(admin.call(admin.fields.SetSurvivorship, request), Code.FIELD_INVALID, field)
