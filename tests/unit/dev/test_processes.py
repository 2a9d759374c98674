"""Child processes: how their end is told, how they are stopped, and which ports they get."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from dangol_dev.ports import Claims
from dangol_dev.processes import ChildProcess, ProcessFailedError, free_port, port_is_free

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); "
WAIT = "import signal; signal.pause()"


def _child(tmp_path: Path, code: str) -> ChildProcess:
    return ChildProcess("child", [sys.executable, "-u", "-c", code], tmp_path / "logs/child.log")


async def _never() -> bool:
    return False


async def test_a_process_that_ends_early_is_told_with_its_log(tmp_path: Path) -> None:
    """Waiting for a process that fails says its exit code and the end of its log."""
    child = _child(tmp_path, "print('no such database'); raise SystemExit(3)")
    child.start()
    with pytest.raises(ProcessFailedError, match="exited with code 3") as failure:
        await child.wait_until(_never, 30)
    assert "no such database" in str(failure.value)


async def test_a_process_that_never_gets_ready_is_told(tmp_path: Path) -> None:
    """A wait is bounded, and says which process it was for."""
    child = _child(tmp_path, WAIT)
    child.start()
    with pytest.raises(ProcessFailedError, match="child was not ready within 0 s"):
        await child.wait_until(_never, 0.05)
    child.kill()
    assert -signal.SIGKILL == child.exit_code


async def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    """Stopping asks first and kills after the grace time; stopping again does nothing."""
    child = _child(tmp_path, STUBBORN + WAIT.replace("import signal", "pass"))
    child.start()

    async def has_started() -> bool:
        return "up" in child.log_tail()

    await child.wait_until(has_started, 30)
    await child.stop(grace_seconds=0.1)
    assert -signal.SIGKILL == child.exit_code
    await child.stop()


async def test_a_process_starts_again_after_its_end(tmp_path: Path) -> None:
    """Each start is a new process, its output appended to the same log."""
    child = _child(tmp_path, "print('hello')")
    for _ in range(2):
        child.start()
        async with asyncio.timeout(30):
            while child.running:
                await asyncio.sleep(0.01)
    assert "hello\nhello" == child.log_tail()


async def test_a_running_process_is_not_started_twice(tmp_path: Path) -> None:
    """Starting what runs is refused."""
    child = _child(tmp_path, WAIT)
    child.start()
    with pytest.raises(ProcessFailedError, match="already running"):
        child.start()
    child.kill()


def test_a_free_port_is_outside_the_range_of_outgoing_connections() -> None:
    """No client's socket can take a server's port while the server is down."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert free_port() < first


def test_no_port_is_given_twice_to_programs_that_run_at_once() -> None:
    """Eight of them take 400 each of 16,001 ports: by chance alone some would meet."""
    take = "from dangol_dev.processes import free_port; "
    take += "print(*[free_port() for _ in range(400)], flush=True); input()"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", take], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(8)
    ]
    told = [program.stdout.readline().split() for program in programs if program.stdout]
    for program in programs:
        program.communicate(b"\n")
    assert [400] * 8 == [len(ports) for ports in told]
    assert 3_200 == len({port for ports in told for port in ports})


def test_a_claim_ends_with_its_holder(tmp_path: Path) -> None:
    """kill -9 gives the port back; until then it is nobody else's, nor given again here."""
    claim = "from dangol_dev.ports import Claims; from pathlib import Path; "
    claim += f"print(Claims(Path({str(tmp_path / 'ports')!r})).claim(20_000), flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", claim], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert b"True\n" == holder.stdout.readline()
    claims = Claims(tmp_path / "ports")
    held = claims.claim(20_000)
    holder.kill()
    holder.communicate()
    assert [False, True, False] == [held, claims.claim(20_000), claims.claim(20_000)]


def test_a_port_that_is_listened_on_is_not_free() -> None:
    """A taken port is noticed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not port_is_free(server.getsockname()[1])
