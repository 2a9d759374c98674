"""Deltas in, membership changes out."""

from __future__ import annotations

import asyncio

import pytest
from dangol.events.v1.membership_pb2 import CHANGE_CAUSE_MERGE
from dangol.segmentation.v1.segment_service_pb2 import ExplainMembershipRequest
from dangol_service_kit.errors import Code, RpcFailure
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import DAY_MS, keyed, wall_ms
from tests.integration.segmentation.harness import Tenant, run_replica, told

BUYERS = "count(purchase, 90d) >= 2"


async def test_events_change_memberships(shop: Tenant) -> None:
    """Two purchases make a member, who is listed, counted and announced."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    first = await shop.send("ann", keyed("purchase", now_ms - 1000))
    second = await shop.send("ann", keyed("purchase", now_ms))
    assert [] == told(first.changes)
    assert [("ann", "buyers", 1, "entered", now_ms)] == told(second.changes)
    assert ["ann"] == await shop.members("buyers")
    assert {"buyers": (1, now_ms)} == await shop.memberships("ann")
    assert (await shop.segment("buyers")).member_count == 1


async def test_a_delta_that_comes_twice_counts_once(shop: Tenant) -> None:
    """The same event again, alone or in another batch, changes nothing."""
    await shop.define("buyers", BUYERS)
    purchase = keyed("purchase", wall_ms())
    await shop.send("ann", purchase)
    again = await shop.send("ann", purchase, record=False)
    assert [] == told(again.changes)
    assert [] == await shop.members("buyers")


async def test_a_lost_answer_then_a_replay_counts_once(shop: Tenant) -> None:
    """What was applied and announced is neither counted nor announced again by a replay."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    first, second = keyed("purchase", now_ms - 5), keyed("purchase", now_ms)
    await shop.send("ann", first)
    # The answer to this is lost: profile has the customer replayed, then sends it again.
    await shop.send("ann", second)
    replayed = await shop.replay("ann")
    again = await shop.send("ann", second, record=False)
    assert [] == [*told(replayed.changes), *told(again.changes)]
    assert [("ann", "buyers", 1, "entered", now_ms)] == told(await shop.announced(1))


async def test_a_delta_that_was_never_applied_is_made_good_by_a_replay(shop: Tenant) -> None:
    """A replay finds what the delta would have told, at its own instant; the delta is late then."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms - 5))
    lost = keyed("purchase", now_ms)
    shop.profile.record(shop.tenant_id, "ann", lost)
    replayed = await shop.replay("ann")
    late = await shop.send("ann", lost, record=False)
    assert [("ann", "buyers", 1, "entered", now_ms)] == told(replayed.changes)
    assert [] == told(late.changes)


async def test_an_old_delta_is_refused(shop: Tenant) -> None:
    """A delta older than five seconds is answered as pending and changes nothing."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms))
    answer = await shop.send("ann", keyed("purchase", now_ms), intent_ms=now_ms - 6000)
    assert ["ann"] == list(answer.pending_customer_ids)
    assert [] == await shop.members("buyers")


async def test_a_customer_without_state_is_replayed(shop: Tenant) -> None:
    """A delta for a customer of whom there is history but no state computes her from it."""
    now_ms = wall_ms()
    shop.profile.create(shop.tenant_id, "ann", now_ms - 10)
    shop.profile.record(shop.tenant_id, "ann", keyed("purchase", now_ms - 10))
    calls = shop.profile.history_calls
    await shop.define("buyers", BUYERS)
    shop.profile.create(shop.tenant_id, "bob", now_ms - 10)
    shop.profile.record(shop.tenant_id, "bob", keyed("purchase", now_ms - 10))
    answer = await shop.send("bob", keyed("purchase", now_ms))
    assert [("bob", "buyers", 1, "entered", now_ms)] == told(answer.changes)
    assert shop.profile.history_calls > calls


async def test_events_of_one_batch_change_several_customers(shop: Tenant) -> None:
    """Numbering of stints starts at one for each customer and grows by each stay."""
    await shop.define("buyers", BUYERS)
    await shop.define("silent", "count(purchase) = 0")
    now_ms = wall_ms()
    answers = [
        await shop.send(f"c{number}", keyed("purchase", now_ms), keyed("purchase", now_ms + 1))
        for number in range(20)
    ]
    expected = [[(f"c{n}", "buyers", 1, "entered", now_ms + 1)] for n in range(20)]
    assert expected == [told(answer.changes) for answer in answers]
    assert sorted(f"c{number}" for number in range(20)) == await shop.members("buyers")
    assert [] == await shop.members("silent")


async def test_replicas_racing_on_one_customer_lose_nothing(
    shop: Tenant, settings: SegmentationConfig
) -> None:
    """Forty deltas of one customer through two replicas at once all count."""
    await shop.define("forty", "count(purchase, 90d) >= 40")
    now_ms = wall_ms()
    await shop.send("ann")
    async with run_replica(settings) as second:
        tenants = [shop, shop.through(second)]
        answers = await asyncio.gather(
            *(tenants[n % 2].send("ann", keyed("purchase", now_ms + n)) for n in range(40))
        )
    pending = [name for answer in answers for name in answer.pending_customer_ids]
    if pending:
        await shop.replay("ann")
    assert ["ann"] == await shop.members("forty")
    announced = await shop.announced(1)
    assert [("ann", "forty", 1, "entered")] == [change[:4] for change in told(announced)]


async def test_merging_gives_the_membership_of_both_logs(shop: Tenant) -> None:
    """The one merged away leaves quietly, the other one has the events of both."""
    await shop.define("one", "count(purchase) = 1")
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    await shop.send("visitor", keyed("purchase", now_ms - 10))
    await shop.send("member", keyed("purchase", now_ms))
    shop.profile.merge(shop.tenant_id, "visitor", "member")
    answer = await shop.replay("visitor", cause=CHANGE_CAUSE_MERGE)
    assert {} == await shop.memberships("visitor")
    assert {"buyers": (1, now_ms)} == await shop.memberships("member")
    left = [change for change in answer.changes if change.customer_id == "visitor"]
    assert [("one", False)] == [(change.segment_id, change.notify) for change in left]


async def test_a_foreign_tenants_customers_do_not_exist(shop: Tenant, lab: Tenant) -> None:
    """One tenant's customers, segments and announcements are unknown to another."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms), keyed("purchase", now_ms))
    assert {} == await lab.memberships("ann")
    assert [] == await lab.announced()
    request = ExplainMembershipRequest(customer_id="ann", segment_id="buyers")
    with pytest.raises(RpcFailure) as raised:
        await lab.ask(lab.replica.segments.ExplainMembership, request)
    assert Code.SEGMENT_NOT_FOUND == raised.value.code
    await lab.define("buyers", BUYERS)
    with pytest.raises(RpcFailure) as raised:
        await lab.ask(lab.replica.segments.ExplainMembership, request)
    assert Code.CUSTOMER_NOT_FOUND == raised.value.code


async def test_explain_says_why_and_until_when(shop: Tenant) -> None:
    """The tree of the rule with values, and the instant at which it flips by itself."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms - 1), keyed("purchase", now_ms))
    request = ExplainMembershipRequest(customer_id="ann", segment_id="buyers")
    answer = await shop.ask(shop.replica.segments.ExplainMembership, request)
    assert (True, 1, now_ms) == (answer.member, answer.stint, answer.entered_at.ToMilliseconds())
    assert now_ms - 1 + 90 * DAY_MS == answer.next_flip_at.ToMilliseconds()
    assert answer.explanation.holds


async def test_a_replay_that_a_delta_overtakes_is_done_again(shop: Tenant) -> None:
    """A delta applied while the replay reads an older history is neither lost nor counted twice."""
    await shop.define("two", "count(purchase) = 2")
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms - 5))
    raced = asyncio.Event()

    async def race() -> None:
        shop.profile.before_history = None
        await shop.send("ann", keyed("purchase", now_ms))
        raced.set()

    shop.profile.before_history = race
    replayed = await shop.replay("ann")
    assert raced.is_set()
    assert [] == told(replayed.changes)
    assert {"two": (1, now_ms)} == await shop.memberships("ann")
    assert [("ann", "two", 1, "entered", now_ms)] == told(await shop.announced(1))


async def test_an_event_that_comes_late_takes_its_place(shop: Tenant) -> None:
    """A purchase from before the window's edge changes what follows from its own time."""
    await shop.define("buyers", BUYERS)
    now_ms = wall_ms()
    await shop.send("ann", keyed("purchase", now_ms))
    late = keyed("purchase", now_ms - 90 * DAY_MS + 60_000, received_ms=now_ms)
    answer = await shop.send("ann", late)
    assert [("ann", "buyers", 1, "entered")] == [change[:4] for change in told(answer.changes)]
    request = ExplainMembershipRequest(customer_id="ann", segment_id="buyers")
    why = await shop.ask(shop.replica.segments.ExplainMembership, request)
    assert now_ms + 60_000 == why.next_flip_at.ToMilliseconds()
