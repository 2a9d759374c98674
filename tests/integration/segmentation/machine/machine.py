"""The state machine: whatever happens, the service equals the oracle after each step."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.integration.segmentation.machine.upheavals import Upheavals
from tests.integration.segmentation.machine.world import Replica, World

BASE_MS = 1_700_000_000_000
SEEDS = st.integers(0, (1 << 32) - 1)


class Stage:
    """What all histories share: the world, its replicas, a loop, and how many steps were taken."""

    def __init__(self, world: World, runner: asyncio.Runner) -> None:
        self.world = world
        self.runner = runner
        self.replicas: list[Replica] = []
        # A failed history leaves things behind.
        self.broken = False
        # Steps of each history, in order.
        self.lengths: list[int] = []

    def run(self, steps: Coroutine[Any, Any, Any]) -> Any:
        """Waits for a coroutine."""
        try:
            return self.runner.get_loop().run_until_complete(steps)
        except BaseException:
            self.broken = True
            raise

    def whole(self, steps: int) -> int:
        """How many histories had at least so many steps."""
        return sum(length >= steps for length in self.lengths)


class SegmentationMachine(RuleBasedStateMachine):
    """One history. Subclasses have the stage."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.history: Upheavals | None = None
        self.stage.lengths.append(0)

    def do(self, seed: int, step: Any, *arguments: Any, **options: Any) -> None:
        """One step, by one of the replicas; then every customer is compared with the oracle."""
        random = Random(seed)
        history = self.history
        assert history is not None
        replica = random.choice(history.replicas)

        async def both() -> None:
            await step(history, replica, random, *arguments, **options)
            await history.compare()

        self.stage.run(both())
        self.stage.lengths[-1] += 1

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        """A tenant with its first segments and customers."""
        random = Random(seed)
        self.stage.world.clock.now_ms = BASE_MS
        self.history = Upheavals(self.stage.world, random)

        async def opened(history: Upheavals) -> None:
            if self.stage.broken:
                self.stage.replicas.clear()
                await self.stage.world.clear()
                self.stage.broken = False
            if not self.stage.replicas:
                self.stage.replicas += [
                    await self.stage.world.replica(),
                    await self.stage.world.replica(),
                ]
            await history.open(self.stage.replicas)
            await history.found(random)
            await history.arrive(history.replicas[0], random)
            await history.compare()

        self.stage.run(opened(self.history))

    @rule(seed=SEEDS)
    def something_happens(self, seed: int) -> None:
        """Events, in order of time."""
        self.do(seed, lambda h, replica, random: h.arrive(replica, random))

    @rule(seed=SEEDS)
    def something_more_happens(self, seed: int) -> None:
        """Events are what there is most of."""
        self.do(seed, lambda h, replica, random: h.arrive(replica, random, late=0.2))

    @rule(seed=SEEDS)
    def something_comes_late(self, seed: int) -> None:
        """Events from before now."""
        self.do(seed, lambda h, replica, random: h.arrive(replica, random, late=0.8))

    @rule(seed=SEEDS)
    def something_comes_again(self, seed: int) -> None:
        """The same deltas once more."""
        self.do(seed, lambda h, replica, random: h.repeat(replica, random))

    @rule(seed=SEEDS)
    def somebody_changes(self, seed: int) -> None:
        """Profiles and consents."""
        self.do(seed, lambda h, replica, random: h.arrive(replica, random, profile=True))

    @rule(seed=SEEDS, fate=st.sampled_from(("lost", "old")))
    def a_delta_fails(self, seed: int, fate: str) -> None:
        """Recorded, but never evaluated, or not in time."""
        self.do(seed, lambda h, replica, random: h.arrive(replica, random, late=0.3, fate=fate))

    @rule(seed=SEEDS)
    def profile_relays(self, seed: int) -> None:
        """Open intents, or anybody, are replayed."""

        def relay(history: Upheavals, replica: Replica, random: Random) -> Any:
            names = sorted(history.pending) or sorted(history.past.people)[:1]
            return history.relay(replica, random.sample(names, random.randint(1, len(names))))

        self.do(seed, relay)

    @rule(seed=SEEDS)
    def two_are_one(self, seed: int) -> None:
        """A merge."""
        self.do(seed, lambda h, replica, random: h.merge(replica, random))

    @rule(seed=SEEDS, ticks=st.booleans())
    def time_passes(self, seed: int, ticks: bool) -> None:
        """To the edge of a deadline, or some hours."""

        async def passing(history: Upheavals, replica: Replica, random: Random) -> None:
            name = random.choice(sorted(history.model.present) or [None])
            at_ms = history.offset(name, random, late=0)
            await history.move(max(at_ms, history.model.now_ms))
            if ticks:
                await history.tick(replica)

        self.do(seed, passing)

    @rule(seed=SEEDS)
    def the_ticker_ticks(self, seed: int) -> None:
        """What is due fires, no matter who took it before and died."""

        async def ticking(history: Upheavals, replica: Replica, random: Random) -> None:
            name = random.choice(sorted(history.model.present) or [None])
            at_ms = history.offset(name, random, late=0)
            await history.move(max(at_ms, history.model.now_ms))
            if random.random() < 0.2:
                await history.taken_and_dropped()
            await history.tick(replica)

        self.do(seed, ticking)

    @rule(seed=SEEDS, choice=st.integers(0, 19))
    def trouble(self, seed: int, choice: int) -> None:
        """What is rare, and what costs much."""

        async def happens(history: Upheavals, replica: Replica, random: Random) -> None:
            if choice < 6:
                await history.edit(random)
            elif choice < 8:
                await history.work(replica)
            elif choice < 11:
                await history.explain(replica, random)
            elif choice < 13:
                await history.drain(replica)
            elif choice < 15:
                await history.restart_replica(random)
            elif choice < 18:
                await history.move(history.model.now_ms + history.jump_ms(random))
            elif choice == 18 or random.random() < 0.8:
                await history.flush_redis(random)
            else:
                await history.restart_redis(random)

        self.do(seed, happens)

    def teardown(self) -> None:
        """What was announced is what the oracle tells."""
        if self.history is not None:
            self.stage.run(self.history.close())


def machine_on(stage: Stage) -> type[RuleBasedStateMachine]:
    """The machine for a stage."""
    return type("SegmentationMachineOnStage", (SegmentationMachine,), {"stage": stage})
