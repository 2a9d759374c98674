"""Virtual time: one step fires everything up to it, in order, and ends when all is quiet."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from dangol.events.v1 import event_pb2, membership_pb2
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import clock_service_pb2 as clock_pb
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1.clock_service_pb2_grpc import ClockServiceStub
from dangol_service_kit.errors import RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
EXITED = membership_pb2.CHANGE_KIND_EXITED


async def refused(world: World, now_ms: int, horizon_ms: int = 0, **who: str) -> RpcFailure:
    """How a step is refused."""
    request = clock_pb.AdvanceClockRequest()
    request.now.FromMilliseconds(now_ms)
    request.horizon.FromMilliseconds(horizon_ms or now_ms)
    with pytest.raises(RpcFailure) as caught:
        await world.ask(ClockServiceStub, "AdvanceClock", request, **who)
    return caught.value


async def delayed(world: World, **changes: Any) -> None:
    """A campaign that acts a day after the entry, on everybody."""
    await world.advance(START_MS)
    draft = world.draft(control_basis_points=0, delay_seconds=86_400, **changes)
    await world.launch(draft)


async def test_wall_tenants_have_no_step(world: World) -> None:
    """CLOCK_NOT_VIRTUAL."""
    assert "CLOCK_NOT_VIRTUAL" == (await refused(world, START_MS, tenant_id="corner")).code.value


async def test_clocks_only_go_forward(world: World) -> None:
    """Back is refused, a horizon before now as well; the same step again is fine."""
    await world.advance(START_MS)
    assert "CLOCK_BACKWARDS" == (await refused(world, START_MS - 1)).code.value
    failure = await refused(world, START_MS + 1, START_MS)
    assert ("FIELD_INVALID", "horizon") == (failure.code.value, failure.field)
    again = await world.advance(START_MS)
    assert (0, 0, 0) == (again.fired_deadlines, again.consumed_changes, again.relayed_events)


async def test_marketers_do_not_move_clocks(world: World) -> None:
    """Admins and services do."""
    assert "ROLE_NOT_ALLOWED" == (await refused(world, START_MS, role="marketer")).code.value


async def test_a_quiet_step_takes_one_round(world: World) -> None:
    """One call to each service and one marker, nothing else."""
    await world.advance(START_MS)
    async with asyncio.timeout(30):
        # The consumer's first sweep asks for each partition once; it is not the step's.
        while world.segmentation.list_calls < 64:
            await asyncio.sleep(0.01)
    before = world.profile.clock_calls
    lists = world.segmentation.list_calls
    markers = await world.database.relay_markers.count_documents({})
    await world.advance(START_MS + HOUR_MS)
    assert 1 == world.profile.clock_calls - before
    assert 0 == world.segmentation.list_calls - lists
    assert 1 == await world.database.relay_markers.count_documents({}) - markers


async def test_deadlines_of_segmentation_enrol_at_their_own_instants(world: World) -> None:
    """A step of a day fires what falls into it, each at its time."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    for number in range(10):
        at_ms = START_MS + (number + 1) * HOUR_MS
        world.segmentation.deadlines.append((at_ms, {"customer_id": f"c-{number}"}))
    answer = await world.advance(START_MS + DAY_MS)
    assert (10, 10, 10) == (
        answer.fired_deadlines,
        answer.consumed_changes,
        answer.relayed_events,
    )
    at = {each.customer_id: each.triggered_at for each in await world.enrolments()}
    for number in range(10):
        assert START_MS + (number + 1) * HOUR_MS == at[f"c-{number}"].ToMilliseconds()


async def test_a_delay_acts_only_if_the_membership_still_stands(world: World) -> None:
    """Of three who entered, one left before the day was over, one just after, one stayed."""
    await delayed(world)
    for customer_id in ("left", "late", "stayed"):
        await world.segmentation.announce(customer_id, START_MS + 5)
    await world.segmentation.announce("left", START_MS + 5 + DAY_MS, kind=EXITED)
    await world.segmentation.announce("late", START_MS + 6 + DAY_MS, kind=EXITED)
    await world.advance(START_MS + DAY_MS)
    assert [] == await world.enrolments()
    answer = await world.advance(START_MS + 2 * DAY_MS)
    assert 3 == answer.fired_deadlines
    enrolled = {each.customer_id: each.triggered_at for each in await world.enrolments()}
    assert {"late", "stayed"} == set(enrolled)
    assert START_MS + 5 + DAY_MS == enrolled["stayed"].ToMilliseconds()


async def test_a_delayed_exit_acts_only_on_who_stayed_away(world: World) -> None:
    """Coming back within the delay ends it."""
    trigger = pb.SegmentTrigger(segment_id="fading", kind=EXITED, delay_seconds=86_400)
    await delayed(world, segment=trigger)
    for customer_id in ("back", "away"):
        await world.segmentation.announce(customer_id, START_MS + 5, kind=EXITED)
    await world.segmentation.announce("back", START_MS + HOUR_MS, stint=2)
    await world.advance(START_MS + 2 * DAY_MS)
    assert ["away"] == [each.customer_id for each in await world.enrolments()]


async def test_delays_are_fired_in_order_of_time(world: World) -> None:
    """Whoever entered first is enrolled first, however they were announced."""
    await delayed(world)
    for number in (3, 1, 2):
        await world.segmentation.announce(f"c-{number}", START_MS + number)
    await world.advance(START_MS + 3 * DAY_MS)
    assert ["c-1", "c-2", "c-3"] == [each.customer_id for each in await world.enrolments()]


async def test_a_delay_that_ends_in_a_pause_enrols_nobody(world: World) -> None:
    """Nor does it when the campaign runs again."""
    await delayed(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + HOUR_MS)
    pause = pb.PauseCampaignRequest(request_id=str(uuid.uuid4()), campaign_id="win-back")
    await world.campaigns("PauseCampaign", pause)
    await world.advance(START_MS + 2 * DAY_MS)
    launch = pb.LaunchCampaignRequest(request_id=str(uuid.uuid4()), campaign_id="win-back")
    await world.campaigns("LaunchCampaign", launch)
    await world.advance(START_MS + 3 * DAY_MS)
    assert [] == await world.enrolments()


async def test_a_delay_survives_a_restart(world: World) -> None:
    """Timers are kept in the database."""
    await delayed(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + HOUR_MS)
    await world.stop()
    await world.start()
    await world.advance(START_MS + 2 * DAY_MS)
    assert ["c-1"] == [each.customer_id for each in await world.enrolments()]


async def test_what_a_coupon_causes_belongs_to_the_same_step(world: World) -> None:
    """Its issue makes the customer enter a segment, which another campaign answers."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    trigger = pb.SegmentTrigger(segment_id="holders", kind="CHANGE_KIND_ENTERED")
    variants = [pb.Variant(variant_id="ten", weight=1, offer_id="ten-off")]
    second = world.draft("thanks", control_basis_points=0, segment=trigger, variants=variants)
    await world.launch(second)

    async def feedback(event: event_pb2.Event) -> None:
        if event.properties["campaign_id"].text == "win-back":
            at_ms = event.occurred_at.ToMilliseconds()
            customer_id = event.customer.value
            await world.segmentation.announce(customer_id, at_ms, segment_id="holders")

    world.profile.on_event = feedback
    world.segmentation.deadlines.append((START_MS + HOUR_MS, {"customer_id": "c-1"}))
    answer = await world.advance(START_MS + DAY_MS)
    [enrolment] = await world.enrolments("thanks")
    assert START_MS + HOUR_MS == enrolment.triggered_at.ToMilliseconds()
    assert (1, 2, 2) == (answer.fired_deadlines, answer.consumed_changes, answer.relayed_events)


async def test_a_campaign_that_causes_itself_for_ever_is_stopped(world: World) -> None:
    """After a hundred rounds the step says that it does not come to rest."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    stints = iter(range(2, 1_000_000))

    async def feedback(event: event_pb2.Event) -> None:
        at_ms = event.occurred_at.ToMilliseconds() + 1
        await world.segmentation.announce("c-1", at_ms, stint=next(stints), on_bus=False)

    world.profile.on_event = feedback
    await world.segmentation.announce("c-1", START_MS + 1)
    assert "CLOCK_NOT_QUIET" == (await refused(world, START_MS + DAY_MS)).code.value
    world.profile.on_event = None
    await world.advance(START_MS + DAY_MS)


async def test_pending_changes_are_replayed_within_the_step(world: World) -> None:
    """Profile could not reach segmentation: its clock is set once more, and then all is quiet."""
    await world.advance(START_MS)
    await world.offer("five-off")
    before = world.profile.clock_calls

    async def not_now(_event: event_pb2.Event) -> None:
        world.profile.on_event = None

    world.profile.on_event = not_now
    world.profile.changes_pending = True
    issue = coupon_pb.IssueCouponRequest(
        request_id=str(uuid.uuid4()), offer_id="five-off", customer_id="c-1"
    )
    await world.coupons("IssueCoupon", issue)

    async def told() -> bool:
        return bool(world.profile.events)

    await world.eventually(told)
    await world.advance(START_MS + HOUR_MS)
    assert 2 == world.profile.clock_calls - before


async def test_holds_run_out_within_the_step(world: World) -> None:
    """The ledger's own deadlines fire at their instants, and profile hears of them."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    [enrolment] = await world.enrolments()
    hold = coupon_pb.HoldCouponRequest(
        request_id=str(uuid.uuid4()),
        coupon_id=enrolment.coupon_id,
        customer_id="c-1",
        order_id="o-1",
        hold_seconds=600,
    )
    hold.order_amount.currency_code, hold.order_amount.minor_units = "KRW", 20_000
    await world.coupons("HoldCoupon", hold)
    answer = await world.advance(START_MS + DAY_MS)
    assert 1 == answer.fired_deadlines
    released = [e for e in world.profile.events.values() if e.type == "coupon_released"]
    assert [START_MS + 1000 + 600_000] == [e.occurred_at.ToMilliseconds() for e in released]


async def test_wall_delays_ask_whether_the_membership_stands(world: World) -> None:
    """An exit that has not arrived yet counts; while segmentation rebuilds, nobody is judged."""
    draft = world.draft(control_basis_points=0, delay_seconds=1)
    await world.launch(draft, tenant_id="corner")
    campaign = await world.database.campaigns.find_one({"t": "corner"})
    since_ms = campaign["running_since_ms"]
    world.segmentation.rebuilding = True
    for customer_id in ("left", "stayed"):
        await world.segmentation.announce(customer_id, since_ms, tenant_id="corner")
    del world.segmentation.memberships["left", "fading"]

    async def waiting_count() -> int:
        return int(await world.database.triggers.count_documents({"state": "WAITING"}))

    async def waiting() -> bool:
        return 2 == await waiting_count()

    await world.eventually(waiting)
    world.segmentation.rebuilding = False

    async def settled() -> bool:
        return 0 == await waiting_count()

    await world.eventually(settled)
    enrolments = await world.enrolments(tenant_id="corner")
    assert ["stayed"] == [each.customer_id for each in enrolments]
