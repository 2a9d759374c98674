"""Who may have a request traced: a sampled trace costs work and storage, so it is not anybody's.

Services are called with the token of whoever asked the gateway, so at a service the gateway's own
choice and a caller's look alike. There a bounded number a second is believed, whoever says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.telemetry import parse_traceparent

TRUSTED = frozenset({Role.SERVICE, Role.OPERATOR, Role.ADMIN})
BELIEVED_A_SECOND = 50


class TraceTrust:
    """Judges the traceparent headers of one process's callers."""

    def __init__(
        self,
        believed_a_second: int = BELIEVED_A_SECOND,
        monotonic_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """believed_a_second: sampled headers of callers who are not trusted; 0 at the edge."""
        self._believed_a_second = believed_a_second
        self._monotonic_seconds = monotonic_seconds
        self._second = 0
        self._believed = 0

    def judge(self, header: str | None, caller: Caller | None) -> str | None:
        """The header to go by; None begins a trace anew, which 1 % of the time is sampled."""
        context = parse_traceparent(header)
        if context is None or not context.trace_flags.sampled:
            return header
        if caller is not None and (caller.role in TRUSTED or self._believe()):
            return header
        return None

    def _believe(self) -> bool:
        second = int(self._monotonic_seconds())
        if second != self._second:
            self._second, self._believed = second, 0
        self._believed += 1
        return self._believed <= self._believed_a_second
