"""Defining segments: checked, idempotent, backfilled without a gap."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from dangol.events.v1.membership_pb2 import CHANGE_CAUSE_BACKFILL, CHANGE_CAUSE_RULE
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import SHOP, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, eventually, run_replica, told

BUYERS = "count(purchase, 90d) >= 2"


async def test_a_bad_rule_is_refused_with_its_place(shop: Tenant) -> None:
    """The error names line, column and what to do."""
    with pytest.raises(RpcFailure) as raised:
        await shop.define("bad", "cuont(purchase) >= 1")
    failure = raised.value
    assert (Code.RULE_INVALID, "segment.rule") == (failure.code, failure.field)
    assert ("1", "1") == (failure.metadata["line"], failure.metadata["column"])
    assert "count" in failure.metadata["hint"]


async def test_a_tenant_without_customers_has_live_segments_at_once(shop: Tenant) -> None:
    """There is nothing to compute; the rule is answered in canonical text."""
    segment = await shop.define("buyers", "count( purchase,90d )>=2")
    assert pb.SEGMENT_STATE_LIVE == segment.state
    assert BUYERS == segment.rule


async def test_a_request_may_be_sent_twice(shop: Tenant) -> None:
    """The same request gives the same answer; the same id with other content is refused."""
    request_id = str(uuid.uuid4())
    first = await shop.define("buyers", BUYERS, request_id=request_id)
    second = await shop.define("buyers", BUYERS, request_id=request_id)
    assert first == second
    with pytest.raises(RpcFailure) as raised:
        await shop.define("buyers", "count(purchase) >= 3", request_id=request_id)
    assert Code.REQUEST_CONFLICT == raised.value.code
    with pytest.raises(RpcFailure) as raised:
        await shop.define("buyers", BUYERS)
    assert Code.SEGMENT_EXISTS == raised.value.code


async def test_an_edit_needs_the_version_that_was_read(shop: Tenant) -> None:
    """The second of two edits of one version is refused."""
    segment = await shop.define("buyers", BUYERS)
    edited = await shop.edit(segment, "count(purchase, 90d) >= 3")
    assert segment.version + 1 == edited.version
    with pytest.raises(RpcFailure) as raised:
        await shop.edit(segment, "count(purchase, 90d) >= 4")
    assert Code.VERSION_CONFLICT == raised.value.code


@pytest.mark.parametrize("notify", [True, False])
async def test_a_new_segment_finds_its_members_in_history(shop: Tenant, notify: bool) -> None:
    """Existing customers enter with cause BACKFILL; campaigns hear of it if asked for."""
    now_ms = wall_ms()
    for number in range(5):
        await shop.send(f"c{number}", keyed("purchase", now_ms - 60_000), keyed("purchase", now_ms))
    await shop.define("buyers", BUYERS, notify=notify)
    await shop.live("buyers")
    assert [f"c{number}" for number in range(5)] == await shop.members("buyers")
    announced = await shop.announced(5)
    assert {(CHANGE_CAUSE_BACKFILL, notify)} == {(one.cause, one.notify) for one in announced}
    assert {now_ms} == {one.effective_at.ToMilliseconds() for one in announced}


async def test_an_edited_rule_lets_old_members_go(shop: Tenant) -> None:
    """The difference between the rules is announced with cause RULE, and nothing else."""
    now_ms = wall_ms()
    segment = await shop.define("buyers", BUYERS)
    for number in range(4):
        events = [keyed("purchase", now_ms - 1000 + count) for count in range(2 + number)]
        await shop.send(f"c{number}", *events)
    await shop.edit(segment, "count(purchase, 90d) >= 4")
    await shop.live("buyers")
    assert ["c2", "c3"] == await shop.members("buyers")
    left = [change for change in await shop.announced(6) if change.cause == CHANGE_CAUSE_RULE]
    assert ["c0", "c1"] == sorted(change.customer_id for change in left)


async def test_a_deleted_segment_lets_its_members_go_and_may_come_again(shop: Tenant) -> None:
    """Members leave quietly; a segment of the same id goes on numbering their stints."""
    now_ms = wall_ms()
    await shop.define("buyers", BUYERS)
    await shop.send("ann", keyed("purchase", now_ms), keyed("purchase", now_ms))
    request = pb.DeleteSegmentRequest(request_id=str(uuid.uuid4()), segment_id="buyers")
    await shop.ask(shop.replica.segments.DeleteSegment, request)
    await shop.ask(shop.replica.segments.DeleteSegment, request)
    with pytest.raises(RpcFailure) as raised:
        await shop.members("buyers")
    assert Code.SEGMENT_NOT_FOUND == raised.value.code

    async def left() -> bool:
        return 2 == len(await shop.announced())

    await eventually(left)
    assert not (await shop.announced())[-1].notify

    async def defined() -> bool:
        try:
            await shop.define("buyers", BUYERS)
        except RpcFailure:
            # Until its members are let go, the id is taken.
            return False
        return True

    await eventually(defined)
    await shop.live("buyers")
    assert {"buyers": 2} == {
        name: stint for name, (stint, _) in (await shop.memberships("ann")).items()
    }


async def test_a_segment_that_a_rule_refers_to_stays(shop: Tenant) -> None:
    """A rule over an unknown segment is refused, and so is deleting one that is referred to."""
    with pytest.raises(RpcFailure) as raised:
        await shop.define("core", 'in segment("buyers")')
    assert Code.RULE_INVALID == raised.value.code
    await shop.define("buyers", BUYERS)
    await shop.define("core", 'in segment("buyers")')
    request = pb.DeleteSegmentRequest(request_id=str(uuid.uuid4()), segment_id="buyers")
    with pytest.raises(RpcFailure) as raised:
        await shop.ask(shop.replica.segments.DeleteSegment, request)
    assert Code.SEGMENT_IN_USE == raised.value.code


async def test_rules_change_under_traffic_without_a_gap(
    shop: Tenant, settings: SegmentationConfig
) -> None:
    """While events keep coming through two replicas, new and edited rules miss none of them."""
    segment = await shop.define("buyers", BUYERS)
    start_ms = wall_ms() - 60_000
    names = [f"c{number:02d}" for number in range(20)]
    async with run_replica(settings) as second:
        tenants = [shop, shop.through(second)]
        pending: set[str] = set()

        async def traffic(number: int, name: str) -> None:
            for count in range(10):
                event = keyed("purchase", start_ms + 100 * count + number)
                answer = await tenants[count % 2].send(name, event)
                pending.update(answer.pending_customer_ids)

        running = asyncio.gather(*(traffic(n, name) for n, name in enumerate(names)))
        edited = await tenants[1].edit(segment, "count(purchase, 90d) >= 5")
        await shop.define("ten", "count(purchase, 90d) >= 10")
        await shop.edit(edited, "count(purchase, 90d) >= 9")
        await tenants[1].define("eleven", "count(purchase, 90d) >= 11")
        await running
        for segment_id in ("buyers", "ten", "eleven"):
            await shop.live(segment_id)
        if pending:
            await shop.replay(*sorted(pending))
    assert [names, names, []] == [await shop.members(s) for s in ("buyers", "ten", "eleven")]
    changes = [change[:4] for change in told(await shop.announced(40))]
    assert len(changes) == len(set(changes))


@pytest.mark.parametrize("role", [Role.STAFF, Role.PARTNER, Role.CUSTOMER, Role.VISITOR])
async def test_only_marketers_and_admins_define_segments(shop: Tenant, role: Role) -> None:
    """Others are refused."""
    request = pb.CreateSegmentRequest(
        request_id=str(uuid.uuid4()), segment=pb.Segment(segment_id="x", rule=BUYERS)
    )
    with pytest.raises(RpcFailure) as raised:
        await shop.ask(shop.replica.segments.CreateSegment, request, role)
    assert Code.ROLE_NOT_ALLOWED == raised.value.code


async def test_customers_see_only_their_own_memberships(shop: Tenant) -> None:
    """A customer's token opens her own memberships and no one else's."""
    method = shop.replica.segments.ListMemberships
    own = pb.ListMembershipsRequest(customer_ids=["ann"])
    answer = await shop.replica.call(method, own, Role.CUSTOMER, SHOP, "ann")
    assert ["ann"] == [one.customer_id for one in answer.customers]
    with pytest.raises(RpcFailure) as raised:
        await shop.replica.call(method, own, Role.CUSTOMER, SHOP, "bob")
    assert Code.ROLE_NOT_ALLOWED == raised.value.code


async def test_segments_are_listed_in_pages_with_their_sizes(shop: Tenant) -> None:
    """In order of id, with the token leading to the next page and an alien token refused."""
    for name in ("c", "a", "b"):
        await shop.define(name, BUYERS)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms), keyed("purchase", now_ms))
    method = shop.replica.segments.ListSegments
    first = await shop.ask(method, pb.ListSegmentsRequest(page_size=2))
    token = first.next_page_token
    second = await shop.ask(method, pb.ListSegmentsRequest(page_size=2, page_token=token))
    listed = [(one.segment_id, one.member_count) for one in [*first.segments, *second.segments]]
    assert [("a", 1), ("b", 1), ("c", 1)] == listed
    assert "" == second.next_page_token
    with pytest.raises(RpcFailure) as raised:
        await shop.ask(method, pb.ListSegmentsRequest(page_token="???"))
    assert Code.PAGE_TOKEN_INVALID == raised.value.code
