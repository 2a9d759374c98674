"""Previews of rules that are not saved."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest
from dangol.segmentation.v1 import rule_pb2
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.segmentation.fake_profile import (
    DAY_MS,
    SHOP,
    START_MS,
    FakeProfile,
    keyed,
    wall_ms,
)
from tests.integration.segmentation.harness import Tenant

BUYERS = "count(purchase, 90d) >= 2"


async def preview(tenant: Tenant, rule: str, **fields: Any) -> Any:
    """PreviewSegment."""
    request = pb.PreviewSegmentRequest(rule=rule, **fields)
    return await tenant.ask(tenant.replica.segments.PreviewSegment, request)


def buy(profile: FakeProfile, customer_id: str, count: int, at_ms: int) -> None:
    """A customer in the log who bought so many times, a second apart, the last at at_ms."""
    profile.create(SHOP, customer_id, at_ms - DAY_MS)
    for number in range(count):
        profile.record(SHOP, customer_id, keyed("purchase", at_ms - 1000 * number))


async def test_of_few_customers_everyone_is_examined(shop: Tenant) -> None:
    """The numbers are exact, those merged away are no customers, and members have their instant."""
    now_ms = wall_ms()
    for number in range(8):
        buy(shop.profile, f"c{number}", number, now_ms)
    shop.profile.create(SHOP, "gone", now_ms)
    shop.profile.merge(SHOP, "gone", "c0")
    answer = await preview(shop, "count( purchase,90d ) >=2")
    assert BUYERS == answer.rule
    counts = (answer.member_count, answer.member_count_min, answer.member_count_max)
    assert (True, (6, 6, 6), 8, 8) == (
        answer.exact,
        counts,
        answer.customers_examined,
        answer.customers_total,
    )
    expected = {f"c{number}": now_ms - 1000 * (number - 2) for number in range(2, 8)}
    found = {one.customer_id: one.entered_at.ToMilliseconds() for one in answer.sample}
    assert expected == found


async def test_a_preview_finds_whom_the_segment_then_has(shop: Tenant) -> None:
    """Also with segments inside, a flag of the profile and no events at all."""
    now_ms = wall_ms()
    for number in range(6):
        buy(shop.profile, f"c{number}", number, now_ms)
        shop.profile.customers[SHOP][f"c{number}"].snapshot.member = number % 2 == 0
    await shop.define("inner", BUYERS)
    await shop.define("outer", 'in segment("inner") and since(purchase) < 1d')
    rules = ['in segment("outer") and profile.member', "profile.member", "count(purchase) = 0"]
    for number, rule in enumerate(rules):
        answer = await preview(shop, rule)
        await shop.define(f"s{number}", rule)
        await shop.live(f"s{number}")
        members = await shop.members(f"s{number}")
        assert members == sorted(one.customer_id for one in answer.sample)
        assert (len(members), True) == (answer.member_count, answer.exact)


async def test_of_many_customers_a_sample_says_so(shop: Tenant) -> None:
    """The estimate has an interval, and lies where a fair sample of its size must lie."""
    now_ms = wall_ms()
    for number in range(4_000):
        buy(shop.profile, f"c{number:04}", 1 + (number % 4 == 0), now_ms)
    answer = await preview(shop, BUYERS)
    assert (False, 4_000) == (answer.exact, answer.customers_total)
    assert 1_000 <= answer.customers_examined < 4_000
    assert answer.member_count_min < answer.member_count < answer.member_count_max
    deviation = 4_000 * math.sqrt(0.25 * 0.75 / answer.customers_examined)
    assert abs(answer.member_count - 1_000) < 6 * deviation
    assert 20 == len(answer.sample)
    assert 5 == len((await preview(shop, BUYERS, sample_size=5)).sample)


async def test_the_present_of_a_virtual_tenant_is_its_clock(lab: Tenant) -> None:
    """What has not happened by then is left aside, what has run out no longer counts."""
    await lab.advance(START_MS)
    lab.profile.create(lab.tenant_id, "ann", START_MS)
    lab.profile.record(lab.tenant_id, "ann", keyed("visit", START_MS))
    assert 1 == (await preview(lab, "count(visit, 7d) >= 1")).member_count
    await lab.advance(START_MS + 8 * DAY_MS)
    assert 0 == (await preview(lab, "count(visit, 7d) >= 1")).member_count


async def test_one_preview_at_a_time(shop: Tenant) -> None:
    """Another one of the same tenant is told to wait; afterwards it is answered."""
    buy(shop.profile, "ann", 2, wall_ms())
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        asked.set()
        await go_on.wait()

    shop.profile.before_history = hold
    first = asyncio.create_task(preview(shop, BUYERS))
    await asked.wait()
    with pytest.raises(RpcFailure) as raised:
        await preview(shop, BUYERS)
    assert Code.TOO_MANY_REQUESTS == raised.value.code
    assert raised.value.retry_after_ms
    go_on.set()
    assert 1 == (await first).member_count
    assert 1 == (await preview(shop, BUYERS)).member_count


async def test_text_and_tree_are_the_same_rule(shop: Tenant) -> None:
    """Either is enough; two that differ, none, or a wrong one are refused by name."""
    tree = rule_pb2.RuleNode(in_segment="buyers")
    with pytest.raises(RpcFailure) as raised:
        await preview(shop, "", rule_tree=tree)
    assert Code.RULE_INVALID == raised.value.code
    await shop.define("buyers", BUYERS)
    assert 'in segment("buyers")' == (await preview(shop, "", rule_tree=tree)).rule
    assert (
        'in segment("buyers")'
        == (await preview(shop, 'in segment( "buyers" )', rule_tree=tree)).rule
    )
    with pytest.raises(RpcFailure) as raised:
        await preview(shop, BUYERS, rule_tree=tree)
    assert (Code.FIELD_INVALID, "rule_tree") == (raised.value.code, raised.value.field)
    with pytest.raises(RpcFailure) as raised:
        await preview(shop, "")
    assert (Code.FIELD_INVALID, "rule") == (raised.value.code, raised.value.field)
    with pytest.raises(RpcFailure) as raised:
        await preview(shop, "cuont(purchase) >= 1")
    assert (Code.RULE_INVALID, "rule") == (raised.value.code, raised.value.field)


async def test_odd_events_are_warned_of(shop: Tenant) -> None:
    """A type that is not built in may be the tenant's own, so it is no error."""
    warnings = (await preview(shop, "count(purhcase) >= 1")).warnings
    assert [(1, 7)] == [(one.line, one.column) for one in warnings]


@pytest.mark.parametrize("role", [Role.STAFF, Role.PARTNER, Role.CUSTOMER])
async def test_only_who_defines_segments_previews_them(shop: Tenant, role: Role) -> None:
    """Others are refused."""
    request = pb.PreviewSegmentRequest(rule=BUYERS)
    with pytest.raises(RpcFailure) as raised:
        await shop.ask(shop.replica.segments.PreviewSegment, request, role)
    assert Code.ROLE_NOT_ALLOWED == raised.value.code
