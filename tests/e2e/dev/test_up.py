"""`up`, `down`, `status` and `token`: a stack in the foreground that leaves nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dangol_dev.record import ProcessRecord, read_record, record_process

SEPARATE_STACK = ("--name", "e2e")


class Up:
    """`python -m dangol_dev up` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "up.log"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait for its welcome."""
        with self.log.open("wb") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command("up"), cwd=self.folder, stdout=log, stderr=log
            )
        await self.wait_for("Ctrl-C here")

    async def wait_for(self, text: str) -> None:
        """Wait until its output holds `text`."""
        async with asyncio.timeout(120):
            while text not in self.output:
                assert self.process is not None
                assert self.process.returncode is None, self.output
                await asyncio.sleep(0.05)

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self.log.read_text()

    @property
    def children(self) -> dict[str, ProcessRecord]:
        """Its processes by name, as recorded for `down`."""
        record = read_record(self.folder / ".dangol/e2e/stack.json")
        assert record is not None
        return record.processes

    async def end(self, number: signal.Signals) -> int:
        """Signal it and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await self.process.wait()


def command(name: str, *arguments: str) -> list[str]:
    """One of the development stack's commands, for the stack of this test."""
    return [sys.executable, "-m", "dangol_dev", name, *SEPARATE_STACK, *arguments]


def run(folder: Path, name: str, *arguments: str) -> str:
    """What a command prints."""
    return subprocess.check_output(command(name, *arguments), cwd=folder, text=True)


async def wait_until_gone(processes: dict[str, ProcessRecord]) -> None:
    """Wait until none of them runs."""
    async with asyncio.timeout(30):
        while [name for name, process in processes.items() if process.alive]:
            await asyncio.sleep(0.05)


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Up]:
    """A stack that is up."""
    running = Up(tmp_path)
    try:
        await running.start()
        yield running
    finally:
        process = running.process
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_stack_tells_tokens_starts_once_and_stops_by_ctrl_c_and_starts_again(
    up: Up,
) -> None:
    """Its welcome has a token a role, a second `up` of its name is refused, and SIGINT, which
    Ctrl-C sends, ends all in order. Started again, it says which process ended and how, keeps the
    rest, and exits 1 in the end."""
    _look_for_tokens(up)
    await _start_a_second_in_vain(up)
    children = up.children
    services = ["profile", "segmentation", "offers", "gateway", "storefront"]
    assert ["mongod", "redis", *services] == list(children)
    assert 0 == await up.end(signal.SIGINT)
    assert [] == [name for name, process in children.items() if process.alive]
    await up.start()
    up.children["offers"].send(signal.SIGKILL)
    await up.wait_for("offers was ended by SIGKILL")
    status = await asyncio.to_thread(run, up.folder, "status")
    assert "offers         ENDED" in status
    assert "profile        running" in status
    assert 1 == await up.end(signal.SIGTERM)


def _look_for_tokens(up: Up) -> None:
    words = up.output.split()
    for role in ("operator", "admin", "marketer", "staff", "partner", "customer"):
        assert words[words.index(role) + 1].startswith("ey")
    assert 3 == len(run(up.folder, "token", "--role", "marketer").split("."))


async def _start_a_second_in_vain(up: Up) -> None:
    second = await asyncio.create_subprocess_exec(
        *command("up"), cwd=up.folder, stderr=subprocess.PIPE
    )
    _, errors = await second.communicate()
    assert 1 == second.returncode
    assert b"already running" in errors


async def test_kill_leaves_no_process_behind(up: Up) -> None:
    """kill -9 of the stack's own process ends the others too."""
    children = up.children
    assert -signal.SIGKILL == await up.end(signal.SIGKILL)
    await wait_until_gone(children)


async def test_down_stops_a_stack_and_says_so(up: Up) -> None:
    """`down` ends the recorded processes and nothing else; a second `down` finds none."""
    children = up.children
    assert "stopped\n" == await asyncio.to_thread(run, up.folder, "down")
    assert [] == [name for name, process in children.items() if process.alive]
    assert "no stack is running\n" == await asyncio.to_thread(run, up.folder, "down")
    assert "no stack is running\n" == await asyncio.to_thread(run, up.folder, "status")


def test_a_reused_process_id_is_not_taken_for_the_stack() -> None:
    """A record names a process by its start as well, so a later one is never signalled."""
    mine = record_process(os.getpid())
    assert mine is not None
    assert mine.alive
    other = ProcessRecord(mine.pid, mine.started_ticks - 1)
    assert not other.alive
    other.send(signal.SIGKILL)
