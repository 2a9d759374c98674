"""Membership changes arrive late, twice, out of order or not at all: each acts once."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from dangol.events.v1 import membership_pb2
from dangol_dev.processes import free_port

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
STREAM = "dangol:bus:membership"
EPOCH = 1 << 40


async def launched(world: World) -> None:
    """The campaign runs from START_MS on, without a control group."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))


async def enrolled(world: World) -> list[str]:
    """Who is enrolled, in order of enrolment."""
    return [enrolment.customer_id for enrolment in await world.enrolments()]


async def test_changes_are_acted_on_between_two_steps(world: World) -> None:
    """The bus alone brings them; nobody has to move the clock."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)

    async def issued() -> bool:
        return await world.coupon_count() == 1

    await world.eventually(issued)


async def test_a_change_delivered_twice_enrols_once(world: World) -> None:
    """Also when the second delivery comes with the bus emptied in between."""
    await launched(world)
    change = await world.segmentation.announce("c-1", START_MS + 5)
    for _ in range(3):
        await world.segmentation.publish(change)
    await world.advance(START_MS + 1000)
    await world.around.redis.delete(STREAM)
    await world.segmentation.publish(change)
    await world.advance(START_MS + 2000)
    assert ["c-1"] == await enrolled(world)
    assert 1 == await world.coupon_count()


async def test_a_change_announced_again_under_a_later_sequence_enrols_once(world: World) -> None:
    """Its identity is customer, segment and stint, not its place on the bus."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.segmentation.announce("c-1", START_MS + 5, sequence=3 * EPOCH + 1)
    await world.advance(START_MS + 1000)
    assert ["c-1"] == await enrolled(world)


async def test_a_gap_on_the_bus_is_filled(world: World) -> None:
    """What the bus skipped is read from segmentation, before what came after it."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    for stint in (2, 3):
        await world.segmentation.announce("c-1", START_MS + 5, stint=stint, on_bus=False)
    await world.segmentation.announce("c-1", START_MS + 6, stint=4)

    async def four() -> bool:
        # A coupon is there a moment before its enrolment says so.
        return await world.coupon_count() == 4 == len(await world.enrolments())

    await world.eventually(four)
    assert [1, 2, 3, 4] == [each.stint for each in await world.enrolments()]
    assert world.segmentation.list_calls > 0


async def test_a_new_epoch_does_not_hide_the_end_of_the_old_one(world: World) -> None:
    """What the old epoch announced last and the bus lost is still acted on."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.segmentation.announce("c-1", START_MS + 6, stint=2, on_bus=False)
    await world.segmentation.announce("c-1", START_MS + 7, stint=3, sequence=2 * EPOCH + 1)

    async def three() -> bool:
        return await world.coupon_count() == 3

    await world.eventually(three)


async def test_a_silent_bus_does_not_hold_up_a_step(world: World) -> None:
    """Without any delivery the step reads what was announced."""
    await launched(world)
    for number in range(30):
        await world.segmentation.announce(f"c-{number}", START_MS + 5, on_bus=False)
    answer = await world.advance(START_MS + 1000)
    assert 30 == answer.consumed_changes
    assert 30 == len(await enrolled(world))


async def test_the_bus_may_be_deleted(world: World) -> None:
    """Nothing is lost and nothing is granted twice; later changes come over the bus again."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    await world.segmentation.announce("c-2", START_MS + 1005, on_bus=False)
    await world.around.redis.flushdb()
    await world.segmentation.announce("c-3", START_MS + 1006)
    await world.advance(START_MS + 2000)
    assert {"c-1", "c-2", "c-3"} == set(await enrolled(world))
    assert 3 == await world.coupon_count()


async def test_what_was_announced_while_the_service_was_away_is_caught_up(world: World) -> None:
    """At its start it reads everything after its position, bus or no bus."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    await world.stop()
    await world.segmentation.announce("c-2", START_MS + 1005, on_bus=False)
    await world.start()

    async def both() -> bool:
        # The coupon is there a moment before its enrolment says so.
        return len(await enrolled(world)) == 2

    await world.eventually(both)
    assert ["c-1", "c-2"] == await enrolled(world)
    assert 2 == await world.coupon_count()


async def test_an_enrolment_without_its_coupon_is_repaired(world: World) -> None:
    """A crash between the two is finished by the next delivery, even in a paused campaign."""
    await launched(world)
    change = await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    await world.stop()
    await world.database.enrolments.update_many({}, {"$set": {"outcome": "PENDING", "coupon": ""}})
    await world.database.accounts.delete_many({})
    await world.database.positions.delete_many({})
    await world.database.campaigns.update_many({}, {"$set": {"state": "PAUSED"}})
    await world.start()
    await world.segmentation.publish(change)

    async def repaired() -> bool:
        return bool(await enrolled(world))

    await world.eventually(repaired)
    [enrolment] = await world.enrolments()
    assert enrolment.coupon_id
    assert START_MS + 5 == enrolment.triggered_at.ToMilliseconds()
    assert 1 == await world.coupon_count()


async def test_quiet_changes_never_trigger(world: World) -> None:
    """notify = false: imports and quiet edits of rules."""
    await launched(world)
    backfill = membership_pb2.CHANGE_CAUSE_BACKFILL
    await world.segmentation.announce("c-1", START_MS + 5, notify=False, cause=backfill)
    await world.segmentation.announce("c-2", 5, cause=backfill)
    await world.advance(START_MS + 1000)
    [found] = await world.enrolments()
    assert "c-2" == found.customer_id
    assert found.triggered_at.ToMilliseconds() >= START_MS


async def test_an_unreadable_entry_does_not_stop_the_bus(world: World) -> None:
    """It is passed over; its change is read from segmentation."""
    await launched(world)
    await world.around.redis.xadd(STREAM, {"d": b"\xff\xff\xff"})
    await world.segmentation.announce("c-1", START_MS + 5)

    async def issued() -> bool:
        return await world.coupon_count() == 1

    await world.eventually(issued)


async def test_wall_tenants_enrol_when_they_hear_of_it(world: World) -> None:
    """On wall time the trigger is now, not the instant that lies behind."""
    await world.launch(world.draft(control_basis_points=0), tenant_id="corner")
    campaign = await world.database.campaigns.find_one({"t": "corner"})
    launched_ms = campaign["running_since_ms"]
    await world.segmentation.announce("c-1", launched_ms, tenant_id="corner")

    async def listed() -> bool:
        return bool(await world.enrolments(tenant_id="corner"))

    await world.eventually(listed)
    [enrolment] = await world.enrolments(tenant_id="corner")
    assert enrolment.triggered_at.ToMilliseconds() > launched_ms


async def test_numbers_that_nobody_announced_do_not_stop_the_partition(world: World) -> None:
    """After a while what is there is acted on; nothing can come in between any more."""
    await launched(world)
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.segmentation.announce("c-1", START_MS + 6, stint=2, sequence=EPOCH + 7)

    async def both() -> bool:
        return await world.coupon_count() == 2

    await world.eventually(both)


async def test_two_replicas_share_the_bus_and_enrol_once(world: World) -> None:
    """Enrolments are numbered without gaps whoever makes them, and a reader misses none."""
    await launched(world)
    config = dataclasses.replace(world.config, listen=f"127.0.0.1:{free_port()}")
    other = type(world)(config, world.around, world.database)
    await other.start()
    for number in range(120):
        await world.segmentation.announce(f"c-{number}", START_MS + 5)
        await asyncio.sleep(0)

    async def all_of_them() -> bool:
        return await world.coupon_count() == 120

    await world.eventually(all_of_them)
    await asyncio.gather(world.advance(START_MS + 1000), other.advance(START_MS + 1000))
    assert 120 == len({*await enrolled(world)}) == len(await enrolled(other))
    numbers = await world.database.enrolments.distinct("n")
    assert list(range(1, 121)) == sorted(numbers)
    assert 120 == await world.coupon_count()
    assert {"coupon_issued": 120} == world.profile.types()
    await other.stop()
