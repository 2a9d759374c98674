"""The demo end to end: both shops on a real stack, reconciled with their data."""

import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, create_subprocess_exec
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from dangol_dev.demo import (
    Options,
    connect,
    fix_keys,
    run_demo,
    run_grocer,
    run_shop,
)
from dangol_dev.examples import find_examples, queries
from dangol_dev.figures import ShopFigures
from dangol_dev.simulator.shop import Shop
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role


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


@pytest.mark.timeout(240)
async def test_a_small_demo_leaves_at_once_and_nothing_behind(tmp_path: Path) -> None:
    """`make demo EXIT=1` reconciles, writes its figures, ends with 0 and removes its state."""
    environment = {
        **os.environ,
        "EXIT": "1",
        "HOUSEHOLDS": "12",
        "CUSTOMERS": "30",
        "SUMMARY": str(tmp_path / "summary.json"),
    }
    process = await create_subprocess_exec(
        sys.executable, "-m", "dangol_dev.demo", cwd=tmp_path, env=environment, stdout=PIPE
    )
    output, _ = await process.communicate()
    content = json.loads((tmp_path / "summary.json").read_text())
    assert process.returncode == 0, output.decode()
    assert content["ok"] is True
    assert [shop["customers"] for shop in content["shops"]][1] == 12
    assert "checks against the data hold" in output.decode()
    assert list((tmp_path / ".dangol").iterdir()) == []


@pytest.mark.timeout(240)
async def test_the_demo_stays_up_until_it_is_interrupted(tmp_path: Path) -> None:
    """Without EXIT it prints where to go on, and Ctrl-C ends everything in order."""
    environment = {**os.environ, "HOUSEHOLDS": "12", "CUSTOMERS": "30"}
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
    assert await process.wait() == 0
    assert "GraphiQL" in text
    assert "query Why" in text
    assert list((tmp_path / ".dangol").iterdir()) == []


@pytest.mark.timeout(240)
async def test_segment_sizes_equal_those_of_duckdb(stack: Stack) -> None:
    """At the year's end every rule has as many members as a query over the files finds."""
    connection = connect(stack)
    try:
        _, figures = await run_grocer(stack, connection, Options(seed=1))
    finally:
        await connection.close()
    by_query = {one.segment_id: one.expected_size for one in figures.segments}
    by_platform = {one.segment_id: one.size for one in figures.segments}
    assert len(by_query) >= 6
    assert by_query == by_platform
    assert _failures(figures) == []
    assert figures.lifts[0].inside


@pytest.fixture(scope="module")
async def season(stack: Stack) -> AsyncIterator[tuple[Shop, ShopFigures]]:
    """A season of the demo's seed and size; its shop can still be asked."""
    connection = connect(stack)
    yield await run_shop(stack, connection, Options(seed=1))
    await connection.close()


@pytest.mark.timeout(240)
async def test_the_planted_lift_lies_inside_the_measured_interval(
    season: tuple[Shop, ShopFigures],
) -> None:
    """For the demo's seed and size, both campaigns' intervals hold the truth."""
    _, figures = season
    assert _failures(figures) == []
    assert [lift.inside for lift in figures.lifts] == [True, True]


@pytest.mark.timeout(240)
async def test_the_printed_queries_do_what_they_say(
    stack: Stack, season: tuple[Shop, ShopFigures]
) -> None:
    """Pasted into GraphiQL one after the other: explain, buy and leave, give and claim, cost."""
    shop, _ = season
    examples = await find_examples(shop)
    why, buy, gift, cost = (query for _, query in queries(examples))
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


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_at_least_17_of_20_intervals_cover_the_truth(stack: Stack) -> None:
    """Small shops, one a seed: the 95 % interval of the carts' campaign covers the planted lift."""
    connection = connect(stack)
    covered = 0
    try:
        for seed in range(101, 121):
            options = Options(seed=seed, customer_count=150)
            tenant_id = f"dangol-shop-{seed}"
            _, figures = await run_shop(stack, connection, options, tenant_id=tenant_id)
            assert _failures(figures) == []
            covered += figures.lifts[0].inside
    finally:
        await connection.close()
    assert covered >= 17


@pytest.mark.deep
@pytest.mark.timeout(1800)
async def test_the_full_year_reconciles_exactly(tmp_path: Path) -> None:
    """All households: every published figure, every segment size, and a placebo without lift."""
    stack = Stack(tmp_path)
    fix_keys(stack.keys, seed=1)
    async with stack:
        outcome = await run_demo(stack, Options(seed=1, household_count=None))
    shop, grocer = outcome.summary.shops
    assert _failures(shop) == []
    assert _failures(grocer) == []
    assert [lift.inside for lift in (*shop.lifts, *grocer.lifts)] == [True, True, True]
