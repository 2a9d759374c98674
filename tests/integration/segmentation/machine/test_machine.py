"""The engine is exact: histories of everything that can happen, on real Redis and MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop
from dangol_dev.servers import RedisServer
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from structlog.testing import capture_logs

from tests.integration.segmentation.machine.machine import Stage, machine_on
from tests.integration.segmentation.machine.world import World

STEPS = 50


@contextmanager
def opened_stage(folder: Path, mongodb_uri: str, database_name: str) -> Iterator[Stage]:
    """A world with a Redis of its own, which histories empty and restart."""
    server = RedisServer(folder)
    with capture_logs(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.start())
        world = World(server, mongodb_uri, database_name)
        runner.run(world.open())
        try:
            yield Stage(world, runner)
        finally:
            runner.run(world.close())
            server.kill()


def play(stage: Stage, histories: int, steps: int) -> None:
    """So many histories of so many steps each; shorter ones, which occur, are not counted."""
    while (missing := histories - stage.whole(steps)) > 0:
        run_state_machine_as_test(
            machine_on(stage),
            settings=settings(
                max_examples=missing,
                # The first step founds the tenant.
                stateful_step_count=steps + 1,
                deadline=None,
                database=None,
                # A failed history is told as it was: to shorten it takes hundreds of others.
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert stage.whole(steps) >= histories


@pytest.fixture
def stage(tmp_path: Path, mongodb_uri: str, database_name: str) -> Iterator[Stage]:
    """Two replicas and nobody there yet."""
    with opened_stage(tmp_path, mongodb_uri, database_name) as opened:
        yield opened


@pytest.mark.timeout(900)
def test_five_hundred_histories_of_fifty_steps(stage: Stage) -> None:
    """After each of 25,000 steps the service equals the oracle."""
    play(stage, 500, STEPS)


@pytest.mark.deep
@pytest.mark.timeout(10_800)
@pytest.mark.parametrize("quarter", range(4))
def test_five_thousand_histories_of_fifty_steps(stage: Stage, quarter: int) -> None:  # noqa: ARG001
    """The same ten times over; a quarter at a time, so that they can be played side by side."""
    play(stage, 1_250, STEPS)
