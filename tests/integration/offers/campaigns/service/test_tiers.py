"""Tiers: what follows from an order that reaches one, and from a year that rolls out."""

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import points_service_pb2 as pb
from dangol.offers.v1.points_service_pb2_grpc import PointsServiceStub

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = int(dt.datetime(2026, 3, 10, 3, tzinfo=dt.UTC).timestamp()) * 1000
# The midnight in Seoul that ends the 365th day.
LOST_MS = int(dt.datetime(2027, 3, 9, 15, tzinfo=dt.UTC).timestamp()) * 1000
DAY_MS = 86_400_000


def _won(amount: int) -> Money:
    return Money(currency_code="KRW", minor_units=amount)


async def _ask(world: "World", method: str, request: Any, role: str = "admin") -> Any:
    return await world.ask(PointsServiceStub, method, request, role=role)


async def _earn(world: "World", order_id: str, net: int) -> None:
    request = pb.EarnPointsRequest(
        request_id=str(uuid.uuid4()), customer_id="ann", order_id=order_id, net_amount=_won(net)
    )
    answer = await _ask(world, "EarnPoints", request, "partner")
    assert pb.POINTS_OUTCOME_APPLIED == answer.outcome


async def _start(world: "World") -> None:
    """Silver from 100,000 won; gold from 300,000 grants a coupon. The clock stands at noon."""
    await world.offer("welcome-gold")
    names = {"ko": "등급", "en": "Tier"}
    tiers = [
        pb.Tier(tier_id="silver", display_names=names, threshold=_won(100_000)),
        pb.Tier(
            tier_id="gold",
            display_names=names,
            threshold=_won(300_000),
            bonus_basis_points=5_000,
            offer_ids=["welcome-gold"],
        ),
    ]
    program = pb.PointsProgram(points=10, per_amount=_won(1_000), tiers=tiers)
    request = pb.SetPointsProgramRequest(request_id=str(uuid.uuid4()), program=program)
    await _ask(world, "SetPointsProgram", request)
    await world.advance(START_MS)


def _changes(world: "World") -> list[tuple[str, str, str, int]]:
    """from, to, direction and time of each event tier_changed, in order of time."""
    told = [event for event in world.profile.events.values() if event.type == "tier_changed"]
    found = [
        (
            event.properties["from"].text,
            event.properties["to"].text,
            event.properties["direction"].text,
            event.occurred_at.ToMilliseconds(),
        )
        for event in told
    ]
    assert all(set(event.properties) == {"from", "to", "direction"} for event in told)
    return sorted(found, key=lambda change: change[3])


async def test_a_promotion_is_an_event_an_attribute_and_its_coupons(world: "World") -> None:
    """Each once, however often the relay tells it again."""
    await _start(world)
    await _earn(world, "o-1", 300_000)
    await world.advance(START_MS + 1)
    assert [("none", "gold", "promoted", START_MS)] == _changes(world)
    assert [("ann", "gold")] == world.around.customers.told
    assert 1 == await world.coupon_count()
    await world.stop()
    await world.database.relay_state.delete_many({})
    await world.start()
    await world.advance(START_MS + 2)
    assert 1 == len(_changes(world))
    assert [("ann", "gold")] == world.around.customers.told
    assert 1 == await world.coupon_count()


async def test_a_tier_is_lost_on_time_under_virtual_time(world: "World") -> None:
    """At the instant at which the year rolls out, however far the clock is moved at once; the
    answer of the step means that profile knows."""
    await _start(world)
    await _earn(world, "o-1", 200_000)
    await world.advance(START_MS + 100 * DAY_MS)
    await _earn(world, "o-2", 150_000)
    await world.advance(LOST_MS - 1)
    assert [("ann", "silver"), ("ann", "gold")] == world.around.customers.told
    await world.advance(LOST_MS + 200 * DAY_MS)
    second_ms = LOST_MS + 100 * DAY_MS
    expected = [("gold", "silver", "demoted", LOST_MS), ("silver", "none", "demoted", second_ms)]
    assert expected == _changes(world)[2:]
    assert ("ann", "") == world.around.customers.told[-1]
    assert [False] == [world.around.customers.of("ann").tier == "gold"]


async def test_points_expire_on_time_under_virtual_time(world: "World") -> None:
    """With the month, and profile hears of it."""
    await _start(world)
    await _earn(world, "o-1", 10_000)
    end_ms = int(dt.datetime(2027, 3, 31, 15, tzinfo=dt.UTC).timestamp()) * 1000
    await world.advance(end_ms - 1)
    assert 0 == world.profile.types()["points_expired"]
    await world.advance(end_ms + DAY_MS)
    told = [event for event in world.profile.events.values() if event.type == "points_expired"]
    assert [end_ms] == [event.occurred_at.ToMilliseconds() for event in told]
    balance = await _ask(world, "GetPoints", pb.GetPointsRequest(customer_id="ann"))
    assert 0 == balance.balance.available_points


async def test_a_customer_who_changed_meanwhile_is_read_again(world: "World") -> None:
    """The tier is written over no other change."""
    await _start(world)
    conflicts = [2]

    async def change() -> None:
        if conflicts[0]:
            conflicts[0] -= 1
            world.around.customers.of("ann").version += 1

    world.around.customers.before_update = change
    await _earn(world, "o-1", 100_000)
    await world.advance(START_MS + 1)
    assert [("ann", "silver")] == world.around.customers.told


@pytest.mark.parametrize("position", ["kept", "lost"])
async def test_entries_in_sealed_pages_are_told_once(world: "World", position: str) -> None:
    """A journal long enough for pages: every tier change reaches profile, none twice, also where
    the relay lost its position and reads everything again."""
    await _start(world)
    for number in range(160):
        await _earn(world, f"o-{number}", 1_000)
    document = await world.database.accounts.find_one({"kind": "points"})
    assert document["pages"] >= 1
    await world.advance(START_MS + 1)
    if position == "lost":
        await world.stop()
        await world.database.relay_state.delete_many({})
        world.profile.events.clear()
        await world.start()
        await world.advance(START_MS + 2)
    assert [("none", "silver", "promoted")] == [change[:3] for change in _changes(world)]
