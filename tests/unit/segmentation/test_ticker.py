"""The ticker: whose deadlines it fires, in what portions, and what one tenant's trouble costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from dangol_service_kit.errors import Code, RpcFailure
from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.service_gate import Gate
from segmentation_service.ticker import Deadlines, Ticker

NOW_MS = 1_700_000_000_000


class Due:
    """Redis with these names due in its first partition, once."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)

    async def take_due(
        self,
        _epochs: tuple[int, ...],
        _limit: int,
        *,
        visibility_ms: int = 0,  # noqa: ARG002 - the interface
        tenant_id: str | None = None,  # noqa: ARG002 - the interface
        now_ms: int | None = None,  # noqa: ARG002 - the interface
    ) -> dict[int, tuple[int, list[str]]]:
        """Hands them out."""
        names, self._names = self._names, []
        return {partition: (NOW_MS, [] if partition else names) for partition in ALL_PARTITIONS}


class Fired(Deadlines):
    """Keeps what was to be fired; a tenant called gone is unknown."""

    def __init__(self) -> None:
        self.portions: list[tuple[str, int]] = []

    async def fire(self, tenant_id: str, customer_ids: Sequence[str], now_ms: int) -> int:
        """Keeps the portion."""
        assert now_ms == NOW_MS
        if tenant_id == "gone":
            raise RpcFailure(Code.TENANT_NOT_FOUND, "there is no such tenant")
        self.portions.append((tenant_id, len(customer_ids)))
        return len(customer_ids)


async def tick(names: Sequence[str]) -> list[tuple[str, int]]:
    """What one tick fires of these names."""
    fired = Fired()
    await Ticker(Due(names), fired, Gate(), visibility_ms=1, tick_seconds=1).tick()
    return fired.portions


async def test_deadlines_of_other_tenants_are_fired_when_one_is_unknown() -> None:
    """The names behind those of a tenant that fails do not wait until they come in sight again."""
    assert [("a", 1), ("b", 2)] == await tick(["a 1", "gone 1", "b 1", "b 2"])


async def test_many_deadlines_are_fired_in_small_portions() -> None:
    """Between any two of them live events have their turn."""
    portions = await tick([f"a {number}" for number in range(150)])
    assert [("a", 64), ("a", 64), ("a", 22)] == portions


TURNS = 50


async def settle() -> None:
    """Lets everything go on that can."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


@asynccontextmanager
async def ticking(
    gate: Gate, stand_back_seconds: float = 3600
) -> AsyncIterator[list[tuple[str, int]]]:
    """The portions fired so far of 150 deadlines; all of them are fired at the end."""
    fired = Fired()
    due = Due([f"a {number}" for number in range(150)])
    ticker = Ticker(
        due, fired, gate, visibility_ms=1, tick_seconds=1, stand_back_seconds=stand_back_seconds
    )
    task = asyncio.create_task(ticker.tick())
    await settle()
    yield fired.portions
    await task
    assert [("a", 64), ("a", 64), ("a", 22)] == fired.portions


async def test_nothing_is_begun_while_a_live_call_is_in_progress() -> None:
    """However long it takes; afterwards everything goes on."""
    gate = Gate()
    async with AsyncExitStack() as call:
        await call.enter_async_context(gate.live_call())
        async with ticking(gate) as portions:
            assert [] == portions
            await call.aclose()


async def test_a_live_call_meets_one_portion_at_most() -> None:
    """A call that comes while deadlines wait for another lets one portion go before it."""
    gate = Gate()
    earlier = AsyncExitStack()
    await earlier.enter_async_context(gate.live_call())
    async with ticking(gate) as portions:
        begun = [len(portions)]
        for _ in range(4):
            later = AsyncExitStack()
            await later.enter_async_context(gate.live_call())
            await earlier.aclose()
            await settle()
            begun.append(len(portions))
            earlier = later
        # The first turn is that of taking what is due.
        assert [0, 0, 1, 2, 3] == begun
        await earlier.aclose()


async def test_a_live_call_that_hangs_holds_deadlines_up_for_a_while_only() -> None:
    """Its time over, the portion goes."""
    gate = Gate()
    async with gate.live_call(), ticking(gate, stand_back_seconds=0):
        pass


async def test_a_live_call_that_fails_is_over() -> None:
    """Nobody waits for it."""
    gate = Gate()
    try:
        async with gate.live_call():
            raise KeyError
    except KeyError:
        pass
    async with ticking(gate):
        pass
