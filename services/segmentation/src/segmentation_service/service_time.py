"""What time it is, by three clocks of which one may be wrong.

Deadlines are due by wall time, and a machine's wall clock can jump. The middle one of this
machine's clock, MongoDB's and Redis' is taken: whichever single one of them jumps, by however
much and in whichever direction, nothing fires early and nothing waits for it to come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_NS_PER_MS = 1_000_000


class TrustedTime:
    """Wall time in nanoseconds.

    The other two clocks are looked at every few seconds; in between they are carried on by this
    machine's monotonic clock, which does not jump.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._ahead_ns: dict[str, int] = {}

    def saw(self, clock: str, at_ms: int) -> None:
        """One of the two other clocks shows this time now."""
        self._ahead_ns[clock] = at_ms * _NS_PER_MS - self._monotonic_ns()

    def now_ns(self) -> int:
        """The middle one of three clocks; this machine's until two others were seen."""
        if len(self._ahead_ns) < 2:
            return self._wall_ns()
        monotonic_ns = self._monotonic_ns()
        others = [monotonic_ns + ahead_ns for ahead_ns in self._ahead_ns.values()]
        return sorted([self._wall_ns(), *others])[1]
