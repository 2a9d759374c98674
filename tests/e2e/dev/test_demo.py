"""The demo end to end: both shops on a real stack, reconciled with their data."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from dangol.profile.v1.facts_service_pb2_grpc import FactsServiceStub
from dangol_dev.demo import (
    Options,
    clients_for,
    connect,
    fix_keys,
    prepare_grocer,
    run_shop,
)
from dangol_dev.examples import find_examples, queries
from dangol_dev.figures import CampaignFigure, ShopFigures
from dangol_dev.grocer import close as grocer_close
from dangol_dev.grocer.replay import TENANT_ID as GROCER
from dangol_dev.simulator import close as shop_close
from dangol_dev.simulator.shop import TENANT_ID as SHOP
from dangol_dev.simulator.shop import Shop
from dangol_dev.stack import Stack
from dangol_dev.truth.facts import HouseholdFacts, facts_by_duckdb, facts_by_platform
from dangol_dev.truth.grocer import (
    ALL_QUERIES,
    COUPON_RULES,
    grocer_answers,
    recorded_campaigns,
    watch_grocer,
)
from dangol_dev.truth.queries import QUERIES
from dangol_dev.truth.shop import shop_answers, watch_shop
from dangol_dev.truth.watch import Comparison, Watch, compare
from dangol_service_kit.auth import Role

from tests.e2e.dev.rebuilding import accounts_of, members_of, rebuilt

HOUSEHOLDS = 60
# What the grocer's data can say something about: purchases in a store, and coupons redeemed.
PURCHASE_AND_COUPON_RULES = {
    "big-spenders",
    "frequent-buyers",
    "champions",
    "vip-just-reached",
    "one-branch-regulars",
    *COUPON_RULES,
}


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """A stack of its own, with the demo's keys for seed 1."""
    with tempfile.TemporaryDirectory(prefix="dangol-demo-", ignore_cleanup_errors=True) as name:
        stack = Stack(Path(name))
        fix_keys(stack.keys, seed=1)
        async with stack:
            yield stack


def _failures(figures: ShopFigures) -> list[str]:
    return [
        f"{check.name}: {check.actual}, but it is {check.expected}" for check in figures.failures
    ]


@pytest.mark.timeout(600)
async def test_a_small_demo_stays_up_until_it_is_interrupted_and_leaves_nothing_behind(
    tmp_path: Path,
) -> None:
    """It reconciles, writes its figures, prints where to go on; Ctrl-C ends everything in
    order with 0 and removes its state."""
    environment = {
        **os.environ,
        "HOUSEHOLDS": "12",
        "CUSTOMERS": "30",
        "SUMMARY": str(tmp_path / "summary.json"),
    }
    process = await create_subprocess_exec(
        sys.executable, "-m", "dangol_dev.demo", cwd=tmp_path, env=environment, stdout=PIPE
    )
    assert process.stdout is not None
    lines = []
    async for line in process.stdout:
        lines.append(line.decode())
        if "Ctrl-C stops everything" in lines[-1]:
            process.send_signal(signal.SIGINT)
    text = "".join(lines)
    assert await process.wait() == 0, text
    content = json.loads((tmp_path / "summary.json").read_text())
    assert content["ok"] is True
    assert [shop["customers"] for shop in content["shops"]][1] == 12
    assert "checks against the data hold" in text
    assert "GraphiQL" in text
    assert "query Why" in text
    assert list((tmp_path / ".dangol").iterdir()) == []


@pytest.mark.deep
@pytest.mark.timeout(600)
async def test_the_demo_leaves_at_once_when_it_is_told_to(tmp_path: Path) -> None:
    """`make demo EXIT=1` ends with 0 by itself and removes its state."""
    environment = {**os.environ, "EXIT": "1", "HOUSEHOLDS": "12", "CUSTOMERS": "30"}
    process = await create_subprocess_exec(
        sys.executable, "-m", "dangol_dev.demo", cwd=tmp_path, env=environment, stdout=PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert "checks against the data hold" in output.decode()
    assert list((tmp_path / ".dangol").iterdir()) == []


@dataclass(frozen=True)
class Year:
    """The grocer's year as it went: its figures, and 26 rules compared at twelve instants."""

    figures: ShopFigures
    instants: int
    comparison: Comparison
    recorded: dict[str, CampaignFigure]
    facts: dict[str, HouseholdFacts]
    facts_by_files: dict[str, HouseholdFacts]


async def _grocer_year(stack: Stack, household_count: int | None) -> Year:
    connection = connect(stack)
    try:
        options = Options(seed=1, household_count=household_count)
        replay = await prepare_grocer(stack, connection, options)
        watch = await watch_grocer(replay)
        await replay.run()
        with grocer_answers(replay) as answers:
            comparison = compare(watch.seen, answers, ALL_QUERIES)
            recorded = recorded_campaigns(replay, answers)
            by_files = facts_by_duckdb(answers)
        stub = FactsServiceStub(connection.profile)
        facts = await facts_by_platform(replay.client, stub, [*replay.customer_ids.values()])
        figures = await grocer_close.closing_figures(replay, full=household_count is None)
    finally:
        await connection.close()
    return Year(figures, len(watch.seen), comparison, recorded, facts, by_files)


@pytest.fixture(scope="module")
async def year(stack: Stack) -> Year:
    """The year of some households."""
    return await _grocer_year(stack, HOUSEHOLDS)


@pytest.mark.timeout(600)
async def test_segment_sizes_equal_those_of_duckdb(year: Year) -> None:
    """At the year's end every rule has as many members as a query over the files finds."""
    expected = {one.segment_id: one.expected_size for one in year.figures.segments}
    own = {segment_id: size for segment_id, size in expected.items() if size is not None}
    by_platform = {one.segment_id: one.size for one in year.figures.segments}
    assert len(own) >= 6
    assert own == {segment_id: by_platform[segment_id] for segment_id in own}
    assert _failures(year.figures) == []
    assert year.figures.lifts[0].inside


@pytest.mark.timeout(600)
async def test_the_grocer_s_rules_equal_duckdb_at_twelve_instants(year: Year) -> None:
    """The ready segments and two on coupons have the very members that the files' rows give."""
    assert year.comparison.differences == ()
    assert year.instants == 12
    assert PURCHASE_AND_COUPON_RULES <= year.comparison.populated()


@pytest.mark.timeout(600)
async def test_facts_of_every_household_equal_duckdb(year: Year) -> None:
    """Orders, revenue, last purchase, cycle, top category with its revenue, stores."""
    assert HOUSEHOLDS == len(year.facts_by_files)
    assert year.facts_by_files == year.facts
    assert sum(one.cycle_days is not None for one in year.facts.values()) > HOUSEHOLDS / 2


def _reported(year: Year) -> dict[str, CampaignFigure]:
    """The reports of the recorded campaigns; how many coupons were given away is not recorded."""
    return {
        one.campaign_id: replace(one, gifted=0)
        for one in year.figures.campaigns
        if one.listed and one.triggered
    }


@pytest.mark.timeout(600)
async def test_the_reports_of_the_recorded_campaigns_equal_duckdb(year: Year) -> None:
    """List, coupons, redemption rate, and who bought how much in the campaign's time: what the
    report says of each campaign is what a query over the files finds."""
    assert year.recorded == _reported(year)
    assert sum(one.redeemed for one in year.recorded.values()) == year.figures.redemptions
    rates = {name: one.redemption_rate for name, one in year.recorded.items()}
    assert rates == {name: one.redemption_rate for name, one in _reported(year).items()}
    assert sum(rate > 0 for rate in rates.values()) >= 10
    assert sum(one.converted for one in year.recorded.values()) > 0


@pytest.fixture(scope="module")
async def season(stack: Stack) -> AsyncIterator[tuple[Shop, ShopFigures, Watch]]:
    """A season of the demo's seed and size; its shop can still be asked."""
    connection = connect(stack)
    shop = Shop(clients_for(stack, connection, SHOP), 1)
    watch = watch_shop(shop)
    await shop.prepare()
    await shop.run()
    yield shop, await shop_close.closing_figures(shop), watch
    await connection.close()


@pytest.mark.timeout(600)
async def test_the_shop_s_24_rules_equal_duckdb_at_twelve_instants(
    season: tuple[Shop, ShopFigures, Watch],
) -> None:
    """Every ready segment has the very members that the raw events give, and some at some time."""
    shop, _, watch = season
    with await shop_answers(shop) as answers:
        comparison = compare(watch.seen, answers, QUERIES)
    assert comparison.differences == ()
    assert len(QUERIES) == 24
    assert [12] * 24 == [len(sizes) for sizes in comparison.sizes.values()]
    assert comparison.populated() == set(QUERIES)


@pytest.mark.timeout(600)
async def test_the_planted_lift_lies_inside_the_measured_interval(
    season: tuple[Shop, ShopFigures, Watch],
) -> None:
    """For the demo's seed and size, both campaigns' intervals hold the truth."""
    _, figures, _ = season
    assert _failures(figures) == []
    assert [lift.inside for lift in figures.lifts] == [True, True]
    assert all(lift.sample_ratio_p_value > 0.001 for lift in figures.lifts)


@pytest.mark.timeout(600)
async def test_the_planted_revenue_lies_inside_the_measured_interval(
    season: tuple[Shop, ShopFigures, Watch],
) -> None:
    """The same for what a customer spends: Welch's intervals hold what the simulator planted."""
    _, figures, _ = season
    revenues = [lift.revenue for lift in figures.lifts if lift.revenue is not None]
    assert [lift.inside for lift in revenues] == [True, True]
    assert all(lift.planted > 0 for lift in revenues)


@pytest.mark.timeout(600)
async def test_the_printed_queries_do_what_they_say(
    stack: Stack, season: tuple[Shop, ShopFigures, Watch]
) -> None:
    """Pasted one after the other: explain, buy and leave, give and claim, cost, try, allow."""
    shop, _, _ = season
    examples = await find_examples(shop)
    why, buy, gift, cost, preview, allow = (query for _, query in queries(examples))
    token = stack.token(shop.tenant_id, Role.ADMIN)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=30) as client:

        async def ask(query: str, operation: str) -> Any:
            body = {"query": query, "operationName": operation}
            response = await client.post(stack.urls["graphql"], json=body)
            assert "errors" not in response.json(), response.text
            return response.json()["data"]

        assert (await ask(why, "Why"))["explain"]["member"] is True
        changes = (await ask(buy, "Buy"))["track"]["changes"]
        assert {"segmentId": examples.segment_id, "kind": "EXITED"}.items() <= changes[0].items()
        assert (await ask(why, "Why"))["explain"]["member"] is False
        given = (await ask(gift, "Give"))["offerGift"]
        claim = gift.replace("PASTE THE TOKEN HERE", given["token"])
        claimed = (await ask(claim, "Claim"))["claimGift"]
        assert claimed["coupon"]["customerId"] == examples.recipient_id
        report = (await ask(cost, "WonBack"))["campaign"]["report"]
        assert float(report["costPerIncrementalCustomer"]["amount"]) > 0
        found = (await ask(preview, "Preview"))["previewSegment"]
        assert found["memberCount"] >= len(found["sample"]) > 0
        allowed = (await ask(allow, "Allow"))["setConsent"]["customer"]
        assert {"purpose": "marketing", "channel": "email"} in allowed["consents"]


@pytest.mark.timeout(600)
async def test_redis_can_be_deleted(
    stack: Stack, year: Year, season: tuple[Shop, ShopFigures, Watch]
) -> None:
    """Everything in Redis is deleted: the same memberships of both shops again, and no coupon
    granted twice."""
    assert year.figures.segments
    assert season[1].segments
    connection = connect(stack)
    try:
        admins = [clients_for(stack, connection, tenant).admin for tenant in (SHOP, GROCER)]
        members = [await members_of(admin) for admin in admins]
        accounts = await accounts_of(admins)
        await stack.delete_redis()
        await asyncio.sleep(2)
        await rebuilt(connection, admins[0])
        members_after = [await members_of(admin) for admin in admins]
        await asyncio.sleep(2)
        accounts_after = await accounts_of(admins)
    finally:
        await connection.close()
    assert all(sum(map(len, of_tenant.values())) > 0 for of_tenant in members)
    assert members == members_after
    assert accounts == accounts_after


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_at_least_17_of_20_intervals_cover_the_truth(stack: Stack) -> None:
    """Small shops, one a seed: the 95 % interval of the carts' campaign covers the planted lift,
    and the one of revenue the planted revenue."""
    connection = connect(stack)
    covered = covered_revenue = 0
    try:
        for seed in range(101, 121):
            options = Options(seed=seed, customer_count=150)
            tenant_id = f"dangol-shop-{seed}"
            _, figures = await run_shop(stack, connection, options, tenant_id=tenant_id)
            assert _failures(figures) == []
            covered += figures.lifts[0].inside
            revenue = figures.lifts[0].revenue
            covered_revenue += revenue is not None and revenue.inside
    finally:
        await connection.close()
    assert covered >= 17
    assert covered_revenue >= 17


@pytest.mark.deep
@pytest.mark.timeout(3600)
async def test_the_full_year_reconciles_exactly(tmp_path: Path) -> None:
    """All households: every published figure, every segment's members, a placebo without lift."""
    stack = Stack(tmp_path)
    fix_keys(stack.keys, seed=1)
    async with stack:
        year = await _grocer_year(stack, None)
    assert _failures(year.figures) == []
    assert [lift.inside for lift in year.figures.lifts] == [True]
    assert year.comparison.differences == ()
    assert year.instants == 12
    assert len(year.facts_by_files) == 2_469
    assert year.facts_by_files == year.facts
    assert year.recorded == _reported(year)
    assert len(year.recorded) == 27
    assert sum(one.triggered for one in year.recorded.values()) == 6_589
    assert sum(one.redeemed for one in year.recorded.values()) == 2_075
    silent = {"about-to-be-dormant", "vip-slipping-away"}
    assert PURCHASE_AND_COUPON_RULES | silent <= year.comparison.populated()
