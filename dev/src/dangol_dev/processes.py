"""Child processes that are watched, logged to a file and never outlive this process."""

import asyncio
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from dangol_dev.guard import PR_SET_PDEATHSIG
from dangol_dev.ports import CLAIMS

_GUARD = Path(__file__).with_name("guard.py")
_POLL_SECONDS = 0.02
# Below the kernel's range for outgoing connections, so that a server's port cannot be taken by
# a client's own socket while the server is down.
_FIRST_FREE_PORT = 15_000
_LAST_FREE_PORT = 31_000


class ProcessFailedError(RuntimeError):
    """A child ended or never became ready; the message carries the end of its log."""


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def claim_port(port: int) -> bool:
    """Whether this process may listen on this loopback port, and until it ends no other program
    that asks here, nor this one once more."""
    return CLAIMS.claim(port) and port_is_free(port)


def free_port() -> int:
    """A loopback port that nobody listens on, and that no other call answers while this process
    lives. Raises ProcessFailedError."""
    for _ in range(200):
        port = random.randint(_FIRST_FREE_PORT, _LAST_FREE_PORT)
        if claim_port(port):
            return port
    raise ProcessFailedError("no free port found between 15000 and 31000")


def end_with_parent() -> None:
    """Have this process sent SIGTERM when the one that started it ends (Linux).

    For programs that stay in the foreground: without it, `kill -9` of make would leave them behind.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class ChildProcess:
    """One command run as a child of this process.

    Its standard output and error are appended to `log_path`. When this process ends for whatever
    reason, kill -9 included, the kernel ends the child too (Linux).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log_path = log_path
        self._command = list(command)
        self._environment = None if environment is None else dict(environment)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the command; call from the main thread, whose end the child is bound to."""
        if self.running:
            raise ProcessFailedError(f"{self.name} is already running")
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        guarded = [sys.executable, "-S", "-E", str(_GUARD), str(os.getpid()), *self._command]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                guarded,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                # A terminal's Ctrl-C reaches this process alone, which then stops its children
                # in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int | None:
        """The process id, or None before the first start."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code once it has ended; negative is the signal's number."""
        return None if self._process is None else self._process.poll()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    async def stop(self, grace_seconds: float = 15.0) -> None:
        """Ask it to end (SIGTERM), wait, and kill it when it does not; safe to repeat."""
        if self._process is None:
            return
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace_seconds):
                while self.running:
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            self.kill()

    def pause(self) -> None:
        """Stop it where it is (SIGSTOP): it keeps its connections and answers nothing."""
        if self.running and self._process is not None:
            os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        if self.running and self._process is not None:
            os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once (SIGKILL) and collect it; safe to repeat."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def wait_until(self, ready: Callable[[], Awaitable[bool]], limit_seconds: float) -> None:
        """Wait until `ready()` is true.

        Raises ProcessFailedError when the process ends first or the limit passes.
        """
        try:
            async with asyncio.timeout(limit_seconds):
                while not await ready():
                    if not self.running:
                        raise ProcessFailedError(self.describe_end())
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            message = f"{self.name} was not ready within {limit_seconds:.0f} s"
            raise ProcessFailedError(f"{message}\n{self.log_tail()}") from None

    def describe_end(self) -> str:
        """One paragraph on how it ended: the code or signal, then the end of its log."""
        code = self.exit_code
        if code is None:
            how = "is still running"
        elif code < 0:
            how = f"was ended by {signal.Signals(-code).name}"
        else:
            how = f"exited with code {code}"
        return f"{self.name} {how}; the end of {self.log_path}:\n{self.log_tail()}"

    def log_tail(self, line_count: int = 12) -> str:
        """The last lines of its log, or an empty string when there is none yet."""
        if not self.log_path.exists():
            return ""
        with self.log_path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(0, size - 16_384))
            lines = log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-line_count:])
