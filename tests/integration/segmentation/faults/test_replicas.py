"""Two replicas share events and deadlines while one is killed again and again."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import FakeProfile
from tests.integration.segmentation.faults.processes import ReplicaProcess
from tests.integration.segmentation.faults.traffic import Till, under_two_ids

VISIBILITY_SECONDS = 3.0
KILL_EVERY_SECONDS = 2.0
# On a machine that does nothing else; among other tests it is only told.
LATE_MS_MAX = int(1000 * (VISIBILITY_SECONDS + 1.0))
_HUNG_MS = 60_000

pytestmark = pytest.mark.timeout(400)


@asynccontextmanager
async def two_replicas(
    settings: SegmentationConfig, directory: Path
) -> AsyncIterator[list[ReplicaProcess]]:
    """Both serving; ended at the end."""
    settings = dataclasses.replace(
        settings, deadline_visibility_seconds=VISIBILITY_SECONDS, tick_seconds=0.1
    )
    replicas = [ReplicaProcess(settings, directory, f"replica{number}") for number in range(2)]
    try:
        for replica in replicas:
            await replica.start()
        yield replicas
    finally:
        for replica in replicas:
            await replica.close()


@pytest.mark.parametrize(
    ("seconds", "kills_min", "late_ms_max"),
    [
        pytest.param(14.0, 3, _HUNG_MS, id="short"),
        pytest.param(60.0, 10, LATE_MS_MAX, id="a minute", marks=pytest.mark.deep),
    ],
)
async def test_nothing_is_lost_when_replicas_are_killed(
    profile: FakeProfile,
    settings: SegmentationConfig,
    tmp_path: Path,
    *,
    pytestconfig: pytest.Config,
    seconds: float,
    kills_min: int,
    late_ms_max: int,
) -> None:
    """kill -9 every few seconds: what is announced is what the log says, once, and in time."""
    async with two_replicas(settings, tmp_path) as replicas:
        till = Till(profile, settings, [replica.channel for replica in replicas])
        await till.define()
        kills = 0

        async def kill_in_turn() -> None:
            nonlocal kills
            for replica in itertools.cycle(replicas):
                await asyncio.sleep(KILL_EVERY_SECONDS)
                replica.kill()
                kills += 1
                await replica.start()

        until = time.monotonic() + seconds
        killing = asyncio.create_task(kill_in_turn())
        await till.run(lambda: time.monotonic() >= until and kills >= kills_min)
        killing.cancel()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(settings.mongodb_uri)
        kept = await till.kept(client[settings.mongodb_database])
        await client.close()
        heard = await till.heard()
    expected = till.expected()
    late_ms = sorted(one.late_ms for one in heard if one.by_time)
    pytestconfig.get_terminal_writer().line(
        f"\n{kills} kills, {till.sent} visits, {till.answered_pending} pending, {len(expected)} "
        f"changes, {len(late_ms)} by time: p50 {late_ms[len(late_ms) // 2]} ms late, "
        f"worst {late_ms[-1]} ms"
    )
    assert kills >= kills_min
    assert expected == set(kept)
    assert {1} == set(kept.values())
    assert expected == {one.told for one in heard}
    assert [] == under_two_ids([one.told for one in heard])
    assert late_ms[-1] <= late_ms_max
