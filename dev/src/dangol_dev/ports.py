"""Ports that programs started side by side agree on: who claims one has it until it ends.

Looking for a port that nobody listens on and listening on it later are two steps; between them
another program may find the same port free. A claim is one step: the lock of one byte, the port's,
in a file that all programs of a user share. The kernel gives it back when its holder ends, however
that ends, so nothing is ever left to clear up.
"""

import fcntl
import os
import tempfile
import threading
from pathlib import Path


class Claims:
    """The ports that this process has claimed in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._owner = 0
        self._held: set[int] = set()
        self._lock = threading.Lock()

    def claim(self, port: int) -> bool:
        """Whether the port is this process' from now on: no other one has claimed it, nor was it
        claimed here before."""
        with self._lock:
            if port in self._held or not self._take(port):
                return False
            self._held.add(port)
            return True

    def _take(self, port: int) -> bool:
        if self._file is None or self._owner != os.getpid():
            # Locks of this kind stay with the process that took them: a fork has none. They would
            # end with any closing of the file, so it is opened once and stays open.
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file, self._owner = os.open(self._path, flags, 0o600), os.getpid()
            self._held.clear()
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False
        return True


CLAIMS = Claims(Path(tempfile.gettempdir()) / f"dangol-ports-{os.getuid()}")
