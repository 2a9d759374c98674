"""Replaces itself with a command that dies as soon as its parent does.

Run as a file, `python -S -E guard.py PARENT_PID COMMAND...`, so that it costs a bare interpreter's
start. Doing this in a program of its own, rather than between fork and exec, keeps the parent free
to hold gRPC threads while it starts children.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask the kernel for SIGKILL at the parent's end, then become the command."""
    parent_pid = int(arguments[0])
    command = arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        # The parent ended before the request above could be heard.
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
