"""kill -9 in the middle of a step: the same step again finishes it, and nothing happens twice."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from dangol_service_kit.errors import RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
# Three starts of the service and three steps of the clock, on a machine that may be busy.
pytestmark = pytest.mark.timeout(400)
Spawn = Callable[[], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def spawn(world: World) -> AsyncIterator[Spawn]:
    """Starts the service as a process of its own; none outlives the test."""
    started: list[asyncio.subprocess.Process] = []

    async def start() -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "offers_service", env={**os.environ, **world.environ()}
        )
        started.append(process)
        await world.connect()
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    "moment",
    [
        "some deadlines",
        "first event",
        *(
            pytest.param(one, marks=pytest.mark.deep)
            for one in ("deadlines", "later event", "second round")
        ),
    ],
)
async def test_a_killed_step_is_finished_by_its_repetition(
    world: World, spawn: Spawn, moment: str
) -> None:
    """Killed while deadlines fire, before anything was consumed, at the first coupons, later."""
    await world.advance(START_MS)
    await world.launch(world.draft(control_basis_points=0))
    await world.launch(world.draft("later", control_basis_points=0, delay_seconds=3600))
    await world.stop()
    process = await spawn()
    for number in range(40):
        at_ms = START_MS + HOUR_MS + number
        world.segmentation.deadlines.append((at_ms, {"customer_id": f"c-{number}"}))
    killed = asyncio.Event()
    counts = {
        "some deadlines": 0,
        "deadlines": 0,
        "first event": 1,
        "later event": 30,
        "second round": 60,
    }

    async def kill(_: Any = None) -> None:
        if len(world.profile.events) >= counts[moment] and not killed.is_set():
            killed.set()
            process.kill()
            await process.wait()

    async def kill_midway() -> None:
        if sum(map(len, world.segmentation.announced.values())) == 13 and not killed.is_set():
            await kill()
            # The call ends with its caller.
            await asyncio.Event().wait()

    if moment == "some deadlines":
        world.segmentation.on_fired = kill_midway
    elif moment == "deadlines":
        world.segmentation.on_advance = kill
    else:
        world.profile.on_event = kill
    with pytest.raises(RpcFailure):
        await world.advance(START_MS + DAY_MS)
    assert killed.is_set()
    second = await spawn()
    await world.advance(START_MS + DAY_MS)
    for campaign_id, delay_ms in (("win-back", 0), ("later", HOUR_MS)):
        at = {
            each.customer_id: each.triggered_at.ToMilliseconds()
            for each in await world.enrolments(campaign_id)
        }
        wanted = {f"c-{n}": START_MS + HOUR_MS + n + delay_ms for n in range(40)}
        assert wanted == at
    assert 80 == await world.coupon_count()
    assert {"coupon_issued": 80} == world.profile.types()
    second.terminate()
    assert 0 == await second.wait()
