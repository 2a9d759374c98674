"""Crashes in the middle of a replay change no figure: services and Redis are ended by kill -9."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from dangol_dev.demo import Options, connect, fix_keys, run_grocer, run_shop
from dangol_dev.figures import ShopFigures
from dangol_dev.progress import OnProgress, Progress, ignore_progress
from dangol_dev.stack import Stack

OPTIONS = Options(seed=1, household_count=10, customer_count=24)
DOWN_SECONDS = 1.0
VICTIMS = ("profile", "segmentation", "offers", "redis")

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]


def _stack(directory: str) -> Stack:
    stack = Stack(Path(directory))
    fix_keys(stack.keys, OPTIONS.seed)
    return stack


def _without_times(figures: ShopFigures) -> dict[str, Any]:
    return asdict(replace(figures, seconds=0.0, retries=0))


async def _replay(stack: Stack, on_progress: OnProgress) -> list[dict[str, Any]]:
    """Both shops on a running stack; their figures without what depends on speed."""
    connection = connect(stack)
    try:
        _, shop = await run_shop(stack, connection, OPTIONS, on_progress)
        _, grocer = await run_grocer(stack, connection, OPTIONS, on_progress)
    finally:
        await connection.close()
    return [_without_times(shop), _without_times(grocer)]


@pytest.fixture(scope="module")
async def undisturbed() -> list[dict[str, Any]]:
    """Figures of both shops where nothing fails."""
    with tempfile.TemporaryDirectory(prefix="dangol-crash-", ignore_cleanup_errors=True) as name:
        async with _stack(name) as stack:
            return await _replay(stack, ignore_progress)


def _internal_errors(stack: Stack) -> list[str]:
    """Calls that a service answered with INTERNAL: an outage of another is not one of those."""
    logs = [process.log_path for process in stack.processes.values()]
    lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
    return [line for line in lines if '"rpc_failed"' in line]


class Crasher:
    """Ends processes by kill -9, one after the other in every part; starts each a second later."""

    def __init__(self, stack: Stack, victims: Sequence[str]) -> None:
        self.crashes = 0
        self._stack = stack
        self._victims = victims
        self._done: Counter[str] = Counter()
        self._restart: asyncio.Task[None] | None = None

    async def __call__(self, progress: Progress) -> None:
        """Crash whoever is next, spread evenly over the part; the replay goes on meanwhile."""
        number = self._done[progress.part]
        if number == len(self._victims):
            return
        if progress.done * (len(self._victims) + 1) < progress.total * (number + 1):
            return
        self._done[progress.part] += 1
        await self.finish()
        self._stack.kill(self._victims[number])
        self.crashes += 1
        self._restart = asyncio.create_task(self._start_again(self._victims[number]))

    async def finish(self) -> None:
        """Wait until the process is up again."""
        if self._restart:
            await self._restart

    async def _start_again(self, victim: str) -> None:
        await asyncio.sleep(DOWN_SECONDS)
        await self._stack.restart(victim)


@pytest.mark.parametrize(
    "victims",
    [
        pytest.param(VICTIMS, id="each in turn"),
        *(pytest.param((one,), id=one) for one in VICTIMS),
    ],
)
async def test_a_crash_in_the_middle_changes_no_figure(
    undisturbed: list[dict[str, Any]], victims: Sequence[str]
) -> None:
    """kill -9 of processes while both shops are replayed: the same final figures."""
    with tempfile.TemporaryDirectory(prefix="dangol-crash-", ignore_cleanup_errors=True) as name:
        async with _stack(name) as stack:
            crasher = Crasher(stack, victims)
            actual = await _replay(stack, crasher)
            await crasher.finish()
            faults = _internal_errors(stack)
    assert crasher.crashes == 2 * len(victims)
    assert undisturbed == actual
    assert [] == faults
