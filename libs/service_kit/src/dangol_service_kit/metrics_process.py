"""What every process tells of itself: its resources, its event loop, what it depends on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from dangol_service_kit import logs, tls
from dangol_service_kit.metrics import Metrics

LOOK_SECONDS = 5.0
_PING_SECONDS = 2.0
_NAP_SECONDS = 0.5
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

_log = logs.get_logger()

Look = Callable[[], Awaitable[Mapping[str, float]]]


def observe_process(metrics: Metrics, identity: tls.Identity | None = None) -> None:
    """CPU, memory, files, age and certificate, and how late the event loop is.

    Names are those of OpenTelemetry's conventions where they have one.
    """
    started = time.monotonic()
    metrics.gauge(
        "process.uptime", "Since the process began.", lambda: time.monotonic() - started, "s"
    )
    metrics.gauge("process.memory.usage", "Resident memory.", _resident_bytes, "By")
    metrics.gauge(
        "process.unix.file_descriptor.count", "Files and connections that are open.", _open_files
    )
    metrics.total("process.cpu.time", "CPU that the process used.", _cpu_seconds, "s")
    metrics.gauge(
        "dangol.certificate_remaining",
        "For how long the certificate for mTLS is good.",
        lambda: tls.seconds_left(identity),
        "s",
    )
    late = metrics.histogram(
        "dangol.event_loop.lateness", "How late the event loop woke somebody who had slept."
    )

    async def nap() -> None:
        while True:
            at = time.perf_counter() + _NAP_SECONDS
            await asyncio.sleep(_NAP_SECONDS)
            late.record(max(time.perf_counter() - at, 0.0))

    metrics.beside(nap)


class Watched:
    """Values that have to be asked for. They are told until a look fails, and then not at all.

    gauges: by the key that `look` answers with, (name, unit, description).
    """

    def __init__(
        self,
        metrics: Metrics,
        gauges: Mapping[str, tuple[str, str, str]],
        look: Look,
        *,
        every_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._look = look
        self._every_seconds = every_seconds
        self._values: Mapping[str, float] = {}
        for key, (name, unit, description) in gauges.items():
            metrics.gauge(name, description, self._reader(key), unit)
        metrics.beside(self.run)

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._every_seconds):
                    self._values = await self._look()
            except Exception as error:
                self._values = {}
                _log.info("metrics_unknown", **logs.describe(error))
            await asyncio.sleep(self._every_seconds)

    def _reader(self, key: str) -> Callable[[], float | None]:
        return lambda: self._values.get(key)


class Dependencies:
    """Asks what the process cannot do without, every few seconds, whether it is there.

    pings: by name, such as mongodb; each raises where the other side does not answer.
    """

    def __init__(
        self,
        metrics: Metrics,
        pings: Mapping[str, Callable[[], Awaitable[Any]]],
        *,
        every_seconds: float = LOOK_SECONDS,
        ping_seconds: float = _PING_SECONDS,
    ) -> None:
        self._pings = pings
        self._every_seconds = every_seconds
        self._ping_seconds = ping_seconds
        self._up: dict[str, float] = {}
        self._took: dict[str, float] = {}
        label = "dependency"
        metrics.gauge_by(
            "dangol.dependency_up",
            "1 while what the process depends on answers, else 0.",
            label,
            lambda: dict(self._up),
        )
        metrics.gauge_by(
            "dangol.dependency_round_trip",
            "How long the last answer took.",
            label,
            lambda: dict(self._took),
            "s",
        )
        metrics.beside(self.run)

    async def run(self) -> None:
        """Asks until cancelled."""
        while True:
            await asyncio.gather(*(self._ask(*one) for one in self._pings.items()))
            await asyncio.sleep(self._every_seconds)

    async def _ask(self, name: str, ping: Callable[[], Awaitable[Any]]) -> None:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._ping_seconds):
                await ping()
        except Exception as error:
            if self._up.get(name):
                _log.warning("dependency_lost", dependency=name, **logs.describe(error))
            self._up[name] = 0.0
            self._took.pop(name, None)
            return
        self._up[name] = 1.0
        self._took[name] = time.perf_counter() - started


def _resident_bytes() -> float | None:
    with contextlib.suppress(OSError):
        return float(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES
    return None


def _open_files() -> float | None:
    with contextlib.suppress(OSError):
        return float(sum(1 for _ in Path("/proc/self/fd").iterdir()))
    return None


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
