"""The state machine: whichever writes fail, the ledger equals its model after each step."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.integration.offers.machine.world import LedgerHistory, World

SEEDS = st.integers(0, (1 << 32) - 1)
ORDER_STEPS = ("hold", "hold", "redeem", "release", "reverse")
GIFT_STEPS = ("gift", "claim", "cancel")


class Stage:
    """What all histories share: the world, a loop, and how many steps each history had."""

    def __init__(self, world: World, runner: asyncio.Runner) -> None:
        self.world = world
        self.lengths: list[int] = []
        self._runner = runner

    def run(self, steps: Coroutine[Any, Any, Any]) -> Any:
        """Waits for a coroutine."""
        return self._runner.get_loop().run_until_complete(steps)


class LedgerMachine(RuleBasedStateMachine):
    """One history. Subclasses have the stage."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.history = LedgerHistory(self.stage.world)
        self.stage.lengths.append(0)

    def do(self, step: Coroutine[Any, Any, Any]) -> None:
        """One step."""
        self.stage.run(step)
        self.stage.lengths[-1] += 1

    @initialize()
    def begin(self) -> None:
        """A tenant with its coupons."""
        self.stage.run(self.history.open())

    @rule(seed=SEEDS)
    def an_order_goes_on(self, seed: int) -> None:
        """Held, used, given back, reversed."""
        self.do(self.history.step(Random(seed), ORDER_STEPS))

    @rule(seed=SEEDS)
    def another_order_goes_on(self, seed: int) -> None:
        """Orders are what there is most of."""
        self.do(self.history.step(Random(seed), ORDER_STEPS))

    @rule(seed=SEEDS)
    def a_gift_goes_on(self, seed: int) -> None:
        """Offered, claimed, taken back."""
        self.do(self.history.step(Random(seed), GIFT_STEPS))

    @rule(seed=SEEDS)
    def a_purse_goes_on(self, seed: int) -> None:
        """Points earned, held, spent and given; codes claimed."""
        self.do(self.history.purse_step(Random(seed)))

    @rule(seed=SEEDS, anything=st.sampled_from(("revoke", "restart", "repeat", "change")))
    def something_rare(self, seed: int, anything: str) -> None:
        """What happens now and then."""
        random = Random(seed)
        if anything == "revoke":
            names = ("revoke",) if random.random() < 0.4 else ORDER_STEPS
            self.do(self.history.step(random, names))
        elif anything == "restart":
            self.do(self.history.restart(random))
        elif anything == "repeat":
            self.do(self.history.repeat(random))
        else:
            self.do(self.history.change_content(random))

    @rule(seed=SEEDS, seconds=st.sampled_from((1, 30, 59, 60, 61, 90, 120)), sweeps=st.booleans())
    def time_passes(self, seed: int, seconds: int, sweeps: bool) -> None:
        """To the edge of a hold or a gift, and past it; the sweeper may come or not."""

        async def passing() -> None:
            await self.history.pass_time(seconds)
            if sweeps:
                await self.history.sweep(Random(seed))

        self.do(passing())

    def teardown(self) -> None:
        """In the end everything that was begun is finished."""
        self.stage.run(self.history.close())


def machine_on(stage: Stage) -> type[RuleBasedStateMachine]:
    """The machine for a stage."""
    return type("LedgerMachineOnStage", (LedgerMachine,), {"stage": stage})
