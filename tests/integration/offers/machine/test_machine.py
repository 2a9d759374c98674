"""Random histories on real MongoDB, with failures at every write."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from motor.motor_asyncio import AsyncIOMotorClient

from tests.integration.offers.machine.machine import Stage, machine_on
from tests.integration.offers.machine.world import World

STEPS = 20


@pytest.fixture
def stage(mongodb_uri: str, database_name: str) -> Iterator[Stage]:
    """A database with nothing in it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        mongodb: Any = AsyncIOMotorClient(mongodb_uri, io_loop=runner.get_loop())
        world = World(mongodb, mongodb[database_name])
        runner.run(world.prepare())
        yield Stage(world, runner)
        mongodb.close()


@pytest.mark.parametrize(
    "histories",
    [
        pytest.param(300, id="300", marks=pytest.mark.timeout(900)),
        pytest.param(3_000, id="3000", marks=[pytest.mark.deep, pytest.mark.timeout(3_600)]),
    ],
)
def test_the_ledger_equals_its_model_after_every_step(
    stage: Stage, histories: int, *, pytestconfig: pytest.Config
) -> None:
    """Model, documents, books and chains agree, whatever fails; nothing acknowledged is lost."""
    while (missing := histories - sum(length >= STEPS for length in stage.lengths)) > 0:
        run_state_machine_as_test(
            machine_on(stage),
            settings=settings(
                max_examples=missing,
                stateful_step_count=STEPS + 1,
                deadline=None,
                database=None,
                # A failed history is told as it was: to shorten it takes hundreds of others.
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    struck = sum(store.struck for store in stage.world.stores)
    pytestconfig.get_terminal_writer().line(
        f"\n{len(stage.lengths)} histories, {sum(stage.lengths)} steps, {struck} failed writes"
    )
    assert struck > histories
