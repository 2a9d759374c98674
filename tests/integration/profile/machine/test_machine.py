"""Random histories of identities on real MongoDB, with failures between any two writes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
import uvloop
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_service_kit import client
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.keys import from_file
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from motor.motor_asyncio import AsyncIOMotorClient
from profile_service import store
from profile_service.sealing import Vault
from profile_service.service_segmentation import EVALUATE, Segmentation

from tests.integration.profile.harness import ISSUER, FakeSegmentation, Keys
from tests.integration.profile.machine.history import History, World

STEPS = 12
SEEDS = st.integers(0, (1 << 32) - 1)


class Stage:
    """What all histories share, and a loop."""

    def __init__(self, world: World, runner: asyncio.Runner) -> None:
        self.world = world
        self._runner = runner

    def run(self, steps: Coroutine[Any, Any, None]) -> None:
        """Waits for a coroutine."""
        self._runner.get_loop().run_until_complete(steps)


class IdentityMachine(RuleBasedStateMachine):
    """One history. Subclasses have the stage."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.history = History(self.stage.world)

    @initialize()
    def begin(self) -> None:
        """A tenant with nobody."""
        self.stage.run(self.history.open())

    @rule(seed=SEEDS)
    def something_happens(self, seed: int) -> None:
        """A batch of events."""
        self.stage.run(self.history.record(Random(seed)))

    @rule(seed=SEEDS)
    def somebody_is_recognised(self, seed: int) -> None:
        """Names are linked, visitors become members."""
        self.stage.run(self.history.identify(Random(seed)))

    @rule(seed=SEEDS, what=st.sampled_from(("update", "erase", "advance", "record")))
    def something_rarer(self, seed: int, what: str) -> None:
        """A change, an erasure, or time."""
        self.stage.run(getattr(self.history, what)(Random(seed)))

    @rule()
    def the_workers_come(self) -> None:
        """Relay and eraser."""
        self.stage.run(self.history.sweep())

    def teardown(self) -> None:
        """In the end everything that was begun is finished, and compared."""
        self.stage.run(self.history.check())


@contextmanager
def opened_stage(keys: Keys, mongodb_uri: str, database_name: str) -> Iterator[Stage]:
    """A database with nothing in it, and a segmentation that listens."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        mongodb: Any = AsyncIOMotorClient(mongodb_uri, io_loop=runner.get_loop())
        database = store.open_database(mongodb, database_name)
        fake = FakeSegmentation()

        async def begin() -> Segmentation:
            await store.set_up(database)
            await fake.start()
            channel = client.connect(f"127.0.0.1:{fake.port}", no_retry=[EVALUATE])
            credentials = ServiceCredentials(
                keys.directory / "profile.pem", ISSUER, ISSUER, "profile"
            )
            return Segmentation(EvaluationServiceStub(channel), credentials)

        segmentation = runner.run(begin())
        vault = Vault(from_file(keys.directory / "master.key"))
        yield Stage(World(database, vault, segmentation), runner)
        runner.run(fake.stop())
        mongodb.close()


@pytest.fixture
def stage(keys: Keys, mongodb_uri: str, database_name: str) -> Iterator[Stage]:
    """The stage of one test."""
    with opened_stage(keys, mongodb_uri, database_name) as opened:
        yield opened


def play(stage: Stage, histories: int) -> None:
    """So many histories. Raises what the first that goes wrong raises."""
    run_state_machine_as_test(
        type("IdentityMachineOnStage", (IdentityMachine,), {"stage": stage}),
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS + 1,
            deadline=None,
            database=None,
            # A failed history is told as it was: to shorten it takes hundreds of others.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize(
    "histories",
    [
        pytest.param(30, id="30", marks=pytest.mark.timeout(600)),
        pytest.param(1_000, id="1000", marks=[pytest.mark.deep, pytest.mark.timeout(3_600)]),
    ],
)
def test_any_order_keeps_one_owner_every_event_once_and_facts_right(
    stage: Stage, histories: int, *, pytestconfig: pytest.Config
) -> None:
    """Identify, events, merge, update, erase, in any order, killed in between: each name has one
    owner, no event is lost or doubled, and facts are a recount of the log."""
    play(stage, histories)
    world = stage.world
    pytestconfig.get_terminal_writer().line(
        f"\n{world.histories} histories, {world.struck} failed writes"
    )
    assert world.struck > histories
